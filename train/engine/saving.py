"""Checkpoints that survive a `kill -9`: staged, hashed, flushed, renamed; and the search for the last good one.

transformers writes a checkpoint file by file into its final place and takes the highest number for the newest, so a
kill in mid-save leaves a folder on which resuming crashes. Here a checkpoint is written under another name, given a
manifest of sha256 hashes and then renamed; a folder that exists is complete, and one with a flipped bit is passed over.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR

from configs.pipeline.errors import UserError
from configs.pipeline.stage import MANIFEST, changed_files, write_manifest

STAGING = ".staging"
KEPT = 2  # checkpoints that stay: the newest, and one to fall back to


class AtomicSaving:
    """Mixin for a Trainer with CountSpent: `_save_checkpoint` publishes by rename."""

    def _get_output_dir(self, trial) -> str:
        folder = super()._get_output_dir(trial)
        return os.path.join(folder, STAGING) if getattr(self, "_staging", False) else folder

    def _save_checkpoint(self, model, trial) -> None:
        folder, name = Path(self.args.output_dir), f"{PREFIX_CHECKPOINT_DIR}-{self.state.global_step}"
        refuse_non_finite(self.model, f"step {self.state.global_step}")
        if self.is_world_process_zero():
            shutil.rmtree(folder / STAGING, ignore_errors=True)
        self.accelerator.wait_for_everyone()
        self._staging = True
        try:
            with clear_disk_errors(folder):
                super()._save_checkpoint(model, trial)
                self.note_spent(folder / STAGING / name)
        finally:
            self._staging = False
        self.accelerator.wait_for_everyone()  # every process adds its own random state
        if self.is_world_process_zero():
            publish_checkpoint(folder, name)
        self.accelerator.wait_for_everyone()


def publish_checkpoint(folder: Path, name: str) -> None:
    """Give the staged checkpoint its manifest and its name; drop the oldest."""
    write_manifest(folder / STAGING / name)
    shutil.rmtree(folder / name, ignore_errors=True)  # a damaged one that resuming passed over
    os.replace(folder / STAGING / name, folder / name)
    for old in checkpoints(folder)[KEPT:]:
        shutil.rmtree(old)


@contextmanager
def clear_disk_errors(folder: Path) -> Iterator[None]:
    """torch and safetensors report a full disk each in its own way, neither as an OSError."""
    try:
        yield
    except (RuntimeError, SafetensorError) as error:
        raise UserError(
            f"{folder}: cannot write ({' '.join(str(error).split())[:120]}); is the disk full? "
            "Nothing finished was lost; the same command continues."
        ) from None


def refuse_non_finite(model, when: str) -> None:
    """Raise UserError if a weight is NaN or infinite: such a state is never saved."""
    for name, parameter in model.named_parameters():
        if not parameter.detach().isfinite().all():
            raise UserError(
                f"{when}: the weight {name} is no longer finite; nothing was saved. "
                "Use a lower --learning_rate, with FORCE=1 or RUN=newname."
            )


def checkpoints(folder: Path) -> list[Path]:
    """Published checkpoints of a folder, newest first, by step number."""
    found = folder.glob(f"{PREFIX_CHECKPOINT_DIR}-*")
    return sorted(found, key=lambda path: int(path.name.rsplit("-", 1)[1]), reverse=True)


def last_good_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint that matches its manifest; None if there is none at all.

    Raises UserError if there are checkpoints but every one is damaged: starting over in silence would hide the loss.
    """
    found = checkpoints(folder)
    for path in found:
        changed = changed_files(path) if (path / MANIFEST).is_file() else [MANIFEST]
        if not changed:
            return path
        print(f"{path}: {changed[0]} is damaged; trying the checkpoint before it")
    if found:
        raise UserError(f"{folder}: every checkpoint is damaged; delete this folder to start the stage anew")
    return None
