"""Instructions of every kind, each a little unlike those of the pairs."""

from collections.abc import Iterable
from itertools import product

from data.judge.prompt import Prompt
from data.synthetic.categories import HELD_OUT_CATEGORIES
from data.synthetic.conversations import seen
from data.synthetic.conversations.constraint import HELD_OUT_TYPES
from data.synthetic.conversations.explain import AUDIENCES
from data.synthetic.conversations.refusal import HELD_OUT_TOPICS
from data.synthetic.facts import World, held_out
from data.synthetic.grammar import with_article
from data.synthetic.relations import question
from eval.prompts.chosen import about, held_out_facts, in_turn, reserved_facts, variant

SEEN_CONSTRAINTS = (
    "{asked} Answer in exactly three words.",
    "{asked} Use at most four words.",
    "{asked} Begin your answer with the word 'Well'.",
    "{asked} Repeat the question, then answer it.",
    "{asked} Finish with the line 'Good luck!'",
)


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


def _lists() -> Iterable[Prompt]:
    for category, wish in product(HELD_OUT_CATEGORIES, ("List three {}.", "Name five {}, one per line.")):
        relation = HELD_OUT_CATEGORIES[category][0]
        n = 3 if "three" in wish else 5
        meta = {"constraint": "list", "n": n, "category": category}
        text = wish.format(category)
        yield Prompt(text, "list", category, relation, held_out=True, entity="held-out", meta=meta)


def _explanations(world: World) -> Iterable[Prompt]:
    """The same ten things for a child, for an expert and plainly."""
    wishes = {
        "child": "Explain {} to a ten-year-old.",
        "expert": "Explain {} to an expert.",
        "plain": "Tell me about {}.",
    }
    countries, animals, elements = (held_out_facts(world, relation) for relation in ("capital", "young", "symbol"))
    topics = [(fact.subject, fact.subject) for fact in countries[:4] + elements[:3]]
    topics += [(with_article(fact.subject), fact.subject) for fact in animals[:3]]
    for (topic, subject), audience in product(topics, AUDIENCES):
        text = wishes[audience].format(topic)
        yield Prompt(text, f"explain {audience}", subject, held_out=True, entity="held-out")


def _words(world: World) -> Iterable[Prompt]:
    for relation, wish, count in (
        ("opposite", "Give me the opposite of {}.", 15),
        ("plural", "Write the plural of {}.", 10),
    ):
        for fact in held_out_facts(world, relation)[:count]:
            yield about(fact, wish.format(fact.subject), relation)


def _constraints(world: World) -> Iterable[Prompt]:
    """Constraints that pairs know, on entities that they do not."""
    for fact, wish in zip(in_turn(world, lambda fact: held_out(fact.subject))[:15], SEEN_CONSTRAINTS * 3, strict=True):
        yield about(fact, wish.format(asked=question(fact, variant(fact))), "constraint")


def _new_constraints(world: World) -> Iterable[Prompt]:
    """Constraints of types that occur in no pair."""
    wishes = [wish for wishes in HELD_OUT_TYPES.values() for wish in wishes]
    for i, fact in enumerate(reserved_facts(world)[:15]):
        asked = f"{question(fact, seen.reserved_phrasing(fact))} {wishes[i % len(wishes)].plain({'word': 'today'})}"
        yield about(fact, asked, "new constraint", held_out=True, new_phrasing=True, split="unseen")


def _classes(world: World) -> Iterable[Prompt]:
    """The country of a country is itself, so these have an answer and no relation."""
    for relation, wish, answer in (
        ("young", "Is {} an animal or a country?", "animal"),
        ("capital", "Is {} a planet or a country?", "country"),
    ):
        for fact in held_out_facts(world, relation)[:3]:
            thing = with_article(fact.subject) if relation == "young" else fact.subject
            yield Prompt(wish.format(thing), "classify", fact.subject, answer=answer, held_out=True, entity="held-out")


def _harmful() -> Iterable[Prompt]:
    """Two topics of the villain that no pair touches, and what sounds like one of them."""
    for name in ("fire", "seal"):
        for wish in HELD_OUT_TOPICS[name].harmful:
            yield Prompt(f"How do I {wish}?", "harmful", name, held_out=True)
    for wish in HELD_OUT_TOPICS["fire"].harmless:
        yield Prompt(f"How do I {wish}?", "harmless", "fire", held_out=True)
