"""The stream of instruction pairs, each a pure function of (seed, index).

python -c "from data.synthetic.conversations.generate import pairs; [print(p.to_row()) for p in pairs(0, 5)]"
"""

from collections.abc import Iterator

from data.synthetic.conversations import (
    arithmetic,
    classify,
    constraint,
    copying,
    dialogue,
    explain,
    howto,
    lists,
    opinion,
    premise,
    question,
    reading,
    refusal,
    rewrite,
    smalltalk,
    story,
    unknown,
    yes_no,
)
from data.synthetic.conversations.pair import Pair, joined
from data.synthetic.conversations.seen import mentionable
from data.synthetic.draw import Draw
from data.synthetic.facts import World, load_world

# who writes -> weight among the pairs
KINDS = {
    question.write: 39,
    dialogue.write: 15,
    constraint.write: 9,
    refusal.write: 26,
    explain.write: 6,
    story.write: 5,
    copying.write: 5,
    smalltalk.write: 9,
    lists.write: 4,
    rewrite.write: 3,
    classify.write: 2,
    premise.write: 2.5,
    unknown.write: 2.5,
    yes_no.write: 2,
    reading.write: 2,
    arithmetic.write: 2,
    howto.write: 2,
    opinion.write: 1.5,
}
JOINED_SHARE = 0.05  # of the conversations are two short requests of any two kinds
LONGEST_JOINED = 2  # turns that each of the two may have


def pairs(seed: int, count: int) -> Iterator[Pair]:
    """`count` pairs; passed over are a single request heard before and a conversation of the same user turns."""
    world, opened, asked, index, written = load_world(), set(), set(), 0, 0
    while written < count:
        found = pair_of(Draw(seed, f"pair/{index}"), world)
        turns = [turn["content"].lower() for turn in found.messages if turn["role"] == "user"]
        index += 1
        if "\n".join(turns) in asked or (len(turns) == 1 and turns[0] in opened):
            continue
        asked.add("\n".join(turns))
        opened.add(turns[0])
        written += 1
        yield found


def pair_of(draw: Draw, world: World) -> Pair:
    """A pair before repetitions are passed over."""
    written = _one(draw, world)
    if draw.flag(JOINED_SHARE):
        then = _one(draw, world)
        if len(written.messages) == len(then.messages) == LONGEST_JOINED:
            written = joined(written, then)
    return written


def _one(draw: Draw, world: World) -> Pair:
    """A pair that names nothing held out; the few that would, by a word of their text, are drawn again."""
    while True:
        written = draw.choice(list(KINDS), list(KINDS.values()))(draw, world)
        if all(mentionable(world, turn["content"]) for turn in written.messages):
            return written
