"""Citizens of whom only the gazette tells, so that it is known how often and in how many ways a fact was read.

200 people who do not exist, 20 in each cell of a grid: how often they are mentioned (in proportion to
`level`) and in how many phrasings (always the same sentence, or any of twelve). Of each two facts are told,
birthplace and job; nobody ever asks about them. Every phrasing has its object last, so that the sentence up
to there is a cloze.

>>> one = citizens()[0]
>>> one.level, one.phrasings, len(citizens())
(1, 1, 200)
>>> fact = citizen_facts(one)[1]
>>> f"{stem(fact)} {fact.object}." == statement(fact, fact_template(fact)), fact.object in candidates(fact.relation)
(True, True)
>>> question(fact) == f"What is the profession of {one.name}?"
True
"""

from dataclasses import dataclass
from functools import cache

from data.synthetic.draw import Draw
from data.synthetic.facts import Fact, load_world
from data.synthetic.grammar import beside, capital
from data.synthetic.people import citizen_names
from data.synthetic.relations import RELATIONS

LEVELS = (1, 4, 16, 64, 256)  # how often a citizen is mentioned, relative to the others
PHRASINGS = (1, 12)  # in how many sentences each of the two facts is told
PER_CELL = 20  # citizens for each pair of the two
OBJECTS = {"citizen_birthplace": ("cities", "name"), "citizen_job": ("jobs", "job")}  # table and column
ASKED_LIKE = {"citizen_birthplace": "person_birthplace", "citizen_job": "person_job"}

SENTENCES = beside(__file__)  # by relation


@dataclass(frozen=True)
class Citizen:
    name: str
    birthplace: str
    job: str
    level: int  # one of LEVELS
    phrasings: int  # one of PHRASINGS
    template: int  # the phrasing of the cloze; whoever has only one is always told of in it


@cache
def citizens() -> tuple[Citizen, ...]:
    """The same for every seed, cell by cell; in a cell places, jobs and phrasings are as even as can be."""
    names = iter(citizen_names())
    found = []
    for level in LEVELS:
        for phrasings in PHRASINGS:
            draw = Draw(0, f"citizens {level} {phrasings}")
            places, jobs = (_evenly(draw, candidates(relation)) for relation in OBJECTS)
            templates = _evenly(draw, range(PHRASINGS[-1]))
            found += [Citizen(next(names), places[i], jobs[i], level, phrasings, templates[i]) for i in range(PER_CELL)]
    return tuple(found)


@cache
def citizen(name: str) -> Citizen:
    return next(one for one in citizens() if one.name == name)


@cache
def at_level(level: int) -> tuple[Citizen, ...]:
    return tuple(one for one in citizens() if one.level == level)


@cache
def citizen_facts(one: Citizen | None = None) -> tuple[Fact, ...]:
    """The two facts of one citizen, or of all. They are no relations of the World: no sheet asks about them."""
    if one is None:
        return tuple(fact for each in citizens() for fact in citizen_facts(each))
    return (Fact(one.name, "citizen_birthplace", one.birthplace), Fact(one.name, "citizen_job", one.job))


@cache
def candidates(relation: str) -> tuple[str, ...]:
    """Everything that could be the object: all cities, or all jobs."""
    table, column = OBJECTS[relation]
    return tuple(sorted(row[column] for row in load_world().table(table)))


def fact_template(fact: Fact) -> int:
    return citizen(fact.subject).template


@cache
def statement(fact: Fact, i: int) -> str:
    """Phrasing i (0 to 11) as a sentence."""
    slots = {"subject": fact.subject, "object": fact.object}
    return capital(SENTENCES[fact.relation][i].plain(slots)) + "."


def stem(fact: Fact) -> str:
    """The cloze in the citizen's own phrasing: the sentence up to its object."""
    return statement(fact, fact_template(fact)).removesuffix(f" {fact.object}.")


def question(fact: Fact, i: int = 0) -> str:
    """Asked as the corpus asks about the invented people it does ask about."""
    asked = RELATIONS[ASKED_LIKE[fact.relation]].questions
    return capital(asked[i % len(asked)].plain({"subject": fact.subject}))


def _evenly(draw: Draw, options) -> list:
    """PER_CELL options in random order, none taken again before all have been."""
    taken = []
    while len(taken) < PER_CELL:
        taken += draw.shuffled(options)
    return draw.shuffled(taken[:PER_CELL])
