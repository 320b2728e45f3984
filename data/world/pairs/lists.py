"""Categories to list members of, each with the facts that make a member belong.

>>> from data.world.facts import load_world
>>> "Paris" in [fact.object for fact in members(load_world(), "capital cities")]
True
"""

from functools import cache

from data.world.facts import Fact, World, held_out
from data.world.pairs import seen

# name of the category -> (relation, object that members share or None, whether the subject is the item)
CATEGORIES = {
    "countries in Europe": ("continent", "Europe", True),
    "countries in Asia": ("continent", "Asia", True),
    "countries in Africa": ("continent", "Africa", True),
    "countries in North America": ("continent", "North America", True),
    "capital cities": ("capital", None, False),
    "cities in Japan": ("city_country", "Japan", True),
    "countries where people speak Spanish": ("language", "Spanish", True),
    "countries where people speak English": ("language", "English", True),
    "animals with two legs": ("legs", "two", True),
    "animals with four legs": ("legs", "four", True),
    "things that are red": ("colour", "red", True),
    "things that are green": ("colour", "green", True),
    "animals": ("food", None, True),
    "young animals": ("young", None, False),
    "animal sounds": ("sound", None, False),
    "chemical elements": ("atomic_number", None, True),
    "chemical symbols": ("symbol", None, False),
    "jobs": ("tool", None, True),
    "tools": ("tool", None, False),
    "plural words": ("plural", None, False),
    "days of the week": ("next_day", None, True),
    "months": ("next_month", None, True),
    "hobbies": ("person_hobby", None, False),
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


@cache
def members(world: World, category: str) -> tuple[Fact, ...]:
    """One fact for each member of a category that pairs may list."""
    relation, wanted, _ = CATEGORIES[category]
    by_item = {item(category, fact): fact for fact in seen.facts(world, relation) if wanted in (None, fact.object)}
    return tuple(fact for name, fact in by_item.items() if not held_out(name))


def item(category: str, fact: Fact) -> str:
    """How the member stands in the list."""
    return fact.subject if (CATEGORIES | HELD_OUT_CATEGORIES)[category][2] else fact.object
