"""What the processor can do: TFLOP/s of plain matrix products, of a large square and of the shapes of a size.

A product of (m, k) and (k, n) counts as 2 m k n operations. Libraries and their settings are those of training; fp32
goes through MKL in the reproducible mode of configs/__init__.py, as it does there.
"""

from statistics import median

import torch

from eval.bench.clock import timings
from eval.bench.measurements import SQUARE
from eval.bench.sizes import open_size
from eval.settings import BenchSettings
from train.model import new_model


def products(settings: BenchSettings, precision: str) -> list[dict]:
    """TFLOP/s of each shape, the median of as many products as fit into the time."""
    kind = {"fp32": torch.float32, "bf16": torch.bfloat16}[precision]
    wanted = {SQUARE: (2048, 2048, 2048)} | shapes(settings.size)
    return [{"tflops": {name: rate(*shape, kind=kind, seconds=settings.seconds) for name, shape in wanted.items()}}]


def rate(*shape: int, kind: torch.dtype, seconds: float) -> float:
    *batch, m, k, n = shape
    left, right = torch.randn(*batch, m, k).to(kind), torch.randn(*batch, k, n).to(kind)
    return 2 * left.numel() * n / median(timings(lambda: torch.matmul(left, right), seconds)) / 1e12


def shapes(size: str) -> dict[str, tuple[int, ...]]:
    """The products of one step of a size, as (batch, m, k, n): block, gradient, head, attention."""
    size = open_size(size)
    config = new_model(size.settings, size.words).config
    rows = int(dict(zip(size.trainer_flags, size.trainer_flags[1:], strict=False))["--per_device_train_batch_size"])
    context, width, inner = config.max_position_embeddings, config.hidden_size, config.intermediate_size
    heads, tokens = config.num_attention_heads, rows * config.max_position_embeddings
    found = [
        (tokens, width, width),
        (tokens, width, inner),
        (tokens, inner, width),
        (inner, tokens, width),
        (tokens, width, config.vocab_size),
        (rows * heads, context, width // heads, context),
    ]
    return {" x ".join(map(str, shape)): shape for shape in found}
