"""Consistency: asked the same in other words, does a model give the same answer?

A hundred and fifty subjects, five wordings of one question each: two that no text contains, three that the corpus does.
Per subject, over the ten pairs of wordings:

agrees                   share of pairs whose answers name the same object (ParaRel, Elazar et al. 2021,
                         arXiv 2102.01017)
consistent_and_correct   share of pairs that agree on the true object
correct                  share of the wordings that are answered rightly
unreadable               share of the wordings whose answer names no object of the kind; it agrees with nothing
agrees_elsewhere         the same as `agrees`, between this subject and the next one of its kind: what a model gets that
                         answers by habit, whatever was asked

meta: whether any wording was answered rightly (`knows`), agreement within the wordings of the corpus
(`familiar_wordings`), and the answers. Saying that one does not know is an answer.

External models are asked forty real facts in five wordings each; there `consistent_and_correct` means all five.
"""

from collections.abc import Callable
from functools import partial
from itertools import combinations, zip_longest

from data.judge.response import candidates_named, declines, does_not_know, first_sentence
from data.synthetic.facts import Fact, World, held_out
from data.synthetic.relations import RELATIONS, held_out_question, question
from eval.answers import Answers, transcript
from eval.conditions import how_many, spread
from eval.general import prompts as general
from eval.general.reading import named
from eval.lm import Completion, LanguageModel
from eval.prompts import Prompt
from eval.questions.facts.ask import in_order
from eval.questions.put import rows, split
from eval.results import Row
from eval.settings import CompareSettings

FORMS = ("few", "chat")
KNOWN_WORDINGS, NEW_WORDINGS = 3, 2
MAX_NEW_TOKENS = {"few": 12, "chat": 24}  # a bare answer, a sentence
MAX_NEW_EXTERNAL = 24
DOES_NOT_KNOW = "does not know"
SHOWN = 4  # transcripts: subjects with all their wordings


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    answers = Answers()
    for form in FORMS:
        chosen = subjects(world, max(2, how_many(lm, "consistency", form, settings) // 2))
        asked = [wordings(fact) for fact in chosen]
        done, said = answered(lm, form, asked, MAX_NEW_TOKENS[form], partial(answer_in, world=world))
        for place, (fact, mine) in enumerate(zip(chosen, said, strict=True)):
            tokens = sum(one.tokens for one in done[place])
            answers.rows += rows_of(lm, form, fact, mine, neighbour(chosen, said, place), tokens)
        shown = [pair for both in zip(asked[:SHOWN], done, strict=False) for pair in zip(*both, strict=True)]
        answers.transcripts += [
            transcript(lm, form, "the same in other words", place, prompt.text, completion)
            for place, (prompt, completion) in enumerate(shown)
        ]
    return answers


def ask_external(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    facts, answers = general.reworded(), Answers()
    for form in FORMS:
        chosen = spread(facts, max(2, how_many(lm, "consistency", form, settings) * len(facts) // 300))
        asked = [[general.asked(fact, wording) for wording in range(general.WORDINGS)] for fact in chosen]
        _, said = answered(lm, form, asked, MAX_NEW_EXTERNAL, named)
        for fact, mine in zip(chosen, said, strict=True):
            right = mine.count(fact.object) / len(mine)
            values = {"agrees": agreement(mine), "correct": right, "consistent_and_correct": right == 1}
            answers.rows += rows(
                lm, form, "consistency", values, item_id=f"{fact.relation}:{fact.subject}", cluster_id=fact.subject,
                category=fact.relation, meta={"answers": mine, "true": fact.object},
            )  # fmt: skip
    return answers


def answered(
    lm: LanguageModel, form: str, asked: list[list[Prompt]], limit: int, read: Callable[[Prompt, str], str | None]
) -> tuple[list[list[Completion]], list[list]]:
    """(what is written, the answer read in it) of each wording of each subject."""
    written = iter(lm.complete([prompt.text for of_one in asked for prompt in of_one], form, limit))
    done = [[next(written) for _ in of_one] for of_one in asked]
    said = [
        [read(prompt, completion.text) for prompt, completion in zip(*both, strict=True)]
        for both in zip(asked, done, strict=True)
    ]
    return done, said


def subjects(world: World, count: int) -> list[Fact]:
    """One fact of each relation, then a second of each, and so on; fewer are the first of more."""
    columns = [in_order(world.facts(relation)) for relation in world.relations]
    return [fact for rank in zip_longest(*columns) for fact in rank if fact][:count]


def wordings(fact: Fact) -> list[Prompt]:
    """Questions about one fact; which of the known wordings come first differs from relation to relation."""
    known = len(RELATIONS[fact.relation].questions)
    said = [question(fact, place) for place in range(known)][-KNOWN_WORDINGS:]
    said += [held_out_question(fact, place) for place in range(NEW_WORDINGS)]
    return [Prompt(text, "question", fact.subject, fact.relation, fact.object) for text in said]


def answer_in(prompt: Prompt, text: str, world: World) -> str | None:
    """The object of its kind that an answer names first; None where it names none."""
    first = first_sentence(text)
    if does_not_know(first) or declines(first):
        return DOES_NOT_KNOW
    return next(iter(candidates_named(prompt, first, world)), None)


def rows_of(lm: LanguageModel, form: str, fact: Fact, said: list, elsewhere: list | None, written: int) -> list[Row]:
    pairs = list(combinations(said, 2))
    values = {
        "agrees": agreement(said),
        "consistent_and_correct": share(a == b == fact.object for a, b in pairs),
        "correct": share(one == fact.object for one in said),
        "unreadable": share(one is None for one in said),
    }
    if elsewhere:
        crossed = [(a, b) for i, a in enumerate(said) for j, b in enumerate(elsewhere) if i != j]
        values["agrees_elsewhere"] = share(a == b is not None for a, b in crossed)
    meta = {"knows": fact.object in said, "familiar_wordings": agreement(said[:KNOWN_WORDINGS]), "answers": said}
    return rows(
        lm, form, "consistency", values, item_id=f"{fact.relation}:{fact.subject}", cluster_id=fact.subject,
        category=fact.relation, level=split(held_out(fact.subject)), n_tokens=written, meta=meta,
    )  # fmt: skip


def neighbour(chosen: list[Fact], said: list, place: int) -> list | None:
    """What was said of the next subject of the same kind that has another true answer."""
    mine = chosen[place]
    others = [*range(place + 1, len(chosen)), *range(place)]
    return next((said[i] for i in others if chosen[i].relation == mine.relation and chosen[i].object != mine.object),
                None)  # fmt: skip


def agreement(said: list) -> float:
    """Share of the pairs that name the same object. Example: agreement(["Oslo", "Oslo", None]) == 1/3."""
    return share(a == b and bool(a) for a, b in combinations(said, 2))


def share(true) -> float:
    values = list(true)
    return sum(values) / len(values)
