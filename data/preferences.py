"""Preference files of the user's own: which of two answers was chosen.

A row is {prompt, chosen, rejected}, each a text or a list of turns; without a prompt, `chosen` and `rejected` are whole
conversations that part at their last turn. Rows of {prompt, completion, label} are paired by equal prompt, a good
answer with a bad one. Rows with a `verdict` of "tie", "both bad" or "asked again" (a pair shown once more), as
`make label` saves them, choose nothing.
"""

import json
from collections import Counter, defaultdict
from functools import partial
from typing import Annotated

from pydantic import Field, StrictBool, StrictStr, TypeAdapter, ValidationError

from configs.pipeline.errors import UserError
from data.sources.files import TABLES
from data.sources.forms import (
    MARKS,
    SYSTEM,
    BadForm,
    Keys,
    holds_talk,
    is_column,
    is_missing,
    refuse_unreadable,
    shown,
    spoken,
    turns_of,
)
from data.sources.reading import Reading, checked, files_to_read, refuse_none, said_at_the_end

NO_CHOICE = ("tie", "both bad", "asked again")
WANTED = "prompt, chosen and rejected, or prompt, completion and label"
OWN = {  # columns of our own files, kept where they are of this type
    "kind": TypeAdapter(StrictStr), "chance": TypeAdapter(Annotated[float, Field(ge=0, le=1)]),
    "stopped": TypeAdapter(tuple[StrictBool, StrictBool]), "utility": TypeAdapter(tuple[float, float]),
}  # fmt: skip


def read_preferences(reading: Reading) -> tuple[list[dict], Counter]:
    """({prompt, chosen, rejected} as lists of turns, how many rows were left out and why) of a source.

    Raises UserError for what cannot be read, and where nothing was chosen.
    """
    pairs, rated, left_out, rows = [], defaultdict(lambda: {True: [], False: []}), Counter(), 0
    reading.keys.can_ignore = False
    with said_at_the_end(reading):
        for path in files_to_read(reading, TABLES):
            use = partial(to_preference, keys=reading.keys)
            for found in checked(reading.rows(path, is_row), use, reading):
                rows += 1
                if "verdict" in found:
                    left_out[found["verdict"]] += 1
                elif "label" in found:
                    rated[json.dumps(found["prompt"], sort_keys=True)][found["label"]].append(found["completion"])
                else:
                    pairs.append(found)
    refuse_none(reading, rows)
    for prompt, answers in rated.items():
        good, bad = answers[True], answers[False]
        both = list(zip(good, bad, strict=False))
        pairs += [{"prompt": json.loads(prompt), "chosen": chosen, "rejected": rejected} for chosen, rejected in both
                  if not say_the_same(chosen, rejected)]  # fmt: skip
        left_out["called good and bad as well"] += sum(say_the_same(*one) for one in both)
        left_out["without a counterpart of the same prompt"] += len(good) + len(bad) - 2 * len(both)
    if not pairs:
        why = ", ".join(f"{count} {reason}" for reason, count in left_out.items() if count)
        raise UserError(
            f"{reading.source}: nothing is preferred to anything in {rows} rows ({why}); a prompt needs an answer that"
            " was chosen and one that was rejected"
        )
    return pairs, +left_out


def is_row(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    held = [value[key] for key in ("chosen", "completion", "label") if key in value]
    return bool({"chosen", "completion"} & set(value)) and not any(map(is_column, held))


def to_preference(row: object, keys: Keys) -> dict:
    """{prompt, chosen, rejected} of a row; {prompt, completion, label} or {verdict} of those that say less."""
    if not isinstance(row, dict):
        raise BadForm(f"is {shown(row)}, where an object was expected")
    present = {key: value for key, value in keys.kept(row).items() if not is_missing(value)}
    if str(present.get("verdict", "")).lower() in NO_CHOICE:
        return {"verdict": present["verdict"].lower()}
    refuse_unreadable({key: value for key, value in present.items() if key not in ("chosen", "rejected")}, keys)
    before = [spoken("system", key, present[key]) for key in SYSTEM if key in present]
    if "label" in present and "completion" in present and "prompt" in present:
        keys.count("column", present.keys() - {"prompt", "completion", "label", *SYSTEM})
        label = MARKS.get(str(present["label"]).lower())
        if label is None:
            raise BadForm(f"label {shown(present['label'])} is neither true nor false")
        answer = answer_of(present["completion"], "completion", keys)
        return {"prompt": under(before, prompt_of(present["prompt"], keys)), "completion": answer, "label": label}
    lacking = [key for key in ("chosen", "rejected") if key not in present]
    if lacking:
        empty = lacking[0] in row
        told = "is empty" if empty else f"is not there; expected {WANTED}; found: {', '.join(map(repr, row))[:200]}"
        raise BadForm(f"key {lacking[0]!r} {told}")
    own = {key: found for key, kind in OWN.items() if (found := fitting(kind, present.get(key))) is not None}
    keys.count("column", present.keys() - {"prompt", "chosen", "rejected", "verdict", *SYSTEM, *own})
    prompt = prompt_of(present["prompt"], keys) if "prompt" in present else []
    sides = [answer_of(present[key], key, keys, prompt) for key in ("chosen", "rejected")]
    if not prompt:
        prompt = common_prompt(*sides)
        sides = [side[len(prompt) :] for side in sides]
    if say_the_same(*sides):
        raise BadForm("chosen and rejected are the same answer")
    return {"prompt": under(before, prompt), "chosen": sides[0], "rejected": sides[1]} | own


def fitting(kind: TypeAdapter, value: object) -> object:
    """The value as JSON has it; None where it is of another type."""
    try:
        return kind.dump_python(kind.validate_python(value), mode="json")
    except ValidationError:
        return None


def under(before: list[dict], prompt: list[dict]) -> list[dict]:
    """The prompt behind a system prompt that stands beside it."""
    if before and prompt and prompt[0]["role"] == "system":
        raise BadForm("two system prompts")
    return before + prompt


def say_the_same(chosen: list[dict], rejected: list[dict]) -> bool:
    return [turn["content"].strip() for turn in chosen] == [turn["content"].strip() for turn in rejected]


def told(value: object, role: str, key: str, keys: Keys) -> list[dict]:
    """Turns, or the one turn that a text is."""
    return turns_of(value, keys) if isinstance(value, list) or holds_talk(value) else [spoken(role, key, value)]


def prompt_of(value: object, keys: Keys) -> list[dict]:
    turns = told(value, "user", "prompt", keys)
    if turns[-1]["role"] != "user":
        raise BadForm("key 'prompt' ends in no turn of the user")
    return turns


def answer_of(value: object, key: str, keys: Keys, prompt: list[dict] = ()) -> list[dict]:
    """The turns of an answer, without the prompt that some files repeat before it."""
    turns = told(value, "assistant", key, keys)
    if prompt and turns[: len(prompt)] == prompt:
        turns = turns[len(prompt) :]
    if not turns or turns[-1]["role"] != "assistant":
        raise BadForm(f"key {key!r} ends in no assistant turn")
    if prompt and turns[0]["role"] != "assistant":
        raise BadForm(f"key {key!r} repeats a conversation that is not that of 'prompt'; leave it out of one of them")
    return turns


def common_prompt(chosen: list[dict], rejected: list[dict]) -> list[dict]:
    """What two conversations share: all but their last turns."""
    prompt = chosen[:-1]
    if not prompt or prompt != rejected[:-1]:
        raise BadForm("has no prompt, and chosen and rejected are no conversations that part at their last turn")
    return prompt
