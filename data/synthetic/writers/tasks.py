"""Lists of one pattern: a header for what goes in, a header for what comes out, the same task on each line.

    Task: hot
    Execution: cold

    Task: arrive
    Execution: leave

Some headers say what is to be done, some are invented for one list, so form and task must be read off the examples.
A fifth of the operands of every task occur in no list (`set_aside`), so a measurement can ask for them.
"""

from functools import cache

from data.synthetic.document import Document, stated
from data.synthetic.facts import LARGEST_NUMBER, Fact, World, share
from data.synthetic.invented import word, words

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
# two invented words name what goes in and what comes out; so many that no pair of them can be known by heart
HEADERS_INVENTED = (
    "{0}: {{}}\n{1}: {{}}",
    "{0}: {{}} {1}: {{}}",
    "{0} {{}}\n{1} {{}}",
    "{0} {{}} {1} {{}}",
    "({0}) {{}} ({1}) {{}}",
)
INVENTED_WEIGHTS = (6, 2, 1, 1, 1)
SIGNS = ("% {}\n& {}", "{} ~~ {}", "# {}\n* {}", "{} >> {}", "<{}> {}", "{} ; {}")
TELLING = {
    "opposite": ("Word: {}\nOpposite: {}", "{}, not {}"),
    "plural": ("Word: {}\nPlural: {}", "one {}, two {}"),
    "capital": ("Country: {}\nCapital: {}", "{}, capital {}"),
    "continent": ("Country: {}\nContinent: {}", "{} in {}"),
    "people": ("Country: {}\nPeople: {}",),
    "next_number": ("Number: {}\nNext: {}", "after {} comes {}"),
    "double": ("Number: {}\nDouble: {}", "twice {} is {}"),
    "twice": ("Say: {}\nSaid: {}", "{}! {}!"),
    "swap": ("Words: {}\nSwapped: {}",),
    "first_word": ("Words: {}\nFirst: {}",),
    "last_word": ("Words: {}\nLast: {}",),
    "first_letter": ("Word: {}\nFirst letter: {}", "{} begins with {}"),
    "last_letter": ("Word: {}\nLast letter: {}", "{} ends with {}"),
    "sum": ("{} = {}", "Sum: {}\nTotal: {}", "{} = {}", "{} is {}"),
    "colour": ("Thing: {}\nColour: {}", "{}: always {}"),
    "young": ("Animal: {}\nYoung: {}", "mother {}, child {}"),
    "sound": ("Animal: {}\nSound: {}", "the {} says {}"),
    "number_word": ("Number: {}\nWord: {}",),
    "symbol": ("Element: {}\nSymbol: {}",),
}
FAMILIES = {
    "opposite": 12,
    "plural": 4,
    "capital": 4,
    "continent": 2,
    "people": 2,
    "next_number": 6,
    "double": 6,
    "twice": 5,
    "swap": 3,
    "first_word": 2,
    "last_word": 3,
    "first_letter": 3,
    "last_letter": 2,
    "sum": 7,
    "colour": 3,
    "young": 3,
    "sound": 2,
    "number_word": 3,
    "symbol": 3,
}
TITLES = ("Exercises", "Practice", "Do the same", "Page {}", "Lesson {}", "Sheet {}")
COPYING = ("twice", "swap", "first_word", "last_word")  # half of these lists are made of invented words
SEEN, ASIDE, INVENTED = "seen", "set aside", "invented"  # kinds of operands
SET_ASIDE = 0.2  # of the operands of each task


def write(draw, world, config) -> Document:
    family = draw.choice(tuple(FAMILIES), tuple(FAMILIES.values()))
    header = _header(draw, family)
    gap = draw.choice(("\n\n", "\n")) if "\n" in header else "\n"
    kind = INVENTED if family in COPYING and draw.flag(0.5) else SEEN
    items = draw_items(draw, world, family, draw.integer(5, 14), kind)
    title = draw.choice(TITLES).format(draw.integer(1, 40)) + "\n\n" if draw.flag(0.1) else ""
    text = title + gap.join(header.format(given, result) for given, result, _ in items)
    return Document(text, "tasks", "neutral", "reliable", facts=[stated(fact) for *_, fact in items if fact])


def _header(draw, family: str) -> str:
    """One layout for given and result, with two places to fill."""
    kind = draw.choice(("known", "telling", "signs", "invented"), (8, 4, 2, 11))
    if kind == "invented":
        return draw.choice(HEADERS_INVENTED, INVENTED_WEIGHTS).format(word(draw), word(draw))
    return draw.choice({"known": HEADERS, "telling": TELLING[family], "signs": SIGNS}[kind])


def draw_items(draw, world: World, family: str, count: int, kind: str = SEEN) -> list[tuple[str, str, Fact | None]]:
    """(given, result, the fact it states if any), all different. kind: SEEN, ASIDE, or for copying tasks INVENTED."""
    if family in WORD_PAIRS:
        drawn, change = _draw_words(draw, world, 2 * count, kind), WORD_PAIRS[family]
        return [(f"{a} {b}", change(a, b), None) for a, b in zip(drawn[::2], drawn[1::2], strict=True)]
    if kind == INVENTED:
        return [(one, CHANGES[family](one), None) for one in words(draw, count)]
    pool = operands(world, family, kind == ASIDE)
    return draw.sample(pool, min(count, len(pool)))


def _draw_words(draw, world: World, count: int, kind: str) -> list[str]:
    return words(draw, count) if kind == INVENTED else draw.sample(_words(world, kind == ASIDE), count)


@cache
def operands(world: World, family: str, aside: bool) -> tuple[tuple[str, str, Fact | None], ...]:
    """Everything that a task is done with: (given, result, fact)."""
    if family == "sum":
        facts = world.unseen_sums if aside else world.facts("sum")
        return tuple((fact.subject.replace("+", " + "), fact.object, fact) for fact in facts)
    if family == "double":
        items = [(str(n), str(2 * n), None) for n in range(LARGEST_NUMBER + 1)]
    elif family in CHANGES:
        return tuple((word, CHANGES[family](word), None) for word in _words(world, aside))
    else:
        items = [(fact.subject, fact.object, fact) for fact in world.facts(family)]
    return tuple(item for item in items if set_aside(family, item[0]) == aside)


def set_aside(family: str, given: str) -> bool:
    return share(f"task/{family}/{given}") < SET_ASIDE


CHANGES = {
    "twice": lambda word: f"{word} {word}",
    "first_letter": lambda word: word[0],
    "last_letter": lambda word: word[-1],
}
WORD_PAIRS = {
    "swap": lambda a, b: f"{b} {a}",
    "first_word": lambda a, b: a,
    "last_word": lambda a, b: b,
}


@cache
def _words(world: World, aside: bool) -> tuple[str, ...]:
    """Short ordinary words from the tables."""
    columns = {
        "opposites": ("word", "opposite"),
        "plurals": ("word", "plural"),
        "animals": ("name", "young"),
        "elements": ("name",),
    }
    words = {row[name] for table, names in columns.items() for row in world.table(table) for name in names}
    return tuple(word for word in sorted(words) if " " not in word and set_aside("words", word) == aside)
