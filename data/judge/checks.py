"""Conditions that a program can check: one function for each type of constraint.

`meta` is that of a pair or prompt, e.g. {"constraint": "words_exactly", "n": 3}.

>>> obeys("In a barn.", {"constraint": "words_exactly", "n": 3}), obeys("", {"constraint": "avoid_word", "word": "a"})
(True, False)
>>> loosely_obeys("Sure!\\nIn a barn.", {"constraint": "words_exactly", "n": 3})
True
"""

import re
from itertools import product

SENTENCE_END = re.compile(r"[.!?](?=[\s\"')]|$)")


def words(answer: str) -> list[str]:
    return answer.split()


def plain_words(answer: str) -> list[str]:
    """In lower case and without signs around them."""
    return re.findall(r"\w+(?:['-]\w+)*", answer.lower())


def items(answer: str) -> list[str]:
    """The entries of a list: a line each, or separated by commas in one line; marks and the last "and" left out.

    >>> items("1. Peru\\n2. Chile"), items("Peru, Chile and Cuba.")
    (['Peru', 'Chile'], ['Peru', 'Chile', 'Cuba'])
    """
    lines = [line for line in answer.splitlines() if line.strip()]
    parts = lines if len(lines) > 1 else re.split(r",\s*(?:and\s+)?|\s+and\s+", answer)
    found = [re.sub(r"^(?:\d+[.)]|[-*])\s*", "", part.strip()).rstrip(".") for part in parts]
    return [part for part in found if part]


CHECKS = {
    "words_exactly": lambda answer, meta: len(words(answer)) == meta["n"],
    "words_at_most": lambda answer, meta: len(words(answer)) <= meta["n"],
    "sentences": lambda answer, meta: len(SENTENCE_END.findall(answer)) == meta["n"],
    "start_with": lambda answer, meta: plain_words(answer)[:1] == [meta["word"].lower()],
    "end_with": lambda answer, meta: plain_words(answer)[-1:] == [meta["word"].lower()],
    "include_word": lambda answer, meta: meta["word"].lower() in plain_words(answer),
    "avoid_word": lambda answer, meta: meta["word"].lower() not in plain_words(answer),
    "list": lambda answer, meta: len(items(answer)) == len(set(items(answer))) == meta["n"],
    "yes_or_no": lambda answer, meta: plain_words(answer) in (["yes"], ["no"]),
    "repeat_question": lambda answer, meta: (
        answer.startswith(meta["question"]) and bool(plain_words(answer[len(meta["question"]) :]))
    ),
    "lower_case": lambda answer, meta: not any(sign.isupper() for sign in answer),
    "upper_case": lambda answer, meta: not any(sign.islower() for sign in answer),
    "closing_line": lambda answer, meta: len(_lines(answer)) > 1 and _lines(answer)[-1] == meta["line"],
}
NEGATIVE = ("avoid_word", "lower_case", "words_at_most")  # nonsense may pass these: report them apart


def obeys(answer: str, meta: dict) -> bool:
    """Whether the answer meets the constraint to the letter; an empty answer meets none."""
    answer = answer.strip()
    return bool(plain_words(answer)) and CHECKS[meta["constraint"]](answer, meta)


def loosely_obeys(answer: str, meta: dict) -> bool:
    """Also with the first line, the last line or both left out, and without asterisks."""
    lines = answer.strip().splitlines()
    kept = ["\n".join(lines[first : len(lines) - last]) for first, last in product((0, 1), (0, 1))]
    return any(obeys(text, meta) for part in kept for text in (part, part.replace("*", "")))


def _lines(answer: str) -> list[str]:
    return [line.strip() for line in answer.splitlines() if line.strip()]
