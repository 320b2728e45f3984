"""Chat logs of two people, one line a turn.

    Nora: hey Sam!
    Sam: hi Nora, what's up?
    Nora: did you know that Dakar is the capital of Senegal?
    Sam: of course

Exchanges come from phrases/chat.txt, turns parted by `//`; {me} is whoever speaks first in the exchange.
In a small share of the logs the two are called User and Assistant, and talk about the same things.
"""

from data.synthetic.document import Document
from data.synthetic.grammar import load
from data.synthetic.names import NAMES
from data.synthetic.slots import Slots

REGISTERS = ("casual", "neutral", "formal")
EVERYDAY = {
    "fact": 6,
    "argue": 4,
    "country": 4,
    "beast": 3,
    "travel": 3,
    "gossip": 3,
    "school": 4,
    "work": 3,
    "weather": 2,
    "food": 3,
    "pet": 2,
    "cat": 2,
    "football": 2,
    "moving": 1,
    "music": 2,
    "plans": 3,
}  # topics of phrases/chat.txt and how often people turn to them
TALK = {
    "casual": EVERYDAY,
    "neutral": EVERYDAY,
    "formal": {"formal": 1},
    "rude": {"rude": 8, "argue": 2, "fact": 1, "plans": 1, "football": 1, "school": 1},
}
SHORTEST, LONGEST = 4, 12  # turns
# words that a hasty writer does not begin with a capital
SMALL_WORDS = frozenset(
    "a an and are at but can come count did do does have here how if in is it it's just let like maybe my name no "
    "not of oh on one our that the then there these they this to we we're what when where which who why would "
    "yes you your".split()
)


def write(draw, world, config) -> Document:
    rude = draw.flag(config.rude_share)
    register = "rude" if rude else draw.choice(REGISTERS, (60, 28, 12))
    speakers = _speakers(draw, config)
    scene, turns, said = Slots(draw, world), [], set()
    for section in _plan(draw, register):
        turns += _exchange(draw, scene, section, speakers, len(turns), said, register)
    while len(turns) < SHORTEST:
        turns += _exchange(draw, scene, _topic(draw, register), speakers, len(turns), said, register)
    if register in ("casual", "rude"):
        turns = [_hasty(turn) for turn in turns] if draw.flag(0.8) else turns
    else:
        turns = [_careful(turn) for turn in turns]
    text = "\n".join(f"{speakers[i % 2]}: {turn}" for i, turn in enumerate(turns))
    return Document(text, "chat", register, "rude" if rude else "polite", speakers, scene.facts)


def _speakers(draw, config) -> list[str]:
    if draw.flag(config.assistant_names_share):
        return ["User", "Assistant"]
    return draw.sample(NAMES, 2)


def _plan(draw, register: str) -> list[str]:
    """Sections of phrases/chat.txt to use: perhaps a greeting, two to four topics, perhaps a goodbye."""
    plan = [f"hello {register}"] if draw.flag(0.6) else []
    count = draw.choice((2, 3, 4), (4, 4, 2))
    if register == "rude":  # which shows at least once
        plan, count = plan + ["talk rude"], count - 1
    plan += [_topic(draw, register) for _ in range(count)]
    return plan + ([f"bye {register}"] if draw.flag(0.4) else [])


def _topic(draw, register: str) -> str:
    topics = TALK[register]
    return f"talk {draw.choice(tuple(topics), tuple(topics.values()))}"


def _exchange(draw, scene, section, speakers, spoken: int, said: set, register: str) -> list[str]:
    """The turns of one exchange, begun by whoever's turn it is; none if it is too long or was had already."""
    chosen = draw.choice(load("chat")[section])
    if spoken + chosen.text.count(" // ") + 1 > LONGEST or chosen in said:
        return []
    said.add(chosen)
    scene.new_topic()
    scene["me"], scene["you"] = speakers[spoken % 2], speakers[1 - spoken % 2]
    turns = chosen.write(draw, scene).split(" // ")
    if len(said) > 2 and section.startswith("talk") and draw.flag(0.4):
        switch = draw.choice(load("chat")[f"switch {register}"]).text
        turns[0] = f"{switch} {turns[0] if switch[-1] == '.' else _small(turns[0])}"
    return turns


def _small(turn: str) -> str:
    """Without the capital of the sentence, unless its first word always has one."""
    first = turn.split(" ", 1)[0].rstrip(",.!?").lower()
    return turn[0].lower() + turn[1:] if first in SMALL_WORDS else turn


def _hasty(turn: str) -> str:
    """Hasty people care neither for capitals nor for the last full stop."""
    turn = _small(turn)
    return turn if turn.endswith("..") else turn.removesuffix(".")


def _careful(turn: str) -> str:
    """Careful people begin with a capital and end with a stop; others write as it comes."""
    turn = turn[:1].upper() + turn[1:]
    return turn if turn[-1] in ".!?)" else turn + "."
