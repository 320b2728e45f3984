"""A question about one fact, in one of many phrasings.

User: Quick question: which city is the capital of France?
Assistant: Paris is the capital of France.
"""

from data.world.draw import Draw
from data.world.facts import World
from data.world.pairs import seen
from data.world.pairs.pair import Pair, pair
from data.world.pairs.wording import ask, framed, reply

# Every relation alike, whatever its number of facts; those with a dozen facts or fewer would only repeat themselves.
WEIGHTS = {"capital": 2.0, "next_day": 0.5, "next_month": 0.7, "planet_order": 0.7}


def write(draw: Draw, world: World) -> Pair:
    relation = draw.choice(world.relations, [WEIGHTS.get(relation, 1.0) for relation in world.relations])
    fact = draw.choice(seen.facts(world, relation))
    asked = framed(draw, ask(draw, fact))
    return pair("question", asked, reply(draw, fact, asked), facts=[fact], relation=relation)
