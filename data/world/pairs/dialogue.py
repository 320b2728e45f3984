"""Several turns of right answers: long histories, one thing, one question for several things, second thoughts.

User: What is the capital of Italy?
Assistant: Rome.
User: And France?
Assistant: The capital of France is Paris.
"""

from data.world.draw import Draw
from data.world.facts import Fact, World
from data.world.pairs import seen
from data.world.pairs.pair import Pair, pair
from data.world.pairs.smalltalk import exchange, small_slots
from data.world.pairs.wording import ask, bare, clauses, echo, framed, lower, reply, subject_of
from data.world.phrase import capital, phrase
from data.world.relations import stock

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
GREETINGS = ("hello", "name", "name", "how are you", "what can you do")
THANKS = phrase("[Thank you!|Thanks a lot.|Thanks, that helps.|That is all, thank you.|Great, thanks!]")
WELCOME = phrase("[You are welcome!|You are welcome. Have a nice day!|Glad to help!|My pleasure.]")
EXPECTS = phrase("{asked} [Is it {wrong}?|I think it is {wrong}.|{Wrong}?|My friend says {wrong}.|Surely {wrong}?]")
# what the user says after an answer, and what the assistant says then
SECOND_THOUGHTS = {
    "shorter": ("[Shorter, please.|Just the answer, please.|In a word?|Can you say it in fewer words?]", "{Bare}"),
    "longer": ("[In a full sentence, please.|Say it in a sentence.|Can you put that into a sentence?]", "{Echo}"),
    "sure": (
        "[Are you sure?|Is that right?|Really?|Are you certain of that?]",
        "[Yes, {plain}|Yes, I am sure: {plain}|Yes. {Echo}]",
    ),
    "again": ("[Say that again.|Can you repeat that?|Once more, please.|What did you say?]", "{Said}"),
    "doubt": (
        "[I thought it was {wrong}.|Is it not {wrong}?|My friend says {wrong}.|No, it is {wrong}.]",
        "[No, {plain}|I am sorry, but {plain}|That is a mistake. {Echo}|It is not {wrong}. {Echo}]",
    ),
}


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
    thoughts = [name for name in SECOND_THOUGHTS if name != "doubt" or fact.relation not in seen.UNSURE]
    thought = draw.choice(thoughts)
    said = {"shorter": echo(draw, fact), "longer": bare(fact, asked)}.get(thought) or reply(draw, fact, asked)
    whole = echo(draw, fact)
    slots = {"bare": bare(fact, asked), "echo": whole, "plain": _inside(whole, fact), "said": said}
    slots["wrong"] = seen.wrong_answer(draw, world, fact) if thought == "doubt" else ""
    user, assistant = SECOND_THOUGHTS[thought]
    turns = [asked, said, phrase(user).write(draw, slots), phrase(assistant).write(draw, slots)]
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
        answer = {"bare": bare(fact, asked), "echo": whole, "no": phrase("No, {plain}").write(draw, slots)}[style]
        turns += [EXPECTS.write(draw, slots), answer]
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
            turns += [AGAIN.write(draw, {"subject": subject_of(fact)}), reply(draw, fact, asked)]
        else:
            asked = ask(draw, fact)
            turns += [THEN.write(draw, {"asked": asked, "plain": lower(asked)}), reply(draw, fact, asked)]
    if greeted:
        turns = [*exchange(draw, draw.choice(GREETINGS), small_slots(draw, world)), *turns]
    if draw.flag(0.25):
        turns += [THANKS.write(draw, {}), WELCOME.write(draw, {})]
    return pair("dialogue", *turns, facts=facts, form=form)
