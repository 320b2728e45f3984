"""Stages as processes of their own: one for each seed, or as a launcher such as torchrun starts them."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from configs import GPUS, ROOT
from configs.pipeline.errors import UserError


def run_each_seed(module: str, flags: list[str], seeds: list[str], launch: str = "") -> None:
    """Run `module` once for each seed; leave with the first exit code that is not 0. The stage has said why.

    launch: what starts it in place of this Python. Example: "torchrun --nproc-per-node 2".
    """
    start = [sys.executable, "-m"]
    if launch:
        program, *options = shlex.split(launch)
        beside_python = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        # the bare -- keeps torchrun from taking our --run for one of its own options
        start = [shutil.which(program, path=beside_python) or program, *options, "-m", "--"]
    for seed in seeds:
        try:
            code = run_child([*start, module, *flags, "--seeds", seed, "--launch", ""], all_gpus() if launch else None)
        except FileNotFoundError:
            raise UserError(f"launch: no command {start[0]}; install it, or give its full path") from None
        if code:
            raise SystemExit(code if code > 0 else 128 - code)


def all_gpus() -> dict[str, str]:
    """The environment of a launcher, whose processes take a GPU each; this one kept the first to itself."""
    others = {name: value for name, value in os.environ.items() if name != "CUDA_VISIBLE_DEVICES"}
    return others | ({} if GPUS is None else {"CUDA_VISIBLE_DEVICES": GPUS})


def run_child(command: list[str], env: dict[str, str] | None = None) -> int:
    """The exit code of a command, run from the root of the repository; negative if a signal ended it."""
    process = subprocess.Popen(command, cwd=ROOT, env=env)
    with left_to(process):
        return process.wait()


@contextmanager
def left_to(process: subprocess.Popen) -> Iterator[None]:
    """Signals are for the stage, which saves and leaves. Ctrl-C reaches it by itself, SIGTERM is passed on."""
    handlers = {signal.SIGINT: lambda *_: None, signal.SIGTERM: lambda number, _: process.send_signal(number)}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
