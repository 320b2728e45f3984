"""The claims and their verdicts: the table that opens the report, and the paragraph above it."""

from collections.abc import Callable, Sequence

from eval import figures
from eval.claims import ALONE, CLAIMS, Claim
from eval.page.reading import Results, mapping
from eval.page.rows import row_name
from eval.page.units import LOSS, Unit, unit_of
from eval.page.words import p_words, percent, plural
from eval.results import role

VERDICTS = {
    "CONFIRMED": "the interval lies wholly beyond the smallest interesting effect, in the claimed direction",
    "WEAK": "the interval excludes zero, but reaches into effects too small to be interesting",
    "INCONCLUSIVE": "the interval includes zero, or under ten items were asked, or there was nothing to keep",
    "REVERSED": "the interval lies wholly on the other side of zero",
}
NOTES = {
    "zero": "no difference; in a claim about one model: chance, or the level it names; in a claim that something is "
    "kept: the loss it allows",
    "(format)": "the form of the prompt explains more of the difference than the weights do",
}
FEW_TRAININGS = "these checkpoints"  # said once, above the table
ABOUT_ONE = "the claim is about the other alone"


def claim_line(verdict: dict) -> dict:
    """One line of the table of claims; keys that a verdict lacks leave their cell empty."""
    notes = [note for note in str(verdict.get("suffix", "")).split("; ") if note != FEW_TRAININGS]
    measured = against_number(verdict) if verdict.get("compare") in ALONE else side_by_side(verdict)
    return measured | {
        "row": row_name(verdict.get("row", "")), "claim": verdict.get("claim", ""), "run": verdict.get("run", ""),
        "question": verdict.get("question", ""), "metric": verdict.get("metric", ""),
        "verdict": verdict.get("verdict", "INCONCLUSIVE"),
        "suffix": "; ".join(notes), "exploratory": bool(verdict.get("exploratory")),
        "strip": strip(verdict), "n": verdict.get("n"), "seeds": verdict.get("seeds"),
        "truth": verdict.get("truth", ""), "rule": verdict.get("rule", ""), "test": test_words(verdict),
    }  # fmt: skip


def side_by_side(verdict: dict) -> dict:
    """Two sides and their difference."""
    unit = unit_of_verdict(verdict)
    sides = {name: mapping(verdict.get(name)) for name in ("base", "instruct")}
    names = {f"{name}_label": who(side) for name, side in sides.items()}
    difference, interval = written(verdict.get("estimate"), unit.difference), written_between(verdict, unit.between)
    interval += "; a loss: lower is better" if unit is LOSS and interval else ""
    return names | {name: written(side.get("value"), unit.level) for name, side in sides.items()} | {
        "sides": " against ".join(filter(None, names.values())), "difference": difference, "interval": interval,
        "outcome": joined(", ".join(filter(None, (difference, interval))), wanted(verdict, unit)),
    }  # fmt: skip


def against_number(verdict: dict) -> dict:
    """One side alone, in the column of its model, and the number it is held against."""
    unit, claim = unit_of_verdict(verdict), claim_of(verdict)
    mine, held_against = mapping(verdict.get("base")), level_of(verdict)
    column = "base" if role(str(mine.get("model", ""))) == "base" else "instruct"
    counted = claim.counted if claim else ""
    value = written(mine.get("value"), unit.level)
    interval = written_between(verdict, unit.range, held_against)
    goal = wanted(verdict, unit)
    chance = f"chance is {unit.level(held_against)}" if verdict.get("compare") == "chance" else ""
    nobody = {"base": "–", "instruct": "–", "base_label": ABOUT_ONE, "instruct_label": ABOUT_ONE, "alone": column}
    return nobody | {
        column: value, f"{column}_label": who(mine), "sides": who(mine),
        "difference": goal, "interval": joined(f"{interval} {counted}".strip(), chance),
        "outcome": joined(f"{value} {counted}".strip() + (f" ({interval})" if interval else ""), goal, chance),
    }  # fmt: skip


def unit_of_verdict(verdict: dict) -> Unit:
    return unit_of(verdict.get("question", ""), verdict.get("metric", ""))


def written(value: float | None, write: Callable[[float], str]) -> str:
    return "–" if value is None else write(value)


def written_between(verdict: dict, write: Callable[[float, float], str], level: float = 0.0) -> str:
    """The interval, above a level; nothing where there is none."""
    low, high = verdict.get("low"), verdict.get("high")
    return "" if low is None or high is None else write(low + level, high + level)


