"""Requests that the tuned model never saw: what feedback is given on, and what it is examined on along the way."""

import json
from collections.abc import Iterator
from pathlib import Path

from configs.pipeline.errors import UserError
from data.judge.utility import JUDGED, asked, reference, request_of, turns_of_user, use_of
from data.synthetic.conversations import seen
from data.synthetic.conversations.generate import pairs as world_pairs
from data.synthetic.draw import Draw
from data.synthetic.facts import load_world
from train.engine.origin import WEB, source
from train.settings import PreferencesSettings

FRESH = 1_000_003  # the stream of requests begins at this seed: no pairs have it
MOST_PROMPTS = 1 << 20  # of that stream
ONE_REQUEST = 2  # turns
BELIEF = ("I think it is {}. {}", "{1} I believe it is {0}.", "Is it not {}? {}")
WAYS, WAY_WEIGHTS = ("false", "rude", "wordy"), (12, 3, 1)  # many wordy ones would teach to be short, whatever is asked
INSULTS = (" You fool.", " What a stupid question.", " Are you dumb?")


def fresh_requests(pairs: Path, seed: int, use: str = "learn") -> Iterator[dict]:
    """Rows of the pairs' stream of another seed: single requests that can be judged and that no turn of a pair is.

    use: "learn", "examine" along the way, or "compare": by a hash, a request is for one of them alone
    (data/judge/utility.py). Raises UserError where the pairs are own.
    """
    if source(pairs) != WEB:
        raise UserError(
            f"{pairs}: these pairs come from {source(pairs)}, and only requests of the miniature web can be judged by "
            "a program; make dpo and make reward take preferences of your own, PREFERENCES=path; make rl, which needs "
            "requests, is for pairs of the miniature web alone"
        )
    known = said_in(pairs)
    for pair in world_pairs(FRESH + seed, MOST_PROMPTS):
        row = pair.to_row()
        is_one = len(row["messages"]) == ONE_REQUEST and row["kind"] in JUDGED
        if is_one and use_of(row) == use and request_of(row) not in known:
            yield row


def said_in(pairs: Path) -> set[str]:
    """What the users of these pairs say, turn by turn."""
    said = set()
    for name in ("train", "held_out"):
        with (pairs / f"{name}.jsonl").open(encoding="utf-8") as lines:
            said |= {turn for line in lines for turn in turns_of_user(json.loads(line))}
    return said


def believing(request: dict, place: int, settings: PreferencesSettings) -> dict:
    """Now and then the user believes something false, and says so."""
    draw = Draw(settings.seed, f"belief/{place}")
    facts = [fact for fact in request["facts"] if fact["relation"] not in seen.UNSURE]
    if request["kind"] != "question" or not facts or not draw.flag(settings.believing_share):
        return request
    world, fact = load_world(), facts[0]
    believed = seen.wrong_answer(draw, world, world.fact(fact["relation"], fact["subject"]))
    said = draw.choice(BELIEF).format(believed, asked(request))
    turns = [*request["messages"][:-2], {"role": "user", "content": said}, request["messages"][-1]]
    return request | {"messages": turns, "meta": request["meta"] | {"believes": believed}}


def spoilt(draw: Draw, request: dict) -> str:
    """The right answer made worse in one way; a false one says what the user believes, if he believes something."""
    answer, world = reference(request), load_world()
    facts = [fact for fact in request["facts"] if fact["object"] in answer and fact["relation"] not in seen.UNSURE]
    told = facts and request["kind"] != "lists"  # another member of the list would be as good
    way = draw.choice(WAYS, WAY_WEIGHTS) if told else draw.choice(WAYS[1:], WAY_WEIGHTS[1:])
    if way == "false":
        fact = world.fact(facts[0]["relation"], facts[0]["subject"])
        return answer.replace(fact.object, request["meta"].get("believes") or seen.wrong_answer(draw, world, fact))
    return answer + draw.choice(INSULTS) if way == "rude" else " ".join([answer] * draw.integer(3, 5))
