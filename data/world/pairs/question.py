"""A question about one fact, in one of many phrasings.

User: Quick question: which city is the capital of France?
Assistant: Paris is the capital of France.
"""

from data.world.draw import Draw
from data.world.facts import World
from data.world.pairs import seen
from data.world.pairs.pair import Pair, pair
from data.world.pairs.wording import ask, framed, reply

CAPITAL_WEIGHT = 7  # against 1 for each other relation: a fifth of the questions


def write(draw: Draw, world: World) -> Pair:
    weights = [CAPITAL_WEIGHT if relation == "capital" else 1 for relation in world.relations]
    relation = draw.choice(world.relations, weights)
    fact = draw.choice(seen.facts(world, relation))
    asked = framed(draw, ask(draw, fact))
    return pair("question", asked, reply(draw, fact, asked), facts=[fact], relation=relation)
