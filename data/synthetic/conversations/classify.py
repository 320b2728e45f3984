"""Put a thing, a word or a sentence into one of two classes.

User: Is a whale an animal or a country?
Assistant: A whale is an animal.
"""

from functools import cache

from data.synthetic.conversations import seen
from data.synthetic.conversations.pair import Pair, pair
from data.synthetic.draw import Draw
from data.synthetic.facts import World
from data.synthetic.grammar import beside, capital, with_article

PROSE = beside(__file__)
CLASSES = {
    "country": ("countries", "name"),
    "animal": ("animals", "name"),
    "chemical element": ("elements", "name"),
    "planet": ("planets", "name"),
    "job": ("jobs", "job"),
    "city": ("cities", "name"),
}


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
    asked = PROSE.write("which of two", draw, {"thing": thing, "one": one, "other": other})
    answer = PROSE.write("it is", draw, {"thing": thing, "right": right})
    return pair("classify", asked, answer, entities=[name], label=right)


def _tone(draw: Draw, world: World) -> Pair:
    return _sentence(draw, ["polite", "rude"])


def _mood(draw: Draw, world: World) -> Pair:
    return _sentence(draw, ["happy", "sad"])


def _sentence(draw: Draw, classes: list[str]) -> Pair:
    one, other = draw.shuffled(classes)
    right = draw.choice((one, other))
    asked = PROSE.write("how does it sound", draw, {"text": PROSE.write(right, draw, {}), "one": one, "other": other})
    return pair("classify", asked, PROSE.write("it sounds", draw, {"right": right}), label=right)


def _number(draw: Draw, world: World) -> Pair:
    fact = draw.choice([fact for fact in seen.facts(world, "plural") if fact.subject != fact.object])
    right = draw.choice(("singular", "plural"))
    word = fact.subject if right == "singular" else fact.object
    answer = capital(right) if draw.flag(0.5) else f"The word {word} is {right}"
    asked = PROSE.write("singular or plural", draw, {"word": word})
    return pair("classify", asked, answer + ".", entities=[fact.subject], label=right)


@cache
def _names(world: World, kind: str) -> tuple[str, ...]:
    table, column = CLASSES[kind]
    return seen.names(world, tuple(row[column] for row in world.table(table)))
