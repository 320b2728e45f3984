"""What the processor can do: TFLOP/s of plain matrix products, of a large square and of the shapes of a size.

A product of (m, k) and (k, n) counts as 2 m k n operations. Libraries and their settings are those of training; fp32
goes through MKL in the reproducible mode of configs/__init__.py, as it does there.
"""

from statistics import median

from eval.bench.clock import timings
from eval.bench.sizes import open_size
from eval.settings import BenchSettings

SQUARE = "2048 x 2048 x 2048"  # the rate that a training's share is a share of


def products(settings: BenchSettings, precision: str) -> list[dict]:
    """TFLOP/s of each shape, the median of as many products as fit into the time."""
    import torch

    kind = {"fp32": torch.float32, "bf16": torch.bfloat16}[precision]
    return [
        {
            "tflops": {
                name: rate(torch.randn(*batch, m, k).to(kind), torch.randn(*batch, k, n).to(kind), settings.seconds)
                for name, (*batch, m, k, n) in ({SQUARE: (2048, 2048, 2048)} | shapes(settings.size)).items()
            }
        }
    ]


def rate(left, right, seconds: float) -> float:
    import torch

    operations = 2 * left.numel() * right.shape[-1]
    return operations / median(timings(lambda: torch.matmul(left, right), seconds)) / 1e12


def shapes(size: str) -> dict[str, tuple[int, ...]]:
    """The products of one step of a size, as (batch, m, k, n): block, gradient, head, attention."""
    from train.model import new_model

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
