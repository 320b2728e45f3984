"""When does what appear? Probes put to the checkpoints that pretraining kept."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import asked, of_first_run
from eval.page.reading import Results
from eval.page.section import Section, Table, picture
from eval.page.units import INDEX, RATE, Unit
from eval.page.words import plural
from eval.results import group, select
from eval.stats import Estimate, paired_difference

SKILLS = {
    "facts": "facts: the object after “The capital of X is”",
    "pattern": "pattern: the result after four examples of a task",
    "copying": "copying: a word said twice, after four examples",
    "author": "author: wrong answers after wrong ones (index)",
}
UNITS = {"facts": RATE, "pattern": RATE, "copying": RATE, "author": INDEX}
LOOKS = {"facts": ("o", "-"), "pattern": ("s", "--"), "copying": ("^", ":"), "author": ("D", "-.")}


def section(results: Results) -> Section | None:
    rows = [row | {"tokens": int(row["level"])} for row in results.of("learning") if row["level"].isdigit()]
    if not rows:
        return None
    found = curves(rows)
    return Section(
        question="learning",
        row="Training objective",
        title="When does what appear in pretraining?",
        says=said(found),
        pictures=picture("learning", "Probes against the tokens read", drawn(found)),
        how_to_read="To the right: more text read, on a logarithmic axis; the last point is the base model. Each line "
        "is something that next-token prediction brings about by itself; thin strokes are 95 % intervals, left out at "
        "zero.",
        n=f"{asked(rows, 'item')}, {plural(len({row['tokens'] for row in rows}), 'checkpoint')}",
        test="Bootstrap over facts, lists and question sheets.",
        pitfall="An exact answer is all or nothing and makes slow progress look like a jump: the loss of the same "
        "text falls from the first step on. The learning rate falls towards the end of training, which helps the last "
        "points most.",
        tables=[table(found)],
    )


def curves(rows: Sequence[dict]) -> dict[str, dict[int, Estimate]]:
    """Mean and interval of each skill after so many tokens, for the base of the run that comes first."""
    mine = of_first_run(rows, "base") or list(rows)
    of_skill = {skill: some for skill in SKILLS if (some := select(mine, metric=skill))}
    return {skill: {tokens: estimate(at) for (tokens,), at in sorted(group(some, "tokens").items())}
            for skill, some in of_skill.items()}  # fmt: skip


def estimate(rows: Sequence[dict]) -> Estimate:
    values, clusters = [row["value"] for row in rows], [row["cluster_id"] or row["item_id"] for row in rows]
    return paired_difference(values, [0.0] * len(values), clusters, resamples=1000)


def said(found: dict[str, dict[int, Estimate]]) -> str:
    """From which checkpoint on each is clearly there: its interval lies above zero, and so do all later ones."""
    first = {}
    for skill, curve in found.items():
        clear = [tokens for tokens in curve if all(one.low > 0 for later, one in curve.items() if later >= tokens)]
        if clear:
            first[skill] = min(clear), curve[max(curve)].value
    parts = [f"{skill} from {millions(tokens)} tokens on ({UNITS[skill].level(final)} in the end)"
             for skill, (tokens, final) in sorted(first.items(), key=lambda item: item[1][0])]  # fmt: skip
    return f"Clearly above zero: {', '.join(parts)}." if parts else ""


def millions(tokens: int) -> str:
    return f"{tokens / 1e6:.1f} million" if tokens >= 1e5 else f"{tokens / 1e3:.0f} thousand"


def drawn(found: dict[str, dict[int, Estimate]]) -> Figure:
    drawing, axes = figures.rate_curve_panel("", "share, or index", "tokens read", 4.0)
    drawing.set_figwidth(figures.WIDE)
    for skill, curve in found.items():
        marker, line = LOOKS[skill]
        xs, values = list(curve), [one.value for one in curve.values()]
        for x, one in curve.items():
            if one.value != 0:  # where all is wrong there is no spread to see
                axes.plot([x, x], [one.low, one.high], color=figures.colour("base"), linewidth=1, alpha=0.45)
        axes.plot(xs, values, marker=marker, linestyle=line, color=figures.colour("base"), linewidth=1.6,
                  markersize=5, label=SKILLS[skill])  # fmt: skip
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda tokens, _: short(tokens))
    figures.legend_below(drawing, axes, 1)
    return drawing


def short(tokens: float) -> str:
    """Example: short(10_000) == "10 k"."""
    return f"{tokens / 1e6:.0f} M" if tokens >= 1e6 else f"{tokens / 1e3:.0f} k"


def table(found: dict[str, dict[int, Estimate]]) -> Table:
    steps = sorted({tokens for curve in found.values() for tokens in curve})
    lines = [
        (millions(tokens), *(cell(curve.get(tokens), UNITS[skill]) for skill, curve in found.items()))
        for tokens in steps
    ]  # fmt: skip
    return Table(("Tokens read", *found), lines)


def cell(one: Estimate | None, unit: Unit) -> str:
    """Example: "21 % (13 % to 29 %)"; where all is wrong there is no spread to see."""
    if one is None:
        return "–"
    return f"{unit.level(one.value)} ({unit.range(one.low, one.high)})" if one.value else "0"
