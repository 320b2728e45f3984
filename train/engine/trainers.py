"""The trainers of the libraries with our habits: save whole, stop on NaN, weigh held-out loss by token, use Muon."""

from pathlib import Path

import torch
import transformers
import trl
from datasets import Dataset
from torch.utils.data import SequentialSampler
from transformers import TrainerCallback
from transformers.trainer_callback import PrinterCallback, ProgressCallback
from transformers.trainer_pt_utils import LengthGroupedSampler
from transformers.utils.logging import disable_progress_bar

from configs.pipeline.errors import UserError
from configs.pipeline.progress import progress_bar
from train.engine.fast import keep_freed_memory
from train.engine.guards import CompiledRightly, FiniteLoss, StopOnSignal, fingerprint
from train.engine.held_out import TokenWeightedEvaluation
from train.engine.saving import AtomicSaving, last_good_checkpoint
from train.engine.spent import CountSpent
from train.optim import MuonAdamW

ROW_BETA = 0.95  # of NorMuon: a row's usual size is that of some twenty steps


class LossBar(TrainerCallback):
    """A progress bar with its estimate and the losses behind it."""

    def __init__(self, name: str):
        self.name, self.losses, self.bar = name, {}, None

    def on_train_begin(self, args, state, control, **_):
        self.bar = progress_bar(
            total=state.max_steps,
            initial=state.global_step,
            desc=self.name,
            disable=not state.is_world_process_zero,
        )

    def on_step_end(self, args, state, control, **_):
        self.bar.update(state.global_step - self.bar.n)

    def on_log(self, args, state, control, logs=None, **_):
        names = {"loss": "loss", "eval_loss": "held_out", "reward": "reward", "kl": "KL"}
        self.losses |= {names[key]: f"{value:.3f}" for key, value in (logs or {}).items() if key in names}
        if self.bar is not None:
            self.bar.set_postfix(self.losses, refresh=False)

    def on_train_end(self, args, state, control, **_):
        self.bar.close()


class CarefulTrainer(AtomicSaving, CountSpent, FiniteLoss, CompiledRightly, TokenWeightedEvaluation):
    """What all trainers share. `fit` trains from the last good checkpoint to the end."""

    def __init__(
        self, model, arguments, collator, rows, held_out: list[dict], tokenizer=None, *,
        optimizer: str = "adamw", muon: dict | None = None, held_out_bytes: int | None = None,
        held_out_collator=None, evaluated: list[dict] | None = None, **options: object,
    ):  # fmt: skip
        """rows: a Dataset, or a list of rows {input_ids, labels?, seq_lengths?}, as those held out are.

        muon: further arguments of MuonAdamW. held_out_bytes: size of the text held out, for bits per byte.
        held_out_collator, evaluated: where the rows are no plain text; what the library is to evaluate on then.
        """
        disable_progress_bar()  # one bar for the training, none for each file of a checkpoint
        self.optimizer_name, self.muon = optimizer, muon or {}
        self.weights_before = fingerprint(model)
        self.held_out, self.held_out_bytes = held_out, held_out_bytes
        self.held_out_collator = held_out_collator or collator
        kept = held_out if evaluated is None else evaluated
        train, kept = (Dataset.from_list(one) if isinstance(one, list) else one for one in (rows, kept))
        options |= {"data_collator": collator} if collator else {}
        super().__init__(
            model=model, args=arguments, processing_class=tokenizer, train_dataset=train, eval_dataset=kept, **options
        )
        self.remove_callback(PrinterCallback)
        self.remove_callback(ProgressCallback)

    def fit(self, name: str) -> None:
        """Train, continuing an interrupted run.

        Leaves with 128 + signal if one came; raises UserError on NaN.
        """
        keep_freed_memory()
        self.add_callback(LossBar(name))
        checkpoint = last_good_checkpoint(Path(self.args.output_dir))
        if checkpoint:
            print(f"continuing from {checkpoint}")
        self.begin_spending(checkpoint)
        with StopOnSignal() as signals:
            self.add_callback(signals)
            if checkpoint and self.is_complete(checkpoint):
                # resuming a finished run would train one step too many
                self._load_from_checkpoint(str(checkpoint))
            else:
                self.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
            signals.leave_if_stopped()

    def create_scheduler(self, num_training_steps: int, optimizer=None):
        warm_up = self.args.get_warmup_steps(num_training_steps)
        if num_training_steps <= warm_up and self.is_world_process_zero():
            print(
                f"warning: {num_training_steps} steps in all, and {warm_up} of warm-up: the rate never reaches "
                "its peak, and little or nothing is learnt; lower --warmup_steps or train longer"
            )
        return super().create_scheduler(num_training_steps, optimizer)

    def create_optimizer(self, model=None):
        if self.optimizer_name == "adamw":
            return super().create_optimizer(model)
        if not self.args.optim.value.startswith("adamw_torch"):
            raise UserError(f"optim: {self.args.optim.value} has no part in --optimizer {self.optimizer_name}; "
                            "use --optimizer adamw beside it")  # fmt: skip
        if self.optimizer is None:
            self.optimizer = MuonAdamW(
                self.model,
                lr=self.args.learning_rate,
                weight_decay=self.args.weight_decay,
                betas=(self.args.adam_beta1, self.args.adam_beta2),
                eps=self.args.adam_epsilon,
                row_beta=ROW_BETA if self.optimizer_name == "normuon" else 0.0,
                **self.muon,
            )
        return self.optimizer

    def is_complete(self, checkpoint: Path) -> bool:
        """True if the checkpoint was the last one of its run; takes over its history."""
        state = transformers.TrainerState.load_from_json(str(checkpoint / "trainer_state.json"))
        if not self.has_ended(state):
            return False
        self.state = state
        return True

    def has_ended(self, state) -> bool:
        return state.global_step >= state.max_steps


