"""Documents -> rows of one context length, and rows -> batches in which no document sees another.

A packed row holds whole documents one after the other; `seq_lengths` says where each ends. The collator makes
positions start anew at each document. With positions that restart, no attention mask and no cache, transformers
builds a block-diagonal mask, so attention stays inside a document (tests/test_packing.py holds it to that).
"""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from configs.pipeline.errors import UserError
from data.chats import encode_documents, load_tokenizer

BATCH = 1000  # documents tokenized, and packed, at once


def packed_documents(
    corpus_file: Path, tokenizer_folder: Path, seed: int, tokens: int, cache: Path, length: int = 0
) -> tuple:
    """(a `datasets.Dataset` of packed rows {input_ids, seq_lengths}, their length; 0: as long as the text warrants).

    Documents are drawn by `seed` until `tokens` are full. The rows live on disk (in `cache`), so their number is
    bounded by the disk, not by memory.
    """
    import pyarrow.compute
    from datasets import Dataset
    from trl import pack_dataset

    tokenizer = load_tokenizer(tokenizer_folder)
    documents = Dataset.from_generator(
        tokenized,
        cache_dir=str(cache),
        gen_kwargs={
            "corpus_file": str(corpus_file),
            "tokenizer_folder": str(tokenizer_folder),
            "seed": seed,
            "tokens": tokens,
        },
    )
    longest = pyarrow.compute.max(pyarrow.compute.list_value_length(documents.data["input_ids"])).as_py()
    check_row_length(length, tokenizer.model_max_length)
    length = length or row_length(longest, tokenizer.model_max_length)
    return pack_dataset(documents, length, "bfd_split", {"batch_size": BATCH}), length


def check_row_length(length: int, context: int) -> None:
    """Raise UserError for a row longer than the context: nothing that a model reads is as long."""
    if length > context:
        raise UserError(f"row_length: {length} is over the context of {context} tokens")


def row_length(longest: int, context: int) -> int:
    """The power of two that holds the longest text, the context at most. Example: 90, 512 -> 128."""
    return min(context, 1 << (longest - 1).bit_length())


def tokenized(corpus_file: str, tokenizer_folder: str, seed: int, tokens: int) -> Iterator[dict]:
    """Documents in an order drawn by `seed`, as {"input_ids"}, until they hold `tokens` tokens or are used up."""
    tokenizer = load_tokenizer(tokenizer_folder)
    texts = shuffled_texts(Path(corpus_file), seed)
    while batch := list(islice(texts, BATCH)):
        for ids in encode_documents(tokenizer, batch):
            yield {"input_ids": ids}
            tokens -= len(ids)
            if tokens <= 0:
                return


def shuffled_texts(corpus_file: Path, seed: int) -> Iterator[str]:
    """Texts of a JSON Lines file in an order drawn by `seed`, reading one line at a time: memory is 8 bytes a line."""
    with open(corpus_file, "rb") as file:
        offsets = np.fromiter(line_starts(file), dtype=np.int64)
        for at in np.random.default_rng(seed).permutation(len(offsets)):
            file.seek(offsets[at])
            yield json.loads(file.readline())["text"]


def line_starts(file) -> Iterator[int]:
    at = 0
    for line in file:
        yield at
        at += len(line)


def held_out_documents(corpus_file: Path, tokenizer, tokens: int) -> tuple[list[list[int]], int]:
    """(documents as token ids, their bytes): the first of a split, each cut to the context, `tokens` in all."""
    rows, size = [], 0
    for text in shuffled_texts(corpus_file, seed=0):
        ids = encode_documents(tokenizer, [text])[0]
        if len(ids) > tokenizer.model_max_length:
            ids = ids[: tokenizer.model_max_length]
            text = tokenizer.decode(ids, skip_special_tokens=True)
        rows.append(ids)
        size += len(text.encode())
        tokens -= len(ids)
        if tokens <= 0:
            break
    return rows, size


class Collator:
    """Rows {input_ids, labels?, seq_lengths?} -> tensors input_ids, position_ids, labels, each (batch, longest row).

    Labels default to the inputs; the first token of a document is never a target, since what precedes it belongs to
    another document. Padding goes to the right, carries no label, and its positions simply run on: causal attention
    already hides it, and without a restart a batch of single documents needs no mask at all.
    `length` makes every batch that long at least: a compiled model is compiled again for every new shape.
    `seq_idx` adds the number of each token's document in its row, for models that mix neighbours without attention.
    """

    def __init__(self, padding_id: int, length: int = 0, seq_idx: bool = False):
        self.padding_id, self.length, self.seq_idx = padding_id, length, seq_idx

    def __call__(self, rows: list[dict]) -> dict:
        import torch

        longest = max(self.length, *(len(row["input_ids"]) for row in rows))
        batch = {
            "input_ids": torch.full((len(rows), longest), self.padding_id),
            "labels": torch.full((len(rows), longest), -100),
            "position_ids": torch.arange(longest).repeat(len(rows), 1),
        }
        for place, row in enumerate(rows):
            length = len(row["input_ids"])
            positions = positions_of(row.get("seq_lengths") or [length])
            batch["input_ids"][place, :length] = torch.tensor(row["input_ids"])
            batch["labels"][place, :length] = torch.tensor(row.get("labels") or row["input_ids"])
            batch["position_ids"][place, : len(positions)] = torch.from_numpy(positions)
            if len(row.get("seq_lengths") or []) > 1:  # the padding behind packed documents is one more segment
                batch["position_ids"][place, length:] = torch.arange(longest - length)
        batch["labels"][batch["position_ids"] == 0] = -100
        if self.seq_idx and any(len(row.get("seq_lengths") or []) > 1 for row in rows):
            batch["seq_idx"] = (batch["position_ids"] == 0).cumsum(1).int()
        return batch | {"use_cache": False}  # with a cache, transformers would not isolate packed documents


def positions_of(lengths: list[int]) -> np.ndarray:
    """Example: [3, 2] -> [0, 1, 2, 0, 1]."""
    return np.concatenate([np.arange(length) for length in lengths])
