"""The end of a training stage: a plain Hugging Face folder, its model card, its record and its card on the screen."""

from pathlib import Path

import torch

from configs.pipeline.schema import TrainingSettings
from configs.pipeline.stage import RECORD, Stage, read_json
from configs.pipeline.summary import print_summary
from data.chats import padding_id
from train.engine.checkpoints import stop_ids
from train.engine.saving import clear_disk_errors, refuse_non_finite

WEB, NO_BAND = "the miniature web", (0.0, 100.0)


def save_model(model, tokenizer, folder: Path) -> None:
    """Weights as safetensors, config, generation config, tokenizer and chat template.

    Greedy generation by default, with the cache on; what a parent stopped at is kept beside the tokenizer's own.
    """
    refuse_non_finite(model, "at the end")
    model.config.use_cache = model.generation_config.use_cache = True
    model.generation_config.cache_implementation = None
    stops = stop_ids(model, tokenizer)
    model.generation_config.eos_token_id = stops if len(stops) > 1 else stops[0]
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    model.generation_config.bos_token_id = tokenizer.bos_token_id
    with clear_disk_errors(folder):
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)


def finish(
    stage: Stage, trainer, what: str, title: str, band: tuple[float, float], sample: str, **facts: object
) -> None:
    """Write record and model card, print the card."""
    history = trainer.state.log_history
    if not any("eval_loss" in entry and entry["step"] == trainer.state.global_step for entry in history):
        trainer.evaluate()
    losses = [entry["eval_loss"] for entry in history if "eval_loss" in entry]
    bits = [entry["eval_bits_per_byte"] for entry in history if "eval_bits_per_byte" in entry]
    figures = {"held_out_loss": losses[-1], "held_out_bits_per_byte": bits[-1] if bits else None, **facts}
    stage.record(
        **figures,
        precision=precision_of(trainer),
        trainer=plain(trainer.args.to_dict()),
        loss_curve=[pick(e, "loss") for e in history if "loss" in e],
        held_out_curve=[pick(e, "eval_loss") for e in history if "eval_loss" in e],
    )
    (stage.partial / "README.md").write_text(model_card(stage, what, figures), encoding="utf-8")
    print_summary(
        title,
        {
            "model": stage.folder,
            "parameters": f"{facts['parameters']:,} ({facts['trained_parameters']:,} trained)",
            **({"learnt from": facts["learnt_from"]} if "learnt_from" in facts else {}),
            "trained on": f"{facts['train_tokens']:,} tokens in {facts['train_seconds']:.0f} s "
            f"({facts['train_tokens'] / max(facts['train_seconds'], 1e-9) / 1000:.1f} k/s, {precision_of(trainer)})",
            "held-out loss": f"{losses[-1]:.3f} nats per token"
            + (f", {bits[-1]:.3f} bits per byte" if bits else "")
            + verdict(losses[-1], band),
            "sample": sample.replace("\n", "\n" + " " * 19),
        },
    )


def source(folder: Path) -> str:
    """Where a finished corpus or pairs come from, by its record. Example: "the miniature web"."""
    inputs = read_json(folder / RECORD)["identity"]["inputs"]
    names = [WEB if name == "world" else name for name in inputs if name != "instructions"]
    return " and ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def expected_band(settings: TrainingSettings, data: Path) -> tuple[float, float]:
    """The losses that a configuration expects. They were measured on the miniature web, so own data has none."""
    return (settings.expected_low, settings.expected_high) if source(data) == WEB else NO_BAND


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


def pick(entry: dict, key: str) -> list:
    return [entry["step"], entry[key]]


def plain(values: dict) -> dict:
    """The trainer's arguments without paths of this machine."""
    return {key: value for key, value in values.items() if key not in ("output_dir", "logging_dir", "run_name")}


def model_card(stage: Stage, what: str, figures: dict) -> str:
    """A README for whoever finds the folder alone."""
    settings = "\n".join(f"- `{key}`: {value}" for key, value in stage.identity["settings"].items())
    return (
        f"# {stage.name}\n\n{what}\n\n"
        f"Held-out loss {figures['held_out_loss']:.3f} nats per token after {figures['train_tokens']:,} tokens"
        + (f" of {figures['learnt_from']}" if "learnt_from" in figures else "")
        + ".\n\n"
        "A teaching model of a small invented web; its answers are not facts about the world.\n\n"
        f"## Settings\n\n{settings}\n"
    )


@torch.no_grad()
def sample_text(model, tokenizer, prompt_ids: list[int], new_tokens: int) -> str:
    """A greedy continuation, control tokens left out."""
    model.eval()
    device = next(model.parameters()).device
    ids = torch.tensor([prompt_ids], device=device)
    out = model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=new_tokens,
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
