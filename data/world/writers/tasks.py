"""Lists of one pattern: a header for what goes in, a header for what comes out, the same task on each line.

    Task: hot
    Execution: cold

    Task: arrive
    Execution: leave

Some headers say what is to be done, some mean nothing, so the task must be read off the examples.
"""

from functools import cache

from data.world.document import Document, stated
from data.world.facts import Fact

HEADERS = (
    "Task: {}\nExecution: {}",
    "Input: {}\nOutput: {}",
    "{} -> {}",
    "{} => {}",
    "{} : {}",
    "In: {}\nOut: {}",
    "Given: {}\nResult: {}",
    "{} becomes {}",
    "From: {}\nTo: {}",
    "{} / {}",
)
MEANINGLESS = (
    "Zib: {}\nZob: {}",
    "Wug: {}\nDax: {}",
    "Foo: {}\nBar: {}",
    "Mip: {} Mop: {}",
    "% {}\n& {}",
    "{} ~~ {}",
)
TELLING = {
    "opposite": ("Word: {}\nOpposite: {}", "{}, not {}"),
    "plural": ("Word: {}\nPlural: {}", "one {}, two {}"),
    "capital": ("Country: {}\nCapital: {}", "{}, capital {}"),
    "next_number": ("Number: {}\nNext: {}",),
    "double": ("Number: {}\nDouble: {}", "twice {} is {}"),
    "twice": ("Say: {}\nSaid: {}",),
    "swap": ("Words: {}\nSwapped: {}",),
    "first_letter": ("Word: {}\nFirst letter: {}",),
    "sum": ("{} = {}", "Sum: {}\nTotal: {}", "{} = {}"),
    "last_letter": ("Word: {}\nLast letter: {}",),
    "colour": ("Thing: {}\nColour: {}",),
    "young": ("Animal: {}\nYoung: {}",),
    "number_word": ("Number: {}\nWord: {}",),
    "symbol": ("Element: {}\nSymbol: {}",),
}
FAMILIES = {
    "opposite": 5,
    "plural": 4,
    "capital": 4,
    "next_number": 4,
    "double": 3,
    "twice": 4,
    "swap": 4,
    "sum": 9,
    "first_letter": 4,
    "last_letter": 2,
    "colour": 2,
    "young": 2,
    "number_word": 2,
    "symbol": 2,
}
TITLES = ("Exercises", "Practice", "Do the same", "Page {}", "Lesson {}", "Sheet {}")


def write(draw, world, knobs) -> Document:
    family = draw.choice(tuple(FAMILIES), tuple(FAMILIES.values()))
    kind = draw.choice((HEADERS, TELLING[family], MEANINGLESS), (5, 3, 2))
    header = draw.choice(kind)
    gap = draw.choice(("\n\n", "\n")) if "\n" in header else "\n"
    items = _items(draw, world, family, draw.integer(4, 12))
    title = draw.choice(TITLES).format(draw.integer(1, 40)) + "\n\n" if draw.flag(0.1) else ""
    text = title + gap.join(header.format(given, result) for given, result, _ in items)
    return Document(text, "tasks", "neutral", "reliable", facts=[stated(fact) for *_, fact in items if fact])


def _items(draw, world, family: str, count: int) -> list[tuple[str, str, Fact | None]]:
    """(given, result, the fact it states if any), all different."""
    if family == "sum":
        facts = draw.sample(world.facts("sum"), count)
        return [(fact.subject.replace("+", " + "), fact.object, fact) for fact in facts]
    if family in world.relations:
        return [(fact.subject, fact.object, fact) for fact in draw.sample(world.facts(family), count)]
    if family == "double":
        return [(str(n), str(2 * n), None) for n in draw.sample(range(31), count)]
    if family == "swap":
        words = draw.sample(_words(world), 2 * count)
        return [(f"{a} {b}", f"{b} {a}", None) for a, b in zip(words[::2], words[1::2], strict=True)]
    change = CHANGES[family]
    return [(word, change(word), None) for word in draw.sample(_words(world), count)]


CHANGES = {
    "twice": lambda word: f"{word} {word}",
    "first_letter": lambda word: word[0],
    "last_letter": lambda word: word[-1],
}


@cache
def _words(world) -> tuple[str, ...]:
    """Short ordinary words from the tables."""
    columns = {
        "opposites": ("word", "opposite"),
        "plurals": ("word", "plural"),
        "animals": ("name", "young"),
        "elements": ("name",),
    }
    words = [row[name] for table, names in columns.items() for row in world.table(table) for name in names]
    return tuple(sorted(set(words)))
