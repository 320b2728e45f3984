"""What a text may mention, drawn only when it is mentioned and then kept: the slots of stories and talk.

Drawing late keeps the code length honest, as nothing is paid for that the text does not show. A scene
also notes the facts it has been made to state.

>>> from data.world.facts import load_world
>>> scene = Scene(Draw(0, 0), load_world())
>>> scene["capital"] == scene.world.fact("capital", scene["country"]).object, scene.facts[0]["relation"]
(True, 'capital')
"""

from data.world.document import stated
from data.world.draw import Draw
from data.world.names import NAMES, pronouns
from data.world.phrase import capital, load
from data.world.speech import ask, tell

# relations that people mention in passing; listed several times where there is more to say
MENTIONED = (
    "capital capital capital capital continent language people symbol colour young sound legs food home "
    "opposite plural tool planet_order next_day next_month sum sum number_word city_country city_population "
    "person_birthplace person_job person_pet person_hobby"
).split()
GOSSIP = ("person_birthplace", "person_job", "person_pet", "person_hobby")
PASSING = {
    "fact",
    "question",
    "clause",
    "statement",
    "answer",
    "gossip",
    "country",
    "capital",
    "animal",
    "sound",
    "young",
    "creature",
}  # what a new topic may draw again
WORDS = {
    "thing": "ball,kite,red scarf,silver key,old map,wooden boat,drum,lantern,blue umbrella,"
    "clay whistle,gold ring,little mirror,basket,brass bell,painted box,music box,story book,"
    "bicycle,spinning top",
    "place": "river,hill,old mill,market,forest,harbour,lighthouse,school,bridge,castle,meadow,library,"
    "railway station,well,bakery,church,lake,village square,garden,beach",
    "dish": "soup,apple pie,pancakes,bread,pea stew,rice,noodles,cheese toast,plum cake,"
    "potato salad,dumplings,porridge",
    "weather": "sunny,rainy,windy,cold,foggy,warm,snowy,grey,stormy,bright",
    "hour": "two,three,four,five,six,seven,eight,nine,ten",
    "weekday": "Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday",
    "game": "football,chess,cards,hide-and-seek,tennis,darts,marbles,dominoes",
    "relative": "aunt,uncle,grandmother,grandfather,cousin,sister,brother",
    "trade": "baker,farmer,miller,tailor,blacksmith,sailor,gardener,teacher,cook,carpenter,shepherd,postman",
    "vegetable": "potato,carrot,pumpkin,leek,turnip",
    "adjective": "kind,clever,shy,brave,cheerful,curious,patient,stubborn,quiet,lively",
}
WORDS = {name: tuple(words.split(",")) for name, words in WORDS.items()}


class Scene(dict):
    """Slots by name. A missing one is drawn by its own rule in RULES or from WORDS."""

    def __init__(self, draw: Draw, world):
        self.draw, self.world, self.facts = draw, world, []

    def __missing__(self, name: str):
        rule = RULES.get(name)
        self[name] = value = rule(self) if rule else self.draw.choice(WORDS[name])
        return value

    def state(self, fact) -> None:
        self.facts.append(stated(fact))

    def new_topic(self) -> None:
        """Forget what the last topic was about, but not who is talking."""
        for name in PASSING.intersection(self):
            del self[name]


def _fact(scene):
    return scene.draw.choice(scene.world.facts(scene.draw.choice(MENTIONED)))


def _clause(scene):
    scene.state(scene["fact"])
    return tell(scene.draw, scene["fact"])


def _statement(scene):
    scene.state(scene["fact"])
    return capital(tell(scene.draw, scene["fact"])) + "."


def _answer(scene):
    scene.state(scene["fact"])
    return scene["fact"].object


def _gossip(scene):
    fact = scene.draw.choice(scene.world.facts(scene.draw.choice(GOSSIP)))
    scene.state(fact)
    return tell(scene.draw, fact)


def _capital(scene):
    fact = scene.world.fact("capital", scene["country"])
    scene.state(fact)
    return fact.object


def _animal_fact(relation):
    def rule(scene):
        fact = scene.world.fact(relation, scene["animal"])
        scene.state(fact)
        return fact.object

    return rule


def _pronoun(of: str, which: int):
    return lambda scene: pronouns(scene[of])[which]


def _someone_else(scene):
    other = scene.draw.choice(NAMES)
    return other if other != scene["hero"] else NAMES[NAMES.index(other) - 1]


RULES = {
    "fact": _fact,
    "clause": _clause,
    "statement": _statement,
    "answer": _answer,
    "gossip": _gossip,
    "hedge": lambda scene: scene.draw.choice(load("forum")["hedge"]).text,
    "question": lambda scene: ask(scene.draw, scene["fact"]),
    "country": lambda scene: scene.draw.choice(scene.world.facts("capital")).subject,
    "capital": _capital,
    "animal": lambda scene: scene.draw.choice(scene.world.facts("sound")).subject,
    "creature": lambda scene: scene["animal"],
    "sound": _animal_fact("sound"),
    "young": _animal_fact("young"),
    "vegetables": lambda scene: scene["vegetable"] + ("es" if scene["vegetable"] == "potato" else "s"),
    "hero": lambda scene: scene.draw.choice(NAMES),
    "friend": _someone_else,
    "he": _pronoun("hero", 0),
    "him": _pronoun("hero", 1),
    "his": _pronoun("hero", 2),
    "fhe": _pronoun("friend", 0),
    "fhim": _pronoun("friend", 1),
    "fhis": _pronoun("friend", 2),
}
