"""What instruction pairs may mention, so that the comparison can ask about the rest.

Held out: 30 % of the entities (facts.held_out), with the capitals of the countries among them; half of the
myths; one phrasing of some questions about entities that are otherwise seen.

>>> from data.world.facts import load_world
>>> world = load_world()
>>> [fact.subject for fact in facts(world, "capital") if held_out(fact.subject)]
[]
"""

import hashlib
import re
from functools import cache

from data.world.draw import Draw
from data.world.facts import Fact, World, held_out
from data.world.phrase import capital
from data.world.relations import RELATIONS

RESERVED_OF = 12  # buckets of a hash; about half of the facts fall on one of their five or six phrasings


def share(key: str, buckets: int) -> int:
    """A number in 0..buckets-1 that depends on the key alone."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") % buckets


@cache
def hidden_names(world: World) -> frozenset[str]:
    """Names that no pair may contain in any place."""
    countries = [fact for fact in world.facts("capital") if held_out(fact.subject)]
    persons = [person.name for person in world.people] + list(world.unknown_names)
    names = {fact.subject.removeprefix("the ") for fact in countries} | {fact.object for fact in countries}
    return frozenset(names | {name for name in persons if held_out(name)})


@cache
def hidden_pattern(world: World) -> re.Pattern:
    return re.compile(r"\b(" + "|".join(map(re.escape, sorted(hidden_names(world)))) + r")\b")


def mentionable(world: World, text: str) -> bool:
    """Without a hidden name, also when a sentence begins with it (a turkey is not Turkey until then)."""
    return not hidden_pattern(world).search(text) and not hidden_pattern(world).search(capital(text))


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
    return share(f"myth held out/{fact.relation}/{fact.subject}", 2) == 0


def wrong_answer(draw: Draw, world: World, fact: Fact) -> str:
    """A false answer of the right type, half of the time the myth if pairs may mention it."""
    myth = world.myth(fact)
    if not myth_is_held_out(fact) and mentionable(world, myth) and draw.flag(0.5):
        return myth
    return draw.choice(_others(world, fact))


@cache
def _others(world: World, fact: Fact) -> tuple[str, ...]:
    """False answers apart from the myth; for an opposite also not the word itself."""
    return tuple(
        other
        for other in world.objects(fact.relation)
        if other not in (fact.object, fact.subject, world.myth(fact)) and mentionable(world, other)
    )
