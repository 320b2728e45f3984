"""Instruction tuning itself: rows, trainer, weights. `train.sft` decides whether there is anything to do."""

from pathlib import Path

from datasets import Dataset
from peft import LoraConfig
from trl import SFTConfig

from configs.pipeline.schema import SftSettings
from configs.pipeline.stage import Stage
from data.chats import encode_prompt, padding_id
from data.packing import Collator
from data.templates import with_learnable_template
from train.engine.arguments import rows_a_step, trainer_arguments
from train.engine.checkpoints import context_length, open_model, stop_ids
from train.engine.fast import compile_if_possible, drop_short_batches
from train.engine.guards import fingerprint, refuse_unlearnt
from train.engine.preflight import check_device, check_isolation, check_supervision, show_example
from train.engine.publish import count_parameters, expected_band, finish, sample_text, save_model
from train.engine.trainers import FineTuner
from train.sft_rows import lower_batch, mixture, packed, rows_of_pairs, with_replay


def fine_tune(
    settings: SftSettings, trainer_flags: list[str], parent: Path, pairs: Path, corpus: Path | None, stage: Stage
) -> None:
    """Tune the parent on the pairs and write it into the stage's folder."""
    model, tokenizer = open_model(parent)
    before = fingerprint(model)
    compiled = compile_if_possible(settings.compile and settings.pack, model)
    arguments = tuning_arguments(settings, trainer_flags, stage, compiled)
    tokenizer, why = with_learnable_template(tokenizer)
    if why:
        print(f"{parent}: {why}; using data/chat_template.jinja")
    stops = stop_ids(model, tokenizer)
    context = context_length(model, tokenizer)
    of_pairs, held_out = rows_of_pairs(settings, pairs, tokenizer, context)
    for some in (of_pairs, held_out):
        check_supervision(some, stops)
    rows = with_replay(settings, of_pairs, corpus, tokenizer, context)
    rows, length = packed(settings, rows, context, rows_a_step(arguments))
    lower_batch(arguments, len(rows))
    arguments.dataloader_drop_last |= drop_short_batches(compiled, len(rows), arguments)
    trainer = FineTuner(
        model=model,
        args=arguments,
        optimizer=settings.optimizer,
        data_collator=Collator(padding_id(tokenizer), length if compiled else 0),
        processing_class=tokenizer,
        train_dataset=Dataset.from_list(rows),
        eval_dataset=Dataset.from_list(held_out),
        peft_config=lora_config(settings) if settings.weights == "lora" else None,
    )
    trainer.held_out = held_out
    trained_parameters = count_parameters(trainer.model)["trained_parameters"]
    collate = Collator(padding_id(tokenizer))
    check_device(trainer.model, collate, held_out)
    check_isolation(trainer.model, collate, rows)
    learnt_from = mixture(len(of_pairs), pairs, corpus, settings.replay_share)
    print(f"{stage.name} learns from {learnt_from}; {len(rows):,} rows, loss on the green part:")
    print(f"    {show_example(tokenizer, rows[0])}\n")
    trainer.fit(stage.name)
    facts = {"rows": len(rows), "learnt_from": learnt_from, "trained_parameters": trained_parameters} | trainer.spent()
    if trainer.is_world_process_zero():
        publish(trainer, settings, stage, parent, before, expected_band(settings, pairs), **facts)


def publish(
    trainer, settings: SftSettings, stage: Stage, parent: Path, before: str, band: tuple[float, float], **facts: object
) -> None:
    """Weights, record and card. before: fingerprint of the parent's weights. facts: what else the record says."""
    tokenizer = trainer.processing_class
    tuned = publish_weights(trainer, tokenizer, parent, stage, before)
    prompt = encode_prompt(tokenizer, [{"role": "user", "content": "What is the capital of France?"}])
    finish(
        stage,
        trainer,
        f"An instruction-tuned model ({settings.objective}), made from a base model.",
        f"{stage.name}: {settings.run}, seed {settings.seed}",
        band,
        sample_text(tuned, tokenizer, prompt, 60),
        parent=parent.name,
        parameters=count_parameters(tuned)["parameters"],
        **facts,
    )


def tuning_arguments(settings: SftSettings, trainer_flags: list[str], stage: Stage, compiled: bool) -> SFTConfig:
    """SFTConfig for rows that come ready-made: tokenized, with labels, none too long."""
    loss_type = "dft" if settings.objective == "dft" else "nll"
    arguments = trainer_arguments(
        SFTConfig, trainer_flags, settings, stage.scratch, settings.seed,
        activation_checkpointing=False, loss_type=loss_type, torch_compile=compiled,
    )  # fmt: skip
    arguments.dataset_kwargs, arguments.max_length = {"skip_prepare_dataset": True}, None
    return arguments


def lora_config(settings: SftSettings):
    """LoRA on every linear map of the blocks (Hu et al. 2021, arXiv 2106.09685)."""
    return LoraConfig(
        r=settings.lora_rank,
        lora_alpha=settings.lora_alpha,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )


def publish_weights(trainer, tokenizer, parent: Path, stage: Stage, before: str):
    """Save the tuned model; for LoRA the adapter beside the merged model. Returns the model that was saved."""
    model = trainer.model
    if hasattr(model, "merge_and_unload"):
        # the path in the adapter's config would be one of this machine
        model.peft_config["default"].base_model_name_or_path = parent.name
        model.save_pretrained(stage.partial / "adapter", save_embedding_layers=False)
        (stage.partial / "adapter" / "README.md").unlink(missing_ok=True)
        model = model.merge_and_unload()
    refuse_unlearnt(model, before, trainer.args)
    save_model(model, tokenizer, stage.partial)
    return model
