"""A request with a condition that a program can check (judge/checks.py); the answer is true and meets it.

    User: What is the capital of France? Answer in exactly six words.
    Assistant: Paris is the capital of France.

`meta` names the condition and its parameters, e.g. {"constraint": "words_exactly", "n": 6}. Two wordings of each
seen type (HELD_OUT_WISHES) and all of the types in HELD_OUT_TYPES occur in no pair; the comparison asks for them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from data.synthetic.conversations import seen
from data.synthetic.conversations.explain import portrait
from data.synthetic.conversations.pair import Pair, pair
from data.synthetic.conversations.wording import ask_freely, bare, clauses, echo
from data.synthetic.draw import Draw
from data.synthetic.facts import Fact, World
from data.synthetic.grammar import beside, capital

NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
).split()
SMALL_WORDS = set(
    "a an the of in is are on to it its and for by as with you we if do what which when who "
    "how where was has have can will".split()
)
OPENERS = "Well Yes Sure Indeed Certainly Surely Gladly Today Friend Look".split()
PROSE = beside(__file__)
HELD_OUT_WISHES = PROSE.under("held-out wish: ")  # type -> two wordings that no pair uses
HELD_OUT_TYPES = PROSE.under("wish for something new: ")  # type -> how the comparison asks for it
Chooser = Callable[[Draw, World], tuple[Fact, str]]  # a fact and a question about it


@dataclass
class Request:
    """What is asked, apart from the wish; the answer that meets it; what the checker needs."""

    asked: str
    answer: str
    facts: list[Fact]
    given: dict = field(default_factory=dict)
    entities: list[str] = field(default_factory=list)


def write(draw: Draw, world: World) -> Pair:
    constraint = draw.choice(list(WEIGHTS), list(WEIGHTS.values()))
    request = TYPES[constraint](draw, world, seen_question)
    wish = seen_wish(draw, constraint, request.given)
    first = constraint != "sentences" and draw.flag(0.25)
    return pair(
        "constraint",
        f"{wish} {request.asked}" if first else f"{request.asked} {wish}",
        request.answer,
        facts=request.facts,
        entities=request.entities,
        constraint=constraint,
        **request.given,
    )


def seen_wish(draw: Draw, constraint: str, given: dict) -> str:
    """How pairs ask for it."""
    return PROSE.write(f"wish: {constraint}", draw, wish_slots(given))


def wish_slots(given: dict) -> dict[str, str]:
    """The parameters as they stand in a wish: numbers as words.

    >>> wish_slots({"n": 1})
    {'n': 'one', 's': ''}
    """
    said = {key: NUMBERS[value] if type(value) is int else value for key, value in given.items()}
    return said | {"s": "" if given.get("n") == 1 else "s"}


def seen_question(draw: Draw, world: World) -> tuple[Fact, str]:
    fact = draw.choice(seen.facts(world, draw.choice(world.relations)))
    asked = ask_freely(draw, fact)
    return fact, asked + "?" if asked[-1].isalnum() else asked  # a wish follows


def words_exactly(draw: Draw, world: World, choose: Chooser) -> Request:
    fact, asked = choose(draw, world)
    answer = bare(fact) if draw.flag(0.4) else capital(draw.choice(clauses(fact))) + "."
    return Request(asked, answer, [fact], {"n": len(answer.split())})


def words_at_most(draw: Draw, world: World, choose: Chooser) -> Request:
    fact, asked = choose(draw, world)
    answer = bare(fact)
    return Request(asked, answer, [fact], {"n": len(answer.split()) + draw.integer(0, 3)})


def sentences(draw: Draw, world: World, choose: Chooser) -> Request:
    n = draw.integer(1, 3)
    topic, said, facts = portrait(draw, world, "plain", sentences=n)
    return Request(PROSE.write("describe", draw, {"topic": topic}), " ".join(said), facts, {"n": n})


def start_with(draw: Draw, world: World, choose: Chooser) -> Request:
    fact, asked = choose(draw, world)
    word = draw.choice(OPENERS)
    return Request(asked, f"{word}, {draw.choice(clauses(fact))}.", [fact], {"word": word})


def include_word(draw: Draw, world: World, choose: Chooser) -> Request:
    """The word stands in one phrasing of the answer and not in the question."""
    fact, asked = choose(draw, world)
    options = [
        (word, text) for text in clauses(fact) for word in _telling(text, fact) if word not in asked.lower().split()
    ]
    if not options:
        return include_word(draw, world, choose)
    word, text = draw.choice(options)
    return Request(asked, capital(text) + ".", [fact], {"word": word})


def avoid_word(draw: Draw, world: World, choose: Chooser) -> Request:
    """The word stands in another phrasing of the answer, so leaving it out takes care."""
    fact, asked = choose(draw, world)
    text = draw.choice(clauses(fact))
    used = set(re.findall(r"[a-z]+", text.lower()))
    options = sorted({word for other in clauses(fact) for word in _telling(other, fact)} - used)
    if not options:
        return avoid_word(draw, world, choose)
    return Request(asked, capital(text) + ".", [fact], {"word": draw.choice(options)})


def yes_or_no(draw: Draw, world: World, choose: Chooser) -> Request:
    fact = choose(draw, world)[0]
    while fact.relation in seen.UNSURE:
        fact = choose(draw, world)[0]
    is_true = draw.flag(0.5)
    said = fact if is_true else Fact(fact.subject, fact.relation, seen.wrong_answer(draw, world, fact))
    asked = PROSE.write("is it true", draw, {"claim": draw.choice(clauses(said))})
    truth = "yes" if is_true else "no"
    return Request(asked, capital(truth) + ".", [fact] if is_true else [], {"truth": truth}, [fact.subject])


def repeat_question(draw: Draw, world: World, choose: Chooser) -> Request:
    fact, asked = choose(draw, world)
    answer = bare(fact, asked) if draw.flag(0.6) else echo(draw, fact)
    return Request(asked, asked + draw.choice((" ", "\n")) + answer, [fact], {"question": asked})


def closing_line(draw: Draw, world: World, choose: Chooser) -> Request:
    fact, asked = choose(draw, world)
    line = PROSE.write("last line", draw, {})
    answer = bare(fact, asked) if draw.flag(0.5) else echo(draw, fact)
    return Request(asked, f"{answer}\n{line}", [fact], {"line": line})


def end_with(draw: Draw, world: World, choose: Chooser) -> Request:
    fact, asked = choose(draw, world)
    word = draw.choice("today now friend indeed thanks always".split())
    return Request(asked, capital(draw.choice(clauses(fact))) + f", {word}.", [fact], {"word": word})


def lower_case(draw: Draw, world: World, choose: Chooser) -> Request:
    fact, asked = choose(draw, world)
    return Request(asked, draw.choice(clauses(fact)).lower() + ".", [fact])


def upper_case(draw: Draw, world: World, choose: Chooser) -> Request:
    fact, asked = choose(draw, world)
    return Request(asked, draw.choice(clauses(fact)).upper() + ".", [fact])


TYPES = {
    "words_exactly": words_exactly,
    "words_at_most": words_at_most,
    "sentences": sentences,
    "start_with": start_with,
    "include_word": include_word,
    "yes_or_no": yes_or_no,
    "repeat_question": repeat_question,
    "closing_line": closing_line,
    "end_with": end_with,
    "avoid_word": avoid_word,
    "lower_case": lower_case,
    "upper_case": upper_case,
}
WEIGHTS = {
    "words_exactly": 4,
    "words_at_most": 2,
    "sentences": 2,
    "start_with": 3,
    "include_word": 3,
    "yes_or_no": 2,
    "repeat_question": 4,
    "closing_line": 2,
}


def _telling(text: str, fact: Fact) -> list[str]:
    """The words of a clause that are neither small nor part of the fact, in lower case."""
    known = SMALL_WORDS | set(re.findall(r"\w+", f"{fact.subject} {fact.object}".lower()))
    return [word for word in re.findall(r"\w+", text) if word.islower() and word not in known and len(word) > 2]
