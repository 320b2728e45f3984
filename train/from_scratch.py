"""Pretraining itself: rows, trainer, weights. `train.pretrain` decides whether there is anything to do."""

from pathlib import Path

from transformers import TrainingArguments

from configs.pipeline.schema import PretrainSettings
from configs.pipeline.stage import Stage
from data.chats import encode_documents, load_tokenizer
from data.packing import Collator, held_out_documents, packed_documents
from train.engine.arguments import rows_a_step, trainer_arguments
from train.engine.curve import KeepCurve, log_spaced
from train.engine.fast import compile_if_possible, drop_short_batches
from train.engine.guards import fingerprint, refuse_unlearnt
from train.engine.preflight import check_device, check_first_loss, check_isolation, show_example
from train.engine.publish import count_parameters, expected_band, finish, sample_text, save_model, source
from train.engine.trainers import Pretrainer
from train.model import new_model

MANY_PASSES = 10


def pretrain(settings: PretrainSettings, trainer_flags: list[str], corpus: Path, tokenizer_folder: Path, stage: Stage):
    """Train a new model on packed documents and write it into the stage's folder."""
    tokenizer = load_tokenizer(tokenizer_folder)
    model = new_model(settings, tokenizer)
    before = fingerprint(model)
    compiled = compile_if_possible(settings.compile, model)
    arguments = trainer_arguments(
        TrainingArguments, trainer_flags, settings, stage.scratch, settings.seed, torch_compile=compiled
    )
    with arguments.main_process_first(local=False):
        rows, length = packed_documents(
            corpus / "train.jsonl", tokenizer_folder, settings.seed, settings.train_tokens, stage.scratch / "cache",
            settings.row_length,
        )  # fmt: skip
    arguments.dataloader_drop_last |= drop_short_batches(compiled, len(rows), arguments)
    tokens_per_step = rows_a_step(arguments) * length
    arguments.max_steps = max(1, round(settings.train_tokens / tokens_per_step))
    tell_of_passes(arguments.max_steps * rows_a_step(arguments) / len(rows))
    trainer = Pretrainer(
        model=model,
        args=arguments,
        optimizer=settings.optimizer,
        data_collator=Collator(tokenizer.pad_token_id, length),
        train_dataset=rows,
        eval_dataset=rows,
        processing_class=tokenizer,
        callbacks=[
            KeepCurve(stage.partial / "curve", log_spaced(arguments.max_steps, settings.curve_points), tokenizer)
        ],
    )
    held_out, trainer.held_out_bytes = held_out_documents(
        corpus / "validation.jsonl", tokenizer, settings.held_out_tokens
    )
    trainer.held_out = [{"input_ids": ids} for ids in held_out]
    check_before_training(trainer, rows, tokenizer)
    trainer.fit(stage.name)
    spent = trainer.spent()
    if trainer.is_world_process_zero():
        refuse_unlearnt(trainer.model, before, arguments)
        facts = {"tokens_per_step": tokens_per_step, "learnt_from": source(corpus)} | spent
        publish(trainer, settings, stage, expected_band(settings, corpus), **facts)


def tell_of_passes(passes: float) -> None:
    if passes >= MANY_PASSES:
        print(
            f"the text is read {passes:.0f} times over, so the model learns it by heart; give more text, or lower "
            "--train_tokens"
        )


def check_before_training(trainer: Pretrainer, rows, tokenizer) -> None:
    """Refuse what would fail silently; show what is learnt from."""
    collate = Collator(tokenizer.pad_token_id)
    check_device(trainer.model, collate, trainer.held_out)
    check_isolation(trainer.model, collate, (rows[i] for i in range(min(100, len(rows)))))
    check_first_loss(trainer.evaluate()["eval_loss"], len(tokenizer))
    print(f"pretraining on rows such as:\n    {show_example(tokenizer, rows[0])}\n")


def publish(trainer: Pretrainer, settings: PretrainSettings, stage: Stage, band: tuple[float, float], **facts: object):
    """Weights, record and card. facts: what else the record says."""
    model, tokenizer = trainer.model, trainer.processing_class
    save_model(model, tokenizer, stage.partial)
    prompt = encode_documents(tokenizer, ["The capital of France is"])[0][:-1]
    finish(
        stage,
        trainer,
        "A base model: it continues text, and was never asked to do anything else.",
        f"base: {stage.folder.parent.parent.name}, seed {settings.seed}",
        band,
        sample_text(model, tokenizer, prompt, 30),
        **facts,
        **count_parameters(model),
    )
