"""Autocomplete or answer? What kind of text each model writes after stems, questions, instructions, story openings;
and whether it stops by itself.

The parser of the world reads outputs about this web, a few plain rules those of external models.
"""

from collections.abc import Callable, Iterable
from functools import partial

from data.judge.response import response_type
from data.synthetic.facts import World
from eval.answers import Answers, level
from eval.conditions import asked_everywhere, each_condition, everywhere, portions, spread
from eval.general import prompts as general
from eval.general.reading import kind_of
from eval.lm import Completion, LanguageModel
from eval.prompts import Prompt, instructions, questions, stems, story_openings
from eval.questions.put import put, rows
from eval.results import Row
from eval.settings import CompareSettings

SHOWN = 6  # transcripts of each type of prompt
# longest answer per type of prompt (tokens): room for a whole answer, so that not stopping means running on
MAX_NEW_TOKENS = {"stem": 24, "question": 48, "instruction": 96, "story opening": 64}
MAX_NEW_EXTERNAL = {"stem": 24, "question": 40, "instruction": 64, "story opening": 48}
DUE = ("question", "instruction")  # types that ask for an answer
FACTS = 30  # stems for external models, and as many questions of fact


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Rows `response_type`, `answers` and, where an answer is due, `stopped`, for the raw and the chat form."""
    prompts = {
        "stem": stems(world), "question": questions(world), "instruction": instructions(world),
        "story opening": story_openings(world),
    }  # fmt: skip
    answers = Answers()
    for kind, items in prompts.items():
        some, shown = portions(lm, "response_types", items, settings), asked_everywhere(items, settings, SHOWN)
        answers += ask_kind(lm, kind, some, MAX_NEW_TOKENS[kind], partial(response_type, world=world), shown)
    return answers


def ask_external(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """The same rows, for every form that the model has where an answer is due."""
    facts, answers = spread(list(general.facts()), FACTS), Answers()
    prompts = {
        "stem": [general.cloze(fact) for fact in facts],
        "question": [*general.asks("question"), *(general.asked(fact, 1) for fact in facts)],
        "instruction": list(general.asks("instruction")),
        "story opening": general.stories(),
    }
    for kind, items in prompts.items():
        some = each_condition(lm, "response_types", items, settings, extra=kind in DUE)
        answers += ask_kind(lm, kind, some, MAX_NEW_EXTERNAL[kind], kind_of, everywhere(items, settings)[:SHOWN])
    return answers


def ask_kind(
    lm: LanguageModel, kind: str, conditions: Iterable, limit: int, read: Callable[[Prompt, str], str], shown: list
) -> Answers:
    """One type of prompt in each condition; `read` says what an output is."""

    def judge(lm: LanguageModel, form: str, prompt: Prompt, done: Completion) -> list[Row]:
        item = {
            "item_id": f"{kind}:{prompt.text}", "cluster_id": prompt.subject, "category": kind,
            "level": level(lm, prompt), "n_tokens": done.tokens,
        }  # fmt: skip
        found = read(prompt, done.text)
        stopped = rows(lm, form, "stopping", {"stopped": done.stopped}, **item) if kind in DUE else []
        return [
            *rows(lm, form, "response_types", {"response_type": 1}, meta={"response_type": found}, **item),
            *rows(lm, form, "response_types", {"answers": found == "answers"}, **item),
            *stopped,
        ]

    heading = f"bare {kind}" if kind == "question" else kind
    shown = shown if kind != "stem" else ()
    return put(lm, conditions, lambda prompt, _: prompt.text, judge, limit, heading=heading, shown=shown)
