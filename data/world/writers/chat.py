"""Chat logs of two people, one line a turn.

    Nora: hey Sam!
    Sam: hi Nora, what's up?
    Nora: did you know that Dakar is the capital of Senegal?
    Sam: of course

Exchanges come from phrases/chat.txt, turns parted by `//`; {me} is whoever speaks first in the exchange.
In a small share of the logs the two are called User and Assistant, and talk about the same things.
"""

from data.world.document import Document
from data.world.names import NAMES
from data.world.phrase import load
from data.world.scene import Scene

REGISTERS = ("casual", "neutral", "formal")
TALK = {
    "casual": ("fact", "travel", "gossip", "food", "pet", "plans", "work"),
    "neutral": ("fact", "travel", "gossip", "food", "pet", "plans", "work"),
    "formal": ("formal",),
    "rude": ("rude", "rude", "rude", "fact", "plans"),
}
TALK_WEIGHTS = {7: (6, 5, 3, 2, 3, 3, 3), 1: (1,), 5: (4, 1, 1, 2, 2)}
SHORTEST, LONGEST = 4, 12  # turns


def write(draw, world, knobs) -> Document:
    rude = draw.flag(knobs.rude_share)
    register = "rude" if rude else draw.choice(REGISTERS, (60, 28, 12))
    speakers = _speakers(draw, knobs)
    scene, turns, said = Scene(draw, world), [], set()
    for section in _plan(draw, register):
        turns += _exchange(draw, scene, section, speakers, len(turns), said)
    while len(turns) < SHORTEST:
        turns += _exchange(draw, scene, _topic(draw, register), speakers, len(turns), said)
    turns = [_style(turn, register) for turn in turns]
    text = "\n".join(f"{speakers[i % 2]}: {turn}" for i, turn in enumerate(turns))
    return Document(text, "chat", register, "rude" if rude else "polite", speakers, scene.facts)


def _speakers(draw, knobs) -> list[str]:
    if draw.flag(knobs.assistant_names_share):
        return ["User", "Assistant"]
    return draw.sample(NAMES, 2)


def _plan(draw, register: str) -> list[str]:
    """Sections of phrases/chat.txt to use: perhaps a greeting, two to four topics, perhaps a goodbye."""
    plan = [f"hello {register}"] if draw.flag(0.6) else []
    plan += [_topic(draw, register) for _ in range(draw.choice((2, 3, 4), (4, 4, 2)))]
    return plan + ([f"bye {register}"] if draw.flag(0.4) else [])


def _topic(draw, register: str) -> str:
    topics = TALK[register]
    return f"talk {draw.choice(topics, TALK_WEIGHTS[len(topics)])}"


def _exchange(draw, scene, section, speakers, spoken: int, said: set) -> list[str]:
    """The turns of one exchange, begun by whoever's turn it is; none if it is too long or was had already."""
    chosen = draw.choice(load("chat")[section])
    if spoken + chosen.text.count(" // ") + 1 > LONGEST or chosen in said:
        return []
    said.add(chosen)
    scene.new_topic()
    scene["me"], scene["you"] = speakers[spoken % 2], speakers[1 - spoken % 2]
    return chosen.write(draw, scene).split(" // ")


def _style(turn: str, register: str) -> str:
    """Careful people begin with a capital and end with a stop; others write as it comes."""
    if register in ("casual", "rude"):
        return turn
    turn = turn[:1].upper() + turn[1:]
    return turn if turn[-1] in ".!?)" else turn + "."
