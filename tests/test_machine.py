"""What depends on the machine: in which precision it is fast, and whether its C++ compiler can be trusted."""

from types import SimpleNamespace

import pytest
import torch
from conftest import tiny_model
from torch import nn

from configs.pipeline.errors import UserError
from train.engine import devices
from train.engine.convolutions import causal_conv1d
from train.engine.fast import compile_if_possible
from train.engine.guards import CompiledRightly
from train.optim import orthogonal


@pytest.fixture
def timed(monkeypatch):
    """A processor with the instructions of bf16, where a product takes so many seconds in (bf16, fp32)."""

    def so(bf16: float, fp32: float) -> None:
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
        monkeypatch.setattr(devices, "seconds_of_products", lambda: (bf16, fp32))
        devices.has_fast_bf16.cache_clear()

    yield so
    devices.has_fast_bf16.cache_clear()


@pytest.mark.parametrize(("bf16", "precision"), [(1.0, "bf16"), (4.0, "fp32")])
def test_bf16_is_chosen_where_it_is_faster_not_where_it_is_known(timed, bf16, precision):
    timed(bf16, fp32=2.0)
    assert devices.choose_precision("auto", "cpu") == precision
    assert devices.choose_precision("bf16", "cpu") == "bf16"  # a wish is honoured


@pytest.mark.parametrize("bf16", [1.0, 4.0])
def test_matrices_are_made_orthogonal_in_either_precision(timed, bf16):
    timed(bf16, fp32=2.0)
    matrices = torch.randn(3, 24, 32, generator=torch.Generator().manual_seed(0))
    sizes = torch.linalg.svdvals(orthogonal(matrices))
    assert sizes.min() > 0.6  # what five steps leave (Jordan et al. 2024)
    assert sizes.max() < 1.3


def test_a_model_that_will_be_trained_on_a_gpu_keeps_its_own_attention(tokenizer, monkeypatch):
    """It is asked before the trainer has moved the model there."""
    monkeypatch.setattr("train.engine.fast.why_not", lambda: "")
    model = tiny_model(tokenizer)
    before = model.config._attn_implementation
    assert compile_if_possible(True, model, "cuda")
    assert model.config._attn_implementation == before != "eager"


class Mixing(nn.Module):
    """What a short convolution of lfm2 computes: products along the channels, sums along the tokens."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.inner, self.outer = nn.Linear(64, 192, bias=False), nn.Linear(64, 64, bias=False)
        self.kernel = nn.Parameter(torch.randn(64, 4))

    def forward(self, tokens):
        before, after, hidden = self.inner(tokens).mT.chunk(3, dim=-2)
        return self.outer((after * causal_conv1d(before * hidden, self.kernel)).mT.contiguous())


def test_what_is_compiled_in_bf16_has_the_gradients_of_what_is_not(tokenizer):
    if not compile_if_possible(True, tiny_model(tokenizer), "cpu"):
        pytest.skip("torch cannot compile on this machine")
    plain, found = Mixing(), []
    for call in (plain, torch.compile(plain)):
        plain.zero_grad()
        with torch.autocast("cpu", torch.bfloat16):
            said = call(torch.randn(4, 64, 64, generator=torch.Generator().manual_seed(1)))
        said.float().square().mean().backward()
        found.append(torch.cat([one.grad.flatten() for one in plain.parameters()]))
    assert torch.cosine_similarity(*found, dim=0) > 0.999


class Trainer:
    """As much of the library's trainer as the guard needs; a model's gradient is what it is made with."""

    args = SimpleNamespace(torch_compile=True, world_size=1)

    def training_step(self, model, inputs):
        torch.rand(1)  # dropout
        self.model.weight.grad = torch.tensor([model.makes(inputs)])
        return torch.tensor(0.0)


class Guarded(CompiledRightly, Trainer):
    def __init__(self):
        self.model = nn.Linear(2, 1, bias=False)
        self.model.makes = lambda inputs: [1.0, 2.0]
        self.model.config = SimpleNamespace(to_dict=lambda: {"attention_dropout": 0.0})


def test_dropout_and_a_gradient_that_is_no_number_are_not_blamed_on_the_compiler():
    trainer, compiled = Guarded(), SimpleNamespace(makes=lambda inputs: [2.0, -1.0])
    trainer.model.config = SimpleNamespace(to_dict=lambda: {"resid_pdrop": 0.1})
    trainer.training_step(compiled, None)
    assert not trainer.compared
    trainer = Guarded()
    trainer.model.makes = lambda inputs: [float("nan"), 2.0]
    trainer.training_step(compiled, None)
    assert trainer.model.weight.grad.tolist() == [[2.0, -1.0]]


@pytest.mark.parametrize("wrong", [[2.0, -1.0], [float("nan"), 2.0]])
def test_a_wrongly_compiled_model_learns_nothing(wrong):
    trainer = Guarded()
    compiled = SimpleNamespace(makes=lambda inputs: wrong)
    with pytest.raises(UserError, match="computes wrong gradients.*--compile false"):
        trainer.training_step(compiled, None)


def test_a_rightly_compiled_model_goes_on_with_its_own_gradient_and_the_same_chance():
    trainer, compiled = Guarded(), SimpleNamespace(makes=lambda inputs: [1.0, 2.01])
    torch.manual_seed(0)
    trainer.training_step(compiled, None)
    after = torch.rand(1)
    assert trainer.model.weight.grad.tolist() == [[1.0, pytest.approx(2.01)]]
    torch.manual_seed(0)
    torch.rand(1)
    assert torch.rand(1) == after
