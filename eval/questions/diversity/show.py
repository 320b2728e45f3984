"""Use cases: how many different right answers are there in sixteen samples?"""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import average, by_combination, models, of_first_run, runs, sentence
from eval.page.marks import draw_mark, legend_of, name_marks
from eval.page.reading import Results, mapping
from eval.page.section import Section, Table, picture
from eval.page.words import decimals, percent, plural
from eval.results import group, role, select

MADE_FOR = (("base", "raw"), ("sft", "chat"))
SHOWN_GAMES, SHOWN_LISTS = ("Anna's red die", "the blue bag"), ("a job", "a day of the week")
LONGEST = 8  # answers in a histogram, the commonest of both models; the others are one bar
METRICS = {
    "effective": "Distinct and right, of all", "valid": "Right", "coverage": "Of all that could be", "number":
    "exp(entropy) of the right ones", "ead": "Distinct runs of tokens", "tvd": "Distance from true chances",
    "mass": "Probability of any outcome",
}  # fmt: skip


def section(results: Results) -> Section | None:
    rows = results.of("diversity", metric="effective")
    if not rows:
        return None
    valid = results.of("diversity", metric="valid")
    return Section(
        question="diversity",
        row="Use cases",
        title="How varied is what it writes?",
        says=sentence(
            "Of sixteen samples of one prompt, {base} are right and all different for the base model as it continues "
            "text, {instruct} for the instruct model in its chat form, which is right in {right} of its samples "
            "against {base_right}.",
            base=average(of_first_run(rows, "base", condition="raw")),
            instruct=average(of_first_run(rows, "sft", condition="chat")),
            right=average(of_first_run(valid, "sft", condition="chat")),
            base_right=average(of_first_run(valid, "base", condition="raw")),
        ),
        pictures=[
            *picture("diversity", "Right answers and distinct ones", scatter(results)),
            *picture("diversity-answers", "Answers of both models", histograms(results), columns=2),
        ],
        how_to_read="To the right more of the samples are right, upwards more of the right ones differ. A grey curve "
        "joins points with as many distinct right answers in sixteen. In the histograms a bar is the share of an "
        "answer among the right ones; grey strokes are the true chances. Of several runs they show the first.",
        n=f"{plural(len({row['item_id'] for row in rows}), 'prompt')}, sixteen samples of each at temperature 1",
        test="Bootstrap over prompts, paired by prompt; lists, games and stories also apart.",
        pitfall="Counted without regard to what is right, nonsense is the most varied of all: the distinct runs of "
        "tokens show that. A die has six faces, so it can never give more than six of sixteen.",
        tables=[numbers(results)],
        shown="sixteen samples",
    )


def numbers(results: Results) -> Table:
    """Means over prompts, by kind of prompt."""
    rows = results.of("diversity", metric=tuple(METRICS))
    lines = [
        (kind, figures.label(*pair), *(words(name, average(select(some, metric=name))) for name in METRICS),
         str(len(select(some, metric="effective"))))
        for pair, mine in by_combination(rows) for (kind,), some in group(mine, "category").items()
    ]  # fmt: skip
    return Table(("", "Model and prompt", *METRICS.values(), "n"), sorted(lines, key=lambda line: line[0]))


def words(metric: str, value: float | None) -> str:
    return decimals(value) if metric in ("number", "ead", "tvd") else percent(value)


