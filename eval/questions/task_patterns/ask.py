"""Task -> Execution -> Task: is the pattern of the examples carried on?

Lists of one task in the corpus' own form. Each answer on a list is scored after k examples: would greedy decoding
write it (`exact`)? And is the form kept: the header of the answer after a task (`header`), another task after an
answer (`continues`)?

native: headers of the corpus. alien: headers that occur in no text. shuffled: native headers, but every answer is that
of another task of the list, so that there is no mapping to find. External models see alien headers alone.
"""

from dataclasses import dataclass

from data.chats import encode_text
from data.synthetic.draw import Draw
from data.synthetic.facts import World
from data.synthetic.invented import ALIEN
from data.synthetic.writers.tasks import ASIDE, FAMILIES, SEEN, draw_items
from eval.answers import Answers, row, transcript
from eval.conditions import FEWEST, WHOLE, how_many
from eval.general.scoring import scores, tokens_of, with_places
from eval.lm import LanguageModel
from eval.results import Row
from eval.scoring import Tree
from eval.settings import CompareSettings

LENGTH = 9  # items of a list: the last has eight examples before it
ENOUGH = 4  # examples that should be
LISTS = 8  # lists of each task, category and kind of operand: with 19 tasks 304 lists in an category, at 300 items
NATIVE, FOREIGN = ("Task:", "Execution:"), tuple(f"{word}:" for word in ALIEN)
CATEGORIES = {"native": NATIVE, "alien": FOREIGN, "shuffled": NATIVE}
SHOWN = ("opposite", "twice", "capital")  # tasks whose transcripts stand in the report
SHOWN_EXAMPLES = 3
TASKS_EXTERNAL = (
    "opposite", "plural", "capital", "next_number", "double", "twice", "swap", "first_letter", "sum", "number_word"
)  # fmt: skip
LISTS_EXTERNAL, SHOWN_EXAMPLES_EXTERNAL = 4, 4
Span = tuple[str, int, int, int]  # metric, examples before it, start, stop


