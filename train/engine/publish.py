"""The end of a training stage: a plain Hugging Face folder, its model card, its record and its card on the screen."""

from pathlib import Path

import torch

from configs.pipeline.run import Run
from configs.pipeline.stage import Stage
from configs.pipeline.stages import STAGES
from configs.pipeline.summary import print_summary
from data.chats import encode_documents, encode_prompt, padding_id
from train.engine.checkpoints import stop_ids
from train.engine.guards import refuse_unlearnt
from train.engine.origin import NO_BAND, WEB, expected_band, source
from train.engine.preflight import check_isolation, unpadded
from train.engine.saving import clear_disk_errors, refuse_non_finite

QUESTION = [{"role": "user", "content": "What is the capital of France?"}]


def save_model(model, tokenizer, folder: Path) -> None:
    """Weights as safetensors, config, generation config, tokenizer and chat template.

    Greedy generation by default, with the cache on; what a parent stopped at is kept beside the tokenizer's own.
    """
    refuse_non_finite(model, "at the end")
    model.config.use_cache = True
    if model.can_generate():
        keep_how_to_write(model, tokenizer)
    with clear_disk_errors(folder):
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)


def keep_how_to_write(model, tokenizer) -> None:
    """Into the generation configuration."""
    own, stops = model.generation_config, stop_ids(model, tokenizer)
    own.use_cache, own.cache_implementation = True, None
    own.eos_token_id = stops if len(stops) > 1 else stops[0]
    own.pad_token_id, own.bos_token_id = tokenizer.pad_token_id, tokenizer.bos_token_id


def publish(
    run: Run, trainer, what: str, data: Path, parent: Path | None = None, must_learn: bool = True, **facts: object
) -> None:
    """The trained model, its record and its cards, into the stage's folder. Every process has to call it.

    what: the first sentence of the model card. data: what its expected loss was measured on. facts: what else the
    record says. Raises UserError if nothing was learnt, unless that is what a control is to show.
    """
    facts |= trainer.spent()
    run.stage.started_at -= trainer.before["train_seconds"]  # of earlier sessions, up to the checkpoint of this one
    if not trainer.is_world_process_zero():
        return
    stage, trained = run.stage, count_parameters(trainer.model)["trained_parameters"]
    # in fp32, as whoever opens it computes: the trainer has wrapped its forward for bf16
    model = merged(trainer.accelerator.unwrap_model(trainer.model, keep_fp32_wrapper=False), stage, parent)
    if must_learn:
        refuse_unlearnt(model, trainer.weights_before, trainer.args)
    save_model(model, trainer.processing_class, stage.partial)
    facts |= {"parameters": count_parameters(model)["parameters"], "trained_parameters": trained}
    history = trainer.state.log_history
    if not any("eval_loss" in entry and entry["step"] == trainer.state.global_step for entry in history):
        trainer.evaluate()
    curves = {name: [[e["step"], e[name]] for e in history if name in e]
              for name in ("loss", "eval_loss", "eval_bits_per_byte")}  # fmt: skip
    loss, bits = curves["eval_loss"][-1][1], next((bits for _, bits in curves["eval_bits_per_byte"][::-1]), None)
    figures = {"held_out_loss": loss, "held_out_bits_per_byte": bits, **facts}
    isolation = check_isolation(model, unpadded(trainer.held_out_collator), trainer.train_dataset)
    stage.record(
        **figures,
        **({"parent": parent.name} if parent else {}),
        precision=precision_of(trainer),
        isolation=isolation,
        trainer=plain(trainer.args.to_dict()),
        loss_curve=curves["loss"],
        held_out_curve=curves["eval_loss"],
    )
    card = model_card(stage, what, figures, is_of_the_world=source(data) == WEB)
    (stage.partial / "README.md").write_text(card, encoding="utf-8")
    sample = sample_text(model, trainer.processing_class, stage.name) if STAGES[stage.name].model == "causal" else ""
    as_expected = verdict(figures["held_out_loss"], expected_band(run.settings, data))
    tell(run, figures | {"precision": precision_of(trainer), "as expected": as_expected}, sample)


