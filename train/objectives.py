"""The training objectives of fine-tuning: the same pairs, and which of their tokens receive loss.

| objective      | rows                                          | loss on                                           |
| -------------- | --------------------------------------------- | ------------------------------------------------- |
| assistant_only | one conversation, in the chat template        | assistant turns, their stop token included        |
| dft            | as assistant_only                             | the same tokens, each weighted by its probability |
| all_tokens     | one conversation, in the chat template        | every token                                       |
| plain_lm       | the turns as bare text, packed as pretraining | every token                                       |
| response_only  | the last answer with an empty prompt          | the answer and its stop token                     |

dft: Wu et al. 2025, arXiv 2508.05629. response_only: Hewitt et al. 2024, arXiv 2409.14254.
"""

from collections.abc import Iterable

from configs.pipeline.errors import UserError
from data.chats import encode_chat, encode_documents, without_weights

Row = dict  # {"input_ids": [...], "labels": [...]} and, where packed, "seq_lengths"


def rows_for(objective: str, conversations: list[list[dict]], tokenizer) -> list[Row]:
    """One row of token ids and labels for each conversation (plain_lm: before packing)."""
    rows = []
    for number, messages in enumerate(conversations, start=1):
        try:
            rows.append(ROWS[objective](messages, tokenizer))
        except UserError as error:
            raise UserError(f"pair {number} (“{messages[0]['content'][:40]}”): {error}") from None
    return rows


def assistant_only(messages: list[dict], tokenizer) -> Row:
    ids, assistant_mask = encode_chat(tokenizer, messages)
    return {"input_ids": ids, "labels": labels_of(ids, assistant_mask)}


def all_tokens(messages: list[dict], tokenizer) -> Row:
    """Every token but those of answers of weight 0."""
    ids, assistant_mask = encode_chat(tokenizer, messages)
    if not any("weight" in turn for turn in messages):
        return {"input_ids": ids, "labels": list(ids)}
    _, answers = encode_chat(tokenizer, without_weights(messages))
    kept = [keep or not answer for keep, answer in zip(assistant_mask, answers, strict=True)]
    return {"input_ids": ids, "labels": labels_of(ids, kept)}


def plain_lm(messages: list[dict], tokenizer) -> Row:
    if any("weight" in turn for turn in messages):
        raise UserError("an answer of weight 0 has no place in bare text; use another --objective")
    ids = encode_documents(tokenizer, ["\n".join(turn["content"].strip() for turn in messages)])[0]
    return {"input_ids": ids, "labels": list(ids)}


def response_only(messages: list[dict], tokenizer) -> Row:
    """The template's answer to nothing: what precedes the last answer is dropped, the assistant's mark stays."""
    return assistant_only([messages[-1]], tokenizer)


def labels_of(ids: list[int], kept: list) -> list[int]:
    return [token if keep else -100 for token, keep in zip(ids, kept, strict=True)]


ROWS = {
    "assistant_only": assistant_only,
    "dft": assistant_only,
    "all_tokens": all_tokens,
    "plain_lm": plain_lm,
    "response_only": response_only,
}


def replay_rows(texts: Iterable[str], tokenizer, context: int) -> list[Row]:
    """Pretraining documents as rows with loss on every token, cut to the context."""
    return [{"input_ids": ids[:context], "labels": ids[:context]} for ids in encode_documents(tokenizer, list(texts))]
