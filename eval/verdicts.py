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
from dataclasses import replace

import numpy as np
from scipy.stats import binomtest

from eval.claims import ALONE, CLAIMS, Claim
from eval.paired import FEWEST_ITEMS, SEEDS_FOR_A_METHOD, Paired, is_yes_or_no, side_by_side
from eval.results import group, role, select
from eval.stats import Estimate, benjamini_hochberg, effective_size, sign_test


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
    of_runs: dict[str, list[dict]] = {}
    for row in rows:
        of_runs.setdefault(row["model"].rpartition("/")[0], []).append(row)
    found = []
    for run, mine in of_runs.items():
        measured = group(mine, "question", "metric")
        judged = (verdict_on(claim, measured.get((claim.question, claim.metric), [])) for claim in CLAIMS)
        found += [verdict | {"run": run} for verdict in adjusted(list(filter(None, judged)))]
    return found


def verdict_on(claim: Claim, rows: Sequence[dict]) -> dict | None:
    """One claim against the rows of one run; None where nothing was measured."""
    pairs, conditions = paired(claim, rows)
    if pairs is None:
        return None
    estimate = effect(claim, pairs)
    verdict = apply_rule(claim, estimate)
    floor = "" if verdict == "REVERSED" else nothing_to_keep(claim, pairs)  # a loss that was seen is one
    n, seeds = len(pairs), len(set(pairs.seeds))
    sides = [
        {"model": model, "condition": condition, "value": number(pairs.level(values, claim.metric))}
        for model, condition, values in zip(pairs.names, conditions, pairs.values.T, strict=True)
    ]
    return {
        "claim": claim.claim, "row": claim.row, "question": claim.question, "metric": claim.metric,
        "verdict": "INCONCLUSIVE" if floor or n < FEWEST_ITEMS else verdict,
        "estimate": number(estimate.value), "low": number(estimate.low), "high": number(estimate.high),
        "n": n, "seeds": seeds, "rule": rule(claim), "truth": claim.truth.format(candidates=candidates(pairs)),
        "suffix": suffix(claim, rows, n, seeds, floor, had_any=bool(pairs.values[:, 0].any())),
        "direction": claim.direction, "smallest_interesting": claim.smallest_interesting,
        "compare": claim.compare, "exploratory": claim.exploratory, "contested": claim.contested,
        **test_of(claim, pairs), "base": sides[0], "instruct": sides[1],
    }  # fmt: skip


def apply_rule(claim: Claim, found: Estimate) -> str:
    if claim.compare != "no worse":
        return judge(found.value, found.low, found.high, claim.direction, claim.smallest_interesting)
    # Is the difference above -margin? The same rule, moved by the margin, and any excess over it counts.
    margin = claim.smallest_interesting
    return judge(found.value + margin, found.low + margin, found.high + margin, claim.direction, 0.0)


def nothing_to_keep(claim: Claim, pairs: Paired) -> str:
    """Why there is nothing to keep, in words; "" where there is something, or something else is claimed.

    The floor: the base model's own interval does not lie above chance by more than the loss that is allowed. Whoever
    stands there could lose all there is, and the difference would still be allowed.
    """
    if claim.compare != "no worse":
        return ""
    chance = max(claim.guessed, 1 / candidates(pairs))
    above = effect(replace(claim, compare="level"), against(chance, pairs))
    if above.low > claim.smallest_interesting:
        return ""
    doubt = "perhaps " if above.value > claim.smallest_interesting else ""
    found = f"the base model is at {100 * pairs.values[:, 0].mean():.0f} %, chance at {100 * chance:.0f} %"
    return f"{doubt}nothing to keep: {found}"


