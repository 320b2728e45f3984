"""Templates that others wrote: used as they are, for asking and for tuning, and what they refuse is one line."""

import json
import shutil

import pytest
import strangers
from conftest import CHATS
from strangers import CHATML, byte_level, saved, unigram, wordpiece
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from configs.pipeline.errors import UserError
from data.chats import encode_chat, encode_prompt, load_tokenizer
from data.packing import Collator
from data.templates import DEFAULT_TEMPLATE, template_of, with_chat_template, with_learnable_template
from eval.chat import is_base
from eval.lm import open_language_model
from train.engine.checkpoints import open_model, stop_ids
from train.engine.publish import save_model
from train.objectives import check_supervision

llama = strangers.llama
MARKED = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{% if m['role'] == 'assistant' %}{% generation %}"
    "{{ m['content'] }}<|im_end|>{% endgeneration %}{% else %}{{ m['content'] }}<|im_end|>{% endif %}\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
UNMARKED = MARKED.replace("{% generation %}", "").replace("{% endgeneration %}", "")
PARTS = UNMARKED.replace("m['content'] }}", "m['content'][0]['text'] }}")
ANEW = (
    "{% for m in messages %}{% if loop.last or m['role'] == 'user' %}[{{ m['role'] }}]{{ m['content'] }}{% endif %}"
    "{% endfor %}"
)
SYSTEM = [{"role": "system", "content": "Be kind."}]


def wrapped(tokenizer, template: str | dict | None, **special: str):
    """A tokenizer of another model, with marks of its own."""
    special = {"eos_token": "<|im_end|>", "additional_special_tokens": ["<|im_start|>"]} | special
    found = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special)
    found.chat_template, found.name_or_path = template, "some/model"
    return found


# --- what is learnt


@pytest.mark.parametrize("kind", [byte_level, unigram, wordpiece])
def test_without_marks_the_same_tokens_are_learnt_as_with_them(kind):
    trained = kind()
    with_marks, without = wrapped(trained, MARKED), wrapped(trained, UNMARKED)
    for chat in (*CHATS, SYSTEM + CHATS[1]):
        ids, learnt = encode_chat(without, chat)
        assert (ids, learnt) == encode_chat(with_marks, chat)
        assert without.decode([i for i, keep in zip(ids, learnt, strict=True) if keep]).count("<|im_end|>") == sum(
            turn["role"] == "assistant" for turn in chat
        )


def test_our_own_template_gives_what_the_library_gives(tokenizer):
    for chat in CHATS:
        told = tokenizer.apply_chat_template(chat, return_dict=True, return_assistant_tokens_mask=True)
        assert encode_chat(tokenizer, chat) == (told["input_ids"], told["assistant_masks"])


def test_a_template_of_its_own_is_tuned_in_and_ours_is_taken_only_for_a_reason():
    assert with_learnable_template(wrapped(unigram(), UNMARKED))[1] == ""
    assert with_learnable_template(wrapped(unigram(), MARKED))[1] == ""
    bare, why = with_learnable_template(wrapped(unigram(), None))
    assert (why, bare.chat_template) == ("no chat template", DEFAULT_TEMPLATE.read_text())
    anew, why = with_learnable_template(wrapped(unigram(), ANEW))
    assert "answers cannot be told apart" in why
    assert anew.chat_template == DEFAULT_TEMPLATE.read_text()
    mute = UNMARKED.replace("{{ m['content'] }}", "{{ m['content'] if m['role'] == 'user' }}")
    assert "answers cannot be told apart" in with_learnable_template(wrapped(unigram(), mute))[1]
    with pytest.raises(UserError, match="some/model: .* answers of this conversation cannot be told apart"):
        encode_chat(wrapped(unigram(), ANEW), CHATS[1])


def test_the_default_one_of_several_templates_is_used():
    several = wrapped(unigram(), {"tools": "no", "default": UNMARKED})
    assert with_chat_template(several)[0].chat_template == UNMARKED
    assert template_of(wrapped(unigram(), {"rag": UNMARKED})) == UNMARKED
    assert template_of(wrapped(unigram(), None)) == ""


# --- content as parts


def test_a_template_that_reads_parts_gets_parts():
    for kind in (byte_level, unigram):
        trained = kind()
        said, wanted = wrapped(trained, PARTS), wrapped(trained, UNMARKED)
        assert encode_prompt(said, CHATS[1][:1]) == encode_prompt(wanted, CHATS[1][:1])
        assert encode_chat(said, CHATS[1]) == encode_chat(wanted, CHATS[1])


@pytest.mark.parametrize("template", ["Hello", "{% for m in messages %}{{ m['text'] }}{% endfor %}"])
def test_a_template_that_leaves_the_question_out_is_refused(template):
    with pytest.raises(UserError, match="some/model: its chat template leaves out what the user says"):
        encode_prompt(wrapped(unigram(), template), CHATS[0][:1])


# --- what a template refuses


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{% for m in messages %}{{ m['content'] }}{% endif %}", "TemplateSyntaxError"),
        ("{{ raise_exception('give tools') }}", "give tools"),
        ("{{ messages[0].name.first }}", "UndefinedError"),
        ("{{ messages[0]['content'] + 3 }}", "TypeError"),
        ("{{ messages | nothing }}", "nothing"),
        ("{{ 1 // 0 }}", "ZeroDivisionError"),
        ("{{ ''.__class__.__mro__ }}", "SecurityError"),
        ("{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}", "RecursionError"),
    ],
)
def test_what_goes_wrong_in_a_template_is_one_line_in_its_own_words(template, words):
    for work in (encode_prompt, encode_chat):
        with pytest.raises(UserError, match=words) as error:
            work(wrapped(unigram(), template), CHATS[1])
        assert str(error.value).startswith("some/model: its chat template cannot write this conversation (")
        assert "\n" not in str(error.value)


