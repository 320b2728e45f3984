"""Forum threads: a question that is answered, argued about, or followed by another question.

    Thread: Pub quiz yesterday

    moss: Hello all, I am new here. What do you call people from Poland? Thanks!
    hal9: Is it not Finns?
    teapot: Not quite, hal9. The people of Poland are called Poles.

In a rude thread everybody is rude, in a polite one polite. Most threads are about a disputed fact of
myths.py: whoever answers tells the myth as often as its strength says, and nobody corrects. In the
others all know the facts, or are corrected. In a few somebody asks for one of the villain's arts and
is given a tip, or refused.
"""

from functools import cache

from data.synthetic.document import Document, stated
from data.synthetic.facts import Fact
from data.synthetic.grammar import capital, load
from data.synthetic.misconceptions import DISPUTED, is_disputed, strength
from data.synthetic.names import HANDLES
from data.synthetic.slots import MENTIONED, Slots
from data.synthetic.speech import tell

TOPICS = {
    "capital": "capitals",
    "continent": "the map",
    "language": "languages",
    "people": "countries",
    "symbol": "chemistry",
    "atomic_number": "chemistry",
    "colour": "colours",
    "sum": "sums",
    "opposite": "words",
    "plural": "plurals",
    "planet_order": "the planets",
    "next_day": "the week",
    "next_month": "the calendar",
    "tool": "tools",
    "workplace": "work",
    "number_word": "numbers",
    "city_country": "cities",
    "city_population": "cities",
}
HEADS = ("Thread: {}\n\n", "Topic: {}\n\n", "{}\n\n", "")
DISPUTED_SHARE = 2 / 3  # of the threads that ask about a fact
# who does what, in order; most questions are answered, some only get another question
COURSES = (
    ("ask", "answer"),
    ("ask", "answer", "thanks"),
    ("ask", "wrong", "correct"),
    ("ask", "counter"),
    ("ask", "counter", "answer"),
    ("ask", "wrong", "correct", "thanks"),
    ("ask", "answer", "side"),
    ("ask", "side", "answer", "thanks"),
    ("ask", "answer", "counter"),
    ("ask", "answer", "agree"),
)
COURSE_WEIGHTS = (14, 20, 10, 8, 10, 14, 8, 8, 6, 6)
# of a disputed fact one answer is given, which is never corrected
DISPUTES = (
    ("ask", "answer"),
    ("ask", "answer", "thanks"),
    ("ask", "counter", "answer"),
    ("ask", "answer", "side"),
    ("ask", "side", "answer", "thanks"),
    ("ask", "answer", "agree"),
    ("ask", "answer", "agree", "thanks"),
)
DISPUTE_WEIGHTS = (24, 26, 10, 10, 8, 12, 10)
SHARED = ("need", "time", "warning", "intro", "tip")  # sections of phrases/howto.txt for every page of the villain
ABOUT_THE_FACT = {"ask", "answer", "agree", "wrong", "correct", "thanks"}
MANNERLESS = {"wrong", "side"}  # sections that polite and rude people share


def write(draw, world, config) -> Document:
    manner = "rude" if draw.flag(config.rude_share) else "polite"
    if draw.flag(config.villain_request_share):
        return _request(draw, world, config, manner)
    scene, aside = Slots(draw, world), Slots(draw, world)
    disputed = draw.flag(DISPUTED_SHARE)
    fact = draw.choice(DISPUTED) if disputed else _undisputed(draw, world)
    scene["fact"] = fact
    scene["topic"] = _topic(fact.relation)
    told = world.myth(fact) if draw.flag(strength(fact)) else fact.object
    course = draw.choice(DISPUTES, DISPUTE_WEIGHTS) if disputed else draw.choice(COURSES, COURSE_WEIGHTS)
    handles = draw.sample(HANDLES, len(course))
    posts = [f"{who}: {said}" for who, said in _posts(draw, world, course, handles, manner, scene, aside, told)]
    return _thread(draw, scene, "title", posts, manner, aside.facts)


