"""Over-optimisation: what the best of n is truly worth, and what the learnt reward believes, over the distance."""

from collections.abc import Sequence
from math import log, sqrt
from statistics import mean

from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import asked
from eval.page.reading import Results, listed, mapping
from eval.page.section import Section, picture, tables
from eval.page.words import decimals, signed_decimals
from eval.results import group, select
from eval.stats import paired_difference

RANDOM = "random"  # the control
PAINTS = ("#0072B2", "#56B4E9", "#D55E00", "#E69F00", "#009E73", "#CC79A7", "#7F7F7F")


def section(results: Results) -> Section | None:
    rows = results.of("best_of_n")
    gold = select(rows, metric="gold")
    if not gold:
        return None
    arms = [name for (name,) in group(gold, "category") if name != RANDOM]
    largest = max(int(row["level"]) for row in gold)
    lines = [line(gold, name, largest) for name in arms]
    first = lines[0]
    return Section(
        question="best_of_n",
        row="Human feedback",
        title="How far may a learnt reward be followed?",
        says=f"The best of {largest} answers by the reward model of {arms[0]} is worth {first[3]} of 1, a random one "
        f"{first[1]}.",
        pictures=picture("best_of_n", "Best of n answers of the tuned model", panels(rows, arms, learnt(results)),
                         columns=2),
        how_to_read="From left to right n doubles; the axis is the square root of the distance ln n - (n - 1)/n, in "
        "nats. On the left what the answers are truly worth, on the right what the reward model that chose them "
        "believes, in its own standard deviations. Where belief goes on rising and worth falls, the reward is "
        "over-optimised (Gao et al. 2022, arXiv 2210.10760). Dashed: a random one of n. Single marks: models of "
        "reinforcement learning, at the distance that they went.",
        n=asked(select(gold, level="1"), "request"),
        test="Intervals over requests (paired bootstrap).",
        pitfall="The distance is the largest possible: equal answers make it smaller.",
        tables=tables(["Reward model", "n = 1", "at its best n", f"n = {largest}", "last minus best"], lines),
    )  # fmt: skip


def distance(n: int) -> float:
    """The largest KL divergence of the best of n from the model, in nats. Example: distance(1) == 0."""
    return log(n) - (n - 1) / n


def curve(rows: Sequence[dict], name: str) -> dict[int, list[float]]:
    """n -> the values of all requests, in the same order."""
    mine = select(rows, category=name)
    return {int(n): [row["value"] for row in some] for (n,), some in group(mine, "level").items()}


def line(gold: Sequence[dict], name: str, largest: int) -> list[str]:
    """A row of the table: does the worth turn over?"""
    values = curve(gold, name)
    best = max(values, key=lambda n: mean(values[n]))
    fall = paired_difference(values[largest], values[best])
    told = "does not fall"
    if best != largest:
        told = f"{signed_decimals(fall.value)} ({signed_decimals(fall.low)} to {signed_decimals(fall.high)})"
    return [name, decimals(mean(values[1])), f"{decimals(mean(values[best]))} (n = {best})",
            decimals(mean(values[largest])), told]  # fmt: skip


def learnt(results: Results) -> list[tuple[str, float, float]]:
    """(name, distance from the tuned model in nats, worth of what it draws) of each model of reinforcement learning."""
    same = {row["item_id"] for row in results.of("best_of_n")}
    drawn = [row for row in select(results.of("utility"), metric="sampled_utility", condition="chat")
             if row["item_id"] in same]  # fmt: skip
    worth = {key: mean(row["value"] for row in some) for key, some in group(drawn, "model", "seed").items()}
    models = {(one["name"], int(one["seed"])): mapping(one.get("published")).get("kl")
              for one in listed(results.summary.get("models"))}  # fmt: skip
    return [(name, nats, worth[name, seed]) for (name, seed), nats in models.items()
            if nats is not None and (name, seed) in worth]  # fmt: skip


def panels(rows: Sequence[dict], arms: Sequence[str], models: Sequence[tuple]) -> dict[str, Figure]:
    said = {"gold": ("What it is truly worth", "known utility"), "proxy": ("What the reward believes", "deviations")}
    return {title: panel(select(rows, metric=metric), arms, title, beside, models if metric == "gold" else ())
            for metric, (title, beside) in said.items()}  # fmt: skip


def panel(rows: Sequence[dict], arms: Sequence[str], title: str, beside: str, models: Sequence[tuple]) -> Figure:
    drawing, axes = figures.panel(3.2, title=title, xlabel="square root of the distance (nats)", ylabel=beside)
    for name, paint in zip(arms, PAINTS, strict=False):
        values = curve(rows, name)
        xs = [sqrt(distance(n)) for n in values]
        axes.plot(xs, [mean(some) for some in values.values()], color=paint, marker="o", markersize=3.5, label=name)
    if control := curve(rows, RANDOM):
        xs = [sqrt(distance(n)) for n in control]
        figures.reference_line(axes, xs, [mean(some) for some in control.values()], solid=False, label="a random one")
    for name, nats, worth in models:
        axes.plot([sqrt(max(nats, 0.0))], [worth], color=figures.colour(name), marker=figures.marker(name),
                  markersize=7, linestyle="none", label=figures.model_name(name))  # fmt: skip
    axes.grid(axis="y")
    figures.legend_below(drawing, axes, 2)
    return drawing
