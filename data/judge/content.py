"""What an answer names and tells, and whether it goes round in circles.

>>> says(["Oslo"], "It is oslo."), repeats("Oslo. Oslo."), told_of("Norway", "The capital of Norway is Oslo.")
(True, True, {'Oslo'})
"""

import re
from collections.abc import Sequence

from data.judge.checks import plain_words
from data.judge.response import SAID_BACK
from data.judge.stated import facts_in
from data.synthetic import categories
from data.synthetic.facts import load_world

TABLES = ("countries", "animals", "elements", "planets", "jobs", "cities")  # each row begins with its name
LONGEST_LITTLE_WORD, STEM, SAID_BACK_SHARE = 3, 4, 0.6  # letters; the share of words that have to be the user's
LONGEST_LOOP = 4  # words that may stand twice in a row, as in "ha ha" or "so so": more is a loop


def says(wanted: Sequence[str], text: str) -> bool:
    """Whether any of these stands in a text as a whole word or phrase, in small or capital letters."""
    return any(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text, re.IGNORECASE) for one in wanted)


def says_back_what_was_asked(asked: str, text: str) -> bool:
    """Whether a wish that an answer says back ("You want to ...") is the user's; true where it says none back."""
    said_back = SAID_BACK.match(text.strip())
    if not said_back:
        return True
    words = [word for word in plain_words(said_back[0])[3:] if len(word) > LONGEST_LITTLE_WORD and word != "your"]
    users = {word[:STEM] for word in plain_words(asked)}
    return sum(word[:STEM] in users for word in words) >= SAID_BACK_SHARE * len(words)


def names(about: str | None, text: str) -> bool:
    """Whether it names what it is about, in one or in several."""
    if not about:
        return True
    name, world = about.removeprefix("the "), load_world()
    plural = next((row["plural"] for row in world.table("animals") if row["name"] == about), f"{name}s")
    return says((name, plural), text)


def told_of(about: str | None, text: str) -> set[str]:
    """The cells of its table that a text says of a thing, and what else is true of it and stated."""
    world = load_world()
    stated = {fact["object"] if fact["subject"] == about else fact["subject"] for fact in facts_in(text)
              if fact["is_true"] and about in (fact["subject"], fact["object"])}  # fmt: skip
    rows = [row for table in TABLES for row in world.table(table) if next(iter(row.values())) == about]
    cells = {
        cell.strip() for row in rows for column, cells in row.items() if row[column] != about and column != "order"
        for cell in cells.split(";")
    }  # fmt: skip
    return {cell for cell in cells if cell and says([re.sub(r"^(the|an?) ", "", cell)], text)} | stated


def members(category: str) -> set[str]:
    """All that belongs to a category of lists, in small letters."""
    return {categories.item(category, fact).lower() for fact in categories.members(load_world(), category)}


def repeats(text: str) -> bool:
    """A sentence or an entry that stands there twice, or the same words over and over."""
    parts = [part.strip(" .,!?-").lower() for part in re.split(r"(?<=[.!?])\s+|\n|,\s+", text)]
    parts = [re.sub(r"^\d+[.)]\s*", "", part) for part in parts]
    long = [part for part in parts if len(part) > 1]
    words = plain_words(text)
    loops = any(
        words[at : at + size] == words[at + size : at + 2 * size] == words[at + 2 * size : at + 3 * size]
        for size in range(1, LONGEST_LOOP + 1) for at in range(len(words) - 3 * size + 1)
    )  # fmt: skip
    return len(long) != len(set(long)) or loops
