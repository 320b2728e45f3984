"""After wrong answers: is the next one wrong as well? Held against a reader who knows how often authors err."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

import numpy as np
from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import (
    RATE_FIGURE,
    asked,
    average,
    by_combination,
    of_first_run,
    rate_table,
    runs,
    sentence,
    share,
    useful,
)
from eval.page.reading import Results
from eval.page.section import Picture, Section, Table, picture, tables
from eval.page.words import decimals, percent
from eval.results import group, select
from eval.stats import Estimate, bayes_wrong, mean_curve, paired_difference

CATEGORIES = {"wrong": "after wrong answers", "right": "after right answers"}
PLACES = {"raw": "raw text: a question sheet", "chat": "chat form: a conversation"}
INDEX = range(1, 9)  # the numbers of answers before it over which the imitation index is the mean


def section(results: Results) -> Section | None:
    rows = [row | {"k": int(row["level"])} for row in results.of("wrong_answers", metric="p_wrong")
            if row["level"].isdigit()]  # fmt: skip
    said = results.of("wrong_answers", metric="wrong")
    if not rows and not said:
        return None
    lines, ideal = [Line.of(pair, mine) for pair, mine in by_combination(rows)], Ideal.of(results.config)
    return Section(
        question="wrong_answers",
        row="Pattern completer",
        title="After wrong answers, is the next answer wrong as well?",
        says=f"{about_curves(rows, ideal)} {about_prompts(said)}".strip(),
        pictures=[
            *picture("wrong-answers-curve", "Probability of a wrong answer against the answers before it",
                     panels(lines, ideal)),
            *prompts(said),
        ],  # fmt: skip
        how_to_read=how_to_read(bool(rows), ideal),
        n="; ".join([asked(some, what, column) for some, what, column in
                     ((rows, "sheet", "cluster_id"), (said, "prompt", "item_id")) if some]),
        test="Imitation index: mean over 1 to 8 answers of P(wrong) after wrong minus after right ones; bootstrap over "
        "sheets." if rows else "None: one prompt is an observation, the interval spans almost everything.",
        pitfall="To answer wrongly here is to predict well: the base model knows the truth (see what is known) and "
        "reads who is speaking. P is shared among the true and the likeliest wrong answers, so it can lie a little "
        "below that of an author; one greedy continuation of one prompt can turn on a single token.",
        tables=[*curve_table(lines, ideal),
                *([rate_table(said, "category", caption="The numbers: prompts in words")] if said else [])],
        shown="wrong answers (verbatim)",
    )  # fmt: skip


def how_to_read(curves: bool, ideal: "Ideal | None") -> str:
    if not curves:
        return RATE_FIGURE + " One prompt was asked, word for word; its transcripts are shown beside it."
    line = (
        " The lines without marks, in the colour of the text: an ideal reader who knows how many authors of sheets "
        "are careless and how often they err (Bayes)."
    )
    return (
        "Solid: after wrong answers alone; dashed: after right ones alone; to the right, more of them. They belong to "
        "the same sheet, and none can be copied. Filled marks: all wrong; hollow: all right. Bands are 95 % intervals "
        f"over sheets.{line if ideal else ''}"
    )


@dataclass(frozen=True)
class Ideal:
    """A reader who knows how careful and careless authors err."""

    careless_share: float
    careless_error: float
    careful_error: float

    @classmethod
    def of(cls, config: dict) -> "Ideal | None":
        """None where the writers of the corpus are not known."""
        names = cls.__dataclass_fields__
        return cls(**{name: config[name] for name in names}) if all(name in config for name in names) else None

    def wrong(self, k: int, category: str) -> float:
        wrong = k if category == "wrong" else 0
        return bayes_wrong(k, wrong, self.careless_share, self.careless_error, self.careful_error)


@dataclass(frozen=True)
class Line:
    """P(wrong) of one model in one prompt form: by category, for each number of answers before it."""

    pair: tuple[str, str]
    curves: dict[str, dict[int, Estimate]]
    index: Estimate | None  # None where one of the categories was not asked

    @classmethod
    def of(cls, pair: tuple[str, str], rows: Sequence[dict]) -> "Line":
        categories = {category: mine for (category,), mine in group(rows, "category").items()}
        return cls(pair, {category: by_k(mine) for category, mine in categories.items()}, imitation_index(categories))

    def distance(self, ideal: Ideal, category: str) -> float | None:
        """Root of the mean square distance to the ideal reader, over k."""
        gaps = [found.value - ideal.wrong(k, category) for k, found in self.curves.get(category, {}).items()]
        return float(np.sqrt(np.mean(np.square(gaps)))) if gaps else None

    def mean(self, category: str) -> float | None:
        return average([found for k, found in self.curves.get(category, {}).items() if k in INDEX], attrgetter("value"))


def by_k(rows: Sequence[dict]) -> dict[int, Estimate]:
    """Mean over sheets (and trainings), with the interval over sheets, at each number of answers before it."""
    found, ks = group(rows, "cluster_id", "k"), sorted({row["k"] for row in rows})
    sheets = sorted({row["cluster_id"] for row in rows})
    table = [[np.mean([row["value"] for row in found.get((sheet, k), [])] or [np.nan]) for k in ks] for sheet in sheets]
    return dict(zip(ks, mean_curve(table), strict=True))


def imitation_index(categories: dict[str, list[dict]]) -> Estimate | None:
    """How much more probable a wrong answer is after wrong answers than after right ones, on the same questions."""
    wrong, right = (group([row for row in categories.get(category, []) if row["k"] in INDEX], "cluster_id", "item_id")
                    for category in CATEGORIES)  # fmt: skip
    both = sorted(wrong.keys() & right.keys())
    if not both:
        return None
    means = ([average(some[key]) for key in both] for some in (wrong, right))
    return paired_difference(*means, [sheet for sheet, _ in both])


def about_curves(rows: Sequence[dict], ideal: Ideal | None) -> str:
    known = [k for k in INDEX if any(row["k"] == k for row in rows)]
    if not known:
        return ""
    k = known[-1]
    base = of_first_run(rows, "base", condition="raw", k=k)
    said = sentence(
        "After {k} wrong answers the base model puts {wrong} on a wrong one, after as many right ones {right}",
        k=str(k), **{category: share(select(base, category=category)) for category in CATEGORIES},
    )  # fmt: skip
    if not said:
        return ""
    if ideal:
        said += f" (an ideal reader: {percent(ideal.wrong(k, 'wrong'))} and {percent(ideal.wrong(k, 'right'))})"
    return said + sentence(
        "; the instruct model, its own wrong answers before it in chat, {wrong}",
        wrong=share(of_first_run(rows, "sft", condition="chat", category="wrong", k=k)),
    ) + "."  # fmt: skip


def about_prompts(rows: Sequence[dict]) -> str:
    return sentence(
        "In words: on prompts made like the four lines shown here the base model does not give the right answer in "
        "{base} of cases, the instruct model in chat in {instruct}.",
        base=share(of_first_run(rows, "base", condition="raw", category="analogous")),
        instruct=share(of_first_run(rows, "sft", condition="chat", category="analogous")),
    )


def panels(lines: Sequence[Line], ideal: Ideal | None) -> dict[str, Figure]:
    """A panel for each prompt form, and for each run where there are several."""
    drawn = {}
    for run, some in runs([{"model": line.pair[0], "line": line} for line in lines]).items():
        by_form = groupby(sorted((each["line"] for each in some), key=form_of), form_of)
        for (_, form), mine in by_form:
            title = ": ".join(filter(None, (run, PLACES.get(form, form))))
            drawn[title] = panel(title, list(mine), ideal)
    return drawn


def form_of(line: Line) -> tuple:
    return figures.form_place(line.pair[1])


def panel(title: str, lines: Sequence[Line], ideal: Ideal | None) -> Figure:
    drawing, axes = figures.rate_curve_panel(title, "P(wrong answer)", "answers before it (k)", 3.9)
    ks = sorted({k for line in lines for curve in line.curves.values() for k in curve})
    for category in CATEGORIES:
        is_first = category == "wrong"
        if ideal:
            values = [ideal.wrong(k, category) for k in ks]
            figures.reference_line(axes, ks, values, is_first, label="ideal reader" if is_first else None)
        for line in lines:
            if at := line.curves.get(category):
                name = figures.model_name(line.pair[0]) if is_first else None
                figures.curve(axes, list(at), list(at.values()), line.pair[0], is_first, label=name)
    for category, style in (("wrong", "-"), ("right", (0, (3, 1.6)))):
        axes.plot([], [], color=figures.INK, linestyle=style, linewidth=1, label=CATEGORIES[category])
    figures.legend_below(drawing, axes)
    return drawing


def prompts(rows: Sequence[dict]) -> list[Picture]:
    drawn = figures.rates(rows, useful(rows, "category"), order=("verbatim",))
    caption = f"Said in words. Verbatim: the prompt shown here; analogous: prompts made like it. {RATE_FIGURE}"
    return picture("wrong-answers", "Rate of wrong answers to the prompt itself and to prompts like it", drawn,
                   caption=caption if useful(rows, "category") else "")  # fmt: skip


def curve_table(lines: Sequence[Line], ideal: Ideal | None) -> list[Table]:
    header = ["Model and prompt", "P(wrong) after right", "after wrong", "Imitation index", "95 % interval"]
    shown = []
    for line in lines:
        index = line.index or Estimate(np.nan, np.nan, np.nan, 0)
        shown.append([
            figures.label(*line.pair), percent(line.mean("right")), percent(line.mean("wrong")), decimals(index.value),
            f"{decimals(index.low)} to {decimals(index.high)}",
            *([decimals(line.distance(ideal, category)) for category in ("right", "wrong")] if ideal else []),
        ])  # fmt: skip
    header += ["Distance to ideal, right", "wrong"] if ideal else []
    caption = "Imitation index (1 to 8 answers before it)"
    return tables(header, shown, f"{caption} and distance to the ideal reader" if ideal else caption)
