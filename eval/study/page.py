"""The page of a study, to be committed: a table of its arms, what each changes, what was expected, what it cost.

    make study NAME=objectives PUBLISH=1      # the study, then eval/studies/objectives.md, its table and figures
    make pages                                # every page again, from what is committed of its arms
"""

import csv
import io
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path

import numpy as np
from jinja2 import Environment, FileSystemLoader, Template
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from configs.pipeline.errors import exit_cleanly
from configs.pipeline.files import write_whole
from configs.pipeline.stage import read_json
from eval import figures
from eval.page.words import decimals, signed_decimals, with_interval
from eval.page.writing import TEMPLATES, fenced, markdown_text
from eval.paired import excludes_zero
from eval.settings import StudySettings
from eval.stats import Estimate
from eval.study.checks import Check, outcome_of
from eval.study.html import page_of
from eval.study.kept import PAGES, SHOWN, has_learnt_nothing, kept, of_common_seeds, starts_elsewhere
from eval.study.measures import BASE, LAST, lines_of, measured, named
from eval.study.plan import Study, read_study

WORDS = {"AS EXPECTED": "as expected", "OTHERWISE": "otherwise", "UNCLEAR": "undecided", "": "not measured"}
TWIN, SAME = " †", " ‡"


def publish(study: Study, settings: StudySettings, folder: Path = PAGES) -> Path:
    """Write the page of what is kept of the arms; its path. As HTML beside the report."""
    page = write_page(settings.page, study, folder)
    settings.results.parent.mkdir(parents=True, exist_ok=True)
    write_whole(settings.results.with_suffix(".html"), page_of(page))
    return page


def write_page(name: str, study: Study, folder: Path = PAGES) -> Path:
    """The page, its table and its figures, from what is kept of the arms."""
    rows, facts = of_common_seeds(*kept(name, list(study.arms), folder))
    write_whole(folder / f"{name}.csv", as_csv(measured(study, rows)))
    table = read_table(folder / f"{name}.csv")
    for what, drawn in {"effects": effects(table), "curves": curves(study, facts)}.items():
        write_whole(folder / f"{name}-{what}.png", figures.png(drawn))
    page = folder / f"{name}.md"
    write_whole(page, text_of(name, study, table, rows, facts))
    return page


def text_of(name: str, study: Study, table: Sequence[dict], rows: Sequence[dict], facts: dict[str, dict]) -> str:
    last = [line for line in table if line["of"] == LAST]
    items = {name: numbers(int(line["items"]) for line in some)
             for name, some in groupby(last, key=lambda line: line["measure"])}  # fmt: skip
    return template("study.md.jinja").render(
        name=name, study=study, arms=list(facts), facts=facts, tables=[of_what(table, one) for one in (LAST, BASE)],
        examples=examples(study, facts), outcomes=expectations(study, rows), twin=TWIN,
        asks=[(one, items[one.name]) for one in lines_of(study) if one.name in items],
        fewest=min((trainings(one) for one in facts.values()), default=0),
        trainings={arm: trainings(one) for arm, one in facts.items()},
        steps={arm: steps_of(study, arm, one) for arm, one in facts.items()}, command=command(facts),
        twins=[arm for arm in facts if starts_elsewhere(study, facts, arm)], same=SAME,
        measured_on=measured_on, unmoved=[arm for arm in facts if has_learnt_nothing(study, facts, arm)],
    )  # fmt: skip


def numbers(counts: Iterable[int]) -> str:
    """Example: "420", or "60 to 420"."""
    found = sorted(set(counts))
    return " to ".join(map(str, dict.fromkeys((found[0], found[-1]))))


def of_what(table: Sequence[dict], of: str) -> dict:
    """The lines of what the arms made last, or of their bases, and the heads of their columns.

    A head names what its arm is held against, where that is not the first arm.
    """
    lines = [line for line in table if line["of"] == of]
    first = {line["arm"]: line["against"] for line in lines}.get(BASE) or (lines[0]["arm"] if lines else "")
    heads = {line["arm"]: line["arm"] + (f", against {line['against']}" if line["against"] != first else "")
             for line in lines}  # fmt: skip
    return {"heads": heads, "lines": in_cells(lines)}


def template(name: str) -> Template:
    here = Environment(loader=FileSystemLoader(TEMPLATES), trim_blocks=True, lstrip_blocks=True, finalize=markdown_text)
    here.filters |= {"own": Markup, "fenced": fenced}
    return here.get_template(name)


def command(facts: dict[str, dict]) -> str:
    """What makes the page anew."""
    made = next(iter(facts.values()))["identity"]
    size = "" if made["size"] == "tiny" else f" SIZE={made['size']}"
    seeds = "" if made["seeds"] == "0" else f' SEEDS="{made["seeds"]}"'
    return f"make study NAME={made['study']}{size}{seeds} PUBLISH=1"


def steps_of(study: Study, arm: str, facts: dict) -> int | None:
    """Of the training of its last model."""
    curve = learnt_along(study, arm, facts)
    return curve[-1][0] if curve else None


def learnt_along(study: Study, arm: str, facts: dict) -> list[list[float]]:
    """(step, tokens, held-out loss) along the first training of its last model."""
    mine = [curve for name, curve in facts["curves"].items() if name.split()[0] == study.model_of(arm)]
    return mine[0] or [] if mine else []


