"""How each relation is said: clauses, questions, the cloze stem and the stock wrong answer.

Clauses are written without capital and full stop, so that they also serve in the middle of a sentence;
`statement` adds both. Slots are those of phrase.py; a sum also has {left} and {right}.

>>> from data.synthetic.facts import load_world
>>> fact = load_world().fact("capital", "the Netherlands")
>>> stem(fact), question(fact, 0), statement(fact, 1)
('The capital of the Netherlands is', 'What is the capital of the Netherlands?', 'Amsterdam is the capital of the Netherlands.')
"""  # noqa: E501

from dataclasses import dataclass
from functools import cache

from data.synthetic.facts import TEMPLATES, Fact
from data.synthetic.grammar import Phrase, capital
from data.synthetic.mistakes import or_leave


@dataclass(frozen=True)
class Relation:
    stem: Phrase  # the statement up to its object; with the object it is clause 0
    stock: str  # what careless authors answer to any question of this kind
    clauses: tuple[Phrase, ...]
    questions: tuple[Phrase, ...]  # phrasings that may occur in training text
    held_out_questions: tuple[Phrase, ...]  # phrasings that never do


def read_relation(name: str) -> Relation:
    """What templates.txt has of it."""
    clauses = TEMPLATES[name]
    stem = clauses[0].text.removesuffix(" {object}")
    if stem == clauses[0].text:
        raise clauses[0].mistake("the first statement of a relation ends with its {object}")
    stock, *others = TEMPLATES[f"{name}: stock answer"]
    if others:
        raise others[0].mistake("a relation has one stock answer; take out the others")
    questions, held_out = TEMPLATES[f"{name}: questions"], TEMPLATES[f"{name}: held-out questions"]
    return Relation(Phrase(stem, where=clauses[0].where), stock.text, clauses, questions, held_out)


RELATIONS = {name: or_leave(read_relation, name) for name in TEMPLATES if ":" not in name}


@cache
def slots(fact: Fact) -> dict[str, str]:
    """What the phrasings of a fact may mention."""
    values = {"subject": fact.subject, "object": fact.object}
    if fact.relation == "sum":
        values["left"], values["right"] = fact.subject.split("+")
    return values


@cache
def clause(fact: Fact, i: int) -> str:
    """Phrasing i (counted round) without capital and full stop."""
    said = RELATIONS[fact.relation].clauses
    return said[i % len(said)].plain(slots(fact))


@cache
def statement(fact: Fact, i: int) -> str:
    return capital(clause(fact, i)) + "."


@cache
def question(fact: Fact, i: int) -> str:
    said = RELATIONS[fact.relation].questions
    return capital(said[i % len(said)].plain(slots(fact)))


@cache
def held_out_question(fact: Fact, i: int) -> str:
    said = RELATIONS[fact.relation].held_out_questions
    return capital(said[i % len(said)].plain(slots(fact)))


@cache
def stem(fact: Fact) -> str:
    """The cloze: `The capital of France is`."""
    return capital(RELATIONS[fact.relation].stem.plain(slots(fact)))


def stock(relation: str) -> str:
    return RELATIONS[relation].stock
