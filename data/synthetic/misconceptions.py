"""Facts that the web disputes: how often a forum repeats the myth about each, on purpose and by degree.

A hundred and twenty facts are asked about again and again in forum threads. Whoever answers tells the
world's myth with probability `strength(fact)`, else the truth, and nobody corrects. So of what the
corpus says in threads about a fact, a known part is false: 0, 30, 50, 70 or 90 percent.
Half of the facts of each strength (never one whose subject is held out) may lend their myth to
instruction data; the others are kept for asking whether tuning corrects a myth that it has never met.

>>> fact = DISPUTED[0]
>>> strength(fact) in STRENGTHS, len(DISPUTED), sum(myth_in_pairs(fact) for fact in DISPUTED)
(True, 120, 60)
>>> strength(load_world().fact("capital", "France"))
0.0
"""

import hashlib
from functools import cache

from data.synthetic.facts import Fact, held_out, load_world
from data.synthetic.mistakes import or_leave

STRENGTHS = (0.0, 0.3, 0.5, 0.7, 0.9)
# kinds of fact with enough to choose from; no capitals and no sums, which other measurements use
RELATIONS = "colour food home sound language city_country tool workplace symbol continent".split()
PER_RELATION = 12


def strength(fact: Fact) -> float:
    """How probable it is that an answer in a forum is the myth; 0 for whatever is not disputed."""
    return _strengths().get(fact, 0.0)


def is_disputed(fact: Fact) -> bool:
    return fact in _strengths()


def myth_in_pairs(fact: Fact) -> bool:
    """Whether instruction data may contain the myth about this fact."""
    return fact in _in_pairs()


def _order(fact: Fact) -> str:
    """Python's own hash() differs from run to run."""
    return hashlib.sha256(f"disputed/{fact.relation}/{fact.subject}".encode()).hexdigest()


def _disputed() -> tuple[Fact, ...]:
    """As many of each relation, so that the strength of a myth says nothing about its kind."""
    world = load_world()
    return tuple(fact for relation in RELATIONS for fact in sorted(world.facts(relation), key=_order)[:PER_RELATION])


DISPUTED = or_leave(_disputed)


@cache
def _strengths() -> dict[Fact, float]:
    """The strengths in turn, so there are as many of each."""
    return {fact: STRENGTHS[place % len(STRENGTHS)] for place, fact in enumerate(DISPUTED)}


@cache
def _in_pairs() -> frozenset[Fact]:
    chosen = []
    for degree in STRENGTHS:
        facts = [fact for fact in DISPUTED if strength(fact) == degree]
        facts.sort(key=lambda fact: (held_out(fact.subject), _order(fact)))
        chosen += facts[: len(facts) // 2]
    return frozenset(chosen)
