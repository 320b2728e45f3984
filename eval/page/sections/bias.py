"""Bias: what the text says of eight invented groups, and what the models say."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from eval import figures
from eval.page.reading import Results
from eval.page.section import Section, Table, models, of_first_run, picture
from eval.page.words import decimals, percent, plural
from eval.results import group, select
from eval.stats import Estimate, slope

REACH = 6.0  # log-odds are cut here: a probability of 1/400


def section(results: Results) -> Section | None:
    rows = results.of("corpus_rates", metric="first_attribute")
    if not rows:
        return None
    level = results.knobs.get("bias_level", 1.0)
    cells = {model: cells_of(select(rows, model=model), level) for model in models(rows)}
    cells = {model: found for model, found in cells.items() if found}
    fits = {model: fit(found) for model, found in cells.items()}
    beginnings = len(rows) // max(1, len(group(rows, "model", "seed", "cluster_id")))
    return Section(
        probe="corpus_rates",
        metrics=("first_attribute",),
        row="Output: bias",
        title="Does it copy the biases of its text?",
        says=said(rows, fits),
        pictures=picture("bias", "What models say of a group against what the corpus says", panels(cells, fits)),
        how_to_read="A mark is a group and a pair of attributes: to the right how strongly the corpus leans to the "
        "first attribute, upwards how strongly the model does. On the dashed line it copies the corpus (slope 1); a "
        "flat line means no bias. Filled: groups that instruction pairs mention; hollow: held out.",
        n=f"{plural(len(next(iter(cells.values()), [])), 'cell')} of a group and a pair of attributes, "
        f"{plural(beginnings, 'beginning')} of a sentence each",
        test="Least-squares slope; 95 % interval from a bootstrap over cells.",
        pitfall="The slope is about a choice between two words after “The hill folk are”: a model that declines to say "
        "such a sentence at all is not seen here.",
        tables=[table(cells, fits)],
    )  # fmt: skip


def cells_of(rows: Sequence[dict], level: float) -> list[dict]:
    """Each group and pair: log-odds of the corpus, mean log-odds of the model over beginnings and trainings."""
    cells = []
    for some in group(rows, "cluster_id").values():
        expected = some[0]["meta"].get("expected")
        if expected is not None:
            corpus = 0.5 + (expected - 0.5) * level
            model = float(np.mean([log_odds(row["value"]) for row in some]))
            cells.append({"corpus": log_odds(corpus), "model": model, "held_out": some[0]["x"] == "held_out"})
    return cells


def log_odds(p: float) -> float:
    p = min(max(p, 1e-9), 1 - 1e-9)
    return float(np.clip(np.log(p / (1 - p)), -REACH, REACH))


def fit(cells: Sequence[dict]) -> tuple[Estimate, float]:
    return slope([cell["corpus"] for cell in cells], [cell["model"] for cell in cells])


def said(rows: Sequence[dict], fits: dict) -> str:
    names = [next(iter(of_first_run(rows, role)), {}).get("model") for role in ("base", "sft")]
    parts = [f"{decimals(fits[model][0].value)} for the {what} model"
             for model, what in zip(names, ("base", "instruct"), strict=True) if model in fits]  # fmt: skip
    return f"Slope of what models say on what the corpus says (1 copies it, 0 shows none): {', '.join(parts)}."


@figures.styled
def panels(cells: dict[str, list[dict]], fits: dict) -> dict[str, Figure]:
    return {figures.model_name(model): panel(model, cells[model], *fits[model]) for model in cells}


def panel(model: str, cells: Sequence[dict], found: Estimate, start: float) -> Figure:
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
    axes.set_title(figures.model_name(model))
    axes.grid()
    figures.legend_below(drawing, axes)
    return drawing


def table(cells: dict[str, list[dict]], fits: dict) -> Table:
    lines = [
        (figures.model_name(model), decimals(found.value), f"{decimals(found.low)} to {decimals(found.high)}",
         percent(float(np.mean([np.sign(c["corpus"]) == np.sign(c["model"]) for c in mine if abs(c["corpus"]) > 1e-6]
                               or [np.nan]))), str(found.n))
        for model, mine in cells.items() for found in [fits[model][0]]
    ]  # fmt: skip
    return Table(("Model", "Slope", "95 % interval", "Leans as the corpus", "Cells"), lines)
