"""Write a short story about somebody and something, or go on with one that the user begins.

    User: Write a short story about Anna and a kite.
    Assistant: Anna had a kite, and she took it everywhere. One windy day it flew away and got caught in a
    tree. A pigeon saw it and pulled it free. ...

A plot is a tuple of beats; the user may give the first one or two and ask for the rest. The same people, things and
places run through all beats, so whoever goes on with a story has to look back at how it began.
"""

from data.world.draw import Draw
from data.world.facts import World
from data.world.names import NAMES, pronouns
from data.world.pairs import seen
from data.world.pairs.pair import Pair, pair
from data.world.phrase import phrase
from data.world.scene import WORDS

# a whale would not sit at the door
ANIMALS = ("wolf", "deer", "hedgehog", "squirrel", "dog", "hen", "owl", "rabbit", "horse", "pig", "sheep", "swan")
PETS = ("dog", "rabbit", "hen", "mouse", "turtle", "pigeon")
PLOTS = {
    "lost": (
        "[{Hero} had {a thing}, and {he} [took it everywhere|loved it more than anything].|"
        "{Hero} never went out without {his} {thing}.]",
        "One {weather} day {he} left it [by|near] the {place} and [forgot it|went home without it].",
        "[At night {he} could not sleep.|{He} looked under the bed and behind the door.|{He} searched until it was dark.]",
        "The next morning {a animal} [sat|was waiting] at the door with the {thing}.",
        "{Hero} laughed and gave it [something to eat|a bowl of water].",
    ),
    "friend": (
        "[{Hero} was new in the village and had no friends.|{Hero} had moved to a house near the {place} and knew nobody.]",
        "One {weather} {weekday} {he} met {friend} near the {place}.",
        '"[Do you want to play|Will you play] {game}?" asked {friend}.',
        "They played until it [was dark|got dark], and {hero} [won once|lost every time and laughed].",
        "From that day on they met every {weekday}.",
    ),
    "trapped": (
        "[On the way to the {place} {hero} heard {a animal}.|{Hero} was walking to the {place} when {he} found {a animal}.]",
        "It was [caught in a net|stuck in the mud|sitting in a deep hole] and could not get out.",
        '"[Do not be afraid|Keep still]," said {hero} and [cut it free|pulled with all {his} strength].',
        "The {animal} looked at {him} and ran away.",
        "A week later {hero} [got lost in the fog|could not find the way in the snow], and the {animal} "
        "[showed {him} the way|led {him}] home.",
    ),
    "cook": (
        "[{Hero} wanted to make {dish} for {his} {relative}.|{Hero} made {dish}, for it was the birthday of {his} {relative}.]",
        "But there was [no salt|no milk|no fire] in the kitchen.",
        "So {he} asked {friend}, who [lived next door|had a big garden].",
        "{Friend} brought what was missing and [stayed to help|washed the bowls].",
        "The meal was so good that nobody left the table until {hour} o'clock.",
    ),
    "storm": (
        "[It was a [dark|windy|stormy|rainy] evening, and {hero} sat at home with {his} {pet}.|"
        "{Hero} and {his} {pet} were alone in the house when a storm came up.]",
        "Suddenly there was a loud noise [outside|on the roof].",
        "{Hero} was afraid, but the {pet} [slept on|did not even look up].",
        "{He} took a lamp and opened the door.",
        "It was only {friend}, who had brought {a thing} as a present.",
    ),
    "contest": (
        "[There was a contest at the {place}, and the prize was {a thing}.|"
        "{Hero} wanted to win the {thing} in the contest at the {place}.]",
        "{Hero} [was the smallest of all|had never won anything].",
        "{He} practised every day, and {his} {relative} helped {him}.",
        "On {weekday} {he} [came first|was faster than all the others].",
        "{He} gave the {thing} to {his} {relative}, who was very proud.",
    ),
    "seed": (
        "[{Hero} found a small seed near the {place}.|{Friend} gave {hero} a seed that nobody knew.]",
        "{He} put it in the ground and watered it every {weekday}.",
        "[For weeks nothing happened.|Everybody said that nothing would ever grow there.]",
        "Then, one {weather} morning, there was a green leaf.",
        "Today it is a tall tree, and {hero} sits under it with {friend}.",
    ),
    "quarrel": (
        "[{Hero} and {friend} both wanted the {thing}.|There was only one {thing}, but {hero} and {friend} both wanted it.]",
        "They pulled until it [fell down|broke].",
        "Then they sat by the {place} and did not speak.",
        '"I am sorry," said {hero} [at last|in the end].',
        "They mended the {thing} together, and now it belongs to both.",
    ),
    "box": (
        "[{Hero} found a box near the {place}.|One {weekday} a box stood at the door of {hero}.]",
        "It was [closed|heavy], and there was no name on it.",
        "{Hero} [shook it|listened], and something inside moved.",
        "When {he} opened it, a little {pet} looked at {him}.",
        "{Hero} kept it, and the box became its bed.",
    ),
    "river": (
        "[{Hero} and {friend} wanted to cross the river near the {place}.|"
        "There was no bridge where {hero} and {friend} wanted to cross the river.]",
        "The water was [cold|deep|wild], and they had no boat.",
        "[{Friend} wanted to turn back.|{Friend} was afraid.]",
        "But {hero} laid a long board from stone to stone and [went first|took {friend} by the hand].",
        "On the other side they ate {dish} and laughed about it.",
    ),
    "school": (
        "[{Hero} did not like school, because {he} could not read well.|"
        "Reading was hard for {hero}, and the others were faster.]",
        "One day {he} found an old book at the {place}.",
        "It was about {a animal} that could talk, and {hero} wanted to know how it ended.",
        "{He} read a page every evening with {his} {relative}.",
        "When {he} came to the last page, {he} read it aloud to everybody, and {friend} asked for the next book.",
    ),
    "market": (
        "[{Hero} went to the market to sell {a thing}.|The {relative} of {hero} sent {him} to the market with {a thing}.]",
        "Nobody wanted it, and it was getting [cold|late].",
        "Then an old man came who had [no money|nothing to give] but some {dish}.",
        "{Hero} gave him the {thing} [and sat down with him|for nothing].",
        "The man was the king, and on {weekday} a letter with [gold|thanks] came from the castle.",
    ),
    "snow": (
        "[The first snow fell in the night, and {hero} ran out.|When {hero} woke up, everything was white with snow.]",
        "{He} and {friend} made a man of snow near the {place}.",
        "They gave him an old hat and {a thing}.",
        "In the night {a animal} came and [slept beside him|took the hat].",
        "In spring the man of snow was gone, but {hero} [never forgot him|kept the {thing}].",
    ),
    "song": (
        "[Every evening {hero} heard a song from the {place}.|There was a song in the air near the {place}, and {hero} "
        "heard it every evening.]",
        "Nobody knew who sang it.",
        "One {weather} evening {he} [followed it|went there with a lamp].",
        "There sat {friend}, who [was too shy|did not dare] to sing before others.",
        "{Hero} sat down and sang along, and on {weekday} they sang together for the whole village.",
    ),
    "key": (
        "[{Hero} had found a key that fitted no door.|The {relative} of {hero} had left {him} an old key.]",
        "{He} tried it at home, at school and at the {place}.",
        '{Friend} said: "[Throw it away.|It is good for nothing.]"',
        "But on {weekday} {hero} saw a small door behind the {place}, and the key turned.",
        "Inside there was a garden, and in it {a animal} that was not afraid of anybody.",
    ),
    "race": (
        '[{A animal} and {a pet} wanted to know who was faster.|"I am the fastest of all," said {a animal} to {a pet}.]',
        "They ran from the {place} to the old tree.",
        "The {animal} was so sure of itself that it [lay down to sleep|stopped to eat].",
        "The {pet} went on, step by step.",
        "When the {animal} looked up, the {pet} was sitting under the tree.",
    ),
}
ABOUT = {  # what a story of the plot can be said to be about
    "lost": "[{hero} and {a thing}|{a thing} that gets lost|{a animal} that finds {a thing}]",
    "friend": "[{hero} and {friend}|{hero} who finds a friend|a new friend called {friend}]",
    "trapped": "[{hero} and {a animal}|{hero} who helps {a animal}|{a animal} near the {place}]",
    "cook": "[{hero} and {dish}|{hero} who makes {dish}|a meal for {a relative}]",
    "storm": "[{hero}, {a pet} and a noise|a stormy evening with {hero}|{hero} who is afraid]",
    "contest": "[a contest at the {place}|{hero} who wins {a thing}|{hero} and a contest]",
    "seed": "[{hero} and a seed|a seed and a tree|a tree that {hero} plants]",
    "quarrel": "[a quarrel about {a thing}|{hero}, {friend} and {a thing}|two friends and {a thing}]",
    "box": "[{hero} and a box|a box with {a pet} in it|{a pet} in a box]",
    "river": "[{hero} and {friend} at a river|a river without a bridge|two friends who cross a river]",
    "school": "[{hero} who learns to read|{hero} and an old book|a book about {a animal}]",
    "market": "[{hero} at the market|{hero} who gives away {a thing}|a king and {a thing}]",
    "snow": "[{hero} and the first snow|a man of snow|{hero}, {friend} and the snow]",
    "song": "[a song near the {place}|{friend} who is too shy to sing|{hero} and a song]",
    "key": "[{hero} and a key|an old key|a hidden garden]",
    "race": "[{a animal} and {a pet}|a race from the {place}|{a pet} that wins a race]",
}
WRITE = phrase(
    "[Write a [short |]story about {about}.|Tell me a [short |little |]story about {about}.|"
    "Please write a story about {about}.|I would like a short story about {about}.|"
    "Can you tell me a story about {about}?|Make up a story about {about}.|A story about {about}, please.|"
    "My {relative} wants to hear a story about {about}.]"
)
CONTINUE = phrase(
    "[Continue this story: {opening}|Go on with this story: {opening}|How does this story go on? {opening}|"
    "{opening} Please continue.|My story begins like this: {opening} What happens next?|"
    "Finish this story: {opening}|{opening} How does it go on?|Please write the rest of this story: {opening}|"
    "{opening} And then?|Here is the beginning of a story: {opening} Tell me the rest.]"
)


