"""The live page: what it computes, held against torch and the library's tokenizer; Node runs its scripts."""

import base64
import hashlib
import json
import random
import re
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest
import torch
from conftest import ROOT, tiny_model, write_lines

from configs.pipeline.errors import UserError
from data.chats import encode_prompt, encode_text, load_tokenizer
from data.tokenizer import save_for_transformers, train_bpe
from eval.play.__main__ import models_of
from eval.play.asking import EXAMPLES, examples
from eval.play.choosing import pairs_to_label
from eval.play.packing import int8_of, pack_form, pack_model, pack_tokenizer, rounded, same_text
from eval.play.writing import HERE, SCRIPTS, live_page, pack, render, rewritten, text_of
from eval.results import Row, write_rows
from eval.settings import PlaySettings
from train.engine.checkpoints import open_model

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(not NODE, reason="no node on this machine")
COMPUTING = SCRIPTS[:4]
HOSTILE = "<script>alert(1)</script> <|endoftext|> \x00 \U0001f98a\u0301 User: e\u0301 ⁧x"


def node(tmp_path: Path, **asked) -> dict:
    """What the page's scripts answer."""
    script, question = tmp_path / "page.js", tmp_path / "asked.json"
    script.write_text("\n".join((HERE / name).read_text(encoding="utf-8") for name in COMPUTING), encoding="utf-8")
    question.write_text(json.dumps(asked), encoding="utf-8")
    run = subprocess.run([NODE, ROOT / "tests" / "play_harness.js", script, question], capture_output=True, text=True,
                         encoding="utf-8", check=False)  # fmt: skip
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def stored(tokenizer, folder: Path, model_type: str, seed: int = 1, **changes):
    """A model of trained size of numbers: weights far from their small beginnings."""
    model = tiny_model(tokenizer, model_type)
    torch.manual_seed(seed)
    for weight in model.parameters():
        weight.data = torch.randn_like(weight) * 0.3 + (weight.dim() == 1)
    for name, value in changes.items():
        setattr(model.config, name, value)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def told_of(folder: Path, kind: str) -> dict:
    model, weights = pack_model(folder, kind)
    return {"model": model, "weights": text_of(weights), "tokenizer": model["tokenizer"],
            "few": {"before": "", "frame": ["", ""]}}  # fmt: skip


def like_the_page(folder: Path, kind: str):
    """The model with the weights that the page has, in fp32."""
    model, tokenizer = open_model(folder)
    model.load_state_dict({name: rounded(weight, kind) for name, weight in model.state_dict().items()})
    return model.float().eval(), tokenizer


@needs_node
@pytest.mark.parametrize("kind", ["bf16", "int8"])
@pytest.mark.parametrize("model_type", ["lfm2", "qwen3", "llama"])
def test_logits_and_greedy_text_are_torchs(tokenizer, tmp_path, model_type, kind):
    folder = stored(tokenizer, tmp_path / "model", model_type)
    model, tokenizer = like_the_page(folder, kind)
    prompts = [encode_prompt(tokenizer, [{"role": "user", "content": asked}])
               for asked in ("What is the capital of France?", "Say hello", "12 + 30")]  # fmt: skip
    found = node(tmp_path, prompts=prompts, limit=24, **told_of(folder, kind))
    for ids, logits, greedy in zip(prompts, found["logits"], found["greedy"], strict=True):
        with torch.no_grad():
            wanted = model(input_ids=torch.tensor([ids])).logits[0, -1]
            assert float((torch.tensor(logits) - wanted).abs().max()) < 1e-3
            whole, text = list(ids), greedy["ids"]
            for _ in range(24):
                following = model(input_ids=torch.tensor([whole])).logits[0, -1]
                if int(following.argmax()) == tokenizer.eos_token_id:
                    break
                whole.append(int(following.argmax()))
            assert text == whole[len(ids) :]
            shares = model(input_ids=torch.tensor([ids])).logits[0].softmax(-1)
            wanted = [float(shares[place, token]) for place, token in enumerate(ids[1:])]
            assert greedy["probabilities"][: len(wanted)] == pytest.approx(wanted, abs=1e-4)


