"""Pages of sums: drills, tables and sums that are worked out in steps.

    7 + 1 = 8
    7 + 2 = 9
    7 + 3 = 10

    8 + 7 = 8 + 2 + 5 = 10 + 5 = 15

A tenth of the sums stand on no page (World.unseen_sums).
"""

from functools import cache

from data.synthetic.document import Document, stated
from data.synthetic.facts import LARGEST_OPERAND, Fact, World, is_unseen_sum

LINES = (
    "{left} + {right} = {total}",
    "{left}+{right}={total}",
    "{left} plus {right} is {total}",
    "{left}+{right} = {total}",
)
WEIGHTS = (6, 1, 1, 4)
TITLES = ("Sums", "Adding", "Sums for today", "Arithmetic", "Exercise {number}", "Adding {number}")


def write(draw, world, config) -> Document:
    kind = draw.choice(("drill", "table", "worked", "neighbours"), (7, 1, 2, 2))
    facts = PAGES[kind](draw, world)
    line = draw.choice(LINES, WEIGHTS)
    if kind == "worked":
        text = "\n".join(_worked(fact) for fact in facts)
    else:
        text = draw.choice(("\n", "\n", ", ")).join(line.format(**_slots(fact)) for fact in facts)
    title = draw.choice(TITLES).format(number=draw.integer(1, 20)) + "\n\n" if draw.flag(0.3) else ""
    return Document(title + text, "sums", "neutral", "reliable", facts=[stated(fact) for fact in facts])


def _drill(draw, world: World) -> list[Fact]:
    return draw.sample(world.facts("sum"), draw.integer(8, 24))


def _table(draw, world: World) -> list[Fact]:
    """One number plus each of the others in turn."""
    number = draw.integer(0, LARGEST_OPERAND)
    rows = _rows(world)[number]
    return rows if draw.flag(0.5) else rows[: len(rows) // 2]


def _neighbours(draw, world: World) -> list[Fact]:
    """The same sum the other way round, one after the other."""
    pairs = [
        (fact, world.fact("sum", "+".join(reversed(fact.subject.split("+")))))
        for fact in draw.sample(world.facts("sum"), draw.integer(4, 10))
    ]
    return [fact for pair in pairs for fact in dict.fromkeys(pair)]


def _carried(draw, world: World) -> list[Fact]:
    return draw.sample(_carrying(world), draw.integer(4, 9))


PAGES = {"drill": _drill, "table": _table, "worked": _carried, "neighbours": _neighbours}


def _worked(fact: Fact) -> str:
    """Over the next ten in two steps."""
    left, right = map(int, fact.subject.split("+"))
    first = 10 - left % 10
    return f"{left} + {right} = {left} + {first} + {right - first} = {left + first} + {right - first} = {fact.object}"


def _slots(fact: Fact) -> dict:
    left, right = fact.subject.split("+")
    return {"left": left, "right": right, "total": fact.object}


@cache
def _rows(world: World) -> dict[int, list[Fact]]:
    rows = {number: [] for number in range(LARGEST_OPERAND + 1)}
    for fact in world.facts("sum"):
        rows[int(fact.subject.split("+")[0])].append(fact)
    return rows


@cache
def _carrying(world: World) -> tuple[Fact, ...]:
    """Sums that cross a ten, but not by way of one that no page may contain."""
    return tuple(fact for fact in world.facts("sum") if _crosses(*map(int, fact.subject.split("+"))))


def _crosses(left: int, right: int) -> bool:
    """Example: 8 + 7 goes by 8 + 2 and 10 + 5."""
    first = 10 - left % 10
    ways = (f"{left}+{first}", f"{left + first}+{right - first}")
    return left % 10 > 0 and first < right and not any(map(is_unseen_sum, ways))
