"""Weights or prompt: where the differences come from, what prompting alone recovers, and the ladder in between."""

from collections.abc import Sequence
from math import isfinite

from matplotlib.figure import Figure

from eval import figures
from eval.claims import CLAIMS
from eval.page.counting import OVER_TRAININGS, rate_cells, runs
from eval.page.dots import Dot, Line, dot_lines
from eval.page.reading import Results
from eval.page.section import Section, Table, picture, tables
from eval.page.units import INDEX, Unit, unit_of
from eval.page.words import percent, plural
from eval.questions.decomposition.parts import RUNGS, Ladder, Parts, decompositions, ladders
from eval.results import role
from eval.stats import Estimate

NAMES = {(claim.question, claim.metric): claim.behaviour for claim in CLAIMS if claim.behaviour}
RUNG_NAMES = {"raw": "raw", "few": "ex-\namples", "urial": "model\nanswers", "chat": "tuned,\nchat"}


def section(results: Results) -> Section | None:
    found = decompositions(results.rows)
    if not found:
        return None
    first = next(iter(runs(results.rows).values()))
    # two runs side by side are still read; of a whole study the first is drawn, and the table has the rest
    several = len({parts.run for parts in found}) > 2
    drawn = [parts for parts in found if parts.run == found[0].run] if several else found
    climbs = [ladder for ladder in ladders(first) if len(ladder.rungs) > 2]
    return Section(
        question="decomposition",
        row="Every row",
        title="Is it the weights, or is it the prompt?",
        says=said(found),
        pictures=[
            *picture("decomposition", "Differences of base and instruct, taken apart", panels(drawn), columns=2,
                     front=1),
            *picture("ladder", "From bare text to tuned weights",
                     {ladder.component.name: step_panel(ladder) for ladder in climbs},
                     caption="The ladder: the same items given to the base model (circles) as bare text, after "
                     "examples and after model answers, and to the instruct model in the chat form (square)."),
        ],
        how_to_read="The whole difference of the two models is the sum of two marks: what the weights do (square) and "
        "what the form of the prompt does (diamond). It is that of instruct in the chat form and base on raw text; "
        "square: in any form; diamond: to either model; right of zero: instruct, or the chat form, has more of it. "
        "Second panel: the share of the claimed difference that the base model makes up for with its best prompt (the "
        "stroke: all of it; beyond: more than tuning does), left out where no such difference was found. "
        "Lines are 95 % intervals.",
        n=f"{plural(min(parts.n for parts in found), 'item')} to {plural(max(parts.n for parts in found), 'item')}, "
        "each asked of both models in both forms",
        test=f"Paired bootstrap over subjects, the best prompt chosen anew in every resample; {OVER_TRAININGS}.",
        pitfall="The sum hides what only both together do (a column of the table): a chat form that means nothing to "
        "the base model makes its answers worse, and tuning then gets credit for repairing them. “Stops by itself” "
        "counts the end-of-text token; after examples a model is meant to go on, and its answer is cut there instead.",
        tables=[table(found), *ladder_table(climbs)],
    )  # fmt: skip


def name(parts: Parts) -> str:
    claim = parts.claim
    words = NAMES.get((claim.question, claim.metric), f"{claim.question}: {claim.metric}".replace("_", " "))
    return f"{parts.run}: {words}" if parts.run else words


def unit(parts: Parts) -> Unit:
    return unit_of(parts.claim.question, parts.claim.metric)


def said(found: Sequence[Parts]) -> str:
    mine = [parts for parts in found if parts.run == found[0].run]
    formed = [name(parts) for parts in mine if parts.by_format]
    text = f"The form of the prompt moves {len(formed)} of {plural(len(mine), 'behaviour')} more than the weights"
    text += f": {', '.join(formed)}." if formed else "."
    shares = {name(parts): parts.recovered.value for parts in mine if parts.recovered}
    if not shares:
        return text
    least, most = min(shares, key=shares.get), max(shares, key=shares.get)
    if shares[most] <= 0:
        return f"{text} Prompting alone recovers nothing."
    smallest = f" and the smallest of “{least}” ({share_words(shares[least])})" if least != most else ""
    return f"{text} Prompting alone recovers the largest share of “{most}” ({share_words(shares[most])}){smallest}."


