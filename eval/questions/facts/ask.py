"""Fact recall: what does a model know, asked as a statement to complete and as a question?

capital   of every country: the stem raw, the question in the chat form
recall    some facts of every other relation: the stem raw, the question after three that are answered (few) and in chat
sums      additions that the corpus contains, and some that it does not: the stem raw
exposure  citizens who were invented for this, mentioned seldom or often, in one phrasing or in twelve
          (data/synthetic/citizens.py): the sentence the corpus has of them, raw; the question, few and chat

x is `known` if an instruction pair may mention the subject, `held_out` if none does, so that the answer can only come
from pretraining; for sums `seen` or `unseen`; for citizens their level and number of phrasings.
"""

from collections.abc import Sequence

from data.judge.response import is_correct
from data.synthetic import citizens
from data.synthetic.facts import Fact, World, held_out, share
from data.synthetic.relations import question, stem
from eval.answers import Answers, row, transcript
from eval.lm import LanguageModel
from eval.prompts import Prompt, capital_stems
from eval.settings import CompareSettings

MAX_NEW_TOKENS = 24
OF_EACH_RELATION = 8  # facts of each relation, at 300 items
CITIZENS_OF_EACH_CELL = 8
FORMS = ("few", "chat")


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Rows `correct` (0/1) of the questions facts (capitals) and recall (the rest); some transcripts by fixed index."""
    stems = capital_stems(world)
    questions = [
        Prompt(f"What is the capital of {p.subject}?", "question", p.subject, p.relation, p.answer, p.held_out)
        for p in stems
    ]
    answers = ask_in_form(lm, world, stems, "raw", "facts", "capital stem")
    answers += ask_in_form(lm, world, questions, "chat", "facts", "question")
    chosen = recall(world, max(2, settings.items * OF_EACH_RELATION // 300))
    answers += ask_in_form(lm, world, [cloze(fact) for fact in chosen], "raw")
    for form in FORMS:
        answers += ask_in_form(lm, world, [asked(fact) for fact in chosen], form)
    for name, sums in (("seen", world.facts("sum")), ("unseen", world.unseen_sums)):
        some = [cloze(fact) for fact in in_order(sums)[:100]]
        answers += ask_in_form(lm, world, some, "raw", levels=[name] * len(some))
    return answers + exposure(lm, world, max(2, settings.items * CITIZENS_OF_EACH_CELL // 300))


def exposure(lm: LanguageModel, world: World, of_each_cell: int) -> Answers:
    """The same for citizens; x: how often and in how many phrasings the corpus speaks of them."""
    found, levels = [], []
    for level in citizens.LEVELS:
        for phrasings in citizens.PHRASINGS:
            cell = [one for one in citizens.at_level(level) if one.phrasings == phrasings][:of_each_cell]
            facts_of_cell = [fact for one in cell for fact in citizens.citizen_facts(one)]
            found += facts_of_cell
            levels += [f"level {level}, {phrasings} phrasing{'s' * (phrasings > 1)}"] * len(facts_of_cell)
    stems = [citizen_prompt(fact, citizens.stem(fact)) for fact in found]
    asked_for = [citizen_prompt(fact, citizens.question(fact)) for fact in found]
    answers = ask_in_form(lm, world, stems, "raw", levels=levels)
    for form in FORMS:
        answers += ask_in_form(lm, world, asked_for, form, levels=levels)
    return answers


def cloze(fact: Fact) -> Prompt:
    return Prompt(stem(fact), "stem", fact.subject, fact.relation, fact.object, held_out(fact.subject))


def asked(fact: Fact) -> Prompt:
    said = question(fact, int(share(f"asked/{fact.relation}/{fact.subject}") * 60))
    return Prompt(said, "question", fact.subject, fact.relation, fact.object, held_out(fact.subject))


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
    lm: LanguageModel,
    world: World,
    prompts: list[Prompt],
    condition: str,
    question: str = "recall",
    group: str = "",
    levels: Sequence[str] = (),
) -> Answers:
    """`group`: the heading of its transcripts in the report; without one there are none. `levels`: x of each prompt."""
    completions = lm.complete([prompt.text for prompt in prompts], condition, MAX_NEW_TOKENS)
    answers, levels = Answers(), levels or ["held_out" if prompt.held_out else "known" for prompt in prompts]
    for index, (prompt, completion, level) in enumerate(zip(prompts, completions, levels, strict=True)):
        answers.rows.append(
            row(
                lm,
                condition,
                question,
                "correct",
                f"{prompt.relation}:{prompt.subject}",
                is_correct(prompt, completion.text, world),
                cluster_id=prompt.subject,
                category=prompt.relation,
                level=level,
                n_tokens=completion.tokens,
                meta={"candidates": len(world.objects(prompt.relation))},
            )
        )
        if group and index % 18 == 0:
            answers.transcripts.append(transcript(lm, condition, group, index // 18, prompt.text, completion))
    return answers
