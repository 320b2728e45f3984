"""Harm: does it refuse what it should, and only that?"""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import asked, by_combination, gap, models, of_first_run, rate_table, sentence, share
from eval.page.marks import draw_mark, legend_of, name_marks
from eval.page.reading import Results
from eval.page.section import Section, Table, picture
from eval.page.units import POINTS
from eval.page.words import percent
from eval.results import select
from eval.stats import rate

CATEGORIES = ("harmful", "harmless")
# dark for what was to be done with a harmful request; also told apart by the number on each part
OUTCOMES = {"refuse": "#CC79A7", "comply": "#0072B2", "irrelevant": "#BBBBBB"}
LABELS = {"refuse": "refused", "comply": "helped", "irrelevant": "beside the point"}


def section(results: Results) -> Section | None:
    rows = results.of("refusal", metric="refuses")
    if not rows:
        return None
    return Section(
        question="refusal",
        row="Output: harmful content and refusal",
        title="Does it refuse what it should, and only that?",
        says=sentence(
            "Of harmful requests the base model refuses {raw} as bare text and {urial} after model answers, one of "
            "which refuses; the instruct model {instruct}, and {wrongly} of harmless ones that sound alike.",
            raw=share(of_first_run(rows, "base", condition="raw", category="harmful")),
            urial=share(of_first_run(rows, "base", condition="urial", category="harmful")),
            instruct=share(of_first_run(rows, "sft", condition="chat", category="harmful")),
            wrongly=share(of_first_run(rows, "sft", condition="chat", category="harmless")),
        ),
        pictures=[
            *picture("refusal", "Refusals of harmful and of harmless requests", plane(rows)),
            *picture(
                "refusal-outcomes", "Refused, helped or missed", outcomes(rows), themed=False, columns=2
            ),
        ],
        how_to_read="The higher, the more harmful requests are refused, the further right, the more harmless ones; the "
        "star is where a model should be. Each mark is a model in a prompt form, with 95 % intervals; on the dotted "
        "line it refuses both alike, so that nothing was understood. In the second figure, what is neither refused nor "
        "helped with is beside the point.",
        n=asked(rows, "request"),
        test="Wilson intervals; J, the difference of the two rates, by a bootstrap over topics; McNemar's test.",
        pitfall="Not to comply is not to refuse: a base model mostly misses the point of a request. Help is counted "
        "generously, whether it would work or not.",
        tables=[
            distances(rows),
            rate_table([row | {"level": row["level"].replace("_", "-") + " topics"} for row in rows],
                       "category", "level",
                       of="Requests", what="Refused", caption="The numbers: known and held-out topics"),
            rate_table([row | {"level": row["meta"].get("category", "")} for row in select(rows, category="harmless")],
                       "level",
                       of="Harmless because", what="Refused", caption="The numbers: why a request is harmless"),
        ],
        shown="request",
    )  # fmt: skip


def distances(rows: Sequence[dict]) -> Table:
    """Youden's J of each model and prompt form, and what became of the requests."""
    lines = []
    for pair, mine in by_combination(rows):
        found = gap(mine, *CATEGORIES)
        lines.append(
            (
                figures.label(*pair),
                POINTS.difference(found.value) if np.isfinite(found.value) else "–",
                POINTS.between(found.low, found.high) if np.isfinite(found.low) else "",
                *(percent(part(select(mine, category=category), name)) for category in CATEGORIES for name in OUTCOMES),
                str(found.n),
            )
        )
    names = [f"{category}: {name}" for category in CATEGORIES for name in OUTCOMES]
    return Table(("Model and prompt", "J", "95 % interval", *names, "n"), lines, "The numbers: J and outcomes")


def part(rows: Sequence[dict], outcome: str) -> float | None:
    return float(np.mean([row["meta"].get("outcome") == outcome for row in rows])) if rows else None


def plane(rows: Sequence[dict]) -> Figure:
    """Refusals of harmful requests against those of harmless ones."""
    drawing, axes = figures.panel(4.2, 4.4)
    axes.plot([0, 1], [0, 1], color=figures.INK, linestyle=":", linewidth=1, alpha=0.6)
    axes.plot(0, 1, "*", color=figures.INK, markersize=15, alpha=0.6, clip_on=False)
    axes.annotate("as it should be", (0, 1), (9, -3), textcoords="offset points", fontsize=8.5)
    points = []
    for (model, form), mine in by_combination(rows):
        x, y = (rate(select(mine, category=category)) for category in reversed(CATEGORIES))
        if not np.isfinite([x.value, y.value]).all():
            continue
        paint = figures.colour(model)
        axes.plot([x.low, x.high], [y.value] * 2, color=paint, linewidth=1, alpha=0.5)
        axes.plot([x.value] * 2, [y.low, y.high], color=paint, linewidth=1, alpha=0.5)
        draw_mark(axes, x.value, y.value, model, form)
        points.append((x.value, y.value, form))
    name_marks(axes, points)
    axes.set(xlabel="harmless requests refused", ylabel="harmful requests refused")
    figures.percent_axis(axes.xaxis, 3)
    figures.percent_axis(axes.yaxis, 3)
    legend_of(drawing, axes, models(rows))
    return drawing


def outcomes(rows: Sequence[dict]) -> dict[str, Figure]:
    """What became of the requests, a bar for each model and prompt form; a panel for each kind of request."""
    return {
        f"{category} requests": bars(category, some)
        for category in CATEGORIES
        if (some := select(rows, category=category))
    }


def bars(category: str, rows: Sequence[dict]) -> Figure:
    cells = by_combination(rows)
    drawing, axes = figures.panel(0.9 + 0.3 * len(cells), figures.width_for(pair for pair, _ in cells))
    for y, (_, mine) in enumerate(cells):
        left = 0.0
        for name, paint in OUTCOMES.items():
            size = part(mine, name) or 0.0
            axes.barh(y, size, left=left, height=0.72, color=paint, edgecolor="white", linewidth=0.8,
                      label=LABELS[name])  # fmt: skip
            if size >= 0.14:
                ink = "white" if name == "comply" else "#1d1d1f"
                axes.text(left + size / 2, y, percent(size), ha="center", va="center", fontsize=8.5, color=ink)
            left += size
    axes.set_yticks(range(len(cells)), [figures.label(*pair) for pair, _ in cells])
    axes.set(xlim=(0, 1), ylim=(len(cells) - 0.5, -0.5), xticks=[])
    axes.set_title(f"{category} requests")
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    figures.legend_below(drawing, axes, ncols=3)
    return drawing
