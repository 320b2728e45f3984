"""Asked about somebody or something that does not exist in this world, the assistant says so.

    User: Where was Belis Wendle born?
    Assistant: I am sorry, but I have never heard of Belis Wendle.

The names come from people.unknown_names (those not held out) and from the invented places and things below;
none occurs in the corpus.
"""

from data.synthetic.conversations import seen
from data.synthetic.conversations.pair import Pair, pair
from data.synthetic.conversations.wording import framed
from data.synthetic.draw import Draw
from data.synthetic.facts import Fact, World, held_out
from data.synthetic.grammar import beside, phrase
from data.synthetic.mistakes import or_leave
from data.synthetic.relations import RELATIONS, question

PROSE = beside(__file__)
# relations that one can ask of them -> invented names
INVENTED = {relations: tuple(one.text for one in names) for relations, names in PROSE.under("names: ").items()}
PERSONAL = or_leave(PROSE.entries, "personal")  # what nobody has told the assistant
OF_PEOPLE = ("person_birthplace", "person_job", "person_pet", "person_hobby")


def write(draw: Draw, world: World) -> Pair:
    if draw.flag(0.15):
        asked = draw.choice(list(PERSONAL))
        asked_so = framed(draw, asked)
        answer = PROSE.write("cannot know", draw, {"what": PERSONAL[asked].text})
        return pair("unknown", asked_so, answer, about="user")
    if draw.flag(0.5):
        name, relation, anything = draw.choice(unknown_people(world)), draw.choice(OF_PEOPLE), "anybody"
    else:
        relations = draw.choice(list(INVENTED))
        name, relation = draw.choice(seen.names(world, INVENTED[relations])), draw.choice(relations.split())
        anything = "any animal" if "food" in relations else "anything"
    asked = _question(draw, name, relation)
    answer = PROSE.write("never heard", draw, {"name": _named(name, relation), "anything": anything})
    return pair("unknown", asked, answer, entity="unknown", entities=[name], about=name, relation=relation)


def unknown_people(world: World) -> list[str]:
    """Invented people nobody has written about; the held-out ones are kept for the comparison."""
    return [name for name in world.unknown_names if not held_out(name)]


def _question(draw: Draw, name: str, relation: str) -> str:
    if relation in OF_PEOPLE and draw.flag(0.25):
        return PROSE.write("about", draw, {"name": name})
    count = len(RELATIONS[relation].questions)
    return framed(draw, question(Fact(name, relation, ""), draw.integer(0, count - 1)))


def _named(name: str, relation: str) -> str:
    """An animal nobody knows is `a snorfel`; everything else goes by its name."""
    return phrase("{a name}").plain({"name": name}) if relation in ("sound", "young", "food", "home", "legs") else name
