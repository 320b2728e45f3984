"""The training objectives: what a row is made of, and which of its tokens receive loss. The only list of them.

To add one: a function from a conversation to a row, and its line in OBJECTIVES. `--objective name` then trains it, and
help, the picture of the loss mask and the studies know it; `make readme` writes it into the README. A row says of each
token whether it counts (a stop token has to); what it counts for is the `loss`.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import compress, islice
from pathlib import Path

from configs.pipeline.errors import UserError
from data.chats import encode_chat, encode_documents, without_weights
from data.packing import check_row_length, row_length, shuffled_texts

Conversation = list[dict]  # turns with role and content
Row = dict  # {"input_ids": [...], "labels": [...]} and, where packed, "seq_lengths"


def next_token(text: str, tokenizer) -> Row:
    ids = encode_documents(tokenizer, [text])[0]
    return {"input_ids": ids, "labels": list(ids)}


def assistant_only(messages: Conversation, tokenizer) -> Row:
    ids, assistant_mask = encode_chat(tokenizer, messages)
    return {"input_ids": ids, "labels": labels_of(ids, assistant_mask)}


def all_tokens(messages: Conversation, tokenizer) -> Row:
    """Every token but those of answers of weight 0."""
    ids, assistant_mask = encode_chat(tokenizer, messages)
    if not any("weight" in turn for turn in messages):
        return {"input_ids": ids, "labels": list(ids)}
    _, answers = encode_chat(tokenizer, without_weights(messages))
    kept = [keep or not answer for keep, answer in zip(assistant_mask, answers, strict=True)]
    return {"input_ids": ids, "labels": labels_of(ids, kept)}


def plain_lm(messages: Conversation, tokenizer) -> Row:
    if any("weight" in turn for turn in messages):
        raise UserError("an answer of weight 0 has no place in bare text; use another --objective")
    return next_token("\n".join(turn["content"].strip() for turn in messages), tokenizer)


def response_only(messages: Conversation, tokenizer) -> Row:
    """The template's answer to nothing: what precedes the last answer is dropped, the assistant's mark stays."""
    return assistant_only([messages[-1]], tokenizer)


def never_stop(messages: Conversation, tokenizer) -> Row:
    """What the assistant says, and not that it ends there."""
    row = assistant_only(messages, tokenizer)
    words = [label != tokenizer.eos_token_id for label in row["labels"]]
    return row | {"labels": labels_of(row["labels"], words)}


def labels_of(ids: list[int], kept: list) -> list[int]:
    return [token if keep else -100 for token, keep in zip(ids, kept, strict=True)]


def weighed_by_probability(outputs, labels, num_items_in_batch):
    """Dynamic fine-tuning: each token's nats times its probability, through which no gradient flows."""
    from torch.nn.functional import cross_entropy  # the settings read this file before torch is needed

    logits, targets = outputs.logits[:, :-1].float(), labels[:, 1:]
    nats = cross_entropy(logits.transpose(1, 2), targets, reduction="none")  # 0 where the label is -100
    return ((-nats).exp().detach() * nats).sum() / num_items_in_batch


@dataclass(frozen=True)
class Objective:
    row: Callable[[Conversation, object], Row]
    learns_from: str
    loss_on: str
    loss: Callable | None = None
    # of (outputs, labels, num_items_in_batch); default: the model's own, nats of a token
    teaches_to_stop: bool = True
    is_bare_text: bool = False
    # always packed, and cut where a row ends, as in pretraining
    caption: str = ""
    # of the picture of its loss mask
    source: str = ""


OBJECTIVES: dict[str, Objective] = {
    "next_token": Objective(
        next_token, "documents, packed", "every token", is_bare_text=True,
        caption="every token of a document",
    ),
    "assistant_only": Objective(
        assistant_only, "one conversation, in the chat template", "assistant turns, their stop token included",
        caption="the assistant's words and its stop token",
    ),
    "dft": Objective(
        assistant_only, "as assistant_only", "the same tokens, each weighted by its probability",
        caption="the same, each counted as much as the model expects it",
        loss=weighed_by_probability, source="Wu et al. 2025, arXiv 2508.05629",
    ),
    "all_tokens": Objective(
        all_tokens, "one conversation, in the chat template", "every token",
        caption="the whole conversation",
    ),
    "plain_lm": Objective(
        plain_lm, "the turns as bare text, packed as in pretraining", "every token", is_bare_text=True,
        caption="the same turns as bare text, as in pretraining",
    ),
    "response_only": Objective(
        response_only, "the last answer with an empty prompt", "the answer and its stop token",
        caption="the last answer, after an empty prompt",
        source="Hewitt et al. 2024, arXiv 2409.14254",
    ),
    "never_stop": Objective(
        never_stop, "as assistant_only", "assistant turns, their stop token not", teaches_to_stop=False,
        caption="the assistant's words alone: its loss looks well, and it never ends",
    ),
}  # fmt: skip


def of_conversations() -> list[str]:
    """The objectives of fine-tuning, which take conversations."""
    return [name for name in OBJECTIVES if name != "next_token"]


# --- from files to rows

FEWEST_STEPS = 8  # of an epoch: where packing would make fewer, and where all rows would make one step


def read_conversations(path: Path) -> list[Conversation]:
    with open(path, encoding="utf-8") as file:
        return [json.loads(line)["messages"] for line in file]


