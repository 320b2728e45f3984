"""Muon for the matrices of the blocks, AdamW for embeddings, norms and biases, as one optimizer.

Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/) replaces a matrix's momentum by the nearest
orthogonal matrix. Scaled to AdamW's update size (Moonlight, arXiv 2502.16982), both could share one learning rate;
but what is no matrix learns faster with a higher one (`embedding_rate` times as high), the embeddings above all.

NorMuon (Li et al. 2025, arXiv 2510.05491) then divides each row of an update, the weights of one neuron, by its usual
size, as Adam does with each weight: some neurons would else move much and others hardly at all.
"""

from collections import defaultdict

import torch
from torch import nn

from train.engine.devices import has_fast_bf16

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)  # a X + b (X X') X + c (X X')^2 X, five times (Jordan et al.)
STEPS = 5
SMALLEST_NORM = 1e-7


class MuonAdamW(torch.optim.Optimizer):
    """Two optimizers behind one face. `param_groups` are theirs, so a scheduler sets the rate of both."""

    def __init__(
        self, model: nn.Module, lr: float, weight_decay: float, betas: tuple[float, float], eps: float,
        embedding_rate: float = 1.0, momentum: float = 0.95, row_beta: float = 0.0,
    ):  # fmt: skip
        matrices, others = split_parameters(model)
        self.parts = []
        if matrices:
            self.parts.append(Muon(matrices, lr, weight_decay, momentum, row_beta))
        if others:  # a LoRA adapter is matrices alone
            self.parts.append(
                torch.optim.AdamW(others, lr=lr * embedding_rate, weight_decay=0.0, betas=betas, eps=eps)
            )
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


class Muon(torch.optim.Optimizer):
    """What torch.optim.Muon computes, for all matrices of one shape together; with `row_beta`, rows of one size.

    A small model has dozens of small matrices, and the library takes them one by one: 26 ms a step for the 28 of tiny,
    where one batch of each shape takes a third of that (tests/test_training_parts.py holds the two equal).
    row_beta: how slowly the usual size of a row follows it; 0: rows are left as they are.
    """

    def __init__(
        self, matrices: list[nn.Parameter], lr: float, weight_decay: float, momentum: float = 0.95,
        row_beta: float = 0.0,
    ):  # fmt: skip
        super().__init__(
            matrices, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum, "row_beta": row_beta}
        )

    @torch.no_grad()
    def step(self, closure=None) -> None:
        for group in self.param_groups:
            alike = defaultdict(list)
            for matrix in group["params"]:
                if matrix.grad is not None:
                    alike[min(matrix.shape), max(matrix.shape)].append(matrix)
            for matrices in alike.values():
                rates = {name: group[name] for name in ("lr", "weight_decay", "momentum", "row_beta")}
                self.step_together(matrices, **rates)

    def step_together(
        self, matrices: list[nn.Parameter], lr: float, weight_decay: float, momentum: float, row_beta: float
    ) -> None:
        """One step of matrices of one shape, some of them lying on their side."""
        gradients = [matrix.grad for matrix in matrices]
        buffers = [self.buffer(matrix) for matrix in matrices]
        torch._foreach_lerp_(buffers, gradients, 1 - momentum)
        ahead = torch._foreach_lerp(gradients, buffers, momentum)  # Nesterov
        updates = orthogonal(torch.stack([flat(update) for update in ahead]))
        updates = [update.T if is_tall(matrix) else update for matrix, update in zip(matrices, updates, strict=True)]
        if row_beta:
            updates = [self.with_even_rows(*both, row_beta) for both in zip(matrices, updates, strict=True)]
        torch._foreach_mul_(matrices, 1 - lr * weight_decay)
        torch._foreach_add_(matrices, updates, alpha=-lr * 0.2 * max(matrices[0].shape) ** 0.5)

    def with_even_rows(self, matrix: nn.Parameter, update: torch.Tensor, beta: float) -> torch.Tensor:
        """An update of the same norm whose rows are of the same size over time."""
        state = self.state[matrix]
        if "row_size" not in state:
            state["row_size"], state["steps"] = torch.zeros_like(update[:, :1]), 0
        state["steps"] += 1
        state["row_size"].lerp_(update.square().mean(1, keepdim=True), 1 - beta)
        usual = (state["row_size"] / (1 - beta ** state["steps"])).sqrt()
        even = update / usual.clamp(min=SMALLEST_NORM)
        return even * (update.norm() / even.norm().clamp(min=SMALLEST_NORM))

    def buffer(self, matrix: nn.Parameter) -> torch.Tensor:
        state = self.state[matrix]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(matrix)
        return state["momentum_buffer"]


def orthogonal(matrices: torch.Tensor) -> torch.Tensor:
    """Nearly orthogonal matrices with the row and column spaces of `matrices` (n, rows, columns), rows <= columns.

    In bf16, which is exact enough (Jordan et al.), only where that is fast: emulated it takes forty times as long.
    """
    a, b, c = NEWTON_SCHULZ
    x = matrices.bfloat16() if has_fast_bf16(matrices.device.type) else matrices.float()
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=SMALLEST_NORM)
    for _ in range(STEPS):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.to(matrices.dtype)


def is_tall(matrix: torch.Tensor) -> bool:
    return matrix.shape[0] > matrix.shape[1]


def flat(matrix: torch.Tensor) -> torch.Tensor:
    return matrix.T if is_tall(matrix) else matrix


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
