"""Muon for the matrices of the blocks, AdamW for embeddings, norms and biases, as one optimizer.

Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/) replaces a matrix's momentum by the nearest
orthogonal matrix. Scaled to AdamW's update size (Moonlight, arXiv 2502.16982), both share one learning rate.
"""

import torch
from torch import nn


class MuonAdamW(torch.optim.Optimizer):
    """Two torch optimizers behind one face. `param_groups` are theirs, so a scheduler sets the rate of both."""

    def __init__(self, model: nn.Module, lr: float, weight_decay: float, betas: tuple[float, float], eps: float):
        matrices, others = split_parameters(model)
        self.parts = [
            torch.optim.Muon(matrices, lr=lr, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw"),
            torch.optim.AdamW(others, lr=lr, weight_decay=0.0, betas=betas, eps=eps),
        ]
        super().__init__(self.shared_groups(), {})

    def shared_groups(self) -> list[dict]:
        return [group for part in self.parts for group in part.param_groups]

    @torch.no_grad()
    def step(self, closure=None) -> None:
        for part in self.parts:
            part.step()

    def state_dict(self) -> dict:
        return {"parts": [part.state_dict() for part in self.parts]}

    def load_state_dict(self, state: dict) -> None:
        for part, saved in zip(self.parts, state["parts"], strict=True):
            part.load_state_dict(saved)
        self.param_groups = self.shared_groups()  # loading gives each part new group objects


def split_parameters(model: nn.Module) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """(matrices inside the blocks, everything else): an embedding is a table of vectors, not a linear map."""
    embeddings = {id(module.weight) for module in model.modules() if isinstance(module, nn.Embedding)}
    head = model.get_output_embeddings()
    embeddings |= {id(head.weight)} if head is not None else set()
    matrices, others = [], []
    for parameter in model.parameters():
        if parameter.requires_grad:
            (matrices if parameter.ndim == 2 and id(parameter) not in embeddings else others).append(parameter)
    return matrices, others
