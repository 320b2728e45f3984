"""The parts of training against independent truths: closed forms, other libraries, chats small enough to do by hand."""

import importlib
import math
import warnings
from types import SimpleNamespace

import pytest
import torch
from conftest import CHATS, DOCUMENTS, tiny_model
from peft import LoraConfig, get_peft_model
from torch.nn.functional import cross_entropy

import train.engine.fast
from configs.pipeline.errors import UserError
from data.chats import encode_documents, encode_prompt
from data.packing import Collator
from train.engine.curve import log_spaced
from train.engine.fast import compile_if_possible
from train.engine.held_out import eval_loss
from train.engine.preflight import check_first_loss, check_isolation
from train.objectives import check_supervision, rows_for, weighed_by_probability
from train.optim import Muon, MuonAdamW, split_parameters


def learnt(row, tokenizer) -> str:
    return tokenizer.decode([label for label in row["labels"] if label != -100])


@pytest.mark.parametrize(
    ("objective", "text", "supervised"),
    [
        (
            "assistant_only",
            "<|startoftext|>User: What is the capital of France?\nAssistant: Paris.<|endoftext|>",
            " Paris.<|endoftext|>",
        ),
        (
            "dft",
            "<|startoftext|>User: What is the capital of France?\nAssistant: Paris.<|endoftext|>",
            " Paris.<|endoftext|>",
        ),
        (
            "all_tokens",
            "<|startoftext|>User: What is the capital of France?\nAssistant: Paris.<|endoftext|>",
            "<|startoftext|>User: What is the capital of France?\nAssistant: Paris.<|endoftext|>",
        ),
        (
            "plain_lm",
            "<|startoftext|>What is the capital of France?\nParis.<|endoftext|>",
            "<|startoftext|>What is the capital of France?\nParis.<|endoftext|>",
        ),
        ("response_only", "<|startoftext|>Assistant: Paris.<|endoftext|>", " Paris.<|endoftext|>"),
    ],
)
def test_each_objective_says_which_tokens_receive_loss(tokenizer, objective, text, supervised):
    row = rows_for(objective, CHATS[:1], tokenizer)[0]
    assert tokenizer.decode(row["input_ids"]) == text
    assert learnt(row, tokenizer) == supervised


def test_every_answer_of_a_longer_conversation_is_learnt(tokenizer):
    row = rows_for("assistant_only", CHATS[1:], tokenizer)[0]
    assert learnt(row, tokenizer) == " Hello!<|endoftext|> Hello again!<|endoftext|>"
    assert learnt(rows_for("response_only", CHATS[1:], tokenizer)[0], tokenizer) == " Hello again!<|endoftext|>"


def test_held_out_loss_is_the_sum_over_tokens_whatever_the_batch(tokenizer):
    model, collate = tiny_model(tokenizer).eval(), Collator(tokenizer.pad_token_id)
    rows = [{"input_ids": ids[:64]} for ids in encode_documents(tokenizer, DOCUMENTS)]
    by_hand = sum(
        cross_entropy(
            model(torch.tensor([row["input_ids"]])).logits[0, :-1],
            torch.tensor(row["input_ids"][1:]),
            reduction="sum",
        ).item()
        for row in rows
    )
    for size in (1, 2, 4):
        nats, tokens = eval_loss(model, rows, collate, size)
        assert nats == pytest.approx(by_hand, rel=1e-5)
        assert tokens == sum(len(row["input_ids"]) - 1 for row in rows)


def test_a_uniform_model_loses_the_logarithm_of_its_vocabulary(tokenizer):
    model = tiny_model(tokenizer)
    torch.nn.init.zeros_(model.get_output_embeddings().weight)
    nats, tokens = eval_loss(model, [{"input_ids": [2, 5, 6, 7]}], Collator(1), 1)
    assert nats / tokens == pytest.approx(math.log(len(tokenizer)), rel=1e-6)


