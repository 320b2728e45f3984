"""Rows to conversations: every form of the field is taken, and what would change its meaning is used or refused."""

import gzip
import json

import pytest
from conftest import write_lines
from test_sources import PAIR, SYSTEM, pairs, said

from configs.pipeline.errors import UserError
from data.sources.forms import FORMS, BadForm, Keys, to_turns
from data.sources.reading import Reading, read_pairs

TRIP = '[{"from": "London", "to": "Paris"}]'  # JSON, and no conversation


def turns(row, *ignored) -> list[dict]:
    return to_turns(row, Keys(frozenset(ignored)))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: "/".join(form.needs))
def test_every_form_of_a_question_and_an_answer(form):
    assert turns({form.asks: "Hi", form.answers: "Hello"}) == PAIR
    if form.below:
        row = {form.asks: "Translate", form.below: "cat", form.answers: "Katze"}
        assert turns(row) == said("Translate\ncat", "Katze")
        for blank in (None, "", float("nan")):
            assert turns(row | {form.below: blank}) == said("Translate", "Katze")
        with pytest.raises(BadForm, match=f"key '{form.below}' is 0, where text was expected"):
            turns(row | {form.below: 0})


SHAREGPT = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ({"messages": PAIR}, PAIR),
        (PAIR, PAIR),
        ({"conversations": SHAREGPT}, PAIR),
        ({"conversations": [{"from": "system", "value": "Be brief."}, *SHAREGPT]}, [SYSTEM, *PAIR]),
        ({"conversations": SHAREGPT, "system": "Be brief."}, [SYSTEM, *PAIR]),
        ({"messages": [{"role": "User", "content": "Hi"}, {"role": "ASSISTANT", "content": "Hello"}]}, PAIR),
        ({"messages": [{"role": "developer", "content": "Be brief."}, *PAIR]}, [SYSTEM, *PAIR]),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}, PAIR[1]]}, PAIR),
        ({"messages": {"role": ["user", "assistant"], "content": ["Hi", "Hello"]}}, PAIR),
        ({"messages": json.dumps(PAIR)}, PAIR),
        ({"messages": None, "prompt": "Hi", "completion": "Hello"}, PAIR),
        ({"prompt": PAIR[:1], "completion": PAIR[1:]}, PAIR),
        ({"prompt": [SYSTEM, PAIR[0]], "completion": "Hello"}, [SYSTEM, *PAIR]),
        ({"prompt": json.dumps(PAIR[:1]), "completion": json.dumps(PAIR[1:])}, PAIR),
        ({"question": json.dumps(PAIR[:1]), "answer": "Hello", "context": "c"}, PAIR),
        ({"prompt": "Hi", "completion": TRIP}, said("Hi", TRIP)),
        ({"prompt": "Hi", "completion": "[{'content': 1}]"}, said("Hi", "[{'content': 1}]")),
        ({"instruction": "Hi", "output": "Hello", "system": "Be brief."}, [SYSTEM, *PAIR]),
        ({"instruction": "Hi", "output": "Hello", "history": [["a", "b"]]}, [*said("a", "b"), *PAIR]),
        ({"instruction": "Hi", "output": "Hello", "history": []}, PAIR),
        ({"prompt": "Hi", "completion": "Hello", "label": True, "weight": 1}, PAIR),
        ({"prompt": "Hi", "completion": "Hello", "label": "greeting"}, PAIR),
        ({"messages": PAIR, "tools": [], "reasoning": None}, PAIR),
        ({"messages": [*PAIR, {"role": "user", "content": "and then?"}]}, PAIR),
    ],
)
def test_every_form_of_a_conversation(row, wanted):
    assert turns(row) == wanted


def test_an_answer_of_weight_0_stays_and_is_marked():
    rude = {"role": "assistant", "content": "Go away."}
    again = [{"role": "user", "content": "Please."}, {"role": "assistant", "content": "Hello"}]
    for mark in ({"weight": 0}, {"weight": 0.0}, {"train": False}, {"weight": "0"}):
        row = {"messages": [PAIR[0], rude | mark, again[0], again[1] | {"weight": 1}]}
        assert turns(row) == [PAIR[0], rude | {"weight": 0}, *again]
    assert turns({"messages": [*PAIR, PAIR[0], rude | {"weight": 0}]}) == PAIR


