"""Reads a stage's settings: the YAML file first, the command line over it, every value checked before torch loads.

    settings, trainer_flags = read_settings([PretrainSettings], trainer=TRAINING_ARGUMENTS)

A key is ours (a field of our dataclasses) or the trainer's (a field of transformers' or TRL's arguments class).
Ours are parsed and checked here, in well under a second. The trainer's are only looked up by name, because
importing their classes means importing torch; they come back as flags for `train.engine.arguments` to parse.
"""

import ast
import difflib
import errno
import importlib.util
import json
import os
import re
import stat
import sys
from dataclasses import asdict, fields
from functools import cache
from pathlib import Path

import yaml

from configs.pipeline.commands import size_of
from configs.pipeline.errors import UserError, refused, shown

# where the arguments classes of the two trainers stand: (package, file, class), the base classes included
TRAINING_ARGUMENTS = (("transformers", "training_args.py", "TrainingArguments"),)
SFT_ARGUMENTS = (
    *TRAINING_ARGUMENTS,
    ("trl", "trainer/base_config.py", "_BaseConfig"),
    ("trl", "trainer/sft_config.py", "SFTConfig"),
)
# fields of the trainers that the pipeline decides itself, or that would do nothing or harm here -> what to use instead
RESERVED = {
    "output_dir": "use RUN=name to choose the folder",
    "resume_from_checkpoint": "an interrupted stage continues by itself",
    **dict.fromkeys(["bf16", "fp16", "bf16_full_eval", "fp16_full_eval"], "use --precision"),
    **dict.fromkeys(["use_cpu", "no_cuda"], "use --device"),
    "data_seed": "use --seed",
    **dict.fromkeys(
        [
            "push_to_hub",
            "remove_unused_columns",
            "dataset_kwargs",
            "load_best_model_at_end",
            "save_only_model",
            "save_total_limit",
            "pad_to_multiple_of",
        ],
        "the pipeline decides it",
    ),
    **dict.fromkeys(
        ["max_length", "truncation_mode"],
        "the context length comes from the base; --long_rows says what becomes of longer pairs",
    ),
    **dict.fromkeys(
        [
            "assistant_only_loss",
            "completion_only_loss",
            "loss_type",
            "packing",
            "packing_strategy",
            "padding_free",
            "eval_packing",
        ],
        "use --objective",
    ),
    **dict.fromkeys(["chat_template_path", "eos_token", "pad_token"], "they come from the tokenizer"),
}
# numbers of the trainers that cannot be 0: nothing would be trained, or the library divides by them
COUNTS = (
    "per_device_train_batch_size per_device_eval_batch_size gradient_accumulation_steps num_train_epochs logging_steps "
    "learning_rate max_steps save_steps eval_steps adam_epsilon torch_empty_cache_steps eval_accumulation_steps "
    "dataloader_prefetch_factor dataset_num_proc ddp_timeout ddp_bucket_cap_mb"
).split()
SHARES = "adam_beta1 adam_beta2 label_smoothing_factor".split()  # below 1
PROCESSES = "dataloader_num_workers dataset_num_proc".split()
LARGEST, MOST_PROCESSES = 2**31 - 1, 1024  # more is a slip of the finger, which ends in the libraries in many ways
PARTS = ("data", "data/processed", "checkpoints", "eval", "eval/results")  # folders of a workspace
# settings that do not change what comes out: where things stand, and what the card holds the result against
PLACES = ("run workspace force base parent_run corpus pairs expected_low expected_high workers").split()


