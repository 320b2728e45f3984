"""Lists of members of a category: exactly so many, in the form that is asked for.

    User: Name three countries in Asia, separated by commas.
    Assistant: Japan, Nepal, Syria

`meta` is that of a constraint of type "list" (judge/checks.py).

>>> from data.synthetic.facts import load_world
>>> "Paris" in [fact.object for fact in mentionable_members(load_world(), "capital cities")]
True
"""

from functools import cache

from data.synthetic.categories import CATEGORIES, item, members, written
from data.synthetic.conversations import seen
from data.synthetic.conversations.pair import Pair, pair
from data.synthetic.draw import Draw
from data.synthetic.facts import Fact, World, held_out
from data.synthetic.grammar import beside

PROSE = beside(__file__)  # how each form is asked for
NUMBERS = "zero one two three four five six".split()


def write(draw: Draw, world: World) -> Pair:
    category, n = draw.choice(list(CATEGORIES)), 0
    known = mentionable_members(world, category)
    while not n or is_reserved(category, n):
        n = draw.integer(2, min(5, len(known)))
    start = draw.integer(0, len(known) - n)
    facts = known[start : start + n]
    wanted = draw.choice(("any", "commas", "numbers", "dashes"), weights=(4, 2, 2, 2))
    asked = PROSE.write(wanted, draw, {"category": category, "n": NUMBERS[n]})
    if wanted == "any":
        asked += "?" if asked.startswith(("Can", "Do")) else "."
    # numbers count along, so a list that may have any form is most often numbered
    form = draw.choice(("numbers", "commas", "dashes"), weights=(4, 1, 1)) if wanted == "any" else wanted
    answer = written([item(category, fact) for fact in facts], form)
    return pair("lists", asked, answer, facts=facts, constraint="list", n=n, form=wanted, category=category)


def is_reserved(category: str, n: int) -> bool:
    """Whether so many members of a category are asked for in the comparison only; two never are."""
    return n > 2 and seen.share(f"list/{category}/{n}", 4) == 0


@cache
def mentionable_members(world: World, category: str) -> tuple[Fact, ...]:
    """Those that pairs may list, in order."""
    taught = set(seen.facts(world, CATEGORIES[category][0]))
    return tuple(
        fact for fact in members(world, category) if fact in taught and not held_out(item(category, fact))
    )
