"""Short convolutions (model_type lfm2) that stay inside a document and, in a tree of branches, on the way to its root.

A convolution mixes each token with the few before it, whatever they belong to. The library's kernel for CUDA keeps
packed documents apart by `seq_idx`, the number of each token's document; its function for any other device takes the
same argument and ignores it. Here is one that does not. As sums of shifted copies it is also what a compiler can fuse
with what stands around it.
"""

import torch
from torch.nn.functional import pad
from transformers.models.lfm2 import modeling_lfm2


def causal_conv1d(
    hidden_states: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None, *_,
    seq_idx: torch.Tensor | None = None, previous: torch.Tensor | None = None, **__,
) -> torch.Tensor:  # fmt: skip
    """What torch.nn.functional.conv1d computes for one kernel a channel, padded with zeros on the left.

    hidden_states: (batch, channels, tokens); weight: (channels, kernel), its last column for the token itself.
    seq_idx (batch, tokens): a token sees those before it that carry the same number.
    previous (batch, tokens): the place of the token before each, -1 for none; without it, the place to the left.
    """
    weight = weight.to(hidden_states.dtype)
    out, before = hidden_states * weight[:, -1:], hidden_states
    for back in range(1, weight.shape[1]):
        if previous is not None:
            there = (previous >= 0)[:, None]
            before = before.gather(2, previous.clamp(min=0)[:, None].expand_as(before)) * there
        else:
            before = pad(hidden_states, (back, 0))[..., :-back]
            if seq_idx is not None:
                before = before * (pad(seq_idx, (back, 0), value=-1)[..., :-back] == seq_idx)[:, None]
        out = out + before * weight[:, -1 - back, None]
    return out if bias is None else out + bias[:, None]


def keep_convolutions_apart(model) -> None:
    """Let the convolutions of a model, if it has any, heed `seq_idx` and `previous`."""
    if has_convolutions(model):
        modeling_lfm2.causal_conv1d_fn = causal_conv1d


def has_convolutions(model) -> bool:
    return "conv" in (getattr(model.config, "layer_types", None) or ())
