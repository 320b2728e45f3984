"""Task -> Execution -> Task: is the pattern of the examples carried on?

Lists of one task in the corpus' own form. Each answer on a list is scored after k examples: would greedy decoding
write it (`exact`)? And is the form kept: the header of the answer after a task (`header`), another task after an
answer (`continues`)?

native: headers of the corpus. alien: headers that occur in no text. shuffled: native headers, but every answer is that
of another task of the list, so that there is no mapping to find.
"""

from dataclasses import dataclass

from data.chats import encode_text
from data.synthetic.draw import Draw
from data.synthetic.facts import World
from data.synthetic.invented import ALIEN
from data.synthetic.writers.tasks import ASIDE, FAMILIES, SEEN, draw_items
from eval.answers import Answers, row, transcript
from eval.conditions import FEWEST, WHOLE, how_many
from eval.lm import LanguageModel
from eval.scoring import Tree, score
from eval.settings import CompareSettings

LENGTH = 9  # items of a list: the last has eight examples before it
ENOUGH = 4  # examples that should be
LISTS = 8  # lists of each task, category and kind of operand: with 19 tasks 304 lists in an category, at 300 items
NATIVE = ("Task:", "Execution:")
CATEGORIES = {"native": NATIVE, "alien": tuple(f"{word}:" for word in ALIEN), "shuffled": NATIVE}
SHOWN = ("opposite", "twice", "capital")  # tasks whose transcripts stand in the report
SHOWN_EXAMPLES = 3


@dataclass(frozen=True)
class TaskList:
    task: str
    category: str
    operands: str  # seen: in such lists of the corpus, "set aside": in none
    number: int
    items: list[tuple[str, str]]  # (given, result)


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Rows `exact`, `header` and `continues` (0/1) for each list and number of examples; a few transcripts.

    And one row `gain` for each list: mean `exact` after four or more examples minus that after none.
    """
    answers = Answers()
    lists = task_lists(world, max(FEWEST, how_many(lm, "task_patterns", "raw", settings) * LISTS // WHOLE))
    laid = [lay_out(lm, each) for each in lists]
    for each, (_, spans), scores in zip(lists, laid, score(lm, [Tree(path) for path, _ in laid]), strict=True):
        name, meta = f"{each.task}:{each.operands}:{each.number}", {"task": each.task, "operands": each.operands}
        exact = []
        for metric, k, start, stop in spans:
            hit = scores.span(start, stop)[1]
            exact += [hit] if metric == "exact" else []
            answers.rows.append(
                row(lm, "raw", "task_patterns", metric, f"{name}:{k}", hit, cluster_id=name,
                    category=each.category, level=str(k),
                    meta=meta)
            )  # fmt: skip
        gain = sum(exact[ENOUGH:]) / len(exact[ENOUGH:]) - exact[0]
        answers.rows.append(
            row(lm, "raw", "task_patterns", "gain", name, gain, cluster_id=each.task, category=each.category, meta=meta)
        )
    return answers + shown(lm, lists)


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
                shuffled = [(given, items[place - 1][1]) for place, (given, _) in enumerate(items)]
                for category in CATEGORIES:
                    lists.append(
                        TaskList(task, category, operands, number, shuffled if category == "shuffled" else items)
                    )
    return lists


def lay_out(lm: LanguageModel, tasks: TaskList) -> tuple[list[int], list[tuple[str, int, int, int]]]:
    """(token ids of the list, what to look at: (metric, examples before it, start, stop))."""
    task, execution = CATEGORIES[tasks.category]
    ids, spans = list(lm.start), []
    for k, (given, result) in enumerate(tasks.items):
        pieces = (
            (
                "continues" if k else "",
                f"\n{task}" if k else task,
            ),  # the answer above ends with a line break of its own
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


def shown(lm: LanguageModel, lists: list[TaskList]) -> Answers:
    """The first list of a few tasks after three examples, greedily continued."""
    answers = Answers()
    chosen = [each for each in lists if each.task in SHOWN and each.number == 0 and each.category == "native"]
    for index, each in enumerate(each for each in chosen if each.operands == "seen"):
        done = "".join(f"Task: {given}\nExecution: {result}\n\n" for given, result in each.items[:SHOWN_EXAMPLES])
        prompt = f"{done}Task: {each.items[SHOWN_EXAMPLES][0]}\n"
        completion = lm.complete([prompt], "raw", 24)[0]
        answers.transcripts.append(transcript(lm, "raw", "task pattern", index, prompt, completion))
    return answers
