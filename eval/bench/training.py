"""Pretraining of a size: tokens per second, and which share of plain matrix products that is.

The model, the trainer and the optimizer are those of `make pretrain`, with the size's own YAML; the words are random.

Operations per token are counted as usual: 6 N + 12 L d T, where N is the number of weights without the input embedding
but with the output head, L the number of blocks, d their width, T the context. 6 N is a forward product (2) and the two
of the backward pass (4) for each weight, 12 L d T the same for attention over the whole context. What a mask hides (the
future, the other documents of a row) counts as if it were computed; norms, softmax and optimizer do not count.
"""

import tempfile
import time
from pathlib import Path

from transformers import TrainerCallback, TrainingArguments

from configs.pipeline.run import Run
from configs.pipeline.stage import Stage
from data.packing import Collator
from eval.bench.clock import LEAST, WARM_UP, pace
from eval.bench.measurements import VARIANTS
from eval.bench.sizes import Size, open_size, packed_rows
from eval.settings import BenchSettings
from train.engine.arguments import trainer_arguments
from train.engine.convolutions import has_convolutions
from train.engine.devices import choose_device
from train.engine.fast import compile_if_possible
from train.engine.publish import count_parameters, precision_of
from train.engine.trainers import Pretrainer
from train.model import new_model


def training(settings: BenchSettings, size: str, variant: str) -> list[dict]:
    """Steps of the real trainer until the time is over, the warm-up apart."""
    configured = open_size(size)
    varied = configured.with_(**VARIANTS[variant](configured.settings))
    with tempfile.TemporaryDirectory() as folder:
        return [trained(varied, settings.seconds, Path(folder))]


def trained(size: Size, seconds: float, folder: Path) -> dict:
    model, length = new_model(size.settings, size.words), size.settings.row_length or size.words.model_max_length
    started_at = time.perf_counter()
    compiled = compile_if_possible(size.settings.compile, model, choose_device(size.settings.device))
    preparation = time.perf_counter() - started_at
    run = Run(Stage("base", folder / "base", {}, {}), size.settings, trainer_flags=size.trainer_flags)
    arguments = trainer_arguments(TrainingArguments, run, torch_compile=compiled)
    arguments.max_steps = 1_000_000  # the clock ends it
    rows_a_step = arguments.train_batch_size * arguments.gradient_accumulation_steps
    watch, rows = StopAfter(seconds), packed_rows(size.words, 16 * rows_a_step, length)
    trainer = Pretrainer(
        model, arguments, Collator(size.words.pad_token_id, length, has_convolutions(model)), rows, rows[:1],
        optimizer=size.settings.optimizer, callbacks=[watch], muon=size.settings.muon,
    )  # fmt: skip
    trainer.fit("training")
    found = pace(watch.ends, rows_a_step * length)
    found["start_up_seconds"] += preparation
    return {
        "precision": precision_of(trainer),
        "compiled": compiled,
        "parameters": count_parameters(model)["parameters"],
        "operations_per_token": operations_per_token(model, length),
        "steps": len(watch.ends) - 1,
        **found,
    }


class StopAfter(TrainerCallback):
    """Notes when each step ends, and ends the training `seconds` after the warm-up."""

    def __init__(self, seconds: float):
        self.seconds = seconds

    def on_train_begin(self, *_, **__):
        self.ends = [time.perf_counter()]

    def on_step_end(self, args, state, control, **_):
        self.ends.append(time.perf_counter())
        timed = self.ends[WARM_UP:]
        control.should_training_stop = len(timed) > LEAST and timed[-1] - timed[0] >= self.seconds


def operations_per_token(model, length: int) -> int:
    """Of training: 6 N + 12 L d T, where L counts the blocks with attention."""
    weights = sum(parameter.numel() for parameter in model.parameters())
    if model.get_input_embeddings().weight is not model.get_output_embeddings().weight:
        weights -= model.get_input_embeddings().weight.numel()
    kinds = getattr(model.config, "layer_types", None) or ["full_attention"] * model.config.num_hidden_layers
    return 6 * weights + 12 * kinds.count("full_attention") * model.config.hidden_size * length
