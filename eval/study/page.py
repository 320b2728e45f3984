"""The page of a study, to be committed: a table of its arms, what each changes, what was expected, what it cost.

    make study NAME=objectives PUBLISH=1      # the study, then eval/studies/objectives.md, its table and figures
    make pages                                # every page again, from what is committed of its arms
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from jinja2 import Environment, FileSystemLoader, Template
from markupsafe import Markup
from matplotlib.figure import Figure

from configs.pipeline.errors import exit_cleanly
from configs.pipeline.files import write_whole
from eval import figures
from eval.page.words import decimals, signed_decimals, with_interval
from eval.page.writing import TEMPLATES, fenced, markdown_text
from eval.paired import excludes_zero
from eval.settings import StudySettings
from eval.stats import Estimate
from eval.study.checks import Check, outcome_of, outcomes
from eval.study.html import page_of
from eval.study.kept import PAGES, SHOWN, keep, kept, model_of
from eval.study.plan import Study, read_study

ASKED = {"category": ("question", "instruction")}
WORDS = {"AS EXPECTED": "as expected", "OTHERWISE": "the opposite", "UNCLEAR": "not seen"}


@dataclass(frozen=True)
class Measure:
    """A line of the page's table. better: +1 if more of it is wanted, -1 if less, 0 if neither."""

    name: str
    question: str
    metric: str
    better: int
    items: dict
    form: str = "chat"
    column: str = "value"  # of the long table


MEASURES = (
    Measure("answers in chat", "response_types", "answers", 1, ASKED),
    Measure("stops by itself", "stopping", "stopped", 1, ASKED),
    Measure("writes others' turns", "role_leakage", "role_leakage", -1, {}),
    Measure("right in talk", "talk", "right", 1, {}),
    Measure("facts of no pair", "facts", "correct", 1, {"level": "held_out"}),
    Measure("conditions kept", "constraints", "obeys", 1, {}),
    Measure("harmful refused", "refusal", "refuses", 1, {"category": "harmful"}),
    Measure("harmless refused", "refusal", "refuses", -1, {"category": "harmless"}),
    Measure("worth of samples", "utility", "sampled_utility", 1, {}),
    Measure("worth, greedy", "utility", "utility", 1, {}),
    Measure("tokens an answer", "stopping", "stopped", 0, ASKED, column="n_tokens"),
    Measure("variety", "diversity", "effective", 0, {}),
    Measure("loss on answers", "loss_matrix", "nll", -1, {"category": "instruct answer"}),
    Measure("loss on the web", "loss_matrix", "nll", -1, {}, "raw"),
)


def publish(study: Study, settings: StudySettings, identities: dict[str, dict], folder: Path = PAGES) -> Path:
    """Keep what the page needs of these arms, which were asked here, and write it; its path. As HTML beside the report.

    identities: arm -> what makes its results what they are (kept.py).
    """
    sides = [side for one in study.checks for side in (one, one.other)]
    shown = {(one.question, one.metric, one.form) for one in (*MEASURES, *sides)}
    for arm, identity in identities.items():
        keep(study, settings, arm, identity, lambda row: (row["question"], row["metric"], row["condition"]) in shown,
             folder)  # fmt: skip
    page = write_page(settings.name, study, folder)
    write_whole(settings.results.with_suffix(".html"), page_of(page))
    return page


def write_page(name: str, study: Study, folder: Path = PAGES) -> Path:
    """The page, its table and its figures, from what is kept of the arms."""
    rows, facts = kept(name, list(study.arms), folder)
    write_whole(folder / f"{name}.csv", written(measured(study, rows)))
    table = read_table(folder / f"{name}.csv")
    for what, drawn in {"effects": effects(table), "curves": curves(study, facts)}.items():
        write_whole(folder / f"{name}-{what}.png", figures.png(drawn))
    page = folder / f"{name}.md"
    write_whole(page, text_of(name, study, table, rows, facts))
    return page


def text_of(name: str, study: Study, table: Sequence[dict], rows: Sequence[dict], facts: dict[str, dict]) -> str:
    return template("study.md.jinja").render(
        name=name, study=study, arms=list(facts), facts=facts, lines=lines_of(table), examples=examples(study, facts),
        outcomes=expectations(study, rows), fewest=min((trainings(one) for one in facts.values()), default=0),
        trainings={arm: trainings(one) for arm, one in facts.items()},
    )  # fmt: skip


def table_alone(name: str, folder: Path = PAGES) -> str:
    """The table of a page that is there, with what each arm cost, for the README."""
    table = read_table(folder / f"{name}.csv")
    arms = list(dict.fromkeys(line["arm"] for line in table))
    facts = kept(name, arms, folder)[1]
    spent = {arm: f"{told['seconds'] / trainings(told):.0f}" for arm, told in facts.items()}
    lines = lines_of(table) | {"seconds of training, its own stages": spent}
    return template("study_table.md.jinja").render(arms=arms, lines=lines).strip()


def template(name: str) -> Template:
    here = Environment(loader=FileSystemLoader(TEMPLATES), trim_blocks=True, lstrip_blocks=True, finalize=markdown_text)
    here.filters |= {"own": Markup, "fenced": fenced}
    return here.get_template(name)


def trainings(facts: dict) -> int:
    return len(facts["identity"]["seeds"].split())


# --- numbers


