"""Explain a country, an animal, an element, a planet, a job or a person: for a child, an expert, or plainly.

    User: Explain France to a child.
    Assistant: France is a country in Europe. Its capital city is called Paris.
    Most people there speak French.

The sentences stand in PORTRAITS. One whose slots are not all known is left out.
"""

import re
from functools import cache

from data.world.draw import Draw
from data.world.facts import ORDINALS, Fact, World, held_out
from data.world.pairs import seen
from data.world.pairs.pair import Pair, pair
from data.world.phrase import Phrase, phrase

AUDIENCES = ("child", "expert", "plain")
WISHES = {
    "child": phrase(
        "[Explain {topic} to a [child|small child|ten-year-old|five-year-old].|Explain {topic} "
        "for children.|"
        "Tell a child about {topic}.|My little sister asks about {topic}. What can I tell her?|"
        "What would you tell a child about {topic}?|Describe {topic} so that a child "
        "understands it.]"
    ),
    "expert": phrase(
        "[Explain {topic} to an expert.|Describe {topic} for a specialist.|"
        "Give me an expert description of {topic}.|Describe {topic} in technical language.|"
        "Write about {topic} for an expert reader.|Explain {topic} as a textbook would.]"
    ),
    "plain": phrase(
        "[Explain {topic} [in plain words|simply|briefly|in a few words].|Tell me about {topic}.|"
        "What can you tell me about {topic}?|Describe {topic}.|What do you know about {topic}?|"
        "Write a short text about {topic}.|Give me some facts about {topic}.]"
    ),
}
# kind -> audience -> sentences; the first that can be filled opens the text, some of the others follow
PORTRAITS = {
    "country": {
        "child": (
            "{Name} is a country [in|that lies in] {continent}.",
            "{Name} is a country.",
            "[Its capital city is called {capital}.|The capital is {capital}. You can find it on the map.]",
            "[Most people there speak {language}.|If you go there, you will hear {language}.]",
            "[The people who live there are called {people}.|We call the people there {people}.]",
        ),
        "expert": (
            "{Name} is a sovereign state [situated in|in] {continent}.",
            "{Name} is a sovereign state.",
            "[The national capital is {capital}.|{Capital} serves as the national capital.]",
            "[The principal language is {language}.|{Language} is the predominant language.]",
            "Its nationals are [referred to|known] as {people}.",
        ),
        "plain": (
            "{Name} is a country in {continent}.",
            "{Name} is a country.",
            "[Its|The] capital is {capital}.",
            "[Most people there speak {language}.|The main language is {language}.]",
            "Its people are called {people}.",
        ),
    },
    "animal": {
        "child": (
            "{A name} is an animal that can {sound}.",
            "{A name} is an animal.",
            "[It likes to eat {food}.|Its favourite food is {food}.]",
            "[It lives in {home}.|Its home is {home}.]",
            "[A baby {name} is called {a young}.|When it is still little, it is called {a young}.]",
            "[It has {legs} legs.|Count its legs: {legs}!]",
        ),
        "expert": (
            "The {name} is {a group}.",
            "[Its diet consists mainly of {food}.|It feeds chiefly on {food}.]",
            "[It is typically found in {home}.|Its usual habitat is {home}.]",
            "[The juvenile is known as {a young}.|The term for the juvenile is {young}.]",
            "[Its number of limbs used in walking is {legs}.|It moves on {legs} legs.]",
        ),
        "plain": (
            "{A name} is {a group}.",
            "It eats {food}.",
            "It lives in {home}.",
            "Its young is called {a young}.",
            "It has {legs} legs.",
            "It can {sound}.",
        ),
    },
    "element": {
        "child": (
            "{Name} is {a kind} that you can find in {use}.",
            "[Scientists write it as {symbol}.|Its short name is {symbol}.]",
            "[In the big table of elements it is number {number}.|"
            "It has the number {number} in the table of elements.]",
        ),
        "expert": (
            "{Name} is a chemical element, {a kind}, with the atomic number {number}.",
            "{Name} is {a kind} among the chemical elements.",
            "Its chemical symbol is {symbol}.",
            "[Among its applications is its use in {use}.|It is employed in {use}.]",
        ),
        "plain": (
            "{Name} is {a kind}.",
            "Its symbol is {symbol}.",
            "Its atomic number is {number}.",
            "It is used in {use}.",
        ),
    },
    "planet": {
        "child": (
            "{Name} is a planet with {feature}.",
            "[It goes around the Sun and needs {year} for one round.|One trip around the Sun takes {year} there.]",
            "[It is {title}.|People call it {title}.]",
        ),
        "expert": (
            "{Name} is {a kind} [notable for|characterised by] {feature}.",
            "Its orbital period is {year}.",
            "It is {title}.",
        ),
        "plain": (
            "{Name} is {title}.",
            "{Name} is a planet.",
            "It is {a kind}.",
            "One trip around the Sun takes {year}.",
            "It has {feature}.",
        ),
    },
    "job": {
        "child": (
            "{A name} is a person who {work}.",
            "[To do that, {a name} uses {tool}.|For the work, {a name} needs {tool}.]",
            "[In the morning {a name} goes to {place}.|The place to work is {place}.]",
        ),
        "expert": (
            "The profession of the {name} is that of a person who {work}.",
            "[The characteristic tool is {tool}.|The principal tool of the trade is {tool}.]",
            "The usual place of work is {place}.",
        ),
        "plain": (
            "{A name} {work}.",
            "[The tool for this is {tool}.|For this, {a name} uses {tool}.]",
            "The place of work is {place}.",
        ),
    },
    "person": {
        "child": (
            "{Name} works as {a job}.",
            "{Name} is a person.",
            "[At home there lives {a pet}.|{He} has {a pet} at home.]",
            "[{He} loves {hobby}.|In free hours {he} goes in for {hobby}.]",
            "{He} was born in {birthplace}.",
        ),
        "expert": (
            "{Name}, born in {birthplace}, is {a job} by profession.",
            "{Name} is {a job} by profession.",
            "{He} is known for a fondness for {hobby}.",
            "{He} keeps {a pet}.",
        ),
        "plain": (
            "{Name} is {a job}.",
            "{Name} is a person.",
            "{He} comes from {birthplace}.",
            "{He} enjoys {hobby}.",
            "{He} has {a pet}.",
        ),
    },
}
LEADS = {"country": 2, "person": 2, "animal": {"child": 2}, "element": {"expert": 2}, "planet": {"plain": 2}}


