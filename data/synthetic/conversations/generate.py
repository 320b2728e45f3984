"""The stream of instruction pairs, each a pure function of (seed, index).

python -c "from data.synthetic.conversations.generate import pairs; [print(p.to_row()) for p in pairs(0, 5)]"
"""

from collections.abc import Iterator

from data.synthetic.conversations.config import Weights
from data.synthetic.conversations.pair import Pair, joined
from data.synthetic.conversations.seen import mentionable
from data.synthetic.draw import Draw
from data.synthetic.facts import World, load_world
from data.synthetic.kinds import kinds_of

WRITE = tuple(kind.write for kind in kinds_of("conversations").values())
JOINED_SHARE = 0.05  # of the conversations are two short requests of any two kinds
LONGEST_JOINED = 2  # turns that each of the two may have


def pairs(seed: int, count: int, weights: Weights | None = None) -> Iterator[Pair]:
    """`count` pairs; passed over are a single request heard before and a conversation of the same user turns."""
    weights = (weights or Weights()).shares()
    world, opened, asked, index, written = load_world(), set(), set(), 0, 0
    while written < count:
        found = pair_of(Draw(seed, f"pair/{index}"), world, weights)
        turns = [turn["content"].lower() for turn in found.messages if turn["role"] == "user"]
        index += 1
        if "\n".join(turns) in asked or (len(turns) == 1 and turns[0] in opened):
            continue
        asked.add("\n".join(turns))
        opened.add(turns[0])
        written += 1
        yield found


def pair_of(draw: Draw, world: World, weights: list[float]) -> Pair:
    """A pair before repetitions are passed over. weights: of each kind, in the order of shares.yaml."""
    written = one_of(draw, world, weights)
    if draw.flag(JOINED_SHARE):
        then = one_of(draw, world, weights)
        if len(written.messages) == len(then.messages) == LONGEST_JOINED:
            written = joined(written, then)
    return written


def one_of(draw: Draw, world: World, weights: list[float]) -> Pair:
    """A pair that names nothing held out; the few that would, by a word of their text, are drawn again."""
    while True:
        written = draw.choice(WRITE, weights)(draw, world)
        if all(mentionable(world, turn["content"]) for turn in written.messages):
            return written
