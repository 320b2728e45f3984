"""Categories of things and the order in which their members are told: what indexes and lists are made of.

>>> from data.synthetic.facts import load_world
>>> [item("planets", fact) for fact in members(load_world(), "planets")][:3]
['Mercury', 'Venus', 'Earth']
"""

from functools import cache

from data.synthetic.facts import Fact, World

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
ALL_CATEGORIES = CATEGORIES | HELD_OUT_CATEGORIES
# these are told in the order of their table, everything else in that of the alphabet: what comes next is then a step
# and not a search
IN_ORDER = ("next_day", "next_month", "number_word", "planet_order", "atomic_number", "symbol")


@cache
def members(world: World, category: str) -> tuple[Fact, ...]:
    """One fact for each member of a category, in order."""
    relation, wanted, _ = ALL_CATEGORIES[category]
    by_item = {item(category, fact): fact for fact in world.facts(relation) if wanted in (None, fact.object)}
    if relation in IN_ORDER:
        return tuple(by_item.values())
    return tuple(by_item[name] for name in sorted(by_item, key=lambda name: name.removeprefix("the ").lower()))


def item(category: str, fact: Fact) -> str:
    """How the member stands in a list."""
    return fact.subject if ALL_CATEGORIES[category][2] else fact.object


def written(items: list[str], form: str) -> str:
    """form: commas, numbers, dashes or lines."""
    if form == "commas":
        return ", ".join(items)
    marks = {"numbers": "{}. ", "dashes": "- ", "lines": ""}[form]
    return "\n".join(marks.format(i) + item for i, item in enumerate(items, 1))
