"""What instruction pairs may mention, so that the comparison can ask about the rest.

Held out: 30 % of the entities (facts.held_out), of the countries with their capitals; half of the myths; one
phrasing of some questions about entities that are otherwise seen. A held-out entity is not named in any place.
Words (opposites, plurals, things with a colour), days and numbers are too common for that: those held out are
never asked about.

>>> from data.synthetic.facts import load_world
>>> world = load_world()
>>> [fact.subject for fact in facts(world, "capital") if held_out(fact.subject)]
[]
>>> mentionable(world, "We saw two cows."), mentionable(world, "We saw two dogs.")
(False, True)
"""

import hashlib
import re
from functools import cache

from data.synthetic import groups
from data.synthetic.draw import Draw
from data.synthetic.facts import Fact, World, held_out
from data.synthetic.grammar import capital
from data.synthetic.misconceptions import is_disputed, myth_in_pairs
from data.synthetic.relations import RELATIONS

WORD = re.compile(r"\w+")
ALSO_WORDS = {"lead"}  # held-out entities whose name is an everyday word of another meaning
# relations of which a second answer might be true, so that nobody is told that another is wrong
UNSURE = ("sound", "food", "home", "tool", "workplace", "people")
RESERVED_OF = 12  # buckets of a hash; about half of the facts fall on one of their five or six phrasings


def share(key: str, buckets: int) -> int:
    """A number in 0..buckets-1 that depends on the key alone."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") % buckets


@cache
def hidden_names(world: World) -> frozenset[str]:
    """Names of held-out entities, animals and jobs also in the plural; no pair may contain one in any place."""
    countries = [fact for fact in world.facts("capital") if held_out(fact.subject)]
    names = [fact.subject.removeprefix("the ") for fact in countries] + [fact.object for fact in countries]
    names += [name for name in world.unknown_names if held_out(name)]
    names += [person.name for person in world.people if held_out(person.name)]
    for table, column in (("cities", "name"), ("elements", "name"), ("planets", "name"), ("animals", "name")):
        names += [row[column] for row in world.table(table) if held_out(row[column])]
    names += [row["plural"] for row in world.table("animals") if held_out(row["name"])]
    names += [row["job"] + ending for row in world.table("jobs") if held_out(row["job"]) for ending in ("", "s")]
    names += [group for group in groups.GROUPS if not groups.in_pairs(group)]
    return frozenset(names) - ALSO_WORDS


@cache
def _by_first_word(world: World) -> dict[str, tuple[re.Pattern, ...]]:
    """Hidden names by their first word, also with a capital, as when a sentence begins with one."""
    found = {}
    for form in sorted({form for name in hidden_names(world) for form in (name, capital(name))}):
        found.setdefault(WORD.match(form)[0], []).append(re.compile(re.escape(form) + r"(?!\w)"))
    return {word: tuple(patterns) for word, patterns in found.items()}


def mentionable(world: World, text: str) -> bool:
    """Without a hidden name, also when a sentence begins with it (a turkey is not Turkey until then)."""
    hidden = _by_first_word(world)
    return not any(
        pattern.match(said, word.start())
        for said in (text, capital(text))
        for word in WORD.finditer(said)
        if word[0] in hidden
        for pattern in hidden[word[0]]
    )


def may_teach(world: World, fact: Fact) -> bool:
    """Opposites are facts in both directions, so neither end may be held out."""
    if held_out(fact.subject) or (fact.relation == "opposite" and held_out(fact.object)):
        return False
    return mentionable(world, fact.subject) and mentionable(world, fact.object)


@cache
def facts(world: World, relation: str) -> tuple[Fact, ...]:
    """The facts of a relation that pairs may teach."""
    return tuple(fact for fact in world.facts(relation) if may_teach(world, fact))


def fact(world: World, relation: str, subject: str) -> Fact | None:
    """The fact if there is one and pairs may teach it."""
    found = world.get(relation, subject)
    return found if found and may_teach(world, found) else None


@cache
def names(world: World, names_: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the names that pairs may be about."""
    return tuple(name for name in names_ if not held_out(name) and mentionable(world, name))


@cache
def rows(world: World, table: str, column: str = "name") -> tuple[dict, ...]:
    """The rows of a table whose entity pairs may be about."""
    return tuple(row for row in world.table(table) if not held_out(row[column]) and mentionable(world, row[column]))


def is_reserved(fact: Fact, i: int) -> bool:
    """Whether phrasing i of the question about a seen fact is kept for the comparison."""
    return share(f"reserved/{fact.relation}/{fact.subject}", RESERVED_OF) == i


def reserved_phrasing(fact: Fact) -> int | None:
    i = share(f"reserved/{fact.relation}/{fact.subject}", RESERVED_OF)
    return i if i < len(RELATIONS[fact.relation].questions) else None


def myth_is_held_out(fact: Fact) -> bool:
    """The disputed facts have a list of their own (myths.py); for the others a hash decides."""
    if is_disputed(fact):
        return not myth_in_pairs(fact)
    return share(f"myth held out/{fact.relation}/{fact.subject}", 2) == 0


def wrong_answer(draw: Draw, world: World, fact: Fact) -> str:
    """A false answer of the right type, half of the time the myth if pairs may mention it."""
    myth = world.myth(fact)
    is_fit = not myth_is_held_out(fact) and mentionable(world, myth) and myth not in fact.subject.split()
    if is_fit and draw.flag(0.5):
        return myth
    return draw.choice(_others(world, fact))


@cache
def _others(world: World, fact: Fact) -> tuple[str, ...]:
    """False answers apart from the myth and from words of the subject (the planet between Earth and Jupiter)."""
    return tuple(
        other
        for other in world.objects(fact.relation)
        if other not in (fact.object, world.myth(fact), *fact.subject.split()) and mentionable(world, other)
    )
