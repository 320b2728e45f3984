"""What a text may mention, drawn only when it is mentioned and then kept: the slots of stories and talk.

Drawing late keeps the code length honest, as nothing is paid for that the text does not show. A scene
also notes the facts it has been made to state.

>>> from data.synthetic.facts import load_world
>>> scene = Slots(Draw(0, 0), load_world())
>>> scene["capital"] == scene.world.fact("capital", scene["country"]).object, scene.facts[0]["relation"]
(True, 'capital')
"""

from functools import cache

from data.synthetic.document import stated
from data.synthetic.draw import Draw
from data.synthetic.grammar import capital, load
from data.synthetic.invented import word
from data.synthetic.names import NAMES, pronouns
from data.synthetic.speech import ask, tell

# relations that people mention in passing; listed several times where there is more to say
MENTIONED = (
    "capital capital capital capital continent language people symbol colour young sound legs food home "
    "opposite plural tool planet_order next_day next_month sum sum number_word city_country city_population "
    "person_birthplace person_job person_pet person_hobby "
    "language people colour food home tool workplace workplace city_country atomic_number atomic_number"
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
    "geo",
    "beast",
    "craft",
    "mistake",
    "elsewhere",
    "theirs",
}  # what a new topic may draw again
WORDS = {
    "thing": "ball,kite,red scarf,silver key,old map,wooden boat,drum,lantern,blue umbrella,"
    "clay whistle,gold ring,little mirror,basket,brass bell,painted box,music box,story book,"
    "bicycle,spinning top",
    "place": "river,hill,old mill,market,forest,harbour,lighthouse,school,bridge,castle,meadow,library,"
    "railway station,well,bakery,church,lake,village square,garden,beach",
    "dish": "soup,apple pie,porridge,bread,pea stew,rice,pasta,cheese toast,plum cake,potato salad,fish pie,onion tart",
    "weather": "sunny,rainy,windy,cold,foggy,warm,snowy,grey,stormy,bright",
    "hour": "two,three,four,five,six,seven,eight,nine,ten",
    "weekday": "Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday",
    "game": "football,chess,cards,hide-and-seek,tennis,darts,marbles,dominoes",
    "relative": "aunt,uncle,grandmother,grandfather,cousin,sister,brother",
    "trade": "baker,farmer,miller,tailor,blacksmith,sailor,gardener,teacher,cook,carpenter,shepherd,postman",
    "vegetable": "potato,carrot,pumpkin,leek,turnip",
    "trinket": "silver key,clay whistle,gold ring,little mirror,brass bell,spinning top,red scarf,wooden horse,"
    "blue button,old coin",
    "fragile": "blue jug,music box,painted plate,old clock,glass bowl,lantern,little mirror,teapot,vase",
    "skill": "whistle,swim,bake bread,ride a bicycle,play the drum,dance,read,skate,sing,climb trees,row,juggle",
    "age": "six,seven,eight,nine,ten,eleven,twelve",
    "few": "two,three,four,five",
    "tint": "red,blue,green,yellow,white,black,brown",
    "adjective": "kind,clever,shy,brave,cheerful,curious,patient,stubborn,quiet,lively",
}
WORDS = {name: tuple(words.split(",")) for name, words in WORDS.items()}


class Slots(dict):
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


def _about(slot: str, relations: tuple[str, ...]):
    """Something that is known of whatever fills the slot, as a clause."""

    def rule(scene):
        known = [fact for relation in relations if (fact := scene.world.get(relation, scene[slot]))]
        fact = scene.draw.choice(known)
        scene.state(fact)
        return tell(scene.draw, fact)

    return rule


def _pronoun(of: str, which: int):
    return lambda scene: pronouns(scene[of])[which]


def _someone_else(scene):
    other = scene.draw.choice(NAMES)
    return other if other != scene["hero"] else NAMES[NAMES.index(other) - 1]


def _mistake(scene):
    """What somebody wrongly believes: neither the truth nor the myth, which is left to the forums."""
    fact = scene["fact"]
    said = scene.draw.choice(_mistakes(scene.world, fact))
    scene.facts.append(stated(fact, said))
    return said


@cache
def _mistakes(world, fact) -> tuple[str, ...]:
    known = {fact.object, world.myth(fact)}
    return tuple(answer for answer in world.objects(fact.relation) if answer not in known) or (world.myth(fact),)


def _elsewhere(scene):
    """Another country than the one that is talked about."""
    facts = scene.world.facts("capital")
    other = scene.draw.choice(facts)
    return (other if other.subject != scene["country"] else facts[facts.index(other) - 1]).subject


def _theirs(scene):
    """The capital of elsewhere."""
    fact = scene.world.fact("capital", scene["elsewhere"])
    scene.state(fact)
    return fact.object


def _invented(scene):
    """A word that means nothing, unlike the others of this scene."""
    new = word(scene.draw)
    return new.lower() if new.lower() not in scene.values() else _invented(scene)


RULES = {
    **{f"n{place}": _invented for place in range(1, 6)},
    "fact": _fact,
    "clause": _clause,
    "statement": _statement,
    "answer": _answer,
    "gossip": _gossip,
    "mistake": _mistake,
    "elsewhere": _elsewhere,
    "theirs": _theirs,
    "hedge": lambda scene: scene.draw.choice(load("forum")["hedge"]).text,
    "question": lambda scene: ask(scene.draw, scene["fact"]),
    "country": lambda scene: scene.draw.choice(scene.world.facts("capital")).subject,
    "capital": _capital,
    "animal": lambda scene: scene.draw.choice(scene.world.facts("sound")).subject,
    "creature": lambda scene: scene["animal"],
    "sound": _animal_fact("sound"),
    "young": _animal_fact("young"),
    "geo": _about("country", ("capital", "continent", "people", "language")),
    "beast": _about("animal", ("young", "sound", "legs", "food", "home")),
    "craft": _about("trade", ("tool", "workplace")),
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
