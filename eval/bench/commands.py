"""Whole commands as a user types them, in a workspace that borrows from the run and leaves it untouched."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from configs import ROOT
from configs.pipeline.errors import UserError
from configs.pipeline.stage import RECORD, read_json
from configs.pipeline.stages import STAGES
from eval.bench.alone import last_line
from eval.bench.sizes import configuration
from eval.settings import BenchSettings


def fixed_run(settings: BenchSettings) -> list[dict]:
    """A pretraining of a fixed number of tokens, start-up, curve and all: its seconds and its loss."""
    with borrowed(settings, "data/processed") as place:
        seconds = run(settings, place, "train.pretrain", "pretrain", "--train_tokens", settings.run_tokens)
        record = read_json(place / "checkpoints" / settings.run / "seed0" / "base" / RECORD)
    kept = ("precision", "train_tokens", "train_seconds", "held_out_loss", "held_out_bits_per_byte")
    return [{"seconds": seconds, **{key: record[key] for key in kept}}]


def comparison(settings: BenchSettings) -> list[dict]:
    """`make compare` of the finished models of seed 0."""
    with borrowed(settings, "data/processed", "checkpoints") as place:
        seconds = run(settings, place, "eval.compare", "compare")
        summary = read_json(place / "eval" / "results" / settings.run / "summary.json")
    return [{"seconds": seconds, "asking_seconds": summary["asking_seconds"]}]


def stages(settings: BenchSettings) -> list[dict]:
    """What the stages of the run took when they ran, from their records; nothing is measured again."""
    found = [(name, settings.folder_of(name) / RECORD) for name in STAGES]
    records = [(name, read_json(path)) for name, path in found if path.is_file()]
    kept = ("seconds", "train_seconds", "train_tokens", "held_out_loss", "commit")
    return [{"stage": name, **{key: record[key] for key in kept if key in record}} for name, record in records]


@contextmanager
def borrowed(settings: BenchSettings, *folders: str) -> Iterator[Path]:
    """A new workspace in which the run's part of these folders is a link to the real one."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name in folders:
            (place / name).mkdir(parents=True)
            (place / name / settings.run).symlink_to((Path(settings.workspace) / name / settings.run).resolve())
        yield place


def run(settings: BenchSettings, place: Path, module: str, stage: str, *flags: object) -> float:
    """Seconds of `python -m module` with the size's configuration. Raises UserError with its last line if it fails."""
    where = ["--run", settings.run, "--workspace", str(place)]
    command = [sys.executable, "-m", module, *configuration(settings.size, stage), *where, *map(str, flags)]
    started_at = time.time()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise UserError(f"{module}: {last_line(done.stderr or done.stdout, done.returncode)}")
    return round(time.time() - started_at, 1)