def test_a_first_loss_far_from_a_uniform_guess_is_refused():
    check_first_loss(7.7, 2048)
    for loss in (5.0, 12.0, float("nan")):
        with pytest.raises(UserError, match="expected about ln"):
            check_first_loss(loss, 2048)


def test_a_model_that_leaks_between_documents_is_refused(tokenizer):
    row = {"input_ids": [2, 5, 6, 2, 7, 8], "seq_lengths": [3, 3]}
    model = tiny_model(tokenizer)
    check_isolation(model, Collator(1), [row])

    def leaking(rows):
        return Collator(1)(rows) | {"use_cache": True}

    with pytest.raises(UserError, match="see each other"):
        check_isolation(model, leaking, [row])


def test_a_pair_whose_stop_token_has_no_loss_is_refused(tokenizer):
    check_supervision(rows_for("assistant_only", CHATS, tokenizer), [tokenizer.eos_token_id])
    without_stop = rows_for("assistant_only", CHATS[:1], tokenizer)[0]
    without_stop["labels"][-1] = -100
    with pytest.raises(UserError, match="never stop"):
        check_supervision([without_stop], [tokenizer.eos_token_id])
    with pytest.raises(UserError, match="no token that receives loss"):
        check_supervision([{"input_ids": [5], "labels": [-100]}], [tokenizer.eos_token_id])


def test_the_loss_that_weighs_tokens_by_their_probability_is_its_formula():
    """Sum of p x (-log p) over the counted tokens, whose gradient is that of -log p times a fixed p."""
    torch.manual_seed(0)
    logits, labels = torch.randn(2, 7, 11, requires_grad=True), torch.randint(11, (2, 7))
    labels[0, :3] = -100
    loss = weighed_by_probability(SimpleNamespace(logits=logits), labels, 9)
    counted = [(row, place) for row in range(2) for place in range(6) if labels[row, place + 1] != -100]
    nats = torch.stack([-logits[row, place].log_softmax(0)[labels[row, place + 1]] for row, place in counted])
    chances = [math.exp(-one) for one in nats.tolist()]
    assert loss.item() == pytest.approx(sum(p * -math.log(p) for p in chances) / 9, rel=1e-5)
    (ours,) = torch.autograd.grad(loss, logits, retain_graph=True)
    (theirs,) = torch.autograd.grad((nats * torch.tensor(chances)).sum() / 9, logits)
    assert torch.allclose(ours, theirs, atol=1e-6)


def test_an_objective_may_leave_out_that_an_answer_ends(tokenizer):
    with_stop, without = (rows_for(name, CHATS, tokenizer) for name in ("assistant_only", "never_stop"))
    end = tokenizer.eos_token_id
    for one, other in zip(with_stop, without, strict=True):
        assert [label for label in one["labels"] if label not in (end, -100)] == [
            label for label in other["labels"] if label != -100
        ]
        assert one["labels"].count(end) > 0
    check_supervision(without, [])


@pytest.mark.parametrize("model_type", ["llama", "gpt2"])
def test_muon_gets_the_matrices_of_the_blocks_and_adamw_everything_else_once(tokenizer, model_type):
    model = tiny_model(tokenizer, model_type)
    matrices, others = split_parameters(model)
    assert all(p.ndim == 2 for p in matrices)
    assert {id(p) for p in matrices + others} == {id(p) for p in model.parameters()}
    assert len(matrices) + len(others) == len(list(model.parameters()))
    assert id(model.get_input_embeddings().weight) in {id(p) for p in others}
    assert len(matrices) == 2 * (7 if model_type == "llama" else 4)


def test_a_muon_step_is_an_orthogonal_matrix_of_adamws_size():
    """match_rms_adamw: the update has root mean square 0.2, so the learning rate means what it means for AdamW."""
    torch.manual_seed(0)
    layer = torch.nn.Linear(64, 64, bias=False)
    before = layer.weight.detach().clone()
    optimizer = Muon([layer.weight], lr=0.1, weight_decay=0.0)
    layer(torch.randn(256, 64)).pow(3).sum().backward()
    optimizer.step()
    update = (layer.weight.detach() - before) / 0.1
    assert update.pow(2).mean().sqrt().item() == pytest.approx(0.2, rel=0.15)
    spread = torch.linalg.svdvals(update.double())
    assert spread.max() / spread.min() < 3  # Newton-Schulz in bf16 brings the singular values near each other


