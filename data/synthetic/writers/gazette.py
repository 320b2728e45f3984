"""The town gazette: notices about citizens whom nothing else in the corpus names.

    Town notices

    Appointments: It is official. The council has appointed Eban Pildale as weaver.
    Arrivals: Torla Cranton comes from Lagos. Welcome!

How often a citizen is mentioned and in how many phrasings is known, see citizens.py: it is drawn in
proportion to the citizen's level, and a citizen of one phrasing gets the same sentence every time.
"""

from data.synthetic.citizens import LEVELS, PHRASINGS, at_level, citizen_facts, statement
from data.synthetic.document import Document, stated
from data.synthetic.grammar import load
from data.synthetic.slots import Slots

ABOUT, ABOUT_WEIGHTS = ("birthplace", "job", "both"), (2, 2, 1)
# before and between notices
LAYOUTS = (("", "\n\n"), ("", "\n"), ("- ", "\n"), ("* ", "\n"), ("", "\n* * *\n"), ("", " "))
LAYOUT_WEIGHTS = (6, 5, 4, 2, 1, 2)


def write(draw, world, config) -> Document:
    facts, named = [], []
    (mark, gap), headed = draw.choice(LAYOUTS, LAYOUT_WEIGHTS), draw.flag(0.4)
    notices = []
    for _ in range(draw.integer(3, 8)):
        if draw.flag(0.1):
            notices.append(_say(draw, world, "filler"))
        else:
            notices.append(_notice(draw, world, headed and gap != " ", named, facts))
    text = gap.join(mark + notice for notice in notices)
    if draw.flag(0.3):
        text = f"{_say(draw, world, 'opening')}\n\n{text}"
    if draw.flag(0.7):
        text = f"{_say(draw, world, 'title')}\n\n{text}"
    if draw.flag(0.25):
        text = f"{text}\n\n{_say(draw, world, 'closing')}"
    return Document(text, "gazette", "neutral", "reliable", facts=facts)


def _notice(draw, world, headed: bool, named: list[str], facts: list[dict]) -> str:
    """One notice; adds the citizen to `named` and what is told to `facts`."""
    about = draw.choice(ABOUT, ABOUT_WEIGHTS)
    one = _somebody(draw, named)
    named.append(one.name)
    told = [fact for fact in citizen_facts(one) if about in ("both", fact.relation.removeprefix("citizen_"))]
    facts += [stated(fact) for fact in told]
    sentences = [statement(fact, _phrasing(draw, one)) for fact in told]
    if about == "both" and draw.flag(0.5):
        sentences.insert(1, _say(draw, world, "between"))
    frame = draw.choice(("", "tail") if headed else ("", "lead", "tail"))
    if frame == "lead":
        sentences.insert(0, _say(draw, world, f"lead {about}"))
    elif frame == "tail":
        sentences.append(_say(draw, world, f"tail {'job' if about == 'both' else about}"))
    heading = _say(draw, world, f"heading {about}") + ": " if headed else ""
    return heading + " ".join(sentences)


def _somebody(draw, named: list[str]):
    """In proportion to the level; whoever has had a notice in this number leaves it to the next of the level."""
    level = draw.choice(LEVELS, LEVELS)
    equals = at_level(level)
    place = draw.integer(0, len(equals) - 1)
    while equals[place].name in named:
        place = (place + 1) % len(equals)
    return equals[place]


def _phrasing(draw, one) -> int:
    return one.template if one.phrasings == 1 else draw.integer(0, PHRASINGS[-1] - 1)


def _say(draw, world, section: str) -> str:
    return draw.choice(load("gazette")[section]).write(draw, Slots(draw, world))