def tell(run: Run, figures: dict, sample: str) -> None:
    """The card on the screen."""
    loss, bits, seconds = figures["held_out_loss"], figures["held_out_bits_per_byte"], figures["train_seconds"]
    speed = figures["train_tokens"] / max(seconds, 1e-9) / 1000
    print_summary(
        f"{run.stage.name}: {run.settings.run}, seed {run.settings.seed}",
        {
            "model": run.stage.folder,
            "parameters": f"{figures['parameters']:,} ({figures['trained_parameters']:,} trained)",
            "learnt from": figures["learnt_from"],
            "trained on": f"{figures['train_tokens']:,} tokens in {seconds:.0f} s "
            f"({speed:.1f} k/s, {figures['precision']})",
            "held-out loss": f"{loss:.3f} {unit_of(run.stage)}"
            + (f", {bits:.3f} bits per byte" if bits else "")
            + figures["as expected"],
            **({"sample": sample.replace("\n", "\n" + " " * 19)} if sample else {}),
        },
    )


def merged(model, stage: Stage, parent: Path | None):
    """The model as it is published: a LoRA adapter is saved beside it, and merged into it."""
    if not hasattr(model, "merge_and_unload"):
        return model
    # the path in the adapter's config would be one of this machine
    model.peft_config["default"].base_model_name_or_path = parent.name
    model.save_pretrained(stage.partial / "adapter", save_embedding_layers=False)
    (stage.partial / "adapter" / "README.md").unlink(missing_ok=True)
    return model.merge_and_unload()


def unit_of(stage: Stage) -> str:
    """What the loss is counted in. That of a reward model includes the term that centres rewards."""
    return "per preference" if STAGES[stage.name].model == "reward" else "nats per token"


def verdict(loss: float, band: tuple[float, float]) -> str:
    """How the loss lies to the band that its configuration expects; nothing where it expects none."""
    low, high = band
    if band == NO_BAND:
        return ""
    if low <= loss <= high:
        return f" (expected {low} to {high})"
    return f"  <- outside the expected {low} to {high} for this size: look before you trust it"


def precision_of(trainer) -> str:
    return "bf16" if trainer.args.bf16 else "fp32"


def plain(values: dict) -> dict:
    """The trainer's arguments without paths of this machine."""
    return {key: value for key, value in values.items() if key not in ("output_dir", "run_name")}


def model_card(stage: Stage, what: str, figures: dict, is_of_the_world: bool) -> str:
    """A README for whoever finds the folder alone."""
    settings = "\n".join(f"- `{key}`: {value}" for key, value in stage.identity["settings"].items())
    best = figures.get("published")
    paragraphs = [
        f"# {stage.name}",
        what,
        f"Held-out loss {figures['held_out_loss']:.3f} {unit_of(stage)}; trained on {figures['train_tokens']:,} tokens "
        f"of {figures['learnt_from']}." + (f" The weights are those of step {best['step']}, the best on the way."
                                           if best else ""),
        *(["A teaching model of a miniature web; do not rely on its answers."] if is_of_the_world else []),
        f"## Settings\n\n{settings}",
    ]  # fmt: skip
    return "\n\n".join(paragraphs) + "\n"


@torch.no_grad()
def sample_text(model, tokenizer, stage: str) -> str:
    """What the model makes of the capital of France: a base goes on with a text, others are asked. Greedy."""
    model.eval()
    document = encode_documents(tokenizer, ["The capital of France is"])[0][:-1]
    ids = document if stage == "base" else encode_prompt(tokenizer, QUESTION)
    ids = torch.tensor([ids], device=next(model.parameters()).device)
    out = model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=30 if stage == "base" else 60,
        do_sample=False,
        eos_token_id=stop_ids(model, tokenizer),
        pad_token_id=padding_id(tokenizer),
    )
    return tokenizer.decode(out[0], skip_special_tokens=True).strip()


def count_parameters(model) -> dict[str, int]:
    """Example: {"parameters": 2163648, "trained_parameters": 2163648}."""
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "trained_parameters": sum(p.numel() for p in model.parameters() if p.requires_grad),
    }
