"""Held-out loss: total nats over total tokens, so it does not depend on the batch size (Trainer's own does)."""

import math

import torch
from torch.nn.functional import cross_entropy


class TokenWeightedEvaluation:
    """Mixin for a Trainer: `evaluate()` gives the loss of the held-out rows per token, and in bits per byte.

    `held_out` is a list of rows {input_ids, labels?}; `held_out_bytes` the bytes of their text, if that is meaningful.
    """

    held_out: list[dict] = ()
    held_out_bytes: int | None = None

    def evaluate(self, *_, **__) -> dict[str, float]:
        self.model.eval()
        with self.accelerator.autocast():
            nats, tokens = held_out_nats(self.model, self.held_out, self.data_collator, self.args.eval_batch_size)
        metrics = {"eval_loss": nats / tokens}
        if self.held_out_bytes:
            metrics["eval_bits_per_byte"] = nats / math.log(2) / self.held_out_bytes
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


@torch.no_grad()
def held_out_nats(model, rows: list[dict], collator, batch_size: int) -> tuple[float, int]:
    """(summed negative log-likelihood in nats, number of scored tokens) of the rows' labels."""
    rows = sorted(rows, key=lambda row: len(row["input_ids"]))  # like lengths together: less padding
    device = next(model.parameters()).device
    nats, tokens = 0.0, 0
    for start in range(0, len(rows), batch_size):
        batch = collator(rows[start : start + batch_size])
        labels = batch.pop("labels")[:, 1:].to(device)
        batch = {name: value.to(device) if torch.is_tensor(value) else value for name, value in batch.items()}
        logits = model(**batch).logits[:, :-1].float()
        nats += (
            cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=-100, reduction="sum").double().item()
        )
        tokens += int((labels != -100).sum())
    return nats, tokens
