"""Say a sentence again in another register; the meaning stays.

User: Make this polite: Close the door.
Assistant: Could you please close the door?
"""

from data.world.draw import Draw
from data.world.facts import World
from data.world.pairs.pair import Pair, pair
from data.world.phrase import phrase
from data.world.scene import WORDS

SLOTS = ("thing", "place", "dish", "weekday", "relative", "hour", "game")
WISHES = {
    "formal": phrase(
        "[Rewrite this in a formal way: {text}|Make this formal: {text}|Say this formally: "
        "{text}|"
        "How would I write this in a formal letter? {text}|Put this into formal words: {text}]"
    ),
    "casual": phrase(
        "[Rewrite this in a casual way: {text}|Make this casual: {text}|"
        "How would I say this to a friend? {text}|Say this in a relaxed way: {text}]"
    ),
    "polite": phrase(
        "[Make this polite: {text}|Rewrite this politely: {text}|Say this more politely: {text}|"
        "How can I say this in a polite way? {text}|This sounds rude. Please make it polite: "
        "{text}]"
    ),
    "short": phrase(
        "[Make this shorter: {text}|Say this in a few words: {text}|Shorten this: {text}|"
        "Rewrite this as a short note: {text}]"
    ),
}
# the same message in several registers; "plain" is only ever the source
MESSAGES = (
    {
        "plain": "I will be late on {weekday}.",
        "formal": "I regret to inform you that I shall arrive late on {weekday}.",
        "casual": "Hey, I'll be a bit late on {weekday}!",
        "polite": "I am sorry, but I will be late on {weekday}.",
        "short": "Late on {weekday}.",
    },
    {
        "plain": "Give me back my {thing}.",
        "formal": "I kindly request that you return my {thing}.",
        "casual": "Hey, can I have my {thing} back?",
        "polite": "Could you please give me back my {thing}?",
        "short": "My {thing}, please.",
    },
    {
        "plain": "I cannot come to the {place} on {weekday}.",
        "formal": "I regret that I am unable to come to the {place} on {weekday}.",
        "casual": "Sorry, can't make it to the {place} on {weekday}!",
        "polite": "I am very sorry, but I cannot come to the {place} on {weekday}.",
        "short": "Not coming on {weekday}.",
    },
    {
        "plain": "Bring the {dish} at {hour}.",
        "formal": "We request that the {dish} be served at {hour} o'clock.",
        "casual": "Can you bring the {dish} at {hour}?",
        "polite": "Would you please bring the {dish} at {hour}?",
        "short": "{Dish} at {hour}, please.",
    },
    {
        "plain": "Your {relative} called me today.",
        "formal": "I wish to inform you that your {relative} telephoned today.",
        "casual": "Hey, your {relative} rang today!",
        "polite": "May I tell you that your {relative} called today?",
        "short": "Your {relative} called.",
    },
    {
        "plain": "I lost my {thing} near the {place}.",
        "formal": "I have unfortunately mislaid my {thing} near the {place}.",
        "casual": "Oh no, I lost my {thing} near the {place}!",
        "polite": "Excuse me, I have lost my {thing} near the {place}.",
        "short": "Lost near the {place}: my {thing}.",
    },
    {
        "plain": "Come to the {place} at {hour}.",
        "formal": "You are requested to come to the {place} at {hour} o'clock.",
        "casual": "See you at the {place} at {hour}!",
        "polite": "Would you please come to the {place} at {hour}?",
        "short": "The {place}, {hour} o'clock.",
    },
    {
        "plain": "Thank you for the {dish}.",
        "formal": "Please accept my sincere thanks for the {dish}.",
        "casual": "Thanks for the {dish}!",
        "polite": "Thank you very much for the {dish}. It was very kind of you.",
        "short": "Thanks for the {dish}.",
    },
    {
        "plain": "The game of {game} on {weekday} is cancelled.",
        "formal": "We regret to announce that the game of {game} on {weekday} has been cancelled.",
        "casual": "Too bad, no {game} on {weekday}!",
        "polite": "I am sorry to tell you that there will be no {game} on {weekday}.",
        "short": "No {game} on {weekday}.",
    },
    {
        "plain": "Tell me where the {place} is.",
        "formal": "I should be obliged if you would direct me to the {place}.",
        "casual": "Hey, where's the {place}?",
        "polite": "Excuse me, could you please tell me where the {place} is?",
        "short": "Where is the {place}?",
    },
    {
        "plain": "I want to buy your {thing}.",
        "formal": "I should like to enquire whether your {thing} is for sale.",
        "casual": "I love your {thing}. Want to sell it?",
        "polite": "Would you perhaps sell me your {thing}?",
        "short": "{Thing} for sale?",
    },
    {
        "plain": "My {relative} is ill, so I must stay at home.",
        "formal": "As my {relative} has fallen ill, I am obliged to remain at home.",
        "casual": "My {relative} is ill, so I'm stuck at home.",
        "polite": "I am sorry, but I have to stay at home, as my {relative} is ill.",
        "short": "{Relative} ill, staying home.",
    },
    {
        "plain": "Stop making noise near the {place}.",
        "formal": "You are requested to refrain from noise near the {place}.",
        "casual": "Hey, can you keep it down near the {place}?",
        "polite": "Would you mind being a little quieter near the {place}?",
        "short": "Quiet near the {place}, please.",
    },
    {
        "plain": "I like the new {thing} very much.",
        "formal": "I am most pleased with the new {thing}.",
        "casual": "Wow, the new {thing} is great!",
        "polite": "Thank you, I like the new {thing} very much.",
        "short": "Great {thing}!",
    },
    {
        "plain": "Help me to carry the {thing} to the {place}.",
        "formal": "I would be grateful for your assistance in carrying the {thing} to the {place}.",
        "casual": "Can you give me a hand with the {thing}? It has to go to the {place}.",
        "polite": "Could you please help me to carry the {thing} to the {place}?",
        "short": "Help with the {thing}, please.",
    },
    {
        "plain": "Tell your {relative} that the {dish} is ready.",
        "formal": "Kindly inform your {relative} that the {dish} has been served.",
        "casual": "Hey, tell your {relative} the {dish} is ready!",
        "polite": "Could you please tell your {relative} that the {dish} is ready?",
        "short": "{Dish} is ready.",
    },
    {
        "plain": "The {place} is closed on {weekday}.",
        "formal": "Please note that the {place} remains closed on {weekday}.",
        "casual": "Just so you know, no {place} on {weekday}!",
        "polite": "I am sorry to say that the {place} is closed on {weekday}.",
        "short": "{Place} closed on {weekday}.",
    },
    {
        "plain": "I forgot to bring your {thing}.",
        "formal": "I must apologise for having forgotten your {thing}.",
        "casual": "Oops, I forgot your {thing}!",
        "polite": "I am very sorry that I forgot to bring your {thing}.",
        "short": "Forgot your {thing}, sorry.",
    },
    {
        "plain": "Let us play {game} on {weekday}.",
        "formal": "I should like to invite you to a game of {game} on {weekday}.",
        "casual": "Fancy some {game} on {weekday}?",
        "polite": "Would you like to play {game} with me on {weekday}?",
        "short": "{Game} on {weekday}?",
    },
    {
        "plain": "Wait for me at the {place} until {hour}.",
        "formal": "You are asked to await me at the {place} until {hour} o'clock.",
        "casual": "Wait for me at the {place} till {hour}, ok?",
        "polite": "Would you be so kind as to wait for me at the {place} until {hour}?",
        "short": "Wait at the {place} until {hour}.",
    },
    {
        "plain": "The {dish} was too salty.",
        "formal": "I regret to say that the {dish} contained too much salt.",
        "casual": "Phew, that {dish} was salty!",
        "polite": "The {dish} was good, but perhaps a little too salty.",
        "short": "{Dish} too salty.",
    },
    {
        "plain": "Show me the {thing} that you made.",
        "formal": "I would be honoured to see the {thing} that you have made.",
        "casual": "Come on, let me see the {thing} you made!",
        "polite": "May I please see the {thing} that you made?",
        "short": "The {thing}, please.",
    },
    {
        "plain": "My {relative} wants to meet you at the {place}.",
        "formal": "My {relative} wishes to make your acquaintance at the {place}.",
        "casual": "My {relative} wants to see you at the {place}!",
        "polite": "My {relative} would be glad to meet you at the {place}.",
        "short": "Meet my {relative} at the {place}.",
    },
)


def write(draw: Draw, world: World) -> Pair:
    message = draw.choice(MESSAGES)
    target = draw.choice(list(WISHES))
    source = draw.choice([name for name in message if name not in (target, "short")], _plain_first(message, target))
    slots = {slot: draw.choice(WORDS[slot]) for slot in SLOTS if f"{{{slot}}}" in str(message).lower()}
    text, answer = (phrase(message[name]).plain(slots) for name in (source, target))
    return pair("rewrite", WISHES[target].write(draw, {"text": text}), answer, register=target, source=source)


def _plain_first(message: dict, target: str) -> list[int]:
    return [4 if name == "plain" else 1 for name in message if name not in (target, "short")]
