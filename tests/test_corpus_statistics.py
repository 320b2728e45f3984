"""The corpus is counted right: its record, its tables, the overlap of its splits, the contamination switch."""

import json
import random
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from jinja2 import Environment, nodes
from jinja2.ext import Extension

from configs import ROOT
from data.corpus import Batch, by_share, mixture, split_of, world_batch, write_splits
from data.overlap import Overlap
from data.settings import CorpusSettings
from data.statistics import SPLITS, Tally
from data.synthetic.config import Config
from data.synthetic.document import Document, stated
from data.synthetic.facts import load_world
from data.synthetic.mixed import document_at, plain_chat
from data.tokenizer import measure, train_bpe
from eval.compare import bounds_by_type
from eval.report import type_lines

SETTINGS = CorpusSettings(megabytes=0.4, test_share=0.1, validation_share=0.05)


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> tuple[dict, list[dict]]:
    """Statistics and rows of a small corpus."""
    folder = tmp_path_factory.mktemp("corpus")
    statistics = write_splits(folder, mixture(SETTINGS, Config()))
    lines = [line for name in SPLITS for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    return statistics, [json.loads(line) for line in lines]


def test_the_table_by_type_adds_up(written):
    statistics, rows = written
    for kind, line in statistics["by_type"].items():
        mine = [row for row in rows if row["type"] == kind]
        assert line["documents"] == len(mine)
        assert line["bytes"] == sum(len(row["text"].encode()) for row in mine)
        assert line["code_length_nats"] == pytest.approx(-sum(row["logp"] for row in mine))
    total = sum(line["bytes"] for line in statistics["by_type"].values())
    assert total == pytest.approx(SETTINGS.megabytes * 1e6, rel=0.01)
    assert sum(statistics["types"].values()) == pytest.approx(1)
    nats = sum(line["code_length_nats"] for line in statistics["by_type"].values())
    assert statistics["code_length_nats_per_byte"] == pytest.approx(nats / total)


def test_the_share_of_the_rude_is_that_of_the_rows(written):
    statistics, rows = written
    rude = sum("rude" in (row["register"], row["author"]) for row in rows)
    assert statistics["rude_share"] == pytest.approx(rude / len(rows))


def test_each_row_has_the_whole_record(written):
    _, rows = written
    for row in rows:
        assert row["split"] == split_of(row["text"], by_share(SETTINGS))
        assert row["choices"] > 0 > row["logp"]
        for fact in row["facts"]:
            assert not (fact["is_true"] and fact["is_myth"])
        for start, end, name in row["speaker_spans"]:
            assert row["text"][start:end].startswith(f"{name}:")
    assert any(fact["is_myth"] for row in rows for fact in row["facts"])
    assert all(row["speaker_spans"] for row in rows if row["type"] in ("chat", "forum"))


def test_a_myth_is_marked_however_the_row_was_made():
    world = load_world()
    fact = world.fact("capital", "France")
    assert stated(fact, world.myth(fact))["is_myth"]
    assert not stated(fact)["is_myth"]
    by_hand = {"subject": "France", "relation": "capital", "object": world.myth(fact), "is_true": False}
    elsewhere = {"subject": "hill", "relation": "no relation of the world", "object": "x", "is_true": False}
    one = Document("text", "forum", facts=[by_hand, elsewhere])
    assert [row["is_myth"] for row in one.facts] == [True, False]


def test_overlap_is_that_of_plain_sets_of_words():
    source = random.Random(0)  # noqa: S311 - words to count, nothing secret
    found, sets = Overlap(), {"train": set(), "test": []}
    for number in range(300):
        words = [source.choice("abc") for _ in range(source.randint(1, 30))]
        split = "test" if number % 5 == 0 else "train"
        found.add(" ".join(words), "story", split)
        grams = [tuple(words[at : at + 8]) for at in range(len(words) - 7)]
        sets["test"].extend(grams) if split == "test" else sets["train"].update(grams)
    expected = sum(gram in sets["train"] for gram in sets["test"]) / len(sets["test"])
    assert 0 < expected < 1
    assert found.summary()["share"] == found.summary()["by_type"]["story"] == expected


def test_much_text_is_sampled_and_says_so():
    source = random.Random(0)  # noqa: S311
    texts = [" ".join(source.choices([f"w{number}" for number in range(50)], k=20)) for _ in range(2000)]
    whole, part = Overlap(), Overlap(limit=8_000)
    for found in (whole, part):
        for number, text in enumerate(texts):
            found.add(text, "story", "train")
            if number % 4 == 0:  # a copy, or half a copy
                found.add(
                    text if number % 8 else text + " and some more words that stand nowhere else", "story", "test"
                )
    assert whole.summary()["one_gram_in"] == 1
    assert part.summary()["one_gram_in"] == 8
    assert part.size <= 8_000
    assert part.summary()["share"] == pytest.approx(whole.summary()["share"], abs=0.04)


def test_counting_in_batches_is_counting_at_once():
    at_once = world_batch(SETTINGS, Config(), 0, 300).tally.summary()
    merged = Tally()
    for start in (0, 100, 200):
        merged.merge(world_batch(SETTINGS, Config(), start, start + 100).tally)
    merged = merged.summary()
    for key in ("overlap", "rude_share", "splits"):
        assert merged[key] == at_once[key]
    for kind, line in merged["by_type"].items():
        assert line == pytest.approx(at_once["by_type"][kind])


def test_own_text_has_no_bound():
    rows = [{"text": f"line {number} of a book", "type": "own"} for number in range(50)]
    statistics = Batch(rows, by_share(SETTINGS)).tally.summary()
    assert statistics["code_length_nats_per_byte"] is None
    assert statistics["by_type"]["own"]["bits_per_byte"] is None
    assert statistics["rude_share"] is None


def test_the_bound_of_each_type_in_nats_per_token(written, tmp_path):
    statistics, rows = written
    held_out = "".join(json.dumps(row) + "\n" for row in rows[-300:])
    (tmp_path / "validation.jsonl").write_text(held_out)
    bytes_per_token, by_type = measure(train_bpe((row["text"] for row in rows), 600), tmp_path / "validation.jsonl")
    low, high = (pick(line["bytes_per_token"] for line in by_type.values()) for pick in (min, max))
    assert 1 < low < bytes_per_token < high
    (tmp_path / "record.json").write_text(json.dumps({"bytes_per_token": bytes_per_token, "by_type": by_type}))
    table = bounds_by_type(statistics, tmp_path)
    quiz, line = table["quiz"], statistics["by_type"]["quiz"]
    per_byte = line["code_length_nats"] / line["bytes"]
    assert quiz["nats_per_token"] == pytest.approx(per_byte * by_type["quiz"]["bytes"] / by_type["quiz"]["tokens"])
    assert sum(line["share_of_bytes"] for line in table.values()) == pytest.approx(1)
    shown = type_lines({"quiz": quiz, "own": {"documents": 1200, "share_of_bytes": 0.5, "bits_per_byte": None}})
    assert shown[0]["nats"] == f"{quiz['nats_per_token']:.2f}"
    assert shown[1] == {"name": "own", "documents": "1\u202f200", "share": "50 %", "bits": "–", "nats": "–"}


def test_a_tokenizer_made_before_types_were_counted_gives_no_bound_by_type(written, tmp_path):
    (tmp_path / "record.json").write_text('{"bytes_per_token": 3.0}')
    table = bounds_by_type(written[0], tmp_path)
    assert all(line["nats_per_token"] is None and line["bits_per_byte"] for line in table.values())
    assert bounds_by_type({"types": {"quiz": 1.0}}, tmp_path) == {}


# --- contamination


def test_the_switch_puts_conversations_in_place_of_some_pages_and_changes_no_other():
    clean, mixed = Config(), Config(instruction_share=0.2)
    pages = [(document_at(0, index, clean)[0], document_at(0, index, mixed)[0]) for index in range(1000)]
    chats = [mixed for _, mixed in pages if mixed.type == "instructions"]
    assert len(chats) == pytest.approx(200, abs=50)
    assert all(before.text == after.text for before, after in pages if after.type != "instructions")
    assert all(after.logp < before.logp for before, after in pages if after.type != "instructions")
    for chat in chats:
        assert chat.text.startswith("User: ")
        assert chat.logp < 0
        assert [name for *_, name in chat.speaker_spans][:2] == ["User", "Assistant"]


def test_the_written_form_is_that_of_the_chat_template():
    class Generation(Extension):
        """The marks of what is learnt, without effect."""

        tags = {"generation"}  # noqa: RUF012

        def parse(self, parser):
            line = next(parser.stream).lineno
            return nodes.Scope(parser.parse_statements(["name:endgeneration"], drop_needle=True), lineno=line)

    source = (ROOT / "data" / "chat_template.jinja").read_text(encoding="utf-8")
    template = Environment(extensions=[Generation], trim_blocks=True, lstrip_blocks=True).from_string(source)  # noqa: S701
    messages = [
        {"role": "user", "content": " Hi!\nUser: I\nAssistant: you\n\nx "},
        {"role": "assistant", "content": "- a\n- b\nSystem: no"},
        {"role": "user", "content": "Bye."},
        {"role": "assistant", "content": "Goodbye."},
    ]
    assert plain_chat(messages) == template.render(messages=messages, bos_token="", eos_token="")


# --- what a corpus is known by

IDENTITIES = """
from data.settings import CorpusSettings, PairsSettings
from data import corpus, pairs
from data.synthetic.config import Config
from data.synthetic.conversations.config import Weights
print(corpus.sources(CorpusSettings(), Config()))
print(corpus.sources(CorpusSettings(), Config(instruction_share=0.2)))
print(pairs.sources(PairsSettings(), Weights()))
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """A copy of what writes the corpus and the pairs."""
    folder = tmp_path_factory.mktemp("tree")
    for room in ("configs", "data"):
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("processed", "__pycache__"))
    return folder


@cache
def identities(tree: Path, path: str = "", old: str = "", new: str = "") -> list[str]:
    """Of the corpus, of one with conversations and of the pairs, once `old` in one of the files has become `new`."""
    before = (tree / path).read_text(encoding="utf-8") if path else ""
    assert old in before
    if path:
        (tree / path).write_text(before.replace(old, new, 1), encoding="utf-8")
    python = [sys.executable, "-B", "-c", IDENTITIES]
    try:
        return subprocess.run(python, cwd=tree, capture_output=True, text=True, check=True).stdout.splitlines()
    finally:
        if path:
            (tree / path).write_text(before, encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "old", "new", "changed"),
    [
        ("data/synthetic/facts/countries.csv", "Peru,Lima", "Peru,Cusco", [True, True, True]),
        ("data/synthetic/templates.txt", "sits in {object}", "is in {object}", [True, True, True]),
        ("data/synthetic/phrases/howto.txt", "feel sorry for them", "are sorry for them", [True, True, False]),
        ("data/synthetic/writers/quiz.py", "LAYOUT_WEIGHTS = (18", "LAYOUT_WEIGHTS = (19", [True, True, False]),
        ("data/synthetic/shares.yaml", "howto: 0.02", "howto: 0.021", [True, True, False]),
        ("data/synthetic/conversations/story.txt", "and the key turned", "and the key fitted", [False, True, True]),
        ("data/synthetic/conversations/opinion.py", '"why": 2', '"why": 3', [False, True, True]),
        ("data/synthetic/shares.yaml", "opinion: 1.5", "opinion: 1.6", [False, True, True]),
        ("data/synthetic/writers/quiz.py", "def _facts(", "# A comment.\n\n\ndef _facts(", [False, False, False]),
        ("data/synthetic/conversations/story.txt", "## A plot", "## What is told", [False, False, False]),
    ],
)
def test_a_text_is_known_by_what_is_written_and_not_by_what_writes_it(tree, path, old, new, changed):
    found = zip(identities(tree), identities(tree, path, old, new), strict=True)
    assert [before != after for before, after in found] == changed


def test_a_renamed_file_is_the_same_text(tree):
    before = identities(tree)
    for old, new in (("invented.py", "nonsense.py"), ("conversations/look_alikes.txt", "conversations/alike.txt")):
        (tree / "data/synthetic" / old).rename(tree / "data/synthetic" / new)
    for path in (tree / "data").rglob("*.py"):
        text = path.read_text(encoding="utf-8").replace("data.synthetic.invented", "data.synthetic.nonsense")
        path.write_text(text.replace('"look_alikes"', '"alike"'), encoding="utf-8")
    assert identities.__wrapped__(tree) == before
