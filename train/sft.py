"""Stage: supervised fine-tuning (TRL) of a base on instruction-response pairs, all weights or a LoRA adapter.

    python -m train.sft --config configs/tiny/sft.yaml
    python -m train.sft --config configs/tiny/sft-lora.yaml

In: a base model and pairs. Out: checkpoints/<run>/seed<k>/sft (or sft-lora: the merged model, its adapter in
adapter/). What receives loss is the field `objective`, explained in train/objectives.py.
"""

from pathlib import Path

from configs.errors import UserError, exit_cleanly
from configs.schema import SftSettings
from configs.settings import SFT_ARGUMENTS, identity_of, read_settings
from configs.stage import MANIFEST, Stage, content_hash, open_finished, read_json


def main() -> None:
    settings, trainer_flags = read_settings([SftSettings], trainer=SFT_ARGUMENTS)
    parent, pairs, corpus = find_parent(settings), find_data(settings, "pairs"), None
    inputs = {"base": content_hash(parent), "pairs": content_hash(pairs)}
    if settings.replay_share:
        corpus = find_data(settings, "corpus")
        inputs["corpus"] = content_hash(corpus)
    name = settings.stage_name
    stage = Stage(
        name,
        settings.checkpoints / name,
        identity_of(settings, trainer_flags=trainer_flags),
        inputs,
        settings.force,
    )
    if stage.is_finished():
        return
    with stage.writing(keep="resume/checkpoint-*"):
        fine_tune(settings, trainer_flags, parent, pairs, corpus, stage)


def find_parent(settings: SftSettings) -> Path:
    """The base to start from: the one named, else this run's own, else that of `parent_run`."""
    if settings.base:
        folder = Path(settings.base).expanduser()
        if not (folder / "config.json").is_file():
            raise UserError(f"base: no model at {folder}; name a local Hugging Face folder")
        return folder
    own = settings.checkpoints / "base"
    lent = own.parent.parent.parent / (settings.parent_run or settings.run) / own.parent.name / "base"
    if not own.exists() and lent.exists():
        print(f"run {settings.run} has no base of its own; starting from {lent}")
        own = lent
    return open_finished(
        own, "base model", f"run `make pretrain`, or name one with BASE= (looked in run {settings.run})"
    )


def find_data(settings: SftSettings, what: str) -> Path:
    """Pairs or corpus of this run, else of `parent_run`."""
    own = settings.data / what
    lent = own.parent.parent / (settings.parent_run or settings.run) / what
    remedy = f"run `make {what}`" + ("; or set --replay_share 0" if what == "corpus" else "")
    return open_finished(own if own.exists() else lent, what, remedy)


def fine_tune(
    settings: SftSettings,
    trainer_flags: list[str],
    parent: Path,
    pairs: Path,
    corpus: Path | None,
    stage: Stage,
) -> None:
    """Tune the parent on the pairs and write it into the stage's folder."""
    # imported here, so that "up to date" and a misspelt field answer before torch is loaded
    from datasets import Dataset
    from trl import SFTConfig

    from data.chats import encode_prompt, with_chat_template
    from data.packing import Collator
    from train.arguments import trainer_arguments
    from train.checkpoints import context_length, open_model
    from train.preflight import check_device, check_isolation, show_example
    from train.publish import count_parameters, finish, sample_text
    from train.sft_rows import held_out_rows, read_conversations, training_rows
    from train.trainers import FineTuner

    arguments = trainer_arguments(
        SFTConfig,
        trainer_flags,
        settings,
        stage.scratch,
        settings.seed,
        activation_checkpointing=False,
        loss_type="dft" if settings.objective == "dft" else "nll",
    )
    arguments.dataset_kwargs, arguments.max_length = {"skip_prepare_dataset": True}, None
    model, tokenizer = open_model(parent)
    check_same_tokenizer(settings, parent)
    tokenizer, replaced = with_chat_template(tokenizer)
    if replaced:
        print(f"{parent}: no chat template that marks what is learnt; using data/chat_template.jinja")
    context = context_length(model, tokenizer)
    conversations = read_conversations(pairs / "train.jsonl")
    rows = training_rows(settings, conversations, corpus, tokenizer, context)
    held_out = held_out_rows(read_conversations(pairs / "held_out.jsonl"), tokenizer, context)

    padding_id = tokenizer.eos_token_id if tokenizer.pad_token_id is None else tokenizer.pad_token_id
    trainer = FineTuner(
        model=model,
        args=arguments,
        optimizer=settings.optimizer,
        data_collator=Collator(padding_id),
        processing_class=tokenizer,
        train_dataset=Dataset.from_list(rows),
        eval_dataset=Dataset.from_list(held_out),
        peft_config=lora_config(settings) if settings.weights == "lora" else None,
    )
    trainer.held_out = held_out
    counts = count_parameters(trainer.model)
    check_device(trainer.model, trainer.data_collator, held_out)
    check_isolation(
        trainer.model, trainer.data_collator, [row for row in rows if len(row.get("seq_lengths") or []) > 1]
    )
    print(f"{stage.name}: {len(rows):,} rows, loss on the green part:\n    {show_example(tokenizer, rows[0])}\n")
    train_seconds = trainer.fit(stage.name)

    tuned = publish_weights(trainer, tokenizer, parent, stage)
    prompt = encode_prompt(tokenizer, [{"role": "user", "content": "What is the capital of France?"}])
    finish(
        stage,
        trainer,
        f"An instruction-tuned model ({settings.objective}), made from a base model.",
        f"{stage.name}: {settings.run}, seed {settings.seed}",
        (settings.expected_low, settings.expected_high),
        sample_text(tuned, tokenizer, prompt, 60),
        train_tokens=int(trainer.state.epoch * sum(len(row["input_ids"]) for row in rows)),
        train_seconds=train_seconds,
        rows=len(rows),
        parent=parent.name,
        parameters=count_parameters(tuned)["parameters"],
        trained_parameters=counts["trained_parameters"],
    )


def check_same_tokenizer(settings: SftSettings, parent: Path) -> None:
    """The run's own base must speak the run's tokenizer. A base named by BASE= brings its own."""
    tokenizer = settings.data / "tokenizer"
    if settings.base or not (tokenizer / MANIFEST).is_file() or parent.parent != settings.checkpoints:
        return
    if read_json(parent / "record.json")["identity"]["inputs"].get("tokenizer") != content_hash(tokenizer):
        raise UserError(
            f"{parent} was trained with another tokenizer than {tokenizer}; "
            "run `make pretrain FORCE=1`, or use RUN=newname"
        )


def lora_config(settings: SftSettings):
    """LoRA on every linear map of the blocks (Hu et al. 2021, arXiv 2106.09685)."""
    from peft import LoraConfig

    return LoraConfig(
        r=settings.lora_rank,
        lora_alpha=settings.lora_alpha,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )


def publish_weights(trainer, tokenizer, parent: Path, stage: Stage):
    """Save the tuned model; for LoRA the adapter beside the merged model. Returns the model that was saved."""
    from train.publish import save_model

    model = trainer.model
    if hasattr(model, "merge_and_unload"):
        # the path in the adapter's config would be one of this machine
        model.peft_config["default"].base_model_name_or_path = parent.name
        model.save_pretrained(stage.partial / "adapter", save_embedding_layers=False)
        (stage.partial / "adapter" / "README.md").unlink(missing_ok=True)
        model = model.merge_and_unload()
    save_model(model, tokenizer, stage.partial)
    return model


if __name__ == "__main__":
    exit_cleanly(main)
