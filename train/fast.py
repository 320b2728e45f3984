"""What makes training fast on a CPU, in one place: each trick with its reason and its gain.

Gains are for tiny (2.2 M parameters, 8 rows of 512 tokens, bf16) on two cores; `make bench` measures them again.

compile      One kernel for each chain of norms, rotations, gates, casts and the softmax over the vocabulary, which
             otherwise walk through memory one by one: 15 k -> 25 k tokens/s, after about 20 s of compilation.
attention    Plain batched matrix products, fused by the compiler, where torch's own CPU kernel spends most of its time
             in the backward pass: 18 ms -> 10 ms a layer. Not compiled, the kernel stays the better choice.
Muon         All matrices of one shape in one batch (train/muon.py): 29 ms -> 15 ms a step.
"""

import torch


def compile_if_possible(wanted: bool, model) -> bool:
    """Prepare the model for compilation; says so and returns False where this machine cannot compile."""
    if not wanted:
        return False
    if reason := why_not():
        print(f"compile: not on this machine ({reason}); training is slower, the result the same within rounding")
        return False
    if model.device.type == "cpu":
        model.set_attn_implementation("eager")
    return True


def why_not() -> str:
    """Why torch cannot compile here (a C++ compiler or Python's headers are missing, ...); empty if it can."""
    try:
        torch.compile(lambda x: x.sin() + 1)(torch.ones(8))
    except Exception as error:  # the compiler's, torch's or the system's own kinds
        return " ".join(str(error).split())[:120] or type(error).__name__
    return ""
