"""Entries about one thing, for children, for everybody or for experts; and primer pages of one kind of fact.

    Kenya

    Kenya lies in Africa. The capital, Nairobi, is where the laws are made. In shops and schools people
    speak Swahili. The roads are lined with trees in many places. More can be found in any good atlas.

The prose is in phrases/<topic>.txt. A header there, `# middle: capital+language @childlike`, says where
its sentences may stand, which facts they state and in which register they are written (all, if unnamed).
"""

import re
from functools import cache

from data.world.document import Document, stated
from data.world.facts import ORDINALS
from data.world.phrase import load
from data.world.speech import tell

REGISTERS = ("neutral", "childlike", "expert")
TOPICS = {
    "country": 40,
    "animal": 15,
    "element": 8,
    "planet": 6,
    "job": 7,
    "city": 9,
    "person": 14,
    "primer": 30,
}  # relative shares
HEADER = re.compile(r"(opening|middle|closing):([^@]*)((?:@\w+ ?)*)")
PRIMER_RELATIONS = (
    "capital capital capital continent language people symbol atomic_number colour colour young sound legs "
    "food home opposite opposite plural plural tool workplace planet_order next_day next_month next_number "
    "sum sum sum number_word city_country city_population "
    "person_birthplace person_job person_pet person_hobby"
).split()


def write(draw, world, knobs) -> Document:
    topic = draw.choice(tuple(TOPICS), tuple(TOPICS.values()))
    register = draw.choice(REGISTERS, (50, 30, 20))
    if topic == "primer":
        return _primer(draw, world, register)
    heading = draw.choice(("{}\n\n", "{}\n", "{}: ", ""))
    entries, facts = [], []
    chosen = draw.sample(_subjects(topic, world), draw.choice((1, 2, 3), (3, 4, 3)))
    for title, slots, known in {row[0]: row for row in chosen}.values():
        text, stated_facts = _entry(draw, topic, register, slots, known)
        entries.append(heading.format(title) + text)
        facts += stated_facts
    return Document("\n\n".join(entries), "encyclopedia", register, "reliable", facts=facts)


def _entry(draw, topic, register, slots, known) -> tuple[str, list]:
    """An opening, facts and remarks in any order without saying a fact twice, perhaps a closing."""
    phrases = _phrases(topic, register, frozenset(known))
    opening, relations = draw.choice(phrases["opening"])
    said, sentences = list(relations), [opening.write(draw, slots).strip()]
    middle = [draw.choice(group) for group in draw.shuffled(phrases["facts"])]
    remarks = draw.sample(phrases["remarks"], draw.integer(1, min(5, len(phrases["remarks"]))))
    middle += [(remark, ()) for remark in remarks]
    keep = draw.choice((0.7, 0.9, 1.0))
    for sentence, relations in draw.shuffled(middle):
        if not any(relation in said for relation in relations) and draw.flag(keep):
            said += relations
            sentences.append(sentence.write(draw, slots).strip())
    if draw.flag(0.3):
        closing, relations = draw.choice(phrases["closing"])
        said += relations
        sentences.append(closing.write(draw, slots))
    return _paragraphs(draw, sentences), [stated(known[relation]) for relation in said]


def _paragraphs(draw, sentences: list[str]) -> str:
    """One paragraph or two."""
    if len(sentences) > 4 and draw.flag(0.4):
        cut = draw.integer(2, len(sentences) - 2)
        return " ".join(sentences[:cut]) + "\n\n" + " ".join(sentences[cut:])
    return " ".join(sentences)


