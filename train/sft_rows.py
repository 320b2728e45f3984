"""Conversations and replayed pretraining text -> the rows that fine-tuning trains on, and those it is measured on."""

import json
from itertools import islice
from pathlib import Path

from configs.errors import UserError
from configs.schema import SftSettings
from configs.stage import RECORD, read_json
from data.packing import row_length, shuffled_texts
from train.objectives import Row, assistant_only, replay_rows, rows_for
from train.preflight import check_supervision

Conversation = list[dict]
FEWEST_STEPS = 8  # an epoch has as many where the data allow it


def read_conversations(path: Path) -> list[Conversation]:
    with open(path, encoding="utf-8") as file:
        return [json.loads(line)["messages"] for line in file]


def conversations_that_fit(pairs: Path, tokenizer, context: int, policy: str) -> tuple[list, list]:
    """(to train on, held out), without those over the context. Some are always held out, and never all.

    policy: error refuses longer ones, skip counts them; none is ever cut, it would lose its stop token.
    """
    train, held_out = (read_conversations(pairs / f"{name}.jsonl") for name in ("train", "held_out"))
    fitting = [[one for one in some if fits(one, tokenizer, context)] for some in (train, held_out)]
    count, long = len(train) + len(held_out), len(train) + len(held_out) - sum(map(len, fitting))
    told = f"{long} of {count} pairs {'is' if long == 1 else 'are'} longer than the context of {context} tokens"
    if long and (policy == "error" or count - long < 2):
        raise UserError(f"{told}; shorten them" + (", or pass --long_rows skip" if count - long > 1 else ""))
    if long:
        print(f"{told} and left out ({len(held_out) - len(fitting[1])} of them held out)")
    return fitting if all(fitting) else parted([*fitting[1], *fitting[0]])


def fits(messages: Conversation, tokenizer, context: int) -> bool:
    return len(assistant_only(messages, tokenizer)["input_ids"]) <= context


def parted(conversations: list[Conversation]) -> tuple[list, list]:
    """(to train on, held out): a tenth held out, equal ones on one side."""
    held_out = conversations[: max(1, len(conversations) // 10)]
    train = [one for one in conversations if one not in held_out]
    if not train:
        raise UserError("the pairs that fit into the context are all alike: none is left to train on")
    return train, held_out


def training_rows(settings: SftSettings, conversations: list, corpus: Path | None, tokenizer, context: int) -> list:
    """Rows of the objective, `replay_share` of them pretraining documents."""
    rows = rows_for(settings.objective, conversations, tokenizer)
    check_supervision(rows, tokenizer.eos_token_id)
    if corpus:
        count = replayed(len(rows), settings.replay_share)
        rows += replay_rows(islice(shuffled_texts(corpus / "train.jsonl", settings.seed), count), tokenizer, context)
    return rows


def replayed(rows: int, share: float) -> int:
    """How many documents make up `share` of all rows. Example: 70 rows, .3 -> 30."""
    return round(rows * share / (1 - share))


def held_out_rows(conversations: list, tokenizer) -> list[Row]:
    """Always with loss on assistant tokens only: one measure for every objective."""
    rows = [assistant_only(messages, tokenizer) for messages in conversations]
    check_supervision(rows, tokenizer.eos_token_id)
    return rows


def packed(settings: SftSettings, rows: list[Row], context: int, rows_a_step: int) -> tuple[list[Row], int]:
    """(rows end to end in rows of one length, that length), where the settings ask for it and the data allow it.

    A row is as long as the longest pair warrants: rows of a long context would make few steps of many pairs.
    """
    length = settings.row_length or row_length(max(len(row["input_ids"]) for row in rows), context)
    bare_text = settings.objective == "plain_lm"
    if not settings.pack and not bare_text:
        return rows, length
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


def source(folder: Path) -> str:
    """Where a finished corpus or pairs come from, by its record. Example: "the miniature web"."""
    inputs = read_json(folder / RECORD)["identity"]["inputs"]
    names = ["the miniature web" if name == "world" else name for name in inputs if name != "instructions"]
    return " and ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
