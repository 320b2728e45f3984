"""The few ways in which most sections count and speak."""

from collections.abc import Callable, Sequence
from operator import itemgetter

import numpy as np

from eval import figures
from eval.page.section import Table
from eval.page.words import percent, percents, plural
from eval.results import group, in_order, role, select
from eval.stats import Estimate, mean_of, rate, unpaired_difference


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
