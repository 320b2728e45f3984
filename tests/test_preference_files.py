"""Preference files of the user's own: what is read alike, what is used, counted or refused."""

import csv
import json
from collections import Counter

import pytest
from conftest import write_lines

from configs.pipeline.errors import UserError
from data.pairs import write_rows
from data.preferences import read_preferences
from data.sources.reading import Reading
from train.preferred import preferences_in

USER, GOOD, BAD = ({"role": role, "content": text} for role, text in
                   (("user", "Hi"), ("assistant", "Hello!"), ("assistant", "Go away.")))  # fmt: skip
PREFERENCE = {"prompt": [USER], "chosen": [GOOD], "rejected": [BAD], "stopped": [True, False]}


def read(tmp_path, rows: list) -> tuple[list[dict], Counter]:
    said = []
    return read_preferences(Reading(str(write_lines(tmp_path / "mine.jsonl", rows)), "preferences", say=said.append))


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "Hi", "chosen": "Hello!", "rejected": "Go away."},
        {"prompt": [USER], "chosen": [GOOD], "rejected": [BAD]},
        {"prompt": [USER], "chosen": [USER, GOOD], "rejected": [USER, BAD]},
        {"chosen": [USER, GOOD], "rejected": [USER, BAD]},
    ],
)
def test_every_outline_of_a_preference_is_read_alike(tmp_path, row):
    assert read(tmp_path, [row]) == ([{"prompt": [USER], "chosen": [GOOD], "rejected": [BAD]}], Counter())


def test_what_stands_beside_the_prompt_is_used_and_own_columns_are_kept_where_they_are_ours(tmp_path):
    row = {"prompt": "Hi", "chosen": "Hello!", "rejected": "Go away.", "system": "Be brief."}
    foreign = {"kind": ["x"], "chance": "high", "stopped": True, "utility": [1]}
    found, _ = read(tmp_path, [row | foreign])
    brief = {"role": "system", "content": "Be brief."}
    assert found == [{"prompt": [brief, USER], "chosen": [GOOD], "rejected": [BAD]}]


def test_conversations_in_the_cells_of_a_table_are_conversations(tmp_path):
    cells = [json.dumps(turns) for turns in ([USER], [GOOD], [BAD])]
    with (tmp_path / "mine.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["prompt", "chosen", "rejected"], cells])
    found, _ = read_preferences(Reading(str(tmp_path / "mine.csv"), "preferences", say=print))
    assert found == [{"prompt": [USER], "chosen": [GOOD], "rejected": [BAD]}]


def test_columns_of_preferences_are_rows(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"prompt": ["Hi"], "chosen": ["Hello!"], "rejected": ["Go away."]}))
    found, _ = read_preferences(Reading(str(path), "preferences", say=print))
    assert found == [{"prompt": [USER], "chosen": [GOOD], "rejected": [BAD]}]


def test_line_separators_inside_a_text_part_no_rows(tmp_path):
    rows = [PREFERENCE | {"chosen": [GOOD | {"content": f"one{mark}two"}]} for mark in "\u2028\u2029\x85"]
    write_rows(tmp_path / "train.jsonl", rows)
    assert preferences_in(tmp_path / "train.jsonl") == rows


def test_rated_answers_are_paired_by_prompt_and_the_rest_counted(tmp_path):
    rows = [{"prompt": "Hi", "completion": text, "label": label}
            for text, label in (("Hello!", True), ("Go away.", False), ("Hey!", True))]  # fmt: skip
    found, left_out = read(tmp_path, [*rows, {"prompt": "Bye", "completion": "Bye!", "label": True}])
    assert found == [{"prompt": [USER], "chosen": [GOOD], "rejected": [BAD]}]
    assert left_out == {"without a counterpart of the same prompt": 2}
    both = {"prompt": "Bye", "completion": "Bye!"}
    found, left_out = read(tmp_path, [*rows[:2], both | {"label": True}, both | {"label": False}])
    assert len(found) == 1
    assert left_out == {"called good and bad as well": 1}


def test_ties_choose_nothing(tmp_path):
    row = {"prompt": "Hi", "chosen": "Hello!", "rejected": "Go away."}
    found, left_out = read(tmp_path, [row, row | {"verdict": "tie"}, row | {"verdict": "both bad"}])
    assert len(found) == 1
    assert left_out == {"tie": 1, "both bad": 1}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"prompt": "Hi", "chosen": "Hello!"}, ":1: key 'rejected' is not there; expected prompt, chosen"),
        ({"prompt": "Hi", "chosen": "Hello!", "rejected": ""}, ":1: key 'rejected' is empty"),
        ({"prompt": "Hi", "chosen": "Hello!", "rejected": "Hello! "}, ":1: chosen and rejected are the same answer"),
        ({"chosen": "Hello!", "rejected": "Go away."}, ":1: has no prompt"),
        ({"prompt": "Hi", "completion": "Hello!", "label": True}, "nothing is preferred to anything in 1 rows"),
        ({"prompt": "Hi", "completion": "Hello!", "label": "good"}, ":1: label \"good\" is neither true nor false"),
        ({"prompt": [GOOD], "chosen": "a", "rejected": "b"}, ":1: key 'prompt' ends in no turn of the user"),
        ({"prompt": "Hi", "chosen": [USER], "rejected": "b"}, ":1: key 'chosen' ends in no assistant turn"),
        ({"prompt": "Ho", "chosen": [USER, GOOD], "rejected": "b"}, ":1: key 'chosen' repeats a conversation"),
        ({"prompt": [USER | {"role": "system"}, USER], "chosen": "a", "rejected": "b", "system": "y"}, "two system"),
        ({"prompt": "Hi", "chosen": "a", "rejected": "b", "tools": ["x"]}, "is not read here; take it out"),
        ({"prompt": "[{'role': 'user', 'content': 'Hi'}]", "chosen": "a", "rejected": "b"}, "write it with json.dumps"),
    ],
)
def test_what_is_wrong_with_a_preference_is_said(tmp_path, row, said):
    with pytest.raises(UserError) as refused:
        read(tmp_path, [row])
    assert said in str(refused.value)
    assert "mine.jsonl" in str(refused.value)