@dataclass(frozen=True)
class TaskList:
    task: str
    category: str
    operands: str  # seen: in such lists of the corpus, "set aside": in none; "" where nobody knows
    number: int
    items: list[tuple[str, str]]  # (given, result)


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Rows `exact`, `header` and `continues` (0/1) for each list and number of examples; a few transcripts.

    And one row `gain` for each list: mean `exact` after four or more examples minus that after none.
    """
    lists = task_lists(world, max(FEWEST, how_many(lm, "task_patterns", "raw", settings) * LISTS // WHOLE))
    shown = [each for each in lists if each.operands == SEEN and each.category == "native"]
    rows = measured(lm, lists, [lay_out(lm, each) for each in lists])
    return Answers(rows, transcripts(lm, shown, NATIVE, SHOWN_EXAMPLES))


def ask_external(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Rows `exact` and `gain` of the lists that fit into the context."""
    lists = task_lists_external(world, max(2, settings.items * LISTS_EXTERNAL // 300))
    laid = [(each, lay_out_whole(lm, each)) for each in lists]
    fitting = [(each, both) for each, both in laid if len(both[0]) <= lm.context]
    shown = [each for each, _ in fitting if each.category == "alien"]
    rows = measured(lm, [each for each, _ in fitting], [both for _, both in fitting])
    return Answers(rows, transcripts(lm, shown, FOREIGN, SHOWN_EXAMPLES_EXTERNAL))


def measured(lm: LanguageModel, lists: list[TaskList], laid: list[tuple[list[int], list[Span]]]) -> list[Row]:
    rows = []
    found = scores(lm, [Tree(path) for path, _ in laid])
    for each, (_, spans), of_list in zip(lists, laid, found, strict=True):
        meta = {"task": each.task} | ({"operands": each.operands} if each.operands else {})
        name = ":".join([*meta.values(), str(each.number)])
        hits = [(metric, k, of_list.span(start, stop)[1]) for metric, k, start, stop in spans]
        rows += [
            row(lm, "raw", "task_patterns", metric, f"{name}:{k}", hit, cluster_id=name, category=each.category,
                level=str(k), meta=meta)
            for metric, k, hit in hits
        ]  # fmt: skip
        exact = [hit for metric, _, hit in hits if metric == "exact"]
        gain = sum(exact[ENOUGH:]) / len(exact[ENOUGH:]) - exact[0]
        rows.append(
            row(lm, "raw", "task_patterns", "gain", name, gain, cluster_id=each.task, category=each.category, meta=meta)
        )
    return rows


def task_lists(world: World, count: int) -> list[TaskList]:
    """`count` lists of each task in each category; operands that are set aside where there are enough of them."""
    lists = []
    for task in FAMILIES:
        for number in range(count):
            for operands in (SEEN, ASIDE):
                draw = Draw(0, f"pattern/{task}/{operands}/{number}")
                items = [item[:2] for item in draw_items(draw, world, task, LENGTH, operands)]
                if len(items) < LENGTH:  # a few set aside among examples that are not: they are asked last
                    seen = [item[:2] for item in draw_items(draw, world, task, LENGTH - len(items))]
                    items = seen + items
                lists += [TaskList(task, name, operands, number, mixed(items, name)) for name in CATEGORIES]
    return lists


def task_lists_external(world: World, count: int) -> list[TaskList]:
    """`count` lists of some tasks, with and without a mapping to find."""
    lists = []
    for task in TASKS_EXTERNAL:
        for number in range(count):
            items = [item[:2] for item in draw_items(Draw(0, f"bundled/{task}/{number}"), world, task, LENGTH)]
            lists += [TaskList(task, name, "", number, mixed(items, name)) for name in ("alien", "shuffled")]
    return lists


def mixed(items: list[tuple[str, str]], category: str) -> list[tuple[str, str]]:
    """The items; shuffled: each with the result of the one above it."""
    results = [result for _, result in items]
    above = results[-1:] + results[:-1] if category == "shuffled" else results
    return [(given, result) for (given, _), result in zip(items, above, strict=True)]


def lay_out(lm: LanguageModel, tasks: TaskList) -> tuple[list[int], list[Span]]:
    """(token ids of the list, what to look at)."""
    task, execution = CATEGORIES[tasks.category]
    ids, spans = list(lm.start), []
    for k, (given, result) in enumerate(tasks.items):
        pieces = (
            ("continues" if k else "", f"\n{task}" if k else task),  # an answer ends with a line break of its own
            ("", f" {given}"),
            ("header", f"\n{execution}"),
            ("exact", f" {result}\n"),
        )
        for metric, text in pieces:
            tokens = encode_text(lm.tokenizer, text)
            if metric:
                spans.append((metric, k, len(ids), len(ids) + len(tokens)))
            ids += tokens
    return ids, spans


def lay_out_whole(lm: LanguageModel, tasks: TaskList) -> tuple[list[int], list[Span]]:
    """The same for any tokenizer: where each result stands, the end of its line included."""
    text, found = "", []
    for given, result in tasks.items:
        text += f"{FOREIGN[0]} {given}\n{FOREIGN[1]}"
        found.append((len(text), len(text) + len(result) + 2))
        text += f" {result}\n\n"
    ids, places = with_places(lm, text)
    return ids, [("exact", k, *tokens_of(places, *span)) for k, span in enumerate(found)]


def transcripts(lm: LanguageModel, lists: list[TaskList], headers: tuple[str, str], examples: int) -> list[dict]:
    """The first list of a few tasks after some examples, greedily continued."""
    task, execution = headers
    prompts = [
        "".join(f"{task} {given}\n{execution} {result}\n\n" for given, result in each.items[:examples])
        + f"{task} {each.items[examples][0]}\n"
        for each in lists if each.task in SHOWN and each.number == 0
    ]  # fmt: skip
    written = lm.complete(prompts, "raw", 24)
    return [
        transcript(lm, "raw", "task pattern", index, *both)
        for index, both in enumerate(zip(prompts, written, strict=True))
    ]