def measured_on(facts: dict) -> str:
    """Example: "AMD EPYC, 2 cores, 2026-11-29 (seed 0); AMD EPYC, 2 cores, 2026-12-01 (seed 1)"."""
    told = [(f"{one['machine']['processor']}, {one['machine']['cores']} cores", one) for one in facts["sessions"]]
    return "; ".join(f"{where}, {one['finished_at'][:10]}" + (f" (seed {one['seeds']})" if len(told) > 1 else "")
                     for where, one in told)  # fmt: skip


def trainings(facts: dict) -> int:
    return len(facts["identity"]["seeds"].split())


# --- numbers


def as_csv(table: Sequence[dict]) -> str:
    lines = io.StringIO(newline="")
    out = csv.DictWriter(lines, list(table[0]) if table else ["measure"])
    out.writeheader()
    out.writerows({key: f"{value:.4f}" if isinstance(value, float) else value for key, value in line.items()}
                  for line in table)  # fmt: skip
    return lines.getvalue()


def read_table(path: Path) -> list[dict]:
    """The lines of a page's table, numbers as numbers."""
    numbers = ("better", "items", "value", "difference", "low", "high")
    with path.open(newline="", encoding="utf-8") as file:
        return [{key: float(text) if key in numbers else text for key, text in line.items()}
                for line in csv.DictReader(file)]  # fmt: skip


def in_cells(table: Sequence[dict]) -> dict[str, dict[str, str]]:
    """measure -> model -> what the page shows: the value, the interval of its difference to another arm, a mark."""
    made: dict[str, dict[str, str]] = {}
    for name, some in groupby(table, key=lambda line: line["measure"]):
        lines = list(some)
        digits = digits_of(name)
        shown = [round(line["value"], digits) * line["better"] for line in lines]
        for line, number in zip(lines, shown, strict=True):
            is_best = number == max(shown) != min(shown)
            low, high = (signed_decimals(line[end], digits) for end in ("low", "high"))
            interval = "" if line["low"] == line["high"] == 0 else f" ({low} to {high})"
            value = decimals(line["value"], digits)
            made.setdefault(name, {})[line["arm"]] = f"{f'**{value}**' if is_best else value}{interval}{mark(line)}"
    return made


def digits_of(measure: str) -> int:
    """A thousandth of a nat is measured, a thousandth of a rate is not."""
    return 3 if "loss" in measure else 2


def mark(line: dict) -> str:
    """Whether a model is better or worse than what it is held against, beyond its interval."""
    found = Estimate(line["difference"], line["low"], line["high"], 0)
    if not excludes_zero(found):
        return ""
    return {1: " ▲", -1: " ▼"}.get(int(np.sign(found.value)) * int(line["better"]), " ◆")


def expectations(study: Study, rows: Sequence[dict]) -> list[dict]:
    """Of each: what was expected and why, whether it came, and the number."""
    told = []
    for check in study.checks:
        one, side = outcome_of(check, rows), "above" if check.below is None else "below"
        written = partial(signed_decimals if check.than else decimals, digits=digits_of(named(check)))
        than = f", minus that of {whose(study, check.other)}" if check.than else ""
        told.append({
            "whose": whose(study, check), "measure": f"{named(check)}{than}", "expected": check.expected,
            "added": check.added, "word": WORDS[one.word if one else ""],
            "found": with_interval(one.found, written) if one else "", "bound": f"{side} {written(check.bound)}",
        })  # fmt: skip
    return told


def whose(study: Study, check: Check) -> str:
    """Example: "`coin`"; "`coin` (base)" where another than its own last model is meant."""
    return f"`{check.arm}`" + ("" if check.model == study.model_of(check.arm) else f" ({check.model})")


def examples(study: Study, facts: dict[str, dict]) -> list[dict]:
    """The first prompt of some groups, by fixed index, and what every arm wrote."""
    said = [(one["group"], one["prompt"], arm, one) for arm, told in facts.items() for one in told["said"]
            if one["model"] == f"{arm}/{study.model_of(arm)}"]  # fmt: skip
    ordered = sorted(said, key=lambda one: list(SHOWN).index(one[0]))
    return [{"prompt": prompt, "said": [(arm, cut(one)) for *_, arm, one in some]}
            for (_, prompt), some in groupby(ordered, key=lambda one: one[:2])]  # fmt: skip


def cut(said: dict) -> str:
    return said["output"] + ("" if said["stopped"] else " …")


# --- figures


def effects(table: Sequence[dict]) -> Figure:
    """A panel for each measure: how every arm differs from what it is held against, with its interval."""
    table = [line for line in table if line["of"] == LAST]
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


def curves(study: Study, facts: dict[str, dict]) -> Figure:
    """Held-out loss along the steps of each arm's first training; losses of unlike objectives are not compared."""
    figure, axes = figures.panel(3.4, 7.0, title="Held-out loss while it learns", xlabel="steps",
                                 ylabel="nats per token")  # fmt: skip
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.yaxis.set_minor_locator(NullLocator())
    for arm, told in facts.items():
        if len(curve := learnt_along(study, arm, told)) > 1:
            steps, _, losses = zip(*curve, strict=True)
            axes.plot(steps, losses, label=arm, linewidth=1.5)
    axes.grid(axis="y")
    figures.legend_below(figure, axes, 4)
    return figure


def main() -> None:
    """Every page again."""
    for page in sorted({one.parent for one in PAGES.glob("*/*.json")}):
        made = read_json(next(page.glob("*.json")))["identity"]
        print(write_page(page.name, read_study(StudySettings(name=made["study"], size=made["size"]))))


if __name__ == "__main__":
    exit_cleanly(main)
