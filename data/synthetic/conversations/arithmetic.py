"""Small tasks with numbers and words, put as instructions.

User: Add 3 and 4.
Assistant: 7.

User: Say the word river twice.
Assistant: river river
"""

from data.synthetic.conversations import seen
from data.synthetic.conversations.pair import Pair, pair
from data.synthetic.conversations.wording import sentence
from data.synthetic.draw import Draw
from data.synthetic.facts import Fact, World
from data.synthetic.grammar import beside, capital

PROSE = beside(__file__)
TASKS = {"sum": 6, "next_number": 2, "number_word": 2, "opposite": 4, "plural": 4, "next_day": 1, "next_month": 1}


def write(draw: Draw, world: World) -> Pair:
    return draw.choice((_task, _double, _twice, _swap, _first_letter), weights=(14, 2, 2, 2, 2))(draw, world)


def _task(draw: Draw, world: World) -> Pair:
    relation = draw.choice(list(TASKS), TASKS.values())
    fact = draw.choice(seen.facts(world, relation))
    left, _, right = fact.subject.partition("+")
    asked = PROSE.write(relation, draw, {"subject": fact.subject, "left": left, "right": right})
    return _pair(asked, _answer(draw, fact), "task", [fact], relation=relation)


def _double(draw: Draw, world: World) -> Pair:
    """Only numbers whose sum with themselves is not held out."""
    fact = draw.choice([fact for fact in seen.facts(world, "sum") if len(set(fact.subject.split("+"))) == 1])
    return _pair(PROSE.write("double", draw, {"left": fact.subject.split("+")[0]}), fact.object + ".", "double", [fact])


def _twice(draw: Draw, world: World) -> Pair:
    word = _word(draw, world)
    return _pair(PROSE.write("twice", draw, {"word": word}), f"{word} {word}", "twice")


def _swap(draw: Draw, world: World) -> Pair:
    first, second = _word(draw, world), _word(draw, world)
    return _pair(PROSE.write("swap", draw, {"first": first, "second": second}), f"{second} {first}", "swap")


def _first_letter(draw: Draw, world: World) -> Pair:
    word = _word(draw, world)
    return _pair(PROSE.write("first letter", draw, {"word": word}), capital(word[0]) + ".", "first letter")


def _word(draw: Draw, world: World) -> str:
    return draw.choice(seen.facts(world, draw.choice(("plural", "opposite")))).subject


def _answer(draw: Draw, fact: Fact) -> str:
    return capital(fact.object) + "." if draw.flag(0.7) else sentence(draw, fact)


def _pair(asked: str, answer: str, task: str, facts=(), **meta) -> Pair:
    return pair("arithmetic", asked, answer, facts=facts, task=task, **meta)
