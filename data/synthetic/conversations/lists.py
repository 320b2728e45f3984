"""Lists of members of a category: exactly so many, in the form that is asked for.

    User: Name three countries in Asia, separated by commas.
    Assistant: Japan, Nepal, Syria

`meta` is that of a constraint of type "list" (judge/checks.py).

>>> from data.synthetic.facts import load_world
>>> "Paris" in [fact.object for fact in members(load_world(), "capital cities")]
True
"""

from functools import cache

from data.synthetic.conversations import seen
from data.synthetic.conversations.pair import Pair, pair
from data.synthetic.draw import Draw
from data.synthetic.facts import Fact, World, held_out
from data.synthetic.grammar import beside

# name of the category -> (relation, object that members share or None, whether the subject is the item)
CATEGORIES = {
    "countries": ("capital", None, True),
    "countries in Europe": ("continent", "Europe", True),
    "countries in Asia": ("continent", "Asia", True),
    "countries in Africa": ("continent", "Africa", True),
    "countries in North America": ("continent", "North America", True),
    "capital cities": ("capital", None, False),
    "capitals": ("capital", None, False),
    "big cities": ("city_country", None, True),
    "languages": ("language", None, False),
    "countries where people speak Spanish": ("language", "Spanish", True),
    "countries where people speak English": ("language", "English", True),
    "animals with two legs": ("legs", "two", True),
    "animals with four legs": ("legs", "four", True),
    "things that are red": ("colour", "red", True),
    "things that are brown": ("colour", "brown", True),
    "things that are green": ("colour", "green", True),
    "animals": ("food", None, True),
    "young animals": ("young", None, False),
    "sounds that animals make": ("sound", None, False),
    "things that animals eat": ("food", None, False),
    "chemical elements": ("atomic_number", None, True),
    "chemical symbols": ("symbol", None, False),
    "jobs": ("tool", None, True),
    "tools": ("tool", None, False),
    "places where people work": ("workplace", None, False),
    "words in the plural": ("plural", None, False),
    "days of the week": ("next_day", None, True),
    "months": ("next_month", None, True),
    "hobbies": ("person_hobby", None, False),
    "pets": ("person_pet", None, False),
    "number words": ("number_word", None, False),
}
HELD_OUT_CATEGORIES = {  # in no pair; for the comparison
    "countries in South America": ("continent", "South America", True),
    "countries where people speak Arabic": ("language", "Arabic", True),
    "things that are white": ("colour", "white", True),
    "things that are yellow": ("colour", "yellow", True),
    "animals that eat fish": ("food", "fish", True),
    "people who like chess": ("person_hobby", "chess", True),
    "continents": ("continent", None, False),
    "colours": ("colour", None, False),
    "planets": ("planet_order", None, False),
    "places where animals live": ("home", None, False),
}
PROSE = beside(__file__)  # how each form is asked for
NUMBERS = "zero one two three four five six".split()


def write(draw: Draw, world: World) -> Pair:
    category, n = draw.choice(list(CATEGORIES)), 0
    known = members(world, category)
    while not n or is_reserved(category, n):
        n = draw.integer(2, min(5, len(known)))
    # in the order of the alphabet: what comes next is then a step and not a search, and nothing comes twice
    facts = sorted(draw.sample(known, n), key=lambda fact: item(category, fact).removeprefix("the ").lower())
    wanted = draw.choice(("any", "commas", "numbers", "dashes"), weights=(4, 2, 2, 2))
    asked = PROSE.write(wanted, draw, {"category": category, "n": NUMBERS[n]})
    if wanted == "any":
        asked += "?" if asked.startswith(("Can", "Do")) else "."
    form = draw.choice(("commas", "numbers", "dashes"), weights=(4, 1, 1)) if wanted == "any" else wanted
    answer = written([item(category, fact) for fact in facts], form)
    return pair("lists", asked, answer, facts=facts, constraint="list", n=n, form=wanted, category=category)


def is_reserved(category: str, n: int) -> bool:
    """Whether so many members of a category are asked for in the comparison only; two never are."""
    return n > 2 and seen.share(f"list/{category}/{n}", 4) == 0


def written(items: list[str], form: str) -> str:
    if form == "commas":
        return ", ".join(items)
    marks = [f"{i}." if form == "numbers" else "-" for i in range(1, len(items) + 1)]
    return "\n".join(f"{mark} {item}" for mark, item in zip(marks, items, strict=True))


@cache
def members(world: World, category: str) -> tuple[Fact, ...]:
    """One fact for each member of a category that pairs may list."""
    relation, wanted, _ = CATEGORIES[category]
    by_item = {item(category, fact): fact for fact in seen.facts(world, relation) if wanted in (None, fact.object)}
    return tuple(fact for name, fact in by_item.items() if not held_out(name))


def item(category: str, fact: Fact) -> str:
    """How the member stands in the list."""
    return fact.subject if (CATEGORIES | HELD_OUT_CATEGORIES)[category][2] else fact.object
