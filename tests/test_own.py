"""The user's own files: every accepted form, and every kind of damage named by file and row."""

import json

import pytest
from conftest import SHARED, write_lines
from hypothesis import given, settings
from hypothesis import strategies as st

from configs.errors import UserError
from configs.schema import CorpusSettings
from data.corpus import sources
from data.own import BadRow, boundary, read_pairs, read_texts, to_messages
from data.world.knobs import Knobs


def texts(path, skip=False, column="text", characters=1000) -> list[str]:
    return list(read_texts(str(path), column, characters, skip))


def pairs(path, skip=False) -> list:
    return [row["messages"] for row in read_pairs(str(path), skip)]


PAIR = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]


def test_text_comes_from_every_kind_of_file(tmp_path):
    from datasets import Dataset

    (tmp_path / "a.txt").write_text("one paragraph")
    write_lines(tmp_path / "b.jsonl", [{"text": "two"}, {"text": "three"}])
    (tmp_path / "c.json").write_text(json.dumps([{"text": "four"}]))
    Dataset.from_list([{"text": "five"}]).to_parquet(tmp_path / "d.parquet")
    assert texts(tmp_path) == ["one paragraph", "two", "three", "four", "five"]
    assert texts(tmp_path / "d.parquet") == ["five"]


def test_pairs_come_in_three_forms_from_every_kind_of_file(tmp_path):
    from datasets import Dataset

    write_lines(tmp_path / "a.jsonl", [{"messages": PAIR}, {"prompt": "Hi", "completion": "Hello"}])
    (tmp_path / "b.json").write_text(
        json.dumps(
            [
                {"instruction": "Hi", "input": "", "output": "Hello"},
                {"prompt": PAIR[:1], "completion": PAIR[1:]},
            ]
        )
    )
    Dataset.from_list([{"messages": PAIR, "source": "x"}]).to_parquet(tmp_path / "c.parquet")
    assert pairs(tmp_path) == [PAIR] * 5


def test_instruction_and_input_stand_one_below_the_other():
    row = {"instruction": "Translate", "input": "cat", "output": "Katze"}
    assert to_messages(("x:1", row))["messages"][0]["content"] == "Translate\ncat"


def test_turns_after_the_last_answer_are_dropped():
    turns = [*PAIR, {"role": "user", "content": "and then?"}]
    assert to_messages(("x:1", {"messages": turns}))["messages"] == PAIR


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"   \n \n", "is empty"),
        (b"abc\0def", "looks binary"),
        ("caf\xe9".encode("latin1") + b" au lait", "not UTF-8 at byte 3; convert it"),
    ],
)
def test_a_text_file_that_is_no_text_is_named(tmp_path, content, message):
    (tmp_path / "my text.txt").write_bytes(content)
    with pytest.raises(UserError, match=message) as error:
        texts(tmp_path / "my text.txt")
    assert "my text.txt" in str(error.value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"text": "a"', "not valid JSON"),
        (b"[1, 2]x", "not valid JSON"),
        (b'"text"', "not a JSON object"),
        (b'{"txt": "a"}', "no text under 'text' .the row has: txt"),
        (b'{"text": 3}', "key 'text' is 3, where text was expected"),
        (b'{"text": {"a": 1}}', "key 'text' is {\"a\": 1}, where text was expected"),
        (b'{"text": "  "}', "key 'text' has no text"),
        (b'{"text": null}', "key 'text' has no text"),
        (b'{"text": "caf\xe9"}', "not UTF-8"),
        (b'{"text": "half \\ud83d"}', "half a character"),
        (b"[" * 100_000, "nested too deep"),
    ],
)
def test_a_damaged_row_is_named_or_skipped_and_counted(tmp_path, line, message, capsys):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"text": "good"}\n\n' + line + b'\n{"text": "also good"}\n')
    with pytest.raises(UserError, match=message) as error:
        texts(path)
    assert f"{path}:3" in str(error.value)
    assert 'ARGS_corpus="--skip_bad_rows true"' in str(error.value)
    assert texts(path, skip=True) == ["good", "also good"]
    assert "skipped 1 bad rows" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"messages": []}, "no assistant turn"),
        ({"messages": PAIR[:1]}, "no assistant turn"),
        ({"messages": "hello"}, "must be a list"),
        ({"messages": [{"role": "gpt", "content": "x"}]}, "the role 'gpt'"),
        ({"messages": [{"role": "user", "content": None}, PAIR[1]]}, r"turn 1 \(user\) has no text"),
        ({"prompt": "Hi", "completion": ""}, "has no text"),
        ({"prompt": "Hi", "completion": 5}, r"turn 2 \(assistant\) is 5, where text was expected"),
        (
            {"question": "Hi", "answer": "Hello"},
            "expected messages, prompt/completion or instruction/input/output",
        ),
    ],
)
def test_a_pair_that_teaches_nothing_is_refused(row, message):
    with pytest.raises(BadRow, match=message):
        to_messages(("pairs.jsonl:7", row))


def test_a_damaged_array_and_a_damaged_parquet_are_named(tmp_path):
    (tmp_path / "a.json").write_text('[{"text": "x"},\n {]')
    with pytest.raises(UserError, match=r"a.json:2: not valid JSON"):
        texts(tmp_path / "a.json")
    (tmp_path / "b.parquet").write_bytes(b"PAR1 nonsense")
    with pytest.raises(UserError, match=r"b.parquet: cannot be read"):
        texts(tmp_path / "b.parquet")


def test_a_source_that_does_not_exist_is_no_hub_name_unless_online(tmp_path, monkeypatch):
    monkeypatch.delenv("ONLINE", raising=False)
    with pytest.raises(UserError, match="no such file or folder .*ONLINE=1"):
        texts(tmp_path / "roneneldan" / "TinyStories")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="the folder holds no"):
        texts(tmp_path / "empty")
    (tmp_path / "book.pdf").write_text("x")
    with pytest.raises(UserError, match=r"\.pdf is not read"):
        texts(tmp_path / "book.pdf")


def test_a_share_of_own_text_needs_own_text():
    with pytest.raises(UserError, match="corpus_share: 0.3 of no own text; name the text with CORPUS=path"):
        sources(CorpusSettings(corpus_share=0.3), Knobs())


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ab \n", min_size=1, max_size=600).filter(str.strip))
def test_cutting_a_text_loses_no_word(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("cut") / "a.txt"
    path.write_text(text, newline="\n")
    pieces = texts(path, characters=50)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(len(piece) <= 3 * 50 for piece in pieces)


def test_a_text_is_cut_at_the_end_of_a_paragraph():
    text = "a" * 30 + "\n\n" + "b" * 30
    assert boundary(text, 0, 20) == 32
    assert boundary("word " * 20, 0, 22) == 25
    assert boundary("x" * 90, 10, 20) == 50


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data is not here")
def test_real_files_are_read():
    plays = texts(SHARED / "tinyshakespeare.txt")
    assert "".join("".join(plays).split()) == "".join((SHARED / "tinyshakespeare.txt").read_text().split())
    assert len(pairs(SHARED / "instruction-pairs.json")) == 1100
