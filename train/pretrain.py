"""Stage: the base model, by self-supervised next-token prediction on the corpus.

    python -m train.pretrain --config configs/tiny/pretrain.yaml

In: corpus and tokenizer of the run. Out: checkpoints/<run>/seed<k>/base, a plain Hugging Face folder. The loss is the
mean over all tokens of -ln p(token | the tokens of its document before it). The loop is `fit` in engine/trainers.py.
"""

from configs.pipeline.errors import exit_cleanly
from configs.pipeline.run import Run, begin
from data.chats import load_tokenizer
from data.packing import Collator, held_out_documents, packed_documents
from train.engine.origin import source

MANY_PASSES = 10


def main() -> None:
    run = begin("base")
    with run.writing():
        pretrain(run)


def pretrain(run: Run) -> None:
    """Train a new model on packed documents and write it into the stage's folder."""
    # torch: only once everything that is cheap to check is in order
    from transformers import TrainingArguments

    from train.engine.arguments import rows_a_step, trainer_arguments
    from train.engine.convolutions import has_convolutions
    from train.engine.curve import KeepCurve, log_spaced
    from train.engine.devices import choose_device
    from train.engine.fast import compile_if_possible, drop_short_batches
    from train.engine.preflight import check_new_model
    from train.engine.publish import publish
    from train.engine.trainers import Pretrainer
    from train.model import new_model

    settings, corpus = run.settings, run.folders["corpus"]
    tokenizer = load_tokenizer(run.folders["tokenizer"])
    model = new_model(settings, tokenizer)
    compiled = compile_if_possible(settings.compile, model, choose_device(settings.device))
    arguments = trainer_arguments(TrainingArguments, run, torch_compile=compiled)
    with arguments.main_process_first(local=False):
        rows, length = packed_documents(
            corpus / "train.jsonl", run.folders["tokenizer"], settings.seed, settings.train_tokens,
            run.stage.scratch / "cache", settings.row_length,
        )  # fmt: skip
    arguments.dataloader_drop_last |= drop_short_batches(compiled, len(rows), arguments)
    tokens_per_step = rows_a_step(arguments) * length
    arguments.max_steps = max(1, round(settings.train_tokens / tokens_per_step))
    tell_of_passes(arguments.max_steps * rows_a_step(arguments) / len(rows))
    held_out, held_out_bytes = held_out_documents(corpus / "validation.jsonl", tokenizer, settings.held_out_tokens)
    curve = KeepCurve(run.stage.partial / "curve", log_spaced(arguments.max_steps, settings.curve_points), tokenizer)
    collate = Collator(tokenizer.pad_token_id, length, has_convolutions(model))
    trainer = Pretrainer(
        model, arguments, collate, rows, [{"input_ids": ids} for ids in held_out],
        tokenizer, optimizer=settings.optimizer, held_out_bytes=held_out_bytes, callbacks=[curve],
        muon=settings.muon,
    )  # fmt: skip
    check_new_model(trainer)
    trainer.fit(run.stage.name)
    publish(
        run, trainer, "A base model: it continues text, and was never asked to do anything else.", corpus,
        tokens_per_step=tokens_per_step, learnt_from=source(corpus),
    )  # fmt: skip


def tell_of_passes(passes: float) -> None:
    if passes >= MANY_PASSES:
        print(
            f"the text is read {passes:.0f} times over, so the model learns it by heart; give more text, or lower "
            "--train_tokens"
        )


if __name__ == "__main__":
    exit_cleanly(main)