def test_a_row_without_anything_to_learn_is_left_out_and_counted(tmp_path, capsys):
    unlearnt = [{"prompt": "a", "completion": "b", "weight": 0}, {"messages": [PAIR[0], PAIR[1] | {"weight": 0}]}]
    write_lines(tmp_path / "a.jsonl", [*unlearnt, {"messages": PAIR}])
    assert pairs(tmp_path / "a.jsonl") == [PAIR]
    assert "2 rows of weight 0 teach nothing and were left out" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"messages": []}, "must be a list of {role, content}, and is empty"),
        ({"messages": PAIR[:1]}, "no assistant turn"),
        ({"messages": "hello"}, '"hello" stands where a list of turns was expected'),
        ({"messages": [{"role": "nurse", "content": "x"}]}, "the role 'nurse'; expected one of system"),
        ({"messages": [{"role": "tool", "content": "x"}, *PAIR]}, "the role 'tool'"),
        ({"messages": [{"role": "user", "content": None}, PAIR[1]]}, r"turn 1 \(user\) has no text"),
        ({"messages": [{"role": "user", "content": [{"type": "image"}]}, PAIR[1]]}, "only parts of text are read"),
        ({"messages": [PAIR[0], PAIR[1] | {"tool_calls": [1]}]}, r"turn 2 \(assistant\): the key 'tool_calls' changes"),
        ({"messages": [PAIR[0], PAIR[1] | {"reasoning_content": "hm"}]}, "the key 'reasoning_content' changes"),
        ({"messages": [PAIR[0], PAIR[1] | {"weight": 0.5}]}, "weight 0.5 is neither 0 .no loss. nor 1"),
        ({"messages": [PAIR[0] | {"weight": 1}, PAIR[1]]}, "is marked to be learnt; only answers are"),
        ({"messages": [SYSTEM, *PAIR], "system": "Be long."}, "two system prompts"),
        ({"prompt": "Hi", "completion": ""}, "key 'completion' has no text"),
        ({"prompt": "Hi", "completion": 5}, "key 'completion' is 5, where text was expected"),
        ({"instruction": "Hi", "input": ["a"], "output": "x"}, "key 'input' is"),
        ({"instruction": "Hi", "output": "x", "history": [["a"]]}, "key 'history' must be a list of"),
        ({"prompt": "Hi", "completion": "Hello", "label": False}, "label false marks a bad answer"),
        (
            {"prompt": "Hi", "completion": "Hello", "tools": [{"name": "f"}]},
            "the key 'tools' changes what the row means",
        ),
        ({"prompt": "Hi", "chosen": "a", "rejected": "b"}, "the key 'chosen' changes"),
        (
            {"headline": "Hi", "body": "Hello"},
            "expected messages, conversations, prompt/completion.*found: 'headline', 'body'",
        ),
        (3, "is 3, where an object was expected"),
    ],
)
def test_a_row_that_cannot_be_taken_whole_is_refused(row, message):
    with pytest.raises(BadForm, match=message):
        turns(row)


def test_a_key_is_left_aside_when_the_user_says_so():
    assert turns({"messages": [PAIR[0], PAIR[1] | {"reasoning": "hm"}], "tools": [1]}, "reasoning", "tools") == PAIR


def test_keys_that_say_nothing_here_are_counted_and_named_once(tmp_path, capsys):
    rows = [{"messages": [PAIR[0] | {"name": "Ann"}, PAIR[1]], "notes": "x", "id": n} for n in range(3)]
    write_lines(tmp_path / "a.jsonl", [*rows, {"messages": PAIR, "notes": None}])
    assert len(pairs(tmp_path / "a.jsonl")) == 4
    told = capsys.readouterr().out.splitlines()
    assert sorted(told) == ["column id not used (3 rows)", "column notes not used (3 rows)",
                            "key of turns name not used (3 turns)"]  # fmt: skip


