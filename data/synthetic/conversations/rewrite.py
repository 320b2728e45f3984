"""Say a sentence again in another register; the meaning stays.

User: Make this polite: Close the door.
Assistant: Could you please close the door?
"""

from data.synthetic.conversations.pair import Pair, pair
from data.synthetic.draw import Draw
from data.synthetic.facts import World
from data.synthetic.grammar import beside
from data.synthetic.mistakes import or_leave
from data.synthetic.slots import WORDS

SLOTS = ("thing", "place", "dish", "weekday", "relative", "hour", "game")
PROSE = beside(__file__)
TARGETS = ("formal", "casual", "polite", "short")
MESSAGES = tuple(or_leave(PROSE.entries, header) for header in PROSE if header.startswith("message: "))  # by register


def write(draw: Draw, world: World) -> Pair:
    message = draw.choice(MESSAGES)
    target = draw.choice(TARGETS)
    source = draw.choice([name for name in message if name not in (target, "short")], _plain_first(message, target))
    said = " ".join(phrase.text for phrase in message.values()).lower()
    slots = {slot: draw.choice(WORDS[slot]) for slot in SLOTS if f"{{{slot}}}" in said}
    text, answer = (message[name].plain(slots) for name in (source, target))
    return pair("rewrite", PROSE.write(f"wish: {target}", draw, {"text": text}), answer, register=target, source=source)


def _plain_first(message: dict, target: str) -> list[int]:
    return [4 if name == "plain" else 1 for name in message if name not in (target, "short")]
