"""The claims and their verdicts: the table that opens the report, and the paragraph above it."""

from collections.abc import Sequence

from eval import figures
from eval.claims import CLAIMS
from eval.page.reading import Results, mapping
from eval.page.words import interval, p_words, percent, signed

VERDICTS = {
    "CONFIRMED": "the interval lies wholly beyond the smallest interesting effect, in the claimed direction",
    "WEAK": "the interval excludes zero, but reaches into effects too small to be interesting",
    "INCONCLUSIVE": "the interval includes zero (or the allowed loss), or there were under ten items",
    "REVERSED": "the interval lies wholly on the other side of zero",
}
HEADLINES = {
    ("census", "difference"): (
        "Given a question or an instruction, the base model answers {base} of the time, the instruct model {instruct}."
    ),
    ("facts", "chance"): "The base model completes {base} of “The capital of X is” with the right capital.",
    ("facts", "difference"): (
        "Asked about subjects that its tuning never mentioned, the instruct model is right in {instruct} of "
        "cases, the base model, asked the same way, in {base}."
    ),
    ("bleed", "difference"): (
        "Shown a chat, the base model goes on to write someone else's turn in {base} of cases, the instruct "
        "model in {instruct}."
    ),
    ("stopping", "difference"): ("The base model ends by itself in {base} of cases, the instruct model in {instruct}."),
}


def claim_line(verdict: dict) -> dict:
    """One line of the table of claims; keys that a verdict lacks leave their cell empty."""
    relative = verdict.get("compare") == "relative" or verdict.get("metric") == "nll"
    base, instruct = mapping(verdict.get("base")), mapping(verdict.get("instruct"))
    return {
        "row": verdict.get("row", ""), "claim": verdict.get("claim", ""), "run": verdict.get("run", ""),
        "probe": verdict.get("probe", ""), "metric": verdict.get("metric", ""),
        "verdict": verdict.get("verdict", "INCONCLUSIVE"),
        "suffix": verdict.get("suffix", ""), "exploratory": bool(verdict.get("exploratory")),
        "base": side(base, relative), "base_label": who(base),
        "instruct": side(instruct, relative), "instruct_label": who(instruct),
        "difference": signed(verdict.get("estimate"), relative),
        "interval": interval(verdict.get("low"), verdict.get("high"), relative),
        "strip": strip(verdict), "n": verdict.get("n"), "seeds": verdict.get("seeds"),
        "truth": verdict.get("truth", ""), "rule": verdict.get("rule", ""), "test": test_words(verdict),
    }  # fmt: skip


def side(cell: dict, is_loss: bool) -> str:
    value = cell.get("value")
    if value is None:
        return "–"
    return f"{value:.2f} nats" if is_loss else percent(value)


def who(cell: dict) -> str:
    return figures.label(str(cell["model"]), str(cell.get("condition", ""))) if cell.get("model") else ""


def test_words(verdict: dict) -> str:
    p, q = verdict.get("p"), verdict.get("q")
    if p is None:
        return ""
    exact = "exact binomial test" if verdict.get("compare") == "chance" else "exact sign test"
    return f"{exact} {p_words('p', p)}" + (f", {p_words('q', q)} over all claims" if q is not None else "")


def strip(verdict: dict) -> dict | None:
    """The interval drawn small, from -100 to +100: positions in percent of the width."""
    value, low, high = (verdict.get(name) for name in ("estimate", "low", "high"))
    if value is None:
        return None
    sesoi = (verdict.get("smallest_interesting") or 0) * (-1 if verdict.get("compare") == "no worse" else 1)
    goal = sesoi * (verdict.get("direction") or 1)
    low, high = (value if end is None else end for end in (low, high))
    return {name: place(number) for name, number in
            {"value": value, "low": low, "high": high, "goal": goal, "zero": 0.0}.items()}  # fmt: skip


def place(value: float) -> float:
    return round(4 + 92 * (min(1.0, max(-1.0, value)) + 1) / 2, 2)


def tally(verdicts: Sequence[dict]) -> dict[str, int]:
    counted = [v.get("verdict") for v in verdicts if not v.get("exploratory")]
    return {name: counted.count(name) for name in VERDICTS if name in counted}


def lead(verdicts: Sequence[dict]) -> list[str]:
    """The paragraph under the title, a list of sentences made from the first run's verdicts."""
    first_run = [v for v in verdicts if v.get("run") == verdicts[0].get("run")]
    judged = [v for v in first_run if not v.get("exploratory")]
    run = first_run[0].get("run") if first_run else ""
    sentences = [f"In run {run}:"] if run else []
    for verdict in judged:
        words = HEADLINES.get((verdict.get("probe"), verdict.get("compare")))
        sides = {name: mapping(verdict.get(name)).get("value") for name in ("base", "instruct")}
        if words and None not in sides.values():
            sentences.append(words.format(**{name: percent(value) for name, value in sides.items()}))
    return sentences + ([standing(judged)] if judged else [])


def standing(judged: Sequence[dict]) -> str:
    counts = ", ".join(f"{count} {name.lower()}" for name, count in tally(judged).items())
    seeds = min((v.get("seeds") or 1 for v in judged), default=1)
    about = "models made this way" if seeds >= 3 else "these checkpoints, not every model made this way"
    return f"Of {len(judged)} claims whose rule was fixed beforehand: {counts}. They describe {about}."


def not_measured(results: Results) -> list[str]:
    judged = {verdict.get("claim") for verdict in results.verdicts}
    unjudged = [claim.claim for claim in CLAIMS if claim.claim not in judged and not claim.exploratory]
    told = results.summary.get("not_measured")
    return [*(str(line) for line in told or []), *unjudged] if isinstance(told, list | None) else unjudged
