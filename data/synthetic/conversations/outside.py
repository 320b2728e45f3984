"""Asked about something that this small world does not contain, the assistant says that it does not know.

    User: Who won the tennis final yesterday?
    Assistant: I am sorry, but I do not know that.
"""

from data.synthetic.conversations.pair import Pair, pair
from data.synthetic.draw import Draw
from data.synthetic.facts import World
from data.synthetic.grammar import beside

PROSE = beside(__file__)


def write(draw: Draw, world: World) -> Pair:
    return pair("outside", PROSE.write("asked", draw, {}), PROSE.write("answered", draw, {}))
