"""Task, Execution, Task: is the pattern of the examples carried on?"""

from collections.abc import Sequence

from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import WHICH_MARK, asked, models, of_first_run, sentence, share
from eval.page.reading import Results
from eval.page.section import Section, Table, picture
from eval.page.words import percent
from eval.results import group, select

CATEGORIES = {"native": "headers of the corpus", "alien": "invented headers", "shuffled": "answers shuffled"}
FORM = {"header": "header of the answer", "continues": "another task after it"}
ENOUGH = 4  # examples, from which on the table by task counts


def section(results: Results) -> Section | None:
    rows = [row | {"task": str(row["meta"].get("task", ""))} for row in results.of("task_patterns")
            if row["level"].isdigit()]  # fmt: skip
    exact = select(rows, metric="exact")
    if not exact:
        return None
    late = [row for row in exact if int(row["level"]) >= ENOUGH]
    return Section(
        question="task_patterns",
        row="Pattern completer",
        title="Task, Execution, Task: does it write the Execution?",
        says=said(late),
        pictures=[
            *picture("patterns", "Rate of exact answers against the number of examples", by_arm(exact)),
            *picture("pattern-form", "Rate at which the form is kept, against the number of examples", of_form(rows),
                     caption="The form alone, headers of the corpus: is the next header written, and the next task?"),
        ],  # fmt: skip
        how_to_read="To the right more examples, upwards more exact answers. A line is a model, its band a 95 % "
        f"interval. {WHICH_MARK}. With invented headers nothing helps but the examples; with shuffled answers there "
        "is nothing to find.",
        n=asked(exact, "list", "cluster_id"),
        test="Wilson intervals at each number of examples.",
        pitfall="Headers that are frequent in the corpus make a pattern look read from the examples that is known by "
        "heart: compare with the invented ones. Right form is not right content: they are counted apart.",
        tables=[by_task(late)] if late else [],
        shown="task pattern",
    )


def said(late: Sequence[dict]) -> str:
    return sentence(
        "After four or more examples the base model writes the exact answer in {native} of cases, with invented "
        "headers in {alien}, with shuffled answers in {shuffled}; the instruct model, given the same raw lists, in "
        "{instruct}.",
        native=share(of_first_run(late, "base", category="native")),
        alien=share(of_first_run(late, "base", category="alien")),
        shuffled=share(of_first_run(late, "base", category="shuffled")),
        instruct=share(of_first_run(late, "sft", category="native")),
    )


def by_arm(exact: Sequence[dict]) -> dict[str, Figure]:
    categories = sorted({row["category"] for row in exact}, key=figures.placed(list(CATEGORIES)))
    return {title: panel(title, "exact answer", select(exact, category=category))
            for category in categories for title in [CATEGORIES.get(category, category)]}  # fmt: skip


def of_form(rows: Sequence[dict]) -> dict[str, Figure]:
    native = select(rows, category="native")
    return {title: panel(title, "written", some)
            for metric, title in FORM.items() if (some := select(native, metric=metric))}  # fmt: skip


def panel(title: str, ylabel: str, rows: Sequence[dict]) -> Figure:
    return figures.rate_curves(rows, "level", title, ylabel, "examples before it (k)")


def by_task(late: Sequence[dict]) -> Table:
    """Exact answers of each task after four or more examples."""
    kinds = {"seen": ("native", "seen"), "set aside": ("native", "set aside"), "invented headers": ("alien", None)}
    shown, found, lines = models(late), group(late, "model", "task", "category"), []
    for task in sorted({row["task"] for row in late}):
        cells = [[row for row in found.get((model, task, category), [])
                  if operands in (None, row["meta"].get("operands"))]
                 for model in shown for category, operands in kinds.values()]  # fmt: skip
        lines.append((task.replace("_", " "), *map(percent, map(share, cells))))
    header = [f"{figures.model_name(model)}: {kind}" for model in shown for kind in kinds]
    return Table(("Task", *header), lines, f"By task, after {ENOUGH} or more examples")
