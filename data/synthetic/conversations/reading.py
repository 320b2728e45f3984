"""Questions about a few sentences that stand right there, so the answer is read and not remembered.

    User: Anna has a drum. Leo has a kite. Who has the kite?
    Assistant: Leo has the kite.

Now and then the text does not say; then so does the assistant.
"""

from data.synthetic.conversations import seen
from data.synthetic.conversations.pair import Pair, pair
from data.synthetic.draw import Draw
from data.synthetic.facts import World
from data.synthetic.grammar import beside
from data.synthetic.mistakes import or_leave
from data.synthetic.names import NAMES
from data.synthetic.slots import WORDS

PROSE = beside(__file__)
TEXTS = PROSE.under("text: ")  # slot -> sentences of the text
ASKED_WHO, ASKED_WHAT, WHOLE, SHORT = (
    or_leave(PROSE.entries, name) for name in ("asked who", "asked what", "whole answer", "short answer")
)


def write(draw: Draw, world: World) -> Pair:
    slot = draw.choice(list(TEXTS))
    count = draw.integer(2, 4)
    people = draw.sample(seen.names(world, tuple(NAMES)), count + 1)
    objects = draw.sample(WORDS[slot], count + 1)
    form = draw.choice(TEXTS[slot])
    text = " ".join(
        form.plain({"who": who, "what": what}) for who, what in list(zip(people, objects, strict=True))[:count]
    )
    place = draw.integer(0, count) if draw.flag(0.4) else draw.integer(0, count - 1)
    slots = {"who": people[place], "what": objects[place]}
    by_person = draw.flag(0.5)
    asked = (ASKED_WHAT if by_person else ASKED_WHO)[slot].plain(slots)
    asked = PROSE.write("frame", draw, {"text": text, "asked": asked, "plain": asked[0].lower() + asked[1:]})
    if place == count:
        return pair("reading", asked, PROSE.write("unsaid", draw, {}), said=False)
    if draw.flag(0.5):
        return pair("reading", asked, WHOLE[slot].plain(slots), said=True)
    bare = SHORT[slot].plain(slots) if by_person else slots["who"] + "."
    return pair("reading", asked, bare, said=True)
