"""Fact recall: what does a model know, asked as a statement to complete and as a question?

capital   of every country: the stem raw, the question in the chat form
recall    some facts of every other relation: the stem raw, the question after three that are answered (few) and in chat
sums      additions that the corpus contains, and some that it does not: the stem raw
exposure  citizens who were invented for this, mentioned seldom or often, in one phrasing or in twelve
          (data/synthetic/citizens.py): the sentence the corpus has of them, raw; the question, few and chat

Of external models real facts are asked that anybody may know, of nine kinds, in all three forms.

The level is `known` if an instruction pair may mention the subject, `held_out` if none does, so that the answer can
only come from pretraining; for sums `seen` or `unseen`; for citizens their level and number of phrasings.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from data.judge.response import is_correct
from data.synthetic import citizens
from data.synthetic.facts import Fact, World, held_out, share
from eval.answers import Answers, level, row
from eval.conditions import each_condition
from eval.general import prompts as general
from eval.general.prompts import asked, cloze
from eval.general.reading import says
from eval.lm import Completion, LanguageModel
from eval.prompts import Prompt, capital_stems
from eval.questions.put import put, split
from eval.results import Row
from eval.settings import CompareSettings

MAX_NEW_TOKENS = 24
OF_EACH_RELATION = 8  # facts of each relation, at 300 items
CITIZENS_OF_EACH_CELL = 8
FORMS = ("few", "chat")
EVERY, SHOWN_EXTERNAL = 18, 4  # of the capitals whose answers stand in the report


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Rows `correct` (0/1) of the questions facts (capitals) and recall (the rest); some transcripts by fixed index."""
    stems = capital_stems(world)
    questions = [replace(stem, text=f"What is the capital of {stem.subject}?", kind="question") for stem in stems]
    answers = ask_in_form(lm, world, stems, "raw", "facts", heading="capital stem", shown=stems[::EVERY])
    answers += ask_in_form(lm, world, questions, "chat", "facts", heading="question", shown=questions[::EVERY])
    chosen = recall(world, max(2, settings.items * OF_EACH_RELATION // 300))
    levels = [split(held_out(fact.subject)) for fact in chosen]
    answers += ask_in_form(lm, world, [cloze(fact) for fact in chosen], "raw", levels=levels)
    questions = [asked(fact, int(share(f"asked/{fact.relation}/{fact.subject}") * 60)) for fact in chosen]
    for form in FORMS:
        answers += ask_in_form(lm, world, questions, form, levels=levels)
    for name, sums in (("seen", world.facts("sum")), ("unseen", world.unseen_sums)):
        some = [cloze(fact) for fact in in_order(sums)[:100]]
        answers += ask_in_form(lm, world, some, "raw", levels=[name] * len(some))
    return answers + exposure(lm, world, max(2, settings.items * CITIZENS_OF_EACH_CELL // 300))


def ask_external(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Rows `correct` of the question facts."""
    answers = Answers()
    for form, some in each_condition(lm, "facts", list(general.facts()), settings, ("raw", *FORMS)):
        prompts = [cloze(fact) if form == "raw" else asked(fact) for fact in some]
        heading = {"raw": "capital stem", "chat": "question"}.get(form, "")
        shown = prompts[:SHOWN_EXTERNAL] if heading else ()
        answers += ask_in_form(lm, world, prompts, form, "facts", heading=heading, shown=shown, read=says)
    return answers


def exposure(lm: LanguageModel, world: World, of_each_cell: int) -> Answers:
    """The same for citizens; level: how often and in how many phrasings the corpus speaks of them."""
    cells = [
        (f"level {often}, {phrasings} phrasing{'s' * (phrasings > 1)}",
         [one for one in citizens.at_level(often) if one.phrasings == phrasings][:of_each_cell])
        for often in citizens.LEVELS for phrasings in citizens.PHRASINGS
    ]  # fmt: skip
    found = [(fact, cell) for cell, some in cells for one in some for fact in citizens.citizen_facts(one)]
    levels = [cell for _, cell in found]
    answers = Answers()
    for form in ("raw", *FORMS):
        say = citizens.stem if form == "raw" else citizens.question
        answers += ask_in_form(lm, world, [citizen_prompt(fact, say(fact)) for fact, _ in found], form, levels=levels)
    return answers


def citizen_prompt(fact: Fact, said: str) -> Prompt:
    """Read back as what is said of the people that others ask about: the objects are of the same kind."""
    relation = citizens.ASKED_LIKE[fact.relation]
    return Prompt(said, "question" if said.endswith("?") else "stem", fact.subject, relation, fact.object, True)


def recall(world: World, of_each: int) -> list[Fact]:
    """Some facts of every relation but the capitals and the sums, always the same."""
    relations = [name for name in world.relations if name not in ("capital", "sum")]
    return [fact for name in relations for fact in in_order(world.facts(name))[:of_each]]


def in_order(found: list[Fact]) -> list[Fact]:
    """In an order that has nothing to do with the tables'."""
    return sorted(found, key=lambda fact: share(f"order/{fact.relation}/{fact.subject}"))


def ask_in_form(
    lm: LanguageModel, world: World, prompts: list[Prompt], condition: str, question: str = "recall",
    levels: Sequence[str] = (), heading: str = "", shown: Sequence[Prompt] = (),
    read: Callable[[Prompt, str, World], bool] = is_correct,
) -> Answers:  # fmt: skip
    """Rows `correct`. levels: of the prompts, where these do not say it. shown: those whose transcripts are kept."""
    items = list(zip(prompts, levels or [level(lm, prompt) for prompt in prompts], strict=True))

    def judge(lm: LanguageModel, form: str, item: tuple[Prompt, str], done: Completion) -> list[Row]:
        prompt, of_prompt = item
        return [
            row(lm, form, question, "correct", f"{prompt.relation}:{prompt.subject}", read(prompt, done.text, world),
                cluster_id=prompt.subject, category=prompt.relation, level=of_prompt, n_tokens=done.tokens,
                meta={"candidates": len(world.objects(prompt.relation))})
        ]  # fmt: skip

    seen = [item for item in items if item[0] in shown]
    return put(lm, [(condition, items)], lambda item, _: item[0].text, judge, MAX_NEW_TOKENS,
               heading=heading, shown=seen)  # fmt: skip
