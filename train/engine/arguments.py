"""The trainer's arguments: the pipeline's own choices first, then the user's fields over them."""

import os
from pathlib import Path

from transformers import HfArgumentParser

from configs.pipeline.errors import UserError
from configs.pipeline.schema import DeviceSettings
from train.engine.devices import choose_device, choose_precision


def trainer_arguments(kind: type, flags: list[str], settings: DeviceSettings, folder: Path, seed: int, **ours: object):
    """An instance of `kind` (TrainingArguments or SFTConfig). Raises UserError for a value it does not take."""
    device = choose_device(settings.device)
    values = {
        "output_dir": folder / "resume",
        "seed": seed,
        "data_seed": seed,
        "use_cpu": device == "cpu",
        "bf16": choose_precision(settings.precision, device) == "bf16",
        "report_to": "none",
        # the default filter prints a loss of 0.0 while every weight is already NaN
        "logging_nan_inf_filter": False,
        "ddp_find_unused_parameters": False,
        **({"ddp_backend": "gloo"} if device == "cpu" and "WORLD_SIZE" in os.environ else {}),
        "dataloader_pin_memory": device == "cuda",
        "remove_unused_columns": False,
        **ours,
    }
    own = [part for name, value in values.items() for part in (f"--{name}", str(value))]

    class Parser(HfArgumentParser):
        def error(self, message: str) -> None:
            raise UserError(message.replace("argument --", ""))

    try:
        return Parser(kind, allow_abbrev=False).parse_args_into_dataclasses(own + flags)[0]
    except (ValueError, TypeError) as error:
        raise UserError(f"the trainer does not accept these settings: {' '.join(str(error).split())}") from None


def rows_a_step(arguments) -> int:
    """Rows of all processes that make one step of the optimizer."""
    return arguments.train_batch_size * arguments.gradient_accumulation_steps * arguments.world_size
