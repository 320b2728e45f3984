"""Instruction tuning as `make sft` does it against plain TRL: seconds until both reach the same held-out loss.

Plain TRL is what its manual shows: `SFTTrainer` with its own collator (rows in random order, padded to the longest of
the batch), its own loss, fp32, not compiled, the attention that transformers chooses. Rows, learning rate and schedule
are ours, over fewer epochs for both; where ours packs pairs, plain TRL takes as many rows a step as make the number of
steps the same.
TRL recomputes activations by default, which a model of this size does not need: that is measured with and without.

Held-out loss is always that of train/engine/held_out.py, in fp32, at fixed steps; the clock stands still meanwhile. It
starts with the training, so compilation counts and the tokenization of the pairs does not.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from datasets import Dataset
from transformers import PreTrainedModel, TrainerCallback
from transformers.trainer import DEFAULT_CALLBACKS
from trl import SFTConfig, SFTTrainer

from configs.pipeline.run import Run
from configs.pipeline.settings import flags_without, read_settings
from configs.pipeline.stage import RECORD, Stage, read_json
from configs.pipeline.stages import SFT_ARGUMENTS, STAGES
from data.chats import padding_id
from data.packing import Collator
from data.templates import with_chat_template
from eval.bench.clock import pace
from eval.bench.measurements import OURS, WAYS
from eval.bench.sizes import NOTHING_ELSE, configuration
from eval.settings import BenchSettings
from train.engine.arguments import trainer_arguments
from train.engine.checkpoints import context_length, open_model
from train.engine.fast import not_compiled
from train.engine.held_out import eval_loss
from train.objectives import packed, read_conversations, rows_for, rows_of_pairs, with_replay
from train.settings import SftSettings
from train.sft import fine_tune

OURS_ALONE = ("--train_sampling_strategy",)  # a field that is part of our way and not of the recipe


def tuning(settings: BenchSettings, way: str) -> list[dict]:
    """One training to its end, its held-out loss watched."""
    place = ["--run", settings.run, "--workspace", settings.workspace]
    length = ["--num_train_epochs", str(settings.tuning_epochs)]
    flags_of_all = [*configuration(settings.size, "sft"), *place, *NOTHING_ELSE, *length]
    recipe, flags = read_settings([SftSettings], SFT_ARGUMENTS, flags_of_all)
    with tempfile.TemporaryDirectory() as folder:
        if way == OURS:
            watch, tokens = ours(settings, recipe, flags, Path(folder))
        else:
            watch, tokens = plain(settings, recipe, flags, Path(folder), WAYS[way])
    return [
        {
            "precision": watch.precision,
            "attention": watch.attention,
            "seconds": watch.ends[-1],
            "held_out_loss": watch.curve[-1][2],
            "curve": watch.curve,
            **pace(watch.ends, tokens / (len(watch.ends) - 1)),
        }
    ]


def ours(settings: BenchSettings, recipe: SftSettings, flags: list[str], folder: Path):
    """(the watch, tokens trained on) of the stage itself, written to another place."""
    watch, run = HeldOutWatch(settings), recipe_run(settings, recipe, flags, folder)
    with watching(watch), run.writing():
        fine_tune(run)
    return watch, read_json(run.stage.folder / RECORD)["train_tokens"]


def recipe_run(settings: BenchSettings, recipe: SftSettings, flags: list[str], folder: Path) -> Run:
    """The stage with the run's own inputs, written to another place."""
    folders = {name: settings.folder_of(name) for name in STAGES["sft"].reads if name not in recipe.unread}
    return Run(Stage("sft", folder / "sft", {}, {}), recipe, folders, flags)


@contextmanager
def watching(callback) -> Iterator[None]:
    """Every trainer made inside gets the callback as well: a stage is measured as it is, not as a copy of it."""
    DEFAULT_CALLBACKS.append(callback)
    try:
        yield
    finally:
        DEFAULT_CALLBACKS.remove(callback)


def plain(settings: BenchSettings, recipe: SftSettings, flags: list[str], folder: Path, changes: dict):
    """(the watch, tokens trained on) of TRL's own trainer."""
    model, tokenizer = open_model(settings.folder_of("base"))
    rows, rows_a_step = rows_of_the_same_steps(settings, recipe, flags, model, tokenizer)
    plain_flags = [*flags_without(OURS_ALONE, flags), "--per_device_train_batch_size", str(rows_a_step)]
    run = recipe_run(settings, replace(recipe, precision="fp32"), plain_flags, folder)
    watch = HeldOutWatch(settings)
    trainer = SFTTrainer(
        model=model,
        args=trainer_arguments(SFTConfig, run, **changes),
        processing_class=tokenizer,
        train_dataset=Dataset.from_list(rows),
        callbacks=[watch],
    )
    trainer.train()
    return watch, trainer.state.epoch * sum(len(row["input_ids"]) for row in rows)


def rows_of_the_same_steps(settings: BenchSettings, recipe: SftSettings, flags: list[str], model, tokenizer):
    """(the rows of our recipe, one conversation or document each; how many make a step as long as one of ours)."""
    tokenizer, _ = with_chat_template(tokenizer)
    corpus = settings.folder_of("corpus") if recipe.replay_share else None
    context = context_length(model, tokenizer)
    single, _ = rows_of_pairs(recipe.objective, settings.folder_of("pairs"), tokenizer, context, recipe.long_rows)
    single = with_replay(single, corpus, recipe.replay_share, recipe.seed, tokenizer, context)
    ours_a_step = int(flags[flags.index("--per_device_train_batch_size") + 1])
    ours, _ = packed(single, recipe, context, ours_a_step)
    return single, max(1, round(ours_a_step * len(single) / len(ours)))


class HeldOutWatch(TrainerCallback):
    """A clock that stands still while it measures the held-out loss, at evenly spaced steps.

    ends: seconds at the end of each step, 0 first. curve: [step, seconds, nats per token].
    """

    def __init__(self, settings: BenchSettings):
        tokenizer, _ = with_chat_template(open_model(settings.folder_of("base"))[1])
        told = read_conversations(settings.folder_of("pairs") / "held_out.jsonl")
        self.rows, self.collate = rows_for("assistant_only", told, tokenizer), Collator(padding_id(tokenizer))
        self.points = settings.points

    def on_train_begin(self, args, state, control, model=None, **_):
        self.precision = "bf16" if args.bf16 else "fp32"
        self.attention = model.config._attn_implementation
        self.steps = evenly_spaced(state.max_steps, self.points)
        self.ends, self.curve = [0.0], [[0, 0.0, self.loss(model)]]
        self.started_at = time.perf_counter()

    def on_step_end(self, args, state, control, model=None, **_):
        now = time.perf_counter()
        self.ends.append(now - self.started_at)
        if state.global_step in self.steps:
            self.curve.append([state.global_step, self.ends[-1], self.loss(model)])
            self.started_at += time.perf_counter() - now

    def loss(self, model: PreTrainedModel) -> float:
        model.eval()  # the trainer sets it back before the next step
        with not_compiled(model):
            nats, tokens = eval_loss(model, self.rows, self.collate, 64)
        return nats / tokens


def evenly_spaced(last: int, count: int) -> list[int]:
    """`count` steps up to the last. Example: (10, 4) -> [2, 5, 8, 10]."""
    return sorted({round(last * part / count) for part in range(1, count + 1)} - {0})
