"""The door to the models and the questions: batches change nothing, scores equal those computed by hand."""

import io
import math
from dataclasses import replace

import pytest
import torch
from conftest import CHATS, DOCUMENTS, tiny_model
from torch.nn.functional import log_softmax

from configs.pipeline.errors import UserError
from data.chats import encode_documents
from eval.chat import answer, coloured, read_block, talk
from eval.conditions import spread
from eval.lm import LanguageModel
from eval.questions.chat_continuation.ask import as_messages
from eval.settings import ChatSettings
from train.engine.cache import RoomyLayer, cache_with_room
from train.engine.held_out import batches_by_length


@pytest.fixture
def door(tokenizer) -> LanguageModel:
    torch.manual_seed(1)
    model = tiny_model(tokenizer).eval()
    with torch.no_grad():  # sharper than at initialisation, so that the greedy choice is never a tie
        model.get_output_embeddings().weight.mul_(20)
    return LanguageModel("toy", "toy", "base", 0, model, tokenizer, 64, batch_size=4)


PROMPTS = ["The", "What is the capital of France?", "Once upon", "Anna: hello", "Q: What is 12 + 30?", "a"]


@pytest.mark.parametrize("form", ["raw", "chat"])
def test_a_completion_does_not_depend_on_the_batch(door, form):
    together = door.complete(PROMPTS, form, 8)
    assert together == [door.complete([prompt], form, 8)[0] for prompt in PROMPTS]


def test_greedy_is_the_most_likely_token_each_time(door):
    ids = door.encode("The capital", "raw")
    for _ in range(6):
        with torch.no_grad():
            ids.append(int(door.model(torch.tensor([ids])).logits[0, -1].argmax()))
    new = ids[-6:]
    assert door.generate([door.encode("The capital", "raw")], 6, 0.0)[0][:1] == new[:1]
    assert door.complete(["The capital"], "raw", 6)[0] == door.completion(new)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("model_type", ["llama", "gpt2", "qwen3", "lfm2"])
def test_a_cache_with_room_writes_what_the_librarys_own_writes(tokenizer, model_type, dtype):
    model = tiny_model(tokenizer, model_type).eval().to(dtype)
    ids, seen = torch.randint(5, 300, (3, 8)), torch.ones(3, 8, dtype=torch.long)
    seen[0, :5] = seen[2, :1] = 0  # padded on the left
    cache = cache_with_room(model, 12)
    plain, roomy = (
        model.generate(ids, attention_mask=seen, past_key_values=kept, max_new_tokens=12, min_new_tokens=12,
                       do_sample=False, output_logits=True, return_dict_in_generate=True)
        for kept in (None, cache)
    )  # fmt: skip
    assert torch.equal(plain.sequences, roomy.sequences)
    assert torch.allclose(torch.stack(plain.logits), torch.stack(roomy.logits), atol=1e-6)
    for layer in (layer for layer in cache.layers if isinstance(layer, RoomyLayer)):
        assert layer.get_seq_length() == 8 + 11  # the last token is not read again
        assert layer.keys.data_ptr() == layer.blocks[0].data_ptr()  # nothing was written anew


def test_a_model_that_remembers_in_another_way_keeps_its_own_cache(tokenizer):
    for model_type in ("mamba", "mistral"):  # the second reads through a window
        door = LanguageModel(
            "toy", "toy", "base", 0, tiny_model(tokenizer, model_type).eval(), tokenizer, 64, batch_size=4
        )
        assert cache_with_room(door.model, 5) is None
        assert len(door.generate([[5, 6], [7]], 4, 0.0)) == 2
    off = tiny_model(tokenizer)
    off.generation_config.use_cache = False
    assert cache_with_room(off, 5) is None


def test_what_comes_after_the_stop_token_is_cut_and_counted(door):
    words = door.tokenizer("hello Ben", add_special_tokens=False)["input_ids"]
    stopped = door.completion([*words, door.tokenizer.eos_token_id, 1, 1])
    assert (stopped.text, stopped.stopped, stopped.tokens) == ("hello Ben", True, len(words) + 1)
    running = door.completion(words)
    assert (running.text, running.stopped, running.tokens) == ("hello Ben", False, len(words))