def read_settings(kinds: list[type], trainer: tuple = (), argv: list[str] | None = None) -> tuple:
    """Parse `--config file.yaml --field value ...` into one instance of each dataclass in `kinds`.

    Returns (*instances, trainer_flags), the flags being strings such as ["--learning_rate", "0.001"].
    Raises UserError for an unreadable file, an unknown or reserved key, a value of the wrong type or out of range.
    """
    from trl import TrlParser

    class Parser(TrlParser):
        def error(self, message: str) -> None:  # argparse would print its usage and exit
            raise UserError(re.sub(r"^argument --(\w+)[^: ]*", rf"{source}: \1", message))

    config_path, arguments = split_config_flag(sys.argv[1:] if argv is None else argv)
    parser = Parser(kinds, allow_abbrev=False, add_help=True, epilog=trainer_epilog(trainer))
    ours, theirs = {field.name for kind in kinds for field in fields(kind)}, trainer_fields(trainer)
    given = [(config_path, yaml_flags(config_path))] if config_path else []
    flags = default_run(config_path)
    # the file alone, then the command line over it, so that a mistake is looked for where it was made
    for source, more in [*given, ("command line", arguments)]:
        check_names(more, source, ours, set(theirs))
        check_numbers(more, source, {name: kind for name, kind in theirs.items() if name not in ours})
        flags = flags + implied(more, kinds) + more
        try:
            *instances, trainer_flags = parser.parse_args_and_config(flags, return_remaining_strings=True)
        except ValueError as error:  # a dataclass that checks its own values
            raise UserError(f"{source}: {error}") from None
        stray = more[:1] if trainer else trainer_flags  # what no parser would ever complain about
        if stray and not stray[0].startswith("--"):
            raise UserError(f"{source}: {stray[0]!r} belongs to no field; write --field value")
        for instance in instances:
            check_ranges(instance, source)
            check_workspace(instance, source)
    return *instances, trainer_flags


def implied(flags: list[str], kinds: list[type]) -> list[str]:
    """Flags that follow from those given beside them. Example: ["--base", "x"] -> ["--replay_share", "0.0"]."""
    given = [field.metadata["implies"] for kind in kinds for field in fields(kind) if f"--{field.name}" in flags]
    return [part for others in given for name, value in others.items() for part in (f"--{name}", str(value))]


def default_run(config_path: str | None) -> list[str]:
    """The run that a configuration of ours belongs to. Example: configs/small/sft.yaml -> ["--run", "small"]."""
    size = size_of(config_path) if config_path else None
    return ["--run", size] if size else []


def split_config_flag(argv: list[str]) -> tuple[str | None, list[str]]:
    """Take `--config path` or `--config=path` out of the arguments."""
    arguments = [part for token in argv for part in (token.split("=", 1) if token.startswith("--") else [token])]
    if "--config" not in arguments:
        return None, arguments
    at = arguments.index("--config")
    if at + 1 >= len(arguments):
        raise UserError("--config needs the path of a YAML file, for example configs/tiny/pretrain.yaml")
    return arguments[at + 1], arguments[:at] + arguments[at + 2 :]


def yaml_flags(path: str) -> list[str]:
    """A YAML mapping as command-line flags, so that every value passes the same type check.

    Example: {"learning_rate": 1e-3, "bf16": true} -> ["--learning_rate", "0.001", "--bf16", "true"]
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
        values = yaml.load(text, Loader=StrictLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot read this configuration ({error})") from None
    except yaml.YAMLError as error:
        raise UserError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(values, dict):
        raise UserError(f"{path}: expected lines of the form `key: value`")
    return [part for key, value in values.items() for part in flag(path, str(key), value)]


def flag(path: str, key: str, value: object) -> list[str]:
    """One key and its value as flag strings; mappings travel as JSON."""
    if value is None:
        raise UserError(f"{path}: {key} has no value; give it one or remove the line")
    if isinstance(value, bool):
        return [f"--{key}", str(value).lower()]
    if isinstance(value, dict):
        return [f"--{key}", json.dumps(value)]
    if isinstance(value, list):
        return [f"--{key}", *map(str, value)]
    return [f"--{key}", str(value)]


class StrictLoader(yaml.SafeLoader):
    """YAML without its quiet traps: a key given twice is an error, not a silent last-wins."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.YAMLError(f"the key {key} stands there twice")
        return super().construct_mapping(node, deep)


def check_names(flags: list[str], source: str, ours: set[str], trainer: set[str]) -> None:
    """Raise UserError for a flag that neither we nor the trainer know, naming the nearest that exists."""
    for token in flags:
        name = token[2:]
        if not token.startswith("--") or name in ours or name in ("help", "h"):
            continue
        if name in RESERVED and name in trainer | {"output_dir"}:
            raise UserError(f"{source}: {name} is not a field here; {RESERVED[name]}")
        if name not in trainer:
            near = difflib.get_close_matches(name, sorted(ours | trainer), n=1, cutoff=0.5)
            remedy = f"did you mean {near[0]}?" if near else "`--help` lists the fields"
            raise UserError(f"{source}: unknown field {name}; {remedy}")


