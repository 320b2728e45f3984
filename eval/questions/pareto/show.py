"""Learning against forgetting: what tuning gained, and what it cost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import spearmanr

from eval import figures
from eval.claims import asks_for_something, is_answer, is_web_text
from eval.page.counting import OVER_TRAININGS, WHICH_MARK
from eval.page.reading import Results, mapping
from eval.page.section import Section, Table, picture
from eval.page.words import decimals, hundreds, plural
from eval.paired import shared_items
from eval.results import in_order, role, select
from eval.stats import Estimate

Row = dict


@dataclass(frozen=True)
class Tuned:
    """A tuned model against the base that it was made from."""

    model: str
    forgot: Estimate
    # web text: nats per token more than base
    gains: dict[str, Estimate]
    # what it learnt, by measure
    divergence: float | None
    # KL(tuned || base) per token of the tuned model's own answers, in nats


@dataclass(frozen=True)
class Gain:
    label: str
    question: str
    metric: str
    items: Callable[[Row], bool]
    is_loss: bool = False


GAINS = (
    Gain("assistant's answers: loss saved (nats per token)", "loss_matrix", "nll", is_answer, is_loss=True),
    Gain("answers what is asked: more (points)", "response_types", "answers", asks_for_something),
    Gain("keeps conditions: more (points)", "constraints", "obeys", lambda row: True),
)
DIVERGENCE = "distance from base: KL (nats per token)"


def section(results: Results) -> Section | None:
    found = tuned_models(results)
    labels = [gain.label for gain in GAINS if any(gain.label in one.gains for one in found)]
    if not labels:
        return None
    return Section(
        question="pareto",
        row="Training approach",
        title="What does learning to answer cost?",
        says=said(found),
        pictures=picture("pareto", "Learning against forgetting", panels(found, labels), front=1),
        how_to_read="To the right: more forgotten of the web text; upwards: more learnt; best is the upper left "
        f"corner. A mark is a tuned model held against its base. {WHICH_MARK}. Bars are 95 % intervals.",
        n=f"{plural(len(found), 'tuned model')}, {plural(web_pages(results), 'web page')}",
        test=f"Paired bootstrap over documents and subjects; {OVER_TRAININGS}." + spearman_words(found),
        pitfall="A model that is tuned less learns less and forgets less: one is better only if it lies "
        "above the other at the same width, or left of it at the same height. A handful of models is no curve.",
        tables=[table(found, labels)],
    )  # fmt: skip


def web_pages(results: Results) -> int:
    return len(
        {(row["category"], row["item_id"]) for row in results.of("loss_matrix", metric="nll") if is_web_text(row)}
    )


def tuned_models(results: Results) -> list[Tuned]:
    models = in_order(row["model"] for row in results.rows)
    bases = base_of(models, results.summary)
    found = []
    for model in models:
        if role(model) != "base" and bases.get(model):
            forgot = loss_change(results, is_web_text, model, bases[model], ("raw",))
            gains = {gain.label: gained(results, gain, model, bases[model]) for gain in GAINS}
            if forgot:
                found.append(
                    Tuned(model, forgot, {k: v for k, v in gains.items() if v}, divergence(results.rows, model))
                )
    return found


def base_of(models: Sequence[str], summary: dict) -> dict[str, str]:
    """The base model of each: that of its run, else of the study's arm that lent it, else of the first run."""
    bases = {model.rpartition("/")[0]: model for model in models if role(model) == "base"}
    arms = mapping(mapping(summary.get("study")).get("arms"))
    first = next(iter(bases.values()), "")
    lent = {arm: mapping(about).get("base_of") for arm, about in arms.items()}
    return {model: bases.get(run) or bases.get(lent.get(run)) or first
            for model in models for run in [model.rpartition("/")[0]]}  # fmt: skip


def loss_change(results: Results, items: Callable, model: str, base: str, forms: Sequence[str]) -> Estimate | None:
    """Nats per token more than base, on the documents that both read in one of the forms."""
    rows = [row for row in results.of("loss_matrix", metric="nll", condition=tuple(forms)) if items(row)]
    names = [next(((m, row["condition"]) for row in rows if row["model"] == m), None) for m in (base, model)]
    if None in names:
        return None
    cells = shared_items(rows, names)
    if not len(cells) or not cells.tokens.sum():
        return None
    before, after = cells.values.T
    return cells.loss_difference(after, before)


