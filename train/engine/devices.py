"""Which device computes, and in which precision: measured facts of the machine, not wishes."""

from functools import cache, partial
from timeit import timeit

import torch

from configs.pipeline.errors import UserError


def choose_device(wish: str) -> str:
    """cuda if present, else cpu. MPS has given wrong losses, so it is used only when asked for by name."""
    if wish == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if wish == "cuda" and not torch.cuda.is_available():
        raise UserError("device: cuda was asked for, but torch sees no CUDA device; use --device cpu")
    if wish == "mps" and not torch.backends.mps.is_available():
        raise UserError("device: mps was asked for, but torch sees none; use --device cpu")
    return wish


def choose_precision(wish: str, device: str) -> str:
    """bf16 where the hardware multiplies it fast, else fp32; a wish is honoured, with a word of warning."""
    fast = has_fast_bf16(device)
    if wish == "bf16" and not fast:
        print(f"precision: bf16 as asked, although this {device} multiplies it no faster than fp32")
    return ("bf16" if fast else "fp32") if wish == "auto" else wish


@cache
def has_fast_bf16(device: str) -> bool:
    """True where products are faster in bf16 than in fp32: CUDA from Ampere on, x86 with AMX, some with AVX512-BF16.

    To have the instructions is not enough, so they are timed: an Intel Xeon with AVX512-BF16 and without AMX multiplies
    bf16 at half the rate of fp32, an AMD EPYC with the same at twice it (train/NOTES.md).
    """
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device == "cpu" and (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()):
        bf16, fp32 = seconds_of_products()
        return bf16 < fp32
    return False


def seconds_of_products(tries: int = 10) -> tuple[float, float]:
    """The quickest product of a size that training has, in bf16 and in fp32, taken by turns: others may compute too."""
    sizes = ((4096, 192), (192, 576))
    both = [[torch.ones(size, dtype=dtype) for size in sizes] for dtype in (torch.bfloat16, torch.float32)]
    taken = [[timeit(partial(torch.mm, *pair), number=1) for pair in both] for _ in range(tries)]
    return min(one for one, _ in taken), min(other for _, other in taken)
