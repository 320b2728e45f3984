"""Explain a country, an animal, an element, a planet, a job, a person or a city: for a child, an expert, or plainly.

    User: Explain France to a child.
    Assistant: France is a country in Europe. Its capital city is called Paris.
    Most people there speak French.

A sentence whose slots are not all known is left out.
"""

import re
from functools import cache

from data.synthetic.conversations import seen
from data.synthetic.conversations.pair import Pair, pair
from data.synthetic.draw import Draw
from data.synthetic.facts import ORDINALS, Fact, World, held_out
from data.synthetic.grammar import Phrase, beside, phrase

AUDIENCES = ("child", "expert", "plain")
PROSE = beside(__file__)


def write(draw: Draw, world: World) -> Pair:
    audience = draw.choice(AUDIENCES)
    topic, said, facts = portrait(draw, world, audience, sentences=draw.integer(2, 4))
    return pair("explain", wish(draw, audience, topic), " ".join(said), facts=facts, audience=audience, topic=topic)


def wish(draw: Draw, audience: str, topic: str) -> str:
    """How one asks for a portrait."""
    return PROSE.write(f"wish: {audience}", draw, {"topic": topic})


def portrait(draw: Draw, world: World, audience: str, sentences: int) -> tuple[str, list[str], list[Fact]]:
    """(topic, sentences, facts) of one entity; draws again if too little is known of it."""
    kind = draw.choice(list(SUBJECTS), weights=(3, 3, 3, 1, 3, 3, 1.5))
    slots, known = draw.choice(SUBJECTS[kind](world))
    said, facts = described(draw, kind, audience, slots, known, sentences)
    if len(said) < sentences:
        return portrait(draw, world, audience, sentences)
    return slots["topic"], said, facts


def described(
    draw: Draw, kind: str, audience: str, slots: dict, known: dict[str, Fact], count: int
) -> tuple[list[str], list[Fact]]:
    """(up to `count` sentences about one of SUBJECTS, the facts they state); none if there is no opening for it."""
    chosen = _sentences(draw, kind, audience, slots, count)
    text = [sentence.write(draw, slots) for sentence in chosen]
    used = [fact for slot, fact in known.items() if any(slot in _slots(sentence) for sentence in chosen)]
    return text, [fact for fact in used if _is_said(fact, " ".join(text))]


def _is_said(fact: Fact, text: str) -> bool:
    """A slot may stand in an alternative that was not taken."""
    return fact.object in text and (fact.relation != "planet_order" or fact.subject in text)


def _sentences(draw: Draw, kind: str, audience: str, slots: dict, count: int) -> list[Phrase]:
    """An opening and some of the others, in their order; nothing if too little is known for an opening."""
    openings, others = (
        [sentence for sentence in PROSE[header] if _slots(sentence) <= set(slots)]
        for header in (f"{kind}, {audience}, opening", f"{kind}, {audience}")
    )
    if not openings:
        return []
    taken = _slots(openings[0]) - {"name", "kind"}
    others = [sentence for sentence in others if not taken & _slots(sentence)]
    places = sorted(draw.sample(range(len(others)), min(count - 1, len(others))))
    return [openings[0]] + [others[place] for place in places]


@cache
def _slots(sentence: Phrase) -> frozenset[str]:
    return frozenset(name.split()[-1].lower() for name in re.findall(r"\{([^{}]*)\}", sentence.text))


def _entities(
    world: World, names, relations: dict[str, str], topic: str, extra: dict | None = None
) -> list[tuple[dict, dict]]:
    """(slots, slot -> fact) of each entity that pairs may be about."""
    extra = extra or {}
    found = []
    for name in seen.names(world, tuple(names)):
        known = {slot: fact for slot, relation in relations.items() if (fact := seen.fact(world, relation, name))}
        slots = {"name": name, "topic": phrase(topic).plain({"name": name}), **extra.get(name, {})}
        found.append((slots | {slot: fact.object for slot, fact in known.items()}, known))
    return found


@cache
def countries(world: World) -> list:
    return _entities(
        world,
        [row["name"] for row in world.table("countries")],
        {slot: slot for slot in ("continent", "capital", "language", "people")},
        "{name}",
    )


@cache
def animals(world: World) -> list:
    return _entities(
        world,
        [row["name"] for row in world.table("animals")],
        {slot: slot for slot in ("sound", "food", "home", "young", "legs")},
        "{a name}",
        {row["name"]: {"group": row["group"]} for row in world.table("animals")},
    )


@cache
def elements(world: World) -> list:
    return _entities(
        world,
        [row["name"] for row in world.table("elements")],
        {"symbol": "symbol", "number": "atomic_number"},
        "{name}",
        {row["name"]: {"kind": row["kind"], "use": row["use"]} for row in world.table("elements")},
    )


@cache
def planets(world: World) -> list:
    """A planet is told by one of its titles, since its place in the row may be held out."""
    found = []
    for row in seen.rows(world, "planets"):
        place = f"the {ORDINALS[int(row['order']) - 1]} planet from the Sun"
        titles = [title for title in [place, *row["titles"].split(";")] if not held_out(title)]
        slots = {
            "name": row["name"],
            "topic": f"the planet {row['name']}",
            "kind": row["kind"],
            "year": row["year"],
            "feature": row["feature"],
        }
        found += [(slots | {"title": title}, {"title": world.fact("planet_order", title)}) for title in titles]
    return found


@cache
def jobs(world: World) -> list:
    return _entities(
        world,
        [row["job"] for row in world.table("jobs")],
        {"tool": "tool", "place": "workplace"},
        "the work of {a name}",
        {row["job"]: {"work": row["work"]} for row in world.table("jobs")},
    )


@cache
def people(world: World) -> list:
    return _entities(
        world,
        [person.name for person in world.people],
        {slot: f"person_{slot}" for slot in ("job", "birthplace", "pet", "hobby")},
        "{name}",
        {person.name: {"he": person.pronoun} for person in world.people},
    )


@cache
def cities(world: World) -> list:
    return _entities(
        world,
        [row["name"] for row in world.table("cities")],
        {"country": "city_country", "number": "city_population"},
        "{name}",
    )


SUBJECTS = {
    "country": countries,
    "animal": animals,
    "element": elements,
    "planet": planets,
    "job": jobs,
    "person": people,
    "city": cities,
}
