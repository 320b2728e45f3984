"""Time to loss on character-level Shakespeare: the recipe everybody knows, and a fast one, in seconds of training.

    python -m eval.bench.shakespeare --config configs/shakespeare/reference.yaml --text tinyshakespeare.txt

A plain loop on purpose: nothing is packed or resumed, the length of a run is fixed beforehand, and the validation loss
is computed once at the end, over the same 200 batches of 12 random windows of 64 characters for every recipe.
"""

import math
import time
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy

from configs.pipeline.errors import UserError, exit_cleanly
from configs.pipeline.settings import read_settings
from configs.pipeline.summary import print_summary
from eval.bench.sizes import Words
from eval.settings import ShakespeareSettings
from train.engine.devices import choose_precision
from train.engine.fast import compile_if_possible, keep_freed_memory
from train.model import new_model
from train.optim import MuonAdamW, split_parameters
from train.settings import PretrainSettings

TRAIN_SHARE = 0.9
VALIDATION_BATCHES, VALIDATION_ROWS, VALIDATION_CONTEXT = 200, 12, 64


def main() -> None:
    settings, _ = read_settings([ShakespeareSettings])
    print_summary("shakespeare", {name: str(value) for name, value in run(settings).items()})


def run(settings: ShakespeareSettings) -> dict:
    """Train and validate; returns validation_loss (nats per character), train_seconds and what they were made with."""
    text = read_text(Path(settings.text))
    vocabulary = sorted(set(text))  # every different character is a token, none is special
    ids = torch.tensor([vocabulary.index(one) for one in text])
    train, held_out = ids[: int(TRAIN_SHARE * len(ids))], ids[int(TRAIN_SHARE * len(ids)) :]
    words = Words(len(vocabulary), max(settings.context, VALIDATION_CONTEXT), None, None, None)
    model = new_model(shape(settings), words)
    model.set_attn_implementation(settings.attention)
    bf16 = choose_precision(settings.precision, "cpu") == "bf16"
    started_at = time.time()
    keep_freed_memory()
    compiled = compile_if_possible(settings.compile, model, "cpu")
    forward = torch.compile(model, dynamic=False) if compiled else model
    train_on(train, settings, model, forward, bf16)
    seconds = time.time() - started_at
    return {
        "validation_loss": round(validation_loss(model, held_out), 4),
        "train_seconds": round(seconds, 2),
        "characters_seen": settings.steps * settings.rows * settings.context,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "precision": "bf16" if bf16 else "fp32",
        "seed": settings.seed,
    }


def read_text(path: Path) -> str:
    if not path.is_file():
        raise UserError(f"text: {str(path)!r} is no file; give one with --text")
    return path.read_text(encoding="utf-8")


def shape(settings: ShakespeareSettings) -> PretrainSettings:
    """The model of these settings, as pretraining describes it."""
    shared = "model_type hidden_size num_hidden_layers num_attention_heads model_kwargs seed".split()
    return PretrainSettings(**{name: getattr(settings, name) for name in shared})


def train_on(text, settings: ShakespeareSettings, model, forward, bf16: bool) -> None:
    """`steps` steps on random windows of the text."""
    draw = torch.Generator().manual_seed(settings.seed)
    optimizer = new_optimizer(settings, model)
    model.train()
    for step in range(settings.steps):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(settings, step)
        ids, labels = windows(text, settings.rows, settings.context, draw)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            logits = forward(input_ids=ids, use_cache=False).logits
        loss = cross_entropy(logits.flatten(0, 1).float(), labels.flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)


def new_optimizer(settings: ShakespeareSettings, model):
    betas = (0.9, settings.adam_beta2)
    if settings.optimizer == "muon":
        return MuonAdamW(model, settings.learning_rate, settings.weight_decay, betas, 1e-8)
    matrices, others = split_parameters(model)
    groups = [{"params": matrices, "weight_decay": settings.weight_decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=settings.learning_rate, betas=betas)


def learning_rate(settings: ShakespeareSettings, step: int) -> float:
    """Linear warm-up, then cosine or linear decay to `final_share` of the peak."""
    if step < settings.warmup_steps:
        return settings.learning_rate * (step + 1) / settings.warmup_steps
    done = (step - settings.warmup_steps) / max(1, settings.steps - settings.warmup_steps)
    left = 0.5 * (1 + math.cos(math.pi * done)) if settings.decay == "cosine" else 1 - done
    return settings.learning_rate * (settings.final_share + (1 - settings.final_share) * left)


def windows(text, rows: int, context: int, draw):
    """(ids, labels), each (rows, context): random windows and the characters that follow."""
    starts = torch.randint(len(text) - context, (rows,), generator=draw)
    places = starts[:, None] + torch.arange(context + 1)
    return text[places[:, :-1]], text[places[:, 1:]]


def validation_loss(model, text) -> float:
    """Nats per character over 200 batches of 12 random windows of 64 characters, always the same, in fp32."""
    draw = torch.Generator().manual_seed(1)
    model.eval()
    losses = []
    with torch.no_grad():
        for _ in range(VALIDATION_BATCHES):
            ids, labels = windows(text, VALIDATION_ROWS, VALIDATION_CONTEXT, draw)
            logits = model(input_ids=ids, use_cache=False).logits
            losses.append(cross_entropy(logits.flatten(0, 1), labels.flatten()))
    return float(torch.stack(losses).mean())


if __name__ == "__main__":
    exit_cleanly(main)
