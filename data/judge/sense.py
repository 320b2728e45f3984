"""Whether a text can be read at all, or is broken words and words thrown together.

Judged by how many neighbouring words have ever stood beside each other in text of this world. The limit is a
careful one: hardly any real text fails, but of real sentences with their words shuffled only about a quarter
do (tests/parser_precision.py measures both). So the share of unreadable text is a lower bound.

>>> is_readable("The capital of France is Paris."), is_readable("Is soup the which barber of Monday eyes."), is_readable("")
(True, False, False)
"""  # noqa: E501

import re
from functools import cache

from data.judge.kinds import gold_documents, gold_pairs
from data.judge.names import is_invented

WORD = re.compile(r"[A-Za-z]+(?:'[a-z]+)?|\d+|[.!?,]")
UNSEEN = 0.45  # share of neighbours never seen; from 0.4 down wrong but readable answers of models fail too
LEAST_LINES, LEAST_WORDS = 3, 6  # of that many lines only those with so many words are judged
LEAST_NEIGHBOURS = 4  # fewer are always readable


def is_readable(text: str) -> bool:
    return bool(re.search(r"[A-Za-z0-9]", text)) and unseen_share(text) < UNSEEN


def unseen_share(text: str) -> float:
    """Share of neighbouring words that never stood beside each other; a name is any name, an invented word any such."""
    lines = text.strip().splitlines()
    if len(lines) >= LEAST_LINES:  # in a list any two words may meet
        text = "\n".join(line for line in lines if len(line.split()) >= LEAST_WORDS)
    neighbours = _neighbours(text)
    if len(neighbours) < LEAST_NEIGHBOURS:
        return 0.0
    return sum(pair not in _seen() for pair in neighbours) / len(neighbours)


def _neighbours(text: str) -> list[tuple[str, str]]:
    """Not across a comma: `bread, soup and cake` is a list, too."""
    words = _words(text)
    return [pair for pair in zip(words, words[1:], strict=False) if "," not in pair]


def _words(text: str) -> list[str]:
    found = ["."]
    for word in WORD.findall(text):
        if word.isdigit():
            found.append("@number")
        elif is_invented(word):
            found.append("@invented")
        elif word[0].isupper() and found[-1] not in ".!?":
            found.append("@name")
        else:
            found.append(word.lower())
    return found


@cache
def _seen() -> frozenset:
    texts = [document.text for document in gold_documents()]
    texts += [turn["content"] for pair in gold_pairs() for turn in pair.messages]
    return frozenset(pair for text in texts for pair in _neighbours(text))
