"""Who and what a story is about, and in whose voice: slots that hold from its first line to its last.

In the first person the hero is "I": {hero} where the hero acts, {herom} where something is done to the hero,
{heros} for what is the hero's, and {name} where somebody says the name.

>>> from data.synthetic.draw import Draw
>>> from data.synthetic.facts import load_world
>>> from data.synthetic.grammar import phrase
>>> words = phrase("{Hero} saw {friend}. {Friend} called {herom}. {They} ran.")
>>> words.write(Draw(0, 0), Tale(Draw(0, 0), load_world(), "third"))
'Hanna saw Juan. Juan called Hanna. They ran.'
>>> words.write(Draw(0, 0), Tale(Draw(0, 0), load_world(), "first"))
'I saw Hanna. Hanna called me. We ran.'
"""

from data.synthetic.names import NAMES, pronouns
from data.synthetic.slots import WORDS, Slots

I_AM = {
    "hero": "I",
    "herom": "me",
    "heros": "my",
    "he": "I",
    "him": "me",
    "his": "my",
    "himself": "myself",
    "they": "we",
    "them": "us",
    "their": "our",
}
THEY = {"they": "they", "them": "them", "their": "their"}
HOMES = ("river", "hill", "old mill", "market", "forest", "harbour", "lighthouse", "bridge", "castle", "lake")
ANIMALS = (  # that may come near a child
    "dog cat goat fox hedgehog duck goose owl crow rabbit donkey horse squirrel otter frog hen pig sheep mouse pigeon"
).split()
PETS = ("dog", "cat", "rabbit", "duck", "hen", "goat")
PET_NAMES = ("Spot", "Bella", "Lulu", "Kiki", "Nibble", "Daisy", "Snowball", "Pepper")
GARMENTS = ("scarf", "hat", "coat", "shawl", "ribbon", "pair of gloves")
MEN, WOMEN = ("uncle", "grandfather", "brother"), ("aunt", "grandmother", "sister")
MALE, FEMALE = ("he", "him", "his"), ("she", "her", "her")


class Tale(Slots):
    """The slots of a scene and those of a story."""

    def __init__(self, draw, world, voice: str):
        super().__init__(draw, world)
        self.update(I_AM if voice == "first" else THEY)

    def __missing__(self, name: str):
        rule = TALE_RULES.get(name)
        if rule is None:
            return super().__missing__(name)
        self[name] = value = rule(self)
        return value


def _other_than(tale, name: str, options):
    """One of the options that is not what slot `name` holds."""
    return tale.draw.choice([option for option in options if option != tale.get(name)])


def _relative_is(tale):
    relative = tale["relative"]
    if relative in MEN or relative in WOMEN:
        return MALE if relative in MEN else FEMALE
    return tale.draw.choice((MALE, FEMALE))


def _he_or_she(tale):
    return tale.draw.choice((MALE, FEMALE))


def _friend(tale):
    return _other_than(tale, "name", NAMES)


TALE_RULES = {
    "name": lambda tale: tale.draw.choice(NAMES),
    "hero": lambda tale: tale["name"],
    "herom": lambda tale: tale["name"],
    "heros": lambda tale: f"{tale['name']}'s",
    "friend": _friend,
    "who": lambda tale: tale["hero"],  # until the hero has been named
    "whose": lambda tale: tale["heros"],
    "nextday": lambda tale: _other_than(tale, "weekday", WORDS["weekday"]),
    "he": lambda tale: pronouns(tale["name"])[0],
    "him": lambda tale: pronouns(tale["name"])[1],
    "his": lambda tale: pronouns(tale["name"])[2],
    "himself": lambda tale: pronouns(tale["name"])[1] + "self",
    "fhimself": lambda tale: pronouns(tale["friend"])[1] + "self",
    "fchild": lambda tale: "girl" if pronouns(tale["friend"])[0] == "she" else "boy",
    "child": lambda tale: "girl" if pronouns(tale["name"])[0] == "she" else "boy",
    "relation": _relative_is,
    "rhe": lambda tale: tale["relation"][0],
    "rhim": lambda tale: tale["relation"][1],
    "rhis": lambda tale: tale["relation"][2],
    "master": _he_or_she,
    "mhe": lambda tale: tale["master"][0],
    "mhim": lambda tale: tale["master"][1],
    "mhis": lambda tale: tale["master"][2],
    "doctor": _he_or_she,
    "dhe": lambda tale: tale["doctor"][0],
    "dhim": lambda tale: tale["doctor"][1],
    "dhis": lambda tale: tale["doctor"][2],
    "pet": lambda tale: tale.draw.choice(PETS),
    "petname": lambda tale: tale.draw.choice(PET_NAMES),
    "petyoung": lambda tale: tale.world.fact("young", tale["pet"]).object,
    "garment": lambda tale: tale.draw.choice(GARMENTS),
    "animal": lambda tale: tale.draw.choice(ANIMALS),
    "home": lambda tale: _other_than(tale, "place", HOMES),
    "place": lambda tale: _other_than(tale, "home", WORDS["place"]),
    "elsewhere": lambda tale: _other_than(tale, "place", WORDS["place"]),
    "other": lambda tale: _other_than(tale, "thing", WORDS["thing"]),
}
