"""The page of a study, to be committed: a table of its arms, what each changes, what was expected, what it cost.

    make study NAME=objectives PUBLISH=1      # after the study: eval/studies/objectives.md, .csv and two figures

Every number stands in the .csv as well; the page is made from it and from the study's report.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from matplotlib.figure import Figure

from configs import ROOT
from configs.pipeline.files import write_whole
from configs.pipeline.stage import RECORD, read_json
from configs.pipeline.stages import STAGES, folder_of
from eval import figures
from eval.page.reading import Results, listed, mapping, read_results
from eval.page.words import decimals, signed_decimals, with_interval
from eval.page.writing import TEMPLATES, fenced, markdown_text
from eval.paired import excludes_zero
from eval.settings import StudySettings
from eval.stats import Estimate
from eval.study.checks import Check, outcome_of, outcomes
from eval.study.plan import OF_AN_ARM, Study

PAGES = ROOT / "eval" / "studies"
ASKED = {"category": ("question", "instruction")}
SHOWN = (("question", "chat"), ("instruction", "chat"), ("a request of the pairs' kinds", "chat"))  # groups of examples
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
    Measure("variety", "diversity", "effective", 0, {}),
    Measure("loss on answers", "loss_matrix", "nll", -1, {"category": "instruct answer"}),
    Measure("loss on the web", "loss_matrix", "nll", -1, {}, "raw"),
)


def publish(study: Study, settings: StudySettings, folder: Path = PAGES) -> Path:
    """Write the page, its table and its figures; the path of the page."""
    results, kept = read_results(settings.results), folder / f"{settings.name}.csv"
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(kept, written(measured(study, results.rows)))
    table = read_table(kept)
    pictures = {"effects": effects(table), "curves": curves(study, settings, results)}
    for name, drawn in pictures.items():
        write_whole(folder / f"{settings.name}-{name}.png", figures.png(drawn))
    here = Environment(loader=FileSystemLoader(TEMPLATES), trim_blocks=True, lstrip_blocks=True, finalize=markdown_text)
    here.filters |= {"own": Markup, "fenced": fenced}
    page = folder / f"{settings.name}.md"
    told = {
        "name": settings.name, "study": study, "arms": list(study.arms), "measures": [one.name for one in MEASURES],
        "cells": cells(table), "outcomes": expectations(study, results.rows), "seconds": seconds(study, settings),
        "examples": examples(study, results), "machine": mapping(results.summary.get("machine")),
        "created": results.summary.get("created"), "seeds": settings.seeds.split(), "size": settings.size,
    }  # fmt: skip
    write_whole(page, here.get_template("study.md.jinja").render(told))
    return page


# --- numbers


def model_of(study: Study, arm: str) -> str:
    """What an arm is about: the model that is made last in it. Example: "dpo/dpo", "plain-lm/sft"."""
    made = [OF_AN_ARM[stage] for stage in study.stages(arm) if STAGES[OF_AN_ARM[stage]].model == "causal"]
    last = made[-1] if made else "sft"
    return "sft-lora" if last == "sft" and study.settings(arm, "sft").get("weights") == "lora" else last


def measured(study: Study, rows: Sequence[dict]) -> list[dict]:
    """A line for each measure and arm: its value, and its difference to the first arm with a 95 % interval."""
    first, lines = next(iter(study.arms)), []
    for one in MEASURES:
        mine = [row for row in rows if row["question"] == one.question and row["metric"] == one.metric]
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


def cells(table: Sequence[dict]) -> dict[str, dict[str, str]]:
    """measure -> arm -> what the table shows: the value, and ▲ or ▼ where it is better or worse than the first arm."""
    made: dict[str, dict[str, str]] = {}
    for line in table:
        found = Estimate(line["difference"], line["low"], line["high"], 0)
        sign = int(np.sign(found.value)) * line["better"] if excludes_zero(found) else 0
        mark = {1: " ▲", -1: " ▼"}.get(sign, " ◆" if excludes_zero(found) and not line["better"] else "")
        low, high = signed_decimals(found.low), signed_decimals(found.high)
        interval = "" if found.low == found.high == 0 else f" ({low} to {high})"
        made.setdefault(line["measure"], {})[line["arm"]] = f"{decimals(line['value'])}{interval}{mark}"
    return made


def expectations(study: Study, rows: Sequence[dict]) -> list[dict]:
    """A sentence for each: what was expected, whether it came, and the number."""
    return [
        {"arm": study.arms[one.check.arm].title or one.check.arm, "expected": one.check.expected,
         "word": WORDS[one.word], "found": with_interval(one.found, signed_decimals),
         "bound": f"{'above' if one.check.below is None else 'below'} {signed_decimals(one.check.bound)}"}
        for one in outcomes(study.checks, rows)
    ]  # fmt: skip


def seconds(study: Study, settings: StudySettings) -> dict[str, int]:
    """Of each arm what its own stages took, over all seeds."""
    spent = {}
    for arm in study.arms:
        run = study.run_of(arm, settings)
        folders = [folder_of(OF_AN_ARM[stage], run, seed, settings.workspace)
                   for stage in study.stages(arm) for seed in settings.seeds.split()]  # fmt: skip
        folders += [one.with_name("sft-lora") for one in folders if one.name == "sft"]
        records = {one for one in folders if (one / RECORD).is_file()}
        spent[arm] = round(sum(read_json(one / RECORD)["seconds"] for one in records))
    return spent


def examples(study: Study, results: Results) -> list[dict]:
    """The first prompt of some groups, by fixed index, and what every arm wrote."""
    wanted = {f"{arm}/{model_of(study, arm)}": arm for arm in study.arms}
    mine = [row for row in results.transcripts if row.get("model") in wanted and row.get("index") == 0
            and (row.get("group"), row.get("condition")) in SHOWN and row.get("seed") == 0]  # fmt: skip
    by_prompt = groupby(sorted(mine, key=lambda row: row["group"]), key=lambda row: row["prompt"])
    return [{"prompt": prompt, "said": [(wanted[one["model"]], said(one)) for one in some]}
            for prompt, some in by_prompt]  # fmt: skip


def said(row: dict) -> str:
    return row["output"] + ("" if row["stopped"] else " …")


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
def curves(study: Study, settings: StudySettings, results: Results) -> Figure:
    """Held-out loss while each arm learns, of the first seed; losses of unlike objectives are not compared."""
    figure, axes = figures.panel(3.4, 7.0, title="Held-out loss while it learns", xlabel="tokens (millions)",
                                 ylabel="nats per token")  # fmt: skip
    runs = {study.run_of(arm, settings): arm for arm in study.arms}
    seed = int(settings.seeds.split()[0])
    for model in listed(results.summary.get("models")):
        arm = runs.get(model["run"], "")
        curve = model.get("held_out_curve") or []
        if model["seed"] == seed and arm and model["stage"] == model_of(study, arm) and len(curve) > 1:
            _, tokens, losses = zip(*curve, strict=True)
            axes.plot([count / 1e6 for count in tokens], losses, label=arm, linewidth=1.5)
    axes.grid(axis="y")
    figures.legend_below(figure, axes, 4)
    return figure
