"""Log-spaced checkpoints of the weights, for learning curves: when does copying, a fact, a pattern appear?"""

import os
import shutil
from pathlib import Path

import numpy as np
from transformers import TrainerCallback

from train.engine.saving import clear_disk_errors, refuse_non_finite


def log_spaced(last: int, count: int) -> list[int]:
    """`count` different steps from 1 to `last`, evenly spaced on a log axis. Example: (100, 3) -> [1, 10, 100]."""
    return sorted({int(step) for step in np.geomspace(1, last, count).round()}) if count else []


class KeepCurve(TrainerCallback):
    """Saves the bare weights at the chosen steps under `folder`/step-000123, each published by rename."""

    def __init__(self, folder: Path, steps: list[int], tokenizer):
        self.folder, self.steps, self.tokenizer = folder, set(steps), tokenizer

    def on_step_end(self, args, state, control, model=None, **_):
        if state.global_step not in self.steps or not state.is_world_process_zero:
            return
        target = self.folder / f"step-{state.global_step:06d}"
        staging = target.with_suffix(".staging")
        shutil.rmtree(staging, ignore_errors=True)
        refuse_non_finite(model, f"step {state.global_step}")
        with clear_disk_errors(staging):
            model.save_pretrained(staging)
            self.tokenizer.save_pretrained(staging)
        shutil.rmtree(target, ignore_errors=True)  # an interrupted run repeats some steps, to the same bits
        os.replace(staging, target)
