"""What is known of a thing beside its facts, and its facts the other way round: what a baker does, who bakes bread.

    User: How long is a year on Mars?
    Assistant: A year on Mars takes 687 days.
"""

from functools import cache

from data.synthetic.conversations import seen
from data.synthetic.conversations.pair import Pair, pair
from data.synthetic.draw import Draw
from data.synthetic.facts import World
from data.synthetic.grammar import Phrase, beside

PROSE = beside(__file__)
# table -> (weight, the column of names, the column of which another value makes a question to be answered by no)
TABLES = {
    "animals": (3, "name", "group"),
    "elements": (3, "name", "kind"),
    "planets": (1, "name", ""),
    "jobs": (3, "job", ""),
    "countries": (3, "name", "continent"),
}
AMBIGUOUS = ("{sound}", "{young}", "{use}", "{tool}", "{place}")  # asked the other way round where one thing fits alone


def write(draw: Draw, world: World) -> Pair:
    table = draw.choice(list(TABLES), [weight for weight, *_ in TABLES.values()])
    asked, answer, slots = draw.choice(_askable(world, table))
    slots = slots | _other(draw, world, table, slots)
    question = PROSE.write("frame", draw, {"question": asked.write(draw, slots)})
    return pair("traits", question, answer.write(draw, slots), entities=[slots["name"]], about=slots["name"])


@cache
def _askable(world: World, table: str) -> tuple[tuple[Phrase, Phrase, dict], ...]:
    """(question, answer, slots) of every thing that pairs may be about, if its cells are filled and tell it apart."""
    _, column, _ = TABLES[table]
    rows = [row | {"name": row[column]} for row in seen.rows(world, table, column)]
    found = []
    for row in rows:
        slots = {name: cell for name, cell in row.items() if cell and seen.mentionable(world, cell)}
        for line in PROSE[table]:
            asked, answer = _parted(line)
            needed = [part for part in AMBIGUOUS if part in asked.text and "{name}" not in asked.text]
            columns = [part.strip("{}") for part in needed]
            alone = all(sum(other[name] == row[name] for other in rows) == 1 for name in columns)
            if alone and _names(line.text) <= {*slots, "other"}:
                found.append((asked, answer, slots))
    return tuple(found)


@cache
def _parted(line: Phrase) -> tuple[Phrase, Phrase]:
    asked, _, answer = line.text.partition(" = ")
    return Phrase(asked, where=line.where), Phrase(answer, where=line.where)


@cache
def _names(text: str) -> frozenset[str]:
    """Slots of a line. Example: "Is {name} {an other}?" -> name, other."""
    return frozenset(part.split("}")[0].split()[-1].lower() for part in text.split("{")[1:])


def _other(draw: Draw, world: World, table: str, slots: dict) -> dict:
    column = TABLES[table][2]
    others = sorted({row[column] for row in world.table(table)} - {slots.get(column), ""}) if column else ()
    return {"other": draw.choice(others)} if others else {}
