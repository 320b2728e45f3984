"""Controls: what was taken away, what was expected to go with it, and what did.

Two of them stand within a question and are shown for any models; the others are trainings of their own (a study).
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from math import isfinite

from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import runs
from eval.page.dots import Dot, Line, dot_lines
from eval.page.opening import are_strangers
from eval.page.reading import Results, listed, mapping
from eval.page.section import Section, Table, picture
from eval.page.units import LOSS, unit_of
from eval.page.words import plural, signed_decimals, with_interval, words
from eval.questions.decomposition.show import NAMES as BEHAVIOURS
from eval.study.checks import Check, Outcome, outcome_of, outcomes

PATTERN = "Four examples of Task and Execution under unknown headers are enough: the base model writes the Execution"
WITHIN = (
    Check(
        PATTERN, "With shuffled answers there is nothing to find, and examples help nothing", "task_patterns", "gain",
        "base", "raw", items={"category": "shuffled"}, below=0.10,
    ),
    Check(
        PATTERN, "Headers that no text contains serve as well as the corpus' own, to within .10", "task_patterns",
        "gain", "base", "raw", items={"category": "alien"}, than={"items": {"category": "native"}}, above=-0.10,
    ),
)  # fmt: skip
NAMES = BEHAVIOURS | {("task_patterns", "gain"): "gain by examples", ("loss_matrix", "nll"): "nats per token"}
OUTCOMES = {"AS EXPECTED": "as expected", "OTHERWISE": "otherwise", "UNCLEAR": "unclear"}


def section(results: Results) -> Section | None:
    study = mapping(results.summary.get("study"))
    if not study and are_strangers(results.summary):
        return None  # what is expected within a question follows from the text that a model read
    found = within(results) + outcomes(checks_of(study), results.rows)
    if not found:
        return None
    titles = {name: str(mapping(arm).get("title", name)) for name, arm in mapping(study.get("arms")).items()}
    return Section(
        question="controls",
        row="Every row",
        title="If the explanation is right, what else must be true?",
        says=said(found, bool(study)),
        pictures=picture(
            "controls", "Each control, where it was expected and where it came out", drawn(found, titles, results.rows)
        ),
        how_to_read="Each mark is expected on that side of its stroke to which the arrow points. A line is a control; "
        "above it in bold what was changed. The mark is the number with its 95 % interval in hundredths, the stroke "
        "the bound, a grey cross the same number where nothing was changed. On the right stands whether the interval "
        "lies where it was expected. The table names the claim that each control guards, in the same order.",
        n=f"{plural(min(items(one.check, results) for one in found), 'item')} or more for each control",
        test=f"The rule was written down before anything was {'trained' if study else 'measured'}: as expected if the "
        "interval lies wholly on the expected side of the bound, otherwise if wholly on the other, else unclear.",
        pitfall="A control takes away one explanation, not all of them."
        + (" One training of each arm describes these checkpoints." if study else ""),
        tables=[table(found, titles, results), *([arms_table(study)] if study else [])],
    )


def within(results: Results) -> list[Outcome]:
    """The controls within a question, for the first run; a study's arms have the same names as its runs."""
    run = next(iter(runs(results.rows)), "")
    return outcomes(
        [Check(**(vars(check) | {"arm": run})) for check in WITHIN], results.by_question.get("task_patterns", [])
    )


def checks_of(study: dict) -> list[Check]:
    return [Check(**check) for check in listed(study.get("checks"))]


def said(found: Sequence[Outcome], is_study: bool) -> str:
    counts = {word: [one.word for one in found].count(key) for key, word in OUTCOMES.items()}
    told = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    more = " Controls that need a training of their own are made by a study (make study NAME=controls)."
    return f"Of {plural(len(found), 'control')}: {told}.{'' if is_study else more}"


