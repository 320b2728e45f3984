"""What stops a run: a wrongly compiled model, a loss that is no longer finite, a signal from outside, and an end at
which nothing was learnt."""

import hashlib
import signal

import torch
from transformers import TrainerCallback

from configs.pipeline.errors import UserError

NOTHING = 1e-12  # a weight this small changes no sum in fp32
LEAST_COSINE = 0.98  # rounding in bf16 leaves .999; a wrong transposition next to nothing


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


class CompiledRightly:
    """Mixin for a Trainer: the first gradient of a compiled model must be that of the model as it is.

    Costs one step that is not compiled, in each session. Left out with several processes, which share their gradients
    at once, and with dropout, which draws anew.
    """

    compared = False

    def training_step(self, model, inputs, *args, **kwargs):
        loss = super().training_step(model, inputs, *args, **kwargs)
        if self.args.torch_compile and self.args.world_size == 1 and not self.compared and not drops_out(self.model):
            self.compared = True
            compiled = take_gradients(self.model)
            with torch.random.fork_rng():
                super().training_step(self.model, inputs, *args, **kwargs)
            check_same_direction(compiled, take_gradients(self.model))
            for parameter, gradient in compiled.items():
                parameter.grad = gradient
        return loss


def drops_out(model) -> bool:
    settings = [value for name, value in model.config.to_dict().items() if "drop" in name]
    layers = [module.p for module in model.modules() if isinstance(module, torch.nn.Dropout)]
    return any(isinstance(share, float) and share > 0 for share in (*settings, *layers))


def take_gradients(model) -> dict[torch.nn.Parameter, torch.Tensor]:
    """The gradients that the parameters hold, which hold none any more."""
    taken = {one: one.grad for one in model.parameters() if one.grad is not None}
    for parameter in taken:
        parameter.grad = None
    return taken


def check_same_direction(compiled: dict, plain: dict) -> None:
    """Raise UserError if the plain gradient points somewhere, and the compiled one somewhere else."""
    one, other = (torch.cat([found[key].float().flatten() for key in plain]) for found in (compiled, plain))
    if not 0 < other.norm() < float("inf"):
        return  # the model's own fault, which is told elsewhere
    if not (cosine := torch.cosine_similarity(one, other, 0).item()) > LEAST_COSINE:
        raise UserError(
            f"compiled on this machine, the model computes wrong gradients (cosine {cosine:.2f} to the right ones); "
            "stopped before it learnt from them. Use --compile false, or another C++ compiler (CXX=clang++)."
        )


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
        self.received = self.received_anywhere(args.device)
        if self.received:
            # logged as well: the library counts the losses since its last line anew in the next session
            control.should_log = control.should_save = control.should_training_stop = True

    def received_anywhere(self, device) -> int | None:
        """The signal that any of several processes has got: they must stop at the same step."""
        if not torch.distributed.is_initialized():
            return self.received
        signals = torch.tensor(self.received or 0, device=device)  # NCCL knows no tensors of the CPU
        torch.distributed.all_reduce(signals, torch.distributed.ReduceOp.MAX)
        return int(signals) or None

    def leave_if_stopped(self) -> None:
        """Call after train(): exit non-zero if a signal cut the training short."""
        if self.received:
            print(f"stopped by {signal.Signals(self.received).name}; saved. The same command continues from here.")
            raise SystemExit(128 + self.received)
