"""What stops a run: a loss that is no longer finite, a signal from outside, and an end at which nothing was learnt."""

import hashlib
import signal

import torch
from transformers import TrainerCallback

from configs.pipeline.errors import UserError

NOTHING = 1e-12  # a weight this small changes no sum in fp32


class FiniteLoss:
    """Mixin for a Trainer: the first non-finite loss stops the run before it reaches the weights."""

    def training_step(self, *args, **kwargs):
        loss = super().training_step(*args, **kwargs)
        if not torch.isfinite(loss):
            raise UserError(
                f"the loss is {loss.item()} at step {self.state.global_step + 1}; stopped before it reached "
                "the weights. Use a lower --learning_rate, with FORCE=1 or RUN=newname."
            )
        return loss


def fingerprint(model) -> str:
    """Hash of all weights, bit for bit; what is as good as zero counts as zero.

    Else the row of the padding token, which starts at zero, would be proof of learning at whatever rate.
    """
    digest = hashlib.sha256()
    for parameter in model.parameters():
        weights = parameter.detach().cpu().reshape(-1)
        digest.update(weights.masked_fill(weights.abs() < NOTHING, 0).view(torch.uint8).numpy())
    return digest.hexdigest()


def refuse_unlearnt(model, before: str, arguments) -> None:
    """Raise UserError if every weight is what its fingerprint says it was before: a copy is no training."""
    if fingerprint(model) == before:
        raise UserError(
            "nothing was learnt: after the training every weight is bit for bit what it was before, so nothing is "
            f"published. The steps were too few or too small (--learning_rate {arguments.learning_rate:g}, "
            f"--warmup_steps {arguments.warmup_steps:g}); change that, with FORCE=1 or RUN=newname."
        )


class StopOnSignal(TrainerCallback):
    """SIGTERM and Ctrl-C finish the step, save, and leave with 128 + signal, so that make does not go on."""

    def __enter__(self):
        self.received = None
        self.previous = {number: signal.signal(number, self.note) for number in (signal.SIGTERM, signal.SIGINT)}
        return self

    def __exit__(self, *_):
        for number, handler in self.previous.items():
            signal.signal(number, handler)

    def note(self, number: int, _frame) -> None:
        if self.received == number == signal.SIGINT:
            raise KeyboardInterrupt  # asked twice: the user does not want to wait for the save
        self.received = number

    def on_step_end(self, args, state, control, **_):
        self.received = self.received_anywhere()
        if self.received:
            control.should_save = control.should_training_stop = True

    def received_anywhere(self) -> int | None:
        """The signal that any of several processes has got: they must stop at the same step."""
        if not torch.distributed.is_initialized():
            return self.received
        signals = torch.tensor(self.received or 0)
        torch.distributed.all_reduce(signals, torch.distributed.ReduceOp.MAX)
        return int(signals) or None

    def leave_if_stopped(self) -> None:
        """Call after train(): exit non-zero if a signal cut the training short."""
        if self.received:
            print(f"stopped by {signal.Signals(self.received).name}; saved. The same command continues from here.")
            raise SystemExit(128 + self.received)