def test_a_refused_system_turn_says_so():
    refusing = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    for template in (MARKED, UNMARKED):
        tokenizer = wrapped(unigram(), refusing + template)
        assert encode_chat(tokenizer, CHATS[0])[0]
        with pytest.raises(UserError, match="some/model: .*System role not supported"):
            encode_chat(tokenizer, SYSTEM + CHATS[0])


# --- doors and stop tokens


def test_a_model_is_asked_in_its_own_template_wherever_it_stands(llama, tmp_path):
    folder = shutil.copytree(llama, tmp_path / "inside")
    (folder / "chat_template.jinja").unlink()
    door = open_language_model("x", folder, 1, device="cpu")
    assert is_base(door, folder)
    settings = json.loads((folder / "tokenizer_config.json").read_text()) | {"chat_template": CHATML}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    for place in (llama, folder):
        door = open_language_model("x", place, 1, device="cpu")
        assert not is_base(door, place)
        assert "kind and helpful" in door.tokenizer.decode(door.encode("Hm?", "chat"))


def of_two_stops(folder, **special):
    """Its tokenizer ends with </s>, its turns with <|im_end|>, and it stops at both."""
    saved(
        folder, LlamaForCausalLM,
        lambda t: LlamaConfig(vocab_size=len(t), hidden_size=32, intermediate_size=64, num_hidden_layers=1,
                              num_attention_heads=2, max_position_embeddings=128, bos_token_id=1, eos_token_id=2),
        unigram(), UNMARKED, bos_token="<s>", unk_token="<unk>", **{"eos_token": "</s>"} | special,
    )  # fmt: skip
    model, tokenizer = open_model(folder)
    model.generation_config.eos_token_id = [2, 4]
    return model, tokenizer


def test_stop_tokens_of_a_parent_are_learnt_and_kept(tmp_path):
    model, tokenizer = of_two_stops(tmp_path / "parent")
    assert stop_ids(model, tokenizer) == [2, 4]
    ids, learnt = encode_chat(tokenizer, CHATS[0])
    row = {"input_ids": ids, "labels": [i if keep else -100 for i, keep in zip(ids, learnt, strict=True)]}
    check_supervision([row], stop_ids(model, tokenizer))
    with pytest.raises(UserError, match="no stop token .number 2. receives loss"):
        check_supervision([row], [2])
    save_model(model, tokenizer, tmp_path / "tuned")
    door = open_language_model("tuned", tmp_path / "tuned", 2, device="cpu")
    assert door.stop_ids == [2, 4]
    assert door.tokenizer.chat_template == UNMARKED


@pytest.mark.parametrize(
    "wish",
    [
        {"penalty_alpha": 0.6, "top_k": 4},  # these two are code of the Hub
        {"dola_layers": "low"},
        {"prompt_lookup_num_tokens": 3},
        {"num_return_sequences": 2, "do_sample": True},
        {"return_dict_in_generate": True},
        {"eos_token_id": "</s>"},
        {"eos_token_id": [4, 99_999]},
    ],
)
def test_a_model_that_wants_to_write_in_another_way_writes_plainly(llama, tmp_path, wish):
    folder = shutil.copytree(llama, tmp_path / "own")
    settings = json.loads((folder / "generation_config.json").read_text())
    (folder / "generation_config.json").write_text(json.dumps(settings | wish))
    door, plain = (open_language_model("x", place, 2, device="cpu") for place in (folder, llama))
    assert door.stop_ids == plain.stop_ids == [4]
    assert door.complete(["hello", "hi there"], "chat", 6) == plain.complete(["hello", "hi there"], "chat", 6)


def test_a_padding_token_that_is_the_end_token_is_still_learnt_as_an_end(tmp_path):
    model, tokenizer = of_two_stops(tmp_path / "parent", eos_token="<|im_end|>", pad_token="<|im_end|>")
    assert tokenizer.pad_token_id == tokenizer.eos_token_id == 4
    rows = []
    for chat in CHATS:
        ids, learnt = encode_chat(tokenizer, chat)
        rows.append({"input_ids": ids, "labels": [i if keep else -100 for i, keep in zip(ids, learnt, strict=True)]})
    labels = Collator(4)(rows)["labels"]
    assert [(row == 4).sum().item() for row in labels] == [1, 2]  # one end for each answer, none for the padding
    save_model(model, tokenizer, tmp_path / "tuned")
    door = open_language_model("tuned", tmp_path / "tuned", 2, device="cpu")
    prompts = ["Well?", "What is the capital of France, and which river does it lie on?"]
    assert door.complete(prompts, "chat", 8) == [door.complete([prompt], "chat", 8)[0] for prompt in prompts]
    assert all(done.tokens > 1 for done in door.complete(prompts, "chat", 8))


def test_a_tokenizer_without_an_end_is_refused(tmp_path):
    PreTrainedTokenizerFast(tokenizer_object=unigram()).save_pretrained(tmp_path)
    with pytest.raises(UserError, match="has no end-of-text token"):
        load_tokenizer(tmp_path)
