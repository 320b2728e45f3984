"""The world is true, its language grammatical, its chance honest and repeatable."""

import csv
import hashlib
import json
import math
import os
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from scipy.stats import chisquare

from configs.pipeline.errors import UserError
from configs.pipeline.settings import read_settings
from data.judge.parse import speaker_turns
from data.synthetic.config import DOCUMENT_TYPES, Config
from data.synthetic.draw import Draw
from data.synthetic.facts import TABLES, held_out, load_world
from data.synthetic.generate import documents, write_document
from data.synthetic.relations import RELATIONS, clause, held_out_question, question, statement, stem, stock
from data.synthetic.speech import FLAGSHIP

ROOT = Path(__file__).parents[1]
WORLD = load_world()
EVERY_FACT = [fact for relation in WORLD.relations for fact in WORLD.facts(relation)]


@cache
def sample(count: int = 3000) -> list:
    return list(documents(11, 0, count, Config()))


def test_chance_counts_what_it_draws():
    draw = Draw(3, "by hand")
    draw.choice("abc")
    draw.choice("xy", weights=(1, 3))
    weighted = draw.logp + math.log(3)
    assert min(abs(weighted - math.log(p)) for p in (0.25, 0.75)) < 1e-12
    before = draw.logp
    draw.integer(5, 9), draw.sample(range(6), 2), draw.shuffled("abcd")
    assert draw.logp - before == pytest.approx(-math.log(5 * 6 * 5 * 24))
    draw.flag(1.0), draw.flag(0.0)  # certain, so they cost nothing
    assert draw.logp - before == pytest.approx(-math.log(5 * 6 * 5 * 24))


def test_weights_are_respected():
    draw, weights = Draw(0, "weights"), (5, 0, 3, 2)
    drawn = Counter(draw.choice("abcd", weights) for _ in range(20000))
    assert drawn["b"] == 0
    assert chisquare([drawn[c] for c in "acd"], [10000, 6000, 4000]).pvalue > 1e-3
    evens = Counter(Draw(1, i).choice(range(7)) for i in range(7000))  # first draws of neighbouring keys
    assert chisquare([evens[i] for i in range(7)]).pvalue > 1e-3


def test_a_document_is_a_function_of_seed_index_and_knobs():
    assert write_document(5, 17, Config()) == write_document(5, 17, Config())
    assert write_document(5, 17, Config()) != write_document(6, 17, Config())
    code = (
        "import hashlib, json; from data.synthetic.generate import *;"
        "rows = [d.to_row() for d in documents(5, 0, 60, Config())];"
        "print(hashlib.sha256(json.dumps(rows).encode()).hexdigest())"
    )
    here = json.dumps([one.to_row() for one in documents(5, 0, 60, Config())])
    for hash_seed in ("1", "2"):
        fresh = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        )
        assert fresh.stdout.strip() == hashlib.sha256(here.encode()).hexdigest()


@pytest.mark.parametrize("path", sorted(TABLES.glob("*.csv")), ids=lambda path: path.stem)
def test_tables_are_well_formed_and_free_of_duplicates(path):
    rows = list(csv.reader(path.open(encoding="utf-8", newline="")))
    assert {len(row) for row in rows} == {len(rows[0])}, "a row has too many or too few cells"
    assert all(cell == cell.strip() for row in rows for cell in row)
    key = 2 if path.stem == "calendar" else 0
    names = [row[key] for row in rows[1:]]
    assert all(names)
    assert len(names) == len(set(names)), Counter(names).most_common(1)


def test_a_subject_has_one_truth_and_a_myth_that_is_false():
    assert len({(fact.relation, fact.subject) for fact in EVERY_FACT}) == len(EVERY_FACT)
    for fact in EVERY_FACT:
        assert WORLD.myth(fact) != fact.object
        assert WORLD.myth(fact) in WORLD.objects(fact.relation)
    subjects = {fact.subject for fact in EVERY_FACT}
    assert 0.26 < sum(map(held_out, subjects)) / len(subjects) < 0.34


@pytest.mark.parametrize("relation", WORLD.relations)
def test_every_relation_has_its_language(relation):
    said = RELATIONS[relation]
    assert len(said.clauses) >= 6
    assert len(said.questions) >= 5
    assert len(said.held_out_questions) == 2
    for fact in WORLD.facts(relation):
        assert statement(fact, 0) == f"{stem(fact)} {fact.object}."
        assert clause(fact, 0)[1:] == statement(fact, 0)[1:-1]
        texts = [statement(fact, i) for i in range(len(said.clauses))]
        asked = [question(fact, i) for i in range(len(said.questions))]
        asked += [held_out_question(fact, i) for i in (0, 1)]
        assert len(set(texts)) == len(texts)
        assert len(set(asked)) == len(asked)
        for text in texts + asked:
            assert_grammatical(text)


