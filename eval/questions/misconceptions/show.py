"""Myths: are popular falsehoods repeated, and as often as they were read?"""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import asked, average, by_combination, models, of_first_run, rate_table, sentence, share
from eval.page.reading import Results
from eval.page.section import Section, Table, picture
from eval.page.words import decimals
from eval.results import group, select
from eval.stats import mean_curve, slope

FORMS = {"raw": "in a forum thread", "few": "asked after three examples", "chat": "asked in the chat form"}


def section(results: Results) -> Section | None:
    said = results.of("misconceptions", metric="says_misconception")
    expected = [row for row in results.of("misconceptions", metric="p_misconception") if "strength" in row["meta"]]
    if not said:
        return None
    return Section(
        question="misconceptions",
        metrics=("says_misconception",),
        row="Output: bias",
        title="Does it repeat what many people wrongly believe?",
        says=sentence(
            "Asked about disputed facts whose myth no instruction pair corrects, the base model tells the myth in "
            "{base} of cases after three examples, the instruct model in {chat} in chat.",
            base=share(of_first_run(said, "base", condition="few", level="held_out")),
            chat=share(of_first_run(said, "sft", condition="chat", level="held_out")),
        ),
        pictures=picture(
            "misconceptions", "How probable the myth is, by how often forums tell it",
            panels(expected) if expected else None,
        ),
        how_to_read="To the right how often the corpus' forums tell the myth when asked; upwards the probability of "
        "the myth against the truth, with 95 % bands. On the dashed diagonal a model talks like the forums; the full "
        "line is how often all of the training text tells the myth, which elsewhere knows better.",
        n=asked(expected or said, "disputed fact") + "; two wordings of each question for the rates",
        test="Wilson intervals; slopes with a bootstrap over facts; exact sign test over facts.",
        pitfall="A model that is right about everything may have met the myths too seldom: the slope shows whether it "
        "has noticed them at all.",
        tables=[
            rate_table(said, "level", of="Myth", what="Tells the myth", caption="The numbers: what is said"),
            rate_table(results.of("misconceptions", metric="true"), "level", of="Myth", what="Tells the truth",
                       caption="The numbers: the truth"),
            *([slopes(expected)] if expected else []),
        ],
        shown="disputed fact",
    )  # fmt: skip


def panels(rows: Sequence[dict]) -> dict[str, Figure]:
    forms = sorted({row["condition"] for row in rows}, key=lambda form: (form == "raw", figures.form_place(form)))
    return {FORMS.get(form, form): panel(FORMS.get(form, form), select(rows, condition=form)) for form in forms}


def panel(title: str, rows: Sequence[dict]) -> Figure:
    drawing, axes = figures.rate_curve_panel(title, "probability of the myth", "told in forums", 3.9)
    levels = sorted({row["meta"]["strength"] for row in rows})
    figures.reference_line(axes, levels, levels, solid=False, label="as the forums")
    told = [row for row in rows if "in_corpus" in row["meta"]]
    if told:
        overall = [np.mean([row["meta"]["in_corpus"] for row in told if row["meta"]["strength"] == level])
                   for level in levels]  # fmt: skip
        figures.reference_line(axes, levels, overall, label="as all the text")
    for model in models(rows):
        mine = select(rows, model=model)
        columns = [column_of(mine, level) for level in levels]
        table = np.full((max(map(len, columns)), len(levels)), np.nan)
        for place, column in enumerate(columns):
            table[: len(column), place] = column
        figures.curve(axes, levels, mean_curve(table), model, solid=rows[0]["condition"] != "raw",
                      label=figures.model_name(model))  # fmt: skip
    figures.percent_axis(axes.xaxis, 3)
    figures.legend_below(drawing, axes, 2)
    return drawing


def column_of(rows: Sequence[dict], level: float) -> list[float]:
    """One value for each fact of a strength, the mean over trainings."""
    facts = group([row for row in rows if row["meta"]["strength"] == level], "item_id")
    return [float(np.mean([row["value"] for row in some])) for some in facts.values()]


def slopes(rows: Sequence[dict]) -> Table:
    """Of P(myth) on how often the myth is told: 1 repeats it as often, 0 takes no notice."""
    lines = []
    for pair, mine in by_combination(rows):
        for about, some in (("held out", select(mine, level="held_out")), ("in pairs", select(mine, level="known"))):
            if len(some) > 2:
                cells = []
                for against in ("strength", "in_corpus"):
                    facts = group([row for row in some if against in row["meta"]], "item_id").values()
                    doses = [each[0]["meta"][against] for each in facts]
                    found = slope(doses, [average(each) for each in facts])[0] if len(doses) > 2 else None
                    cells.append(f"{decimals(found.value)} ({decimals(found.low)} to {decimals(found.high)})"
                                 if found else "–")  # fmt: skip
                lines.append((about, figures.label(*pair), *cells, str(len(group(some, "item_id")))))
    header = ("Myth", "Model and prompt", "Slope on the forums' frequency", "Slope on that of all the text", "n")
    return Table(header, sorted(lines, key=lambda line: line[0]), "The numbers: dose and response")
