"""What to type when something is missing or damaged: a make command that works as it stands."""

import os
import shlex
import sys
from pathlib import Path

from configs import ROOT
from configs.pipeline.stages import place_of, target_of


def make_command(target: str, run: str, seeds: str = "0", workspace: str | Path = ".", force: bool = False) -> str:
    """A command with the user's SIZE, RUN and SEEDS, what is the default left out.

    Example: make_command("all", "hot", "0 1") == "make all RUN=hot SEEDS='0 1'"
    """
    size = run if (ROOT / "configs" / run / "corpus.yaml").is_file() else size_given()
    options = [
        ("SIZE", size, "tiny"),
        ("RUN", run, size),
        ("SEEDS", seeds, "0"),
        ("WORKSPACE", str(workspace), "."),
        ("ONLINE", os.environ.get("ONLINE", ""), ""),
        ("FORCE", "1" if force else "", ""),
    ]
    words = [f"{name}={shlex.quote(value)}" for name, value, default in options if value != default]
    return " ".join(["make", target, *words])


def command_for(folder: Path, otherwise: str, force: bool = False) -> str:
    """How to get the folder of a stage, which says by its path what makes it; `otherwise` for any other folder.

    Example: command_for(Path("checkpoints/hot/seed1/base"), "...") == "run `make pretrain RUN=hot SEEDS=1`"
    """
    if not (place := place_of(folder)):
        return otherwise
    stage, run, seed, workspace = place
    command = make_command(target_of(stage), run, seed, workspace, force)
    return f"run `{command}`" + (", with the ARGS it had" if force else "")


def with_setting(stage: str, name: str, value: object) -> str:
    """A setting of the command at hand, for whoever runs it with make or without.

    Example: with_setting("pairs", "own_pairs", 9) == '--own_pairs 9 (with make: ARGS_pairs="--own_pairs 9")'
    """
    words = f"--{name} {shlex.quote(str(value))}"
    return f'{words} (with make: ARGS_{stage}="{words}")'


def size_given() -> str:
    """The folder of configs/ that this program was started with, by --size or --config; else tiny."""
    words = [part for word in sys.argv for part in word.split("=", 1)]
    for flag, value in zip(words, words[1:], strict=False):
        if flag == "--size":
            return value
        if flag == "--config" and (size := size_of(value)):
            return size
    return "tiny"


def size_of(config_path: str) -> str | None:
    """Example: size_of("configs/small/sft.yaml") == "small"; None for a file that is not one of configs/."""
    folder = Path(config_path).resolve().parent
    return folder.name if folder.parent == ROOT / "configs" else None
