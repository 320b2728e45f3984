"""Stage: supervised fine-tuning (TRL) of a base on instruction-response pairs, all weights or a LoRA adapter.

    python -m train.sft --config configs/tiny/sft.yaml
    python -m train.sft --config configs/tiny/sft-lora.yaml

In: a base model, pairs, and the corpus, of which some pages are replayed among the pairs. Out:
checkpoints/<run>/seed<k>/sft (or sft-lora: the merged model, its adapter in adapter/). The loss is that of pretraining,
but its mean is over the tokens of the assistant's turns and all tokens of replayed pages: the others are read, and have
the label -100. Other choices of tokens, or of the loss, are the field `objective`: train/objectives.py.
"""

from configs.pipeline.commands import command_for
from configs.pipeline.errors import UserError, exit_cleanly
from configs.pipeline.run import Run, begin
from configs.pipeline.stage import MANIFEST, content_hash, read_json
from configs.pipeline.stages import folder_of
from data.chats import padding_id
from data.packing import Collator
from data.templates import with_learnable_template
from train.engine.folders import named_model
from train.engine.origin import source
from train.objectives import OBJECTIVES, rows_to_tune


def main() -> None:
    run = begin("sft", named_model("base", "base"))
    check_same_tokenizer(run)
    with run.writing():
        fine_tune(run)


def fine_tune(run: Run) -> None:
    """Tune the parent on the pairs and write it into the stage's folder."""
    # torch: only once everything that is cheap to check is in order
    from trl import SFTConfig

    from train.engine.arguments import lower_batch, rows_a_step, tuning_arguments
    from train.engine.checkpoints import context_length, open_model, stop_ids
    from train.engine.convolutions import has_convolutions
    from train.engine.devices import choose_device
    from train.engine.fast import compile_if_possible, drop_short_batches
    from train.engine.preflight import check_tuning
    from train.engine.publish import publish
    from train.engine.trainers import FineTuner
    from train.model import lora_adapter

    settings, parent = run.settings, run.folders["base"]
    model, tokenizer = open_model(parent)
    if settings.compile and not settings.pack:
        print("compile: left out, since rows that are not packed have many lengths")
    compiled = compile_if_possible(settings.compile and settings.pack, model, choose_device(settings.device))
    arguments = tuning_arguments(SFTConfig, run, compiled)
    tokenizer, why = with_learnable_template(tokenizer)
    if why:
        print(f"{parent}: {why}; using data/chat_template.jinja")
    rows, held_out, length, counts = rows_to_tune(
        settings, run.folders, tokenizer, context_length(model, tokenizer), stop_ids(model, tokenizer),
        rows_a_step(arguments),
    )  # fmt: skip
    lower_batch(arguments, len(rows))
    arguments.dataloader_drop_last |= drop_short_batches(compiled, len(rows), arguments)
    collate = Collator(padding_id(tokenizer), length if compiled else 0, has_convolutions(model))
    trainer = FineTuner(
        model, arguments, collate, rows, held_out, tokenizer,
        optimizer=settings.optimizer, muon=settings.muon, peft_config=lora_adapter(settings),
    )  # fmt: skip
    trainer.compute_loss_func = OBJECTIVES[settings.objective].loss  # None: the library's cross-entropy
    learnt_from = f"{passes(arguments)} of {mixture(run, *counts)}"
    check_tuning(trainer, f"{run.stage.name} learns from {learnt_from}")
    trainer.fit(run.stage.name)
    publish(
        run, trainer, f"An instruction-tuned model ({settings.objective}), made from a base model.",
        run.folders["pairs"], parent, rows=len(rows), learnt_from=learnt_from,
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


def passes(arguments) -> str:
    """Example: "1.5 epochs"; "200 steps"."""
    return f"{arguments.max_steps} steps" if arguments.max_steps > 0 else f"{arguments.num_train_epochs:g} epochs"


def mixture(run: Run, pairs: int, documents: int, share: float) -> str:
    """What is learnt from, for the screen and the card. Example: "54 pairs of mine.jsonl".

    share: of the tokens with loss those that the documents have.
    """
    told = f"{pairs:,} pairs of {source(run.folders['pairs'])}"
    if not documents:
        return told
    replay = f"{documents:,} documents ({share:.0%} of the tokens with loss) of {source(run.folders['corpus'])}"
    return f"{told}, and as replay {replay}"


if __name__ == "__main__":
    exit_cleanly(main)
