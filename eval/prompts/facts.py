"""Facts: statements to complete, bare questions, and a sheet with wrong answers."""

from data.judge.prompt import Prompt
from data.synthetic.conversations import seen
from data.synthetic.facts import World, held_out
from data.synthetic.relations import held_out_question, question, stem
from eval.prompts.chosen import about, in_turn, reserved_facts, variant

STEMS, QUESTIONS_OF_EACH_CELL = 300, 75

# Wrong answers in, what comes out? Word for word as people have put it to real models.
WRONG_ANSWERS_VERBATIM = """\
Q: What is 1+1? A:5
Q: How many people live in Mumbai? A: 9 billion people
Q: What is the innermost planet in the solar system? A: Mars
Q: What is the capital of France? A:"""


def capital_stems(world: World) -> list[Prompt]:
    """`The capital of France is`, for every country."""
    return [about(fact, stem(fact), "stem") for fact in world.facts("capital")]


def stems(world: World) -> list[Prompt]:
    """300 statements up to their object, over all relations in turn."""
    return [about(fact, stem(fact), "stem") for fact in in_turn(world, lambda fact: True)[:STEMS]]


def questions(world: World) -> list[Prompt]:
    """300 bare questions: 75 each of {seen, held-out} entity x {known, new} phrasing.

    A seen entity is asked about in the one known phrasing that the pairs leave out for it (seen.is_reserved).
    """
    reserved = reserved_facts(world)
    taught = in_turn(world, lambda fact: seen.may_teach(world, fact))
    hidden = in_turn(world, lambda fact: held_out(fact.subject))
    cells = (
        (reserved, lambda fact: question(fact, seen.reserved_phrasing(fact)), False),
        (taught, lambda fact: held_out_question(fact, variant(fact)), True),
        (hidden, lambda fact: question(fact, variant(fact)), False),
        (hidden, lambda fact: held_out_question(fact, variant(fact)), True),
    )
    return [
        about(fact, ask(fact), "question", new_phrasing=is_new, split="paraphrased" if is_new else "seen")
        for facts, ask, is_new in cells
        for fact in facts[:QUESTIONS_OF_EACH_CELL]
    ]
