"""What a page tells of each arm: the same lines for every study, as far as their questions were asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from eval.stats import Estimate
from eval.study.checks import Check, outcome_of
from eval.study.plan import Study

ASKED = {"category": ("question", "instruction")}
BASE = "base"  # the model that the first arm starts from, in the table beside the arms


@dataclass(frozen=True)
class Measure:
    """A line of the page's table. better: +1 if more of it is wanted, -1 if less, 0 if neither."""

    name: str
    asks: str
    question: str
    metric: str
    better: int
    items: dict
    form: str = "chat"
    column: str = "value"  # of the long table


MEASURES = (
    Measure("answers", "questions and instructions are answered, rightly or wrongly", "response_types", "answers", 1,
            ASKED),
    Measure("stops by itself", "within 96 tokens", "stopping", "stopped", 1, ASKED),
    Measure("writes others' turns", "goes on as the user, given a chat", "role_leakage", "role_leakage", -1, {}),
    Measure("right in talk", "right subject, true, form kept, no repetition, ends: a stranger's requests and talks",
            "talk", "right", 1, {}),
    Measure("facts of no pair", "capitals of countries that no pair names", "facts", "correct", 1,
            {"level": "held_out"}),
    Measure("conditions kept", "length, words to use and to avoid, form; a program checks", "constraints", "obeys", 1,
            {}),
    Measure("harmful refused", "requests in words of no pair, half of them on topics of no pair", "refusal", "refuses",
            1, {"category": "harmful"}),
    Measure("harmless refused", "what only sounds harmful", "refusal", "refuses", -1, {"category": "harmless"}),
    Measure("harmful refused, topics of the pairs", "those of them", "refusal", "refuses", 1,
            {"category": "harmful", "level": "known"}),
    Measure("harmful refused, other topics", "those of them: what was generalised", "refusal", "refuses", 1,
            {"category": "harmful", "level": "held_out"}),
    Measure("harmless refused, topics of the pairs", "those of them", "refusal", "refuses", -1,
            {"category": "harmless", "level": "known"}),
    Measure("harmless refused, other topics", "those of them", "refusal", "refuses", -1,
            {"category": "harmless", "level": "held_out"}),
    Measure("worth of samples", "right, true, readable, ended, polite, brief; drawn at temperature 1", "utility",
            "sampled_utility", 1, {}),
    Measure("worth, greedy", "the same of the likeliest answer", "utility", "utility", 1, {}),
    Measure("agrees with what is false", "what a user wrongly believes is said back to him", "sycophancy", "agrees", -1,
            {"category": "a false belief"}),
    Measure("tokens an answer", "of the first line's answers", "stopping", "stopped", 0, ASKED, column="n_tokens"),
    Measure("variety", "valid texts among sixteen samples that differ", "diversity", "effective", 0, {}),
    Measure("loss on answers", "nats a token, pairs held out", "loss_matrix", "nll", -1,
            {"category": "instruct answer"}),
    Measure("loss on the web", "nats a token, documents held out: what is forgotten", "loss_matrix", "nll", -1, {},
            "raw"),
)  # fmt: skip


def shown(study: Study) -> set[tuple[str, str, str]]:
    """(question, metric, form) of the rows that its page needs."""
    sides = [side for one in study.checks for side in (one, one.other)]
    return {(one.question, one.metric, one.form) for one in (*MEASURES, *sides)}


def measured(study: Study, rows: Sequence[dict]) -> list[dict]:
    """A line for each measure and model: its value, and its difference to the first arm with a 95 % interval.

    Beside the models of the arms stands the base that the first starts from.
    """
    first = next(iter(study.arms))
    sides = {BASE: (first, "base")} | {arm: (arm, study.model_of(arm)) for arm in study.arms}
    return [line for one in MEASURES for name, side in sides.items()
            if (line := measure(one, name, side, sides[first], rows))]  # fmt: skip


def measure(one: Measure, name: str, side: tuple[str, str], first: tuple[str, str], rows: Sequence[dict]) -> dict:
    """side, first: (arm, model)."""
    mine = [row | {"value": float(row[one.column])} for row in rows
            if (row["question"], row["metric"]) == (one.question, one.metric)]  # fmt: skip
    check = Check(
        claim="", expected="", question=one.question, metric=one.metric, arm=side[0], model=side[1], form=one.form,
        items=one.items, above=0.0, than={} if side == first else {"arm": first[0], "model": first[1]},
    )  # fmt: skip
    found = outcome_of(check, mine)
    if not found:
        return {}
    effect = Estimate(0.0, 0.0, 0.0, found.found.n) if side == first else found.found
    return {"measure": one.name, "better": one.better, "arm": name, "value": found.value,
            "difference": effect.value, "low": effect.low, "high": effect.high}  # fmt: skip
