"""Knowledge by exposure: people invented for this, mentioned seldom or often, in one phrasing or in twelve."""

import re
from collections.abc import Sequence

from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import asked, by_combination, models, of_first_run, sentence, share
from eval.page.reading import Results
from eval.page.section import Section, Table, picture
from eval.page.words import percent, percents
from eval.results import group
from eval.stats import rate

FORMS = {"raw": "completing", "few": "after examples", "chat": "in chat"}
LOOKS = {
    "raw": {"linestyle": ":", "marker": "o"},
    "few": {"linestyle": (0, (4, 2)), "marker": "^"},
    "chat": {"linestyle": "-", "marker": "s"},
}


def section(results: Results) -> Section | None:
    rows = [
        row | {"level": cell[0], "phrasings": cell[1]}
        for row in results.of("recall", metric="correct")
        if (cell := cell_of(row["level"]))
    ]
    if not rows or results.is_own_text_alone:
        return None
    return Section(
        question="recall_by_exposure",
        row="Example process",
        title="How often must a fact be read before it is known?",
        says=said(rows),
        pictures=picture(
            "exposure", "Rate of right answers against how often a fact was mentioned", panels(rows), columns=2
        ),
        how_to_read="To the right a fact was mentioned more often; a panel is a model and the number of sentences that "
        "tell each fact. Dotted with circles: "
        "completing the corpus' own sentence; dashed with triangles: a question after three examples; solid with "
        "squares: a question in chat. Bands are 95 % intervals, the plain line is chance.",
        n=asked(rows, "fact"),
        test="Wilson intervals at each level.",
        pitfall="Nobody in the corpus ever asks about these people: a fact told in one sentence may be completed word "
        "for word and still not be known as an answer.",
        tables=[table(rows)],
    )


def cell_of(level: str) -> tuple[int, int] | None:
    """(mentions, phrasings). Example: cell_of("level 16, 12 phrasings") == (16, 12)."""
    found = re.fullmatch(r"level (\d+), (\d+) phrasings?", level)
    return (int(found[1]), int(found[2])) if found else None


def said(rows: Sequence[dict]) -> str:
    most, many = max(row["level"] for row in rows), max(row["phrasings"] for row in rows)
    often = of_first_run(rows, "base", condition="raw", level=most)
    return sentence(
        "Of the facts mentioned most often the base model completes {one} if they are always told in one sentence "
        "and {many} if in {count}; asked about the latter in chat, the instruct model knows {asked}.",
        one=share([row for row in often if row["phrasings"] == 1]),
        many=share([row for row in often if row["phrasings"] == many]),
        count=str(many),
        asked=share(of_first_run(rows, "sft", condition="chat", level=most, phrasings=many)),
    )


def panels(rows: Sequence[dict]) -> dict[str, Figure]:
    """A panel for each model and number of phrasings, a line for each prompt form."""
    found, drawings = group(rows, "model", "phrasings"), {}
    for model in models(rows):
        for phrasings in sorted({row["phrasings"] for row in rows}):
            if some := found.get((model, phrasings)):
                sentences = "one sentence" if phrasings == 1 else f"{phrasings} sentences"
                title = f"{figures.model_name(model)}: {sentences}"
                drawings[title] = panel(title, model, some)
    return drawings


def panel(title: str, model: str, rows: Sequence[dict]) -> Figure:
    drawing, axes = figures.rate_curve_panel(title, "right", "mentions (relative, log scale)", 2.7)
    levels = sorted({row["level"] for row in rows})
    chances = [figures.chance(row) for row in rows if figures.chance(row)]
    if chances:
        axes.axhline(sum(chances) / len(chances), color=figures.INK, linewidth=1, alpha=0.7)
    for (_, form), mine in by_combination(rows):
        at = group(mine, "level")
        xs = [level for level in levels if (level,) in at]
        look = LOOKS.get(form, LOOKS["raw"])
        figures.curve(axes, xs, [rate(at[(x,)]) for x in xs], model, form != "raw", label=FORMS.get(form, form), **look)
    axes.set_xscale("log", base=4)
    axes.set_xticks(levels, [str(level) for level in levels])
    axes.minorticks_off()
    figures.legend_below(drawing, axes, 3)
    return drawing


def table(rows: Sequence[dict]) -> Table:
    lines = [
        (figures.label(*pair), str(phrasings), str(level), percent(found.value), percents(found), str(found.n))
        for pair, mine in by_combination(rows)
        for (phrasings, level), some in sorted(group(mine, "phrasings", "level").items())
        for found in [rate(some)]
    ]
    return Table(("Model and prompt", "Sentences", "Mentions", "Right", "95 % interval", "n"), lines)
