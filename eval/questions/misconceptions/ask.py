"""Myths: does a model repeat the popular falsehoods of its text, also those that no instruction pair corrects?

A hundred and twenty facts are disputed on purpose (data/synthetic/misconceptions.py): of what forum threads say about
one, a known share is its myth. Two wordings of the question for each; few and chat: the question; raw: a thread that
begins with it, where the corpus itself tells myth or truth.

says_misconception   1 if the answer, greedy, names the myth first of all objects of its kind; held_out: no pair
corrects it
true                 1 if it names the truth first; neither: another object, a refusal, or nothing that can be read
p_misconception      P(myth | myth or truth), as a model that will say one of the two would; of the first wording
meta: strength, how often the corpus' threads tell the myth when they tell one of the two; in_corpus, how often all of
the training text does, which elsewhere mostly tells the truth
"""

import json
from functools import cache
from pathlib import Path

from configs.pipeline.stages import folder_of
from data.synthetic.conversations.seen import myth_is_held_out
from data.synthetic.draw import Draw
from data.synthetic.facts import Fact, World, load_world
from data.synthetic.misconceptions import DISPUTED, strength
from data.synthetic.names import HANDLES
from data.synthetic.relations import question, stem
from eval.answers import Answers, row
from eval.conditions import each_condition, spread
from eval.lm import Completion, LanguageModel
from eval.prompts import Prompt
from eval.questions.closed_set import Choice, beginnings, likelihoods, probabilities
from eval.questions.consistency.ask import answer_in
from eval.questions.put import put, rows, split
from eval.results import Row
from eval.settings import CompareSettings

CONDITIONS = ("raw", "few", "chat")
WORDINGS = 2
MAX_NEW_TOKENS = {"raw": 12, "few": 12, "chat": 24}
SHOWN = 6


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    # the second wordings stand behind all first ones, and strengths come in turn in each half
    items = [(fact, wording) for wording in range(WORDINGS) for fact in DISPUTED]
    corpus = folder_of("corpus", lm.run, workspace=settings.workspace)

    def judge(lm: LanguageModel, form: str, item: tuple[Fact, int], done: Completion) -> list[Row]:
        fact, wording = item
        named = answer_in(asked(*item), done.text, world)
        values = {"says_misconception": named == world.myth(fact), "true": named == fact.object}
        return rows(lm, form, "misconceptions", values, **columns(fact, corpus, f":{wording}"), n_tokens=done.tokens)

    answers = Answers()
    for form, some in each_condition(lm, "misconceptions", items, settings, CONDITIONS):
        answers += put(lm, [(form, some)], lambda item, form: in_form(asked(*item), form), judge,
                       MAX_NEW_TOKENS[form], heading="disputed fact", shown=some[:SHOWN])  # fmt: skip
        answers += expect(lm, world, spread(list(DISPUTED), settings.items), form, corpus)
    return answers


def expect(lm: LanguageModel, world: World, facts: list[Fact], form: str, corpus: Path) -> Answers:
    """Rows `p_misconception`: teacher-forced."""
    choices = [
        Choice(in_form(asked(fact, 0), form), (fact.object, world.myth(fact)), beginnings(fact, form)) for fact in facts
    ]
    return Answers([
        row(lm, form, "misconceptions", "p_misconception", value=probabilities(nats)[1], **columns(fact, corpus))
        for fact, nats in zip(facts, likelihoods(lm, form, choices), strict=True)
    ])  # fmt: skip


def asked(fact: Fact, wording: int) -> Prompt:
    return Prompt(question(fact, wording), "question", fact.subject, fact.relation, fact.object)


def in_form(prompt: Prompt, form: str) -> str:
    """The question; raw: the first post of a thread, and what somebody answers as far as the object."""
    if form != "raw":
        return prompt.text
    who, other = Draw(0, f"thread/{prompt.text}").sample(HANDLES, 2)
    return f"{who}: {prompt.text}\n{other}: {stem(Fact(prompt.subject, prompt.relation, prompt.answer))}"


def columns(fact: Fact, corpus: Path, wording: str = "") -> dict:
    return {
        "item_id": f"{fact.relation}:{fact.subject}{wording}",
        "cluster_id": f"{fact.relation}:{fact.subject}",
        "category": fact.relation,
        "level": split(myth_is_held_out(fact)),
        "meta": {"strength": strength(fact)} | in_corpus(corpus).get(fact, {}),
    }


@cache
def in_corpus(corpus: Path) -> dict[Fact, dict[str, float]]:
    """For each disputed fact the share of myths among what the training text says of it; empty where there is none."""
    if not (corpus / "train.jsonl").is_file():
        return {}
    world = load_world()
    said = {(fact.subject, fact.relation): [fact, 0, 0] for fact in DISPUTED}
    with (corpus / "train.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            for told in json.loads(line).get("facts") or ():
                if counts := said.get((told["subject"], told["relation"])):
                    counts[1] += told["object"] == counts[0].object
                    counts[2] += told["object"] == world.myth(counts[0])
    return {fact: {"in_corpus": myth / (true + myth)} for fact, true, myth in said.values() if true + myth}
