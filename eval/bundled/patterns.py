"""Lists of one task under headers that mean nothing: does the model carry on what the examples show?

Rows `task_patterns` / `exact` (0/1: greedy decoding would write the result) after k examples, and `gain` for each list.
alien: the right results. shuffled: each result is that of another line, so that there is nothing to find.
"""

from data.synthetic.draw import Draw
from data.synthetic.facts import load_world
from data.synthetic.invented import ALIEN
from data.synthetic.writers.tasks import draw_items
from eval.answers import Answers, row, transcript
from eval.bundled.scored import scores, tokens_of, with_places
from eval.bundled.stranger import Stranger
from eval.questions.task_patterns.ask import ENOUGH, LENGTH
from eval.scoring import Tree
from eval.settings import CompareSettings

TASKS = (
    "opposite",
    "plural",
    "capital",
    "next_number",
    "double",
    "twice",
    "swap",
    "first_letter",
    "sum",
    "number_word",
)
LISTS = 4  # of each task and category, at 300 items
CATEGORIES = ("alien", "shuffled")
SHOWN, SHOWN_EXAMPLES = ("opposite", "twice", "capital"), 4


def task_patterns(lm: Stranger, settings: CompareSettings, texts: list) -> Answers:
    answers, lists = Answers(), task_lists(max(2, settings.items * LISTS // 300))
    laid = [lay_out(lm, items) for _, _, _, items in lists]
    fitting = [place for place, (path, _) in enumerate(laid) if len(path) <= lm.context]
    lists, laid = [lists[place] for place in fitting], [laid[place] for place in fitting]
    for (task, category, number, _), (_, spans), found in zip(
        lists, laid, scores(lm, [Tree(path) for path, _ in laid]), strict=True
    ):
        name, meta = f"{task}:{number}", {"task": task}
        exact = [found.span(*span)[1] for span in spans]
        answers.rows += [
            row(
                lm,
                "raw",
                "task_patterns",
                "exact",
                f"{name}:{k}",
                hit,
                cluster_id=name,
                category=category,
                level=str(k),
                meta=meta,
            )
            for k, hit in enumerate(exact)
        ]
        gain = sum(exact[ENOUGH:]) / len(exact[ENOUGH:]) - exact[0]
        answers.rows.append(
            row(lm, "raw", "task_patterns", "gain", name, gain, cluster_id=task, category=category, meta=meta)
        )
    return answers + written(lm, lists)


def task_lists(count: int) -> list[tuple[str, str, int, list[tuple[str, str]]]]:
    """(task, category, number, [(given, result), ...])."""
    lists = []
    for task in TASKS:
        for number in range(count):
            items = [item[:2] for item in draw_items(Draw(0, f"bundled/{task}/{number}"), load_world(), task, LENGTH)]
            shuffled = [(given, items[place - 1][1]) for place, (given, _) in enumerate(items)]
            lists += [
                (task, category, number, shuffled if category == "shuffled" else items) for category in CATEGORIES
            ]
    return lists


def lay_out(lm: Stranger, items: list[tuple[str, str]]) -> tuple[list[int], list[tuple[int, int]]]:
    """(token ids of the list, where each result stands in them, the end of its line included)."""
    text, spans = "", []
    for given, result in items:
        text += f"{ALIEN[0]}: {given}\n{ALIEN[1]}:"
        spans.append((len(text), len(text) + len(result) + 2))
        text += f" {result}\n\n"
    ids, places = with_places(lm, text)
    return ids, [tokens_of(places, *span) for span in spans]


def written(lm: Stranger, lists: list) -> Answers:
    """The first list of a few tasks after some examples, greedily continued."""
    answers = Answers()
    chosen = [items for task, category, number, items in lists if task in SHOWN and category == "alien" and number == 0]
    prompts = [
        "".join(f"{ALIEN[0]}: {given}\n{ALIEN[1]}: {result}\n\n" for given, result in items[:SHOWN_EXAMPLES])
        + f"{ALIEN[0]}: {items[SHOWN_EXAMPLES][0]}\n"
        for items in chosen
    ]
    for index, (prompt, done) in enumerate(zip(prompts, lm.complete(prompts, "raw", 24), strict=True)):
        answers.transcripts.append(transcript(lm, "raw", "task pattern", index, prompt, done))
    return answers
