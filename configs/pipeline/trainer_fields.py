"""Fields of the libraries' arguments classes: which the pipeline decides itself, and which numbers make sense.

The classes themselves are looked at only once something is to be trained: importing them means importing torch.
"""

import difflib
from dataclasses import fields
from importlib import import_module
from itertools import pairwise
from typing import get_args

from configs.pipeline.errors import UserError

# fields that the pipeline decides itself, or that would do nothing or harm here -> what to use instead
COMPILING = "torch_compile torch_compile_backend torch_compile_mode".split()
RESERVED = {
    "output_dir": "use RUN=name to choose the folder",
    "resume_from_checkpoint": "an interrupted stage continues by itself",
    "data_seed": "use --seed",
    **dict.fromkeys("bf16 fp16 bf16_full_eval fp16_full_eval".split(), "use --precision"),
    **dict.fromkeys("use_cpu no_cuda".split(), "use --device"),
    **dict.fromkeys(
        "push_to_hub remove_unused_columns dataset_kwargs load_best_model_at_end save_only_model save_total_limit "
        "pad_to_multiple_of".split(),
        "the pipeline decides it",
    ),
    **dict.fromkeys(
        "max_length truncation_mode".split(),
        "the context length comes from the base; --long_rows says what becomes of longer pairs",
    ),
    **dict.fromkeys(
        "assistant_only_loss completion_only_loss loss_type packing packing_strategy padding_free eval_packing".split(),
        "use --objective",
    ),
    **dict.fromkeys(COMPILING, "use --compile"),
    "gradient_checkpointing": "use --activation_checkpointing",
    **dict.fromkeys("fsdp fsdp_config".split(), "only whole models are saved: torchrun trains a copy in each process"),
    **dict.fromkeys("chat_template_path eos_token pad_token".split(), "they come from the tokenizer"),
}
# numbers that cannot be 0: nothing would be trained, or the library divides by them
COUNTS = (
    "per_device_train_batch_size per_device_eval_batch_size gradient_accumulation_steps num_train_epochs logging_steps "
    "learning_rate max_steps save_steps eval_steps adam_epsilon torch_empty_cache_steps eval_accumulation_steps "
    "dataloader_prefetch_factor dataset_num_proc ddp_timeout ddp_bucket_cap_mb"
).split()
SHARES = "adam_beta1 adam_beta2 label_smoothing_factor".split()  # below 1
PROCESSES = "dataloader_num_workers dataset_num_proc".split()
LARGEST, MOST_PROCESSES = 2**31 - 1, 1024  # more is a slip of the finger, which ends in the libraries in many ways


def arguments_class(trainer: str) -> type:
    """Example: arguments_class("trl:SFTConfig"). Imports torch."""
    module, name = trainer.split(":")
    return getattr(import_module(module), name)


def check_trainer_flags(trainer: str, flags: list[str], ours: set[str], source: str) -> None:
    """Raise UserError for a field that neither we nor the trainer know, and for a number that makes no sense.

    The library would look at numbers only once the model is built, and at some signs not at all.
    """
    kinds = {one.name: one.type for one in fields(arguments_class(trainer)) if one.init}
    for token, value in pairwise([*flags, ""]):
        name = token[2:]
        if not token.startswith("--") or name in ours or name in ("help", "h"):
            continue
        if name not in kinds:
            raise UserError(f"{source}: unknown field {name}; {nearest(name, sorted(ours | kinds.keys()))}")
        types = get_args(kinds[name]) or (kinds[name],)
        if str not in types and (number := next((kind for kind in (int, float) if kind in types), None)):
            check_number(name, value, number, source)


def check_number(name: str, value: str, kind: type, source: str) -> None:
    try:
        number = kind(value)
    except ValueError:
        raise UserError(f"{source}: {name}: invalid {kind.__name__} value: {value!r}") from None
    if not in_range(name, number):
        raise UserError(f"{source}: {name}: {value} is out of range; it must be {range_of(name)}")


def nearest(name: str, names: list[str], cutoff: float = 0.5) -> str:
    """Example: nearest("lerning_rate", ["learning_rate"]) == "did you mean learning_rate?"."""
    near = difflib.get_close_matches(name, names, n=1, cutoff=cutoff)
    return f"did you mean {near[0]}?" if near else "`--help` lists the fields"


def in_range(name: str, number: float) -> bool:
    """Whether a number of the trainers makes sense; nan never does."""
    if name in SHARES:
        return 0 <= number < 1
    if name in ("max_steps", "local_rank") and number == -1:  # the library's "not set"
        return True
    high = MOST_PROCESSES if name in PROCESSES else LARGEST
    return (number > 0 or number == 0 and name not in COUNTS) and number <= high


def range_of(name: str) -> str:
    """The same in words."""
    if name in SHARES:
        return "at least 0 and below 1"
    unset = " (or -1, which leaves it to num_train_epochs)" if name == "max_steps" else ""
    high = MOST_PROCESSES if name in PROCESSES else LARGEST
    return f"{'above' if name in COUNTS else 'at least'} 0 and at most {high}{unset}"
