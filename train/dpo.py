"""Stage: direct preference optimisation (TRL): what was chosen becomes likelier than what was rejected.

    python -m train.dpo --config configs/tiny/dpo.yaml

In: the tuned model, preferences, and pairs, whose answers held out are predicted along the way. Out:
checkpoints/<run>/seed<k>/dpo. The loss is (Rafailov et al. 2023, arXiv 2305.18290)

    -ln sigmoid(beta * ((log p(chosen) - log p0(chosen)) - (log p(rejected) - log p0(rejected))))
    + sft_weight * nats of a token of the chosen answer

where p0 is the tuned model as it was; its log-probabilities are taken before the first step.
"""

from itertools import islice

from configs.pipeline.errors import UserError, exit_cleanly
from configs.pipeline.run import Run, begin
from data.chats import padding_id
from train.engine.folders import named_model
from train.engine.origin import WEB, source
from train.preferred import SIDES, Row, noisy_labels, preferences_in, rows_of

MARGIN = 2e-3  # beta x nats; a model that is its own reference has a margin of 0, and so the sigmoid loss ln 2 to 1e-3
EXAMINED, MAX_NEW_TOKENS = 256, 48  # requests that the model answers along the way; tokens of an answer


def main() -> None:
    run = begin("dpo", named_model("sft", "tuned"))
    with run.writing():
        prefer(run)


def prefer(run: Run) -> None:
    """Tune the parent on the preferences and write it into the stage's folder."""
    # torch: only once everything that is cheap to check is in order
    from trl.trainer.dpo_trainer import DataCollatorForPreference

    from data.packing import Collator
    from train.engine.checkpoints import context_length, open_tuned_model, stop_ids
    from train.engine.examine import examinations
    from train.engine.publish import publish
    from train.engine.trainers import PreferenceTuner
    from train.model import lora_adapter
    from train.objectives import rows_of_pairs

    settings, parent, folder = run.settings, run.folders["sft"], run.folders["preferences"]
    model, tokenizer = open_tuned_model(parent)
    context, stops = context_length(model, tokenizer), stop_ids(model, tokenizer)
    rows, held_out = (rows_of(preferences_in(folder / f"{name}.jsonl"), tokenizer, context, stops, folder)
                      for name in ("train", "held_out"))  # fmt: skip
    rows = noisy_labels(rows, settings.label_noise, settings.seed)
    held_out_pairs = rows_of_pairs("assistant_only", run.folders["pairs"], tokenizer, context, "skip")[1]
    arguments = dpo_arguments(run, context, len(rows))
    trainer = PreferenceTuner(
        model, arguments, DataCollatorForPreference(padding_id(tokenizer)), rows, held_out_pairs, tokenizer,
        optimizer=settings.optimizer, muon=settings.muon, held_out_collator=Collator(padding_id(tokenizer)),
        evaluated=held_out, peft_config=lora_adapter(settings),
    )  # fmt: skip
    trainer.examine = examination(run, arguments, held_out)
    learnt_from = f"{len(rows):,} preferences"
    print(f"{run.stage.name} learns from {learnt_from}, such as:")
    prompt, chosen, rejected = (tokenizer.decode(rows[0][f"{part}_ids"]) for part in ("prompt", *SIDES))
    print(f"    {prompt} [[{chosen}]] rather than [[{rejected}]]\n")
    before = check_reference(trainer)
    trainer.fit(run.stage.name)
    publish(
        run, trainer, "A model tuned by direct preference optimisation, made from an instruction-tuned model.",
        run.folders["pairs"], parent, rows=len(rows), learnt_from=learnt_from,
        examination=[before, *examinations(trainer.state.log_history)],
    )  # fmt: skip


def dpo_arguments(run: Run, context: int, count: int):
    """The settings of TRL's trainer for `count` preferences; the SFT term of the loss stands beside DPO's own."""
    from trl import DPOConfig

    from train.engine.arguments import lower_batch, trainer_arguments

    arguments = trainer_arguments(DPOConfig, run, precompute_ref_log_probs=True, max_length=context)
    losses = {run.settings.loss: 1.0}
    if run.settings.sft_weight:
        losses.setdefault("sft", run.settings.sft_weight)
    arguments.loss_type, arguments.loss_weights = list(losses), list(losses.values())
    lower_batch(arguments, count)
    return arguments


def examination(run: Run, arguments, held_out: list[Row]):
    """What the model is asked along the way; prompts of held-out preferences where no program can judge the answers."""
    from train.engine.examine import Examination
    from train.requests import fresh_requests

    pairs, seed, requests, prompts = run.folders["pairs"], run.settings.seed, [], []
    if source(pairs) == WEB:
        requests = list(islice(fresh_requests(pairs, seed, use="examine"), EXAMINED))
    else:
        fit = (row["prompt_ids"] for row in held_out if len(row["prompt_ids"]) + MAX_NEW_TOKENS <= arguments.max_length)
        prompts = [list(ids) for ids in dict.fromkeys(map(tuple, fit))]
        prompts = prompts[:: 1 + len(prompts) // EXAMINED]  # of all lengths: they stand in that order
    if not requests and not prompts:
        return None
    return Examination(run.folders["sft"], requests, MAX_NEW_TOKENS, seed, arguments.bf16, prompts)


def check_reference(trainer) -> dict:
    """Before the first step the model is its own reference, so no answer is likelier. Raises UserError if one is.

    Returns the examination of that model.
    """
    from train.engine.examine import examinations

    trainer.evaluate()
    before = examinations(trainer.state.log_history)[0]
    trainer.state.log_history.clear()
    margin = before["rewards/margins"]
    if abs(margin) > MARGIN:
        raise UserError(
            f"before the first step the margin of chosen over rejected is {margin:.4f} and not 0, so the "
            "reference is another model than the one that learns; does its config.json ask for dropout? Set it to 0"
        )
    return before


if __name__ == "__main__":
    exit_cleanly(main)
