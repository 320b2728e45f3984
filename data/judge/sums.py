"""Statements of sums, `8 + 7 = 15` or in words, and the patterns of questions about them."""

import re
from collections.abc import Iterator
from functools import cache

from data.judge.patterns import Match
from data.synthetic.grammar import Slot
from data.synthetic.relations import RELATIONS

# `8 + 7 = 15`, also worked out: `8 + 7 = 8 + 2 + 5 = 10 + 5 = 15`
SUM = re.compile(r"(?<![\d+=])(?<![\d+=] )(\d{1,3}) ?\+ ?(\d{1,3})(?: ?= ?\d+(?: ?\+ ?\d+)+)* ?= ?(\d{1,4})(?!\d| ?\+)")


def sums_in(text: str) -> Iterator[Match]:
    """Every statement of a sum."""
    for regex in (SUM, *sum_patterns()[0]):
        for match in regex.finditer(text):
            left, right, total = (int(match.group(name)) for name in _order(regex))
            yield Match(
                match.start(),
                match.end(),
                f"{left}+{right}",
                str(total),
                "sum",
                match.start(match.lastindex if regex is SUM else "object"),
            )


def _order(regex) -> tuple:
    return ("left", "right", "object") if "object" in regex.groupindex else (1, 2, 3)


@cache
def sum_patterns() -> tuple[list[re.Pattern], list[re.Pattern]]:
    """(clauses, questions) about sums, whose slots are numbers."""

    def compiled(phrases):
        found = []
        for phrase in (phrase for phrase in phrases if "=" not in phrase.text):
            source = "".join(_number_source(part) for part in phrase.parts)
            found.append(re.compile(rf"(?<![\w+]){source}(?![\w+])", re.IGNORECASE))
        return found

    said = RELATIONS["sum"]
    return compiled(said.clauses[1:]), compiled((*said.questions, *said.held_out_questions))


def _number_source(part) -> str:
    if not isinstance(part, Slot):
        return re.escape(part)
    if part.name == "subject":
        return r"(?P<left>\d{1,3}) ?\+ ?(?P<right>\d{1,3})"
    return rf"(?P<{part.name}>\d{{1,4}})"
