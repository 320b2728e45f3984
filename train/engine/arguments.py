"""The trainer's arguments: the pipeline's own choices first, then the user's fields over them."""

import os

from transformers import HfArgumentParser
from transformers.integrations.integration_utils import INTEGRATION_TO_CALLBACK, get_available_reporting_integrations

from configs.pipeline.errors import UserError
from configs.pipeline.run import Run
from configs.pipeline.trainer_fields import nearest
from train.engine.devices import choose_device, choose_precision
from train.objectives import FEWEST_STEPS


def trainer_arguments(kind: type, run: Run, **ours: object):
    """An instance of `kind` (TrainingArguments or SFTConfig). Raises UserError for a value it does not take."""
    settings = run.settings
    device = choose_device(settings.device)
    values = {
        "output_dir": run.stage.scratch / "resume",
        "seed": settings.seed,
        "data_seed": settings.seed,
        "use_cpu": device == "cpu",
        "bf16": choose_precision(settings.precision, device) == "bf16",
        "report_to": "none",
        "run_name": f"{settings.run}-seed{settings.seed}-{run.stage.name}",
        "project": "base-and-instruct",
        # the default filter prints a loss of 0.0 while every weight is already NaN
        "logging_nan_inf_filter": False,
        "ddp_find_unused_parameters": False,
        **({"ddp_backend": "gloo"} if device == "cpu" and "WORLD_SIZE" in os.environ else {}),
        "dataloader_pin_memory": device == "cuda",
        "remove_unused_columns": False,
        "activation_checkpointing": False,  # TRL's default saves memory that small models do not need
        **ours,
    }
    own = [part for name, value in values.items() for part in (f"--{name}", str(value))]

    class Parser(HfArgumentParser):
        def error(self, message: str) -> None:
            raise UserError(message.replace("argument --", ""))

    try:
        arguments = Parser(kind, allow_abbrev=False).parse_args_into_dataclasses(own + run.trainer_flags)[0]
    except (ValueError, TypeError) as error:
        raise UserError(f"the trainer does not accept these settings: {' '.join(str(error).split())}") from None
    check_loggers(arguments.report_to)
    os.environ.setdefault("TENSORBOARD_LOGGING_DIR", str(run.stage.beside("logs")))
    return arguments


def check_loggers(names: list[str]) -> None:
    """Raise UserError for a logger (--report_to) that the library does not know, or that is not installed."""
    for name in names:
        if name not in INTEGRATION_TO_CALLBACK:
            raise UserError(f"report_to: no logger {name}; {nearest(name, sorted(INTEGRATION_TO_CALLBACK))}")
        if name not in get_available_reporting_integrations():
            raise UserError(f"report_to: {name} is not installed; .venv/bin/python -m pip install {name}")


def tuning_arguments(kind: type, run: Run, compiled: bool):
    """Those of a trainer of TRL, for rows that come ready-made: tokenized, with labels, none too long."""
    arguments = trainer_arguments(kind, run, torch_compile=compiled)
    arguments.dataset_kwargs, arguments.max_length = {"skip_prepare_dataset": True}, None
    return arguments


def rows_a_step(arguments) -> int:
    """Rows of all processes that make one step of the optimizer."""
    return arguments.train_batch_size * arguments.gradient_accumulation_steps * arguments.world_size


def lower_batch(arguments, rows: int) -> None:
    """Fewer rows a step where all of them would make a single one: one step an epoch learns next to nothing."""
    whole = arguments.gradient_accumulation_steps * arguments.world_size
    if rows > whole * arguments.per_device_train_batch_size or arguments.per_device_train_batch_size == 1:
        return
    fewer = max(1, rows // (FEWEST_STEPS * whole))
    print(f"{rows} rows would make one step an epoch: --per_device_train_batch_size {fewer} instead of "
          f"{arguments.per_device_train_batch_size}")  # fmt: skip
    arguments.per_device_train_batch_size = fewer