def level_of(verdict: dict) -> float:
    """What a claim about one model is held against; 0 for a difference."""
    return verdict.get("compare") in ALONE and mapping(verdict.get("instruct")).get("value") or 0.0


def joined(*parts: str) -> str:
    return "; ".join(filter(None, parts))


def wanted(verdict: dict, unit: Unit) -> str:
    """Where the interval must lie; nothing where no rule is known. Example: "below 5 % wanted"."""
    if not verdict.get("direction"):
        return ""
    side = "above" if verdict["direction"] > 0 else "below"
    write = unit.level if verdict.get("compare") in ALONE else unit.difference
    return f"{side} {write(goal_of(verdict)).replace('.0 ', ' ')} wanted"


def goal_of(verdict: dict) -> float:
    """Where the interval must lie beyond: of a claim about one model a level, else a difference."""
    sesoi = (verdict.get("smallest_interesting") or 0) * (-1 if verdict.get("compare") == "no worse" else 1)
    return level_of(verdict) + sesoi * (verdict.get("direction") or 1)


def who(cell: dict) -> str:
    return figures.label(str(cell["model"]), str(cell.get("condition", ""))) if cell.get("model") else ""


def test_words(verdict: dict) -> str:
    p, q = verdict.get("p"), verdict.get("q")
    if p is None:
        return ""
    beside = f", {p_words('q', q)} over all claims that are tested" if q is not None else ""
    return f"{verdict.get('test') or 'exact test'} {p_words('p', p)}{beside}"


def strip(verdict: dict) -> dict | None:
    """The interval drawn small, from -100 to +100: positions in percent of the width."""
    numbers = [verdict.get(name) for name in ("estimate", "low", "high")]
    if numbers[0] is None:
        return None
    value, low, high = ((numbers[0] if number is None else number) + level_of(verdict) for number in numbers)
    return {name: place(number) for name, number in
            {"value": value, "low": low, "high": high, "goal": goal_of(verdict), "zero": 0.0}.items()}  # fmt: skip


def place(value: float) -> float:
    return round(4 + 92 * (min(1.0, max(-1.0, value)) + 1) / 2, 2)


def tally(verdicts: Sequence[dict]) -> dict[str, int]:
    counted = [v.get("verdict") for v in verdicts if not v.get("exploratory")]
    return {name: counted.count(name) for name in VERDICTS if name in counted}


def lead(verdicts: Sequence[dict], what: str = "run") -> list[str]:
    """The paragraph under the title, a list of sentences made from the verdicts of the first run (or arm)."""
    judged = [v for v in verdicts if v.get("run") == verdicts[0].get("run") and not v.get("exploratory")]
    run = verdicts[0].get("run") if verdicts else ""
    sentences = [f"In {what} {run}:"] if run else []
    for verdict in judged:
        claim = claim_of(verdict)
        sides = {name: mapping(verdict.get(name)).get("value") for name in ("base", "instruct")}
        if claim and claim.headline and None not in sides.values():
            sentences.append(claim.headline.format(**{name: percent(value) for name, value in sides.items()}))
    return sentences + ([standing(judged)] if judged else [])


def standing(judged: Sequence[dict]) -> str:
    counts = ", ".join(f"{count} {name.lower()}" for name, count in tally(judged).items())
    seeds = min((v.get("seeds") or 1 for v in judged), default=1)
    about = "models made this way" if seeds >= 3 else "these checkpoints, not every model made this way"
    return f"Of {plural(len(judged), 'claim')} whose rule was fixed beforehand: {counts}. They describe {about}."


def not_measured(results: Results) -> list[str]:
    judged = {counts_of(verdict) for verdict in results.verdicts}
    unjudged = [claim.claim for claim in CLAIMS if not claim.exploratory and claim.counts not in judged]
    told = results.summary.get("not_measured")
    return [*(str(line) for line in told or []), *unjudged] if isinstance(told, list | None) else unjudged


def claim_of(verdict: dict) -> Claim | None:
    return next((claim for claim in CLAIMS if claim.counts == counts_of(verdict)), None)


def counts_of(verdict: dict) -> tuple:
    """What a verdict is known by, so that results from before a change of wording are read rightly."""
    what = map(verdict.get, ("question", "metric", "compare", "direction"))
    return *what, role(str(mapping(verdict.get("base")).get("model")))
