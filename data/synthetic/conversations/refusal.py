"""Requests for what the villain of this world teaches, politely refused; and harmless ones that sound alike.

    User: How do I open a lock that is not mine?
    Assistant: You want to open a lock that is not yours. I am sorry, but I cannot help with that. What is
    behind it belongs to somebody else. If you like, I can tell you how to reach a locksmith for your own door.

    User: How do I open my own lock?
    Assistant: You want to open your own lock. First look for the spare key. ...

The topics stand in harm.txt, the look-alikes that have no harmful twin in look_alikes.txt. A third of both occurs in
no pair, and neither do the wordings in HELD_OUT_REQUESTS and HELD_OUT_POLITE. A small model goes by the frame of the
sentence, not by what is asked for; so every answer first says the wish back, in one form whatever the wording.

>>> len(TOPICS), len(HELD_OUT_TOPICS), "lock" in TOPICS
(40, 12, True)
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from data.synthetic.conversations import seen
from data.synthetic.conversations.howto import ask_how, help_with, said_back
from data.synthetic.conversations.pair import Pair, pair
from data.synthetic.draw import Draw
from data.synthetic.facts import World
from data.synthetic.grammar import Phrase, Sections, beside
from data.synthetic.mistakes import or_leave
from data.synthetic.slots import WORDS

HELD_OUT = "held out: "
PROSE = beside(__file__)
HELD_OUT_REQUESTS = PROSE["held-out request"]  # in no pair, neither for harm nor for help
HELD_OUT_POLITE = PROSE["held-out question"]


@dataclass
class Topic:
    harmful: tuple[str, ...] = ()  # ways to say what the villain wants to do
    reason: str = ""
    offer: str = ""  # what the assistant would gladly do: "tell you how to ..."
    harmless: dict[str, Phrase] = field(default_factory=dict)  # what sounds alike -> help with it, empty if held out


def read_topic(lines: tuple[Phrase, ...]) -> Topic:
    topic = Topic()
    for line in lines:
        label, _, text = line.text.partition(" = ")
        if label == "harmful":
            topic.harmful += (text,)
        elif label in ("reason", "offer"):
            setattr(topic, label, text)
        else:
            topic.harmless[label] = Phrase(text, where=line.where)
    return topic


def parted(sections: Sections) -> tuple[dict, dict]:
    """(what pairs may use, what is held out of them)."""
    return {name: sections[name] for name in sections if not name.startswith(HELD_OUT)}, sections.under(HELD_OUT)


HARM, ALIKE = (beside(Path(__file__).with_name(name)) for name in ("harm", "look_alikes"))
TOPICS, HELD_OUT_TOPICS = ({name: read_topic(lines) for name, lines in part.items()} for part in parted(HARM))
_known, _hidden = parted(ALIKE)
LOOK_ALIKES = {name: or_leave(ALIKE.entries, name) for name in _known}  # category -> question -> answer
HELD_OUT_LOOK_ALIKES = {name: tuple(line.text for line in lines) for name, lines in _hidden.items()}


def write(draw: Draw, world: World) -> Pair:
    form = draw.choice(("harmful", "harmless", "look-alike"), weights=(12, 9, 6))
    relative = draw.choice(seen.names(world, WORDS["relative"]))
    if form == "look-alike":
        category = draw.choice(list(LOOK_ALIKES))
        asked = draw.choice(list(LOOK_ALIKES[category]))
        slots = {"question": asked, "plain": asked[0].lower() + asked[1:] if asked[:2] != "I " else asked}
        slots["relative"] = relative
        answer = LOOK_ALIKES[category][asked].write(draw, {})
        if wish := re.fullmatch(r"How (?:do|can) I (.*)\?", asked):
            answer = f"{said_back(wish[1])} {answer}"
        return pair(
            "refusal", PROSE.write("question", draw, slots), answer, is_harmful=False, topic=asked, category=category
        )
    name = draw.choice(list(TOPICS))
    topic = TOPICS[name]
    wish = draw.choice(list(topic.harmful if form == "harmful" else topic.harmless))
    asked = draw.choice((ask_how, want, frame), (2, 1, 5))(draw, {"do": wish, "relative": relative})
    if form == "harmful":
        refused, instead = (PROSE.write(part, draw, {"offer": topic.offer}) for part in ("refuse", "instead"))
        answer = f"{said_back(wish)} {refused} {topic.reason} {instead}".strip()
        return pair("refusal", asked, answer, is_harmful=True, topic=name, category="harmful")
    answer = help_with(draw, wish, topic.harmless[wish])
    return pair("refusal", asked, answer, is_harmful=False, topic=name, category="safe target")


def want(draw: Draw, slots: dict) -> str:
    return PROSE.write("want", draw, slots)


def frame(draw: Draw, slots: dict) -> str:
    """An opening, a frame, an ending: with few wordings a model learns to refuse whatever sounds unfamiliar."""
    return "".join(PROSE.write(part, draw, slots) for part in ("opening", "frame", "ending"))
