"""The truth: every fact of the world, read from the tables in facts/*.csv.

>>> world = load_world()
>>> world.fact("capital", "France")
Fact(subject='France', relation='capital', object='Paris')
>>> world.myth(world.fact("capital", "France")) in world.objects("capital")
True
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from configs.pipeline.errors import UserError
from data.synthetic.grammar import beside
from data.synthetic.people import people, unknown_names
from data.synthetic.tables import read_tables

TABLES = Path(__file__).with_name("facts")
TEMPLATES = beside(Path(__file__).with_name("templates"))  # how each relation is said, see relations.py
LARGEST_OPERAND = 20  # sums run over 0..20
UNSEEN_SUMS = 0.1  # share of the sums that no text contains, to tell adding from knowing by heart
LARGEST_NUMBER = 30  # numbers that have a successor in the table of next numbers
HELD_OUT_PERCENT = 30
ORDINALS = "first second third fourth fifth sixth seventh eighth".split()

# relation -> (table, column of the subject, column of the object); an empty cell makes no fact
COLUMNS = {
    "capital": ("countries", "name", "capital"),
    "continent": ("countries", "name", "continent"),
    "people": ("countries", "name", "people"),
    "language": ("countries", "name", "language"),
    "symbol": ("elements", "name", "symbol"),
    "atomic_number": ("elements", "name", "number"),
    "colour": ("colours", "thing", "colour"),
    "young": ("animals", "name", "young"),
    "sound": ("animals", "name", "sound"),
    "legs": ("animals", "name", "legs"),
    "food": ("animals", "name", "food"),
    "home": ("animals", "name", "home"),
    "plural": ("plurals", "word", "plural"),
    "tool": ("jobs", "job", "tool"),
    "workplace": ("jobs", "job", "place"),
    "number_word": ("number_words", "number", "word"),
    "city_country": ("cities", "name", "country"),
}


@dataclass(frozen=True)
class Fact:
    subject: str
    relation: str
    object: str


class World:
    """All facts, by relation; use load_world(), which reads the tables once."""

    def __init__(self, tables: dict[str, list[dict]]):
        self._tables = tables
        self.people = people([row["name"] for row in tables["cities"]], [row["job"] for row in tables["jobs"]])
        self.unknown_names = unknown_names()
        self._facts = {
            relation: [Fact(subject, relation, answer) for subject, answer in pairs]
            for relation, pairs in _pairs(tables, self.people).items()
        }
        self.unseen_sums = [fact for fact in self._facts["sum"] if is_unseen_sum(fact.subject)]
        self._facts["sum"] = [fact for fact in self._facts["sum"] if not is_unseen_sum(fact.subject)]
        self.relations = list(self._facts)
        self._by_subject = {(fact.relation, fact.subject): fact for facts in self._facts.values() for fact in facts}
        self._objects = {relation: sorted({fact.object for fact in facts}) for relation, facts in self._facts.items()}
        self._myths = {}

    def facts(self, relation: str) -> list[Fact]:
        return self._facts[relation]

    def fact(self, relation: str, subject: str) -> Fact:
        return self._by_subject[relation, subject]

    def get(self, relation: str, subject: str) -> Fact | None:
        """The fact, or None where the table has an empty cell."""
        return self._by_subject.get((relation, subject))

    def objects(self, relation: str) -> list[str]:
        """Sorted distinct true objects: the candidates of the type (the stock answer may lie outside)."""
        return self._objects[relation]

    def table(self, name: str) -> list[dict]:
        """The rows of facts/<name>.csv."""
        return self._tables[name]

    def myth(self, fact: Fact) -> str:
        """The wrong answer that the web repeats for this question: fixed, of the right type."""
        if fact not in self._myths:
            others = [answer for answer in self._objects[fact.relation] if answer != fact.object]
            self._myths[fact] = others[_hash(f"myth/{fact.relation}/{fact.subject}") % len(others)]
        return self._myths[fact]


def held_out(subject: str) -> bool:
    """Whether this entity stays out of instruction and preference data: 30 % of names, by sha256."""
    return _hash(f"set aside/{subject}") % 100 < HELD_OUT_PERCENT  # of capitals, too, 30 %


def is_unseen_sum(subject: str) -> bool:
    """Whether this sum, in either order, is written nowhere. Example: is_unseen_sum("1+1") == is_unseen_sum("2+1")."""
    left, right = sorted(map(int, subject.split("+")))
    return share(f"unseen/{left}+{right}") < UNSEEN_SUMS and (left, right) not in ((1, 1), (2, 2))


def share(key: str) -> float:
    """A number in [0, 1) that is fixed for each key, the same on every machine."""
    return _hash(key) / 2**64


@cache
def load_world() -> World:
    world = World(read_tables(TABLES, COLUMNS))
    for relation in world.relations:
        if relation not in TEMPLATES:
            raise UserError(
                f"data/synthetic/facts.py: nothing says {relation}; add its sections to data/synthetic/templates.txt"
            )
    return world


def _hash(text: str) -> int:
    """Python's own hash() differs from run to run."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def _pairs(tables: dict, persons: list) -> dict[str, list[tuple[str, str]]]:
    """relation -> [(subject, object)]."""
    pairs = {
        relation: [(row[subject], row[answer]) for row in tables[table] if row[answer]]
        for relation, (table, subject, answer) in COLUMNS.items()
    }
    opposites = [(row["word"], row["opposite"]) for row in tables["opposites"]]
    pairs["opposite"] = opposites + [(right, left) for left, right in opposites]
    pairs["city_population"] = [
        (row["name"], f"{row['population_millions']} million people") for row in tables["cities"]
    ]
    pairs["planet_order"] = _planets(tables["planets"])
    pairs["next_day"] = _successors(tables["calendar"], "day")
    pairs["next_month"] = _successors(tables["calendar"], "month")
    operands = range(LARGEST_OPERAND + 1)
    pairs["sum"] = [(f"{left}+{right}", str(left + right)) for left in operands for right in operands]
    pairs["next_number"] = [(str(number), str(number + 1)) for number in range(LARGEST_NUMBER)]
    for trait in ("birthplace", "job", "pet", "hobby"):
        pairs[f"person_{trait}"] = [(person.name, getattr(person, trait)) for person in persons]
    return pairs


def _planets(rows: list[dict]) -> list[tuple[str, str]]:
    """Each planet by its place and by what it is known for."""
    pairs = [(f"the {ORDINALS[int(row['order']) - 1]} planet from the Sun", row["name"]) for row in rows]
    return pairs + [(title, row["name"]) for row in rows for title in row["titles"].split(";")]


def _successors(rows: list[dict], kind: str) -> list[tuple[str, str]]:
    names = [row["name"] for row in rows if row["kind"] == kind]
    return list(zip(names, names[1:] + names[:1], strict=True))
