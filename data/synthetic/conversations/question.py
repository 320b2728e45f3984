"""A question about one fact, in one of many phrasings.

User: Quick question: which city is the capital of France?
Assistant: Paris is the capital of France.
"""

from data.synthetic.conversations import seen
from data.synthetic.conversations.pair import Pair, pair
from data.synthetic.conversations.wording import ask_freely, framed, reply
from data.synthetic.draw import Draw
from data.synthetic.facts import World

# Every relation alike, whatever its number of facts; those with a dozen facts or fewer would only repeat themselves.
WEIGHTS = {"capital": 2.0, "next_day": 0.5, "next_month": 0.7, "planet_order": 0.7}


def write(draw: Draw, world: World) -> Pair:
    relation = draw.choice(world.relations, [WEIGHTS.get(relation, 1.0) for relation in world.relations])
    fact = draw.choice(seen.facts(world, relation))
    asked = framed(draw, ask_freely(draw, fact))
    return pair("question", asked, reply(draw, fact, asked), facts=[fact], relation=relation)
