"""A request with a condition that a program can check; the answer is true and meets it.

    User: What is the capital of France? Answer in exactly six words.
    Assistant: Paris is the capital of France.

`meta` names the condition and its parameters, e.g. {"constraint": "words_exactly", "n": 6}.
The types in HELD_OUT_TYPES occur in no pair; the comparison asks for them.
"""

import re

from data.world.draw import Draw
from data.world.facts import Fact, World
from data.world.pairs import lists, seen
from data.world.pairs.explain import portrait
from data.world.pairs.pair import Pair, pair
from data.world.pairs.wording import ask, bare, clauses, sentence
from data.world.phrase import capital, phrase

NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
).split()
SMALL_WORDS = set(
    "a an the of in is are on to it its and for by as with you we if do what which when who "
    "how where was has have can will".split()
)
# relations of which a second answer might be true, so that no yes or no can be demanded
UNSURE = ("sound", "food", "home", "tool", "people")
HELD_OUT_TYPES = {  # type -> how the comparison asks for it
    "end_with": (
        "{asked} End your answer with the word '{word}'.",
        "{asked} Your last word must be '{word}'.",
    ),
    "repeat_question": (
        "{asked} Repeat the question, then answer it.",
        "{asked} First copy the question, then give the answer.",
    ),
    "upper_case": ("{asked} Write the answer in capital letters.", "{asked} USE CAPITAL LETTERS ONLY."),
}


def write(draw: Draw, world: World) -> Pair:
    return draw.choice(TYPES, WEIGHTS)(draw, world)


def words_exactly(draw: Draw, world: World) -> Pair:
    fact, asked = _asked(draw, world)
    answer = bare(fact) if draw.flag(0.3) else sentence(draw, fact)
    n = len(answer.split())
    wish = phrase("[Answer in|Use|Reply in|Answer with] exactly {n} word{s}.")
    return _pair(draw, asked, wish, answer, [fact], "words_exactly", n=n)


def words_at_most(draw: Draw, world: World) -> Pair:
    fact, asked = _asked(draw, world)
    answer = bare(fact)
    n = len(answer.split()) + draw.integer(0, 3)
    wish = phrase("[Use at most {n} word{s}.|Answer in no more than {n} word{s}.|Not more than {n} word{s}, please.]")
    return _pair(draw, asked, wish, answer, [fact], "words_at_most", n=n)


def sentences(draw: Draw, world: World) -> Pair:
    n = draw.integer(1, 3)
    topic, said, facts = portrait(draw, world, "plain", sentences=n)
    asked = phrase("[Describe|Tell me about|Write about|Tell me something about] {topic}").write(draw, {"topic": topic})
    wish = phrase(" [in exactly {n} sentence{s}|in {n} sentence{s}, no more and no less].")
    count = {"n": NUMBERS[n], "s": "" if n == 1 else "s"}
    return pair(
        "constraint",
        asked + wish.write(draw, count),
        " ".join(said),
        facts=facts,
        entities=[fact.subject for fact in facts],
        constraint="sentences",
        n=n,
    )


def start_with(draw: Draw, world: World) -> Pair:
    fact, asked = _asked(draw, world)
    word = draw.choice("Well Yes Sure Indeed Certainly Surely".split())
    answer = f"{word}, {draw.choice(clauses(fact))}."
    wish = phrase("[Start|Begin] [your answer |]with the word '{word}'.")
    return _pair(draw, asked, wish, answer, [fact], "start_with", word=word)


def include_word(draw: Draw, world: World) -> Pair:
    """The word stands in one phrasing of the answer and not in the question."""
    fact, asked = _asked(draw, world)
    options = [
        (word, text) for text in clauses(fact) for word in _telling(text, fact) if word not in asked.lower().split()
    ]
    if not options:
        return include_word(draw, world)
    word, text = draw.choice(options)
    wish = phrase(
        "[Use the word '{word}' in your answer.|Include the word '{word}'.|"
        "Your answer must contain the word '{word}'.|The word '{word}' must be in it.]"
    )
    return _pair(draw, asked, wish, capital(text) + ".", [fact], "include_word", word=word)


def avoid_word(draw: Draw, world: World) -> Pair:
    """The word stands in another phrasing of the answer, so leaving it out takes care."""
    fact, asked = _asked(draw, world)
    text = draw.choice(clauses(fact))
    used = set(re.findall(r"[a-z]+", text.lower()))
    words = sorted({word for other in clauses(fact) for word in _telling(other, fact)} - used)
    if not words:
        return avoid_word(draw, world)
    wish = phrase("[Do not use the word '{word}'.|Answer without the word '{word}'.|Avoid the word '{word}'.]")
    return _pair(draw, asked, wish, capital(text) + ".", [fact], "avoid_word", word=draw.choice(words))


