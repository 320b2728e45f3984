"""When does what appear? The same questions put to the checkpoints that pretraining kept on its way.

Everything is scored in one pass over given text, nothing is generated. x is the number of tokens read until then;
value is 0 or 1, but for `author`.

    copying   `twice` under headers of no text, after four or more examples: would the right result be written?
    pattern   the other tasks on lists, in the same way
    facts     capitals and other facts, as a statement to complete: would the object be written?
    author    imitation index of eval/questions/wrong_answers: how much more probable a wrong answer is after wrong ones
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from configs.pipeline.stage import read_json
from configs.pipeline.stages import folder_of
from data.chats import encode_text
from data.synthetic.facts import World
from data.synthetic.relations import stem
from data.synthetic.writers.tasks import SEEN
from eval.answers import Answers, row
from eval.lm import LanguageModel, open_language_model
from eval.questions.facts.ask import in_order
from eval.questions.task_patterns.ask import ENOUGH, lay_out, task_lists
from eval.questions.wrong_answers.ask import shares, sheet_tree, sheets
from eval.scoring import Scores, Tree, score
from eval.settings import CompareSettings

COPY_LISTS, LISTS, OF_EACH_RELATION, SHEETS = 8, 1, 4, 6  # at 300 items; lists of each task
QUESTIONS = 4  # of each sheet: the last has three answers before it
COPYING = "twice"
BATCH = 16


@dataclass(frozen=True)
class Item:
    """Text to score, and how to read numbers off the scores: {item_id: value}."""

    metric: str
    cluster: str
    trees: list[Tree]
    values: Callable[[list[Scores]], dict[str, float]]


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Rows of every checkpoint of a base model; none where its training kept none."""
    answers, kept = Answers(), checkpoints(lm, settings) if lm.stage == "base" else []
    if not kept:
        return answers
    items = [*lists(lm, world, settings), *facts(lm, world, settings), *sheets_of(lm, world, settings)]
    for tokens, folder in kept:
        early = open_language_model(lm.name, folder, lm.batch_size, lm.run, lm.stage, lm.seed, settings.device)
        scores = iter(score(early, [tree for item in items for tree in item.trees], BATCH))
        answers.rows += [
            row(lm, "raw", "learning", item.metric, item_id, value, cluster_id=item.cluster, level=str(tokens))
            for item in items
            for item_id, value in item.values([next(scores) for _ in item.trees]).items()
        ]
    return answers


def checkpoints(lm: LanguageModel, settings: CompareSettings) -> list[tuple[int, Path]]:
    """(tokens read, folder) of what pretraining kept, in order."""
    home = folder_of(lm.stage, lm.run, lm.seed, settings.workspace)
    kept = sorted((home / "curve").glob("step-*[0-9]"))
    per_step = read_json(home / "record.json").get("tokens_per_step", 0) if kept else 0
    return [(int(folder.name.partition("-")[2]) * per_step, folder) for folder in kept if per_step]


def lists(lm: LanguageModel, world: World, settings: CompareSettings) -> list[Item]:
    """Lists under headers that occur in no text."""
    found = []
    for each in task_lists(world, scaled(COPY_LISTS, settings)):
        if each.category != "alien" or each.operands != SEEN or (each.task != COPYING and each.number >= LISTS):
            continue
        name, (path, spans) = f"{each.task}:{each.operands}:{each.number}", lay_out(lm, each)
        wanted = {f"{name}:{k}": span for metric, k, *span in spans if metric == "exact" and k >= ENOUGH}
        metric = "copying" if each.task == COPYING else "pattern"
        found.append(Item(metric, name, [Tree(path)], partial(would_be_written, wanted)))
    return found


def facts(lm: LanguageModel, world: World, settings: CompareSettings) -> list[Item]:
    """`The capital of France is` -> ` Paris`."""
    found, of_each = [], scaled(OF_EACH_RELATION, settings)
    for fact in [fact for name in world.relations for fact in in_order(world.facts(name))[:of_each]]:
        before = list(lm.start) + encode_text(lm.tokenizer, stem(fact))
        path = before + encode_text(lm.tokenizer, f" {fact.object}")
        wanted = {f"{fact.relation}:{fact.subject}": (len(before), len(path))}
        found.append(Item("facts", fact.subject, [Tree(path)], partial(would_be_written, wanted)))
    return found


def would_be_written(spans: dict[str, tuple[int, int]], scores: list[Scores]) -> dict[str, float]:
    return {name: scores[0].span(*span)[1] for name, span in spans.items()}


def sheets_of(lm: LanguageModel, world: World, settings: CompareSettings) -> list[Item]:
    """Question sheets, each once with right and once with wrong answers."""
    cut = [whole[:QUESTIONS] for whole in sheets(world, scaled(SHEETS, settings))]
    return [
        Item("author", f"sheet:{number}", [sheet_tree(lm, sheet, bad) for bad in (False, True)],
             partial(imitation, f"sheet:{number}", sheet))
        for number, sheet in enumerate(cut)
    ]  # fmt: skip


def imitation(name: str, sheet: list, scores: list[Scores]) -> dict[str, float]:
    right, wrong = (shares(one.branches, sheet)[1:] for one in scores)
    return {name: sum(r - w for r, w in zip(right, wrong, strict=True)) / len(right)}


def scaled(count: int, settings: CompareSettings) -> int:
    return max(1, settings.items * count // 300)
