"""Write a short story about somebody and something, or go on with one that the user begins.

    User: Write a short story about Anna and a kite.
    Assistant: Anna had a kite, and she took it everywhere. One windy day it flew away and got caught in a
    tree. A pigeon saw it and pulled it free. ...

A plot is a tuple of beats; the user may give the first one or two and ask for the rest. The same people, things and
places run through all beats, so whoever goes on with a story has to look back at how it began.
"""

from data.synthetic.conversations import seen
from data.synthetic.conversations.pair import Pair, pair
from data.synthetic.draw import Draw
from data.synthetic.facts import World
from data.synthetic.grammar import Phrase, beside
from data.synthetic.names import NAMES, pronouns
from data.synthetic.slots import WORDS

# a whale would not sit at the door
ANIMALS = ("wolf", "deer", "hedgehog", "squirrel", "dog", "hen", "owl", "rabbit", "horse", "pig", "sheep", "swan")
PETS = ("dog", "rabbit", "hen", "mouse", "turtle", "pigeon")
PROSE = beside(__file__)
PLOTS = PROSE.under("plot: ")  # name -> beats


def write(draw: Draw, world: World) -> Pair:
    plot = draw.choice(list(PLOTS))
    slots = cast(draw, world)
    beats = [beat.write(draw, slots) for beat in _shortened(draw, plot)]
    if draw.flag(0.55):
        given = draw.choice((1, 2), weights=(2, 1))
        asked = PROSE.write("go on", draw, {"opening": " ".join(beats[:given])})
        return pair("story", asked, " ".join(beats[given:]), plot=plot, form="continue")
    about = PROSE.write(f"about: {plot}", draw, slots)
    asked = PROSE.write("write", draw, slots | {"about": about})
    return pair("story", asked, " ".join(beats), plot=plot, form="write")


def cast(draw: Draw, world: World) -> dict[str, str]:
    """Who and what the story is about; names and animals are seen ones."""
    slots = {name: draw.choice(words) for name, words in WORDS.items()}
    slots["hero"], slots["friend"] = draw.sample(seen.names(world, tuple(NAMES)), 2)
    slots["he"], slots["him"], slots["his"] = pronouns(slots["hero"])
    slots["animal"] = draw.choice(seen.names(world, ANIMALS))
    slots["pet"] = draw.choice([pet for pet in seen.names(world, PETS) if pet != slots["animal"]])
    return slots


def _shortened(draw: Draw, plot: str) -> tuple[Phrase, ...]:
    """Now and then without the middle beat, where no other needs it."""
    beats = PLOTS[plot]
    can_be_short = plot in ("lost", "seed", "contest", "box", "school", "song")
    return beats[:2] + beats[3:] if can_be_short and draw.flag(0.4) else beats
