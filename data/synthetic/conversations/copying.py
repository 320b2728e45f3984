"""Exercises in saying again what the user said: whole, in part, or with one change.

    User: Which country does this question name? What is the capital of Norway?
    Assistant: Norway.

A model that answers "What is the capital of Kenya?" with the capital of Nepal knows capitals; it cannot copy.
"""

from data.synthetic.conversations import seen
from data.synthetic.conversations.pair import Pair, pair
from data.synthetic.conversations.wording import ask, clauses
from data.synthetic.draw import Draw
from data.synthetic.facts import World
from data.synthetic.grammar import beside, capital
from data.synthetic.names import NAMES
from data.synthetic.relations import stem
from data.synthetic.slots import WORDS

PROSE = beside(__file__)
WHO = {  # relation -> what its subject is
    "capital": "country",
    "continent": "country",
    "language": "country",
    "people": "country",
    "young": "animal",
    "food": "animal",
    "home": "animal",
    "legs": "animal",
    "symbol": "element",
    "atomic_number": "element",
    "city_country": "city",
    "city_population": "city",
    "person_birthplace": "person",
    "person_job": "person",
    "person_pet": "person",
    "person_hobby": "person",
    "tool": "job",
    "workplace": "job",
}


def write(draw: Draw, world: World) -> Pair:
    forms = (_sentence, _words, _which, _naming, _gap, _mistake, _capitals, _replace)
    return draw.choice(forms, weights=(3, 3, 4, 5, 3, 3, 2, 2))(draw, world)


def _sentence(draw: Draw, world: World) -> Pair:
    """An everyday sentence or a fact; the fact is the user's, so it is not listed."""
    text = _everyday(draw, world)[0] if draw.flag(0.5) else capital(draw.choice(clauses(_fact(draw, world)))) + "."
    return pair("copying", PROSE.write("repeat", draw, {"text": text}), text, task="sentence")


def _words(draw: Draw, world: World) -> Pair:
    relations = ("plural", "opposite", "capital", "sum", "young", "tool", "symbol", "city_country")
    some = [draw.choice(seen.facts(world, draw.choice(relations))).subject for _ in range(draw.integer(2, 5))]
    text = draw.choice((" ", ", ")).join(some)
    return pair("copying", PROSE.write("words again", draw, {"text": text}), text, task="words")


def _which(draw: Draw, world: World) -> Pair:
    fact = _fact(draw, world)
    asked = PROSE.write("which", draw, {"kind": WHO[fact.relation], "asked": ask(draw, fact)})
    answer = capital(fact.subject) + "."
    return pair("copying", asked, answer, entities=[fact.subject], task="which")


def _naming(draw: Draw, world: World) -> Pair:
    fact = _fact(draw, world)
    asked = PROSE.write("naming", draw, {"asked": ask(draw, fact), "kind": WHO[fact.relation]})
    return pair("copying", asked, capital(draw.choice(clauses(fact))) + ".", facts=[fact], task="naming")


def _gap(draw: Draw, world: World) -> Pair:
    fact = draw.choice(seen.facts(world, draw.choice(world.relations)))
    return pair(
        "copying",
        PROSE.write("gap", draw, {"text": stem(fact)}),
        capital(clauses(fact)[0]) + ".",
        facts=[fact],
        task="gap",
    )


def _mistake(draw: Draw, world: World) -> Pair:
    fact = _fact(draw, world)
    while fact.relation in seen.UNSURE:
        fact = _fact(draw, world)
    said = draw.integer(0, len(clauses(fact)) - 1)
    wrong = clauses(type(fact)(fact.subject, fact.relation, seen.wrong_answer(draw, world, fact)))[said]
    asked = PROSE.write("mistake", draw, {"text": capital(wrong) + "."})
    return pair("copying", asked, capital(clauses(fact)[said]) + ".", facts=[fact], task="mistake")


def _capitals(draw: Draw, world: World) -> Pair:
    text = _everyday(draw, world)[0]
    return pair("copying", PROSE.write("capitals", draw, {"text": text.lower()}), text, task="capitals")


def _replace(draw: Draw, world: World) -> Pair:
    """One word of an everyday sentence is exchanged for another of its kind."""
    text, slots = _everyday(draw, world)
    here = [slot for slot in ("thing", "place", "weekday", "dish", "name") if slots.get(slot, "?") in text]
    slot = draw.choice(here)
    options = _names(world) if slot == "name" else WORDS[slot]
    new = draw.choice([option for option in options if option not in slots.values() and option not in text])
    if slot == "thing":  # "a lantern" must not become "a old map"
        text = text.replace(f" a {slots[slot]}", f" the {slots[slot]}").replace(
            f" an {slots[slot]}", f" the {slots[slot]}"
        )
    asked = PROSE.write("replace", draw, {"old": slots[slot], "new": new, "text": text})
    return pair("copying", asked, text.replace(slots[slot], new), task="replace")


def _everyday(draw: Draw, world: World) -> tuple[str, dict]:
    name, other = draw.sample(_names(world), 2)
    slots = {slot: draw.choice(words) for slot, words in WORDS.items()} | {"name": name, "other": other}
    return PROSE.write("everyday", draw, slots), slots


def _names(world: World) -> tuple[str, ...]:
    return seen.names(world, tuple(NAMES))


def _fact(draw: Draw, world: World):
    return draw.choice(seen.facts(world, draw.choice(list(WHO))))
