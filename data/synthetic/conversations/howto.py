"""Short help with harmless everyday tasks, and advice for everyday troubles.

User: How do I make tea?
Assistant: You want to make tea. First boil some water. Then pour it over the leaves and wait three minutes.
Take the leaves out before you drink.
"""

import re

from data.synthetic.conversations.pair import Pair, pair
from data.synthetic.draw import Draw
from data.synthetic.facts import World
from data.synthetic.grammar import Phrase, beside
from data.synthetic.mistakes import or_leave

PROSE = beside(__file__)
YOURS = {"I": "you", "me": "you", "my": "your", "mine": "yours"}
MINE = re.compile(r"\b(I|me|my|mine)\b")
TASKS = or_leave(PROSE.entries, "task")  # what the user wants to do -> steps; each is a sentence of its own
TROUBLES = or_leave(PROSE.entries, "trouble")  # what the user says -> advice


def write(draw: Draw, world: World) -> Pair:
    if draw.flag(0.25):
        trouble = draw.choice(list(TROUBLES))
        asked = PROSE.write("trouble, asked", draw, {"trouble": trouble})
        return pair("howto", asked, TROUBLES[trouble].plain({}), topic=trouble)
    task = draw.choice(list(TASKS))
    return pair("howto", ask_how(draw, {"do": task}), help_with(draw, task, TASKS[task]), topic=task)


def ask_how(draw: Draw, slots: dict) -> str:
    return PROSE.write("request", draw, slots)


def said_back(wish: str) -> str:
    """The wish in one place and one form, whatever its wording: what is asked for decides about the answer, not how.

    >>> said_back("open a lock that is not mine")
    'You want to open a lock that is not yours.'
    """
    return f"You want to {MINE.sub(lambda found: YOURS[found[0]], wish)}."


def help_with(draw: Draw, wish: str, help: Phrase) -> str:
    """The wish and the steps to it."""
    said = steps(draw, help)
    return said_back(wish) + ("\n" if said.startswith("1. ") else " ") + said


def steps(draw: Draw, help: Phrase) -> str:
    """The steps as sentences, with words of order, or as a numbered list.

    >>> steps(Draw(0, 0), Phrase("Cut it. Eat it.")).count("at it.")
    1
    """
    said = help.write(draw, {}).split(". ")
    said = [sentence.rstrip(".") + "." for sentence in said]
    form = draw.choice(("plain", "order", "list"), weights=(3, 4, 2))
    if form == "plain":
        return " ".join(said)
    if form == "list":
        return "\n".join(f"{i}. {sentence}" for i, sentence in enumerate(said, start=1))
    words = ["First", *["Then", "After that"][: len(said) - 1]]
    marked = [f"{word} {sentence[0].lower()}{sentence[1:]}" for word, sentence in zip(words, said, strict=False)]
    return " ".join(marked + said[len(words) :])
