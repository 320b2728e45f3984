"""Held-out loss: total nats over total tokens, so it does not depend on the batch size (Trainer's own does)."""

import math
from collections.abc import Iterator

import torch
from torch.nn.functional import cross_entropy

from train.engine.fast import not_compiled


class TokenWeightedEvaluation:
    """Mixin for a Trainer: `evaluate()` gives the loss of the held-out rows per token, and in bits per byte.

    `held_out` is a list of rows {input_ids, labels?}; `held_out_bytes` the bytes of their text, if that is meaningful.
    """

    held_out: list[dict]
    held_out_bytes: int | None

    def evaluate(self, *_, **__) -> dict[str, float]:
        self.model.eval()
        with self.accelerator.autocast(), not_compiled(self.model):
            nats, tokens = eval_loss(self.model, self.held_out, self.held_out_collator, self.args.eval_batch_size)
        metrics = {"eval_loss": nats / tokens}
        if self.held_out_bytes:
            metrics["eval_bits_per_byte"] = nats / math.log(2) / self.held_out_bytes
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


def eval_loss(model, rows: list[dict], collator, batch_size: int) -> tuple[float, int]:
    """(summed negative log-likelihood in nats, number of scored tokens) of the rows' labels."""
    scores = row_nats(model, rows, collator, batch_size)
    return sum(nats for nats, _ in scores), sum(tokens for _, tokens in scores)


@torch.no_grad()
def row_nats(model, rows: list[dict], collator, batch_size: int) -> list[tuple[float, int]]:
    """(negative log-likelihood in nats, scored tokens) of each row {input_ids, labels?}, in their order."""
    device, done = next(model.parameters()).device, {}
    for places in batches_by_length([row["input_ids"] for row in rows], batch_size):
        batch = collator([rows[place] for place in places])
        labels = batch.pop("labels")[:, 1:].to(device)
        batch = {name: value.to(device) if torch.is_tensor(value) else value for name, value in batch.items()}
        scored = labels != -100
        logits = model(**batch).logits[:, :-1][scored].float()  # of the scored places alone: padding costs nothing
        scored, nats = scored.cpu(), cross_entropy(logits, labels[scored], reduction="none").cpu()  # MPS has no double
        losses = torch.zeros(labels.shape, dtype=torch.float64)
        losses[scored] = nats.double()
        losses, tokens = losses.sum(1), scored.sum(1)
        done |= dict(zip(places, zip(losses.tolist(), tokens.tolist(), strict=True), strict=True))
    return [done[place] for place in range(len(rows))]


def answer_row(prompt: list[int], answer: list[int]) -> dict[str, list[int]]:
    """A row whose answer alone is scored. Example: answer_row([5], [6, 7])["labels"] == [-100, 6, 7]."""
    return {"input_ids": prompt + answer, "labels": [-100] * len(prompt) + answer}


def batches_by_length(rows: list[list], size: int) -> Iterator[list[int]]:
    """Places of `rows` in batches of like length: less padding. Example: [[1], [1, 2, 3], [1, 2]], 2 -> [0, 2], [1]."""
    order = sorted(range(len(rows)), key=lambda place: len(rows[place]))
    for start in range(0, len(order), size):
        yield order[start : start + size]
