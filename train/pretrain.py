"""Stage: the base model, by self-supervised next-token prediction on the corpus.

    python -m train.pretrain --config configs/tiny/pretrain.yaml

In: corpus and tokenizer of the run. Out: checkpoints/<run>/seed<k>/base, a plain Hugging Face folder.
"""

from pathlib import Path

from configs.errors import UserError, exit_cleanly
from configs.schema import PretrainSettings
from configs.settings import TRAINING_ARGUMENTS, identity_of, read_settings
from configs.stage import Stage, content_hash, open_finished


def main() -> None:
    settings, trainer_flags = read_settings([PretrainSettings], trainer=TRAINING_ARGUMENTS)
    if {"--max_steps", "--num_train_epochs"} & set(trainer_flags):
        raise UserError("max_steps and num_train_epochs follow from the budget; set --train_tokens")
    corpus = open_finished(settings.data / "corpus", "corpus", "run `make corpus`")
    tokenizer = open_finished(settings.data / "tokenizer", "tokenizer", "run `make tokenizer`")
    stage = Stage(
        "base",
        settings.checkpoints / "base",
        identity_of(settings, trainer_flags=trainer_flags),
        {"corpus": content_hash(corpus), "tokenizer": content_hash(tokenizer)},
        settings.force,
    )
    if stage.is_finished():
        return
    with stage.writing(keep="resume/checkpoint-*"):
        pretrain(settings, trainer_flags, corpus, tokenizer, stage)


def pretrain(settings: PretrainSettings, trainer_flags: list[str], corpus: Path, tokenizer_folder: Path, stage: Stage):
    """Train a new model on packed documents and write it into the stage's folder."""
    # imported here, so that "up to date" and a misspelt field answer before torch is loaded
    from transformers import TrainingArguments

    from data.chats import encode_documents, load_tokenizer
    from data.packing import Collator, held_out_documents, packed_documents
    from train.arguments import trainer_arguments
    from train.curve import KeepCurve, log_spaced
    from train.model import new_model
    from train.preflight import check_device, check_first_loss, check_isolation, show_example
    from train.publish import count_parameters, finish, sample_text, save_model
    from train.trainers import Pretrainer

    arguments = trainer_arguments(TrainingArguments, trainer_flags, settings, stage.scratch, settings.seed)
    tokenizer = load_tokenizer(tokenizer_folder)
    model = new_model(settings, tokenizer)
    rows = packed_documents(
        corpus / "train.jsonl",
        tokenizer_folder,
        settings.seed,
        settings.train_tokens,
        stage.scratch / "cache",
    )
    held_out, held_out_bytes = held_out_documents(corpus / "validation.jsonl", tokenizer, settings.held_out_tokens)
    tokens_per_step = arguments.train_batch_size * arguments.gradient_accumulation_steps * tokenizer.model_max_length
    arguments.max_steps = max(1, round(settings.train_tokens / tokens_per_step))

    trainer = Pretrainer(
        model=model,
        args=arguments,
        optimizer=settings.optimizer,
        data_collator=Collator(tokenizer.pad_token_id),
        train_dataset=rows,
        eval_dataset=rows,
        processing_class=tokenizer,
        callbacks=[
            KeepCurve(stage.partial / "curve", log_spaced(arguments.max_steps, settings.curve_points), tokenizer)
        ],
    )
    trainer.held_out, trainer.held_out_bytes = [{"input_ids": ids} for ids in held_out], held_out_bytes

    check_device(trainer.model, trainer.data_collator, trainer.held_out)
    check_isolation(trainer.model, trainer.data_collator, (rows[i] for i in range(min(100, len(rows)))))
    check_first_loss(trainer.evaluate()["eval_loss"], len(tokenizer))
    print(f"pretraining on rows such as:\n    {show_example(tokenizer, rows[0])}\n")
    train_seconds = trainer.fit(stage.name)

    save_model(trainer.model, tokenizer, stage.partial)
    prompt = encode_documents(tokenizer, ["The capital of France is"])[0][:-1]
    finish(
        stage,
        trainer,
        "A base model: it continues text, and was never asked to do anything else.",
        f"base: {stage.folder.parent.parent.name}, seed {settings.seed}",
        (settings.expected_low, settings.expected_high),
        sample_text(trainer.model, tokenizer, prompt, 30),
        train_tokens=arguments.max_steps * tokens_per_step,
        train_seconds=train_seconds,
        tokens_per_step=tokens_per_step,
        **count_parameters(model),
    )


if __name__ == "__main__":
    exit_cleanly(main)
