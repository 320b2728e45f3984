"""Stage: supervised fine-tuning (TRL) of a base on instruction-response pairs, all weights or a LoRA adapter.

    python -m train.sft --config configs/tiny/sft.yaml
    python -m train.sft --config configs/tiny/sft-lora.yaml

In: a base model and pairs. Out: checkpoints/<run>/seed<k>/sft (or sft-lora: the merged model, its adapter in
adapter/). What receives loss is the field `objective`, explained in train/objectives.py.
"""

from configs.pipeline.commands import command_for
from configs.pipeline.errors import UserError, exit_cleanly
from configs.pipeline.run import Run, begin
from configs.pipeline.stage import MANIFEST, content_hash, read_json
from configs.pipeline.stages import folder_of
from data.chats import encode_prompt, padding_id
from data.packing import Collator
from data.templates import with_learnable_template
from train.engine.folders import named_model
from train.engine.origin import source
from train.objectives import OBJECTIVES, replayed, rows_to_tune

SAMPLE = [{"role": "user", "content": "What is the capital of France?"}]  # asked for the card


def main() -> None:
    run = begin("sft", named_model("base", "base"))
    check_same_tokenizer(run)
    with run.writing():
        fine_tune(run)


def fine_tune(run: Run) -> None:
    """Tune the parent on the pairs and write it into the stage's folder."""
    # torch: only once everything that is cheap to check is in order
    from peft import LoraConfig
    from trl import SFTConfig

    from train.engine.arguments import lower_batch, rows_a_step, tuning_arguments
    from train.engine.checkpoints import context_length, open_model, stop_ids
    from train.engine.convolutions import has_convolutions
    from train.engine.fast import compile_if_possible, drop_short_batches
    from train.engine.preflight import check_tuning
    from train.engine.publish import publish
    from train.engine.trainers import FineTuner

    settings, parent = run.settings, run.folders["base"]
    model, tokenizer = open_model(parent)
    compiled = compile_if_possible(settings.compile and settings.pack, model)
    loss = OBJECTIVES[settings.objective].loss  # one that TRL knows by name, or a function
    arguments = tuning_arguments(SFTConfig, run, "nll" if callable(loss) else loss, compiled)
    tokenizer, why = with_learnable_template(tokenizer)
    if why:
        print(f"{parent}: {why}; using data/chat_template.jinja")
    rows, held_out, length, pairs = rows_to_tune(
        settings, run.folders, tokenizer, context_length(model, tokenizer), stop_ids(model, tokenizer),
        rows_a_step(arguments),
    )  # fmt: skip
    lower_batch(arguments, len(rows))
    arguments.dataloader_drop_last |= drop_short_batches(compiled, len(rows), arguments)
    lora = LoraConfig(  # on every linear map of the blocks (Hu et al. 2021, arXiv 2106.09685)
        r=settings.lora_rank, lora_alpha=settings.lora_alpha, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    collate = Collator(padding_id(tokenizer), length if compiled else 0, has_convolutions(model))
    trainer = FineTuner(
        model, arguments, collate, rows, held_out, tokenizer,
        optimizer=settings.optimizer, muon=settings.muon, peft_config=lora if settings.weights == "lora" else None,
    )  # fmt: skip
    trainer.compute_loss_func = loss if callable(loss) else None
    learnt_from = mixture(run, pairs)
    check_tuning(trainer, f"{run.stage.name} learns from {learnt_from}")
    trainer.fit(run.stage.name)
    publish(
        run, trainer, f"An instruction-tuned model ({settings.objective}), made from a base model.",
        run.folders["pairs"], encode_prompt(tokenizer, SAMPLE), 60, parent, rows=len(rows), learnt_from=learnt_from,
    )  # fmt: skip


def check_same_tokenizer(run: Run) -> None:
    """The run's own base must speak the run's tokenizer. A base named by BASE= brings its own."""
    settings, parent = run.settings, run.folders["base"]
    tokenizer = folder_of("tokenizer", settings.run, workspace=settings.workspace)
    if settings.base or not (tokenizer / MANIFEST).is_file() or parent.parent != run.stage.folder.parent:
        return
    if read_json(parent / "record.json")["identity"]["inputs"].get("tokenizer") != content_hash(tokenizer):
        raise UserError(
            f"{parent} was trained with another tokenizer than {tokenizer}; "
            f"{command_for(parent, '', force=True)}, or use RUN=newname"
        )


def mixture(run: Run, pairs: int) -> str:
    """What is learnt from, for the screen and the card. Example: "54 pairs of mine.jsonl"."""
    told, share = f"{pairs:,} pairs of {source(run.folders['pairs'])}", run.settings.replay_share
    if "corpus" not in run.folders:
        return told
    documents = f"{replayed(pairs, share):,} documents ({share:.0%} of the rows)"
    return f"{told}, and as replay {documents} of {source(run.folders['corpus'])}"


if __name__ == "__main__":
    exit_cleanly(main)
