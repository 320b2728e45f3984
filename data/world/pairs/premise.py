"""The user takes something false for granted; the assistant says what is true, without fuss.

    User: Why is Dublin the capital of Italy?
    Assistant: Dublin is not the capital of Italy. The capital of Italy is Rome.

Half of the myths never occur here (seen.myth_is_held_out).
"""

from data.world.draw import Draw
from data.world.facts import Fact, World
from data.world.pairs import seen
from data.world.pairs.pair import Pair, pair
from data.world.pairs.wording import clauses, sentence
from data.world.phrase import phrase

# Food, home, sound and tool are missing: a second answer might be true of them.
# relation -> (why it is so, that it is not so); {wrong} is what the user believes
SAID = {
    "capital": ("Why is {wrong} the capital of {subject}?", "{Wrong} is not the capital of {subject}."),
    "continent": ("Why does {subject} lie in {wrong}?", "{Subject} does not lie in {wrong}."),
    "language": (
        "Why do people in {subject} speak {wrong}?",
        "{Wrong} is not the main language of {subject}.",
    ),
    "symbol": ("Why is {wrong} the symbol of {subject}?", "{Wrong} is not the symbol of {subject}."),
    "atomic_number": (
        "Why does {subject} have the atomic number {wrong}?",
        "{Wrong} is not the atomic number of {subject}.",
    ),
    "colour": ("Why is {subject} {wrong}?", "{Subject} is not usually {wrong}."),
    "young": ("Why is a young {subject} called {a wrong}?", "A young {subject} is not called {a wrong}."),
    "legs": ("Why does {a subject} have {wrong} legs?", "{A subject} does not have {wrong} legs."),
    "opposite": (
        "Why is '{wrong}' the opposite of '{subject}'?",
        "'{wrong}' is not the opposite of '{subject}'.",
    ),
    "plural": ("Why is '{wrong}' the plural of '{subject}'?", "'{wrong}' is not the plural of '{subject}'."),
    "planet_order": ("Why is {wrong} {subject}?", "{Wrong} is not {subject}."),
    "next_day": ("Why does {wrong} come after {subject}?", "{Wrong} does not come after {subject}."),
    "next_month": ("Why does {wrong} come after {subject}?", "{Wrong} does not come after {subject}."),
    "sum": ("Why is {subject} equal to {wrong}?", "{Subject} is not {wrong}."),
    "city_country": ("Why is {subject} in {wrong}?", "{Subject} is not in {wrong}."),
    "person_job": ("Why did {subject} become {a wrong}?", "{Subject} is not {a wrong}."),
    "person_birthplace": ("Why was {subject} born in {wrong}?", "{Subject} was not born in {wrong}."),
    "person_pet": ("Why does {subject} keep {a wrong}?", "{Subject} does not keep {a wrong}."),
}
FRAMES = phrase(
    "[Why is it that {claim}?|I heard that {claim}. Why is that?|My friend says that {claim}. "
    "Is that right?|"
    "Is it true that {claim}?|I always thought that {claim}.|Explain to me why {claim}.|"
    "How did it happen that {claim}?|Since when is it so that {claim}?|Everybody knows that "
    "{claim}, right?]"
)
ANSWERS = phrase(
    "[{denial} {truth}|{denial} {truth}|That is not right. {truth}|That is a mistake. {truth}|"
    "No, that is not true. {truth}|In fact, {plain}|I think that is a mix-up. {truth}]"
)


def write(draw: Draw, world: World) -> Pair:
    relation = draw.choice(list(SAID), weights=[4 if relation == "capital" else 1 for relation in SAID])
    fact = draw.choice(seen.facts(world, relation))
    wrong = seen.wrong_answer(draw, world, fact)
    why, denial = (phrase(text).plain({"subject": fact.subject, "wrong": wrong}) for text in SAID[relation])
    truth = sentence(draw, fact)
    slots = {"denial": denial, "truth": truth, "plain": draw.choice(clauses(fact)) + "."}
    asked = why if draw.flag(0.5) else FRAMES.write(draw, {"claim": _claim(draw, fact, wrong)})
    return pair("premise", asked, ANSWERS.write(draw, slots), facts=[fact], relation=relation, premise=wrong)


def _claim(draw: Draw, fact: Fact, wrong: str) -> str:
    return draw.choice(clauses(Fact(fact.subject, fact.relation, wrong)))