def measured(study: Study, rows: Sequence[dict]) -> list[dict]:
    """A line for each measure and arm: its value, and its difference to the first arm with a 95 % interval."""
    first, lines = next(iter(study.arms)), []
    for one in MEASURES:
        mine = [row | {"value": float(row[one.column])} for row in rows
                if (row["question"], row["metric"]) == (one.question, one.metric)]  # fmt: skip
        for arm in study.arms:
            check = Check(
                claim="", expected="", question=one.question, metric=one.metric, model=model_of(study, arm),
                form=one.form, arm=arm, items=one.items, above=0.0,
                than={} if arm == first else {"arm": first, "model": model_of(study, first)},
            )  # fmt: skip
            if found := outcome_of(check, mine):
                effect = Estimate(0.0, 0.0, 0.0, found.found.n) if arm == first else found.found
                lines.append({"measure": one.name, "better": one.better, "arm": arm, "value": found.value,
                              "difference": effect.value, "low": effect.low, "high": effect.high})  # fmt: skip
    return lines


def written(table: Sequence[dict]) -> str:
    lines = io.StringIO(newline="")
    out = csv.DictWriter(lines, list(table[0]) if table else ["measure"])
    out.writeheader()
    out.writerows({key: f"{value:.4f}" if isinstance(value, float) else value for key, value in line.items()}
                  for line in table)  # fmt: skip
    return lines.getvalue()


def read_table(path: Path) -> list[dict]:
    """The lines of a page's table, numbers as numbers."""
    numbers = ("better", "value", "difference", "low", "high")
    with path.open(newline="", encoding="utf-8") as file:
        return [{key: float(text) if key in numbers else text for key, text in line.items()}
                for line in csv.DictReader(file)]  # fmt: skip


def lines_of(table: Sequence[dict]) -> dict[str, dict[str, str]]:
    """measure -> arm -> what the page shows: the value, the interval of its difference to the first arm, and a mark."""
    made: dict[str, dict[str, str]] = {}
    for name, some in groupby(table, key=lambda line: line["measure"]):
        lines = list(some)
        best = max(lines, key=lambda line: line["value"] * line["better"])
        for line in lines:
            found = Estimate(line["difference"], line["low"], line["high"], 0)
            sign = int(np.sign(found.value)) * line["better"] if excludes_zero(found) else 0
            mark = {1: " ▲", -1: " ▼"}.get(sign, " ◆" if excludes_zero(found) and not line["better"] else "")
            low, high = signed_decimals(found.low), signed_decimals(found.high)
            interval = "" if found.low == found.high == 0 else f" ({low} to {high})"
            value = decimals(line["value"])
            bold = f"**{value}**" if line is best and line["better"] else value
            made.setdefault(name, {})[line["arm"]] = f"{bold}{interval}{mark}"
    return made


def expectations(study: Study, rows: Sequence[dict]) -> list[dict]:
    """A sentence for each: what was expected, whether it came, and the number."""
    return [
        {"arm": study.arms[one.check.arm].title or one.check.arm, "expected": one.check.expected,
         "word": WORDS[one.word], "found": with_interval(one.found, signed_decimals),
         "bound": f"{'above' if one.check.below is None else 'below'} {signed_decimals(one.check.bound)}"}
        for one in outcomes(study.checks, rows)
    ]  # fmt: skip


def examples(study: Study, facts: dict[str, dict]) -> list[dict]:
    """The first prompt of some groups, by fixed index, and what every arm wrote."""
    said = [(one["group"], one["prompt"], arm, one) for arm, told in facts.items() for one in told["said"]
            if one["model"] == f"{arm}/{model_of(study, arm)}"]  # fmt: skip
    ordered = sorted(said, key=lambda one: list(SHOWN).index(one[0]))
    return [{"prompt": prompt, "said": [(arm, cut(one)) for *_, arm, one in some]}
            for (_, prompt), some in groupby(ordered, key=lambda one: one[:2])]  # fmt: skip


def cut(said: dict) -> str:
    return said["output"] + ("" if said["stopped"] else " …")


# --- figures


@figures.styled
def effects(table: Sequence[dict]) -> Figure:
    """A panel for each measure: how every arm differs from the first, with its interval."""
    names = list(dict.fromkeys(line["measure"] for line in table))
    arms = list(dict.fromkeys(line["arm"] for line in table))
    columns = 4
    rows = -(-len(names) // columns)
    figure = Figure(figsize=(2.6 * columns, (0.26 * len(arms) + 0.75) * rows))
    grid = figure.subplots(rows, columns, sharey=True, squeeze=False)
    for axes, name in zip(grid.flat, names, strict=False):
        figures.named_lines(axes, arms)
        axes.axvline(0, color=figures.INK, linewidth=1)
        axes.set_title(name)
        for line in (line for line in table if line["measure"] == name):
            found = Estimate(line["difference"], line["low"], line["high"], 0)
            figures.whisker(axes, arms.index(line["arm"]), found, "#0072B2" if excludes_zero(found) else "#888888", "o",
                            markersize=4)  # fmt: skip
    for axes in list(grid.flat)[len(names) :]:
        axes.set_axis_off()
    return figure


@figures.styled
def curves(study: Study, facts: dict[str, dict]) -> Figure:
    """Held-out loss while each arm learns, of its first training; losses of unlike objectives are not compared."""
    figure, axes = figures.panel(3.4, 7.0, title="Held-out loss while it learns", xlabel="tokens (millions)",
                                 ylabel="nats per token")  # fmt: skip
    for arm, told in facts.items():
        mine = [one for one in told["models"] if one["stage"] == model_of(study, arm)]
        curve = (mine[0]["held_out_curve"] or []) if mine else []
        if len(curve) > 1:
            _, tokens, losses = zip(*curve, strict=True)
            axes.plot([count / 1e6 for count in tokens], losses, label=arm, linewidth=1.5)
    axes.grid(axis="y")
    figures.legend_below(figure, axes, 4)
    return figure


def main() -> None:
    """Every page again."""
    for name in sorted(one.name for one in PAGES.iterdir() if one.is_dir()):
        print(write_page(name, read_study(StudySettings(name=name))))


if __name__ == "__main__":
    exit_cleanly(main)
