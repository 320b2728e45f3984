"""Writes measured figures into the READMEs, between their marks, so that no number there is typed by hand.

    python -m eval.readme --run tiny     (make readme)

In: the records and results of a finished run, the results of `make bench`. Out: README.md, train/README.md and
eval/bench/README.md with their blocks replaced.
"""

from configs import ROOT
from configs.pipeline.errors import UserError, exit_cleanly
from configs.pipeline.files import write_whole
from configs.pipeline.settings import read_settings
from configs.pipeline.stage import read_json
from configs.pipeline.stages import STAGES, folder_of
from eval.bench.table import page as page_of_bench
from eval.page.reading import read_json_lines
from eval.results import read_rows, select
from eval.settings import BenchSettings, CompareSettings, StudySettings
from eval.study.kept import PAGES
from eval.study.measures import LAST
from eval.study.page import mark, read_table
from eval.study.plan import read_study
from train.objectives import OBJECTIVES

BEGIN, END = "<!-- measured {run}: make readme RUN={run}, with its SEEDS -->", "<!-- end of {run} -->"
STUDY_BEGIN, STUDY_END = "<!-- study: make readme -->", "<!-- end of study -->"
SAID_BEGIN, SAID_END = "<!-- said by {run}: make readme RUN={run} -->", "<!-- end of said by {run} -->"
SAID = {  # prompt form -> (group, place) of the transcripts: always the first of its kind
    "raw": (("capital stem", 0), ("task pattern", 0), ("wrong answers (verbatim)", 0)),
    "chat": (("a stranger asks", 0), ("a stranger asks", 5), ("a stranger asks", 17), ("a stranger asks", 27)),
}
HEADS = {"raw": "Given a text to go on with", "chat": "Asked in a chat"}
MOST_LINES = 3  # of what was written, in a cell
OF_MAKE_ALL, COMPARED = ("corpus", "tokenizer", "base", "pairs", "sft", "sft-lora"), ("base", "sft", "sft-lora")
SHOWN_OF_STUDY = ("answers", "right in talk", "stops by itself", "writes others' turns", "facts of no pair",
                  "conditions kept", "harmful refused", "loss on the web")  # fmt: skip
BENCH_BEGIN, BENCH_END = "<!-- bench: make readme -->", "<!-- end of bench -->"
OBJECTIVES_BEGIN, OBJECTIVES_END = "<!-- objectives: make readme -->", "<!-- end of objectives -->"


def main() -> None:
    settings, _ = read_settings([CompareSettings])
    page = ROOT / "README.md"
    learning = ROOT / "train" / "README.md"
    told = learning.read_text(encoding="utf-8")
    write_whole(learning, replaced(told, OBJECTIVES_BEGIN, OBJECTIVES_END, objectives()))
    text = replaced(page.read_text(encoding="utf-8"), STUDY_BEGIN, STUDY_END, models_of("objectives"))
    is_measured = (settings.results / "summary.json").is_file()
    if is_measured:
        text = replaced(text, *(mark.format(run=settings.run) for mark in (BEGIN, END)), measured(settings))
        if (begin := SAID_BEGIN.format(run=settings.run)) in text:
            transcripts = read_json_lines(settings.results / "transcripts.jsonl")
            text = replaced(text, begin, SAID_END.format(run=settings.run), said(transcripts))
    write_whole(page, text)
    print(f"README.md: objectives, {'and' if is_measured else 'but no'} figures of run {settings.run}")
    if (bench := BenchSettings(workspace=settings.workspace).results).is_file():
        speed = ROOT / "eval" / "bench" / "README.md"
        tables = page_of_bench(read_json(bench))
        write_whole(speed, replaced(speed.read_text(encoding="utf-8"), BENCH_BEGIN, BENCH_END, tables))
        print("eval/bench/README.md: speed")


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


def models_of(name: str) -> str:
    """A Markdown table of a study, a line for each model."""
    table = {(line["measure"], line["arm"]): line for line in read_table(PAGES / f"{name}.csv") if line["of"] == LAST}
    models, study = dict.fromkeys(arm for _, arm in table), read_study(StudySettings(name=name))
    lines = [f"| | {' | '.join(SHOWN_OF_STUDY)} |", "|---|" + "---:|" * len(SHOWN_OF_STUDY)]
    for model in models:
        title = study.arms[model].title if model in study.arms else "before any tuning"
        cells = [table[one, model] for one in SHOWN_OF_STUDY]
        told = [f"{one['value']:.2f}" if "loss" in one["measure"] else f"{100 * one['value']:.0f} %" for one in cells]
        marked = " | ".join(f"{value}{mark(one)}" for value, one in zip(told, cells, strict=True))
        lines.append(f"| **{model}**: {title} | {marked} |")
    return "\n".join(lines)


def said(transcripts: list[dict]) -> str:
    """Two Markdown tables: what base and instruct model of the first seed wrote to the same prompts."""
    written = {}
    for one in transcripts:
        written.setdefault((one["condition"], one["group"], one["index"], one["model"]), one)
    lines = []
    for form, places in SAID.items():
        lines += ["", f"| {HEADS[form]} | base | instruct |", "|---|---|---|"]
        for place in places:
            base, instruct = (written[form, *place, model] for model in ("base", "sft"))
            lines.append(f"| {in_cell(base['prompt'])} | {ended(base)} | {ended(instruct)} |")
    return "\n".join(lines[1:])


def ended(one: dict) -> str:
    """What was written, and whether the model stopped by itself."""
    cell = in_cell(one["output"], MOST_LINES)
    return cell if cell.endswith("…") else f"{cell} {'(stops)' if one['stopped'] else '…'}"


def in_cell(text: str, most: int | None = None) -> str:
    """Lines of a text, as code; of more than `most` the first."""
    safe = text.replace("`", "'").replace("|", "\\|")  # code in a table has no other way to hold them
    lines = [f"`{line.strip()}`" for line in safe.split("\n") if line.strip()]
    return "<br>".join(lines[:most]) + (" …" if len(lines) > len(lines[:most]) else "")


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
    """Seconds of each stage, start-up included, of its quickest training; loss of the first."""
    seeds, models = settings.seeds.split(), summary["models"]
    losses = {model["stage"]: model["held_out_loss"] for model in models if str(model["seed"]) == seeds[0]}
    lines, spent_on = ["| stage | seconds | held-out loss (nats per token) |", "|---|---:|---:|"], {}
    for stage in (one for one in STAGES if one != "comparison"):
        records = [folder_of(stage, settings.run, seed, settings.workspace) / "record.json" for seed in seeds]
        if spent := [read_json(one)["seconds"] for one in records if one.is_file()]:
            spent_on[stage] = min(spent)
            lines.append(f"| {stage} | {min(spent):.0f} | {f'{losses[stage]:.3f}' if stage in losses else ''} |")
    asked = read_json(settings.results / "record.json")["seconds"] / len(models)
    whole = sum(spent_on.get(stage, 0) for stage in OF_MAKE_ALL) + asked * sum(stage in spent_on for stage in COMPARED)
    return [*lines, f"| comparison and report, for each model | {asked:.0f} | |",
            f"| added up for `make all`: as far as sft-lora, three models compared | {whole:.0f} | |"]  # fmt: skip


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
        "does not name the right capital after three wrong answers of other kinds":
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
