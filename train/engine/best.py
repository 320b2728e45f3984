"""The weights of the best examination of a training, kept beside those of the moment, and in its checkpoints."""

from pathlib import Path

from safetensors.torch import load_file, save_file

from configs.pipeline.errors import UserError
from configs.pipeline.files import write_json
from configs.pipeline.stage import read_json
from train.engine.examine import weights_of
from train.engine.trainers import examined

BEST, BEST_FIGURES = "best.safetensors", "best.json"  # in a checkpoint


class BestWeights:
    """Mixin for a trainer that is examined (examine.py) along the way: best by the true utility, within `kl_budget`.

    kl_budget: nats an answer from the model that it began as; beyond it the training stops.
    """

    examine, kl_budget, best = None, float("inf"), None

    def has_ended(self, state) -> bool:
        """Also where it had left its budget, and was killed before it was published."""
        return super().has_ended(state) or self.went_too_far(state)

    def went_too_far(self, state) -> bool:
        """Whether an examination found it beyond the budget."""
        return any(entry.get("eval_kl", 0.0) > self.kl_budget for entry in state.log_history)

    def evaluate(self, *_, **__) -> dict[str, float]:
        metrics = super().evaluate() | examined(self)
        step, kl = self.state.global_step, metrics["eval_kl"]
        if kl > self.kl_budget:
            print(f"stopped at step {step}: {kl:.1f} nats an answer from the tuned model, and --kl_budget is "
                  f"{self.kl_budget:g}; the best weights before are kept")  # fmt: skip
            self.control.should_training_stop = True
        elif self.best is None or metrics["eval_utility"] > self.best[0]["utility"]:
            named = {"utility": "eval_utility", "kl": "eval_kl", "held_out_loss": "eval_loss"}
            figures = {"step": step, **{name: metrics[key] for name, key in named.items()}}
            self.best = figures, {name: value.clone() for name, value in weights_of(self.model).items()}
        return metrics

    def take_best(self) -> dict[str, float]:
        """Put the weights of the best examination into the model; returns its figures.

        Raises UserError if every examination found it beyond the budget.
        """
        if self.best is None and not self.went_too_far(self.state):  # never examined along the way
            self.evaluate()
        if self.best is None:
            raise UserError(
                "the first examination found the model beyond --kl_budget already, so there are no weights to keep; "
                "use a lower --learning_rate, a higher --beta, or examine earlier with --eval_steps"
            )
        figures, weights = self.best
        self.model.load_state_dict({name: value.to(self.args.device) for name, value in weights.items()})
        return figures

    def note_spent(self, folder: Path) -> None:
        super().note_spent(folder)
        if self.best is not None and self.is_world_process_zero():
            write_json(folder / BEST_FIGURES, self.best[0])
            save_file({name: value.clone().contiguous() for name, value in self.best[1].items()}, folder / BEST)

    def begin_spending(self, checkpoint: Path | None) -> None:
        super().begin_spending(checkpoint)
        if checkpoint and (checkpoint / BEST).is_file():
            self.best = read_json(checkpoint / BEST_FIGURES), load_file(checkpoint / BEST)