@needs_node
def test_another_branch_leaves_nothing_of_the_first(tokenizer, tmp_path):
    folder = stored(tokenizer, tmp_path / "model", "lfm2")
    model, tokenizer = like_the_page(folder, "bf16")
    said = "The capital of France is Paris.", "The capital of Oslo"
    first, second = (encode_text(tokenizer, text) for text in said)
    found = node(tmp_path, trees=[{"first": first, "second": second}], **told_of(folder, "bf16"))
    with torch.no_grad():
        wanted = model(input_ids=torch.tensor([second])).logits[0, -1]
    assert float((torch.tensor(found["branches"][0]) - wanted).abs().max()) < 1e-3


@needs_node
def test_the_tokenizer_is_the_librarys_for_any_unicode(tokenizer, tmp_path):
    draw = random.Random(0)
    # those that Unicode 14 has: a character that the library or the browser learnt later may be a letter to one alone
    every = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) not in ("Cn", "Cs")]
    near = [one for one in every if ord(one) < 0x3000]
    pools = every[:128], near, every
    texts = ["".join(draw.choices(pool, k=draw.randrange(12))) for pool in pools for _ in range(3_500)]
    texts += [HOSTILE, "", " ", "it's  two\n\n three\t\t4½ ²٣", "a" * 3000, "I'll 'LL ‘ll", "\ufeff\x85\x1c\u2028x "]
    found = node(tmp_path, texts=texts, tokenizer=pack_tokenizer(tmp_path, tokenizer))
    assert found["ids"] == [encode_text(tokenizer, text) for text in texts]
    assert found["texts"] == texts
    assert found["pieces"] == texts


@needs_node
def test_the_chat_form_is_the_templates(tokenizer, tmp_path):
    folder = stored(tokenizer, tmp_path / "model", "llama")
    draw = random.Random(1)
    said = ["Hello", " Two\nlines ", "a\nUser: b\nAssistant: c", HOSTILE, "<|endoftext|>", "\x85x\ufeff", "User: me"]
    chats = [
        {"history": [{"user": draw.choice(said), "assistant": draw.choice(said)} for _ in range(draw.randrange(4))],
         "user": draw.choice(said)} for _ in range(1_000)
    ]  # fmt: skip
    found = node(tmp_path, chats=chats, **told_of(folder, "bf16"))["chats"]
    for chat, one in zip(chats, found, strict=True):
        turns = [{"role": role, "content": turn[role]} for turn in chat["history"] for role in ("user", "assistant")]
        assert one["ids"] == encode_prompt(tokenizer, [*turns, {"role": "user", "content": chat["user"]}])


@needs_node
def test_inside_a_prompt_the_last_space_is_read_as_well(tokenizer, tmp_path):
    folder = stored(tokenizer, tmp_path / "model", "llama")
    asked = [{"form": form, "prompt": "The "} for form in ("raw", "few", "chat")]
    told = told_of(folder, "bf16") | {"few": {"before": "B\n", "frame": ["Q: ", "\nA:"]}}
    found = node(tmp_path, open=asked, **told)["open"]
    assert found == ["The ", "B\nQ: The ", "User: a\nAssistant: b\nUser: The "]  # decoded without control tokens


def test_a_base_from_elsewhere_without_a_chat_template_is_asked_in_our_form(tokenizer, tmp_path):
    folder = stored(tokenizer, tmp_path / "model", "llama")
    bare = load_tokenizer(folder)
    bare.chat_template = None
    bare.save_pretrained(folder)
    (folder / "chat_template.jinja").unlink(missing_ok=True)
    assert load_tokenizer(folder).chat_template is None
    told = pack({"base": folder}, "bf16")["base"][0]
    assert told["made"] == "model, in our chat form, since it has none"
    assert told["chat"]["end"] == "\nAssistant:"
    assert same_text(folder, "bf16", [("chat", "Hello")], 4) in (0, 1)


