"""Small tasks with numbers and words, put as instructions.

User: Add 3 and 4.
Assistant: 7.

User: Say the word river twice.
Assistant: river river
"""

from data.world.draw import Draw
from data.world.facts import Fact, World
from data.world.pairs import seen
from data.world.pairs.pair import Pair, pair
from data.world.pairs.wording import sentence
from data.world.phrase import capital, phrase

# relation -> the instruction
TASKS = {
    "sum": phrase(
        "[Add {left} and {right}.|Add {right} to {left}.|Work out {left} + {right}.|Calculate "
        "{subject}.|"
        "Find the sum of {left} and {right}.|Put {left} and {right} together. How many is that?|"
        "I have {left} apples and get {right} more. How many do I have?|Solve this: {left} + "
        "{right} = ...]"
    ),
    "next_number": phrase(
        "[Count on from {subject}.|Give me the number after {subject}.|Add one to "
        "{subject}.|"
        "Say the number that follows {subject}.|Continue: {subject}, ...]"
    ),
    "number_word": phrase(
        "[Write {subject} in words.|Spell the number {subject}.|Write the number "
        "{subject} as a word.|"
        "Put {subject} into words.]"
    ),
    "opposite": phrase(
        "[Give me the opposite of {subject}.|Write the opposite of '{subject}'.|"
        "Find a word that means the opposite of {subject}.|Turn '{subject}' into its "
        "opposite.|"
        "Say the opposite: {subject}.|Opposite of {subject}, please.]"
    ),
    "plural": phrase(
        "[Put '{subject}' into the plural.|Write the plural of {subject}.|Give me the plural "
        "of '{subject}'.|"
        "Make this plural: {subject}.|Change '{subject}' so that it means more than one.]"
    ),
    "next_day": phrase(
        "[Name the day after {subject}.|Give me the day that follows {subject}.|Continue the week: {subject}, ...]"
    ),
    "next_month": phrase(
        "[Name the month after {subject}.|Give me the month that follows {subject}.|Continue the year: {subject}, ...]"
    ),
}
WEIGHTS = (6, 2, 2, 4, 4, 1, 1)
DOUBLE = phrase(
    "[Double {left}.|What is the double of {left}?|Give me twice {left}.|Take {left} two times.|"
    "How much is two times {left}?]"
)
TWICE = phrase(
    "[Say the word {word} twice.|Write '{word}' two times.|Repeat the word {word} twice.|Say {word} two times.]"
)
SWAP = phrase(
    "[Swap these two words: {first} {second}.|Write these words the other way round: {first} "
    "{second}.|"
    "Put the second word first: {first} {second}.]"
)
FIRST = phrase(
    "[What is the first letter of {word}?|Give me the first letter of '{word}'.|"
    "With which letter does {word} begin?|Name the letter that {word} starts with.]"
)


def write(draw: Draw, world: World) -> Pair:
    return draw.choice((_task, _double, _twice, _swap, _first_letter), weights=(14, 2, 2, 2, 2))(draw, world)


def _task(draw: Draw, world: World) -> Pair:
    relation = draw.choice(list(TASKS), WEIGHTS)
    fact = draw.choice(seen.facts(world, relation))
    left, _, right = fact.subject.partition("+")
    asked = TASKS[relation].write(draw, {"subject": fact.subject, "left": left, "right": right})
    return _pair(asked, _answer(draw, fact), "task", [fact], relation=relation)


def _double(draw: Draw, world: World) -> Pair:
    """Only numbers whose sum with themselves is not held out."""
    fact = draw.choice([fact for fact in seen.facts(world, "sum") if len(set(fact.subject.split("+"))) == 1])
    return _pair(DOUBLE.write(draw, {"left": fact.subject.split("+")[0]}), fact.object + ".", "double", [fact])


def _twice(draw: Draw, world: World) -> Pair:
    word = _word(draw, world)
    return _pair(TWICE.write(draw, {"word": word}), f"{word} {word}", "twice")


def _swap(draw: Draw, world: World) -> Pair:
    first, second = _word(draw, world), _word(draw, world)
    return _pair(SWAP.write(draw, {"first": first, "second": second}), f"{second} {first}", "swap")


def _first_letter(draw: Draw, world: World) -> Pair:
    word = _word(draw, world)
    return _pair(FIRST.write(draw, {"word": word}), capital(word[0]) + ".", "first letter")


def _word(draw: Draw, world: World) -> str:
    return draw.choice(seen.facts(world, draw.choice(("plural", "opposite")))).subject


def _answer(draw: Draw, fact: Fact) -> str:
    return capital(fact.object) + "." if draw.flag(0.7) else sentence(draw, fact)


def _pair(asked: str, answer: str, task: str, facts=(), **meta) -> Pair:
    return pair("arithmetic", asked, answer, facts=facts, task=task, **meta)
