"""What stops a run early: a loss that is no longer finite, and a signal from outside."""

import signal

import torch
from transformers import TrainerCallback

from configs.errors import UserError


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
