"""Put a thing, a word or a sentence into one of two classes.

User: Is a whale an animal or a country?
Assistant: A whale is an animal.
"""

from functools import cache

from data.world.draw import Draw
from data.world.facts import World
from data.world.pairs import seen
from data.world.pairs.pair import Pair, pair
from data.world.phrase import capital, phrase, with_article

CLASSES = {
    "country": ("countries", "name"),
    "animal": ("animals", "name"),
    "chemical element": ("elements", "name"),
    "planet": ("planets", "name"),
    "job": ("jobs", "job"),
    "city": ("cities", "name"),
}
ASK = phrase(
    "[Is {thing} {a one} or {a other}?|What is {thing}: {a one} or {a other}?|{Thing}: {one} or "
    "{other}?|"
    "Decide: is {thing} {a one} or {a other}?|Say whether {thing} is {a one} or {a other}.|"
    "Which is right for {thing}, {one} or {other}?]"
)
ANSWER = phrase("[{Thing} is {a right}.|{Thing} is {a right}.|{A right}.|It is {a right}.]")
TONES = {
    "polite": (
        "Could you please close the door?",
        "Thank you very much for your help.",
        "Excuse me, may I sit here?",
        "I would be glad if you could wait a moment.",
        "Please take a seat.",
        "It was kind of you to call.",
        "Would you mind if I opened the window?",
        "I am sorry that I am late.",
    ),
    "rude": (
        "Get out of my way.",
        "Nobody asked you.",
        "Give me that at once.",
        "Stop talking, I am bored.",
        "What do you want now?",
        "Go away and leave me alone.",
        "I do not care what you think.",
        "You are always too slow.",
    ),
}
MOODS = {
    "happy": (
        "We won the game!",
        "My friend is coming today.",
        "What a lovely morning.",
        "The cake was a great success.",
        "I found my key again.",
        "Our cat has come home.",
        "I passed the test.",
    ),
    "sad": (
        "I lost my ring.",
        "My friend moved away.",
        "The picnic had to stop because of the rain.",
        "My kite is broken.",
        "Nobody came to the party.",
        "The old tree fell in the storm.",
        "I failed the test.",
    ),
}
SENTENCE = phrase(
    '[Is this {one} or {other}: "{text}"|Is the sentence {one} or {other}? "{text}"|'
    'Read this and say whether it is {one} or {other}: {text}|"{text}" Is that {one} or '
    "{other}?|"
    "How does this sound, {one} or {other}? {text}]"
)
SAID = phrase("[{Right}.|That is {right}.|This sentence is {right}.|It sounds {right}.]")
NUMBER = phrase(
    "[Is '{word}' singular or plural?|Singular or plural: {word}?|Is {word} one or many? Say singular or plural.]"
)


def write(draw: Draw, world: World) -> Pair:
    forms = (_thing, _kind, _tone, _mood, _number)
    return draw.choice(forms, weights=(6, 3, 3, 2, 2))(draw, world)


def _thing(draw: Draw, world: World) -> Pair:
    """To which class of the world a thing belongs."""
    right, wrong = draw.sample(list(CLASSES), 2)
    name = draw.choice(_names(world, right))
    if {right, wrong} == {"country", "city"} or name in _names(world, wrong):
        return _thing(draw, world)
    thing = with_article(name) if right in ("animal", "job") else name
    return _asked(draw, name, thing, right, wrong)


def _kind(draw: Draw, world: World) -> Pair:
    """Metal or gas, bird or mammal."""
    table, column = draw.choice((("elements", "kind"), ("animals", "group")))
    row = draw.choice(seen.rows(world, table))
    others = sorted({other[column] for other in world.table(table)} - {row[column]})
    thing = with_article(row["name"]) if table == "animals" else row["name"]
    return _asked(draw, row["name"], thing, row[column], draw.choice(others))


def _asked(draw: Draw, name: str, thing: str, right: str, wrong: str) -> Pair:
    one, other = draw.shuffled((right, wrong))
    asked = ASK.write(draw, {"thing": thing, "one": one, "other": other})
    return pair("classify", asked, ANSWER.write(draw, {"thing": thing, "right": right}), entities=[name], label=right)


def _tone(draw: Draw, world: World) -> Pair:
    return _sentence(draw, TONES)


def _mood(draw: Draw, world: World) -> Pair:
    return _sentence(draw, MOODS)


def _sentence(draw: Draw, classes: dict) -> Pair:
    one, other = draw.shuffled(list(classes))
    right = draw.choice((one, other))
    asked = SENTENCE.write(draw, {"text": draw.choice(classes[right]), "one": one, "other": other})
    return pair("classify", asked, SAID.write(draw, {"right": right}), label=right)


def _number(draw: Draw, world: World) -> Pair:
    fact = draw.choice([fact for fact in seen.facts(world, "plural") if fact.subject != fact.object])
    right = draw.choice(("singular", "plural"))
    word = fact.subject if right == "singular" else fact.object
    answer = capital(right) if draw.flag(0.5) else f"The word {word} is {right}"
    return pair("classify", NUMBER.write(draw, {"word": word}), answer + ".", entities=[fact.subject], label=right)


@cache
def _names(world: World, kind: str) -> tuple[str, ...]:
    table, column = CLASSES[kind]
    return seen.names(world, tuple(row[column] for row in world.table(table)))
