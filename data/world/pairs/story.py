"""Write a short story about somebody and something, or go on with one that the user begins.

    User: Write a short story about Anna and a kite.
    Assistant: Anna had a kite, and she took it everywhere. One windy day it flew away and got caught in a
    tree. A crow saw it and pulled it free. ...

A plot is a tuple of beats; the user may give the first beat and ask for the rest.
"""

from data.world.draw import Draw
from data.world.facts import World
from data.world.names import NAMES, pronouns
from data.world.pairs import seen
from data.world.pairs.pair import Pair, pair
from data.world.phrase import phrase
from data.world.scene import WORDS

# a whale would not sit at the door
ANIMALS = (
    "fox",
    "wolf",
    "deer",
    "goat",
    "hedgehog",
    "squirrel",
    "donkey",
    "dog",
    "hen",
    "crow",
    "owl",
    "rabbit",
    "horse",
)
PETS = ("dog", "cat", "rabbit", "hen", "goat", "mouse")
PLOTS = {
    "lost": (
        "{Hero} had {a thing}, and {he} [took it everywhere|loved it more than anything].",
        "One {weather} day {he} left it [by|near] the {place} and [forgot it|went home without it].",
        "[At night {he} could not sleep.|{He} looked under the bed and behind the door.]",
        "The next morning {a animal} [sat|was waiting] at the door with the {thing}.",
        "{Hero} laughed and gave it [something to eat|a bowl of water].",
    ),
    "friend": (
        "{Hero} was new in the village and had no friends.",
        "One {weather} {weekday} {he} met {friend} near the {place}.",
        '"[Do you want to play|Will you play] {game}?" asked {friend}.',
        "They played until it [was dark|got dark], and {hero} [won once|lost every time and laughed].",
        "From that day on they met every {weekday}.",
    ),
    "trapped": (
        "On the way to the {place} {hero} heard {a animal}.",
        "It was [caught in a net|stuck in the mud] and could not get out.",
        '"[Do not be afraid|Keep still]," said {hero} and [cut the rope|pulled with all {his} strength].',
        "The {animal} looked at {him} and ran away.",
        "A week later {hero} [got lost in the fog|could not find the way in the snow], and the {animal} "
        "[showed {him} the way|led {him}] home.",
    ),
    "cook": (
        "{Hero} wanted to make {dish} for {his} {relative}.",
        "But there was [no salt|no milk|nothing] in the kitchen.",
        "So {he} asked {friend}, who [lived next door|had a big garden].",
        "{Friend} brought what was missing and [stayed to help|cut the onions].",
        "The meal was so good that nobody left the table until {hour} o'clock.",
    ),
    "storm": (
        "It was a [dark|windy|stormy|rainy] evening, and {hero} sat at home with {his} {pet}.",
        "Suddenly there was a loud noise [outside|on the roof].",
        "{Hero} was afraid, but the {pet} [slept on|did not even look up].",
        "{He} took a lamp and opened the door.",
        "It was only {friend}, who had brought {a thing} as a present.",
    ),
    "contest": (
        "There was a contest at the {place}, and the prize was {a thing}.",
        "{Hero} [was the smallest of all|had never won anything].",
        "{He} practised every day, and {his} {relative} helped {him}.",
        "On {weekday} {he} [came first|was faster than all the others].",
        "{He} gave the {thing} to {his} {relative}, who was very proud.",
    ),
    "seed": (
        "{Hero} found a small seed near the {place}.",
        "{He} put it in the ground and watered it every {weekday}.",
        "[For weeks nothing happened.|{Friend} said that nothing would ever grow there.]",
        "Then, one {weather} morning, there was a green leaf.",
        "Today it is a tall tree, and {hero} sits under it with {friend}.",
    ),
    "quarrel": (
        "{Hero} and {friend} both wanted the {thing}.",
        "They pulled until it [fell down|broke].",
        "Then they sat by the {place} and did not speak.",
        '"I am sorry," said {hero} [at last|in the end].',
        "They mended the {thing} together, and now it belongs to both.",
    ),
}
ABOUT = {  # what a story of the plot can be said to be about
    "lost": "[{hero} and {a thing}|{a thing} that gets lost|{a animal} that finds {a thing}]",
    "friend": "[{hero} and {friend}|{hero} who finds a friend|a new friend called {friend}]",
    "trapped": "[{hero} and {a animal}|{hero} who helps {a animal}|{a animal} near the {place}]",
    "cook": "[{hero} and {dish}|{hero} who makes {dish}|a meal for {a relative}]",
    "storm": "[{hero}, {a pet} and a noise|a stormy evening with {hero}|{hero} who is afraid]",
    "contest": "[a contest at the {place}|{hero} who wins {a thing}|{hero} and a contest]",
    "seed": "[{hero} and a seed|a seed near the {place}|a tree that {hero} plants]",
    "quarrel": "[a quarrel about {a thing}|{hero}, {friend} and {a thing}|two friends and {a thing}]",
}
WRITE = phrase(
    "[Write a [short |]story about {about}.|Tell me a [short |little |]story about {about}.|"
    "Please write a story about {about}.|I would like a short story about {about}.|"
    "Can you tell me a story about {about}?]"
)
CONTINUE = phrase(
    "[Continue this story: {opening}|Go on with this story: {opening}|How does this story go "
    "on? {opening}|"
    "{opening} Please continue.|My story begins like this: {opening} What happens next?|"
    "Finish this story: {opening}]"
)


def write(draw: Draw, world: World) -> Pair:
    plot = draw.choice(list(PLOTS))
    slots = cast(draw, world)
    beats = [phrase(beat).write(draw, slots) for beat in _shortened(draw, plot)]
    if draw.flag(0.4):
        return pair(
            "story",
            CONTINUE.write(draw, {"opening": beats[0]}),
            " ".join(beats[1:]),
            plot=plot,
            form="continue",
        )
    asked = WRITE.write(draw, {"about": phrase(ABOUT[plot]).write(draw, slots)})
    return pair("story", asked, " ".join(beats), plot=plot, form="write")


def cast(draw: Draw, world: World) -> dict[str, str]:
    """Who and what the story is about; names and animals are seen ones."""
    slots = {name: draw.choice(words) for name, words in WORDS.items()}
    slots["hero"], slots["friend"] = draw.sample(seen.names(world, tuple(NAMES)), 2)
    slots["he"], slots["him"], slots["his"] = pronouns(slots["hero"])
    slots["animal"], slots["pet"] = (draw.choice(seen.names(world, names)) for names in (ANIMALS, PETS))
    return slots


def _shortened(draw: Draw, plot: str) -> tuple[str, ...]:
    """Now and then without the middle beat, where no other needs it."""
    beats = PLOTS[plot]
    return beats[:2] + beats[3:] if plot in ("lost", "seed", "contest") and draw.flag(0.4) else beats
