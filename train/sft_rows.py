"""Conversations and replayed pretraining text -> the rows that fine-tuning trains on."""

import json
from pathlib import Path

from configs.errors import UserError
from configs.schema import SftSettings
from data.packing import shuffled_texts
from train.objectives import assistant_only, replay_rows, rows_for
from train.preflight import check_supervision


def read_conversations(path: Path) -> list[list[dict]]:
    with open(path, encoding="utf-8") as file:
        return [json.loads(line)["messages"] for line in file]


def training_rows(
    settings: SftSettings, conversations: list, corpus: Path | None, tokenizer, context: int, stops: list[int] = ()
) -> list[dict]:
    """Rows of the objective, `replay_share` of them pretraining documents; packed like pretraining if asked for."""
    rows = rows_for(settings.objective, conversations, tokenizer)
    if settings.objective != "plain_lm":
        rows = within_context(rows, context, settings.long_rows)
    check_supervision(rows, stops or [tokenizer.eos_token_id])
    if corpus:
        count = round(len(rows) * settings.replay_share / (1 - settings.replay_share))
        rows += replay_rows(first_texts(corpus / "train.jsonl", settings.seed, count), tokenizer, context)
    return packed(rows, context) if settings.pack or settings.objective == "plain_lm" else rows


def held_out_rows(conversations: list, tokenizer, context: int, stops: list[int] = ()) -> list[dict]:
    """Always with loss on assistant tokens only: one measure for every objective."""
    rows = within_context([assistant_only(messages, tokenizer) for messages in conversations], context, "skip")
    check_supervision(rows, stops or [tokenizer.eos_token_id])
    return rows


def first_texts(path: Path, seed: int, count: int) -> list[str]:
    texts = shuffled_texts(path, seed)
    return [text for text, _ in zip(texts, range(count), strict=False)]


def within_context(rows: list[dict], context: int, policy: str) -> list[dict]:
    """Rows that fit. A longer one would lose its stop token, so it is counted and left out, or refused; never cut."""
    kept = [row for row in rows if len(row["input_ids"]) <= context]
    long = len(rows) - len(kept)
    if long and (policy == "error" or not kept):
        raise UserError(
            f"{long} of {len(rows)} pairs are longer than the context of {context} tokens; shorten them"
            + (", or pass --long_rows skip" if kept else "")
        )
    if long:
        print(f"{long} of {len(rows)} pairs are longer than the context of {context} tokens and were left out")
    return kept


def packed(rows: list[dict], context: int) -> list[dict]:
    from datasets import Dataset
    from trl import pack_dataset

    columns = [{"input_ids": row["input_ids"], "labels": row["labels"]} for row in rows]
    return pack_dataset(Dataset.from_list(columns), context, "bfd_split").to_list()
