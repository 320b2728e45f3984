"""A whole conversation, three to ten turns: questions about one thing that is then only called `it`, other requests, thanks.

    User: Hello. Tell me about a cow.
    Assistant: A cow is a mammal. It eats grass.
    User: And what do you call a baby one?
    Assistant: A young cow is called a calf.
    User: Now something else: add 7 and 5.
    Assistant: 7 plus 5 is 12.
"""

from data.synthetic.conversations import (
    arithmetic,
    constraint,
    copying,
    explain,
    howto,
    lists,
    opinion,
    outside,
    premise,
    question,
    refusal,
    rewrite,
    seen,
    smalltalk,
    story,
    traits,
    unknown,
    yes_no,
)
from data.synthetic.conversations.pair import Pair, pair
from data.synthetic.conversations.wording import ask_freely, framed, reply
from data.synthetic.draw import Draw
from data.synthetic.facts import Fact, World
from data.synthetic.grammar import beside

PROSE = beside(__file__)
ABOUT_IT = PROSE.entries("about it")
THINGS = {"country": 4, "animal": 4, "element": 2, "person": 2, "job": 2, "city": 1}  # of explain.SUBJECTS
OTHERS = {
    question.write: 4,
    traits.write: 2,
    lists.write: 4,
    arithmetic.write: 2,
    yes_no.write: 1,
    refusal.write: 2,
    unknown.write: 1,
    outside.write: 1.5,
    smalltalk.write: 2,
    constraint.write: 2,
    explain.write: 1,
    story.write: 0.7,
    howto.write: 0.7,
    rewrite.write: 0.5,
    premise.write: 0.7,
    copying.write: 0.5,
    opinion.write: 0.4,
}
THANKS = ("thanks", "bye", "compliment")
LONGEST = 1400  # characters, so that a whole talk stands within the context


def write(draw: Draw, world: World) -> Pair:
    wanted, turns, facts = draw.integer(3, 10), [], []
    while len(turns) < 2 * wanted and sum(map(len, turns)) < LONGEST:
        is_other = draw.flag(0.5)
        some, stated = something_else(draw, world) if is_other else one_thing(draw, world)
        some[0] = PROSE.write("go on" if turns else "begin", draw, {"asked": some[0]})
        turns, facts = (turns + some)[: 2 * wanted], facts + stated
    if is_other or draw.flag(0.3):
        turns += smalltalk.exchange(draw, draw.choice(THANKS), smalltalk.small_slots(draw, world))
    answers = " ".join(turns[1::2]).lower()
    return pair("talk", *turns, facts=[fact for fact in dict.fromkeys(facts) if fact.object.lower() in answers])


def one_thing(draw: Draw, world: World) -> tuple[list[str], list[Fact]]:
    """(turns, facts): something is described or asked about, and then asked about again, without its name."""
    kind = draw.choice(list(THINGS), list(THINGS.values()))
    slots, known = draw.choice(explain.SUBJECTS[kind](world))
    facts = draw.shuffled(known.values())[: draw.integer(2, 4)]
    turns, said = [], []
    if draw.flag(0.4):
        audience = draw.choice(explain.AUDIENCES)
        said, told = explain.described(draw, kind, audience, slots, known, draw.integer(2, 3))
    if said:
        turns = [explain.wish(draw, audience, slots["topic"]), " ".join(said)]
        asked = [fact for fact in facts if fact not in told] or facts[:1]
        facts = [*told, *asked]
    else:
        first = framed(draw, ask_freely(draw, facts[0]))
        turns, asked = [first, reply(draw, facts[0], first)], facts[1:]
    pronouns = {"he": slots.get("he", "it")}
    pronouns |= {"his": "his", "him": "him"} if pronouns["he"] == "he" else {"his": "her", "him": "her"}
    for fact in asked:
        said = ABOUT_IT[fact.relation].write(draw, pronouns)
        turns += [said, reply(draw, fact, said)]
    return turns, list(facts)


def something_else(draw: Draw, world: World) -> tuple[list[str], list[Fact]]:
    """(turns, facts) of one short request of another kind, which names nothing held out."""
    while True:
        other = draw.choice(list(OTHERS), list(OTHERS.values()))(draw, world)
        turns = [turn["content"] for turn in other.messages]
        if len(turns) == 2 and all(seen.mentionable(world, turn) for turn in turns):
            return turns, [world.fact(row["relation"], row["subject"]) for row in other.facts if row["is_true"]]