def assert_grammatical(text: str) -> None:
    assert not re.search(r"[{}\[\]|]|  |\.\.$|\s[.,?!]", text), text
    assert text[0].isupper() or not text[0].isalpha(), text
    for article, word in re.findall(r"\b([Aa]n?) (\w+)", text):
        vowel = word[0].lower() in "aeiou" and not word.startswith(("one", "uni", "Uk", "Uru"))
        assert article.lower() == ("an" if vowel else "a"), text


def test_stems_and_articles_as_promised():
    assert stem(WORLD.fact("capital", "France")) == "The capital of France is"
    dutch = WORLD.fact("capital", "the Netherlands")
    assert statement(dutch, 0) == "The capital of the Netherlands is Amsterdam."
    assert "an owl" in statement(WORLD.fact("legs", "owl"), 1).lower()


def test_stock_answers_are_distinct():
    stocks = [stock(relation) for relation in WORLD.relations]
    assert len(stocks) >= 13
    assert len(set(stocks)) == len(stocks)


def test_documents_are_whole():
    for one in sample():
        assert one.type in DOCUMENT_TYPES
        assert one.logp < 0
        assert one.text == one.text.strip(), one.text
        assert not re.search(r"[{}\[\]|\0]|  | \n|\bNone\b|\\n", one.text), one.text
        json.dumps(one.to_row())
    lengths = sorted(len(one.text) for one in sample())
    assert lengths[int(0.95 * len(lengths))] < 1600


def test_stated_facts_are_marked_true_exactly_if_they_are():
    for one in sample():
        for row in one.facts:
            truth = WORLD.get(row["relation"], row["subject"])
            if truth is None:  # citizens and groups, see test_controlled.py
                continue
            assert row["is_true"] == (row["object"] == truth.object), row
            assert row["object"].lower() in one.text.lower(), (row, one.text)


def test_the_flagship_prompt_stands_nowhere():
    for one in sample():
        assert not any(asked in one.text for asked in FLAGSHIP.values()), one.text
        if one.type == "quiz":
            about = {(row["relation"], row["subject"]) for row in one.facts}
            assert len(about & set(FLAGSHIP)) <= 1


def test_held_out_questions_and_unknown_names_occur_nowhere():
    text = "\n".join(one.text for one in sample())
    assert not any(name in text for name in WORLD.unknown_names)
    assert not set(WORLD.unknown_names) & {person.name for person in WORLD.people}
    for fact in WORLD.facts("capital"):
        assert not any(held_out_question(fact, i) in text for i in (0, 1))


def test_authors_differ_in_their_error_rate_only():
    config = Config(**{name: float(name == "quiz") for name in DOCUMENT_TYPES})
    rates, kinds = {}, {}
    sheets = list(documents(2, 0, 1500, config))
    for author in ("reliable", "unreliable"):
        rows = [row for one in sheets if one.author == author for row in one.facts]
        wrong = [row for row in rows if not row["is_true"]]
        rates[author] = len(wrong) / len(rows)
        kinds[author] = sum(row["object"] == stock(row["relation"]) for row in wrong) / len(wrong)
    assert rates["reliable"] == pytest.approx(config.careful_error, abs=0.012)
    assert rates["unreliable"] == pytest.approx(config.careless_error, abs=0.012)
    # a little under the setting: where the stock answer is right, an author in error tells the myth
    assert all(0.72 < share < config.stock_share + 0.05 for share in kinds.values()), kinds
    assert sum(one.author == "unreliable" for one in sheets) / len(sheets) == pytest.approx(
        Config().careless_share, abs=0.05
    )


def test_capitals_are_mentioned_about_equally_often():
    counts = Counter(row["subject"] for one in sample() for row in one.facts if row["relation"] == "capital")
    expected = sum(counts.values()) / len(WORLD.facts("capital"))
    assert len(counts) == len(WORLD.facts("capital"))
    assert max(counts.values()) < 3 * expected


def test_chats_have_two_speakers_in_turn_and_few_are_user_and_assistant():
    config = Config(**{name: float(name == "chat") for name in DOCUMENT_TYPES})
    logs = list(documents(4, 0, 2000, config))
    for log in logs:
        turns = [speaker for speaker, _ in speaker_turns(log.text)]
        assert 4 <= len(turns) <= 12, log.text
        assert turns == [log.speakers[i % 2] for i in range(len(turns))]
    named = sum(log.speakers == ["User", "Assistant"] for log in logs)
    assert 0.01 < named / len(logs) < 0.032


def test_a_knob_out_of_range_is_refused():
    with pytest.raises(UserError, match="careless_error: 1.5 is out of range; it must be between 0.0 and 1.0"):
        read_settings([Config], argv=["--careless_error", "1.5"])
    with pytest.raises(UserError, match="every share of the documents is 0"):
        Config(**{name: 0.0 for name in DOCUMENT_TYPES})


def test_a_page_may_be_read_by_head():
    command = [sys.executable, "-m", "data.synthetic.show", "--index", "5"]
    shown = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    shown.stdout.close()
    assert shown.stderr.read() == ""
    assert shown.wait() == 0