def write(draw: Draw, world: World) -> Pair:
    plot = draw.choice(list(PLOTS))
    slots = cast(draw, world)
    beats = [phrase(beat).write(draw, slots) for beat in _shortened(draw, plot)]
    if draw.flag(0.55):
        given = draw.choice((1, 2), weights=(2, 1))
        asked = CONTINUE.write(draw, {"opening": " ".join(beats[:given])})
        return pair("story", asked, " ".join(beats[given:]), plot=plot, form="continue")
    asked = WRITE.write(draw, slots | {"about": phrase(ABOUT[plot]).write(draw, slots)})
    return pair("story", asked, " ".join(beats), plot=plot, form="write")


def cast(draw: Draw, world: World) -> dict[str, str]:
    """Who and what the story is about; names and animals are seen ones."""
    slots = {name: draw.choice(words) for name, words in WORDS.items()}
    slots["hero"], slots["friend"] = draw.sample(seen.names(world, tuple(NAMES)), 2)
    slots["he"], slots["him"], slots["his"] = pronouns(slots["hero"])
    slots["animal"] = draw.choice(seen.names(world, ANIMALS))
    slots["pet"] = draw.choice([pet for pet in seen.names(world, PETS) if pet != slots["animal"]])
    return slots


def _shortened(draw: Draw, plot: str) -> tuple[str, ...]:
    """Now and then without the middle beat, where no other needs it."""
    beats = PLOTS[plot]
    can_be_short = plot in ("lost", "seed", "contest", "box", "school", "song")
    return beats[:2] + beats[3:] if can_be_short and draw.flag(0.4) else beats
