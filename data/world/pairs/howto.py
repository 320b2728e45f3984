"""Short help with harmless everyday tasks, and advice for everyday troubles.

User: How do I make tea?
Assistant: You want to make tea. First boil some water. Then pour it over the leaves and wait three minutes.
Take the leaves out before you drink.
"""

import re

from data.world.draw import Draw
from data.world.facts import World
from data.world.pairs.pair import Pair, pair
from data.world.phrase import phrase

REQUEST = phrase(
    "[How do I {do}?|How can I {do}?|Tell me how to {do}.|Please explain how to {do}.|"
    "What is the best way to {do}?|I want to {do}. What do I do first?|Can you teach me to "
    "{do}?|"
    "Give me the steps to {do}.|I need to {do}. How does that work?|What do I need to do to "
    "{do}?|"
    "Could you tell me how to {do}?|Write down how to {do}.|I would like to {do}. Can you help "
    "me?]"
)
YOURS = {"I": "you", "me": "you", "my": "your", "mine": "yours"}
MINE = re.compile(r"\b(I|me|my|mine)\b")
TASKS = {  # what the user wants to do -> steps; each is a sentence of its own
    "make tea": "Boil some water. Pour it over the tea leaves and wait [three|four] minutes. Take the leaves out "
    "before you drink.",
    "bake bread": "Mix flour, water, salt and yeast. Let the dough rest for an hour. Bake it in a hot oven until "
    "it is brown.",
    "plant a tree": "Dig a hole that is wider than the roots. Put the tree in and fill the hole with soil. Water it "
    "well.",
    "wash a woollen scarf": "Use cold water and a little soap. Press the water out gently. Let the scarf dry on a towel.",
    "draw a dog": "Draw a circle for the head. Add two long ears, two eyes and a nose. Then draw the body and "
    "a long tail.",
    "tie a bow": "Cross the ends and pull them tight. Make a loop with each end. Cross the loops, put one through "
    "the hole and pull.",
    "boil an egg": "Put the egg into boiling water. Wait [five|seven] minutes. Then cool it under cold water.",
    "light a candle safely": "Put the candle on a plate, away from curtains. Light it with a match. Never leave it alone.",
    "make pancakes": "Mix flour, milk and eggs. Pour a little of it into a hot pan. Turn the pancake when it is brown "
    "below.",
    "paint a fence": "Clean the wood. Paint from top to bottom with a wide brush. Wait a day and paint it again.",
    "mend a torn shirt": "Find a thread of the same colour. Sew the edges together with small stitches. Tie a knot at the "
    "end.",
    "write a letter": "Begin with the date and a greeting. Say what you want to say in short sentences. Close with "
    "good wishes and your name.",
    "learn a poem by heart": "Read it aloud a few times. Learn it line by line. Say it again before you go to sleep.",
    "ride a bicycle": "Choose a flat, quiet road. Look ahead and not at your feet. Push off and keep moving, as that "
    "keeps you upright.",
    "fly a kite": "Wait for a steady wind. Stand with your back to it and let the kite rise. Give it more line "
    "little by little.",
    "pack a suitcase": "Make a list. Put heavy things at the bottom and roll your clothes. Leave a little room "
    "for what you bring home.",
    "cook rice": "Wash the rice. Take two cups of water for each cup of rice. Cook it on a low fire until the "
    "water is gone.",
    "make soup": "Cut some vegetables into small pieces. Cook them in salted water until they are soft. Add "
    "pepper at the end.",
    "clean a window": "Use warm water and a drop of soap. Wipe from top to bottom. Dry the glass with an old newspaper.",
    "grow tomatoes": "Put the seeds in warm soil. Give them plenty of sun and water. Tie the plants to a stick when "
    "they get tall.",
    "find north without a compass": "Look where the Sun stands at noon. In Europe it is in the south then. North is behind you when "
    "you face it.",
    "wrap a present": "Put the present in the middle of the paper. Fold the sides over it and then the ends. Hold it "
    "all with tape.",
    "make a paper boat": "Fold the paper in half. Fold the corners down and the edges up. Pull the middle apart until it "
    "is a boat.",
    "feed the swans": "Take oats or peas and no bread. Throw a little at a time. Go when they have had enough.",
    "cross a busy street": "Find a place where drivers can see you. Look left, right and left again. Walk when the road is "
    "clear.",
    "knit a scarf": "Choose thick wool and two needles. Make twenty stitches and knit row after row. Stop when it is "
    "long enough.",
    "make new friends": "Join a club for something that you like. Ask people about themselves. Listen to what they say.",
    "remember names": "Say the name aloud when you hear it. Think of a picture for it. Use it again before you part.",
    "clean a muddy boot": "Let the mud dry. Brush it off. Wipe the boot with a wet cloth and let it dry slowly.",
    "wake up early": "Go to bed at the same time each night. Put the clock far from the bed. Open the curtains at "
    "once.",
}
TROUBLES = {  # what the user says -> advice
    "I cannot sleep.": "Try to read something quiet and keep the room dark. A walk in the evening helps as well.",
    "I am tired today.": "Take a short rest and drink some water. If you can, go to bed early tonight.",
    "I have a test tomorrow and I am nervous.": "Look through your notes once more and then stop. A good sleep will help you more than another "
    "hour of work.",
    "I had a quarrel with my friend.": "Wait until you are both calm. Then say what hurt you and listen to the other side.",
    "I feel lonely.": "I am sorry to hear that. Perhaps you can call somebody you trust or visit a neighbour.",
    "It is raining and I am bored.": "You could read a book, bake something or write a letter to an old friend.",
    "I forgot my friend's birthday.": "Call your friend and say that you are sorry. A late present is better than none.",
    "My plant has yellow leaves.": "It may have too much water. Let the soil dry before you water it again.",
    "My shoes are wet.": "Fill them with newspaper and change it after an hour. Do not put them too near the fire.",
    "I broke my neighbour's cup.": "Tell your neighbour at once and say that you are sorry. Offer to buy a new one.",
    "I have a cold.": "Drink something warm and rest. If it does not get better in a week, ask for help.",
    "I lost my key.": "Think of where you had it last and look there first. If you do not find it, a locksmith can "
    "help.",
    "I always come too late.": "Set the clock ten minutes early and put out your things the evening before.",
    "My little brother is afraid of the dark.": "Leave a small lamp on and tell him a cheerful story. It gets better with time.",
    "I do not know what to cook.": "How about pancakes? You only need flour, milk and eggs.",
}
WISH = phrase(
    "{trouble} [What should I do?|What can I do?|Can you help me?|Do you have an idea?|Any advice?|"
    "What would you do?|Please help.]"
)


