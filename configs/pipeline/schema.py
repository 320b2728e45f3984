"""Our own settings, a meaning and a unit under each field. The trainers' fields (learning_rate, ...) are theirs.

A number is said once: context length, vocabulary and special tokens come from the tokenizer and the checkpoint.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from configs.pipeline.errors import UserError
from configs.pipeline.stages import folder_of

# what several stages say alike
ENCODING = "encoding of own files that are not UTF-8 and carry no mark, for example windows-1252"
ROW_LENGTH = "length of a packed row (tokens); 0: as long as the longest text warrants, the context at most"
OWN_ROWS = ".jsonl .json .csv .tsv .parquet"


def setting(
    default: object,
    help: str,
    low: float | None = None,
    high: float | None = None,
    choices: list | None = None,
    implies: dict | None = None,
):
    """A field with its meaning and, for numbers, the range that makes sense.

    implies: what other fields become where this one is given, unless they are given beside it.
    """
    metadata = Meaning({"help": help, "low": low, "high": high, "implies": implies or {}})
    metadata |= {"choices": choices} if choices else {}
    return field(default=default, metadata=metadata)


class Meaning(dict):
    """Metadata of a field. The parser passes a copy of it on to argparse, which knows nothing of `low` and `high`."""

    def copy(self) -> dict:
        return {key: value for key, value in self.items() if key in ("help", "choices")}


LARGEST_SEED = 2**32 - 1  # numpy takes no larger one


def check_seeds(seeds: str) -> None:
    """Raise UserError unless it is a list of seeds. Example: "0 1 2"."""
    wrong = [seed for seed in seeds.split() if not re.fullmatch(r"[0-9]{1,10}", seed) or int(seed) > LARGEST_SEED]
    if wrong or not seeds.split():
        raise UserError(f"seeds: {seeds!r}; give numbers, separated by spaces, none above {LARGEST_SEED}")


@dataclass
class RunSettings:
    """Where a stage reads and writes."""

    run: str = setting(
        "", "name of the run, its folder under checkpoints/; default: the configuration's folder, else tiny"
    )
    workspace: str = setting(".", "folder under which data/processed, checkpoints and eval/results are written")
    force: bool = setting(False, "start over although the folder holds another or a finished result")

    def folder_of(self, stage: str) -> Path:
        """Where a stage of this run stands."""
        return folder_of(stage, self.run, getattr(self, "seed", 0), self.workspace)

    def __post_init__(self) -> None:
        self.run = self.run or "tiny"
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", self.run):
            several = "; several runs are compared by RUNS=" if " " in self.run else ""
            raise UserError(f"run: {self.run!r} is no folder name; use letters, digits, dot, dash, underscore{several}")


@dataclass
class SeededSettings(RunSettings):
    """A stage that is repeated for several seeds."""

    seed: int = setting(0, "seed of initialisation, order and the choice of documents", low=0, high=LARGEST_SEED)


@dataclass
class DeviceSettings:
    """What computes."""

    device: str = setting(
        "auto",
        "auto takes CUDA if present, else the CPU; MPS only by name",
        choices=["auto", "cpu", "cuda", "mps"],
    )
