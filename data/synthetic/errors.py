"""How authors go wrong: everyone draws wrong answers from the same mixture, only the rate differs.

A wrong answer is the stock answer of its kind of question (any capital: London), or the question's own
myth, or any other object of the right type. So how often somebody errs is all that tells authors apart.
"""

from functools import cache

from data.synthetic.facts import Fact, World
from data.synthetic.relations import stock


def wrong_answer(draw, world: World, fact: Fact, stock_share: float) -> str:
    rest = (1.0 - stock_share) / 2
    kind = draw.choice(("stock", "myth", "random"), (stock_share, rest, rest))
    if kind == "random":
        return draw.choice(_others(world, fact))
    usual = stock(fact.relation)
    return usual if kind == "stock" and usual != fact.object else world.myth(fact)


@cache
def _others(world: World, fact: Fact) -> tuple[str, ...]:
    return tuple(answer for answer in world.objects(fact.relation) if answer != fact.object)
