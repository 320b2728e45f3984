"""What a page tells of each arm: the same lines for every study, as far as their questions were asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from eval.page.words import between
from eval.stats import Estimate
from eval.study.checks import Check, outcome_of
from eval.study.plan import Study

ASKED = {"category": ("question", "instruction")}
BASE = "base"  # the model that the first arm starts from, in the table beside the arms; and the table of all bases
LAST = "last"  # the table of what each arm made last


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
    is_rate: bool = True  # a share: no difference of two is beyond 1


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
    Measure("tokens an answer", "of the first line's answers", "stopping", "stopped", 0, ASKED, column="n_tokens",
            is_rate=False),
    Measure("variety", "valid texts among sixteen samples that differ", "diversity", "effective", 0, {},
            is_rate=False),
    Measure("loss on answers", "nats a token, pairs held out", "loss_matrix", "nll", -1,
            {"category": "instruct answer"}, is_rate=False),
    Measure("loss on the web", "nats a token, documents held out: what is forgotten", "loss_matrix", "nll", -1, {},
            "raw", is_rate=False),
)  # fmt: skip


def shown(study: Study) -> set[tuple[str, str, str]]:
    """(question, metric, form) of the rows that its page needs."""
    sides = [side for one in study.checks for side in (one, one.other)]
    return {(one.question, one.metric, one.form) for one in (*MEASURES, *sides)}


def measured(study: Study, rows: Sequence[dict]) -> list[dict]:
    """A line for each measure and model: its value, and its difference to another with a 95 % interval.

    First of what each arm made last, and of the base that the first arm starts from; then, where arms have bases of
    their own, of these.
    """
    first = next(iter(study.arms))
    last = {arm: (arm, study.model_of(arm)) for arm in study.arms}
    tuned = {BASE: ((first, "base"), last[first])} | {
        arm: (side, last[study.held_against(arm) or first]) for arm, side in last.items()}  # fmt: skip
    homes = dict.fromkeys(map(study.home_of_base, study.arms))
    bases = {arm: ((arm, "base"), (first, "base")) for arm in homes} if len(homes) > 1 else {}
    return [{"of": of, **line} for of, sides in {LAST: tuned, BASE: bases}.items() for one in lines_of(study)
            for name, (side, other) in sides.items() if (line := measure(one, name, side, other, rows))]  # fmt: skip


def lines_of(study: Study) -> list[Measure]:
    """The measures of every page, and the numbers of its checks that are none of them."""
    more = {named(one): Measure(named(one), "", one.question, one.metric, 0, one.items, one.form, is_rate=False)
            for check in study.checks for one in (check, check.other)}  # fmt: skip
    named_already = {one.name for one in MEASURES}
    return [*MEASURES, *(one for name, one in more.items() if name not in named_already)]


def named(check: Check) -> str:
    """What the table calls the number. Example: "harmful refused"; of one that it lacks "facts, correct, capital"."""
    number, wanted = (check.question, check.metric, check.form), in_sets(check.items)
    same = [one.name for one in MEASURES
            if (one.question, one.metric, one.form) == number and in_sets(one.items) == wanted]  # fmt: skip
    where = [" or ".join(sorted(one)) for one in wanted.values()] + [check.form] * (check.form != "chat")
    return (*same, ", ".join([check.question, check.metric, *where]).replace("_", " "))[0]


def in_sets(items: dict[str, object]) -> dict[str, set[str]]:
    """Example: {"level": "known", "category": ("a", "b")} -> {"level": {"known"}, "category": {"a", "b"}}."""
    return {key: set(map(str, value)) if isinstance(value, (list, tuple)) else {f"{value}"}
            for key, value in items.items()}  # fmt: skip


def measure(one: Measure, name: str, side: tuple[str, str], other: tuple[str, str], rows: Sequence[dict]) -> dict:
    """side, other: (arm, model), and what it is held against."""
    mine = [row | {"value": float(row[one.column])} for row in rows
            if (row["question"], row["metric"]) == (one.question, one.metric)]  # fmt: skip
    check = Check(
        claim="", expected="", question=one.question, metric=one.metric, arm=side[0], model=side[1], form=one.form,
        items=one.items, above=0.0, than={} if side == other else {"arm": other[0], "model": other[1]},
    )  # fmt: skip
    found = outcome_of(check, mine)
    if not found:
        return {}
    effect = Estimate(0.0, 0.0, 0.0, found.found.n) if side == other else found.found
    low, high = (between(end, -1.0, 1.0) if one.is_rate else end for end in (effect.low, effect.high))
    return {"measure": one.name, "better": one.better, "items": len({row["item_id"] for row in check.rows(mine)}),
            "arm": name, "against": other[0], "value": found.value, "difference": effect.value, "low": low,
            "high": high}  # fmt: skip
