"""What makes training fast on a CPU, in one place: each trick with its reason and its gain.

Gains were measured at 2.2 M parameters, 8 rows of 512 tokens, bf16, on two cores; `make bench` measures them again.

compile      One kernel for each chain of norms, rotations, gates, casts and the softmax over the vocabulary, which
             otherwise walk through memory one by one: 15 k -> 22 k tokens/s, after about 20 s of compilation.
attention    Plain batched matrix products, fused by the compiler, where torch's own CPU kernel spends most of its time
             in the backward pass: 18 ms -> 10 ms a layer. Not compiled, the kernel is quicker.
same bits    The compiled gradient of the embedding adds up in one order; costs nothing that could be measured.
memory       glibc gives large blocks back to the system at once and gets them anew, page by page, at the next step;
             keeping them: 22 k -> 26 k tokens/s.
Muon         All matrices of one shape in one batch (train/optim.py): 29 ms -> 15 ms a step.

What is learnt in a step is another matter: train/NOTES.md has what each trick of the recipe gained, or did not gain.

What a C++ compiler makes of a model is not taken on trust: its first gradient is held to the plain one (guards.py).
tests/test_training_parts.py holds the compiled model and the batched Muon to the plain ones.
"""

import ctypes
import platform
import sys
import warnings
from contextlib import contextmanager

import torch

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # parameters of glibc's mallopt (malloc.h)
LARGEST_BLOCK = 1 << 30  # blocks up to this size (bytes) are kept for the next step
# -march and one flag more: for a processor newer than itself gcc 12 tunes "generic", and joins the stores of torch's
# transposition of bf16 into wrong ones (gradients off by their own size). Torch writes vectors itself: nothing is lost.
NATIVE = "native -fno-tree-slp-vectorize"

# compiler and PEFT read the attribute under its old name; nothing that a user could change
warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)


def keep_freed_memory() -> None:
    """Let glibc hold on to what training frees; elsewhere, nothing."""
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(M_MMAP_THRESHOLD, LARGEST_BLOCK)
        libc.mallopt(M_TRIM_THRESHOLD, (1 << 31) - 1)


def compile_if_possible(wanted: bool, model, device: str) -> bool:
    """Prepare the model, to be trained on `device`; says so and returns False where this machine cannot compile."""
    if not wanted:
        return False
    if sys.platform == "linux" and platform.machine() == "x86_64":
        torch._inductor.config.cpp.march = NATIVE if (asked := torch._inductor.config.cpp.march) is None else asked
    if reason := why_not():
        print(f"compile: not on this machine ({reason}); training is slower, the result the same within rounding")
        return False
    if device == "cpu":
        model.set_attn_implementation("eager")
        # else the compiled gradient of the embedding is summed in whatever order the threads come in: no two runs alike
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.utils.deterministic.fill_uninitialized_memory = False  # a check for debugging, one more pass over memory
    return True


def drop_short_batches(compiled: bool, rows: int, arguments) -> bool:
    """Whether the last, shorter batch of a pass is left out: it would compile the model anew for a few rows."""
    return compiled and rows >= arguments.train_batch_size * arguments.world_size


def why_not() -> str:
    """Why torch cannot compile here (a C++ compiler or Python's headers are missing, ...); empty if it can."""
    try:
        torch.compile(lambda x: x.sin() + 1)(torch.ones(8))
    except Exception as error:  # the compiler's, torch's or the system's own kinds
        return " ".join(str(error).split())[:120] or type(error).__name__
    return ""


@contextmanager
def not_compiled(model):
    """Inside, a model that was prepared for compilation uses torch's own attention kernel, as it is called directly."""
    implementation = model.config._attn_implementation
    if implementation == "eager":
        model.set_attn_implementation("sdpa")
    try:
        yield
    finally:
        model.set_attn_implementation(implementation)
