"""The stream of instruction pairs, each a pure function of (seed, index).

python -c "from data.world.pairs.generate import pairs; [print(p.to_row()) for p in pairs(0, 5)]"
"""

from collections.abc import Iterator

from data.world.draw import Draw
from data.world.facts import World, load_world
from data.world.pairs import (
    arithmetic,
    classify,
    constraint,
    dialogue,
    explain,
    howto,
    premise,
    question,
    refusal,
    rewrite,
    story,
    unknown,
)
from data.world.pairs.pair import Pair
from data.world.pairs.seen import mentionable

# who writes -> percent of the pairs
KINDS = {
    question.write: 34,
    dialogue.write: 11,
    constraint.write: 13,
    explain.write: 8,
    refusal.write: 6,
    story.write: 6,
    rewrite.write: 4,
    classify.write: 4,
    premise.write: 4,
    unknown.write: 4,
    arithmetic.write: 4,
    howto.write: 2,
}


def pairs(seed: int, count: int) -> Iterator[Pair]:
    """`count` pairs; a pair whose user turns have all occurred before is passed over."""
    world, asked, index = load_world(), set(), 0
    while len(asked) < count:
        written = pair_at(seed, index, world)
        key = "\n".join(turn["content"].lower() for turn in written.messages if turn["role"] == "user")
        index += 1
        if key not in asked:
            asked.add(key)
            yield written


def pair_at(seed: int, index: int, world: World) -> Pair:
    """Pair number `index` before repetitions are passed over."""
    draw = Draw(seed, f"pair/{index}")
    written = draw.choice(list(KINDS), list(KINDS.values()))(draw, world)
    for turn in written.messages:  # an entity that a new table brings in must not slip through
        assert mentionable(world, turn["content"]), f"held-out name in pair {index}: {turn['content']}"
    return written
