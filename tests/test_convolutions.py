"""Short convolutions heed documents and branches; a stock model is what they are held to."""

import pytest
import torch
import yaml
from conftest import ROOT, tiny_model
from torch.nn.functional import conv1d

from data.chats import encode_text
from data.packing import Collator
from train.engine.cache import RoomyLayer, cache_with_room
from train.engine.convolutions import causal_conv1d, has_convolutions
from train.engine.preflight import check_isolation


@pytest.fixture
def states() -> tuple[torch.Tensor, torch.Tensor]:
    """(batch, channels, tokens) and (channels, kernel)."""
    generator = torch.Generator().manual_seed(0)
    return torch.randn(2, 5, 9, generator=generator), torch.randn(5, 4, generator=generator)


def test_without_documents_it_is_the_convolution_of_torch(states):
    hidden, weight = states
    expected = conv1d(hidden, weight[:, None], torch.arange(5.0), padding=3, groups=5)[..., :9]
    assert torch.allclose(causal_conv1d(hidden, weight, torch.arange(5.0)), expected, atol=1e-6)


def test_each_document_is_convolved_as_if_it_stood_alone(states):
    hidden, weight = states
    documents = torch.tensor([[1] * 4 + [2] * 5, [1] * 2 + [2] * 7])
    together = causal_conv1d(hidden, weight, seq_idx=documents)
    for row, at in ((0, 4), (1, 2)):
        alone = [causal_conv1d(part[None], weight)[0] for part in (hidden[row, :, :at], hidden[row, :, at:])]
        assert torch.allclose(together[row], torch.cat(alone, 1), atol=1e-6)
    assert (causal_conv1d(hidden, weight) - together).abs().max() > 0.1  # the negative control


def test_a_branch_goes_on_from_where_it_leaves_the_path(states):
    """Tokens 0 to 5 are the path; 6, 7, 8 go on from token 2."""
    hidden, weight = states
    previous = torch.tensor([[-1, 0, 1, 2, 3, 4, 2, 6, 7]] * 2)
    tree = causal_conv1d(hidden, weight, previous=previous)
    branch = hidden[..., [0, 1, 2, 6, 7, 8]]
    assert torch.allclose(tree[..., :6], causal_conv1d(hidden[..., :6], weight), atol=1e-6)
    assert torch.allclose(tree[..., 6:], causal_conv1d(branch, weight)[..., 3:], atol=1e-6)


def test_gradients_are_those_of_the_convolution_of_torch(states):
    hidden, weight = (one.double().requires_grad_() for one in states)
    assert torch.autograd.gradcheck(lambda *given: causal_conv1d(*given, seq_idx=torch.ones(2, 9)), (hidden, weight))


@pytest.fixture
def packed(tokenizer) -> dict:
    texts = ("The cat sat.", "A dog ran home and slept.", "It rained.", "Who said so?")
    documents = [[2, *encode_text(tokenizer, text)] for text in texts]
    return {"input_ids": sum(documents, []), "seq_lengths": list(map(len, documents))}


def test_isolation_is_measured_for_all_documents_with_a_negative_control(tokenizer, packed):
    model = tiny_model(tokenizer, "lfm2")
    torch.nn.init.normal_(model.model.layers[0].conv.conv.weight)
    found = check_isolation(model, Collator(1, seq_idx=True), [packed])
    assert found["documents"] == 3
    assert found["packed"] < 1e-4 < 1e-3 < found["as_one_text"]
    with pytest.raises(Exception, match="lets packed documents see each other"):
        check_isolation(model, Collator(1), [packed])


def test_padding_on_the_left_changes_nothing_of_what_is_written(tokenizer):
    model, rows = tiny_model(tokenizer, "lfm2").eval(), [[2, 5, 6, 7, 8, 9, 10, 11], [2, 12]]
    ids = torch.tensor([rows[0], [1] * 6 + rows[1]])
    seen = torch.tensor([[1] * 8, [0] * 6 + [1] * 2])
    told = {"max_new_tokens": 8, "do_sample": False, "eos_token_id": None, "pad_token_id": 1}
    together = model.generate(ids, attention_mask=seen, past_key_values=cache_with_room(model, 8), **told)
    for row, new in zip(rows, together[:, 8:], strict=True):
        alone = model.generate(torch.tensor([row]), attention_mask=torch.ones(1, len(row)), **told)[0, len(row) :]
        assert new.tolist() == alone.tolist()


def test_the_cache_with_room_holds_convolutions_too(tokenizer):
    kinds = [type(layer).__name__ for layer in cache_with_room(tiny_model(tokenizer, "lfm2"), 5).layers]
    assert kinds == ["LinearAttentionLayer", RoomyLayer.__name__]


def test_the_shapes_of_the_configurations_are_those_that_are_tested():
    """tests/test_scoring.py scores trees, tests/test_packing.py packs with each of them."""
    shapes = {yaml.safe_load(path.read_text())["model_type"] for path in ROOT.glob("configs/*/pretrain.yaml")}
    assert shapes <= {"llama", "gpt2", "qwen3", "lfm2"}


def test_only_a_model_with_convolutions_has_them(tokenizer):
    assert [has_convolutions(tiny_model(tokenizer, kind)) for kind in ("llama", "gpt2", "lfm2")] == [False, False, True]