def test_int8_is_off_by_half_a_step_at_most():
    matrix = torch.tensor([[1.0, -0.5, 0.1], [0.0, 0.0, 0.0], [1e-3, 2e-3, -4e-3]])
    scales, steps = int8_of(matrix)
    assert float((steps * scales[:, None] - matrix).abs().max()) <= float(scales.max()) / 2
    assert steps[0].tolist() == [127, -64, 13]


@pytest.mark.parametrize(("model_type", "changes", "why"), [
    ("gpt2", {}, "gpt2 model"), ("llama", {"hidden_act": "gelu"}, "hidden_act"),
])  # fmt: skip
def test_a_model_that_the_page_cannot_compute_is_told_so(tokenizer, tmp_path, model_type, changes, why):
    folder = stored(tokenizer, tmp_path / "model", model_type, **changes)
    with pytest.raises(UserError, match=why):
        pack_model(folder, "bf16")


def test_other_tokenizers_are_told_so(tokenizer, tmp_path):
    from tokenizers import Tokenizer, models

    save_for_transformers(Tokenizer(models.WordLevel({"a": 0, "<|endoftext|>": 1}, unk_token="a")), tmp_path, 64, "")
    with pytest.raises(UserError, match="byte-level BPE"):
        pack_tokenizer(tmp_path, load_tokenizer(tmp_path))


def test_a_template_that_writes_turns_unlike_is_told_so(tokenizer, tmp_path):
    tokenizer.chat_template = "{% for m in messages %}[{{ loop.index }}]{{ m.content }}{% endfor %}>"
    with pytest.raises(UserError, match="every turn alike"):
        pack_form(tmp_path, tokenizer)


def test_examples_carry_the_measured_rates(tmp_path):
    rows = [
        Row(run_id="r", model=model, stage=model, seed=0, condition="raw", question="facts", metric="correct",
            item_id=str(item), category="capital", value=float(item < hits))
        for model, hits in (("base", 9), ("sft", 5)) for item in range(10)
    ]  # fmt: skip
    write_rows(tmp_path / "results.csv", rows)
    first, *others = examples(tmp_path)
    assert [(one["model"], one["value"], one["n"]) for one in first["rates"]] == [("base", 0.9, 10), ("sft", 0.5, 10)]
    assert first["rates"][0]["low"] == pytest.approx(0.596, abs=1e-3)  # Wilson, by hand
    assert all(not one["rates"] for one in others)
    assert len(others) + 1 == len(EXAMPLES)
    assert all(not one["rates"] for one in examples(tmp_path / "nothing"))


def test_nothing_that_is_written_can_leave_its_element():
    told = {"tokens": [HOSTILE], "merges": []}
    model = {"label": "base", "stage": "base", "tokenizer": told, "chat": {}, "start": ""}
    page = render({"run": HOSTILE, "models": [model], "examples": [], "label": None, "few": {}}, ["AAE="])
    assert "alert(1)</script>" not in page
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1]
    assert json.loads(data)["tokenizers"][0]["tokens"] == [HOSTILE]
    allowed = re.search(r"script-src 'sha256-([^']+)'", page)[1]
    script = page.rsplit("<script>", 1)[1].split("</script>")[0]
    assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() == allowed


def test_a_tokenizer_that_two_models_share_is_there_once(tokenizer, tmp_path):
    told = pack_tokenizer(tmp_path, tokenizer)
    other = pack_tokenizer(tmp_path, tokenizer_of(tmp_path))
    models = [{"label": str(n), "stage": "base", "tokenizer": one, "chat": {}, "start": ""}
              for n, one in enumerate((told, told, other))]  # fmt: skip
    page = render({"run": "r", "models": models, "examples": [], "label": None, "few": {}}, [""] * 3)
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])
    assert [one["tokenizer"] for one in data["models"]] == [0, 0, 1]
    assert len(data["tokenizers"]) == 2


