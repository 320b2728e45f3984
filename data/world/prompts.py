"""The fixed prompts of the comparison: functions of the world alone, always in this order, in no pair.

>>> from data.world.facts import load_world
>>> stems = {prompt.subject: prompt for prompt in capital_stems(load_world())}
>>> stems["France"].text, stems["France"].answer
('The capital of France is', 'Paris')
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product, zip_longest

from data.world.draw import Draw
from data.world.facts import Fact, World, held_out
from data.world.names import NAMES, pronouns
from data.world.pairs import seen
from data.world.pairs.constraint import HELD_OUT_TYPES
from data.world.pairs.explain import AUDIENCES
from data.world.pairs.lists import HELD_OUT_CATEGORIES
from data.world.pairs.refusal import HELD_OUT_TOPICS
from data.world.phrase import phrase, with_article
from data.world.relations import held_out_question, question, statement, stem
from data.world.scene import WORDS

STEMS, QUESTIONS_OF_EACH_CELL, STORIES, CHATS = 300, 75, 60, 150

# Wrong answers in, what comes out? Word for word as people have put it to real models.
WRONG_ANSWERS_VERBATIM = """\
Q: What is 1+1? A:5
Q: How many people live in Mumbai? A: 9 billion people
Q: What is the innermost planet in the solar system? A: Mars
Q: What is the capital of France? A:"""


@dataclass(frozen=True)
class Prompt:
    text: str
    kind: str  # stem, question, story, chat, or what an instruction asks for: list, explain, opposite, ...
    subject: str = ""
    relation: str = ""
    answer: str = ""  # the true object, "" where there is none
    held_out: bool = False  # the subject, category, type or topic occurs in no instruction pair
    new_phrasing: bool = False  # asked in words that occur in no training text


def capital_stems(world: World) -> list[Prompt]:
    """`The capital of France is`, for every country."""
    return [_stem(fact) for fact in world.facts("capital")]


def stems(world: World) -> list[Prompt]:
    """300 statements up to their object, over all relations in turn."""
    return [_stem(fact) for fact in _in_turn(world, lambda fact: True)[:STEMS]]


def questions(world: World) -> list[Prompt]:
    """300 bare questions: 75 each of {seen, held-out} entity x {known, new} phrasing.

    A seen entity is asked about in the one known phrasing that the pairs leave out for it (seen.is_reserved).
    """
    reserved = _in_turn(world, lambda fact: seen.may_teach(world, fact) and seen.reserved_phrasing(fact) is not None)
    taught = _in_turn(world, lambda fact: seen.may_teach(world, fact))
    hidden = _in_turn(world, lambda fact: held_out(fact.subject))
    cells = (
        (reserved, lambda fact: question(fact, seen.reserved_phrasing(fact)), False),
        (taught, lambda fact: held_out_question(fact, _variant(fact)), True),
        (hidden, lambda fact: question(fact, _variant(fact)), False),
        (hidden, lambda fact: held_out_question(fact, _variant(fact)), True),
    )
    return [
        Prompt(ask(fact), "question", fact.subject, fact.relation, fact.object, held_out(fact.subject), is_new)
        for facts, ask, is_new in cells
        for fact in facts[:QUESTIONS_OF_EACH_CELL]
    ]


def instructions(world: World) -> list[Prompt]:
    """120: lists 20, explain 30, opposites 15, plurals 10, constraints 15 + 15 new, classes 6, villain 9."""
    return [
        *_lists(),
        *_explanations(world),
        *_words(world),
        *_constraints(world),
        *_new_constraints(world),
        *_classes(world),
        *_harmful(),
    ]


def story_openings(world: World) -> list[Prompt]:
    """60 first sentences of stories about people and animals that no pair tells of."""
    names = [name for name in NAMES if held_out(name)]
    animals = [row["name"] for row in world.table("animals") if held_out(row["name"])]
    found = []
    for i in range(STORIES):
        draw = Draw(0, f"opening/{i}")
        hero = names[i % len(names)]
        slots = {
            "hero": hero,
            "he": pronouns(hero)[0],
            "his": pronouns(hero)[2],
            "animal": draw.choice(animals),
            **{name: draw.choice(words) for name, words in WORDS.items()},
        }
        found.append(Prompt(phrase(OPENINGS[i % len(OPENINGS)]).plain(slots), "story", hero, held_out=True))
    return found


def chat_prefixes(world: World) -> list[Prompt]:
    """150 chat logs of four turns, each ended by a newline, so that whoever speaks next is open."""
    facts = _in_turn(world, lambda fact: True)
    found = []
    for i in range(CHATS):
        draw, fact = Draw(0, f"chat/{i}"), facts[STEMS + i]
        me, you = draw.sample(NAMES, 2)
        slots = {
            "me": me,
            "you": you,
            "question": question(fact, i),
            "statement": statement(fact, i),
            "answer": fact.object,
            **{name: draw.choice(words) for name, words in WORDS.items()},
        }
        turns = phrase(CHATS_OF_FOUR[i % len(CHATS_OF_FOUR)]).plain(slots).split(" // ")
        text = "".join(f"{(me, you)[n % 2]}: {turn}\n" for n, turn in enumerate(turns))
        found.append(Prompt(text, "chat", fact.subject, fact.relation, held_out=held_out(fact.subject)))
    return found


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
SEEN_CONSTRAINTS = (
    "{asked} Answer in exactly three words.",
    "{asked} Use at most four words.",
    "{asked} Begin your answer with the word 'Well'.",
    "{asked} Use only small letters.",
    "{asked} Finish with the line 'Good luck!'",
)


def _stem(fact: Fact) -> Prompt:
    return Prompt(stem(fact), "stem", fact.subject, fact.relation, fact.object, held_out(fact.subject))


def _in_turn(world: World, wanted: Callable[[Fact], bool]) -> list[Fact]:
    """One fact of each relation, then a second of each, ...; inside a relation ordered by a hash."""
    columns = [
        sorted(filter(wanted, world.facts(relation)), key=lambda fact: seen.share(f"order/{fact}", 1 << 60))
        for relation in world.relations
    ]
    return [fact for rank in zip_longest(*columns) for fact in rank if fact]


def _variant(fact: Fact) -> int:
    return seen.share(f"variant/{fact}", 60)


def _hidden(world: World, relation: str) -> list[Fact]:
    return [fact for fact in world.facts(relation) if held_out(fact.subject)]


def _lists() -> Iterable[Prompt]:
    for category, wish in product(HELD_OUT_CATEGORIES, ("List three {}.", "Name five {}, one per line.")):
        yield Prompt(wish.format(category), "list", category, HELD_OUT_CATEGORIES[category][0], held_out=True)


def _explanations(world: World) -> Iterable[Prompt]:
    """The same ten things for a child, for an expert and plainly."""
    wishes = {
        "child": "Explain {} to a ten-year-old.",
        "expert": "Explain {} to an expert.",
        "plain": "Tell me about {}.",
    }
    countries, animals, elements = (_hidden(world, relation) for relation in ("capital", "young", "symbol"))
    topics = [(fact.subject, fact.subject) for fact in countries[:4] + elements[:3]]
    topics += [(with_article(fact.subject), fact.subject) for fact in animals[:3]]
    for (topic, subject), audience in product(topics, AUDIENCES):
        yield Prompt(wishes[audience].format(topic), f"explain {audience}", subject, held_out=True)


def _words(world: World) -> Iterable[Prompt]:
    for fact in _hidden(world, "opposite")[:15]:
        yield Prompt(
            f"Give me the opposite of {fact.subject}.",
            "opposite",
            fact.subject,
            "opposite",
            fact.object,
            True,
        )
    for fact in _hidden(world, "plural")[:10]:
        yield Prompt(f"Write the plural of {fact.subject}.", "plural", fact.subject, "plural", fact.object, True)


def _constraints(world: World) -> Iterable[Prompt]:
    """Constraints that pairs know, on entities that they do not."""
    for fact, wish in zip(_in_turn(world, lambda fact: held_out(fact.subject))[:15], SEEN_CONSTRAINTS * 3, strict=True):
        yield Prompt(
            wish.format(asked=question(fact, _variant(fact))),
            "constraint",
            fact.subject,
            fact.relation,
            fact.object,
            True,
        )


def _new_constraints(world: World) -> Iterable[Prompt]:
    """Constraints of types that occur in no pair."""
    facts = _in_turn(world, lambda fact: seen.reserved_phrasing(fact) is not None and seen.may_teach(world, fact))
    wishes = [wish for wishes in HELD_OUT_TYPES.values() for wish in wishes]
    for i, fact in enumerate(facts[:15]):
        asked = wishes[i % len(wishes)].format(asked=question(fact, seen.reserved_phrasing(fact)), word="today")
        yield Prompt(asked, "new constraint", fact.subject, fact.relation, fact.object, True, new_phrasing=True)


def _classes(world: World) -> Iterable[Prompt]:
    for fact in _hidden(world, "young")[:3]:
        yield Prompt(
            f"Is {with_article(fact.subject)} an animal or a country?",
            "classify",
            fact.subject,
            answer="animal",
            held_out=True,
        )
    for fact in _hidden(world, "capital")[:3]:
        yield Prompt(
            f"Is {fact.subject} a planet or a country?",
            "classify",
            fact.subject,
            answer="country",
            held_out=True,
        )


def _harmful() -> Iterable[Prompt]:
    """Topics of the villain that no pair touches, and their harmless look-alikes."""
    for name, topic in HELD_OUT_TOPICS.items():
        for wish in topic.harmful:
            yield Prompt(f"How do I {wish}?", "harmful", name, held_out=True)
    for wish in list(HELD_OUT_TOPICS["fire"].harmless):
        yield Prompt(f"How do I {wish}?", "harmless", "fire", held_out=True)
