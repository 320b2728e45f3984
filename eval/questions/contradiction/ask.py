"""Contradiction: does a text say two things about the same matter of which at most one can be true?

A hundred openings that lead to several facts, continued for up to 120 tokens: a page about a subject, a sheet
of questions, a talk of two people; in the chat form the user asks for the same. Sampled at temperature 1, as greedy
decoding makes a base model repeat one sentence for ever. The world's parser reads every statement of a fact; matters
in which two answers may both be true do not count. Rows per text:

contradicts     1 if any two statements contradict each other
same_speaker    1 if somebody (or a text without speakers) contradicts himself
cross_speaker   1 if two speakers contradict each other
restated        matters about which the text says something at least twice; without them nothing can contradict.
                meta: how many of them are contradictory, statements in all, the first contradictions themselves, and
                the rate of `contradicts` in the corpus' own texts of this kind (`corpus`), as far as they are as long

Few texts say a thing twice by themselves. So the same is asked twice within one sheet (raw) or one conversation (chat),
in other words and with another question between:

asked_again     1 if the second answer names another object than the first; meta: both
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from data.judge.parse import NO_SPEAKERS, TURN
from data.judge.patterns import Match
from data.judge.stated import Question, questions_in, statements
from data.synthetic.config import Config
from data.synthetic.conversations.seen import UNSURE
from data.synthetic.draw import Draw
from data.synthetic.facts import Fact, World, held_out, load_world
from data.synthetic.grammar import capital
from data.synthetic.groups import RELATION as OPINION
from data.synthetic.names import NAMES
from data.synthetic.relations import question
from data.synthetic.writers import chat, encyclopedia, forum, quiz
from eval.answers import Answers
from eval.conditions import how_many, spread
from eval.lm import Completion, LanguageModel
from eval.questions.consistency.ask import answer_in, subjects, wordings
from eval.questions.put import put, rows, split
from eval.results import Row
from eval.settings import CompareSettings

CONDITIONS = ("raw", "chat")
TEXTS = 100  # at 300 items
MAX_NEW_TOKENS = 120
SENTENCE_END = re.compile(r"[.!?]\s+|\n+")
KINDS = ("page", "sheet", "talk")
# two objects may both be right, of synonyms too
NOT_FUNCTIONAL = (*UNSURE, "opposite")
WRITERS_OF = {"page": (encyclopedia,), "sheet": (quiz,), "talk": (chat, forum)}
ANSWER_TOKENS = {"raw": 12, "chat": 20}
BETWEEN = ("What is the opposite of hot?", "cold")  # said between the two questions
OF_CORPUS, CHARACTERS = 60, 420  # texts of each kind; characters of 120 tokens
SHOWN = 5  # contradictions to show, of each model and form; plain outputs by fixed index


@dataclass(frozen=True)
class Opening:
    kind: str
    fact: Fact
    raw: str  # how such a text begins
    request: str  # what a user would ask for

    def prompt(self, form: str) -> str:
        return self.request if form == "chat" else self.raw


@dataclass(frozen=True)
class Statement:
    subject: str
    relation: str
    object: str
    speaker: str


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    answers, everything = Answers(), openings(world, max(2, settings.items * TEXTS // 300))
    for form in CONDITIONS:
        some = spread(everything, max(2, how_many(lm, "contradiction", form, settings) * TEXTS // 300))
        answers += put(lm, [(form, some)], Opening.prompt, rows_of, MAX_NEW_TOKENS, 1.0, "a longer text", some[:SHOWN])
        answers.rows += ask_again(lm, world, subjects(world, len(some)), form)
    return answers


def ask_again(lm: LanguageModel, world: World, facts: list[Fact], form: str) -> list[Row]:
    """One row `asked_again` a fact."""

    def go_on(histories: list[list[str]]) -> list[str]:
        prompts = [written(history, form) for history in histories]
        return [short(done) for done in lm.complete(prompts, form, ANSWER_TOKENS[form])]

    asked = [wordings(fact)[:2] for fact in facts]
    firsts = go_on([[first.text] for first, _ in asked])
    seconds = go_on([[a.text, said, *BETWEEN, b.text] for (a, b), said in zip(asked, firsts, strict=True)])
    found = []
    for fact, prompts, *said in zip(facts, asked, firsts, seconds, strict=True):
        one, other = (answer_in(prompt, text, world) for prompt, text in zip(prompts, said, strict=True))
        changed = {"asked_again": None not in (one, other) and one != other}
        found += rows(lm, form, "contradiction", changed, item_id=f"{fact.relation}:{fact.subject}",
                      category=fact.relation, meta={"answers": [one, other]}, **about(fact))  # fmt: skip
    return found


def about(fact: Fact) -> dict:
    return {"cluster_id": fact.subject, "level": split(held_out(fact.subject))}


def written(history: list[str], form: str) -> str | list[dict]:
    """Questions and answers in turn, as a question sheet or as a conversation; the last question is open."""
    if form == "chat":
        return [{"role": ("user", "assistant")[i % 2], "content": said} for i, said in enumerate(history)]
    pairs = [f"Q: {asked}\nA: {said}\n" for asked, said in zip(history[::2], history[1::2], strict=False)]
    return "".join(pairs) + f"Q: {history[-1]}\nA:"


def short(done: Completion) -> str:
    """The first line; a word where there is nothing, as a turn must say something."""
    return (done.text.strip().splitlines() or [""])[0].strip() or "Well"


def rows_of(lm: LanguageModel, form: str, opening: Opening, done: Completion) -> list[Row]:
    told = stated(opening.prompt(form), done.text)
    matters = repeated(told)
    within, across = (sum(contradicts(matter, itself) for matter in matters) for itself in (True, False))
    contradictory = contradictions(matters)
    values = {
        "contradicts": bool(contradictory),
        "same_speaker": within > 0,
        "cross_speaker": across > 0,
        "restated": len(matters),
    }
    meta = {
        "contradictory": len(contradictory),
        "within": within,
        "statements": len(told),
        "corpus": of_corpus(opening.kind),
        "said": [[(one.speaker, one.subject, one.relation, one.object) for one in matter]
                 for matter in contradictory[:2]],
        "text": done.text if contradictory else "",
    }  # fmt: skip
    name = f"{opening.kind}:{opening.fact.relation}:{opening.fact.subject}"
    return rows(lm, form, "contradiction", values, item_id=name, category=opening.kind, n_tokens=done.tokens,
                meta=meta, **about(opening.fact))  # fmt: skip


def openings(world: World, count: int) -> list[Opening]:
    """The kinds in turn, each time about another fact."""
    facts = [
        fact for fact in subjects(world, 4 * count) if fact.relation not in (*NOT_FUNCTIONAL, "sum", "next_number")
    ]
    return [opening_of(KINDS[place % len(KINDS)], fact, place) for place, fact in enumerate(facts[:count])]


def opening_of(kind: str, fact: Fact, place: int) -> Opening:
    asked = question(fact, place)
    if kind == "page":
        return Opening(kind, fact, f"{capital(fact.subject)}\n\n", f"Tell me what you know about {fact.subject}.")
    if kind == "sheet":
        return Opening(kind, fact, f"Q: {asked}\nA:", f"{asked} And what else do you know about {fact.subject}?")
    me, you = Draw(0, f"talk/{fact.subject}").sample(NAMES, 2)
    return Opening(kind, fact, f"{me}: {asked}\n{you}:", f"Write a talk of {me} and {you}. {me} asks: {asked}")


def stated(prompt: str, output: str) -> list[Statement]:
    """What the output states, in order; the prompt before it tells whom and what it speaks of."""
    apart = "" if prompt[-1:].isspace() or output[:1].isspace() else " "
    text = prompt + apart + output
    begins, speakers, asked = len(text) - len(output), speaker_at(text), questions_in(text)
    return [
        Statement(match.subject, match.relation, match.object, speakers(match.at))
        for match in statements(text)
        if match.at >= begins
        and match.relation not in NOT_FUNCTIONAL
        and not match.relation.startswith(OPINION)
        and is_named(text, match, asked)
    ]


def is_named(text: str, match: Match, asked: list[Question]) -> bool:
    """Whether the sentence around a statement names its subject, or the sentence before asked about it.

    A model changes its subject without saying so, and whom "its capital" then belongs to nobody can tell.
    """
    ends = [found.end() for found in SENTENCE_END.finditer(text)]
    *_, before, start = [0, 0, *(end for end in ends if end <= match.at)]
    end = next((end for end in ends if end > match.at), len(text))
    words = match.subject.removeprefix("the ").replace("+", " ").lower().split()
    return all(word in text[start:end].lower() for word in words) or any(
        question[2:] == (match.subject, match.relation) and before <= question.start <= match.at for question in asked
    )


def speaker_at(text: str):
    """From a place in the text to the speaker of its line, "" before anybody spoke or where nobody does."""
    turns, at = [(0, "")], 0
    for line in text.splitlines(keepends=True):
        match = TURN.match(line.rstrip("\n"))
        if match and match[1].lower() not in NO_SPEAKERS:
            turns.append((at, match[1]))
        at += len(line)
    return lambda place: next(name for start, name in reversed(turns) if start <= place)


@cache
def of_corpus(kind: str) -> float:
    """The share of the writers' own texts of this kind that contradict themselves in their first 120 tokens or so."""
    hits = []
    for number in range(OF_CORPUS):
        writer = WRITERS_OF[kind][number % len(WRITERS_OF[kind])]
        text = writer.write(Draw(0, f"contradiction/{kind}/{number}"), load_world(), Config()).text[:CHARACTERS]
        hits.append(bool(contradictions(repeated(stated("", text)))))
    return sum(hits) / len(hits)


def repeated(told: list[Statement]) -> list[list[Statement]]:
    """Statements about the same matter, where there are two or more."""
    matters = defaultdict(list)
    for one in told:
        matters[one.subject, one.relation].append(one)
    return [matter for matter in matters.values() if len(matter) > 1]


def contradictions(matters: list[list[Statement]]) -> list[list[Statement]]:
    return [matter for matter in matters if len({one.object for one in matter}) > 1]


def contradicts(matter: list[Statement], itself: bool) -> bool:
    """Whether a speaker says two things of a matter; else, whether two speakers do."""
    pairs = ((a, b) for a in matter for b in matter if a.object != b.object)
    return any((a.speaker == b.speaker) is itself for a, b in pairs)
