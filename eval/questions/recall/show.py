"""What else is known: every other relation, and sums."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import RATE_FIGURE, WHICH_MARK, asked, models, of_first_run, rate_table, sentence, share
from eval.page.reading import Results
from eval.page.section import Section, picture
from eval.results import group, select
from eval.stats import rate

FORMS = {"raw": "a sentence to complete", "few": "asked after three examples", "chat": "asked in the chat form"}


def section(results: Results) -> Section | None:
    rows = results.of("recall", metric="correct", level=("known", "held_out"))
    sums = results.of("recall", metric="correct", level=("seen", "unseen"))
    if not rows and not sums:
        return None
    everything, of_sums = by_relation(rows), figures.rates(sums, "level")
    together = figures.rates(rows, reference=lambda row: None)
    return Section(
        question="recall",
        row="Example process",
        title="What else is known, and in which form?",
        says=f"{about_facts(rows)} {about_sums(sums)}".strip(),
        pictures=[
            *picture("recall", "Rate of right answers, by model and prompt form", together),
            *picture("recall-by-kind", "Rate of right answers, by relation and model", everything,
                     caption=f"A line is a kind of fact, a panel a form of the prompt, a stroke chance. {WHICH_MARK}."),
            *picture("sums", "Rate of right sums, seen and unseen", of_sums,
                     caption=f"Sums, raw text. {RATE_FIGURE} Unseen: no text contains the sum."),
        ],  # fmt: skip
        how_to_read=f"To the right more facts are right. {RATE_FIGURE}",
        n=asked([*rows, *sums], "fact"),
        test="Wilson intervals.",
        pitfall="A dozen facts of a kind leave wide intervals: read the panel as a whole, and the table for totals.",
        tables=[
            *([rate_table(rows, "level", of="Subject", caption="The numbers: facts")] if rows else []),
            *([rate_table(sums, "level", of="Sum", caption="The numbers: sums")] if sums else []),
        ],
    )  # fmt: skip


def about_facts(rows: Sequence[dict]) -> str:
    return sentence(
        "The base model completes {cloze} of the facts and, after three examples, answers {few}; the instruct model "
        "answers {held_out} in chat about subjects that its tuning never mentioned.",
        cloze=share(of_first_run(rows, "base", condition="raw")),
        few=share(of_first_run(rows, "base", condition="few")),
        held_out=share(of_first_run(rows, "sft", condition="chat", level="held_out")),
    )


def about_sums(rows: Sequence[dict]) -> str:
    return sentence(
        "The base model gets {seen} of the sums right that it read, and {unseen} of those it did not.",
        seen=share(of_first_run(rows, "base", level="seen")),
        unseen=share(of_first_run(rows, "base", level="unseen")),
    )


def by_relation(rows: Sequence[dict]) -> dict[str, Figure]:
    """A panel for each prompt form: its lines are relations, best known first."""
    found = group(rows, "condition", "category", "model")
    scores: dict[str, list[float]] = {}
    for (_, category, _), some in found.items():
        scores.setdefault(category, []).append(share(some))
    order = sorted(scores, key=lambda category: (-np.mean(scores[category]), category))
    forms = sorted({form for form, _, _ in found}, key=figures.form_place)
    return {FORMS.get(form, form): relation_panel(form, order, select(rows, condition=form)) for form in forms}


def relation_panel(form: str, order: Sequence[str], rows: Sequence[dict]) -> Figure:
    drawing, axes = figures.panel(0.95 + 0.27 * len(order))
    shown = models(rows)
    found = group(rows, "category", "model")
    for (category, model), some in found.items():
        y = order.index(category) + 0.5 * (shown.index(model) / max(1, len(shown) - 1) - 0.5)
        estimate, paint = rate(some), figures.colour(model)
        axes.plot([estimate.low, estimate.high], [y, y], color=paint, linewidth=1, alpha=0.5)
        axes.plot(estimate.value, y, figures.marker(model), color=paint, markersize=4.5,
                  label=figures.model_name(model))  # fmt: skip
        if shown.index(model) == 0 and (expected := figures.chance(some[0])) is not None:
            axes.plot(expected, order.index(category), "|", color=figures.INK, alpha=0.6, markersize=10)
    axes.set_yticks(range(len(order)), [category.replace("_", " ") for category in order])
    axes.set(ylim=(len(order) - 0.4, -0.6))
    axes.set_title(FORMS.get(form, form))
    figures.percent_axis(axes.xaxis, 3)
    axes.grid()
    axes.tick_params(axis="y", length=0)
    axes.spines[["left"]].set_visible(False)
    figures.legend_below(drawing, axes, 3)
    return drawing
