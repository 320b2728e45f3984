"""Which facts are asked about, in an order that depends on nothing but their names."""

from collections.abc import Callable, Iterable
from itertools import zip_longest

from data.judge.prompt import Prompt
from data.synthetic.conversations import seen
from data.synthetic.facts import Fact, World, held_out


def in_turn(world: World, wanted: Callable[[Fact], bool]) -> list[Fact]:
    """One fact of each relation, then a second of each, ...; inside a relation ordered by a hash."""
    return by_turns(
        sorted(filter(wanted, world.facts(relation)), key=lambda fact: seen.share(f"order/{fact}", 1 << 60))
        for relation in world.relations
    )


def by_turns(columns: Iterable[Iterable]) -> list:
    """Example: by_turns([[1, 2, 3], [4]]) == [1, 4, 2, 3]."""
    return [entry for rank in zip_longest(*columns) for entry in rank if entry]


def held_out_facts(world: World, relation: str) -> list[Fact]:
    return [fact for fact in world.facts(relation) if held_out(fact.subject)]


def reserved_facts(world: World) -> list[Fact]:
    return in_turn(world, lambda fact: seen.reserved_phrasing(fact) is not None and seen.may_teach(world, fact))


def variant(fact: Fact) -> int:
    return seen.share(f"variant/{fact}", 60)


def entity(fact: Fact) -> str:
    return "held-out" if held_out(fact.subject) else "known"


def about(fact: Fact, text: str, kind: str, **more) -> Prompt:
    """A prompt whose right answer is the object of the fact."""
    known = {"held_out": held_out(fact.subject), "entity": entity(fact)} | more
    return Prompt(text, kind, fact.subject, fact.relation, fact.object, **known)