def test_sampling_repeats_with_its_seed_only(door):
    first = door.complete(PROMPTS, "raw", 12, temperature=1.0, seed=3)
    assert first == door.complete(PROMPTS, "raw", 12, temperature=1.0, seed=3)
    assert first != door.complete(PROMPTS, "raw", 12, temperature=1.0, seed=4)


def test_scores_are_sums_of_log_probabilities(door):
    rows = [{"input_ids": ids[:64]} for ids in encode_documents(door.tokenizer, DOCUMENTS)]
    for row, (nats, tokens) in zip(rows, door.nats(rows), strict=True):
        ids = torch.tensor(row["input_ids"])
        with torch.no_grad():
            logp = log_softmax(door.model(ids[None]).logits[0, :-1].double(), -1)
        assert nats == pytest.approx(-logp.gather(1, ids[1:, None]).sum().item(), rel=1e-4)
        assert tokens == len(ids) - 1
    masked = door.nats([{"input_ids": [2, 5, 6, 7], "labels": [-100, -100, 6, -100]}])[0]
    assert masked[1] == 1
    assert 0 < masked[0] < 100 * math.log(400)


def test_the_forms_of_a_prompt(door):
    text = "What is the capital of France?"
    assert door.tokenizer.decode(door.encode(text, "raw")) == f"<|startoftext|>{text}"
    assert door.tokenizer.decode(door.encode(text, "chat")) == f"<|startoftext|>User: {text}\nAssistant:"
    assert door.tokenizer.decode(door.encode(text, "few")).endswith(f"Q: {text}\nA:")
    assert door.encode(CHATS[1][:3], "chat") == door.encode(CHATS[1][:3], "chat")
    with pytest.raises(UserError, match="prompt form 'shout'"):
        door.encode(text, "shout")


def test_there_is_exactly_one_start_of_text(door):
    for form in ("raw", "chat", "few"):
        assert door.encode("hello <|startoftext|> Ben", form).count(door.tokenizer.bos_token_id) == 1


def test_a_prompt_longer_than_the_context_keeps_its_end(door):
    completion = door.complete(["hello Ben " * 60 + "The capital of France is"], "raw", 8)[0]
    assert completion.tokens <= 8


def test_what_is_piped_into_the_chat_is_answered_also_without_an_empty_line_and_without_colours(monkeypatch, capsys):
    for piped in ("one\ntwo", "one\ntwo\n", "one\ntwo\n\n"):
        monkeypatch.setattr("sys.stdin", io.StringIO(piped))
        heard: list[str] = []
        talk(lambda: read_block("text> "), heard.append)
        assert heard == ["one\ntwo"]
    assert coloured("a\x1b[2Jb\tc\xa0d") == "a\N{REPLACEMENT CHARACTER}[2Jb\tc d"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert coloured("a") == "\033[36ma\033[0m"


def test_an_answer_that_is_interrupted_ends_neither_the_chat_nor_what_was_said(monkeypatch, capsys):
    lines = iter(["one", "two", "three"])
    heard = []

    def respond(text: str) -> None:
        heard.append(text)
        if text == "two":
            raise KeyboardInterrupt

    def read() -> str:
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    talk(read, respond)
    assert heard == ["one", "two", "three"]
    assert "stopped" in capsys.readouterr().out


def test_a_chat_forgets_only_what_does_not_fit_and_says_so(door, capsys):
    history: list[dict] = []
    settings, wide = ChatSettings(max_new_tokens=500), replace(door, context=120)  # half of it is for the answer
    lengths = []
    for number in range(4):
        answer(wide, history, f"{number}?", settings)
        history[-1]["content"] = "No."
        lengths.append(len(history))
    assert history[-2]["content"] == "3?"
    assert max(lengths) > 2
    assert "turns no longer fit" in capsys.readouterr().out
    answer(door, [], "word " * 90, settings)
    assert "it read the last 32" in capsys.readouterr().out


def test_helpers():
    assert list(batches_by_length([[1], [1, 2, 3], [1, 2]], 2)) == [[0, 2], [1]]
    assert spread(list(range(10)), 5) == [0, 2, 4, 6, 8]
    assert spread([1, 2], 5) == [1, 2]
    assert as_messages("Anna: hi\nBen: hello\nAnna: how are you?\nBen: fine\n") == [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "hello"},
        {"role": "user", "content": "how are you?"},
    ]
