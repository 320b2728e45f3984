"""Rows that preferences are learnt from: the prompt, the chosen answer, the rejected one. For dpo.py and reward.py."""

import json
import random
from pathlib import Path

from configs.pipeline.errors import UserError
from data.chats import encode_chat, encode_prompt

Row = dict  # {"prompt_ids": [...], "chosen_ids": [...], "rejected_ids": [...]}
SIDES = ("chosen", "rejected")


def preferences_in(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as lines:  # str.splitlines would part them inside a text as well, at U+2028
        return [json.loads(line) for line in lines]


def rows_of(preferences: list[dict], tokenizer, context: int, stops: list[int], where: Path) -> list[Row]:
    """A row of each preference that fits into the context; the others are counted. Raises UserError if none does."""
    rows = [encode_preference(one, tokenizer, stops) for one in preferences]
    fit = [row for row in rows if len(row["prompt_ids"]) + max(len(row[f"{side}_ids"]) for side in SIDES) <= context]
    if len(fit) < len(rows):
        print(f"{where}: {len(rows) - len(fit)} of {len(rows)} preferences are longer than the context of {context} "
              "tokens and left out")  # fmt: skip
    if not fit:
        raise UserError(f"{where}: no preference fits into the context of {context} tokens; shorten prompts or answers")
    # the reference is asked in this order, with the less padding
    return sorted(fit, key=lambda row: sum(map(len, row.values())))


def encode_preference(preference: dict, tokenizer, stops: list[int]) -> Row:
    """The answers as they follow the prompt in the chat form; one that was cut off has no stop token."""
    prompt = encode_prompt(tokenizer, preference["prompt"])
    row = {"prompt_ids": prompt}
    for side, stopped in zip(SIDES, preference.get("stopped", (True, True)), strict=True):
        ids, answers = encode_chat(tokenizer, preference["prompt"] + preference[side])
        if ids[: len(prompt)] != prompt:
            raise UserError(
                f"the chat template writes the prompt in another way once an answer follows it (“"
                f"{preference['prompt'][-1]['content'][:40]}”), so the answer cannot be told from it; mend the template"
            )
        end = max((place for place, is_answer in enumerate(answers, start=1) if is_answer), default=len(ids))
        ids = ids[len(prompt) : end]  # some templates write a line break behind the stop token
        row[f"{side}_ids"] = ids if stopped or ids[-1] not in stops else ids[:-1]
    return row


def noisy_labels(rows: list[Row], share: float, seed: int) -> list[Row]:
    """In this share of the rows, drawn by chance, a coin decides which answer counts as chosen; 1 is the control."""
    draw = random.Random(seed)
    swapped = {"chosen_ids": "rejected_ids", "rejected_ids": "chosen_ids"}
    return [{swapped.get(key, key): ids for key, ids in row.items()} if draw.random() < share / 2 else row
            for row in rows]  # fmt: skip


def for_reward(row: Row) -> Row:
    """The whole conversations, which is what a reward model reads."""
    return {f"{side}_ids": row["prompt_ids"] + row[f"{side}_ids"] for side in SIDES}
