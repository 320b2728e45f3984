"""Several turns of right answers: long histories, one thing, one question for several things, second thoughts.

User: What is the capital of Italy?
Assistant: Rome.
User: And France?
Assistant: The capital of France is Paris.
"""

from data.synthetic.conversations import seen
from data.synthetic.conversations.pair import Pair, pair
from data.synthetic.conversations.smalltalk import exchange, small_slots
from data.synthetic.conversations.wording import ask, bare, clauses, echo, framed, lower, reply, subject_of
from data.synthetic.draw import Draw
from data.synthetic.facts import Fact, World
from data.synthetic.grammar import beside, capital
from data.synthetic.relations import stock

PROSE = beside(__file__)
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
THOUGHTS = ("shorter", "longer", "sure", "again", "doubt")  # what the user says after an answer
GREETINGS = ("hello", "name", "name", "how are you", "what can you do")


def write(draw: Draw, world: World) -> Pair:
    forms = {history: 7, one_thing: 2, series: 3, mixed: 2, second_thought: 2, mistaken_user: 3}
    return draw.choice(list(forms), list(forms.values()))(draw, world)


def history(draw: Draw, world: World) -> Pair:
    """6 to 12 questions of different kinds, as short as on a question sheet and always answered right.

    A comparison puts a history of wrong answers into the chat form, so a history of right ones must be nothing new.
    """
    relations = draw.sample(world.relations, draw.integer(6, 12))
    facts = [draw.choice(seen.facts(world, relation)) for relation in relations]
    style = draw.choice(("bare", "echo", "as it comes"), weights=(4, 2, 2))
    turns = []
    for fact in facts:
        asked = ask(draw, fact)
        style_now = style if style != "as it comes" else draw.choice(("bare", "echo"))
        turns += [asked, bare(fact, asked) if style_now == "bare" else capital(clauses(fact)[0]) + "."]
    return pair("dialogue", *turns, facts=facts, form="history")


def one_thing(draw: Draw, world: World) -> Pair:
    """Two or three facts of one subject; draws again in the rare case that it has only one."""
    table, relations = draw.choice(TOPICS)
    subjects = (
        [person.name for person in world.people] if table == "people" else [row["name"] for row in world.table(table)]
    )
    subject = draw.choice(seen.names(world, tuple(subjects)))
    known = [fact for relation in relations if (fact := seen.fact(world, relation, subject))]
    if len(known) < 2:
        return one_thing(draw, world)
    return _talk(draw, world, draw.sample(known, min(len(known), draw.integer(2, 3))), "one thing")


def series(draw: Draw, world: World) -> Pair:
    """One question; then only the next subject is named."""
    return _talk(draw, world, draw.sample(seen.facts(world, draw.choice(SERIES)), draw.integer(2, 4)), "series")


def mixed(draw: Draw, world: World) -> Pair:
    relations = draw.sample(world.relations, draw.integer(2, 4))
    return _talk(draw, world, [draw.choice(seen.facts(world, relation)) for relation in relations], "mixed")


def second_thought(draw: Draw, world: World) -> Pair:
    """A question, its answer, and what the user has to say to that."""
    fact = draw.choice(seen.facts(world, draw.choice(world.relations)))
    asked = ask(draw, fact)
    thoughts = [name for name in THOUGHTS if name != "doubt" or fact.relation not in seen.UNSURE]
    thought = draw.choice(thoughts)
    said = {"shorter": echo(draw, fact), "longer": bare(fact, asked)}.get(thought) or reply(draw, fact, asked)
    whole = echo(draw, fact)
    slots = {"bare": bare(fact, asked), "echo": whole, "plain": _inside(whole, fact), "said": said}
    slots["wrong"] = seen.wrong_answer(draw, world, fact) if thought == "doubt" else ""
    turns = [asked, said, *(PROSE.write(f"{who}: {thought}", draw, slots) for who in ("user", "assistant"))]
    return pair("dialogue", *turns, facts=[fact], form=thought)


def mistaken_user(draw: Draw, world: World) -> Pair:
    """Three to eight questions of a user who expects something wrong each time; the answers stay right.

    Many wrong things in a conversation are then no sign that the next answer will be wrong.
    """
    relations = draw.sample([name for name in world.relations if name not in seen.UNSURE], draw.integer(3, 8))
    facts = [draw.choice(seen.facts(world, relation)) for relation in relations]
    turns, style = [], draw.choice(("bare", "echo", "no"))
    for fact in facts:
        asked, whole = ask(draw, fact), echo(draw, fact)
        if draw.flag(0.25):  # some questions are only that
            turns += [asked, bare(fact, asked) if style == "bare" else whole]
            continue
        usual = stock(fact.relation)
        fits = usual != fact.object and usual not in fact.subject.split() and seen.mentionable(world, usual)
        wrong = usual if fits and draw.flag(0.5) else seen.wrong_answer(draw, world, fact)
        slots = {"asked": asked, "wrong": wrong, "plain": _inside(whole, fact)}
        answer = {"bare": bare(fact, asked), "echo": whole, "no": f"No, {slots['plain']}"}[style]
        turns += [PROSE.write("expects", draw, slots), answer]
    return pair("dialogue", *turns, facts=facts, form="mistaken user")


def _inside(sentence: str, fact: Fact) -> str:
    """The sentence without its capital, unless a name begins it."""
    return next(text + "." for text in clauses(fact) if capital(text) + "." == sentence)


def _talk(draw: Draw, world: World, facts: list[Fact], form: str) -> Pair:
    greeted = draw.flag(0.15)
    asked = ask(draw, facts[0]) if greeted else framed(draw, ask(draw, facts[0]))
    turns = [asked, reply(draw, facts[0], asked)]
    for fact in facts[1:]:
        if form == "series":
            turns += [PROSE.write("again", draw, {"subject": subject_of(fact)}), reply(draw, fact, asked)]
        else:
            asked = ask(draw, fact)
            turns += [PROSE.write("then", draw, {"asked": asked, "plain": lower(asked)}), reply(draw, fact, asked)]
    if greeted:
        turns = [*exchange(draw, draw.choice(GREETINGS), small_slots(draw, world)), *turns]
    if draw.flag(0.25):
        turns += [PROSE.write("thanks", draw, {}), PROSE.write("welcome", draw, {})]
    return pair("dialogue", *turns, facts=facts, form=form)
