"""Stage: supervised fine-tuning (TRL) of a base on instruction-response pairs, all weights or a LoRA adapter.

    python -m train.sft --config configs/tiny/sft.yaml
    python -m train.sft --config configs/tiny/sft-lora.yaml

In: a base model and pairs. Out: checkpoints/<run>/seed<k>/sft (or sft-lora: the merged model, its adapter in
adapter/). What receives loss is the field `objective`, explained in train/objectives.py.
"""

from pathlib import Path

from configs.pipeline.commands import command_for
from configs.pipeline.errors import UserError, exit_cleanly
from configs.pipeline.schema import SftSettings
from configs.pipeline.settings import SFT_ARGUMENTS, identity_of, read_settings
from configs.pipeline.stage import MANIFEST, Stage, content_hash, open_finished, read_json
from train.engine.folders import check_folder, model_hash


def main() -> None:
    settings, trainer_flags = read_settings([SftSettings], trainer=SFT_ARGUMENTS)
    parent, pairs, corpus = find_parent(settings), find_data(settings, "pairs"), None
    inputs = {"base": model_hash(parent), "pairs": content_hash(pairs)}
    if settings.replay_share:
        corpus = find_data(settings, "corpus")
        inputs["corpus"] = content_hash(corpus)
    name = settings.stage_name
    stage = Stage(
        name,
        settings.checkpoints / name,
        identity_of(settings, trainer_flags=trainer_flags),
        inputs,
        settings.force,
    )
    if stage.is_finished():
        return
    check_same_tokenizer(settings, parent)
    with stage.writing(keep="resume/checkpoint-*"):
        from train.tune import fine_tune  # torch: only once everything that is cheap to check is in order

        fine_tune(settings, trainer_flags, parent, pairs, corpus, stage)


def find_parent(settings: SftSettings) -> Path:
    """The base to start from: the one named, else this run's own, else that of `parent_run`."""
    if settings.base:
        folder = Path(settings.base).expanduser()
        check_folder(folder)
        return folder
    own, lent = settings.checkpoints / "base", settings.lender.checkpoints / "base"
    if not own.exists() and lent.exists():
        print(f"run {settings.run} has no base of its own; starting from {lent}")
        own = lent
    return open_finished(own, "base model", ", or name one with BASE=")


def find_data(settings: SftSettings, what: str) -> Path:
    """Pairs or corpus of this run, else of `parent_run`."""
    own, lent = settings.data / what, settings.lender.data / what
    or_else = ", or set --replay_share 0" if what == "corpus" else ""
    return open_finished(own if own.exists() else lent, what, or_else)


def check_same_tokenizer(settings: SftSettings, parent: Path) -> None:
    """The run's own base must speak the run's tokenizer. A base named by BASE= brings its own."""
    tokenizer = settings.data / "tokenizer"
    if settings.base or not (tokenizer / MANIFEST).is_file() or parent.parent != settings.checkpoints:
        return
    if read_json(parent / "record.json")["identity"]["inputs"].get("tokenizer") != content_hash(tokenizer):
        raise UserError(
            f"{parent} was trained with another tokenizer than {tokenizer}; "
            f"{command_for(parent, '', force=True)}, or use RUN=newname"
        )


if __name__ == "__main__":
    exit_cleanly(main)
