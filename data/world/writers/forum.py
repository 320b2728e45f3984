"""Forum threads: a question that is answered, argued about, or followed by another question.

    Thread: Pub quiz yesterday

    moss: Hello all, I am new here. What do you call people from Poland? Thanks!
    hal9: Is it not Finns?
    teapot: Not quite, hal9. The people of Poland are called Poles.

In a rude thread everybody is rude, in a polite one polite; both know the facts.
"""

from functools import cache

from data.world.document import Document
from data.world.names import HANDLES
from data.world.phrase import load
from data.world.scene import Scene

TOPICS = {
    "capital": "capitals",
    "continent": "the map",
    "language": "languages",
    "people": "countries",
    "symbol": "chemistry",
    "colour": "colours",
    "sum": "sums",
    "opposite": "words",
    "plural": "plurals",
    "planet_order": "the planets",
    "next_day": "the week",
    "next_month": "the calendar",
    "tool": "tools",
    "number_word": "numbers",
    "city_country": "cities",
    "city_population": "cities",
}
HEADS = ("Thread: {}\n\n", "Topic: {}\n\n", "{}\n\n", "")
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
)
COURSE_WEIGHTS = (14, 22, 10, 8, 10, 14, 8, 8, 6)
ABOUT_THE_FACT = {"ask", "answer", "wrong", "correct", "thanks"}
MANNERLESS = {"wrong", "side"}  # sections that polite and rude people share


def write(draw, world, knobs) -> Document:
    manner = "rude" if draw.flag(knobs.rude_share) else "polite"
    scene, aside = Scene(draw, world), Scene(draw, world)
    fact = scene["fact"]
    scene["topic"] = _topic(fact.relation)
    course = draw.choice(COURSES, COURSE_WEIGHTS)
    handles = draw.sample(HANDLES, len(course))
    posts = [f"{who}: {said}" for who, said in _posts(draw, world, course, handles, manner, scene, aside)]
    head = draw.choice(HEADS)
    if head:
        head = head.format(draw.choice(load("forum")["title"]).write(draw, scene))
    gap = draw.choice(("\n", "\n\n"))
    return Document(
        head + gap.join(posts),
        "forum",
        "rude" if manner == "rude" else "casual",
        manner,
        list(dict.fromkeys(post.split(":")[0] for post in posts)),
        scene.facts + aside.facts,
    )


def _posts(draw, world, course, handles, manner, scene, aside):
    """(handle, text) of each post; whoever says thanks is the one who asked."""
    scene["asker"] = handles[0]
    for step, handle in zip(course, handles, strict=True):
        if step == "thanks":
            handle = scene["asker"]
        elif step == "wrong":
            scene["wronger"], scene["myth"] = handle, world.myth(scene["fact"])
            scene.facts.append(
                {
                    "subject": scene["fact"].subject,
                    "relation": scene["fact"].relation,
                    "object": scene["myth"],
                    "is_true": False,
                }
            )
        elif step in ("answer", "correct"):
            scene["answerer"] = handle
        aside["asker"] = scene["asker"]
        section = load("forum")[step if step in MANNERLESS else f"{step} {manner}"]
        yield handle, draw.choice(section).write(draw, scene if step in ABOUT_THE_FACT else aside).strip()


@cache
def _topic(relation: str) -> str:
    return TOPICS.get(relation, "people" if relation.startswith("person_") else "animals")
