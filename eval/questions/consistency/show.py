"""Consistency: asked the same in other words, is the answer the same?"""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import asked, average, by_combination, mean, of_first_run, sentence
from eval.page.reading import Results
from eval.page.section import Section, Table, picture
from eval.page.words import percent, percents
from eval.results import select


def section(results: Results) -> Section | None:
    rows = results.of("consistency")
    agrees = select(rows, metric="agrees")
    if not agrees:
        return None
    return Section(
        question="consistency",
        metrics=("agrees",),
        row="Output: contradiction and consistency",
        title="Asked the same in other words, does it say the same?",
        says=sentence(
            "Two wordings of one question get the same answer from the base model in {base} of cases, after three "
            "examples, and from the instruct model in {chat} in chat; it agrees and is right in {base_right} and "
            "{chat_right}.",
            base=average(of_first_run(agrees, "base", condition="few")),
            chat=average(of_first_run(agrees, "sft", condition="chat")),
            base_right=average(of_first_run(select(rows, metric="consistent_and_correct"), "base", condition="few")),
            chat_right=average(of_first_run(select(rows, metric="consistent_and_correct"), "sft", condition="chat")),
        ),
        pictures=picture(
            "consistency",
            "Agreement between wordings, against the share of right answers",
            {"Agreement and accuracy": against_accuracy(rows), "Which wordings, which facts": by_kind(agrees)},
            columns=2, front=1,
        ),
        how_to_read="To the right how often an answer is right, upwards how often two wordings get the same one. Bars "
        "are 95 % intervals. The curve is what answers would do that were right as often but each by itself, and "
        "never wrong in the same way. Crosses: agreement between different subjects, which a model has that answers "
        "by habit. Second figure: the same agreement where any wording was answered rightly, where none was, and "
        "between the three wordings that the corpus uses.",
        n=asked(agrees, "subject") + ", five wordings each; ten pairs of wordings a subject",
        test="Cluster bootstrap over subjects; exact sign test over subjects.",
        pitfall="Consistent is not right: whoever always says “London” agrees with himself. An answer that "
        "names no object of the kind agrees with nothing, not even with another such answer.",
        tables=[table(rows)],
        shown="the same in other words",
    )  # fmt: skip


def against_accuracy(rows: Sequence[dict]) -> Figure:
    drawing, axes = figures.panel(4.2)
    right = np.linspace(0, 1, 50)
    figures.reference_line(axes, right, right**2, solid=False, label="each answer by itself")
    for (model, form), mine in by_combination(rows):
        x, y = mean(select(mine, metric="correct")), mean(select(mine, metric="agrees"))
        paint = figures.colour(model)
        face = "none" if form == "raw" else paint if form == "chat" else "white"
        axes.plot([x.low, x.high], [y.value] * 2, color=paint, linewidth=1.2)
        axes.plot([x.value] * 2, [y.low, y.high], color=paint, linewidth=1.2)
        axes.plot(x.value, y.value, figures.marker(model), color=paint, markerfacecolor=face, markersize=7,
                  label=figures.label(model, form))  # fmt: skip
        habit = select(mine, metric="agrees_elsewhere")
        if habit:
            axes.plot(x.value, average(habit), "x", color=paint, markersize=6)
    axes.set(xlabel="right answers", ylabel="pairs of wordings that agree")
    figures.percent_axis(axes.xaxis)
    figures.percent_axis(axes.yaxis)
    axes.grid()
    figures.legend_below(drawing, axes, 1)
    return drawing


KINDS = {
    "all subjects": lambda row: row["value"],
    "some wording answered rightly": lambda row: row["value"] if row["meta"].get("knows") else None,
    "no wording answered rightly": lambda row: None if row["meta"].get("knows") else row["value"],
    "only wordings of the corpus": lambda row: row["meta"].get("familiar_wordings"),
}


def by_kind(rows: Sequence[dict]) -> Figure:
    lines = list(kinds_of(rows))
    drawing = Figure(figsize=(figures.width_for([pair for _, pair, _ in lines if pair]), 0.75 + 0.27 * len(lines)))
    axes = drawing.subplots()
    for y, (_, pair, found) in enumerate(lines):
        if pair:
            paint, face = figures.colour(pair[0]), "none" if pair[1] == "raw" else figures.colour(pair[0])
            axes.plot([found.low, min(found.high, 1)], [y, y], color=paint, linewidth=1.8)
            axes.plot(found.value, y, figures.marker(pair[0]), color=paint, markerfacecolor=face, markersize=7)
    figures.finish_rates(axes, [(kind, pair) for kind, pair, _ in lines])
    return drawing


def kinds_of(rows: Sequence[dict]):
    """(heading, None, None) and (heading, (model, prompt form), estimate) from top to bottom."""
    for kind, value_of in KINDS.items():
        yield kind, None, None
        for pair, mine in by_combination(rows):
            kept = [(row, value) for row in mine if (value := value_of(row)) is not None]
            if kept:
                yield kind, pair, mean([row for row, _ in kept], [value for _, value in kept])


def table(rows: Sequence[dict]) -> Table:
    names = {"agrees": "Agrees", "consistent_and_correct": "Agrees and right", "correct": "Right",
             "unreadable": "Names nothing", "agrees_elsewhere": "Agrees across subjects"}  # fmt: skip
    lines = []
    for pair, mine in by_combination(rows):
        found = {metric: mean(some) for metric in names if (some := select(mine, metric=metric))}
        first = found["agrees"]
        cells = [percent(found[metric].value) if metric in found else "–" for metric in names]
        lines.append((figures.label(*pair), *cells, percents(first), str(first.n)))
    return Table(("Model and prompt", *names.values(), "95 % interval of the first", "Subjects"), lines)