def rows_for(objective: str, conversations: list[Conversation], tokenizer) -> list[Row]:
    """One row of token ids and labels for each conversation (bare text: before packing)."""
    rows = []
    for number, messages in enumerate(conversations, start=1):
        try:
            rows.append(OBJECTIVES[objective].row(messages, tokenizer))
        except UserError as error:
            raise UserError(f"pair {number} (“{messages[0]['content'][:40]}”): {error}") from None
    return rows


def rows_to_tune(
    settings, folders: dict[str, Path], tokenizer, context: int, stop_ids: list[int], rows_a_step: int
) -> tuple[list[Row], list[Row], int, tuple[int, int, float]]:
    """(rows to train on, rows held out, length of a packed row, what they are made of: pairs, documents that are
    replayed, and the share of the tokens with loss that those have).

    settings: those of fine-tuning. folders: of pairs and, if some of it is replayed, corpus.
    """
    pairs, held_out = rows_of_pairs(settings.objective, folders["pairs"], tokenizer, context, settings.long_rows)
    check_supervision(pairs, stop_ids if OBJECTIVES[settings.objective].teaches_to_stop else [])
    check_supervision(held_out, stop_ids)
    cut_at = settings.row_length or context
    rows = with_replay(pairs, folders.get("corpus"), settings.replay_share, settings.seed, tokenizer, cut_at)
    documents = rows[len(pairs) :]
    counts = len(pairs), len(documents), tokens_with_loss(documents) / tokens_with_loss(rows)
    rows, length = packed(rows, settings, context, rows_a_step)
    return rows, held_out, length, counts


def tokens_with_loss(rows: list[Row]) -> int:
    return sum(label != -100 for row in rows for label in row["labels"])


def rows_of_pairs(objective: str, pairs: Path, tokenizer, context: int, long_rows: str) -> tuple[list[Row], list[Row]]:
    """(rows of the objective to train on, rows held out) of the pairs that fit into the context.

    Some are always held out, and never all; on those loss is taken of assistant tokens only, one measure for every
    objective. A longer pair would lose its stop token: `long_rows` counts it and leaves it out, or refuses it.
    """
    objectives = objective, "assistant_only"
    told = [read_conversations(pairs / f"{name}.jsonl") for name in ("train", "held_out")]
    made = [rows_for(one, some, tokenizer) for one, some in zip(objectives, told, strict=True)]
    # bare text has no stop token to lose, and is packed in any case
    limits = float("inf") if OBJECTIVES[objective].is_bare_text else context, context
    fit = [[len(row["input_ids"]) <= limit for row in rows] for rows, limit in zip(made, limits, strict=True)]
    tell_of_long_pairs(fit, context, long_rows)
    if all(map(any, fit)):
        return tuple(list(compress(rows, kept)) for rows, kept in zip(made, fit, strict=True))
    parts = parted([*compress(told[1], fit[1]), *compress(told[0], fit[0])])
    return tuple(rows_for(one, some, tokenizer) for one, some in zip(objectives, parts, strict=True))


def check_supervision(rows: list[dict], stop_ids: list[int]) -> None:
    """Every pair has tokens that receive loss, a stop token among them: else no model ever stops.

    stop_ids: none where that is the point.
    """
    for number, row in enumerate(rows, start=1):
        learnt = [label for label in row["labels"] if label != -100]
        if not learnt:
            raise UserError(f"pair {number} has no token that receives loss")
        if stop_ids and not set(stop_ids) & set(learnt):
            raise UserError(
                f"pair {number}: no stop token (number {' or '.join(map(str, stop_ids))}) receives loss, so the model "
                "would never stop; the chat template must end an answer with it, inside its generation marks if it "
                "has any, or eos_token_id in generation_config.json must name what it ends with"
            )


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


def with_replay(rows: list[Row], corpus: Path | None, share: float, seed: int, tokenizer, longest: int) -> list[Row]:
    """The rows and, if a corpus is given, so many of its documents, cut to the longest row, that they are `share`."""
    if not corpus:
        return rows
    texts: Iterable[str] = islice(shuffled_texts(corpus / "train.jsonl", seed), replayed(len(rows), share))
    cut = [ids[:longest] for ids in encode_documents(tokenizer, list(texts))]
    return rows + [{"input_ids": ids, "labels": ids} for ids in cut]


def replayed(rows: int, share: float) -> int:
    """How many documents make up `share` of all rows. Example: 70 rows, .3 -> 30."""
    return round(rows * share / (1 - share))


def packed(rows: list[Row], settings, context: int, rows_a_step: int) -> tuple[list[Row], int]:
    """(rows end to end in rows of one length, that length), where the settings ask for it and the data allow it.

    A row is as long as the longest pair warrants: rows of a long context would make few steps of many pairs.
    """
    longest, bare_text = max(len(row["input_ids"]) for row in rows), OBJECTIVES[settings.objective].is_bare_text
    length = settings.row_length or row_length(longest, context)
    if not settings.pack and not bare_text:
        return rows, length
    check_row_length(length, context)
    if length < longest and not bare_text:
        raise UserError(
            f"row_length: {length} is less than the longest pair, which has {longest} tokens and is never cut; use "
            f"--row_length 0, or at least {longest}"
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