def test_every_form_comes_from_every_kind_of_file(tmp_path):
    from datasets import Dataset

    write_lines(tmp_path / "a.jsonl", [{"messages": PAIR}, {"prompt": "Hi", "completion": "Hello"}])
    (tmp_path / "b.json").write_text(json.dumps([{"instruction": "Hi", "input": "", "output": "Hello"}]))
    Dataset.from_list([{"messages": PAIR, "source": "x"}]).to_parquet(tmp_path / "c.parquet")
    Dataset.from_list([{"conversations": SHAREGPT}]).to_parquet(tmp_path / "d.parquet")
    columns = [{"messages": {"role": ["user", "assistant"], "content": ["Hi", "Hello"]}}]
    Dataset.from_list(columns).to_parquet(tmp_path / "e.parquet")
    (tmp_path / "f.jsonl.gz").write_bytes(gzip.compress(json.dumps({"messages": PAIR}).encode()))
    assert pairs(tmp_path) == [PAIR] * 7


def test_a_table_with_an_index_is_no_question_with_a_number_below(tmp_path, capsys):
    (tmp_path / "a.csv").write_text(",prompt,completion\n0,Hi,Hello\n")
    assert pairs(tmp_path / "a.csv") == [PAIR]
    assert "column (without a name) not used (1 rows)" in capsys.readouterr().out


@pytest.mark.parametrize("mark", [False, 0, 0.0, "False", "false", "0"])
def test_a_bad_answer_is_refused_however_it_is_marked(mark):
    with pytest.raises(BadForm, match="marks a bad answer"):
        turns({"prompt": "Hi", "completion": "Hello", "label": mark})


@pytest.mark.parametrize("label", ["greeting", 2, 17])
def test_the_name_or_number_of_a_class_is_no_verdict(label):
    keys = Keys()
    assert to_turns({"prompt": "Hi", "completion": "Hello", "label": label}, keys) == PAIR
    assert keys.sentences() == ["column label not used (1 rows)"]


def test_what_was_skipped_is_said_also_where_only_the_first_rows_are_wanted(tmp_path, capsys):
    write_lines(tmp_path / "a.jsonl", [{"prompt": "Hi"}, *[{"prompt": "Hi", "completion": "Hello", "n": 1}] * 9])
    rows = read_pairs(Reading(str(tmp_path / "a.jsonl"), "pairs", skip_bad_rows=True))
    next(rows)
    rows.close()
    told = capsys.readouterr().out
    assert "skipped 1 bad rows" in told
    assert "column n not used (1 rows)" in told


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"prompt": "a", "prompt": "b", "completion": "c"}', "a.jsonl:1: the key 'prompt' stands there twice"),
        ('{"prompt": "a", "completion": "b", "n": ' + "1" * 5000 + "}", "a.jsonl:1: Exceeds the limit"),
        (json.dumps({"prompt": PAIR[:1], "completion": PAIR[:1]}), "key 'completion' ends in no assistant turn"),
        (
            json.dumps(
                {"messages": [{"role": "user", "content": [{"type": "text", "text": "a", "image": 1}]}, PAIR[1]]}
            ),
            "a part of text: the key 'image' changes",
        ),
        ("{}", "found: no key"),
    ],
)
def test_a_row_that_would_lose_something_is_refused(tmp_path, line, message):
    (tmp_path / "a.jsonl").write_text(line + "\n" + json.dumps({"messages": PAIR}) + "\n")
    with pytest.raises(UserError, match=message):
        pairs(tmp_path / "a.jsonl")


def test_what_stands_in_a_conversational_prompt_is_not_learnt():
    row = {"prompt": [*PAIR, {"role": "user", "content": "And?"}], "completion": "Well."}
    assert [turn.get("weight", 1) for turn in turns(row) if turn["role"] == "assistant"] == [0, 1]


def test_blanks_at_the_beginning_of_an_input_stay():
    assert turns({"instruction": "Mend", "input": "    x = 1", "output": "y"})[0]["content"] == "Mend\n    x = 1"


def test_a_name_with_a_line_end_makes_no_second_line(tmp_path, capsys):
    write_lines(tmp_path / "a.jsonl", [{"messages": PAIR, "k\nerror: x\x1b[31m": 1}])
    pairs(tmp_path / "a.jsonl")
    assert capsys.readouterr().out == "column k error: x [31m not used (1 rows)\n"
