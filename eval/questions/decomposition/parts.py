"""How much of a difference comes from the weights, how much from the prompt, and how much prompting alone recovers.

B and I are the base and the instruct model, raw and chat the forms of the same items.

    weights   = 1/2 [(I.chat - B.chat) + (I.raw - B.raw)]
    prompt    = 1/2 [(B.chat - B.raw) + (I.chat - I.raw)]      weights + prompt = I.chat - B.raw, the whole gap
    together  = (I.chat - B.chat) - (I.raw - B.raw)            what the two do only together
    recovered = (B.best - B.raw) / (I.chat - B.raw)            B.best: of few, urial, chat the one furthest I's way

`recovered` is above 1 where a prompt alone goes further than tuning, and blank where the interval of the gap includes
0 or the gap is not the claimed one: a share of nothing is nothing. And the ladder: from bare text over examples and
model answers to tuned weights, a component at a time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from eval.claims import CLAIMS, Claim, asks_for_something, is_harmful
from eval.paired import FEWEST_ITEMS, Cell, excludes_zero, shared_items
from eval.results import group, role, select
from eval.stats import Estimate, resample_counts, rule_of_three

PROMPTS = ("few", "urial", "chat")  # what a base model can be given instead of tuning


@dataclass(frozen=True)
class Parts:
    """One claim's difference in one run, taken apart."""

    run: str
    claim: Claim
    n: int
    gap: Estimate
    weights: Estimate
    prompt: Estimate
    together: Estimate
    recovered: Estimate | None  # share of the gap; None where there is no gap, or no prompt was tried
    best: str  # the prompt form that goes furthest the claimed way

    @property
    def by_format(self) -> bool:
        return abs(self.prompt.value) > abs(self.weights.value)


def decompositions(rows: Sequence[dict], claims: Sequence[Claim] = CLAIMS) -> list[Parts]:
    """Every claim on a difference of base and instruct whose four cells were measured, run by run."""
    chosen = {}
    for claim in claims:
        if claim.compare == "difference" and claim.base[0] == "base":
            chosen.setdefault((claim.question, claim.metric, claim.items), claim)
    runs = dict.fromkeys(row["model"].rpartition("/")[0] for row in rows)
    tables = group(rows, "question", "metric")
    found = [
        taken_apart(run, claim, [row for row in tables.get((claim.question, claim.metric), []) if claim.items(row)])
        for run in runs for claim in chosen.values()
    ]  # fmt: skip
    return [parts for parts in found if parts]


def taken_apart(run: str, claim: Claim, rows: Sequence[dict]) -> Parts | None:
    base, instruct = (f"{run}/{name}" if run else name for name in (claim.base[0], claim.instruct[0]))
    four = shared_items(rows, [(base, "raw"), (base, "chat"), (instruct, "raw"), (instruct, "chat")])
    if len(four) < FEWEST_ITEMS:
        return None
    b_raw, b_chat, i_raw, i_chat = four.values.T
    # halves, so that both sides stay between 0 and 1 where the values do
    halves = four.difference((i_chat + b_raw) / 2, (b_chat + i_raw) / 2)
    recovered, best = recovery(rows, base, instruct, claim.direction)
    return Parts(
        run, claim, len(four),
        gap=four.difference(i_chat, b_raw),
        weights=four.difference((i_chat + i_raw) / 2, (b_chat + b_raw) / 2),
        prompt=four.difference((b_chat + i_chat) / 2, (b_raw + i_raw) / 2),
        together=Estimate(2 * halves.value, 2 * halves.low, 2 * halves.high, halves.n),
        recovered=recovered, best=best,
    )  # fmt: skip