def _primer(draw, world, register) -> Document:
    """Facts of one or two kinds, one after the other."""
    phrases = load("primer")
    relation = draw.choice(PRIMER_RELATIONS)
    facts = draw.sample(world.facts(relation), draw.integer(3, 7))
    sentences = [draw.choice(phrases[f"start {register}"]).write(draw, {})]
    if draw.flag(0.4):
        facts += draw.sample(world.facts(draw.choice(PRIMER_RELATIONS)), 2)
    links = phrases[f"link {register}"]
    for fact in facts:
        sentences.append(draw.choice(links).plain({"clause": tell(draw, fact)}))
    title = draw.choice(phrases[f"title {relation}"]).text
    separator = draw.choice((" ", " ", "\n"))
    return Document(
        f"{title}\n\n" * draw.flag(0.6) + separator.join(filter(None, sentences)),
        "encyclopedia",
        register,
        "reliable",
        facts=[stated(fact) for fact in facts],
    )


@cache
def _sections(topic: str) -> list[tuple]:
    """[(place, relations, registers, phrases)] of a phrase file."""
    sections = []
    for header, phrases in load(topic).items():
        place, relations, registers = HEADER.fullmatch(header).groups()
        relations = tuple(relation for relation in relations.strip().split("+") if relation)
        sections.append((place, relations, tuple(registers.replace("@", "").split()) or REGISTERS, phrases))
    return sections


@cache
def _phrases(topic: str, register: str, known: frozenset) -> dict[str, list]:
    """What may be said in a register when these facts are known of the subject.

    opening, closing: [(phrase, relations)]; facts: one such list for each set of facts; remarks: [phrase]
    """
    found = {"opening": [], "closing": [], "facts": {}, "remarks": []}
    for place, relations, registers, phrases in _sections(topic):
        if register not in registers or not known.issuperset(relations):
            continue
        if place != "middle":
            found[place] += [(phrase, relations) for phrase in phrases]
        elif relations:
            found["facts"].setdefault(relations, []).extend((phrase, relations) for phrase in phrases)
        else:
            found["remarks"] += phrases
    found["facts"] = list(found["facts"].values())
    return found


@cache
def _subjects(topic: str, world) -> list[tuple[str, dict, dict]]:
    """[(title, slots, {relation: fact})] of everything a topic can be about."""
    return SUBJECTS[topic](world)


def _from_table(table: str, key: str, relations: str):
    """Subjects that are rows of a table, with their facts and the other columns as slots."""

    def subjects(world):
        rows = []
        for row in world.table(table):
            facts = {name: fact for name in relations.split() if (fact := world.get(name, row[key]))}
            slots = {**row, "subject": row[key], **{name: fact.object for name, fact in facts.items()}}
            rows.append((_title(row[key]), slots, facts))
        return rows

    return subjects


def _title(name: str) -> str:
    return name.removeprefix("the ")[0].upper() + name.removeprefix("the ")[1:]


def _planets(world) -> list:
    """Each planet once for each thing it is known for."""
    rows = {row["name"]: row for row in world.table("planets")}
    subjects = []
    for fact in world.facts("planet_order"):
        row = rows[fact.object]
        place = f"the {ORDINALS[int(row['order']) - 1]} planet from the Sun"
        order = world.fact("planet_order", place)
        slots = {**row, "subject": fact.subject, "place": place, "number": row["order"]}
        facts = {"planet_order": fact} | ({} if order == fact else {"order": order})
        subjects.append((row["name"], slots, facts))
    return subjects


def _people(world) -> list:
    subjects = []
    for person in world.people:
        facts = {
            name: world.fact(name, person.name)
            for name in ("person_birthplace", "person_job", "person_pet", "person_hobby")
        }
        she = person.pronoun == "she"
        slots = {
            "subject": person.name,
            "he": person.pronoun,
            "his": "her" if she else "his",
            "him": "her" if she else "him",
            **{name: fact.object for name, fact in facts.items()},
        }
        subjects.append((person.name, slots, facts))
    return subjects


SUBJECTS = {
    "country": _from_table("countries", "name", "capital continent language people"),
    "animal": _from_table("animals", "name", "young sound legs food home"),
    "element": _from_table("elements", "name", "symbol atomic_number"),
    "job": _from_table("jobs", "job", "tool workplace"),
    "city": _from_table("cities", "name", "city_country city_population"),
    "planet": _planets,
    "person": _people,
}