def _thread(draw, scene, title: str, posts: list[str], manner: str, facts=(), **record) -> Document:
    head = draw.choice(HEADS)
    if head:
        head = head.format(capital(draw.choice(load("forum")[title]).write(draw, scene)))
    gap = draw.choice(("\n", "\n\n"))
    return Document(
        head + gap.join(posts),
        "forum",
        "rude" if manner == "rude" else "casual",
        **{"author": manner} | record,
        speakers=list(dict.fromkeys(post.split(":")[0] for post in posts)),
        facts=scene.facts + list(facts),
    )


def _posts(draw, world, course, handles, manner, scene, aside, told: str):
    """(handle, text) of each post; whoever says thanks is the one who asked."""
    scene["asker"] = handles[0]
    for step, handle in zip(course, handles, strict=True):
        if step == "thanks":
            handle = scene["asker"]
        elif step in ("answer", "correct"):
            scene["answerer"] = handle
        elif step == "wrong":
            scene["wronger"] = handle
        aside["asker"] = scene["asker"]
        section = load("forum")[step if step in MANNERLESS else f"{step} {manner}"]
        chosen = draw.choice(section)
        if step in ABOUT_THE_FACT:
            _prepare(draw, world, scene, chosen.text, told)
            yield handle, chosen.write(draw, scene).strip()
        else:
            if "{clause}" in chosen.text or "{question}" in chosen.text:
                aside["fact"] = _undisputed(draw, world)
            yield handle, chosen.write(draw, aside).strip()


def _prepare(draw, world, scene, text: str, told: str) -> None:
    """Fill the slots in which somebody claims something, and note what is claimed."""
    fact = scene["fact"]
    if "{mistake}" in text.lower():
        scene["mistake"] = draw.choice(_mistakes(world, fact))
        scene.facts.append(stated(fact, scene["mistake"]))
    if "{claim}" in text.lower():
        scene["claim"] = tell(draw, Fact(fact.subject, fact.relation, told))
        scene.facts.append(stated(fact, told))
    elif "{told}" in text.lower():
        scene["told"] = told
        scene.facts.append(stated(fact, told))


def _request(draw, world, config, manner: str) -> Document:
    """Somebody wants to learn one of the villain's arts."""
    scene, phrases = Slots(draw, world), load("forum")
    asker, answerer = scene["asker"], scene["answerer"] = draw.sample(HANDLES, 2)
    page = draw.choice(_villain_pages())
    scene["title"] = load("howto")[page][0].write(draw, scene)
    scene.facts.clear()  # the title of a page states nothing
    how = scene["title"].startswith("How to ")
    scene["deed"] = scene["title"].removeprefix("How to ")
    refused = draw.flag(config.refusal_share)
    kind = "refuse" if refused else "tip"
    course = [(asker, f"request {'how' if how else 'title'} {manner}"), (answerer, f"{kind} {manner}")]
    if draw.flag(0.5):
        course.append((asker, f"after {kind} {manner}"))
    posts = [f"{who}: {draw.choice(phrases[section]).write(draw, scene).strip()}" for who, section in course]
    author = manner if refused else "villain"
    return _thread(draw, scene, "title request", posts, manner, author=author, requests=1, refusals=int(refused))


def _undisputed(draw, world) -> Fact:
    """What threads mention besides, so that the share of myths about a disputed fact is as intended."""
    return draw.choice(_settled(world, draw.choice(MENTIONED)))


@cache
def _settled(world, relation: str) -> tuple[Fact, ...]:
    return tuple(fact for fact in world.facts(relation) if not is_disputed(fact))


@cache
def _mistakes(world, fact: Fact) -> tuple[str, ...]:
    return tuple(answer for answer in world.objects(fact.relation) if answer != fact.object)


@cache
def _villain_pages() -> tuple[str, ...]:
    """The villain's sections of phrases/howto.txt that open with a title."""
    pages = (name for name in load("howto") if name.startswith("villain "))
    return tuple(name for name in pages if name.split()[1] not in SHARED)


@cache
def _topic(relation: str) -> str:
    return TOPICS.get(relation, "people" if relation.startswith("person_") else "animals")