def drawn(found: Sequence[Outcome], titles: dict[str, str], rows: Sequence[dict]) -> Figure:
    """Rates and differences of rates on one axis; nats of a loss as they are, hundredths on the axis."""
    lines, first = [], next(iter(titles), "")
    by_heading = groupby(found, lambda one: titles.get(one.check.arm) or "within the question")
    for heading, some in by_heading:
        lines.append(Line(heading))
        for outcome in some:
            check = outcome.check
            dots = [*unchanged(check, rows, first), Dot.of(check.model, outcome.found)]
            note = f"{'←' if check.above is None else '→'} {OUTCOMES[outcome.word]}"
            lines.append(Line(short(check), dots, reference=check.bound, note=note))
    return dot_lines(lines, -1, 1, (-1, -0.5, 0, 0.5, 1))


def unchanged(check: Check, rows: Sequence[dict], first: str) -> list[Dot]:
    """The same number of the arm that nothing was changed in, where the check is not a difference to it already."""
    found = None if check.than or check.arm in ("", first) else outcome_of(replace(check, arm=first), rows)
    return [Dot(found.found, "the same, unchanged", "#888888", "X")] if found else []


def short(check: Check) -> str:
    """Example: "stops by itself", and below it "instruct · raw text, minus as-is, base"."""
    what = NAMES.get((check.question, check.metric), f"{check.metric} of {check.question}".replace("_", " "))
    category = f" ({check.items['category']})" if isinstance(check.items.get("category"), str) else ""
    minus = f", minus {other(check)}" if check.than else ""
    return f"{what}{category}\n{figures.label(check.model, check.form)}{minus}"


def other(check: Check) -> str:
    """What it is held against, in words."""
    than = check.other
    changed = (
        than.arm != check.arm and than.arm,
        than.model != check.model and figures.model_name(than.model),
        than.form != check.form and figures.FORMS.get(than.form, than.form),
        than.items != check.items and words(list(than.items.values())),
    )
    return ", ".join(filter(None, changed))


def told(check: Check, value: float) -> str:
    """A number of a control, or a difference to what it is held against; losses in nats."""
    unit = unit_of(check.question, check.metric)
    if unit is LOSS:
        return f"{signed_decimals(value)} nats" if check.than else LOSS.level(value)
    return unit.difference(value) if check.than else unit.level(value).replace(".0 %", " %")


def items(check: Check, results: Results) -> int:
    """How many were asked, however many trainings saw them."""
    return len({(row["category"], row["item_id"]) for row in check.rows(results.of(check.question))})


def table(found: Sequence[Outcome], titles: dict[str, str], results: Results) -> Table:
    lines = [
        (titles.get(check.arm) or "within the question", check.claim, check.expected, short(check).replace("\n", ": "),
         f"{'below' if check.above is None else 'above'} {told(check, check.bound)}",
         value(one), "" if one.other is None else levels(one), OUTCOMES[one.word], str(items(check, results)))
        for one in found for check in [one.check]
    ]  # fmt: skip
    header = ("Changed", "Claim it guards", "Expected", "Measured", "Bound", "Came out", "Levels", "Outcome", "n")
    return Table(header, lines, "The controls")


def value(outcome: Outcome) -> str:
    told_as = partial(told, outcome.check)
    return with_interval(outcome.found, told_as) if isfinite(outcome.found.low) else told_as(outcome.found.value)


def levels(outcome: Outcome) -> str:
    level = unit_of(outcome.check.question, outcome.check.metric).level
    return f"{level(outcome.value)} against {level(outcome.other)}"


def arms_table(study: dict) -> Table:
    arms = {name: mapping(arm) for name, arm in mapping(study.get("arms")).items()}
    changes = {name: [f"{stage}: {words(settings)}" for stage, settings in mapping(arm.get("changes")).items()]
               for name, arm in arms.items()}  # fmt: skip
    lines = [(name, str(arm.get("title", "")), "; ".join(changes[name]) or "–", str(arm.get("base_of", "")))
             for name, arm in arms.items()]  # fmt: skip
    return Table(("Arm", "What it is", "Settings changed", "Starts from the base of"), lines, "The arms of the study")
