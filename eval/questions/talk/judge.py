"""Was an answer of the talk card right? Each part of that is read by a rule, and all of them have to hold.

    >>> item = {"kind": "fact", "ask": "What is the capital of Norway?", "says": ["Oslo"]}
    >>> judge(item, "The capital of Norway is Oslo.", stopped=True)["right"]
    True
    >>> judge(item, "Oslo. Oslo. Oslo.", stopped=True)["no_repetition"]
    False

The fields of an item are explained in ask.py. A false statement of any fact of the world makes an answer untrue,
whatever was asked; a story, and a text that only says something again, may say what it likes. Who goes on to write the
other's turn is read up to there.
"""

import re

from data.judge.checks import SENTENCE_END, items, obeys, plain_words
from data.judge.content import members, names, repeats, says, says_back_what_was_asked, told_of
from data.judge.response import declines, does_not_know, first_sentence
from data.judge.sense import is_readable
from data.judge.stated import facts_in

OTHERS_TURN = re.compile(r"\n(?:User|Assistant|System):")
FREE = ("story", "rewrite", "reading")  # kinds of requests whose answers state nothing about the world
MOST_FACTS = {"small_talk": 0, "story": 1}  # that such an answer may state: it is no lecture, and no portrait


def judge(item: dict, text: str, stopped: bool) -> dict[str, bool]:
    """The parts of an answer and `right`, which is all of them."""
    text = text.strip()
    own = OTHERS_TURN.split(text, maxsplit=1)[0]
    found = {
        "subject": names(item.get("about"), own) and is_about_the_request(item, own),
        "true": is_true(item, own),
        "form": has_form(item, own),
        "no_repetition": not repeats(text),
        "ends": stopped,
    }
    return found | {"right": all(found.values())}


def is_about_the_request(item: dict, text: str) -> bool:
    """A wish that is said back is the user's, small talk lectures about nothing, and a story is no portrait."""
    if not says_back_what_was_asked(item["ask"], text):
        return False
    return item["kind"] not in MOST_FACTS or len(facts_in(text)) <= MOST_FACTS[item["kind"]]


def is_true(item: dict, text: str) -> bool:
    """What has to be said is said, nothing forbidden and nothing false is."""
    if not all(says(item[group], text) for group in ("says", "says_too") if group in item):
        return False
    if says(item.get("never", ()), text) or len(told_of(item.get("about"), text)) < item.get("facts", 0):
        return False
    if "list" in item and not set(map(str.lower, items(text))) <= members(item["list"]["category"]):
        return False
    return item["kind"] in FREE or all(fact["is_true"] for fact in facts_in(text))


def has_form(item: dict, text: str) -> bool:
    """Condition, number of items or sentences, refusal and ignorance as they were wanted, in readable words."""
    first = first_sentence(text)
    if item["kind"] == "small_talk":
        item = {"refuses": False, "unknown": False} | item
    wanted = {"refuses": declines(first), "unknown": does_not_know(first)}
    if item.get("unknown"):
        del wanted["refuses"]  # one may say so by declining
    kept = [is_readable(text) or len(plain_words(text)) <= 3]
    kept += [item[name] == found for name, found in wanted.items() if name in item]
    kept += [obeys(text, item["condition"])] if "condition" in item else []
    kept += [obeys(text, {"constraint": "list", "n": item["list"]["n"]})] if "list" in item else []
    if "sentences" in item:
        low, high = item["sentences"]
        kept.append(low <= len(SENTENCE_END.findall(text)) <= high)
    return all(kept)