def check_ranges(settings: object, source: str) -> None:
    """Hold each number against the `low` and `high` that its field declares; nothing is infinite or beyond LARGEST."""
    for field in fields(settings):
        value = getattr(settings, field.name)
        low, high = field.metadata.get("low"), field.metadata.get("high")
        if not isinstance(value, int | float):
            continue
        least, most = -LARGEST if low is None else low, LARGEST if high is None else high
        if not least <= value <= most:  # nan is never between
            span = f"between {least} and {most}" if high is not None or value > most else f"at least {low}"
            span = "a number" if low is None and high is None else span
            raise UserError(f"{source}: {field.name}: {value} is out of range; it must be {span}")


def check_workspace(settings: object, source: str) -> None:
    """Raise UserError for a workspace that can hold no folders: a file, a link to nothing, a name too long."""
    workspace = Path(getattr(settings, "workspace", "."))
    for folder in (workspace, *(workspace / name for name in PARTS)):
        try:
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) and not stat.S_ISDIR(folder.stat().st_mode):
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
        except FileNotFoundError as error:
            if folder.is_symlink():
                raise UserError(f"{source}: workspace: {refused(error)}") from None
        except ValueError as error:  # a NUL in the name
            raise UserError(f"{source}: workspace: {shown(folder)!r}: {error}; choose another folder") from None
        except OSError as error:
            raise UserError(f"{source}: workspace: {refused(error)}") from None


def check_numbers(flags: list[str], source: str, trainer: dict[str, str]) -> None:
    """The trainers' numbers: they would look at them only once torch is loaded, and at some signs not at all."""
    for token, value in zip(flags, flags[1:], strict=False):
        name = token.removeprefix("--")
        kind = trainer.get(name, "").removesuffix(" | None") if token.startswith("--") else ""
        if kind not in ("int", "float"):
            continue
        try:
            number = int(value) if kind == "int" else float(value)
        except ValueError:
            raise UserError(f"{source}: {name}: invalid {kind} value: {value!r}") from None
        if not in_range(name, number):
            raise UserError(f"{source}: {name}: {value} is out of range; it must be {range_of(name)}")


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


def trainer_fields(classes: tuple) -> dict[str, str]:
    """The fields of the trainers' arguments classes, each with its type."""
    return {name: kind for where in classes for name, kind in class_fields(*where).items()}


@cache
def class_fields(package: str, file: str, name: str) -> dict[str, str]:
    """Annotated fields of a class, read from its source: importing it would import torch (six seconds)."""
    folder = Path(importlib.util.find_spec(package).submodule_search_locations[0])
    tree = ast.parse((folder / file).read_text(encoding="utf-8"))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    return {node.target.id: ast.unparse(node.annotation) for node in body if isinstance(node, ast.AnnAssign)}


def trainer_epilog(trainer: tuple) -> str | None:
    """The last line of `--help`."""
    names = [name for _, _, name in trainer if not name.startswith("_")]
    return f"Every field of {' and '.join(names)} can be given as well." if names else None


def identity_of(*settings: object, trainer_flags: list[str] = ()) -> dict:
    """Settings as plain values, without those that say where to read and write: of what is read, the hash counts."""
    merged = {key: value for part in settings for key, value in asdict(part).items()}
    for token in trainer_flags:
        if token.startswith("--"):
            name, merged[token[2:]] = token[2:], ""
        else:
            merged[name] = f"{merged[name]} {plain_number(token)}".strip()
    if merged.get("weights") == "full":
        merged = {key: value for key, value in merged.items() if not key.startswith("lora_")}
    return {key: value for key, value in merged.items() if key not in PLACES}


def plain_number(token: str) -> str:
    """One spelling for a number: 2e-3 and 0.002 are the same setting."""
    try:
        return str(float(token))
    except ValueError:
        return token
