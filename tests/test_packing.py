"""Packed documents do not see each other: logits equal those of each document alone, for both shapes of model."""

import json

import pytest
import torch
from conftest import DOCUMENTS, tiny_model, write_lines

from data.chats import encode_documents
from data.packing import Collator, held_out_documents, packed_documents, positions_of, shuffled_texts
from train.engine.convolutions import has_convolutions


@pytest.fixture
def rows(tokenizer):
    """Two documents packed into one row, and each of them alone."""
    first, second = (ids[:24] for ids in encode_documents(tokenizer, DOCUMENTS[:2]))
    return {"input_ids": first + second, "seq_lengths": [len(first), len(second)]}, first, second


def logits(model, batch):
    batch.pop("labels")
    with torch.no_grad():
        return model.eval()(**batch).logits[0]


@pytest.mark.parametrize("model_type", ["llama", "gpt2", "lfm2"])
def test_a_packed_document_gets_the_logits_it_gets_alone(tokenizer, rows, model_type):
    packed, first, second = rows
    model = tiny_model(tokenizer, model_type)
    collate = Collator(tokenizer.pad_token_id, seq_idx=has_convolutions(model))
    together = logits(model, collate([packed]))
    for document, at in ((first, 0), (second, len(first))):
        alone = logits(model, collate([{"input_ids": document}]))
        assert (together[at : at + len(document)] - alone).abs().max() < 1e-5


@pytest.mark.parametrize("model_type", ["llama", "gpt2"])
def test_with_a_cache_or_a_mask_documents_would_leak(tokenizer, rows, model_type):
    """The negative control: the same row, put to the model the way a hand-written loop would."""
    packed, first, second = rows
    model, collate = tiny_model(tokenizer, model_type), Collator(tokenizer.pad_token_id)
    alone = logits(model, collate([{"input_ids": second}]))
    for change in (
        {"use_cache": True},
        {"attention_mask": torch.ones(1, len(packed["input_ids"]), dtype=torch.long)},
    ):
        leaking = logits(model, collate([packed]) | change)[len(first) :]
        assert (leaking - alone).abs().max() > 1e-4


def test_padding_behind_a_row_changes_nothing(tokenizer, rows):
    packed, first, _ = rows
    model, collate = tiny_model(tokenizer), Collator(tokenizer.pad_token_id)
    alone = logits(model, collate([packed]))
    padded = logits(model, collate([packed, {"input_ids": list(range(3, 63))}]))
    assert (padded[: len(alone)] - alone).abs().max() < 1e-5
    alone = logits(model, collate([{"input_ids": first}]))
    padded = logits(model, collate([{"input_ids": first}, {"input_ids": list(range(3, 63))}]))
    assert (padded[: len(alone)] - alone).abs().max() < 1e-5


def test_the_first_token_of_a_document_is_no_target_and_padding_never_is(tokenizer):
    batch = Collator(1)([{"input_ids": [2, 5, 6, 2, 7], "seq_lengths": [3, 2]}, {"input_ids": [2, 8]}])
    assert batch["labels"].tolist() == [[-100, 5, 6, -100, 7], [-100, 8, -100, -100, -100]]
    assert batch["position_ids"].tolist() == [[0, 1, 2, 0, 1], [0, 1, 2, 3, 4]]
    assert batch["input_ids"].tolist() == [[2, 5, 6, 2, 7], [2, 8, 1, 1, 1]]
    assert batch["use_cache"] is False


def test_an_end_of_text_that_equals_the_padding_is_still_learnt():
    """Some models have one token for both; the labels go by position, so the stop stays a target."""
    batch = Collator(0)([{"input_ids": [5, 6, 0]}, {"input_ids": [5, 6, 7, 8, 0]}])
    assert batch["labels"].tolist() == [[-100, 6, 0, -100, -100], [-100, 6, 7, 8, 0]]


def test_positions():
    assert positions_of([3, 2]).tolist() == [0, 1, 2, 0, 1]


def test_packing_loses_no_token_and_keeps_to_the_context(tokenizer, tokenizer_folder, tmp_path):
    path = write_lines(tmp_path / "train.jsonl", [{"text": f"{text} {n}"} for n in range(20) for text in DOCUMENTS])
    packed, length = packed_documents(path, tokenizer_folder, seed=0, tokens=10**6, cache=tmp_path / "cache")
    texts = [json.loads(line)["text"] for line in path.open()]
    tokens = sorted(token for ids in encode_documents(tokenizer, texts) for token in ids)
    assert sorted(token for row in packed for token in row["input_ids"]) == tokens
    assert max(len(row["input_ids"]) for row in packed) <= length == 64
    assert all(sum(row["seq_lengths"]) == len(row["input_ids"]) for row in packed)


def test_a_budget_takes_a_sample_that_the_seed_decides(tokenizer_folder, tmp_path):
    path = write_lines(tmp_path / "train.jsonl", [{"text": f"document number {n}"} for n in range(500)])
    assert sorted(shuffled_texts(path, 0)) == sorted(f"document number {n}" for n in range(500))
    assert list(shuffled_texts(path, 0)) == list(shuffled_texts(path, 0)) != list(shuffled_texts(path, 1))
    few, length = packed_documents(path, tokenizer_folder, seed=0, tokens=300, cache=tmp_path / "cache")
    assert length == 32  # the power of two that holds such a document
    assert packed_documents(path, tokenizer_folder, 0, 300, tmp_path / "cache", length=48)[1] == 48
    assert 300 <= sum(len(row["input_ids"]) for row in few) < 340


def test_held_out_bytes_are_those_of_the_text_that_is_scored(tokenizer, tmp_path):
    path = write_lines(tmp_path / "validation.jsonl", [{"text": "caf\u00e9"}, {"text": "word " * 200}])
    rows, size = held_out_documents(path, tokenizer, 10**6)
    assert max(map(len, rows)) == 64
    assert size == sum(len(tokenizer.decode(ids, skip_special_tokens=True).encode()) for ids in rows)