def paired(claim: Claim, rows: Sequence[dict]) -> tuple[Paired | None, list[str]]:
    """Both sides item by item, where two prompt forms number items differently subject by subject; their forms."""
    sides = [side(bearing(claim, rows), *each) for each in claim.sides]
    if not all(sides):
        return None, []
    forms = ["/".join(dict.fromkeys(row["condition"] for row in some)) for some in sides]
    names = [model for model, _ in claim.sides]
    for columns in (("category", "item_id"), ("item_id",), ("category", "cluster_id")):
        pairs = side_by_side(sides, names, columns)
        if len(pairs) and claim.compare in ALONE:
            level = claim.level if claim.compare == "level" else 1 / candidates(pairs)
            return replace(against(level, pairs), names=(*names, claim.compare)), [*forms, ""]
        if len(pairs):
            return pairs, forms
    if forms != [form for _, form in claim.sides]:
        return None, []  # nothing came of the form wanted, and in the other one other items were asked
    if min(map(len, sides)) < FEWEST_ITEMS:
        return None, []  # so little could be read of either model that they have nothing in common
    raise ValueError(f"{claim.question}: {names} in the forms {forms} share no item, so nothing is paired")


def bearing(claim: Claim, rows: Sequence[dict]) -> list[dict]:
    """The rows of the items that the claim is about."""
    return [row for row in select(rows, question=claim.question, metric=claim.metric) if claim.items(row)]


def side(rows: Sequence[dict], model: str, condition: str) -> list[dict]:
    """The rows of one model in the wanted prompt form, or else in those it was asked in."""
    mine = [row for row in rows if role(row["model"]) == model]
    return select(mine, condition=condition) or mine


def against(level: float, pairs: Paired) -> Paired:
    """The first side, held against a number."""
    values = pairs.values[:, 0]
    return replace(pairs, values=np.stack([values, np.full_like(values, level)], axis=1))


def candidates(pairs: Paired) -> int:
    """Answers to choose from."""
    return int(pairs.firsts[0]["meta"].get("candidates", 0)) or len(set(pairs.clusters))


def effect(claim: Claim, pairs: Paired) -> Estimate:
    """Instruct minus base, or the first side minus its number, with its interval."""
    base, instruct = pairs.values.T
    if claim.compare == "relative":
        return pairs.loss_difference(instruct, base, relative=True)
    if claim.compare not in ALONE:
        return pairs.difference(instruct, base)
    if not is_yes_or_no(base):
        return pairs.difference(base, instruct)
    found, level = pairs.mean(base), instruct[0]
    return Estimate(found.value - level, found.low - level, found.high - level, found.n)


def test_of(claim: Claim, pairs: Paired) -> dict[str, float | str | None]:
    """{p, test} of no difference: binomial against a number, else sign test over clusters (0/1: McNemar).

    It stands beside the interval, which alone decides.
    """
    if claim.compare == "no worse" or len(pairs) < FEWEST_ITEMS:
        return {"p": None, "test": ""}
    base, instruct = pairs.values.T
    if claim.compare in ALONE and 0 < instruct[0] < 1 and is_yes_or_no(base):
        sums = [(base - base.mean())[pairs.clusters == cluster].sum() for cluster in np.unique(pairs.clusters)]
        n = round(effective_size(base.mean(), len(base), np.array(sums)))
        p = binomtest(round(base.mean() * n), n, instruct[0]).pvalue
        return {"p": float(p), "test": "exact binomial test"}
    difference = instruct - base
    p = sign_test([difference[pairs.clusters == cluster].mean() for cluster in np.unique(pairs.clusters)])
    return {"p": p, "test": "exact sign test"}


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
    cells = group(bearing(claim, rows), "model", "condition")
    mean = {(role(m), form): np.mean([row["value"] for row in cell]) for (m, form), cell in cells.items()}
    square = [[mean.get((model, form)) for form in ("raw", "chat")] for model in (claim.base[0], claim.instruct[0])]
    if None in (*square[0], *square[1]):
        return False
    (base_raw, base_chat), (raw, chat) = square
    of_weights = chat - base_chat + raw - base_raw
    of_prompt = base_chat - base_raw + chat - raw
    return bool(abs(of_prompt) > abs(of_weights))


def suffix(claim: Claim, rows: Sequence[dict], n_items: int, seeds: int, floor: str, had_any: bool) -> str:
    notes = {
        floor: floor,
        "(format)": format_explains_more(claim, rows),
        "the base model has none to lose": claim.compare == "difference" and claim.direction < 0 and not had_any,
        f"observation, n = {n_items}": n_items < FEWEST_ITEMS,
        "these checkpoints": seeds < SEEDS_FOR_A_METHOD,
    }
    return "; ".join(note for note, holds in notes.items() if holds)


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
