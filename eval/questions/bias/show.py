"""Bias: what the text says of eight invented groups, and what the models say."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import average, by_combination, mean, of_first_run, sentence
from eval.page.reading import Results
from eval.page.section import Section, Table, picture
from eval.page.words import decimals, percent, percents, plural
from eval.results import group, role, select
from eval.stats import Estimate, slope

MADE_FOR = (("base", "raw"), ("sft", "chat"))
REACH = 6.0  # log-odds are cut here: a probability of 1/400


def section(results: Results) -> Section | None:
    rows = results.of("bias", metric="first_attribute")
    leans, sides = results.of("bias", metric="leans"), results.of("bias", metric="takes_a_side")
    if not rows:
        return None
    level = results.config.get("bias_level", 1.0)
    cells = {pair: cells_of(mine, level) for pair, mine in by_combination(rows)}
    cells = {pair: found for pair, found in cells.items() if found}
    fits = {pair: fit(found) for pair, found in cells.items()}
    return Section(
        question="bias",
        row="Output: bias",
        title="Does it copy the biases of its text?",
        says=" ".join(filter(None, (said(leans, sides), slopes_said(fits)))),
        pictures=picture("bias", "What models say of a group against what the corpus says", panels(cells, fits)),
        how_to_read="On the dashed line a model copies what the corpus says of the groups (slope 1); a flat line "
        "means that it does not tell them apart. A mark is a group and a pair of attributes: to the right how "
        "strongly the corpus leans to the first attribute, upwards how strongly the model does. Filled: groups that "
        "instruction pairs mention; hollow: held out.",
        n=f"{plural(len(next(iter(cells.values()), [])), 'cell')} of a group and a pair of attributes, six beginnings "
        "of a sentence or six questions each",
        test="Least-squares slope with a bootstrap over cells; cluster bootstrap over groups for how much it leans.",
        pitfall="In every pair the corpus favours the same word of all groups, more or less strongly: a model that "
        "mixes up the groups leans as well, and only the slope tells whether it knows them apart. Whoever declines to "
        "choose between the two words is seen in the last table alone.",
        tables=[table(cells, fits), *([leaning(leans)] if leans else []), *([outcomes(sides)] if sides else [])],
        shown="opinion of a group",
    )  # fmt: skip


def said(leans: Sequence[dict], sides: Sequence[dict]) -> str:
    return sentence(
        "Where the corpus favours one of two words, so does the base model with {base}, the instruct model in chat "
        "with {chat}; asked to choose, they take a side in {base_side} and {chat_side} of cases.",
        base=average(of_first_run(leans, "base", condition="raw")),
        chat=average(of_first_run(leans, "sft", condition="chat")),
        base_side=average(of_first_run(sides, "base")),
        chat_side=average(of_first_run(sides, "sft")),
    )


def slopes_said(fits: dict) -> str:
    """Of the models in the forms they were made for; the others stand in the table."""
    parts = [f"{decimals(found.value)} ({figures.label(*pair)})" for pair, (found, _) in fits.items() if is_main(pair)]
    told = f"Slope of what models say on what the corpus says (1 copies it, 0 shows none): {', '.join(parts)}."
    return told if parts else ""


def is_main(pair: tuple[str, str]) -> bool:
    return (role(pair[0]), pair[1]) in MADE_FOR


def cells_of(rows: Sequence[dict], level: float) -> list[dict]:
    """Each group and pair: log-odds of the corpus, mean log-odds of the model over beginnings and trainings."""
    cells = []
    for some in group(rows, "cluster_id", "category").values():
        expected = some[0]["meta"].get("expected")
        if expected is not None:
            corpus = 0.5 + (expected - 0.5) * level
            model = float(np.mean([log_odds(row["value"]) for row in some]))
            cells.append({"corpus": log_odds(corpus), "model": model, "held_out": some[0]["level"] == "held_out"})
    return cells


def log_odds(p: float) -> float:
    p = min(max(p, 1e-9), 1 - 1e-9)
    return float(np.clip(np.log(p / (1 - p)), -REACH, REACH))


def fit(cells: Sequence[dict]) -> tuple[Estimate, float]:
    return slope([cell["corpus"] for cell in cells], [cell["model"] for cell in cells])


def panels(cells: dict[tuple, list[dict]], fits: dict) -> dict[str, Figure]:
    """Models in the forms they were made for come first."""
    order = sorted(cells, key=lambda pair: not is_main(pair))
    return {figures.label(*pair): panel(*pair, cells[pair], *fits[pair]) for pair in order}


def panel(model: str, form: str, cells: Sequence[dict], found: Estimate, start: float) -> Figure:
    drawing, axes = figures.panel(3.5)
    paint = figures.colour(model)
    ends = np.array([min(cell["corpus"] for cell in cells) - 0.2, max(cell["corpus"] for cell in cells) + 0.2])
    figures.reference_line(axes, ends, ends, solid=False, label="as the corpus")
    for held_out in (False, True):
        some = [cell for cell in cells if cell["held_out"] == held_out]
        if some:
            axes.plot([c["corpus"] for c in some], [c["model"] for c in some], figures.marker(model), color=paint,
                      markerfacecolor="none" if held_out else paint, markersize=5, alpha=0.8,
                      label="held out" if held_out else "in pairs")  # fmt: skip
    if np.isfinite(found.value):
        axes.plot(ends, start + found.value * ends, color=paint, linewidth=2, label=f"slope {decimals(found.value)}")
    axes.set(xlabel="corpus (log-odds)", ylabel="model (log-odds)")
    axes.set_title(figures.label(model, form))
    axes.grid()
    figures.legend_below(drawing, axes)
    return drawing


def table(cells: dict[tuple, list[dict]], fits: dict) -> Table:
    lines = [
        (figures.label(*pair), decimals(found.value), f"{decimals(found.low)} to {decimals(found.high)}",
         percent(float(np.mean([np.sign(c["corpus"]) == np.sign(c["model"]) for c in mine if abs(c["corpus"]) > 1e-6]
                               or [np.nan]))), str(found.n))
        for pair, mine in cells.items() for found in [fits[pair][0]]
    ]  # fmt: skip
    return Table(("Model and prompt", "Slope", "95 % interval", "Leans as the corpus", "Cells"), lines)


def leaning(rows: Sequence[dict]) -> Table:
    """P(the attribute that the corpus favours), beside how often the corpus says it."""
    lines = []
    for pair, mine in by_combination(rows):
        found = mean(mine)
        corpus = float(np.mean([row["meta"].get("expected", np.nan) for row in mine]))
        lines.append((figures.label(*pair), percent(found.value), percents(found), percent(corpus), str(found.n)))
    header = ("Model and prompt", "Leans", "95 % interval", "The corpus", "n")
    return Table(header, lines, "The numbers: the word that the corpus favours")


SIDES = ("one", "both", "neither")


def outcomes(rows: Sequence[dict]) -> Table:
    lines = [
        (figures.label(*pair), *(percent(len(select(mine, category=kind)) / len(mine)) for kind in SIDES),
         str(len(mine)))
        for pair, mine in by_combination(rows)
    ]  # fmt: skip
    header = ("Model and prompt", "Says one", "Both, or takes no side", "Names neither", "n")
    return Table(header, lines, "The numbers: asked whether the folk are the one or the other")
