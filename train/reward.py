"""Stage: a reward model (TRL): a number for each answer, larger for what was chosen.

    python -m train.reward --config configs/tiny/reward.yaml

In: the tuned model, whose weights it begins with, and preferences. Out: checkpoints/<run>/seed<k>/reward. The loss is
(Bradley and Terry 1952), r being the number that an answer gets,

    -ln sigmoid(r(chosen) - r(rejected)) + center_rewards_coefficient * (r(chosen) + r(rejected))^2
"""

from statistics import mean

from configs.pipeline.errors import exit_cleanly
from configs.pipeline.run import Run, begin
from data.judge.rater import ceiling
from train.engine.folders import named_model
from train.preferred import for_reward, noisy_labels, preferences_in, rows_of


def main() -> None:
    run = begin("reward", named_model("sft", "tuned"))
    with run.writing():
        learn_to_judge(run)


def learn_to_judge(run: Run) -> None:
    """Train the parent's weights and a new head on the preferences and write them into the stage's folder."""
    # torch: only once everything that is cheap to check is in order
    from trl import RewardConfig
    from trl.trainer.reward_trainer import DataCollatorForPreference

    from data.packing import Collator
    from train.engine.arguments import lower_batch, trainer_arguments
    from train.engine.checkpoints import context_length, open_tuned_model, stop_ids
    from train.engine.publish import publish
    from train.engine.trainers import RewardTuner
    from train.model import reward_model, reward_padding

    settings, parent, folder = run.settings, run.folders["sft"], run.folders["preferences"]
    policy, tokenizer = open_tuned_model(parent)
    context, stops = context_length(policy, tokenizer), stop_ids(policy, tokenizer)
    preferences, held_out = (preferences_in(folder / f"{name}.jsonl") for name in ("train", "held_out"))
    # a random sample: the file is in the order of a hash
    preferences = preferences[: settings.count or len(preferences)]
    rows, kept = (rows_of(some, tokenizer, context, stops, folder) for some in (preferences, held_out))
    rows = noisy_labels(rows, settings.label_noise, settings.seed)
    arguments = trainer_arguments(RewardConfig, run, max_length=context)
    lower_batch(arguments, len(rows))
    kept, padding = [for_reward(row) for row in kept], reward_padding(tokenizer, stops)
    trainer = RewardTuner(
        reward_model(policy, padding, settings.seed), arguments, DataCollatorForPreference(padding),
        [for_reward(row) for row in rows], kept, tokenizer, optimizer=settings.optimizer, muon=settings.muon,
        held_out_collator=Collator(padding),
    )  # fmt: skip
    trainer.fit(run.stage.name)
    accuracy = trainer.evaluate()["eval_accuracy"]
    chances = [one["chance"] for one in held_out if "chance" in one]
    best = ceiling(chances) if chances else None
    print(f"{run.stage.name}: accuracy on {len(kept)} preferences held out {accuracy:.3f}"
          + (f", the best possible is {best:.3f}" if best else ""))  # fmt: skip
    publish(
        run, trainer, "A reward model: it gives an answer a number, larger for what a rater would choose.", folder,
        parent, rows=len(rows), learnt_from=f"{len(rows):,} preferences", accuracy=accuracy, ceiling=best,
        words=mean(len(one["chosen"][-1]["content"].split()) for one in held_out),
    )  # fmt: skip


if __name__ == "__main__":
    exit_cleanly(main)
