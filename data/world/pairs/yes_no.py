"""Questions that are answered by yes or no and, most often, by the fact itself.

User: Is Lyon the capital of France?
Assistant: No, the capital of France is Paris.
"""

from data.world.draw import Draw
from data.world.facts import World
from data.world.pairs import seen
from data.world.pairs.pair import Pair, pair
from data.world.pairs.wording import FULL, SHORT, clauses, framed
from data.world.phrase import capital, phrase
from data.world.relations import slots

# Food, home, sound, tool and place of work are missing: a second answer might be true of them.
ASKED = {
    "capital": "[Is {object} the capital of {subject}?|Does {subject} have {object} as its capital?]",
    "continent": "[Is {subject} in {object}?|Does {subject} lie in {object}?|Is {subject} a country in {object}?]",
    "language": "[Do people in {subject} speak {object}?|Is {object} the main language of {subject}?]",
    "symbol": "[Is {object} the symbol of {subject}?|Does {object} stand for {subject}?]",
    "atomic_number": "[Is {object} the atomic number of {subject}?|Does {subject} have the number {object}?]",
    "colour": "[Is {subject} {object}?|Does {subject} look {object}?]",
    "young": "[Is a young {subject} called {a object}?|Do you call a baby {subject} {a object}?]",
    "legs": "[Does {a subject} have {object} legs?|Does {a subject} go on {object} legs?]",
    "opposite": "[Is {object} the opposite of {subject}?|Does {object} mean the opposite of {subject}?]",
    "plural": "[Is '{object}' the plural of '{subject}'?|Do you write more than one {subject} as '{object}'?]",
    "planet_order": "[Is {object} {subject}?|Is {subject} called {object}?]",
    "next_day": "[Does {object} come after {subject}?|Is {object} the day after {subject}?]",
    "next_month": "[Does {object} come after {subject}?|Is {object} the month after {subject}?]",
    "next_number": "[Does {object} come after {subject}?|Is {object} the number after {subject}?]",
    "sum": "[Is {left} plus {right} {object}?|Do {left} and {right} make {object}?|Is {subject} equal to {object}?]",
    "number_word": "[Is {object} the word for {subject}?|Do you write {subject} as {object}?]",
    "city_country": "[Is {subject} in {object}?|Is {subject} a city in {object}?]",
    "person_birthplace": "[Was {subject} born in {object}?|Does {subject} come from {object}?]",
    "person_job": "[Is {subject} {a object}?|Does {subject} work as {a object}?]",
    "person_pet": "[Does {subject} have {a object}?|Does {subject} keep {a object}?]",
    "person_hobby": "[Is {object} the hobby of {subject}?|Does {subject} enjoy {object}?]",
}


def write(draw: Draw, world: World) -> Pair:
    relation = draw.choice(list(ASKED))
    fact = draw.choice(seen.facts(world, relation))
    is_true = draw.flag(0.5)
    claimed = fact.object if is_true else seen.wrong_answer(draw, world, fact)
    asked = framed(draw, capital(phrase(ASKED[relation]).write(draw, slots(fact) | {"object": claimed})))
    word = "Yes" if is_true else "No"
    said = clauses(fact)[0] if draw.flag(0.6) else draw.choice(clauses(fact))
    form = draw.choice(("word", "comma", "sentence"), weights=(2, 5, 2))
    form = "word" if asked.endswith(SHORT) else "comma" if asked.endswith(FULL) else form
    answer = {"word": f"{word}.", "comma": f"{word}, {said}.", "sentence": f"{word}. {capital(said)}."}[form]
    stated = [fact] if form != "word" else []
    truth = word.lower()
    return pair("yes_no", asked, answer, facts=stated, entities=[fact.subject], relation=relation, truth=truth)
