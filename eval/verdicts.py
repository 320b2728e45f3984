"""The rule that judges what is claimed about base and instruct models (eval/claims.py), fixed before measuring.

CONFIRMED     the 95 % interval lies wholly beyond the smallest interesting effect, in the claimed direction
WEAK          the interval excludes 0 but reaches into effects too small to be interesting
INCONCLUSIVE  the interval includes 0, or fewer than ten items were asked
REVERSED      the interval lies wholly on the other side of 0

That something is kept is never CONFIRMED at the floor: where the base model's own interval does not lie above chance by
more than the loss that is allowed, it had nothing to lose, and the claim is INCONCLUSIVE.

Every difference is instruct minus base. The suffix "(format)" says that the form of the prompt explains more
of the difference than the weights do. Fewer than three trainings describe these checkpoints, not the method.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import binomtest

from eval.claims import ALONE, CLAIMS, Claim
from eval.results import group, role, select
from eval.stats import (
    Estimate,
    benjamini_hochberg,
    paired_difference,
    ratio_difference,
    sign_test,
    t_interval,
    wilson,
)

FEWEST_ITEMS = 10
SEEDS_FOR_A_METHOD = 3


def judge(estimate: float, low: float, high: float, direction: int, sesoi: float) -> str:
    """The verdict on one interval. direction: +1 if the claim says "more", -1 if "less"; sesoi >= 0."""
    if not np.isfinite([estimate, low, high]).all():
        return "INCONCLUSIVE"
    near, far = sorted((direction * low, direction * high))
    if near > sesoi:
        return "CONFIRMED"
    if near > 0:
        return "WEAK"
    return "REVERSED" if far < 0 else "INCONCLUSIVE"


def verdicts(rows: Sequence[dict]) -> list[dict]:
    """Judge every claim that the long table (as `eval.results.read_rows` gives it) bears on, run by run."""
    runs = dict.fromkeys(row["model"].rpartition("/")[0] for row in rows)
    found = []
    for run in runs:
        mine = [row for row in rows if row["model"].rpartition("/")[0] == run]
        measured = group(mine, "probe", "metric")
        bearing = ((claim, measured.get((claim.probe, claim.metric), [])) for claim in CLAIMS)
        of_run = [verdict for claim, some in bearing if (verdict := verdict_on(claim, some))]
        found += [verdict | {"run": run} for verdict in adjusted(of_run)]
    return found


def verdict_on(claim: Claim, rows: Sequence[dict]) -> dict | None:
    """One claim against the rows of one run; None where nothing was measured."""
    pairs = paired(claim, rows)
    if pairs is None:
        return None
    estimate = over_seeds(claim, pairs)
    verdict = apply_rule(claim, estimate)
    floor = "" if verdict == "REVERSED" else nothing_to_keep(claim, pairs)  # a loss that was seen is one
    seeds = len(set(pairs.seeds))
    return {
        "claim": claim.claim, "row": claim.row, "probe": claim.probe, "metric": claim.metric,
        "verdict": "INCONCLUSIVE" if floor or pairs.n_items < FEWEST_ITEMS else verdict,
        "estimate": number(estimate.value), "low": number(estimate.low), "high": number(estimate.high),
        "n": pairs.n_items, "seeds": seeds, "rule": rule(claim),
        "truth": claim.truth.format(candidates=pairs.candidates),
        "suffix": suffix(claim, rows, pairs.n_items, seeds, floor),
        "direction": claim.direction, "smallest_interesting": claim.smallest_interesting,
        "compare": claim.compare, "exploratory": claim.exploratory, "contested": claim.contested,
        "p": p_value(claim, pairs),
        "base": pairs.sides[0] | {"value": number(level(claim, pairs, pairs.base))},
        "instruct": pairs.sides[1] | {"value": number(level(claim, pairs, pairs.instruct))},
    }  # fmt: skip


def apply_rule(claim: Claim, found: Estimate) -> str:
    if claim.compare != "no worse":
        return judge(found.value, found.low, found.high, claim.direction, claim.smallest_interesting)
    # Is the difference above -margin? The same rule, moved by the margin, and any excess over it counts.
    margin = claim.smallest_interesting
    return judge(found.value + margin, found.low + margin, found.high + margin, claim.direction, 0.0)


def nothing_to_keep(claim: Claim, pairs: "Pairs") -> str:
    """Why there is nothing to keep, in words; "" where there is something, or something else is claimed.

    The floor: the base model's own interval does not lie above chance by more than the loss that is allowed. Whoever
    stands there could lose all there is, and the difference would still be allowed.
    """
    if claim.compare != "no worse":
        return ""
    chance = max(claim.guessed, 1 / pairs.candidates)
    against_chance = replace(pairs, instruct=np.full(len(pairs.base), chance))
    above = over_seeds(replace(claim, compare="level"), against_chance)
    if above.low > claim.smallest_interesting:
        return ""
    doubt = "perhaps " if above.value > claim.smallest_interesting else ""
    found = f"the base model is at {100 * pairs.base.mean():.0f} %, chance at {100 * chance:.0f} %"
    return f"{doubt}nothing to keep: {found}"


@dataclass(frozen=True)
class Pairs:
    """The same items on both sides, in the same order; arrays of shape (pairs,)."""

    base: np.ndarray
    instruct: np.ndarray
    tokens: np.ndarray  # of the first side; 0 where a value is not summed over tokens
    seeds: np.ndarray
    clusters: np.ndarray
    n_items: int  # distinct items, however many seeds saw them
    candidates: int  # answers to choose from
    sides: tuple[dict, dict]  # model and condition of each side

    def where(self, keep: np.ndarray) -> "Pairs":
        arrays = ("base", "instruct", "tokens", "seeds", "clusters")
        return replace(self, **{name: getattr(self, name)[keep] for name in arrays})


def paired(claim: Claim, rows: Sequence[dict]) -> Pairs | None:
    """Match both sides item by item; where two prompt forms number items differently, subject by subject."""
    base, base_side = side(claim, rows, *claim.base)
    instruct, instruct_side = side(claim, rows, *claim.instruct)
    if claim.compare in ALONE:
        instruct, instruct_side = base, {"model": claim.compare, "condition": ""}
    if not base or not instruct:
        return None
    for columns in (("arm", "item_id"), ("item_id",), ("arm", "cluster_id")):
        left, right = group(base, "seed", *columns), group(instruct, "seed", *columns)
        keys = sorted(key for key in left.keys() & right.keys() if key[-1])
        if keys:
            return matched(keys, left, right, (base_side, instruct_side), claim)
    if (base_side["condition"], instruct_side["condition"]) != (claim.base[1], claim.instruct[1]):
        return None  # nothing came of the form wanted, and in the other one other items were asked
    raise ValueError(f"{claim.probe}: {base_side} and {instruct_side} share no item, so nothing is paired")


def side(claim: Claim, rows: Sequence[dict], model: str, condition: str) -> tuple[list[dict], dict]:
    """The rows of one model in the wanted prompt form, or else in those it was asked in; and which."""
    measured = [row for row in select(rows, probe=claim.probe, metric=claim.metric) if claim.items(row)]
    measured = [row for row in measured if role(row["model"]) == model]
    chosen = select(measured, condition=condition) or measured
    return chosen, {"model": model, "condition": "/".join(dict.fromkeys(row["condition"] for row in chosen))}


def matched(keys: list, left: dict, right: dict, sides: tuple[dict, dict], claim: Claim) -> Pairs:
    firsts = [left[key][0] for key in keys]
    base = np.array([np.mean([row["value"] for row in left[key]]) for key in keys])
    instruct = np.array([np.mean([row["value"] for row in right[key]]) for key in keys])
    clusters = np.array([row["cluster_id"] or row["item_id"] for row in firsts])
    candidates = int(firsts[0]["meta"].get("candidates", 0)) or len(set(clusters))
    if claim.compare in ALONE:
        instruct = np.full(len(keys), claim.level if claim.compare == "level" else 1 / candidates)
    return Pairs(
        base=base,
        instruct=instruct,
        tokens=np.array([row["n_tokens"] for row in firsts]),
        seeds=np.array([key[0] for key in keys]),
        clusters=clusters,
        n_items=len({key[1:] for key in keys}),
        candidates=candidates,
        sides=sides,
    )


def effect(claim: Claim, pairs: Pairs) -> Estimate:
    """Instruct minus base, with the interval over items."""
    if claim.compare == "relative":
        return ratio_difference(pairs.instruct, pairs.base, clusters=pairs.clusters, relative=True)
    if claim.compare in ALONE and is_yes_or_no(pairs.base):
        level = pairs.instruct[0]
        found = wilson(round(pairs.base.mean() * pairs.n_items), pairs.n_items)
        return Estimate(pairs.base.mean() - level, found.low - level, found.high - level, found.n)
    if claim.compare in ALONE:
        return paired_difference(pairs.base, pairs.instruct, pairs.clusters)
    return paired_difference(pairs.instruct, pairs.base, pairs.clusters)


def is_yes_or_no(values: np.ndarray) -> bool:
    return bool(np.isin(values, (0.0, 1.0)).all())


def over_seeds(claim: Claim, pairs: Pairs) -> Estimate:
    """Three or more trainings: the interval over trainings. Fewer, or no spread: the interval over items."""
    over_items = effect(claim, pairs)
    seeds = np.unique(pairs.seeds)
    if len(seeds) < SEEDS_FOR_A_METHOD:
        return over_items
    over_trainings = t_interval([effect(claim, pairs.where(pairs.seeds == seed)).value for seed in seeds])
    return over_trainings if over_trainings.high > over_trainings.low else over_items


def level(claim: Claim, pairs: Pairs, values: np.ndarray) -> float:
    """One side by itself: nats per token for a loss, a rate otherwise."""
    is_loss = claim.metric == "nll" and pairs.tokens.sum() > 0
    return float(values.sum() / pairs.tokens.sum() if is_loss else values.mean())


def p_value(claim: Claim, pairs: Pairs) -> float | None:
    """Exact test of no difference: binomial against a number, else sign test over clusters (0/1: McNemar)."""
    if claim.compare == "no worse" or pairs.n_items < FEWEST_ITEMS:
        return None
    if claim.compare in ALONE and 0 < pairs.instruct[0] < 1 and is_yes_or_no(pairs.base):
        right = round(pairs.base.mean() * pairs.n_items)
        return float(binomtest(right, pairs.n_items, pairs.instruct[0]).pvalue)
    difference = pairs.instruct - pairs.base
    return sign_test([difference[pairs.clusters == cluster].mean() for cluster in np.unique(pairs.clusters)])


def adjusted(found: list[dict]) -> list[dict]:
    """Add q, the p of each claim fixed beforehand corrected for their number (Benjamini-Hochberg)."""
    tested = [v for v in found if v["p"] is not None and not v["exploratory"]]
    q_of = dict(zip([v["claim"] for v in tested], benjamini_hochberg([v["p"] for v in tested]), strict=True))
    return [verdict | {"q": q_of.get(verdict["claim"])} for verdict in found]


def format_explains_more(claim: Claim, rows: Sequence[dict]) -> bool:
    """|D_prompt| > |D_weights| in the 2 x 2 of weights and prompt forms.

    D_weights = 1/2 [(I.chat - B.chat) + (I.raw - B.raw)]
    D_prompt  = 1/2 [(B.chat - B.raw) + (I.chat - I.raw)]
    Only where the two sides were prompted differently, and all four cells were measured.
    """
    if claim.compare != "difference" or claim.base[1] == claim.instruct[1]:
        return False
    measured = [row for row in select(rows, probe=claim.probe, metric=claim.metric) if claim.items(row)]
    cells = group(measured, "model", "condition")
    mean = {(role(m), form): np.mean([row["value"] for row in cell]) for (m, form), cell in cells.items()}
    base, instruct = claim.base[0], claim.instruct[0]
    if not {(base, "raw"), (base, "chat"), (instruct, "raw"), (instruct, "chat")} <= mean.keys():
        return False
    of_weights = mean[instruct, "chat"] - mean[base, "chat"] + mean[instruct, "raw"] - mean[base, "raw"]
    of_prompt = mean[base, "chat"] - mean[base, "raw"] + mean[instruct, "chat"] - mean[instruct, "raw"]
    return bool(abs(of_prompt) > abs(of_weights))


def suffix(claim: Claim, rows: Sequence[dict], n_items: int, seeds: int, floor: str) -> str:
    notes = [floor] if floor else []
    notes += ["(format)"] if format_explains_more(claim, rows) else []
    notes += [f"observation, n = {n_items}"] if n_items < FEWEST_ITEMS else []
    notes += ["these checkpoints"] if seeds < SEEDS_FOR_A_METHOD else []
    return "; ".join(notes)


def rule(claim: Claim) -> str:
    """The rule in words, for the report."""
    size, side_of_zero = claim.smallest_interesting, "above" if claim.direction > 0 else "below"
    if claim.compare == "no worse":
        kept = f"confirmed if the interval of the difference lies above −{size:.2f}"
        return f"{kept}, and that of the base model above chance + {size:.2f}"
    change = claim.direction * size
    amount = f"{100 * change:+.0f} %" if claim.compare == "relative" else f"{change:+.2f}"
    if claim.compare == "level":
        return f"confirmed if the interval lies {side_of_zero} {claim.level + claim.direction * size:.2f}"
    above_what = " over chance" if claim.compare == "chance" else ""
    return f"confirmed if the interval lies {side_of_zero} {amount.replace('-', '−')}{above_what}"


def number(value: float) -> float | None:
    """JSON knows no nan."""
    return round(float(value), 6) if np.isfinite(value) else None