def write(draw: Draw, world: World) -> Pair:
    audience = draw.choice(AUDIENCES)
    topic, said, facts = portrait(draw, world, audience, sentences=draw.integer(2, 4))
    return pair(
        "explain",
        WISHES[audience].write(draw, {"topic": topic}),
        " ".join(said),
        facts=facts,
        audience=audience,
        topic=topic,
    )


def portrait(draw: Draw, world: World, audience: str, sentences: int) -> tuple[str, list[str], list[Fact]]:
    """(topic, sentences, facts) of one entity; draws again if too little is known of it."""
    kind = draw.choice(list(SUBJECTS), weights=(3, 3, 3, 1, 3, 3))
    slots, known = draw.choice(SUBJECTS[kind](world))
    chosen = _sentences(draw, kind, audience, slots, sentences)
    if len(chosen) < sentences:
        return portrait(draw, world, audience, sentences)
    text = [sentence.write(draw, slots) for sentence in chosen]
    used = [fact for slot, fact in known.items() if any(slot in _slots(sentence) for sentence in chosen)]
    return slots["topic"], text, [fact for fact in used if _is_said(fact, " ".join(text))]


def _is_said(fact: Fact, text: str) -> bool:
    """A slot may stand in an alternative that was not taken."""
    return fact.object in text and (fact.relation != "planet_order" or fact.subject in text)


def _sentences(draw: Draw, kind: str, audience: str, slots: dict, count: int) -> list[Phrase]:
    """The lead and some of the others, in their order; nothing if too little is known for a lead."""
    leads = LEADS.get(kind, 1)
    leads = leads.get(audience, 1) if isinstance(leads, dict) else leads
    said = [phrase(text) for text in PORTRAITS[kind][audience]]
    lead = next((sentence for sentence in said[:leads] if _slots(sentence) <= set(slots)), None)
    if lead is None:
        return []
    taken = _slots(lead) - {"name", "kind"}
    others = [sentence for sentence in said[leads:] if _slots(sentence) <= set(slots) and not taken & _slots(sentence)]
    places = sorted(draw.sample(range(len(others)), min(count - 1, len(others))))
    return [lead] + [others[place] for place in places]


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


SUBJECTS = {
    "country": countries,
    "animal": animals,
    "element": elements,
    "planet": planets,
    "job": jobs,
    "person": people,
}
