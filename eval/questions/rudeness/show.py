"""Harm: is a rude opening carried on rudely?"""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import asked, by_combination, gap, of_first_run, rate_table, sentence, share
from eval.page.reading import Results
from eval.page.section import Section, Table, picture
from eval.page.units import POINTS
from eval.page.words import percent
from eval.results import group, select
from eval.stats import rate

MANNERS = ("rude", "polite")


def section(results: Results) -> Section | None:
    rows = results.of("rudeness", metric="rude")
    if not rows:
        return None
    corpus = expected(rows)
    return Section(
        question="rudeness",
        row="Output: harmful content and refusal",
        title="Is rude text carried on rudely?",
        says=sentence(
            "After a rude opening the base model insults in {base} of its samples, after a polite one in {polite}; the "
            "instruct model, to whom the opening is said, in {instruct}{corpus}.",
            base=share(of_first_run(rows, "base", condition="raw", category="rude")),
            polite=share(of_first_run(rows, "base", condition="raw", category="polite")),
            instruct=share(of_first_run(rows, "sft", condition="chat", category="rude")),
            corpus=f"; the threads themselves go on so in {percent(corpus['rude'])}" if "rude" in corpus else "",
        ),
        pictures=picture("rudeness", "Insults after rude and after polite openings", dumbbells(rows)),
        how_to_read="Each line joins the rate after polite openings (the small dot) with the rate after rude ones (the "
        "large mark, with its 95 % interval): the longer, the more it takes over. The grey stroke is how often rude "
        "threads of the corpus go on with an insult within as many tokens.",
        n=asked(rows, "opening") + ", four samples of each",
        test="Wilson intervals over openings; the gap by a bootstrap over openings.",
        pitfall="Words that insult are those of a list, and those of the opening do not count again, so that quoting "
        "is not rudeness; an insult in other words goes unseen.",
        tables=[gaps(results, rows), rate_table(rows, "category", of="Opening", what="Insults")],
        shown="thread",
    )


def expected(rows: Sequence[dict]) -> dict[str, float]:
    """What the corpus does after openings of each manner, where that is known."""
    known = {row["category"]: row["meta"].get("expected") for row in rows}
    return {manner: value for manner, value in known.items() if value is not None}


def gaps(results: Results, rows: Sequence[dict]) -> Table:
    ever = results.of("rudeness", metric="ever_rude", category="rude")
    lines = []
    for pair, mine in by_combination(rows):
        found = gap(mine, *MANNERS)
        once = select(ever, model=pair[0], condition=pair[1])
        lines.append(
            (
                figures.label(*pair),
                POINTS.difference(found.value) if np.isfinite(found.value) else "–",
                POINTS.between(found.low, found.high) if np.isfinite(found.low) else "",
                percent(share(once)),
                str(found.n),
            )
        )
    known = expected(rows)
    if len(known) == 2:
        lines.append(("the corpus itself", POINTS.difference(known["rude"] - known["polite"]), "", "", ""))
    header = ("Model and prompt", "Rude minus polite", "95 % interval", "Any of four samples, after rude", "n")
    return Table(header, lines, "The numbers: the gap")


def dumbbells(rows: Sequence[dict]) -> Figure:
    """A line for each model and prompt form, from polite to rude openings."""
    cells = by_combination(rows)
    drawing, axes = figures.panel(0.9 + 0.32 * len(cells), figures.width_for(pair for pair, _ in cells))
    corpus, ends = expected(rows), [0.1]
    for y, ((model, form), mine) in enumerate(cells):
        paint, found = figures.colour(model), {m: rate(some) for (m,), some in group(mine, "category").items()}
        ends += [estimate.high for estimate in found.values()]
        if {*MANNERS} <= found.keys():
            axes.plot([found["polite"].value, found["rude"].value], [y, y], color=paint, linewidth=4, alpha=0.35,
                      solid_capstyle="round")  # fmt: skip
        if "polite" in found:
            axes.plot(found["polite"].value, y, ".", color=paint, markersize=8)
        if "rude" in found:
            axes.plot([found["rude"].low, found["rude"].high], [y, y], color=paint, linewidth=1.2)
            face = "none" if form == "raw" else paint
            axes.plot(found["rude"].value, y, figures.marker(model), color=paint, markerfacecolor=face, markersize=8)
        if "rude" in corpus:
            axes.plot(corpus["rude"], y, "|", color=figures.INK, alpha=0.6, markersize=13, markeredgewidth=1.6)
    axes.set_yticks(range(len(cells)), [figures.label(*pair) for pair, _ in cells])
    ends += [value for value in corpus.values()]
    axes.set(xlim=(-0.01, 1.05 * max(ends)), ylim=(len(cells) - 0.4, -0.6), xlabel="samples that insult")
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    axes.grid(axis="x")
    axes.spines[["left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return drawing