def scatter(results: Results) -> Figure:
    """Share of right samples against the share of distinct ones among these; a mark for each model and form."""
    drawing, axes = figures.panel(4.2, 4.6, xlabel="samples that are right", ylabel="distinct ones among the right")
    across = np.linspace(0.02, 1, 200)
    for level in (1 / 16, 0.25, 0.5, 0.75):
        axes.plot(across, np.where(level / across <= 1.03, level / across, np.nan), color=figures.INK, alpha=0.25,
                  linewidth=0.8)  # fmt: skip
        axes.text(1.05, level, f"{16 * level:.0f} of 16", fontsize=8, alpha=0.8, va="center")
    rows, marks = results.of("diversity", metric=("effective", "valid")), []
    for (model, form), mine in by_combination(rows):
        valid, effective = (average(select(mine, metric=metric)) for metric in ("valid", "effective"))
        if valid and effective is not None:
            draw_mark(axes, valid, effective / valid, model, form)
            marks.append((valid, effective / valid, form))
    name_marks(axes, marks)
    figures.percent_axis(axes.xaxis, 3)
    figures.percent_axis(axes.yaxis, 3)
    legend_of(drawing, axes, models(rows))
    return drawing


# --- what was answered


def histograms(results: Results) -> dict[str, Figure]:
    """Two games by their probabilities, two lists by their samples; of several runs those of the first."""
    results = Results(rows=next(iter(runs(results.of("diversity")).values()), []))
    found = {name: games(results, name) for name in SHOWN_GAMES} | {name: lists(results, name) for name in SHOWN_LISTS}
    return {name: histogram(name, *shown) for name, shown in found.items() if shown[0]}


def main_rows(results: Results, **wanted) -> list[dict]:
    """Of each model in the form that it was made for."""
    return [row for row in results.of("diversity", **wanted) if (role(row["model"]), row["condition"]) in MADE_FOR]


def games(results: Results, name: str) -> tuple[dict, dict]:
    """({(model, form): shares}, true chances) of a game."""
    rows = main_rows(results, metric="tvd", level=name)
    shares = {(row["model"], row["condition"]): mapping(row["meta"].get("shares")) for row in rows}
    return shares, mapping(rows[0]["meta"].get("expected")) if rows else {}


def lists(results: Results, name: str) -> tuple[dict, dict]:
    """({(model, form): shares}, nothing) of all right answers to the prompts for one thing."""
    by_pair = group(main_rows(results, metric="effective", level=name), "model", "condition")
    counts = {pair: counted(mapping(row["meta"].get("counts")) for row in some) for pair, some in by_pair.items()}
    shares = {pair: {k: v / some.total() for k, v in some.items()} for pair, some in counts.items() if some}
    return {pair: gathered(some, commonest(shares)) for pair, some in shares.items()}, {}


def counted(parts: Iterable[dict]) -> Counter:
    return sum(map(Counter, parts), Counter())


def commonest(shares: dict) -> list[str]:
    """The answers that a histogram names, by their share in both models together."""
    together = counted(shares.values())
    return sorted(together, key=lambda name: (-together[name], name))[:LONGEST]


def gathered(shares: dict[str, float], named: Sequence[str]) -> dict[str, float]:
    """Shares of the named answers; of all others together."""
    rest = {"all others": sum(part for name, part in shares.items() if name not in named)}
    return {name: shares.get(name, 0.0) for name in named} | (rest if len(shares) > len(named) else {})


def histogram(title: str, shares: dict, chances: dict[str, float]) -> Figure:
    names = list(dict.fromkeys(name for some in shares.values() for name in some))
    drawing, axes = figures.panel(0.9 + 0.26 * len(names), title=title)
    thick = 0.8 / len(shares)
    for place, ((model, form), some) in enumerate(shares.items()):
        ys = np.arange(len(names)) + (place - (len(shares) - 1) / 2) * thick
        axes.barh(ys, [some.get(name, 0) for name in names], thick * 0.9, color=figures.colour(model),
                  hatch="" if place == 0 else "///", edgecolor="white", linewidth=0,
                  label=figures.label(model, form))  # fmt: skip
    for y, name in enumerate(names):
        if name in chances:
            axes.plot([chances[name]] * 2, [y - 0.42, y + 0.42], color=figures.INK, linewidth=2.2, alpha=0.6)
    figures.named_lines(axes, names, margin=0.5)
    axes.grid(visible=False)
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    figures.legend_below(drawing, axes, ncols=1)
    return drawing
