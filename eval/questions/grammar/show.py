"""Grammar: is the good one of two sentences more probable?"""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import WHICH_MARK, asked, models, of_first_run, rate_table, sentence, share
from eval.page.reading import Results
from eval.page.section import Section, picture
from eval.results import group, select
from eval.stats import rate

BASELINES = {"unigram": ("|", "how common the words are"), "5-gram": ("x", "the four words before")}


def section(results: Results) -> Section | None:
    rows = results.of("grammar", metric="prefers_good")
    if not rows:
        return None
    return Section(
        question="grammar",
        row="Training approach",
        title="Is the language kept?",
        says=sentence(
            "Of two sentences that differ in one point of grammar the base model prefers the good one in {base} of "
            "cases, the instruct model in {sft}{ngram}; a coin would in half.",
            base=share(of_first_run(rows, "base")),
            sft=share(of_first_run(rows, "sft")),
            ngram=counted(of_first_run(rows, "base")),
        ),
        pictures=picture("grammar", "Rate of good sentences preferred, by phenomenon", panel(rows)),
        how_to_read=f"{WHICH_MARK}, each with its 95 % interval; the line in the middle is chance. Strokes and crosses "
        "are what a reader of single words and of five words at a time would prefer.",
        n=asked(rows, "sentence pair"),
        test="Wilson intervals; cluster bootstrap of the difference.",
        pitfall="The sentences are nonsense made of common words, so that none can be known by heart; whoever has only "
        "read a few kinds of sentences does not do well on the others.",
        tables=[rate_table(rows, "category", of="Point of grammar", what="Prefers the good one")],
    )


def counted(rows: Sequence[dict]) -> str:
    values = [row["meta"]["5-gram"] for row in rows if "5-gram" in row["meta"]]
    return f", counts of five words in {100 * np.mean(values):.0f} %" if values else ""


def panel(rows: Sequence[dict]) -> Figure:
    """A line for each phenomenon, best first."""
    found, shown = group(rows, "category", "model"), models(rows)
    categories = sorted(
        dict.fromkeys(category for category, _ in found), key=lambda category: -share(select(rows, category=category))
    )
    drawing = Figure(figsize=(figures.WIDE, 1.3 + 0.42 * len(categories)))
    axes = drawing.subplots()
    axes.axvline(0.5, color=figures.INK, linewidth=1, alpha=0.6)
    for (category, model), some in found.items():
        y = categories.index(category) + 0.5 * (shown.index(model) / max(1, len(shown) - 1) - 0.5)
        estimate, paint = rate(some), figures.colour(model)
        axes.plot([estimate.low, estimate.high], [y, y], color=paint, linewidth=1.2, alpha=0.6)
        axes.plot(estimate.value, y, figures.marker(model), color=paint, markersize=5, label=figures.model_name(model))
    for category in categories:
        for name, (mark, label) in BASELINES.items():
            values = [row["meta"][name] for row in select(rows, category=category) if name in row["meta"]]
            if values:
                axes.plot(
                    np.mean(values), categories.index(category), mark, color=figures.INK, markersize=8, label=label
                )
    axes.set_yticks(range(len(categories)), categories)
    axes.set(ylim=(len(categories) - 0.4, -0.6), xlabel="prefers the good sentence")
    figures.percent_axis(axes.xaxis)
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    figures.legend_below(drawing, axes, 2)
    return drawing
