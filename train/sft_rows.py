"""Conversations and replayed pretraining text -> the rows that fine-tuning trains on, and those it is measured on."""

import json
from itertools import compress, islice
from pathlib import Path

from configs.pipeline.errors import UserError
from configs.pipeline.schema import SftSettings
from data.packing import check_row_length, row_length, shuffled_texts
from train.engine.publish import source
from train.objectives import Row, replay_rows, rows_for

Conversation = list[dict]
FEWEST_STEPS = 8  # an epoch has as many where the data allow it


def read_conversations(path: Path) -> list[Conversation]:
    with open(path, encoding="utf-8") as file:
        return [json.loads(line)["messages"] for line in file]


def rows_of_pairs(settings: SftSettings, pairs: Path, tokenizer, context: int) -> tuple[list[Row], list[Row]]:
    """(rows of the objective to train on, rows held out) of the pairs that fit into the context.

    Some are always held out, and never all; on those loss is taken of assistant tokens only, one measure for every
    objective. A longer pair would lose its stop token: `long_rows` counts it and leaves it out, or refuses it.
    """
    objectives = settings.objective, "assistant_only"
    told = [read_conversations(pairs / f"{name}.jsonl") for name in ("train", "held_out")]
    made = [rows_for(objective, some, tokenizer) for objective, some in zip(objectives, told, strict=True)]
    # bare text has no stop token to lose, and is packed in any case
    limits = float("inf") if settings.objective == "plain_lm" else context, context
    fit = [[len(row["input_ids"]) <= limit for row in rows] for rows, limit in zip(made, limits, strict=True)]
    tell_of_long_pairs(fit, context, settings.long_rows)
    if all(map(any, fit)):
        return tuple(list(compress(rows, kept)) for rows, kept in zip(made, fit, strict=True))
    parts = parted([*compress(told[1], fit[1]), *compress(told[0], fit[0])])
    return tuple(rows_for(objective, some, tokenizer) for objective, some in zip(objectives, parts, strict=True))


def tell_of_long_pairs(fit: list[list[bool]], context: int, policy: str) -> None:
    """Say how many pairs do not fit. Raises UserError if none is to be left out, or nothing to train on is left."""
    count, kept = len(fit[0]) + len(fit[1]), sum(fit[0]) + sum(fit[1])
    long = count - kept
    told = f"{long} of {count} pairs {'is' if long == 1 else 'are'} longer than the context of {context} tokens"
    if long and (policy == "error" or kept < 2):
        raise UserError(f"{told}; shorten them" + (", or pass --long_rows skip" if kept > 1 else ""))
    if long:
        print(f"{told} and left out ({fit[1].count(False)} of them held out)")


def parted(conversations: list[Conversation]) -> tuple[list, list]:
    """(to train on, held out): a tenth held out, equal ones on one side."""
    held_out = conversations[: max(1, len(conversations) // 10)]
    train = [one for one in conversations if one not in held_out]
    if not train:
        raise UserError("the pairs that fit into the context are all alike: none is left to train on")
    return train, held_out


def with_replay(settings: SftSettings, rows: list[Row], corpus: Path | None, tokenizer, context: int) -> list[Row]:
    """The rows and, if a corpus is given, so many of its documents that they are `replay_share` of all."""
    if not corpus:
        return rows
    texts = islice(shuffled_texts(corpus / "train.jsonl", settings.seed), replayed(len(rows), settings.replay_share))
    return rows + replay_rows(texts, tokenizer, context)


def replayed(rows: int, share: float) -> int:
    """How many documents make up `share` of all rows. Example: 70 rows, .3 -> 30."""
    return round(rows * share / (1 - share))


def packed(settings: SftSettings, rows: list[Row], context: int, rows_a_step: int) -> tuple[list[Row], int]:
    """(rows end to end in rows of one length, that length), where the settings ask for it and the data allow it.

    A row is as long as the longest pair warrants: rows of a long context would make few steps of many pairs.
    """
    longest, bare_text = max(len(row["input_ids"]) for row in rows), settings.objective == "plain_lm"
    length = settings.row_length or row_length(longest, context)
    if not settings.pack and not bare_text:
        return rows, length
    check_row_length(length, context)
    if length < longest and not bare_text:
        raise UserError(
            f"row_length: {length} is less than the longest row, which has {longest} tokens and is never cut"
        )
    full = pack(rows, length)
    if not bare_text and len(full) < FEWEST_STEPS * rows_a_step:
        print(f"not packed: {len(rows)} pairs would fill {len(full)} rows of {length} tokens, too few for an epoch")
        return rows, length
    return full, length


def pack(rows: list[Row], length: int) -> list[Row]:
    from datasets import Dataset
    from trl import pack_dataset

    columns = [{"input_ids": row["input_ids"], "labels": row["labels"]} for row in rows]
    return pack_dataset(Dataset.from_list(columns), length, "bfd_split").to_list()


def lower_batch(arguments, rows: int) -> None:
    """Fewer rows a step where all of them would make a single one: one step an epoch learns next to nothing."""
    whole = arguments.gradient_accumulation_steps * arguments.world_size
    if rows > whole * arguments.per_device_train_batch_size or arguments.per_device_train_batch_size == 1:
        return
    fewer = max(1, rows // (FEWEST_STEPS * whole))
    print(f"{rows} rows would make one step an epoch: --per_device_train_batch_size {fewer} instead of "
          f"{arguments.per_device_train_batch_size}")  # fmt: skip
    arguments.per_device_train_batch_size = fewer


def mixture(pairs: int, pairs_folder: Path, corpus: Path | None, share: float) -> str:
    """What is learnt from, for the screen and the card. Example: "54 pairs of mine.jsonl"."""
    told = f"{pairs:,} pairs of {source(pairs_folder)}"
    if not corpus:
        return told
    return f"{told}, and as replay {replayed(pairs, share):,} documents ({share:.0%} of the rows) of {source(corpus)}"
