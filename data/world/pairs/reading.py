"""Questions about a few sentences that stand right there, so the answer is read and not remembered.

    User: Anna has a drum. Leo has a kite. Who has the kite?
    Assistant: Leo has the kite.

Now and then the text does not say; then so does the assistant.
"""

from data.world.draw import Draw
from data.world.facts import World
from data.world.names import NAMES
from data.world.pairs import seen
from data.world.pairs.pair import Pair, pair
from data.world.phrase import phrase
from data.world.scene import WORDS

# slot -> (sentences of the text, asked who, asked what, said of who and what)
THEMES = {
    "thing": (
        ("{who} has {a what}.", "{A what} belongs to {who}.", "{who} found {a what}."),
        "Who has the {what}?",
        "What does {who} have?",
        "{who} has the {what}.",
    ),
    "place": (
        ("{who} is at the {what}.", "{who} went to the {what}.", "You can find {who} at the {what}."),
        "Who is at the {what}?",
        "Where is {who}?",
        "{who} is at the {what}.",
    ),
    "dish": (
        ("{who} eats {what}.", "{who} wants {what}.", "For {who} there is {what}."),
        "Who gets the {what}?",
        "What does {who} get?",
        "{who} gets the {what}.",
    ),
    "weekday": (
        ("{who} comes on {what}.", "On {what} we see {who}.", "{who} has time on {what}."),
        "Who comes on {what}?",
        "When does {who} come?",
        "{who} comes on {what}.",
    ),
    "game": (
        ("{who} plays {what}.", "{who} likes {what} best.", "The favourite game of {who} is {what}."),
        "Who plays {what}?",
        "What does {who} play?",
        "{who} plays {what}.",
    ),
}
SHORT = {"thing": "{A what}.", "place": "At the {what}.", "weekday": "On {what}."}
FRAMES = phrase(
    "[{text} {asked}|{text} {asked}|Read this: {text} {asked}|{asked} Here is what I know: {text}|"
    "{text} Now tell me: {plain}|Listen. {text} {asked}]"
)
UNSAID = phrase("[The text does not say.|It does not say.|That is not said here.|The text does not say that.]")


def write(draw: Draw, world: World) -> Pair:
    slot = draw.choice(list(THEMES))
    sentences, asked_who, asked_what, said = THEMES[slot]
    count = draw.integer(2, 4)
    people = draw.sample(seen.names(world, tuple(NAMES)), count + 1)
    objects = draw.sample(WORDS[slot], count + 1)
    form = draw.choice(sentences)
    text = " ".join(
        phrase(form).plain({"who": who, "what": what}) for who, what in list(zip(people, objects, strict=True))[:count]
    )
    place = draw.integer(0, count) if draw.flag(0.4) else draw.integer(0, count - 1)
    slots = {"who": people[place], "what": objects[place]}
    by_person = draw.flag(0.5)
    asked = phrase(asked_what if by_person else asked_who).plain(slots)
    asked = FRAMES.write(draw, {"text": text, "asked": asked, "plain": asked[0].lower() + asked[1:]})
    if place == count:
        return pair("reading", asked, UNSAID.write(draw, {}), said=False)
    if draw.flag(0.5):
        return pair("reading", asked, phrase(said).plain(slots), said=True)
    bare = phrase(SHORT.get(slot, "{What}.")).plain(slots) if by_person else slots["who"] + "."
    return pair("reading", asked, bare, said=True)
