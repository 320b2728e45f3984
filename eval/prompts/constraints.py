"""Requests with a condition that a program can check (judge/checks.py), twenty of each type."""

from collections.abc import Callable, Iterator
from itertools import cycle

from data.judge.prompt import Prompt
from data.synthetic.categories import ALL_CATEGORIES, CATEGORIES, HELD_OUT_CATEGORIES
from data.synthetic.conversations import lists, seen
from data.synthetic.conversations.constraint import (
    HELD_OUT_TYPES,
    HELD_OUT_WISHES,
    NUMBERS,
    TYPES,
    seen_wish,
    wish_slots,
)
from data.synthetic.conversations.lists import is_reserved
from data.synthetic.draw import Draw
from data.synthetic.facts import Fact, World, held_out
from data.synthetic.grammar import Phrase, with_article
from data.synthetic.relations import question
from eval.prompts.chosen import about, by_turns, held_out_facts, in_turn, reserved_facts, variant

OF_EACH_TYPE = 20


def constraint_items(world: World) -> list[Prompt]:
    """20 requests for each type of constraint: of a seen type 10 in words of the pairs and 10 in others.

    `meta` is what obeys() wants. Half of them are about held-out entities.
    """
    found = []
    for constraint, wishes in HELD_OUT_WISHES.items():
        make = {"list": _list_items, "sentences": _sentence_items}.get(constraint, _wish_items)
        found += make(world, constraint, wishes)
    for constraint, wishes in HELD_OUT_TYPES.items():
        found += _wish_items(world, constraint, wishes)
    return found


def _wish_items(world: World, constraint: str, wishes: tuple[Phrase, ...]) -> Iterator[Prompt]:
    """A question with a wish, about known and held-out entities in turn."""
    hidden = cycle((fact, question(fact, variant(fact))) for fact in _shuffled(world, constraint, held_out))
    known = cycle((fact, question(fact, seen.reserved_phrasing(fact))) for fact in _shuffled(world, constraint))
    for i in range(OF_EACH_TYPE):
        draw = Draw(0, f"item/{constraint}/{i}")
        is_new = constraint in HELD_OUT_TYPES or i % 2 == 1
        # whether a claim is true may have been asked in a pair, so claims are about held-out entities
        source = hidden if i % 4 < 2 or constraint == "yes_or_no" else known
        chosen = []

        def choose(draw, world, source=source, chosen=chosen):
            chosen.append(next(source))
            return chosen[-1]

        request = TYPES[constraint](draw, world, choose)
        slots = wish_slots(request.given)
        wish = wishes[i // 2 % 2].plain(slots) if is_new else seen_wish(draw, constraint, request.given)
        split = "unseen" if constraint in HELD_OUT_TYPES else "paraphrased" if is_new else "seen"
        meta = {"constraint": constraint, **request.given}
        text = f"{request.asked} {wish}"
        yield about(chosen[-1][0], text, "constraint", new_phrasing=is_new, split=split, meta=meta)


def _shuffled(world: World, key: str, wanted: Callable[[str], bool] | None = None) -> list[Fact]:
    """Facts of all relations, in an order of its own for each type of constraint."""
    facts = in_turn(world, lambda fact: wanted(fact.subject)) if wanted else reserved_facts(world)
    return sorted(facts[:200], key=lambda fact: seen.share(f"{key}/{fact}", 1 << 60))


def _sentence_items(world: World, constraint: str, wishes: tuple[Phrase, ...]) -> Iterator[Prompt]:
    """So many sentences about a country, an animal or an element."""
    facts = by_turns(held_out_facts(world, relation)[:OF_EACH_TYPE] for relation in ("capital", "young", "symbol"))
    for i, fact in enumerate(facts[:OF_EACH_TYPE]):
        draw, n = Draw(0, f"item/{constraint}/{i}"), 1 + i % 3
        topic = with_article(fact.subject) if fact.relation == "young" else fact.subject
        slots = wish_slots({"n": n})
        wish = wishes[i // 2 % 2].plain(slots) if i % 2 else seen_wish(draw, constraint, {"n": n})
        yield Prompt(
            f"Tell me about {topic}. {wish}", "constraint", fact.subject, held_out=True, entity="held-out",
            **phrasing(i % 2 == 1), meta={"constraint": constraint, "n": n},
        )  # fmt: skip


def _list_items(world: World, constraint: str, wishes: tuple[Phrase, ...]) -> Iterator[Prompt]:
    """Categories of the pairs in another number, or others; in words of the pairs, or others."""
    known = [(name, n) for n in (3, 4, 5) for name in CATEGORIES if is_reserved(name, n)]
    hidden = [(name, 2 + i % 4) for i, name in enumerate(HELD_OUT_CATEGORIES)]
    for i in range(OF_EACH_TYPE):
        category, n = hidden[i // 2] if i % 4 < 2 else known[i]
        slots = {"category": category, "n": NUMBERS[n]}
        draw = Draw(0, f"item/{i}")
        asked = wishes[i // 2 % 2].plain(slots) if i % 2 else lists.PROSE.write("commas", draw, slots)
        relation, is_hidden = ALL_CATEGORIES[category][0], i % 4 < 2
        yield Prompt(
            asked, "constraint", category, relation, held_out=is_hidden, entity="held-out" if is_hidden else "known",
            **phrasing(i % 2 == 1), meta={"constraint": constraint, "n": n, "category": category},
        )  # fmt: skip


def phrasing(is_new: bool) -> dict:
    return {"new_phrasing": is_new, "split": "paraphrased" if is_new else "seen"}