class Pretrainer(CarefulTrainer, transformers.Trainer):
    """`transformers.Trainer` for the base model."""


class ByLength:
    """Mixin for a Trainer: rows of like length together, where `train_sampling_strategy` says so."""

    def _get_train_sampler(self, train_dataset=None):
        if self.args.train_sampling_strategy != "group_by_length":
            return super()._get_train_sampler(train_dataset)
        return LengthGroups(self, self.train_dataset if train_dataset is None else train_dataset)

    def _get_eval_sampler(self, eval_dataset):
        return SequentialSampler(eval_dataset)


class FineTuner(ByLength, CarefulTrainer, trl.SFTTrainer):
    """`trl.SFTTrainer` on ready-made rows {input_ids, labels}."""

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        """The model's own loss, or that of the objective if it brings one (`compute_loss_func`).

        TRL's computes entropy and accuracy beside it, which nobody reads here. The loss of what is held out is another:
        nats per token for every objective (held_out.py).
        """
        return transformers.Trainer.compute_loss(self, model, inputs, return_outputs, num_items_in_batch)


class LengthGroups(LengthGroupedSampler):
    """Rows of like length together, in an order that seed and epoch alone decide.

    The library draws it from the global random state, which dropout has moved on by the time a run is resumed.
    """

    def __init__(self, trainer: CarefulTrainer, rows):
        rows_a_step = trainer.args.train_batch_size * trainer.args.gradient_accumulation_steps
        columns = [rows[name] for name in rows.column_names if name.endswith("_ids")]
        super().__init__(rows_a_step, lengths=[sum(map(len, row)) for row in zip(*columns, strict=True)])
        self.trainer = trainer

    def __iter__(self):
        epoch = int((self.trainer.state.epoch or 0) + 1e-6)
        self.generator = torch.Generator().manual_seed(self.trainer.args.seed * 10_007 + epoch)
        return super().__iter__()


class CountedByRow:
    """Mixin for trainers of preferences: each batch weighs as much in their figures as it has rows.

    The library takes the mean of the batches' means, and the last batch is short and of the longest answers.
    """

    def compute_loss(self, model, inputs, *args, **kwargs):
        figures = self._metrics["train" if self.model.training else "eval"]
        before = {name: len(values) for name, values in figures.items()}
        found = super().compute_loss(model, inputs, *args, **kwargs)
        for name, values in figures.items():
            values += values[before.get(name, 0) :] * (len(inputs["input_ids"]) - 1)
        return found


class PreferenceTuner(CountedByRow, ByLength, CarefulTrainer, trl.DPOTrainer):
    """`trl.DPOTrainer` on ready-made rows {prompt_ids, chosen_ids, rejected_ids}; `examine` is asked along the way."""

    examine = None

    def _prepare_dataset(self, dataset, *_):
        return dataset

    def evaluate(self, *_, **__) -> dict[str, float]:
        """The library's figures of the preferences held out, the loss of held-out pairs, and an examination."""
        trl.DPOTrainer.evaluate(self, metric_key_prefix="preferred")
        metrics = CarefulTrainer.evaluate(self)
        return metrics | examined(self)


class RewardTuner(CountedByRow, ByLength, CarefulTrainer, trl.RewardTrainer):
    """`trl.RewardTrainer` on ready-made rows {chosen_ids, rejected_ids}: held out are rows of the same kind."""

    def __init__(self, model, *args, **options):
        padding = model.config.pad_token_id
        super().__init__(model, *args, **options)
        self.model.config.pad_token_id = padding  # the library takes the tokenizer's, which may be the stop token

    def evaluate(self, *_, **__) -> dict[str, float]:
        return trl.RewardTrainer.evaluate(self)


def examined(trainer) -> dict[str, float]:
    """Figures of the trainer's examination, logged under eval_*; nothing where it has none."""
    if trainer.examine is None:
        return {}
    figures = {f"eval_{name}": value for name, value in trainer.examine(trainer.model).items()}
    trainer.log(figures)
    return figures
