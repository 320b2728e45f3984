"""How a user asks for a fact and how the assistant says it; used by several kinds of pair."""

import re
from functools import cache
from pathlib import Path

from data.synthetic.conversations.seen import is_reserved
from data.synthetic.draw import Draw
from data.synthetic.facts import Fact
from data.synthetic.grammar import beside, capital, with_article
from data.synthetic.mistakes import or_leave
from data.synthetic.relations import RELATIONS, clause, question, slots

NOUN = re.compile(r"What is (the [^?]*?(?<! called))\?")
ARTICLED = ("young", "person_job", "person_pet")  # relations whose object is a noun that needs "a"
ABOUT_A = ("young", "sound", "legs", "food", "home", "tool", "workplace")  # relations of "a cow", "a baker"

PROSE = beside(__file__)
ASKED = beside(Path(__file__).with_name("asked"))  # relation -> questions in the words of people, in no other text
AS_PEOPLE_ASK = 0.4  # share of the questions
IT = or_leave(PROSE.entries, "it")  # relation -> a sentence that does not name the subject
SHORT, FULL = (  # endings of a frame that say how long the answer is to be
    ("Just the answer, please.", "Keep it short."),
    ("answer in a sentence.", "use a full sentence."),
)
# A bare answer cannot name the wrong subject; a sentence that says it again teaches to copy it. So: not more than half.
LENGTHS = {"bare": 46, "it": 10, "echo": 44}


@cache
def phrasings(fact: Fact) -> tuple[str, ...]:
    """The questions about a fact that pairs may ask."""
    count = len(RELATIONS[fact.relation].questions)
    return tuple(question(fact, i) for i in range(count) if not is_reserved(fact, i))


def ask(draw: Draw, fact: Fact) -> str:
    """A bare question, without a frame."""
    return draw.choice(phrasings(fact))


def ask_freely(draw: Draw, fact: Fact) -> str:
    """The same, most often as people put it: in small letters, without a question mark, after something else."""
    if draw.flag(AS_PEOPLE_ASK) and fact.relation in ASKED:
        return draw.choice(ASKED[fact.relation]).write(draw, slots(fact))
    return ask(draw, fact)


def framed(draw: Draw, asked: str) -> str:
    """The question as people put it: as it is, with a word before or behind, or turned into a request."""
    form = draw.choice(("bare", "framed", "request"), weights=(5, 3, 2))
    noun = NOUN.fullmatch(asked)
    if form == "request" and noun:
        return _request(draw, noun[1])
    if form == "bare" or asked[-1].isalnum():
        return asked
    return PROSE.write("frame", draw, {"question": asked, "plain": lower(asked)})


def reply(draw: Draw, fact: Fact, asked: str) -> str:
    """The bare answer or a sentence, as the question wants it or as it comes."""
    if asked.endswith(SHORT):
        return bare(fact, asked)
    if asked.endswith(FULL):
        return echo(draw, fact)
    length = draw.choice(list(LENGTHS), list(LENGTHS.values()))
    if length == "it" and fact.relation in IT and "here" not in asked:  # `In Asia.` where it was asked where
        return capital(IT[fact.relation].plain({"object": fact.object})) + "."
    return bare(fact, asked) if length == "bare" else echo(draw, fact)


@cache
def clauses(fact: Fact) -> tuple[str, ...]:
    """The phrasings of a fact that suit any subject (`if something is not build at all` does not)."""
    said = (clause(fact, i) for i in range(len(RELATIONS[fact.relation].clauses)))
    return tuple(text for text in said if not text.startswith("if something is not"))


def sentence(draw: Draw, fact: Fact) -> str:
    """A statement of the fact in any phrasing."""
    return capital(draw.choice(clauses(fact))) + "."


def echo(draw: Draw, fact: Fact) -> str:
    """A statement that says the subject again, most often in its plainest phrasing."""
    return capital(clauses(fact)[0]) + "." if draw.flag(0.5) else sentence(draw, fact)


def bare(fact: Fact, asked: str = "") -> str:
    """The object alone: `Paris.`, `A calf.`, `In a barn.`"""
    said = with_article(fact.object) if fact.relation in ARTICLED else fact.object
    if "Where" in asked or "where" in asked:
        if "come from" in asked:
            said = f"From {said}"
        elif fact.relation == "workplace":
            said = f"At {said}"
        else:
            said = f"In {said}"
    if fact.relation == "city_population":
        said = f"About {said}"
    return capital(said) + "."


def subject_of(fact: Fact) -> str:
    """The subject as it stands in a sentence: `a cow`, `France`."""
    return with_article(fact.subject) if fact.relation in ABOUT_A else fact.subject


def lower(text: str) -> str:
    return text if text.startswith(("I ", "I'")) else text[:1].lower() + text[1:]


def _request(draw: Draw, noun: str) -> str:
    text = PROSE.write("request", draw, {"noun": noun})
    return text + ("?" if text.startswith(("Can", "Could", "Do")) else ".")