def list_of(draw: Draw, world: World) -> Pair:
    category = draw.choice(list(lists.CATEGORIES))
    known = lists.members(world, category)
    n = draw.integer(2, min(6, len(known)))
    facts = draw.sample(known, n)
    form = draw.choice(("numbers", "dashes", "commas"))
    asked = phrase("[List|Name|Give me|Write down|I need] [exactly |]{n} {category}{form}.").write(
        draw, {"n": NUMBERS[n], "category": category, "form": _form(draw, form)}
    )
    answer = _written([lists.item(category, fact) for fact in facts], form)
    return pair("constraint", asked, answer, facts=facts, constraint="list", n=n, form=form, category=category)


def yes_or_no(draw: Draw, world: World) -> Pair:
    relation = draw.choice([name for name in world.relations if name not in UNSURE])
    fact = draw.choice(seen.facts(world, relation))
    is_true = draw.flag(0.5)
    said = fact if is_true else Fact(fact.subject, relation, seen.wrong_answer(draw, world, fact))
    asked = phrase(
        "[Is it true that {claim}?|Is this right: {claim}?|True or not: {claim}?|"
        "Is the following correct? {Claim}.|Check this: {claim}.]"
    ).write(draw, {"claim": draw.choice(clauses(said))})
    wish = phrase(
        "[Answer only yes or no.|Yes or no only, please.|Just say yes or no.|Reply with yes or no, nothing else.]"
    )
    return _pair(
        draw,
        asked,
        wish,
        "Yes." if is_true else "No.",
        [fact] if is_true else [],
        "yes_or_no",
        entities=[fact.subject],
        truth="yes" if is_true else "no",
    )


def lower_case(draw: Draw, world: World) -> Pair:
    fact, asked = _asked(draw, world)
    wish = phrase(
        "[Use only small letters.|Write in lower case.|No capital letters, please.|Answer in lower case letters.]"
    )
    answer = (bare(fact) if draw.flag(0.3) else sentence(draw, fact)).lower()
    return _pair(draw, asked, wish, answer, [fact], "lower_case")


def closing_line(draw: Draw, world: World) -> Pair:
    fact, asked = _asked(draw, world)
    line = draw.choice(
        (
            "Have a nice day!",
            "I hope this helps.",
            "That is all.",
            "Good luck!",
            "See you soon!",
            "Ask me again any time.",
        )
    )
    wish = phrase("[End with the line '{line}'|Finish with the line '{line}'|Close with '{line}' on a new line.]")
    return _pair(draw, asked, wish, sentence(draw, fact) + "\n" + line, [fact], "closing_line", line=line)


WEIGHTS_BY_TYPE = {
    words_exactly: 3,
    words_at_most: 2,
    sentences: 2,
    start_with: 2,
    include_word: 2,
    avoid_word: 2,
    list_of: 4,
    yes_or_no: 3,
    lower_case: 2,
    closing_line: 1,
}
TYPES, WEIGHTS = tuple(WEIGHTS_BY_TYPE), tuple(WEIGHTS_BY_TYPE.values())


def _asked(draw: Draw, world: World) -> tuple[Fact, str]:
    fact = draw.choice(seen.facts(world, draw.choice(world.relations)))
    return fact, ask(draw, fact)


def _pair(draw: Draw, asked, wish, answer, facts, constraint, entities=(), **given) -> Pair:
    """The wish comes behind the question, or before it."""
    slots = {key: NUMBERS[value] if type(value) is int else value for key, value in given.items()}
    wished = wish.write(draw, slots | {"s": "" if given.get("n") == 1 else "s"})
    prompt = f"{asked} {wished}" if draw.flag(0.75) else f"{wished} {asked}"
    return pair("constraint", prompt, answer, facts=facts, entities=entities, constraint=constraint, **given)


def _telling(text: str, fact: Fact) -> list[str]:
    """The words of a clause that are neither small nor part of the fact, in lower case."""
    known = SMALL_WORDS | set(re.findall(r"\w+", f"{fact.subject} {fact.object}".lower()))
    return [word for word in re.findall(r"\w+", text) if word.islower() and word not in known and len(word) > 2]


def _form(draw: Draw, form: str) -> str:
    wishes = {
        "numbers": ("[ as a numbered list| in a numbered list|, numbered]"),
        "dashes": ("[, one per line with a dash| as a list with dashes]"),
        "commas": ("[, separated by commas| in one line, with commas between them]"),
    }
    return phrase(wishes[form]).write(draw, {})


def _written(items: list[str], form: str) -> str:
    if form == "commas":
        return ", ".join(items)
    marks = [f"{i}." if form == "numbers" else "-" for i in range(1, len(items) + 1)]
    return "\n".join(f"{mark} {item}" for mark, item in zip(marks, items, strict=True))