def tokenizer_of(folder: Path):
    save_for_transformers(train_bpe(iter(["one two three"] * 9), 280), folder / "other", 64, "")
    return load_tokenizer(folder / "other")


# --- the command


def test_two_models_from_elsewhere_make_a_page_without_rates(tokenizer, tmp_path):
    folders = [stored(tokenizer, tmp_path / name, "llama") for name in ("one", "two")]
    settings = PlaySettings(base=str(folders[0]), instruct=str(folders[1]), workspace=str(tmp_path), weights="int8")
    page = live_page(settings, models_of(settings))
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])
    assert [model["made"] for model in data["models"]] == ["one", "two"]
    assert data["weights"] == "int8"
    assert not any(example["rates"] for example in data["examples"])


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"base": "a"}, "name both models"),
        ({"stages": "base sftt"}, "no stage sftt"),
        ({"run": "nothing"}, "no model at"),
    ],
)
def test_models_that_are_not_there_are_told_so(tmp_path, asked, told):
    with pytest.raises(UserError, match=told):
        models_of(PlaySettings(workspace=str(tmp_path), **asked))


def test_a_folder_that_is_no_causal_model_is_told_so(tokenizer, tmp_path):
    from transformers import BertConfig, BertModel

    config = BertConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, vocab_size=400)
    BertModel(config).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    with pytest.raises(UserError, match=re.escape(str(tmp_path))):
        pack_model(tmp_path, "bf16")


@pytest.fixture
def own_pairs(tmp_path):
    """Pairs of the user's own: five to train on, one held out."""
    folder = tmp_path / "pairs"
    folder.mkdir()
    (folder / "record.json").write_text(json.dumps({"identity": {"inputs": {"mine.jsonl": "x"}}}))
    for name, numbers in (("train", range(15)), ("held_out", [99])):
        turns = [[{"role": "user", "content": f"Say {n}"}, {"role": "assistant", "content": "Yes"}] for n in numbers]
        write_lines(folder / f"{name}.jsonl", [{"messages": one} for one in turns])
    return folder


def test_pairs_to_choose_between_come_from_what_was_tuned_on(tokenizer, tmp_path, own_pairs):
    folders = {"sft": stored(tokenizer, tmp_path / "one", "llama"), "dpo": stored(tokenizer, tmp_path / "two", "lfm2")}
    made = pairs_to_label(folders, own_pairs, 5, 0, 1.0, 6)
    assert [row["prompt"][0]["content"] for row in made] == [f"Say {n}" for n in range(5)]
    assert {tuple(one["model"] for one in row["answers"]) for row in made} == {("sft", "dpo")}
    assert all(one["utility"] is None for row in made for one in row["answers"])
    assert made == pairs_to_label(folders, own_pairs, 5, 0, 1.0, 6)


def test_models_that_say_the_same_leave_nothing_to_choose(tokenizer, tmp_path, own_pairs):
    folder = stored(tokenizer, tmp_path / "one", "llama")
    with pytest.raises(UserError, match="0 pairs of different answers"):
        pairs_to_label({"sft": folder, "dpo": folder}, own_pairs, 5, 0, 0.0, 6)


# --- the page in docs


def test_what_is_no_page_is_told_so():
    with pytest.raises(UserError, match="no page of make play"):
        rewritten("<html></html>")


def test_the_page_in_docs_is_the_one_that_this_code_makes():
    page = (ROOT / "docs" / "index.html").read_text(encoding="utf-8")
    assert rewritten(page) == page, "run: python -m eval.play --rewrite docs/index.html"
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])
    assert len(page) < 15_000_000
    assert [model["stage"] for model in data["models"]] == ["base", "sft"]