def test_an_adapter_of_matrices_alone_has_one_part():
    model = torch.nn.Sequential(torch.nn.Linear(4, 3, bias=False))
    model.get_output_embeddings = lambda: None
    optimizer = MuonAdamW(model, lr=0.01, weight_decay=0.0, betas=(0.9, 0.95), eps=1e-8)
    assert [type(part) for part in optimizer.parts] == [Muon]


def test_rows_of_an_update_are_of_one_size_over_time_and_the_update_keeps_its_norm():
    matrix = torch.nn.Parameter(torch.zeros(4, 6))
    optimizer = Muon([matrix], lr=1.0, weight_decay=0.0, row_beta=0.9)
    update = torch.randn(4, 6) * torch.tensor([1.0, 10.0, 0.1, 3.0])[:, None]
    even = optimizer.with_even_rows(matrix, update, 0.9)
    assert even.norm() == pytest.approx(update.norm().item(), rel=1e-5)
    assert even.square().mean(1).sqrt().tolist() == pytest.approx([even.square().mean().sqrt().item()] * 4, rel=1e-5)
    # by hand: the mean of the squares, corrected for its beginning at zero
    second = optimizer.with_even_rows(matrix, 2 * update, 0.9)
    sizes = ((0.9 * 0.1 * 1 + 0.1 * 4) / (1 - 0.9**2)) ** 0.5 * update.square().mean(1).sqrt()
    expected = 2 * update / sizes[:, None]
    assert torch.allclose(second, expected * (2 * update.norm() / expected.norm()), rtol=1e-5)


@pytest.mark.parametrize("row_beta", [0.0, 0.95])
def test_the_optimizer_continues_from_its_saved_state(tokenizer, row_beta):
    def steps(model, optimizer, count):
        for step in range(count):
            torch.manual_seed(step)
            ids = torch.randint(3, 300, (4, 16))
            model(input_ids=ids, labels=ids).loss.backward()
            optimizer.step()
            optimizer.zero_grad()

    def new():
        model = tiny_model(tokenizer)
        return model, MuonAdamW(model, lr=0.01, weight_decay=0.1, betas=(0.9, 0.95), eps=1e-8, row_beta=row_beta)

    model, optimizer = new()
    steps(model, optimizer, 3)
    saved_weights = {name: value.clone() for name, value in model.state_dict().items()}
    buffer_state = torch.load(save_to_memory(optimizer.state_dict()))
    steps(model, optimizer, 3)
    again, fresh = new()
    again.load_state_dict(saved_weights)
    fresh.load_state_dict(buffer_state)
    steps(again, fresh, 3)
    for one, other in zip(model.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, other)
    fresh.param_groups[0]["lr"] = 0.5  # a scheduler writes here, and the parts must see it
    assert fresh.parts[0].param_groups[0]["lr"] == 0.5


def save_to_memory(state):
    import io

    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return file


def test_log_spaced_steps():
    assert log_spaced(100, 3) == [1, 10, 100]
    assert log_spaced(5, 10) == [1, 2, 3, 4, 5]
    assert log_spaced(100, 0) == []


def test_a_new_model_takes_vocabulary_and_context_from_the_tokenizer(tokenizer):
    for model_type in ("llama", "gpt2", "qwen3"):
        model = tiny_model(tokenizer, model_type)
        assert model.config.vocab_size == len(tokenizer)
        assert model.config.max_position_embeddings == 64
        assert len(encode_prompt(tokenizer, CHATS[0][:1])) < 64


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_type": "lama"}, "transformers knows no 'lama'"),
        ({"num_attention_heads": 5}, "does not divide"),
        ({"model_kwargs": '{"intermediat_size": 3}'}, "has no field 'intermediat_size'"),
        ({"model_kwargs": "[1]"}, "expected a mapping"),
    ],
)
def test_an_impossible_model_is_refused(tokenizer, change, message):
    from train.model import new_model
    from train.settings import PretrainSettings

    shape = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2} | change
    with pytest.raises(UserError, match=message):
        new_model(PretrainSettings(**shape), tokenizer)


