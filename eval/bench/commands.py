"""Whole commands as a user types them, in a workspace that borrows from the run and leaves it untouched."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from configs import ROOT
from configs.pipeline.errors import UserError
from configs.pipeline.settings import flag
from configs.pipeline.stage import RECORD, read_json
from configs.pipeline.stages import STAGES, config_of, folder_of
from eval.bench.alone import last_line
from eval.bench.measurements import WITHOUT
from eval.bench.sizes import configuration
from eval.settings import BenchSettings


def fixed_run(settings: BenchSettings) -> list[dict]:
    """A pretraining of a fixed number of tokens, start-up, curve and all: its seconds and its loss."""
    with borrowed(settings, f"data/processed/{settings.run}") as place:
        seconds = run(settings, place, "base", {"train_tokens": settings.run_tokens})
        record = read_json(folder_of("base", settings.run, workspace=place) / RECORD)
    kept = ("precision", "train_tokens", "train_seconds", "held_out_loss", "held_out_bits_per_byte")
    return [{"seconds": seconds, **{key: record[key] for key in kept}}]


def recipe(settings: BenchSettings, without: str, seed: int) -> list[dict]:
    """The same pretraining without one trick: what it knows of held-out text in the end, in how many seconds.

    The compiler's cache of other runs is used: half of the time would go into compiling the same eight models again.
    """
    os.environ.pop("TORCHINDUCTOR_CACHE_DIR", None)
    flags, base = WITHOUT[without], {"train_tokens": settings.run_tokens, "seed": seed, "curve_points": 0}
    with borrowed(settings, f"data/processed/{settings.run}/corpus") as place:
        run(settings, place, "tokenizer", flags.get("tokenizer", {}))
        run(settings, place, "base", base | {"expected_high": 100.0} | flags.get("base", {}))
        record = read_json(folder_of("base", settings.run, seed, place) / RECORD)
    kept = {"bits_per_byte": "held_out_bits_per_byte", "train_seconds": "train_seconds", "train_tokens": "train_tokens"}
    return [{name: record[key] for name, key in kept.items()}]


def comparison(settings: BenchSettings) -> list[dict]:
    """`make compare` of the finished models of seed 0."""
    with borrowed(settings, f"data/processed/{settings.run}", f"checkpoints/{settings.run}") as place:
        seconds = run(settings, place, "comparison")
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
    """A new workspace in which these folders are links to the real ones."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name in folders:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).symlink_to((Path(settings.workspace) / name).resolve())
        yield place


def run(settings: BenchSettings, place: Path, stage: str, changes: Mapping[str, object] | None = None) -> float:
    """Seconds of a stage with the size's configuration. Raises UserError with its last line if it fails."""
    module, flags = STAGES[stage].module, [part for one in (changes or {}).items() for part in flag("bench", *one)]
    where = ["--run", settings.run, "--workspace", str(place)]
    command = [sys.executable, "-m", module, *configuration(settings.size, config_of(stage)), *where, *flags]
    started_at = time.time()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise UserError(f"{module}: {last_line(done.stderr or done.stdout, done.returncode)}")
    return round(time.time() - started_at, 1)
