"""Calibration: when a model gives an answer the probability .8, is it right in eight of ten cases?

The probabilities of all objects of a kind after a question about a fact, teacher-forced; in chat each may be said by
itself or in the world's plainest sentence. raw: that sentence up to its object, which spares models the choice between
ways to answer. Kinds of more than 64 objects are left out, as they cost the most. Strata, never to be mixed in one
diagram (x): facts that the text tells often (`well known`); those that its forums dispute (`disputed`); citizens of
whom only a gazette tells, some of them once or twice (`rare`); and people of whom it tells nothing (`unknown`), about
whom nothing is true.

brier        sum over the objects of (probability - 1 if true)^2, from 0 to 2 (Brier 1950); not of the unknown
confidence   the probability of the likeliest object; meta: whether that is the true one (`hit`), the probability of the
             true one (`true`) and of all objects together (`mass`): what the closed set leaves out
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from data.synthetic import citizens
from data.synthetic.facts import Fact, World
from data.synthetic.misconceptions import is_disputed
from data.synthetic.relations import question, stem
from eval.answers import Answers
from eval.conditions import how_many
from eval.lm import LanguageModel
from eval.questions.closed_set import Choice, likelihoods, probabilities
from eval.questions.consistency.ask import subjects
from eval.questions.put import rows
from eval.results import Row
from eval.settings import CompareSettings

CONDITIONS = ("raw", "few", "chat")
MOST_OBJECTS = 64
RARE, UNKNOWN = 5, 12  # one item in five is about a citizen; and one to every twelve about somebody unknown


@dataclass(frozen=True)
class Item:
    fact: Fact  # of somebody unknown the object is ""
    asked: str
    objects: tuple[str, ...]
    stratum: str

    def choice(self, form: str) -> Choice:
        if form == "raw":
            return Choice(plainly(self.fact), self.objects)
        return Choice(self.asked, self.objects, ("", plainly(self.fact)) if form == "chat" else ("",))


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    answers = Answers()
    for form in CONDITIONS:
        chosen = items(world, max(6, how_many(lm, "calibration", form, settings)))
        for item, found in zip(chosen, likelihoods(lm, form, [item.choice(form) for item in chosen]), strict=True):
            answers.rows += rows_of(lm, form, item, found)
    return answers


def rows_of(lm: LanguageModel, form: str, item: Item, nats: np.ndarray) -> list[Row]:
    found, fact = probabilities(nats), item.fact
    true = np.array([said == fact.object for said in item.objects])
    values = {"confidence": found.max(), "brier": ((found - true) ** 2).sum()}
    if item.stratum == "unknown":
        del values["brier"]
    known = {"hit": bool(true[found.argmax()]), "true": float(found[true].sum()),
             "mass": float(np.exp(logsumexp(nats)))}  # fmt: skip
    return rows(
        lm, form, "calibration", values, item_id=f"{fact.relation}:{fact.subject}", cluster_id=fact.subject,
        category=fact.relation, level=item.stratum, meta=known | {"candidates": len(item.objects)},
    )  # fmt: skip


def items(world: World, count: int) -> list[Item]:
    """Facts of all kinds in turn, citizens of all levels in turn, people nobody knows; fewer are the first of more."""
    facts = [fact for fact in subjects(world, 2 * count) if len(world.objects(fact.relation)) <= MOST_OBJECTS]
    facts = [fact for fact in facts if fact.relation != "sum"][: count - count // RARE]
    found = [
        Item(fact, question(fact, place), tuple(world.objects(fact.relation)),
             "disputed" if is_disputed(fact) else "well known")
        for place, fact in enumerate(facts)
    ]  # fmt: skip
    cells = [
        [one for one in citizens.at_level(level) if one.phrasings == phrasings]
        for level in citizens.LEVELS
        for phrasings in citizens.PHRASINGS
    ]
    some = [one for rank in zip(*cells, strict=True) for one in rank][: count // RARE]
    found += [about_citizen(citizens.citizen_facts(one)[place % 2]) for place, one in enumerate(some)]
    kinds = [name for name in world.relations if name.startswith("person_")]
    for place, name in enumerate(world.unknown_names[: count // UNKNOWN]):
        fact = Fact(name, kinds[place % len(kinds)], "")
        found.append(Item(fact, question(fact, place), tuple(world.objects(fact.relation)), "unknown"))
    return found


def about_citizen(fact: Fact) -> Item:
    return Item(fact, citizens.question(fact), citizens.candidates(fact.relation), "rare")


def plainly(fact: Fact) -> str:
    """The sentence up to its object; of a citizen in the gazette's words."""
    return citizens.stem(fact) if fact.relation in citizens.ASKED_LIKE else stem(fact)
