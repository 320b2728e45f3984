r"""Reads text back: which objects are named, who speaks, what is the first answer.

>>> speaker_turns("Nora: hi Sam!\nSam: hello")
[('Nora', 'hi Sam!'), ('Sam', 'hello')]
>>> first_answer(" Paris\nQ: What is 2+2?")
'Paris'
"""

import re
from functools import cache

from data.synthetic.facts import World
from data.synthetic.relations import stock

TURN = re.compile(r"^([A-Za-z][\w ]{0,24}):[ \t]*(.*)$")
NO_SPEAKERS = {"thread", "topic", "q", "a", "question", "answer", "subject", "title"}  # labels of other things
ANSWER_END = re.compile(r"\n|\s[QA]:|(?<=[a-z)])[.!?](?:\s|$)")


def mentions(text: str, world: World, relation: str) -> list[str]:
    """Objects of the relation (its stock answer included) named in the text, in order, as whole words."""
    return [_canonical(world, relation)[found.lower()] for found in _pattern(world, relation).findall(text)]


def speaker_turns(text: str) -> list[tuple[str, str]]:
    r"""(speaker, text) of each `Name: text` line; other lines belong to the turn above them.

    >>> speaker_turns("Thread: Pets\nmoss: What does a goat eat?\n\nhal9: Hay.")
    [('moss', 'What does a goat eat?'), ('hal9', 'Hay.')]
    """
    turns = []
    for line in text.splitlines():
        match = TURN.match(line)
        if match and match[1].lower() not in NO_SPEAKERS:
            turns.append(match.groups())
        elif turns and line.strip():
            speaker, said = turns[-1]
            turns[-1] = (speaker, f"{said}\n{line}".strip())
    return turns


def first_answer(text: str) -> str:
    """A continuation up to the end of its first line or sentence: what stands as the answer."""
    text = text.strip()
    end = ANSWER_END.search(text)
    return (text[: end.start()] if end else text).strip().rstrip(".!?")


@cache
def _canonical(world: World, relation: str) -> dict[str, str]:
    return {answer.lower(): answer for answer in (*world.objects(relation), stock(relation))}


@cache
def _pattern(world: World, relation: str) -> re.Pattern:
    """Longest first, so that "Mexico City" is not read as "Mexico"."""
    names = sorted(_canonical(world, relation), key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, names)) + r")(?!\w)", re.IGNORECASE)
