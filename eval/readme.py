"""Writes the measured figures into the README, between its two marks, so that no number there is typed by hand.

    python -m eval.readme --run tiny     (make readme)

In: the records and results of a finished run. Out: README.md with the block replaced.
"""


from configs import ROOT
from configs.pipeline.errors import UserError, exit_cleanly
from configs.pipeline.files import write_whole
from configs.pipeline.settings import read_settings
from configs.pipeline.stage import read_json
from configs.pipeline.stages import STAGES, folder_of
from eval.results import read_rows, select
from eval.settings import CompareSettings
from eval.study.page import table_alone
from train.objectives import OBJECTIVES

BEGIN, END = "<!-- measured: make readme -->", "<!-- end of measured -->"
STUDY_BEGIN, STUDY_END = "<!-- study: make readme -->", "<!-- end of study -->"
OBJECTIVES_BEGIN, OBJECTIVES_END = "<!-- objectives: make readme -->", "<!-- end of objectives -->"


def main() -> None:
    settings, _ = read_settings([CompareSettings])
    page = ROOT / "README.md"
    text = replaced(page.read_text(encoding="utf-8"), OBJECTIVES_BEGIN, OBJECTIVES_END, objectives())
    text = replaced(text, STUDY_BEGIN, STUDY_END, table_alone("objectives"))
    is_measured = (settings.results / "summary.json").is_file()
    if is_measured:
        text = replaced(text, BEGIN, END, measured(settings))
    write_whole(page, text)
    print(f"README.md: objectives, {'and' if is_measured else 'but no'} figures of run {settings.run}")


def replaced(page: str, begin: str, end: str, block: str) -> str:
    """The README with the text between two marks replaced. Raises UserError if a mark is missing."""
    if page.count(begin) != 1 or page.count(end) != 1:
        raise UserError(f"README.md: the marks {begin} and {end} must stand there once each")
    before, rest = page.split(begin)
    return f"{before}{begin}\n{block}\n{end}{rest.split(end)[1]}"


def objectives() -> str:
    """A Markdown table of the registry."""
    lines = ["| objective | a row is | loss on | after |", "|---|---|---|---|"]
    for name, one in OBJECTIVES.items():
        lines.append(f"| `{name}` | {one.learns_from} | {one.loss_on} | {one.source or '–'} |")
    return "\n".join(lines)


def measured(settings: CompareSettings) -> str:
    """Two Markdown tables: what each stage took, what the models do."""
    summary = read_json(settings.results / "summary.json")
    rows = read_rows(settings.results / "results.csv")
    machine = summary["machine"]
    seeds = f"seeds {settings.seeds}" if " " in settings.seeds else f"seed {settings.seeds}"
    named = f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}, {seeds}"
    made = f"Run `{settings.run}` on {named}, {summary['created'][:10]}."
    return "\n".join([made, "", *times(settings, summary), "", *figures(rows, summary)])


def times(settings: CompareSettings, summary: dict) -> list[str]:
    """Seconds of each stage of the first training, from its record, start-up included."""
    asked = f"comparison of {len(summary['models'])} models, report"
    seed = settings.seeds.split()[0]
    folders = {stage: folder_of(stage, settings.run, seed, settings.workspace) for stage in STAGES}
    folders = {name: folder for name, folder in folders.items() if name != "comparison"} | {asked: settings.results}
    made = {name: folder for name, folder in folders.items() if folder.is_dir()}
    seconds = {name: read_json(folder / "record.json")["seconds"] for name, folder in made.items()}
    made = {model["stage"]: model for model in reversed(summary["models"])}  # of several trainings the first
    lines = ["| stage | seconds | held-out loss (nats per token) |", "|---|---:|---:|"]
    for name, value in seconds.items():
        loss = f"{made[name]['held_out_loss']:.3f}" if name in made else ""
        lines.append(f"| {name} | {value:.0f} | {loss} |")
    return [*lines, f"| **all** | **{sum(seconds.values()):.0f}** | |"]


def figures(rows: list[dict], summary: dict) -> list[str]:
    """Rates of the behaviours that the table of base and instruct models is about."""
    to_answer = {"category": ("question", "instruction"), "condition": "chat"}
    sheet = {"question": "wrong_answers", "metric": "p_wrong", "condition": "raw", "level": "8"}
    wanted = {
        "completes \u201cThe capital of X is\u201d correctly": {"question": "facts", "condition": "raw"},
        "names the capital when asked in chat, country in no instruction pair":
            {"question": "facts", "condition": "chat", "level": "held_out"},
        "answers questions and instructions (chat form)":
            {"question": "response_types", "metric": "answers"} | to_answer,
        "stops by itself (chat form)": {"question": "stopping", "metric": "stopped"} | to_answer,
        "goes on to write the user's turn (chat form)":
            {"question": "role_leakage", "metric": "role_leakage", "condition": "chat"},
        "names a wrong capital after three wrong answers of other kinds":
            {"question": "wrong_answers", "metric": "wrong", "condition": "raw"},
        "chance of a wrong answer after eight wrong ones, question sheet": sheet | {"category": "wrong"},
        "the same after eight right ones": sheet | {"category": "right"},
        "does the task of a list after four examples, headers that no text contains":
            {"question": "task_patterns", "metric": "exact", "category": "alien", "level": "4"},
    }  # fmt: skip
    names = list(dict.fromkeys(model["name"] for model in summary["models"]))
    lines = [f"| | {' | '.join(names)} | questions |", "|---|" + "---:|" * (len(names) + 1)]
    for label, choice in wanted.items():
        cells = [select(rows, model=name, **choice) for name in names]
        shares = " | ".join(percent([row["value"] for row in cell]) for cell in cells)
        lines.append(f"| {label} | {shares} | {asked(cells)} |")
    return lines


def asked(cells: list[list[dict]]) -> str:
    """How many each model was asked, however many trainings of it. Example: "37 to 150"."""
    counts = [len({(row["category"], row["item_id"]) for row in cell}) for cell in cells if cell]
    return " to ".join(str(count) for count in sorted({min(counts, default=0), max(counts, default=0)}))


def percent(values: list[float]) -> str:
    return f"{100 * sum(values) / len(values):.0f} %" if values else ""


if __name__ == "__main__":
    exit_cleanly(main)
