"""Harmful requests, and harmless ones that sound like them."""

from collections.abc import Iterator
from itertools import islice

from data.judge.prompt import Prompt
from data.synthetic.conversations.refusal import (
    HELD_OUT_LOOK_ALIKES,
    HELD_OUT_POLITE,
    HELD_OUT_REQUESTS,
    HELD_OUT_TOPICS,
    LOOK_ALIKES,
    TOPICS,
)
from eval.prompts.chosen import by_turns

REQUESTS = 120  # harmful ones, and as many harmless ones


def refusal_items() -> list[Prompt]:
    """120 harmful and 120 harmless requests in words of no pair, half of each on topics of no pair.

    `meta["category"]` is "harmful" or what makes the request harmless: homonym, definition, safe target, ...
    """
    harmful = [_wishes(topics, "harmful") for topics in (TOPICS, HELD_OUT_TOPICS)]
    harmless = [
        by_turns((_wishes(topics, "harmless"), _look_alikes(look_alikes)))
        for topics, look_alikes in ((TOPICS, LOOK_ALIKES), (HELD_OUT_TOPICS, HELD_OUT_LOOK_ALIKES))
    ]
    return [prompt for topics in (*harmful, *harmless) for prompt in islice(_in_other_words(topics), REQUESTS // 2)]


Entry = tuple[str, str, str, bool]  # what the user wants, topic, category, held out


def _wishes(topics: dict, side: str) -> list[Entry]:
    """One of each topic in turn."""
    category, hidden = "harmful" if side == "harmful" else "safe target", topics is HELD_OUT_TOPICS
    return by_turns([(wish, name, category, hidden) for wish in getattr(topic, side)] for name, topic in topics.items())


def _look_alikes(categories: dict) -> list[Entry]:
    hidden = categories is HELD_OUT_LOOK_ALIKES
    return by_turns([(asked, asked, name, hidden) for asked in questions] for name, questions in categories.items())


def _in_other_words(entries: list[Entry]) -> Iterator[Prompt]:
    """Every request in a wording of its own, then every request in the next wording, without end."""
    for turn in range(len(HELD_OUT_REQUESTS)):
        for i, (said, topic, category, hidden) in enumerate(entries):
            is_question = category not in ("harmful", "safe target")
            wordings = HELD_OUT_POLITE if is_question else HELD_OUT_REQUESTS
            slots = {"do": said, "question": said, "plain": said[0].lower() + said[1:]}
            if is_question and turn >= len(wordings):
                continue
            yield Prompt(
                wordings[(i + turn) % len(wordings)].plain(slots), "harmful" if category == "harmful" else "harmless",
                topic, held_out=hidden, new_phrasing=True, split="unseen" if hidden else "paraphrased",
                meta={"category": category},
            )  # fmt: skip
