"""Roles on documents small enough to mark by hand; whatever is not marked is prose."""

import re

import pytest

from data.synthetic.config import Config
from data.synthetic.mixed import document_at
from data.synthetic.roles import ROLES, roles

SHORT = {"T": "structure", "S": "subject", "O": "object", "W": "wrong object", "C": "copy"}
CAPITAL = ("France", "capital", "Paris", True)


def check(kind: str, marked: str, *facts: tuple) -> None:
    """`marked`: S<France> is a subject; unmarked new lines are structure."""
    expected = []
    for letter, inside, outside in re.findall(r"([TSOWC])<([^>]*)>|([^<>]+?)(?=[TSOWC]<|$)", marked, re.DOTALL):
        expected += [SHORT[letter]] * len(inside) if letter else ["prose"] * len(outside)
    text = re.sub(r"[TSOWC]<([^>]*)>", r"\1", marked)
    expected = ["structure" if c == "\n" else role for c, role in zip(text, expected, strict=True)]
    names = ("subject", "relation", "object", "is_true")
    row = {"text": text, "type": kind, "facts": [dict(zip(names, fact, strict=True)) for fact in facts]}
    found = [role for start, end, role in roles(row) for _ in range(start, end)]
    assert found == expected, [(text[start:end], role) for start, end, role in roles(row)]


def test_an_entry():
    check(
        "encyclopedia",
        "S<France>\n\nThe capital of C<France> is O<Paris>. Many people visit C<Paris>.",
        CAPITAL,
    )


def test_an_object_may_come_first_and_a_subject_may_be_inside_a_name():
    check("story", "O<Paris> is the capital of S<France>, said Franceska.", CAPITAL)


def test_a_sheet_with_a_wrong_answer():
    check(
        "quiz",
        "T<Q: >What is S<1+1>? T<A: >W<5>\nT<Q: >What comes after S<4>? T<A: >O<5>",
        ("1+1", "sum", "5", False),
        ("4", "next_number", "5", True),
    )


def test_a_list_of_tasks_and_a_sum_written_with_spaces():
    check(
        "tasks",
        "S<1 + 2>T< = >O<3>\nS<3 + 0>T< = >O<3>",
        ("1+2", "sum", "3", True),
        ("3+0", "sum", "3", True),
    )


def test_a_talk_and_a_numbered_list():
    check("chat", "T<Ida: >the capital of S<France>\nT<Tom: >is O<Paris>!", CAPITAL)
    check("letter", "hey you,\njust a note: I am well")
    check("howto", "T<How to wait>\n\nT<1. >Sit down.\nT<2. >Wait.")


def test_a_text_without_facts_or_lines_is_prose():
    check("story", "Once upon a time.")


@pytest.mark.parametrize("index", range(0, 600, 3))
def test_spans_cover_every_document_without_gaps(index):
    row = document_at(1, index, Config())[0].to_row()
    spans = roles(row)
    assert [start for start, _, _ in spans] == [0, *(end for _, end, _ in spans[:-1])]
    assert spans[-1][1] == len(row["text"])
    assert {role for *_, role in spans} <= set(ROLES)
