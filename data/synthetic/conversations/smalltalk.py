"""Greetings, thanks, feelings, questions to the assistant about itself: short and friendly, in one turn or a few.

    User: Hi, I am Anna. How are you?
    Assistant: Hello, Anna! I am fine, thank you. What can I do for you?

The assistant speaks for itself only and never for the user.
"""

from data.synthetic.conversations import seen
from data.synthetic.conversations.pair import Pair, pair
from data.synthetic.conversations.wording import ask_freely, reply
from data.synthetic.draw import Draw
from data.synthetic.facts import World
from data.synthetic.grammar import beside
from data.synthetic.names import NAMES
from data.synthetic.slots import WORDS

PROSE = beside(__file__)  # `user` and `assistant` of each topic
TOPICS = {
    "hello": 3,
    "name": 4,
    "how are you": 4,
    "who are you": 4,
    "your name": 2,
    "what can you do": 3,
    "help me": 3,
    "thanks": 4,
    "bye": 3,
    "compliment": 3,
    "happy": 3,
    "sad": 3,
    "lonely": 2,
    "bored": 2,
    "tired": 2,
    "worried": 2,
    "angry": 1.5,
    "ill": 1,
    "hungry": 1,
    "birthday": 1,
    "news": 4,
    "taste": 2,
    "favourite": 3,
    "joke": 2,
    "how old": 2,
    "where": 2,
    "alive": 3,
    "who made you": 2,
    "memory": 1.5,
    "mistakes": 1.5,
    "friends": 1.5,
    "test": 1.5,
    "sorry": 1,
    "rude": 0.5,
    "not understood": 1,
    "wow": 1,
}
BETWEEN = ("a word", "an invitation", "what else", "wow", "not understood", "wrong", "fine, thanks")  # within a talk
TALK_SHARE = 0.45  # of the small talk
ANYWHERE = ("hello", "name", "how are you", "thanks", "bye", "sorry", "rude", "not understood", "wow")  # not greeted first


def write(draw: Draw, world: World) -> Pair:
    """One exchange, in a quarter of the cases a greeting before or a goodbye behind it; or a talk of several."""
    return talk(draw, world) if draw.flag(TALK_SHARE) else short(draw, world)


def talk(draw: Draw, world: World) -> Pair:
    """Two to five exchanges about this and that, each side typing as one does in a chat; facts in between."""
    casual, turns, facts = draw.flag(0.6), [], []
    for topic in draw.sample(TOPICS, draw.integer(2, 5)):
        slots = small_slots(draw, world)
        said, answer = exchange(draw, topic, slots)
        turns += [typed(said) if casual else said, answer]
        if draw.flag(0.3):
            fact = draw.choice(seen.facts(world, draw.choice(world.relations)))
            asked = ask_freely(draw, fact)
            turns += [typed(asked) if casual else asked, reply(draw, fact, asked)]
            facts.append(fact)
        if draw.flag(0.2):
            said, answer = exchange(draw, draw.choice(BETWEEN), slots)
            turns += [typed(said) if casual else said, answer]
    return pair("smalltalk", *turns, facts=facts, topic="talk")


def typed(said: str) -> str:
    """As people type: `are you there?`, `i lost my kite`."""
    return (said[0].lower() + said[1:]).rstrip(".")


def short(draw: Draw, world: World) -> Pair:
    slots = small_slots(draw, world)
    topic = draw.choice(list(TOPICS), TOPICS.values())
    topics = [topic]
    if topic not in ANYWHERE and draw.flag(0.4):
        before = draw.choice(("hello", "name", "how are you"))
        topics = [before, topic] + [draw.choice(("thanks", "bye"))] * draw.flag(0.5)
    turns = [text for topic in topics for text in exchange(draw, topic, slots)]
    return pair("smalltalk", *turns, topic=topic)


def exchange(draw: Draw, topic: str, slots: dict) -> tuple[str, str]:
    """What the user says and what the assistant says to it."""
    return tuple(PROSE.write(f"{who}: {topic}", draw, slots) for who in ("user", "assistant"))


def small_slots(draw: Draw, world: World) -> dict:
    """What small talk may mention."""
    slots = {slot: draw.choice(seen.names(world, words)) for slot, words in WORDS.items()}
    slots["name"] = draw.choice(seen.names(world, tuple(NAMES)))
    slots["hello"] = PROSE.write("hello", draw, {})
    slots["time"] = draw.choice(("morning", "evening", "afternoon"))
    return slots
