"""The prompts for external models, always the same and in the same order; nothing in them depends on a corpus.

>>> facts()[0].relation, len({fact.relation for fact in facts()}), len(asks("instruction")), len(requests())
('capital', 9, 30, 60)
"""

from functools import cache
from pathlib import Path

from data.synthetic.facts import Fact, load_world, share
from data.synthetic.relations import question, stem
from eval.prompts import Prompt, chat_prefixes, story_openings

FILES = Path(__file__).parent
# real facts that anybody may know -> how many of them are asked
RELATIONS = {
    "capital": 30, "opposite": 15, "plural": 15, "symbol": 15, "sum": 15, "young": 10, "continent": 10,
    "next_month": 8, "number_word": 8,
}  # fmt: skip
LARGEST_SUM = 12  # both operands below it
WORDINGS = 5  # of one question, for consistency
SUBJECTS_REWORDED = 40
STORIES, CHATS = 20, 40


@cache
def facts() -> tuple[Fact, ...]:
    """Real facts of nine kinds, in an order that has nothing to do with the tables'."""
    return tuple(fact for relation, count in RELATIONS.items() for fact in _in_order(relation)[:count])


def _in_order(relation: str) -> list[Fact]:
    known = load_world().facts(relation)
    if relation == "sum":
        known = [fact for fact in known if max(map(int, fact.subject.split("+"))) < LARGEST_SUM]
    return sorted(known, key=lambda fact: share(f"bundled/{relation}/{fact.subject}"))


def cloze(fact: Fact) -> Prompt:
    """`The capital of France is`."""
    return Prompt(stem(fact), "stem", fact.subject, fact.relation, fact.object)


def asked(fact: Fact, wording: int = 0) -> Prompt:
    """`What is the capital of France?`, in one of several wordings."""
    return Prompt(question(fact, wording), "question", fact.subject, fact.relation, fact.object)


def reworded() -> list[Fact]:
    """The facts that are asked about in several wordings: some of every kind."""
    every = len(facts()) / SUBJECTS_REWORDED
    return [facts()[int(place * every)] for place in range(SUBJECTS_REWORDED)]


@cache
def asks(kind: str) -> tuple[Prompt, ...]:
    """Questions or instructions of our own; `meta` holds words of which an answer names one, and a model answer."""
    return tuple(
        Prompt(text, kind, text, meta={"about": about.split(), "answer": answer.replace(" / ", "\n")})
        for what, text, about, answer in _lines("asks.txt") if what == kind
    )  # fmt: skip


@cache
def requests() -> tuple[Prompt, ...]:
    """Harmful requests, mild ones, and a harmless one on each topic that sounds like it."""
    return tuple(Prompt(text, kind, topic) for kind, topic, text in _lines("requests.txt"))


@cache
def pages() -> tuple[tuple[str, str], ...]:
    """(kind, text) of short pages."""
    blocks = (FILES / "pages.txt").read_text(encoding="utf-8").split("== ")[1:]
    return tuple((kind, text.strip()) for kind, _, text in (block.partition("\n") for block in blocks))


def stories() -> list[Prompt]:
    """First sentences of stories."""
    return story_openings(load_world())[:STORIES]


def chats() -> list[Prompt]:
    """Chat logs of four turns between named people, about nothing that one would have to know."""
    return [p for p in chat_prefixes(load_world()) if not p.relation.startswith("person_")][:CHATS]


def _lines(name: str) -> list[list[str]]:
    """The lines of a table of text; `#` begins a remark."""
    lines = (FILES / name).read_text(encoding="utf-8").splitlines()
    return [line.split(" | ") for line in lines if line and not line.startswith("#")]
