"""Asked about somebody or something that does not exist in this world, the assistant says so.

    User: Where was Belis Wendle born?
    Assistant: I am sorry, but I have never heard of Belis Wendle.

The names come from people.unknown_names (those not held out) and from the invented places and things below;
none occurs in the corpus.
"""

from data.world.draw import Draw
from data.world.facts import Fact, World, held_out
from data.world.pairs import seen
from data.world.pairs.pair import Pair, pair
from data.world.pairs.wording import framed
from data.world.phrase import phrase
from data.world.relations import RELATIONS, question

# invented names by the relations that one can ask of them
INVENTED = {
    ("capital", "continent", "people", "language"): (
        "Orvenia",
        "Belmark Island",
        "Tarvonia",
        "Quellia",
        "Sudmaria",
        "Novagard",
        "Ostrelland",
        "Pellonia",
        "Marvania",
        "Lurathia",
        "Kestria",
        "Zembria",
        "Fendoria",
        "Wolstan",
        "Yarvia",
    ),
    ("symbol", "atomic_number"): (
        "velium",
        "brontine",
        "korrium",
        "lassine",
        "mordium",
        "pellidium",
        "ostrine",
        "zarnium",
    ),
    ("sound", "young", "food", "home", "legs"): (
        "snorfel",
        "grimpel",
        "wollop",
        "trindle",
        "morrik",
        "plover-cat",
        "zibbet",
    ),
    ("city_country", "city_population"): (
        "Port Ellory",
        "Grandholm",
        "Wexbury",
        "Santa Luma",
        "Kirnov",
        "Tessaly Bay",
    ),
}
PERSONAL = {  # what nobody has told the assistant
    "What did I eat this morning?": "what you ate",
    "What is my name?": "your name",
    "Where did I leave my umbrella?": "where your umbrella is",
    "How old is my neighbour?": "how old your neighbour is",
    "What is in my pocket?": "what is in your pocket",
    "Who will win the game tomorrow?": "who will win",
    "What will the weather be like next year?": "what the weather will be like",
    "What am I thinking of?": "what you are thinking of",
    "What colour is my door?": "the colour of your door",
    "Which number will the dice show next?": "what the dice will show",
    "When will my letter arrive?": "when your letter will arrive",
    "What is the name of my dog?": "the name of your dog",
    "How much money do I have?": "how much money you have",
    "What is my sister doing now?": "what your sister is doing",
    "Who broke my window?": "who broke your window",
    "What did I dream last night?": "what you dreamt",
    "How many steps did I walk today?": "how many steps you walked",
    "Who will knock at my door next?": "who will knock",
}
NEVER_HEARD = phrase(
    "[I am sorry, but I do not know {name}.|I do not know {anything} called {name}.|I have never heard of "
    "{name}.|"
    "I am sorry, but I have never heard of {name}.|Sorry, I do not know the answer. The name {name} is new "
    "to me.|"
    "I do not know that. I have no information about {name}.|I have no information about {name}, so I "
    "cannot say.|"
    "I am afraid I do not know. I have never read about {name}.]"
)
CANNOT_KNOW = phrase(
    "[I am sorry, but I do not know {what}.|I do not know {what}. Nobody has told me.|"
    "I do not know {what}, and I do not want to guess.|I cannot know {what}.]"
)
ABOUT = phrase("[Who is {name}?|Tell me about {name}.|What do you know about {name}?|Do you know {name}?]")
OF_PEOPLE = ("person_birthplace", "person_job", "person_pet", "person_hobby")


def write(draw: Draw, world: World) -> Pair:
    if draw.flag(0.15):
        asked = draw.choice(list(PERSONAL))
        return pair("unknown", framed(draw, asked), CANNOT_KNOW.write(draw, {"what": PERSONAL[asked]}), about="user")
    if draw.flag(0.5):
        name, relation, anything = draw.choice(unknown_people(world)), draw.choice(OF_PEOPLE), "anybody"
    else:
        relations = draw.choice(list(INVENTED))
        name, relation = draw.choice(seen.names(world, INVENTED[relations])), draw.choice(relations)
        anything = "any animal" if "food" in relations else "anything"
    asked = _question(draw, name, relation)
    answer = NEVER_HEARD.write(draw, {"name": _named(name, relation), "anything": anything})
    return pair("unknown", asked, answer, entity="unknown", entities=[name], about=name, relation=relation)


def unknown_people(world: World) -> list[str]:
    """Invented people nobody has written about; the held-out ones are kept for the comparison."""
    return [name for name in world.unknown_names if not held_out(name)]


def _question(draw: Draw, name: str, relation: str) -> str:
    if relation in OF_PEOPLE and draw.flag(0.25):
        return ABOUT.write(draw, {"name": name})
    count = len(RELATIONS[relation].questions)
    return framed(draw, question(Fact(name, relation, ""), draw.integer(0, count - 1)))


def _named(name: str, relation: str) -> str:
    """An animal nobody knows is `a snorfel`; everything else goes by its name."""
    return phrase("{a name}").plain({"name": name}) if relation in ("sound", "young", "food", "home", "legs") else name
