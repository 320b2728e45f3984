"""How this project scores the exported items: many answers in one pass, documents in batches by length."""

import math

import numpy as np

from data.chats import encode_text
from eval.lm import LanguageModel
from eval.scoring import fork, score


def scored(lm: LanguageModel, items: dict[str, list[dict]]) -> dict[str, dict[str, list[float]]]:
    """{kind: {id: log-probabilities (nats) of the choices, or of the whole text}}."""
    return {
        "facts": choices(lm, items["facts"], " "),
        "grammar": choices(lm, items["grammar"], ""),
        "text": whole(lm, items["text"]),
    }


def choices(lm: LanguageModel, items: list[dict], between: str) -> dict[str, list[float]]:
    trees = [
        fork(lm.start + encode_text(lm.tokenizer, item.get("text", "")),
             [encode_text(lm.tokenizer, between + choice) for choice in item["choices"]])
        for item in items
    ]  # fmt: skip
    return {item["id"]: [-n for n in found.branches] for item, found in zip(items, score(lm, trees), strict=True)}


def whole(lm: LanguageModel, items: list[dict]) -> dict[str, list[float]]:
    """Without an end-of-text token, which is no part of the text."""
    rows = [{"input_ids": lm.start + encode_text(lm.tokenizer, item["text"])} for item in items]
    return {item["id"]: [-nats] for item, (nats, _) in zip(items, lm.nats(rows), strict=True)}


def accuracy(items: list[dict], found: dict[str, list[float]]) -> float:
    """Of several likeliest choices the first is taken."""
    return float(np.mean([np.argmax(found[item["id"]]) == item["answer"] for item in items]))


def bits_per_byte(items: list[dict], found: dict[str, list[float]]) -> float:
    """All bits over all bytes."""
    size = sum(len(item["text"].encode()) for item in items)
    return -sum(found[item["id"]][0] for item in items) / math.log(2) / size