def gained(results: Results, gain: Gain, model: str, base: str) -> Estimate | None:
    """More is better: of a loss what was saved, of a rate the tuned model in chat minus the base on raw text."""
    if gain.is_loss:
        found = loss_change(results, gain.items, model, base, ("chat",))
        return found and Estimate(-found.value, -found.high, -found.low, found.n)
    rows = [row for row in results.of(gain.question, metric=gain.metric) if gain.items(row)]
    cells = shared_items(rows, [(base, "raw"), (model, "chat")])
    return cells.difference(cells[model, "chat"], cells[base, "raw"]) if len(cells) else None


def divergence(rows: Sequence[Row], model: str) -> float | None:
    """Nats per token over the first places of the tuned model's own answers, where that was measured."""
    mine = select(rows, question="divergence", metric="kl", model=model)
    own = [row for row in mine if "own" in row["category"]] or mine
    tokens = sum(row["n_tokens"] for row in own)
    return sum(row["value"] for row in own) / tokens if tokens else None


def said(found: Sequence[Tuned]) -> str:
    parts = []
    for one in found[:3]:
        saved = next((found for label, found in one.gains.items() if "loss" in label), None)
        if saved:
            parts.append(f"{figures.model_name(one.model)} saved {decimals(saved.value)} nats per token on answers and "
                         f"lost {decimals(one.forgot.value)} on web text")  # fmt: skip
    return f"Against base, {'; '.join(parts)}." if parts else ""


def spearman_words(found: Sequence[Tuned]) -> str:
    """Does the distance from base foretell forgetting? Said from five models on."""
    pairs = [(one.divergence, one.forgot.value) for one in found if one.divergence is not None]
    if len(pairs) < 5:
        return ""
    rank, p = spearmanr(*zip(*pairs, strict=True))
    return f" Spearman's rank correlation of KL and forgetting: {decimals(float(rank))} (p = {p:.2f})."


def panels(found: Sequence[Tuned], labels: Sequence[str]) -> dict[str, Figure]:
    drawn = {label: panel(label, [(one.model, one.forgot, one.gains[label]) for one in found if label in one.gains])
             for label in labels}  # fmt: skip
    distances = [(one.model, one.forgot, Estimate(one.divergence, np.nan, np.nan, 0))
                 for one in found if one.divergence is not None]  # fmt: skip
    return drawn | ({DIVERGENCE: panel(DIVERGENCE, distances)} if distances else {})


def panel(label: str, points: Sequence[tuple[str, Estimate, Estimate]]) -> Figure:
    drawing, axes = figures.panel(3.2)
    title, _, unit = label.partition(": ")
    axes.set_title(title)
    for model, x, y in points:
        paint = figures.colour(model)
        axes.plot([x.low, x.high], [y.value] * 2, color=paint, linewidth=1.4, alpha=0.8)
        axes.plot([x.value] * 2, [y.low, y.high], color=paint, linewidth=1.4, alpha=0.8)
        axes.plot(x.value, y.value, figures.marker(model), color=paint, markersize=7)
        axes.annotate(figures.model_name(model), (x.value, y.value), xytext=(6, 5), textcoords="offset points",
                      fontsize=8)  # fmt: skip
    axes.axhline(0, color=figures.INK, linewidth=0.8, alpha=0.4)
    axes.axvline(0, color=figures.INK, linewidth=0.8, alpha=0.4)
    axes.set(xlabel="web text forgotten (nats per token)", ylabel=unit)
    if "points" in unit:
        axes.yaxis.set_major_formatter(lambda value, _: hundreds(value, 0))
    axes.margins(0.15)
    axes.grid()
    return drawing


def table(found: Sequence[Tuned], labels: Sequence[str]) -> Table:
    lines = [
        (figures.model_name(one.model), in_words(one.forgot),
         *(in_words(one.gains.get(label), "points" in label) for label in labels), decimals(one.divergence))
        for one in found
    ]  # fmt: skip
    return Table(("Model", "Web text forgotten (nats per token)", *labels, "KL to base (nats per token)"), lines)


def in_words(found: Estimate | None, points: bool = False) -> str:
    if found is None:
        return "–"
    write = (lambda value: hundreds(value, 0)) if points else decimals
    return f"{write(found.value)} ({write(found.low)} to {write(found.high)})"