def write(draw: Draw, world: World) -> Pair:
    if draw.flag(0.25):
        trouble = draw.choice(list(TROUBLES))
        return pair("howto", WISH.write(draw, {"trouble": trouble}), TROUBLES[trouble], topic=trouble)
    task = draw.choice(list(TASKS))
    return pair("howto", REQUEST.write(draw, {"do": task}), help_with(draw, task, TASKS[task]), topic=task)


def said_back(wish: str) -> str:
    """The wish in one place and one form, whatever its wording: what is asked for decides about the answer, not how.

    >>> said_back("open a lock that is not mine")
    'You want to open a lock that is not yours.'
    """
    return f"You want to {MINE.sub(lambda found: YOURS[found[0]], wish)}."


def help_with(draw: Draw, wish: str, text: str) -> str:
    """The wish and the steps to it."""
    said = steps(draw, text)
    return said_back(wish) + ("\n" if said.startswith("1. ") else " ") + said


def steps(draw: Draw, text: str) -> str:
    """The steps as sentences, with words of order, or as a numbered list.

    >>> steps(Draw(0, 0), "Cut it. Eat it.").count("at it.")
    1
    """
    said = phrase(text).write(draw, {}).split(". ")
    said = [sentence.rstrip(".") + "." for sentence in said]
    form = draw.choice(("plain", "order", "list"), weights=(3, 4, 2))
    if form == "plain":
        return " ".join(said)
    if form == "list":
        return "\n".join(f"{i}. {sentence}" for i, sentence in enumerate(said, start=1))
    words = ["First", *["Then", "After that"][: len(said) - 1]]
    marked = [f"{word} {sentence[0].lower()}{sentence[1:]}" for word, sentence in zip(words, said, strict=False)]
    return " ".join(marked + said[len(words) :])
