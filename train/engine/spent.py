"""What a training has taken so far, over all its sessions: seconds, and tokens without the padding; and how it runs.

All of it stands in every checkpoint, under its manifest, so an interruption neither loses nor doubles what was trained.
"""

import time
from pathlib import Path

import torch

from configs.pipeline.errors import UserError
from configs.pipeline.files import write_json
from configs.pipeline.stage import read_json

SPENT = "spent.json"  # in a checkpoint
COUNT = "tokens_in_rows"  # in a batch: an id says nothing, where padding is the end of text as well


class CountSpent:
    """Mixin for a Trainer: `begin_spending` before the training, `spent` at any time after."""

    before = {"train_tokens": 0, "train_seconds": 0.0}

    def begin_spending(self, checkpoint: Path | None) -> None:
        """Start the clock where the checkpoint left it. Raises UserError where it would go on in other steps."""
        if checkpoint:
            self.before = read_json(checkpoint / SPENT)
            check_goes_on(checkpoint, self.before.pop("how", self.how()), self.how())
        self.started_at, self.tokens_here = time.time(), 0

    def how(self) -> dict[str, object]:
        """What no setting says: it follows from the launcher and from the machine."""
        return {"processes": self.args.world_size, "bf16": self.args.bf16, "compiled": self.args.torch_compile}

    def spent(self) -> dict[str, float]:
        """What all processes have taken together, each of which has to ask."""
        tokens = self.accelerator.reduce(torch.tensor(self.tokens_here, device=self.args.device))
        return {
            "train_tokens": self.before["train_tokens"] + int(tokens),
            "train_seconds": round(self.before["train_seconds"] + time.time() - self.started_at, 3),
        }

    def note_spent(self, folder: Path) -> None:
        """Write it into a checkpoint. Every process has to call this; the first one writes."""
        spent = self.spent()
        if self.is_world_process_zero():
            write_json(folder / SPENT, spent | {"how": self.how()})

    def get_train_dataloader(self):
        self.tokens_here = 0  # the library begins anew with a smaller batch where it is told to find one that fits
        collate, self.data_collator = self.data_collator, Counting(self.data_collator)
        try:
            return super().get_train_dataloader()
        finally:
            self.data_collator = collate

    def get_batch_samples(self, *args, **kwargs):
        batches, items = super().get_batch_samples(*args, **kwargs)
        self.tokens_here += sum(batch.pop(COUNT) for batch in batches)
        return batches, items


def check_goes_on(checkpoint: Path, was: dict[str, object], now: dict[str, object]) -> None:
    """Raise UserError where other processes would make other steps of the same budget; other rounding is told."""
    if was["processes"] != now["processes"]:
        raise UserError(
            f"{checkpoint} was trained by {was['processes']} process(es), and {now['processes']} would take steps of "
            f"another size: continue it with {was['processes']} (LAUNCH=), or drop it with FORCE=1"
        )
    if was != now:
        print(f"warning: {checkpoint} was trained with {was}, and goes on here with {now}")


class Counting:
    """A collator that also says how many tokens its rows have. A prompt is read with each of two answers."""

    def __init__(self, collate):
        self.collate = collate

    def __call__(self, rows: list[dict]) -> dict:
        tokens = sum(len(ids) for row in rows for name, ids in row.items() if name.endswith("_ids"))
        tokens += sum(len(row.get("prompt_ids", ())) for row in rows)
        return self.collate(rows) | {COUNT: tokens}