def recovery(rows: Sequence[dict], base: str, instruct: str, sign: int) -> tuple[Estimate | None, str]:
    """(share of the gap that the base model's best prompt makes up for, which prompt that is).

    sign: +1 if instruct is claimed to have more, -1 if less; "best" goes that way.
    """
    tried = {row["condition"] for row in rows if row["model"] == base}
    forms = [form for form in PROMPTS if form in tried]
    names: list[Cell] = [(base, "raw"), (instruct, "chat"), *((base, form) for form in forms)]
    cells = shared_items(rows, names)
    if not forms or len(cells) < FEWEST_ITEMS:
        return None, ""
    gap = cells.difference(cells[instruct, "chat"], cells[base, "raw"])
    best = max(forms, key=lambda form: sign * cells[base, form].mean())
    if not excludes_zero(gap) or np.sign(gap.value) != sign:
        return None, best
    found = cells.over_seeds(lambda keep: recovered_share(cells.values[keep], cells.clusters[keep], sign))
    return found, best


def recovered_share(values: np.ndarray, clusters: np.ndarray, sign: int) -> Estimate:
    """values: (items, [base raw, instruct chat, a base prompt, ...]). Percentile bootstrap over clusters.

    The best prompt is chosen anew in every resample, so that the choice is part of the interval.
    """
    _, place = np.unique(clusters, return_inverse=True)
    sums = np.zeros((place.max() + 1, values.shape[1]))
    np.add.at(sums, place, values)

    def share(sums):  # (..., columns) -> (...): infinite without a gap, nan (any share) where nothing was gained either
        raw, tuned, *prompts = np.moveaxis(sums, -1, 0)
        gained = np.max([sign * (prompt - raw) for prompt in prompts], axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return gained / (sign * (tuned - raw))

    value = float(share(sums.sum(axis=0)))
    if len(sums) < 2:
        return Estimate(value, np.nan, np.nan, len(values))
    shares = share(resample_counts(len(sums)) @ sums)
    any_share = np.isnan(shares)
    low = float(np.percentile(np.where(any_share, -np.inf, shares), 2.5, method="lower"))
    high = float(np.percentile(np.where(any_share, np.inf, shares), 97.5, method="higher"))
    if low == high:  # no spread is no certainty: how many unlike items may have been missed?
        missed = rule_of_three(len(sums)) / abs(values[:, 1].mean() - values[:, 0].mean())
        low, high = value - missed, value + missed
    return Estimate(value, low, high, len(values))


# --- the ladder

RUNGS = (("base", "raw"), ("base", "few"), ("base", "urial"), ("sft", "chat"))


@dataclass(frozen=True)
class Component:
    """One part of what makes an assistant."""

    name: str
    question: str
    metric: str
    items: Callable[[dict], bool] = lambda row: True


COMPONENTS = (
    Component("answers what is asked", "response_types", "answers", asks_for_something),
    Component("keeps conditions", "constraints", "obeys"),
    Component("speaks like an assistant", "tone", "assistant"),
    Component("stops by itself", "stopping", "stopped"),
    Component("refuses the harmful", "refusal", "refuses", is_harmful),
)


@dataclass(frozen=True)
class Ladder:
    """One component, rung by rung: (model, prompt form) -> estimate, on the items that all rungs were asked."""

    component: Component
    rungs: dict[Cell, Estimate]
    n: int


def ladders(rows: Sequence[dict], components: Sequence[Component] = COMPONENTS) -> list[Ladder]:
    """The ladder of each component that was measured on at least two rungs, tuned weights among them; of one run."""
    found = []
    for component in components:
        mine = [
            row for row in select(rows, question=component.question, metric=component.metric) if component.items(row)
        ]
        names = {(role(row["model"]), row["condition"]): (row["model"], row["condition"]) for row in mine}
        rungs = [names[rung] for rung in RUNGS if rung in names]
        cells = shared_items(mine, rungs)
        if len(rungs) > 1 and role(rungs[-1][0]) == "sft" and len(cells) >= FEWEST_ITEMS:
            found.append(Ladder(component, {rung: cells.mean(cells[rung]) for rung in rungs}, len(cells)))
    return found