def test_a_device_that_computes_another_loss_is_refused(tokenizer, monkeypatch):
    """No such device is at hand: a model that claims to live on MPS, and a loss that depends on where it is asked."""
    from types import SimpleNamespace

    from train.engine import preflight

    class Elsewhere:
        def __init__(self):
            self.place = SimpleNamespace(type="mps")

        def parameters(self):
            return iter([SimpleNamespace(device=self.place)])

        def eval(self):
            return self

        def to(self, place):
            self.place = place
            return self

    losses = {"cpu": 5.0, "right": 5.001, "wrong": 6.0}
    for kind in ("right", "wrong"):
        monkeypatch.setattr(
            preflight,
            "eval_loss",
            lambda model, *_, kind=kind, **__: (losses["cpu" if model.place == "cpu" else kind], 1),
        )
        if kind == "right":
            preflight.check_device(Elsewhere(), None, [])
        else:
            with pytest.raises(UserError, match="mps computes a loss of 6.0000 where the CPU computes 5.0000"):
                preflight.check_device(Elsewhere(), None, [])


def test_muon_in_batches_is_the_library_s_muon(tokenizer, monkeypatch):
    monkeypatch.setattr("train.optim.has_fast_bf16", lambda device: True)  # the library never asks

    def trained(make) -> list[torch.Tensor]:
        matrices, _ = split_parameters(tiny_model(tokenizer))
        optimizer = make(matrices)
        torch.manual_seed(3)
        for _ in range(3):
            for matrix in matrices:
                matrix.grad = torch.randn_like(matrix)
            optimizer.step()
        return [matrix.detach().clone() for matrix in matrices]

    ours = trained(lambda matrices: Muon(matrices, lr=0.02, weight_decay=0.1))
    library = trained(lambda m: torch.optim.Muon(m, lr=0.02, weight_decay=0.1, adjust_lr_fn="match_rms_adamw"))
    for one, other in zip(ours, library, strict=True):
        torch.testing.assert_close(one, other, rtol=0.02, atol=1e-4)  # added up in another order


def test_a_compiled_model_computes_the_same_loss_and_gradients_each_time(tokenizer):
    plain, fast = (tiny_model(tokenizer, layers=1) for _ in range(2))
    if not compile_if_possible(True, fast, "cpu"):
        pytest.skip("torch cannot compile on this machine")
    ids = encode_documents(tokenizer, DOCUMENTS)
    row = {"input_ids": [token for document in ids for token in document], "seq_lengths": [len(one) for one in ids]}
    batch = Collator(tokenizer.pad_token_id, 128)([row] * 8)
    compiled, losses = torch.compile(fast, dynamic=False), []
    for call in (plain, compiled):
        loss = call(**batch).loss
        loss.backward()
        losses.append(loss.item())
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)
    for one, other in zip(plain.parameters(), fast.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad, rtol=1e-3, atol=1e-5)
    first = [one.grad.clone() for one in fast.parameters()]
    for _ in range(10):  # to the same bits, or an interrupted training would not end as an uninterrupted one
        fast.zero_grad()
        compiled(**batch).loss.backward()
        assert all(torch.equal(one.grad, other) for one, other in zip(fast.parameters(), first, strict=True))


def test_lora_says_nothing_about_old_names_in_the_libraries(tokenizer):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        importlib.reload(train.engine.fast)
        get_peft_model(tiny_model(tokenizer), LoraConfig(target_modules="all-linear"))
    assert not [one.message for one in told if issubclass(one.category, FutureWarning)]