def share_words(share: float) -> str:
    return "none of it" if share <= 0 else "all of it" if share >= 1 else percent(share)


def panels(found: Sequence[Parts]) -> dict[str, Figure]:
    recovered = [parts for parts in found if parts.recovered]
    drawn = {"Weights and form (points)": parts_panel(found)}
    return figures.titled(drawn | ({"Recovered by prompting": recovered_panel(recovered)} if recovered else {}))


def parts_panel(found: Sequence[Parts]) -> Figure:
    lines = [
        Line(name(parts) + " (× 100)" * (unit(parts) is INDEX), [  # on an axis of hundredths
            Dot.of("sft", parts.weights, "weights", offset=-0.13),
            Dot(parts.prompt, "form of the prompt", figures.INK, "D", hollow=True, offset=0.13),
        ])
        for parts in found
    ]  # fmt: skip
    return dot_lines(lines, -1, 1, (-1, -0.5, 0, 0.5, 1))


def recovered_panel(found: Sequence[Parts]) -> Figure:
    lines = [
        Line(name(parts), [Dot.of("base", parts.recovered, "base, best prompt")], reference=1,
             note=figures.FORMS.get(parts.best, parts.best).removeprefix("with "))
        for parts in found
    ]  # fmt: skip
    return dot_lines(lines, -0.5, 1.5, (-0.5, 0, 0.5, 1, 1.5), unit=" %")


def step_panel(ladder: Ladder) -> Figure:
    """One component: a mark for each rung."""
    drawing, axes = figures.panel(2.3, 2.7, title=ladder.component.name)
    places = {(role(model), form): found for (model, form), found in ladder.rungs.items()}
    shown = [(x, model, places[model, form]) for x, (model, form) in enumerate(RUNGS) if (model, form) in places]
    axes.plot([x for x, *_ in shown], [found.value for *_, found in shown], color=figures.INK, alpha=0.3, linewidth=1)
    for x, model, found in shown:
        axes.plot([x, x], [found.low, found.high], color=figures.colour(model), linewidth=1.8)
        axes.plot(x, found.value, figures.marker(model), color=figures.colour(model), markersize=7)
    axes.set_xticks(range(len(RUNGS)), [RUNG_NAMES[form] for _, form in RUNGS], fontsize=8.5)
    axes.set_xlim(-0.4, len(RUNGS) - 0.6)
    figures.percent_axis(axes.yaxis, 3)
    axes.grid(axis="y")
    return drawing


def table(found: Sequence[Parts]) -> Table:
    lines = [
        (name(parts), *(told(part, unit(parts)) for part in (parts.gap, parts.weights, parts.prompt, parts.together)),
         recovered(parts), str(parts.n))
        for parts in found
    ]  # fmt: skip
    header = ("Behaviour", "Whole difference", "Weights", "Form", "Only together", "Recovered by prompting", "n")
    return Table(header, lines, "The numbers: points (scores and indices as they are), with 95 % intervals")


def told(found: Estimate, unit: Unit) -> str:
    """Example: "+12 (−3 to +20)", and of a score "+0.12 (−0.03 to +0.20)"."""
    between = f" ({unit.between(found.low, found.high)})" if isfinite(found.low) else ""
    return unit.change(found.value) + between


def recovered(parts: Parts) -> str:
    found, form = parts.recovered, figures.FORMS.get(parts.best, parts.best)
    if found is None:
        return "–"
    between = f" ({100 * found.low:.0f} to {100 * found.high:.0f})" if isfinite(found.low + found.high) else ""
    return f"{100 * found.value:.0f} %{between}, {form}".replace("-", "−")


def ladder_table(climbs: Sequence[Ladder]) -> list[Table]:
    lines = [(ladder.component.name, figures.label(*rung), *rate_cells(found)[:2], str(ladder.n))
             for ladder in climbs for rung, found in ladder.rungs.items()]  # fmt: skip
    return tables(("Component", "Model and prompt", "Rate", "95 % interval", "n"), lines, "The numbers: the ladder")
