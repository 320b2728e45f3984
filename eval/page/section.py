"""What a section of the page consists of, and the few ways in which most sections count and speak.

A section is one question asked of the models. `section(results)` in the show.py of a question returns

    Section(question="stopping", row="Pattern completer", title="Does it stop by itself?", says="The base ...",
            pictures=[Picture("stopping", [figure], "...")], how_to_read="...", n="...", test="...",
            pitfall="...", tables=[Table(("Model", "Rate"), [("base", "2 %")])])

or None where its rows were not measured.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter

import numpy as np
from matplotlib.figure import Figure

from eval import figures
from eval.page.words import percent, percents, plural
from eval.results import group, in_order, role, select
from eval.stats import Estimate, mean_of, rate, unpaired_difference

SENTENCE = re.compile(r"(?<=[.?!]) (?=[A-Z“])")  # between two of them


@dataclass(frozen=True)
class Table:
    header: Sequence[str]
    lines: Sequence[Sequence[str]]
    caption: str = "The numbers"


@dataclass(frozen=True)
class Picture:
    name: str  # of the PNG file, and of the section that it opens
    panels: Sequence[Figure | figures.Drawing]  # figures as a section makes them, drawings as the page takes them
    alt: str  # what it shows, for those who cannot see it
    titles: Sequence[str] = ()  # of the panels; for the same readers
    themed: bool = True  # False: numbers stand on the colours, which must then not change with the page
    caption: str = ""
    columns: int = 3  # panels beside each other on a wide page
    front: int = 2  # panels that are seen at once, where it is the first picture of a section; the others are folded

    def names(self) -> list[str]:
        """The first panel has the name of the picture."""
        return [self.name] + [f"{self.name}-{place}" for place in range(2, len(self.panels) + 1)]

    def alts(self) -> list[str]:
        return [": ".join(filter(None, (self.alt, title))) for title in self.titles or [""] * len(self.panels)]

    def drawn(self) -> "Picture":
        """The same with drawings for figures."""
        named = zip(self.panels, self.alts(), strict=True)
        return replace(self, panels=[figures.drawing(panel, alt, self.themed) for panel, alt in named])


@dataclass(frozen=True, kw_only=True)
class Section:
    question: str  # the question whose claims it bears on
    title: str  # a question
    metrics: Sequence[str] = ()  # only claims on these metrics of the question; all, if none is named
    says: str  # what came out, in one sentence made from the numbers
    pictures: Sequence[Picture]
    how_to_read: str
    n: str
    test: str
    pitfall: str
    row: str = ""  # row of the comparison of base and instruct models that it belongs to
    tables: Sequence[Table] = ()
    shown: str = ""  # group of transcripts to show beside the figure
    claims: Sequence[dict] = field(default=())

    @property
    def anchor(self) -> str:
        return f"question-{self.pictures[0].name}"

    @property
    def in_short(self) -> str:
        """How to read it, in one sentence: the first."""
        return SENTENCE.split(self.how_to_read, maxsplit=1)[0]

    @property
    def further(self) -> str:
        """How to read it: what the first sentence leaves out."""
        return " ".join(SENTENCE.split(self.how_to_read, maxsplit=1)[1:])

    @property
    def folded(self) -> str:
        """What is not seen at once. Example: "how it was measured, 2 figures more, 1 table"."""
        first, *others = self.pictures
        more = len(first.panels[first.front :]) + sum(len(one.panels) for one in others)
        parts = (more and f"{plural(more, 'figure')} more", self.tables and plural(len(self.tables), "table"))
        return ", ".join(filter(None, ["how it was measured", *parts]))


def picture(name: str, alt: str, panels: dict[str, Figure] | Figure | None, **options) -> list[Picture]:
    """A picture of one figure, or of a few by title; an empty list where nothing was drawn."""
    if isinstance(panels, Figure):
        return [Picture(name, [panels], alt, **options)]
    return [Picture(name, list(panels.values()), alt, list(panels), **options)] if panels else []


def tables(header: Sequence[str], lines: Sequence[Sequence[str]], caption: str = "The numbers") -> list[Table]:
    """A table; an empty list where it has no lines."""
    return [Table(header, lines, caption)] if lines else []


# --- counting


def asked(rows: Sequence[dict], what: str = "prompt", column: str = "item_id") -> str:
    """Example: "300 prompts, 1 training of each model"."""
    count = len({(row["category"] if column == "item_id" else "", row[column]) for row in rows})
    return f"{plural(count, what)}, {plural(len({row['seed'] for row in rows}), 'training')} of each model"


def rate_cells(found: Estimate) -> tuple[str, str, str]:
    """What a table says of a rate: itself, its interval, n."""
    return percent(found.value), percents(found), str(found.n)


def rate_table(
    rows: Sequence[dict], *columns: str, of: str = "", what: str = "Rate", caption: str = "The numbers"
) -> Table:
    """Rate, interval and n of each model and prompt form, for each value of the columns."""
    lines = [
        (" · ".join(filter(None, key)).replace("_", " "), figures.label(*pair), *rate_cells(rate(some)))
        for pair, mine in by_combination(rows) for key, some in group(mine, *columns).items()
    ]  # fmt: skip
    header = (of, "Model and prompt", what, "95 % interval", "n")
    if not any(line[0] for line in lines):
        header, lines = header[1:], [line[1:] for line in lines]
    return Table(header, sorted(lines, key=lambda line: line[0]) if len(header) == 5 else lines, caption)


def by_combination(rows: Sequence[dict]) -> list[tuple[tuple[str, str], list[dict]]]:
    """((model, prompt form), its rows), in the order in which figures show them."""
    found = group(rows, "model", "condition")
    return [(pair, found[pair]) for pair in figures.combinations(rows)]


def useful(rows: Sequence[dict], column: str) -> str:
    """A column that divides the rows; "" where all rows have the same value."""
    return column if column and len({row[column] for row in rows}) > 1 else ""


def runs(rows: Sequence[dict]) -> dict[str, list[dict]]:
    """Rows by run; one run has no name. Example: "spaced/sft" belongs to "spaced"."""
    found: dict[str, list[dict]] = {}
    for row in rows:
        found.setdefault(row["model"].rpartition("/")[0], []).append(row)
    return found


def models(rows: Sequence[dict]) -> list[str]:
    return in_order(sorted({row["model"] for row in rows}))


def of_first_run(rows: Sequence[dict], model: str, **wanted) -> list[dict]:
    """The rows of one model ("base", "sft") of the run that comes first, for the sentence of a section."""
    mine = next(iter(runs(rows).values()), [])
    return select([row for row in mine if role(row["model"]) == model], **wanted)


def gap(rows: Sequence[dict], high: str, low: str) -> Estimate:
    """Mean of category `high` minus mean of category `low`; clusters may hold items of both categories.

    Youden's J where the categories are what should and what should not be refused. Source: Youden 1950, Cancer 3.
    """
    both = [select(rows, category=category) for category in (high, low)]
    values = ([row["value"] for row in some] for some in both)
    return unpaired_difference(*values, *([row["cluster_id"] or row["item_id"] for row in some] for some in both))


def share(rows: Sequence[dict]) -> float | None:
    return rate(rows).value if rows else None


def average(rows: Sequence, of: Callable = itemgetter("value")) -> float | None:
    """Mean of the values of some rows, or of what `of` takes from each; None of none."""
    return float(np.mean([of(row) for row in rows])) if rows else None


def mean(rows: Sequence[dict], values: Sequence[float] | None = None) -> Estimate:
    """Mean with the interval of a bootstrap over subjects."""
    return mean_of([row["value"] for row in rows] if values is None else values, [row["cluster_id"] for row in rows])


def sentence(template: str, **values: float | str | None) -> str:
    """The template filled, rates as percentages; nothing where a value is missing.

    Example: sentence("It ends by itself in {base} of cases.", base=0.02)
    """
    if any(value is None for value in values.values()):
        return ""
    return template.format(**{k: v if isinstance(v, str) else percent(v) for k, v in values.items()})


OVER_TRAININGS = "three trainings or more: a t-interval over trainings where that is wider"
WHICH_MARK = "Circles are the base model, squares the instruct model, diamonds its LoRA form"
RATE_FIGURE = (
    "Each mark is a rate with its 95 % interval over what was asked, faint strokes are single trainings. "
    f"{WHICH_MARK}; hollow with a dotted line: raw text, filled: the chat form."
)
