"""Which device computes, and in which precision: measured facts of the machine, not wishes."""

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
        print(f"precision: bf16 as asked, although this {device} only emulates it (slow)")
    return ("bf16" if fast else "fp32") if wish == "auto" else wish


def has_fast_bf16(device: str) -> bool:
    """True where bf16 matrix products run in hardware: CUDA from Ampere on, x86 with AVX512-BF16 or AMX."""
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device == "cpu":
        return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return False
