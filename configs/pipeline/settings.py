"""Reads a stage's settings: the YAML file first, the command line over it, ours checked before torch loads.

    settings, trainer_flags = read_settings([PretrainSettings], trainer="transformers:TrainingArguments")

A key is ours (a field of our dataclasses) or the trainer's (a field of transformers' or TRL's arguments class). Ours
are parsed and checked here, in well under a second. The trainer's come back as flags: `trainer_fields.py` looks at
them once something is to be trained, since importing their class means importing torch.
"""

import difflib
import errno
import json
import os
import re
import stat
import sys
from dataclasses import asdict, fields
from pathlib import Path

import yaml

from configs.pipeline.commands import size_of
from configs.pipeline.errors import UserError, refused, shown
from configs.pipeline.trainer_fields import LARGEST, RESERVED, nearest

ALL_BUT_OURS = 0.85  # likeness to a field of ours that no field of the trainers has (tests/test_settings.py)
PARTS = ("data", "data/processed", "checkpoints", "eval", "eval/results")  # folders of a workspace
# settings that do not change what comes out: where things stand, and what the card holds the result against
PLACES = (
    "run workspace force seeds launch base tuned parent_run corpus pairs preferences expected_low expected_high "
    "workers report_to run_name project"
).split()


def read_settings(
    kinds: list[type], trainer: str = "", argv: list[str] | None = None, reserved: dict[str, str] | None = None
) -> tuple:
    """Parse `--config file.yaml --field value ...` into one instance of each dataclass in `kinds`.

    Returns (*instances, trainer_flags), the flags being strings such as ["--learning_rate", "0.001"].
    reserved: fields of the trainer that the stage decides itself, beside those of RESERVED -> what to use instead.
    Raises UserError for an unreadable file, an unknown or reserved key, a value of the wrong type or out of range.
    """
    from trl import TrlParser

    class Parser(TrlParser):
        def error(self, message: str) -> None:  # argparse would print its usage and exit
            raise UserError(re.sub(r"^argument --(\w+)[^: ]*", rf"{source}: \1", message))

    given = flags_by_source(argv)
    more_fields = f"Every field of {trainer.replace(':', '.')} can be given as well." if trainer else None
    parser = Parser(kinds, allow_abbrev=False, add_help=True, epilog=more_fields)
    ours = {field.name for kind in kinds for field in fields(kind)}
    flags = default_run(given[0][0])
    # the file alone, then the command line over it, so that a mistake is looked for where it was made
    for source, more in given:
        check_names(more, source, ours, RESERVED | (reserved or {}) if trainer else None)
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


def flags_by_source(argv: list[str] | None) -> list[tuple[str, list[str]]]:
    """The flags of the configuration, under its path, and those of the command line; None: of this program."""
    config_path, arguments = split_config_flag(sys.argv[1:] if argv is None else argv)
    return [*([(config_path, yaml_flags(config_path))] if config_path else []), ("command line", arguments)]


def flags_without(names: tuple[str, ...], argv: list[str] | None = None) -> list[str]:
    """The command line, without some flags and their values."""
    config_path, flags = split_config_flag(sys.argv[1:] if argv is None else argv)
    kept, keep = ["--config", config_path] if config_path else [], True
    for token in flags:
        keep = token not in names if token.startswith("--") else keep
        kept += [token] if keep else []
    return kept


def implied(flags: list[str], kinds: list[type]) -> list[str]:
    """Flags that follow from those given beside them. Example: ["--base", "x"] -> ["--replay_share", "0.0"]."""
    given = [field.metadata["implies"] for kind in kinds for field in fields(kind) if f"--{field.name}" in flags]
    return [part for others in given for name, value in others.items() for part in (f"--{name}", str(value))]


def default_run(config_path: str) -> list[str]:
    """The run that a configuration of ours belongs to. Example: configs/small/sft.yaml -> ["--run", "small"]."""
    size = size_of(config_path)
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


def check_names(flags: list[str], source: str, ours: set[str], reserved: dict[str, str] | None) -> None:
    """Raise UserError for a flag that cannot be meant, naming the nearest that exists.

    reserved: fields of the trainer that may not be given; None: there is no trainer, so what is not ours is unknown.
    With one, what is not ours may be the trainer's: only what all but is a field of ours is refused here.
    """
    for token in flags:
        name = token[2:]
        if not token.startswith("--") or name in ours or name in ("help", "h"):
            continue
        if reserved and name in reserved:
            raise UserError(f"{source}: {name} is not a field here; {reserved[name]}")
        if reserved is None or difflib.get_close_matches(name, ours, n=1, cutoff=ALL_BUT_OURS):
            raise UserError(f"{source}: unknown field {name}; {nearest(name, sorted(ours))}")


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
