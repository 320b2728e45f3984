"""Stories and chats to go on with."""

from data.judge.prompt import Prompt
from data.synthetic.draw import Draw
from data.synthetic.facts import World, held_out
from data.synthetic.grammar import phrase
from data.synthetic.names import NAMES, pronouns
from data.synthetic.relations import question, statement
from data.synthetic.slots import WORDS
from eval.prompts.chosen import entity, in_turn
from eval.prompts.facts import STEMS

STORIES, CHATS = 60, 150

OPENINGS = (
    "{Hero} had never seen {a animal} before.",
    "On a {weather} {weekday} {hero} went to the {place} to look for {his} {thing}.",
    "Behind the {place} there lived an old {animal} that was afraid of everybody.",
    "{Hero} and {his} {relative} were eating {dish} when somebody knocked.",
    "Every evening at {hour} {a animal} came to the house of {hero}.",
    "When {hero} opened the box, there was {a thing} inside, and {he} did not know why.",
    "The {trade} had told {hero} not to go near the {place}.",
    "Nobody believed {hero} when {he} said that the {animal} could count.",
    "{Hero} wanted to sail away with {a animal} and {a thing}.",
    "It rained for ten days, and {hero} had to row to the {place}.",
    "{Hero} made {dish} for the first time in {his} life.",
    "Long before the {place} was built, {a animal} lived there alone.",
)
CHATS_OF_FOUR = (
    "hi {you} // hi {me}, how are you? // fine, thanks. {question} // {statement}",
    "{question} // I think it is {answer} // are you sure? // yes, I looked it up on {weekday}",
    "are you coming to the {place}? // maybe, what time? // at {hour} // ok, I will bring my {thing}",
    "Hello, {you}. Did you find your {thing}? // No, I looked everywhere. // Even near the {place}? // Not yet.",
    "what are you cooking? // {dish} // again? // yes, my {relative} loves it",
    "I had a test today: {question} // {answer} // Right! I did not know it. // You will remember it now.",
)


def story_openings(world: World) -> list[Prompt]:
    """60 first sentences of stories about people and animals that no pair tells of."""
    names = [name for name in NAMES if held_out(name)]
    animals = [row["name"] for row in world.table("animals") if held_out(row["name"])]
    found = []
    for i in range(STORIES):
        draw, hero = Draw(0, f"opening/{i}"), names[i % len(names)]
        he, _, his = pronouns(hero)[:3]
        slots = {"hero": hero, "he": he, "his": his, "animal": draw.choice(animals)} | _words(draw)
        opening = phrase(OPENINGS[i % len(OPENINGS)]).plain(slots)
        found.append(Prompt(opening, "story", hero, held_out=True, entity="held-out"))
    return found


def chat_prefixes(world: World) -> list[Prompt]:
    """150 chat logs of four turns, each ended by a newline, so that whoever speaks next is open."""
    facts = in_turn(world, lambda fact: True)
    found = []
    for i in range(CHATS):
        draw, fact = Draw(0, f"chat/{i}"), facts[STEMS + i]
        me, you = draw.sample(NAMES, 2)
        slots = {"me": me, "you": you, "question": question(fact, i), "statement": statement(fact, i),
                 "answer": fact.object} | _words(draw)  # fmt: skip
        turns = phrase(CHATS_OF_FOUR[i % len(CHATS_OF_FOUR)]).plain(slots).split(" // ")
        text = "".join(f"{(me, you)[n % 2]}: {turn}\n" for n, turn in enumerate(turns))
        hidden = held_out(fact.subject)
        found.append(Prompt(text, "chat", fact.subject, fact.relation, held_out=hidden, entity=entity(fact)))
    return found


def _words(draw: Draw) -> dict[str, str]:
    return {name: draw.choice(words) for name, words in WORDS.items()}
