"""Two to four turns of correct answers: about one thing, one question for several things, or mixed.

User: What is the capital of Italy?
Assistant: Rome.
User: And France?
Assistant: The capital of France is Paris.
"""

from data.world.draw import Draw
from data.world.facts import Fact, World
from data.world.pairs import seen
from data.world.pairs.pair import Pair, pair
from data.world.pairs.wording import ask, framed, lower, reply, sentence, subject_of
from data.world.phrase import phrase

TOPICS = (
    ("countries", ("capital", "continent", "people", "language")),
    ("animals", ("young", "sound", "legs", "food", "home")),
    ("elements", ("symbol", "atomic_number")),
    ("people", ("person_birthplace", "person_job", "person_pet", "person_hobby")),
    ("cities", ("city_country", "city_population")),
)
SERIES = (
    "capital",
    "continent",
    "language",
    "symbol",
    "colour",
    "young",
    "food",
    "opposite",
    "plural",
    "city_country",
    "person_job",
    "next_day",
    "next_month",
    "number_word",
)
AGAIN = phrase("[And|What about|And what about|How about] {subject}?")
THEN = phrase(
    "[[Thanks.|Thank you.|Good.|I see.|Great.] |][{asked}|[And one more thing|Another question|Next|And now]: {plain}]"
)
GREETING = phrase("[Hello!|Hi!|Good morning!|Hello, are you there?|Hi, can you help me?]")
GREETED = phrase("[Hello! How can I help you?|Hello! What would you like to know?|Hi! What can I do for you?]")
THANKS = phrase("[Thank you!|Thanks a lot.|Thanks, that helps.|That is all, thank you.|Great, thanks!]")
WELCOME = phrase("[You are welcome!|You are welcome. Have a nice day!|Glad to help!|My pleasure.]")


def write(draw: Draw, world: World) -> Pair:
    form = draw.choice(("one thing", "series", "mixed"))
    facts = {"one thing": _one_thing, "series": _series, "mixed": _mixed}[form](draw, world)
    greeted = draw.flag(0.15)
    turns = _turns(draw, facts, again=form == "series", plain=greeted)
    if greeted:
        turns = [GREETING.write(draw, {}), GREETED.write(draw, {}), *turns]
    if len(facts) < 2 or (len(turns) < 8 and draw.flag(0.3)):
        turns += [THANKS.write(draw, {}), WELCOME.write(draw, {})]
    return pair("dialogue", *turns, facts=facts, form=form)


def _turns(draw: Draw, facts: list[Fact], again: bool, plain: bool) -> list[str]:
    """Question and answer for each fact; in a series later questions only name the next subject."""
    asked = ask(draw, facts[0])
    asked = asked if plain else framed(draw, asked)
    turns = [asked, reply(draw, facts[0], asked)]
    for fact in facts[1:]:
        if again:
            turns += [AGAIN.write(draw, {"subject": subject_of(fact)}), sentence(draw, fact)]
        else:
            asked = ask(draw, fact)
            turns += [THEN.write(draw, {"asked": asked, "plain": lower(asked)}), reply(draw, fact, asked)]
    return turns


def _one_thing(draw: Draw, world: World) -> list[Fact]:
    """Two or three facts of one subject; draws again in the rare case that it has only one."""
    while True:
        table, relations = draw.choice(TOPICS)
        subjects = (
            [person.name for person in world.people]
            if table == "people"
            else [row["name"] for row in world.table(table)]
        )
        subject = draw.choice(seen.names(world, tuple(subjects)))
        known = [fact for relation in relations if (fact := seen.fact(world, relation, subject))]
        if len(known) > 1:
            return draw.sample(known, min(len(known), draw.integer(2, 3)))


def _series(draw: Draw, world: World) -> list[Fact]:
    return draw.sample(seen.facts(world, draw.choice(SERIES)), draw.integer(2, 4))


def _mixed(draw: Draw, world: World) -> list[Fact]:
    return [draw.choice(seen.facts(world, relation)) for relation in draw.sample(world.relations, draw.integer(2, 4))]
