"""What is no whole causal model in safetensors is named in one line, and code that comes with a model never runs."""

import io
import json
import shutil
import sys
from pathlib import Path

import pytest
import strangers
import torch
from conftest import CHATS, write_lines
from peft import IA3Config, LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from strangers import byte_level, saved, unigram
from transformers import (
    BertConfig,
    BertForMaskedLM,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForSequenceClassification,
    RobertaConfig,
    RobertaForMaskedLM,
    T5Config,
    T5ForConditionalGeneration,
)

import data.pairs
import eval.chat
import eval.compare
import train.sft
from configs.pipeline.errors import UserError, exit_cleanly
from data.chats import load_tokenizer
from train.engine.checkpoints import open_model
from train.engine.folders import check_folder, model_hash

llama, gpt2 = strangers.llama, strangers.gpt2
CODE = """
from pathlib import Path
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast as ThingTokenizer

Path(__file__).with_name("THIS-CODE-RAN").touch()


class ThingConfig(LlamaConfig):
    model_type = "thing"


class ThingForCausalLM(LlamaForCausalLM):
    config_class = ThingConfig
"""
MAP = {"AutoConfig": "thing.ThingConfig", "AutoModelForCausalLM": "thing.ThingForCausalLM"}


@pytest.fixture
def folder(llama, tmp_path) -> Path:
    return shutil.copytree(llama, tmp_path / "model")


def change(path: Path, **settings) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | settings))


def keep_only(folder: Path, *patterns: str) -> None:
    for path in folder.iterdir():
        if not any(path.match(pattern) for pattern in patterns):
            path.unlink()


def rewrite(folder: Path, work) -> None:
    """The weights as `work` changes the dictionary of them."""
    weights = load_file(folder / "model.safetensors")
    save_file({name: value.contiguous() for name, value in work(weights).items()}, folder / "model.safetensors")


# --- code of its own


def plant_model(folder: Path) -> None:
    change(folder / "config.json", model_type="thing", architectures=["ThingForCausalLM"], auto_map=MAP)


def plant_tokenizer(folder: Path) -> None:
    of_tokenizer = {"AutoTokenizer": ["thing.ThingTokenizer", "thing.ThingTokenizer"]}
    change(folder / "tokenizer_config.json", tokenizer_class="ThingTokenizer", auto_map=of_tokenizer)


def plant_generation(folder: Path) -> None:
    (folder / "custom_generate").mkdir()
    (folder / "custom_generate" / "generate.py").write_text(CODE)


def plant_kernel(folder: Path) -> None:
    change(folder / "config.json", attn_implementation="somebody/kernel")


@pytest.mark.parametrize("plant", [plant_model, plant_tokenizer, plant_generation, plant_kernel])
def test_code_of_its_own_is_refused_without_a_question(folder, plant, monkeypatch):
    (folder / "thing.py").write_text(CODE)
    plant(folder)
    monkeypatch.setattr(sys, "stdin", asked := io.StringIO("y\ny\n"))
    with pytest.raises(UserError, match="has code of its own, which is never run here"):
        open_model(folder)
    assert asked.tell() == 0
    assert not list(folder.rglob("THIS-CODE-RAN"))


def test_a_model_that_the_library_knows_is_opened_by_the_library(folder, monkeypatch):
    """The same code beside a Llama: its numbers are those of the library's class, and nothing of it runs."""
    wanted = open_model(folder)[0](torch.tensor([[5, 6, 7]])).logits
    (folder / "thing.py").write_text(CODE)
    change(folder / "config.json", auto_map=MAP)
    monkeypatch.setattr(sys, "stdin", asked := io.StringIO("y\n"))
    assert open_model(folder)[0](torch.tensor([[5, 6, 7]])).logits.equal(wanted)
    assert asked.tell() == 0
    assert not list(folder.rglob("THIS-CODE-RAN"))


def test_no_door_of_the_programs_runs_it(folder, gpt2, tmp_path, monkeypatch, capsys):
    (folder / "thing.py").write_text(CODE)
    plant_model(folder)
    where = ("--workspace", tmp_path, "--run", "t")
    pairs = write_lines(tmp_path / "pairs.jsonl", [{"messages": chat} for chat in CHATS * 3])
    monkeypatch.setattr(sys, "argv", ["data.pairs", *map(str, where), "--pairs", str(pairs)])
    data.pairs.main()
    for main, *arguments in (
        (train.sft.main, *where, "--base", folder, "--replay_share", 0),
        (eval.compare.main, *where, "--base", folder, "--instruct", gpt2),
        (eval.compare.main, *where, "--base", gpt2, "--instruct", folder),
        (eval.chat.main, "--stage", folder),
    ):
        monkeypatch.setattr(sys, "argv", ["program", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", asked := io.TextIOWrapper(io.BytesIO(b"y\ny\n")))
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            exit_cleanly(main)
        said = capsys.readouterr()
        assert (left.value.code, said.out, said.err.count("\n")) == (2, "", 1)
        assert f"{folder} has code of its own, which is never run here" in said.err
        assert asked.read() == "y\ny\n"
    assert not list(folder.rglob("THIS-CODE-RAN"))
    assert not (tmp_path / "checkpoints" / "t" / "seed0" / "sft").exists()


# --- what a folder is, by its files


def cut_short(folder: Path) -> None:
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])


def lose_a_shard(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "model-1.safetensors")
    places = {"a": "model-1.safetensors", "b": "model-2.safetensors"}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))


def leave(folder: Path, name: str, content: bytes = b"x") -> None:
    """A file in place of the weights."""
    (folder / "model.safetensors").unlink()
    (folder / name).write_bytes(content)


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 9\n"
FILES = {
    "is an empty folder": lambda f: keep_only(f),
    "holds a tokenizer and no model; name": lambda f: keep_only(f, "tokenizer*"),
    "holds weights without config.json": lambda f: keep_only(f, "*.safetensors"),
    "holds settings and no .safetensors file": lambda f: (f / "model.safetensors").unlink(),
    "holds a GGUF model, made for llama.cpp; name the safetensors": lambda f: leave(f, "model.Q4.gguf"),
    "holds an ONNX export": lambda f: leave(f, "model.onnx"),
    "holds pickled weights, which may hold code and are never opened": lambda f: leave(f, "pytorch_model.bin"),
    "holds a training checkpoint without a whole model": lambda f: leave(f, "trainer_state.json"),
    "is a diffusers pipeline": lambda f: (f / "model_index.json").write_text("{}"),
    "model.safetensors is a pointer of Git LFS, not the file itself": lambda f: leave(f, "model.safetensors", LFS),
    "tokenizer.json is a pointer of Git LFS": lambda f: (f / "tokenizer.json").write_bytes(LFS),
    "model.safetensors is cut short or damaged": cut_short,
    "model-2.safetensors is missing, one of 2 files that": lose_a_shard,
    "but neither model.safetensors nor": lambda f: (f / "model.safetensors").rename(f / "model-1.safetensors"),
    "holds a model and an adapter": lambda f: (f / "adapter_config.json").write_text("{}"),
    "config.json is damaged": lambda f: (f / "config.json").write_text('{"model_type": "lla'),
    "config.json holds no object": lambda f: (f / "config.json").write_text("[1]"),
    "holds quantized weights .gptq.": lambda f: change(f / "config.json", quantization_config={"quant_method": "gptq"}),
}


@pytest.mark.parametrize("said", FILES)
def test_a_folder_is_known_by_its_files(folder, said):
    FILES[said](folder)
    with pytest.raises(UserError, match=said) as error:
        check_folder(folder)
    assert str(folder) in str(error.value)
    assert "\n" not in str(error.value)


def test_what_is_no_folder_is_told(tmp_path):
    (tmp_path / "a.gguf").write_bytes(b"GGUF")
    with pytest.raises(UserError, match="a.gguf is a GGUF model"):
        check_folder(tmp_path / "a.gguf")
    (tmp_path / "a.safetensors").write_bytes(b"")
    with pytest.raises(UserError, match="is a file; name the folder of a model"):
        check_folder(tmp_path / "a.safetensors")
    with pytest.raises(UserError, match="no model at"):
        check_folder(tmp_path / "nothing")
    (tmp_path / "out" / "checkpoint-10").mkdir(parents=True)
    with pytest.raises(UserError, match="holds checkpoints of a training; name one of them"):
        check_folder(tmp_path / "out")


# --- what the weights are


def with_nan(weights: dict) -> dict:
    weights["model.layers.0.mlp.down_proj.weight"][0, 0] = torch.nan
    return weights


def renamed(prefix: str):
    return lambda folder: rewrite(folder, lambda weights: {prefix + name: value for name, value in weights.items()})


def with_a_hole(folder: Path) -> None:
    """As many tokens as before, one of them with a number beyond the last row."""
    path = folder / "tokenizer.json"
    found = json.loads(path.read_text())
    found["added_tokens"].append(found["added_tokens"][-1] | {"id": 5000, "content": "<far>"})
    found["model"]["vocab"] += [["<x>", -9.0]] * (5000 - len(found["model"]["vocab"])) + [["<far>", -9.0]]
    path.write_text(json.dumps(found))


WEIGHTS = {
    "came with NaN or infinite values, in model.layers.0.mlp.down_proj.weight": lambda f: rewrite(f, with_nan),
    "weights lack 2 tensors of this model": lambda f: rewrite(f, lambda weights: dict(list(weights.items())[:-2])),
    "named _orig_mod.., as if a compiled model had been saved": renamed("_orig_mod."),
    "named module.., as if a model in a wrapper had been saved": renamed("module."),
    "hold 9 tensors that this model has no place for": lambda f: change(f / "config.json", num_hidden_layers=1),
    r"\[32, 64\] in the weights, \[32, 65\] in config.json": lambda f: change(f / "config.json", intermediate_size=65),
    "the tokenizer counts its tokens up to 5000, the model has rows for": with_a_hole,
}


@pytest.mark.parametrize("said", WEIGHTS)
def test_weights_and_settings_have_to_belong_together(folder, said):
    WEIGHTS[said](folder)
    with pytest.raises(UserError, match=said) as error:
        open_model(folder)
    assert str(error.value).startswith(f"{folder}: ")
    assert "\n" not in str(error.value)


def test_a_vocabulary_that_is_padded_is_fine(tmp_path):
    folder = saved(
        tmp_path / "padded", GPT2LMHeadModel,
        lambda t: GPT2Config(vocab_size=len(t) + 28, n_positions=64, n_embd=16, n_layer=1, n_head=2, eos_token_id=0),
        byte_level(), eos_token="<|end|>",
    )  # fmt: skip
    model, tokenizer = open_model(folder)
    assert model.get_input_embeddings().num_embeddings == len(tokenizer) + 28


SHAPE = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
OTHERS = {
    "RobertaForMaskedLM is a masked model": (RobertaForMaskedLM, lambda t: RobertaConfig(vocab_size=len(t), **SHAPE)),
    "BertForMaskedLM is a masked model": (BertForMaskedLM, lambda t: BertConfig(vocab_size=len(t), **SHAPE)),
    "LlamaForSequenceClassification is a classifier": (
        LlamaForSequenceClassification,
        lambda t: LlamaConfig(vocab_size=len(t), pad_token_id=2, **SHAPE),
    ),
    "T5ForConditionalGeneration is an encoder-decoder": (
        T5ForConditionalGeneration,
        lambda t: T5Config(vocab_size=len(t), d_model=16, d_kv=8, d_ff=16, num_layers=1, num_heads=2),
    ),
}


@pytest.mark.parametrize("said", OTHERS)
def test_other_kinds_of_models_are_named(tmp_path, said):
    kind, config = OTHERS[said]
    folder = saved(tmp_path / "other", kind, config, unigram(), eos_token="</s>", unk_token="<unk>")
    with pytest.raises(UserError, match=f"{said}.*, not a causal language model"):
        open_model(folder)


def test_a_masked_model_under_the_name_of_a_causal_one_is_found_out(tmp_path):
    folder = saved(
        tmp_path / "bert", BertForMaskedLM, lambda t: BertConfig(vocab_size=len(t), **SHAPE), unigram(),
        eos_token="</s>", unk_token="<unk>",
    )  # fmt: skip
    change(folder / "config.json", architectures=["BertLMHeadModel"])
    with pytest.raises(UserError, match="a later word changes what it expects before it"):
        open_model(folder)


# --- adapters


def adapter_of(folder: Path, to: Path, config=None):
    model, _ = open_model(folder)
    config = config or LoraConfig(r=2, target_modules="all-linear", task_type="CAUSAL_LM", init_lora_weights=False)
    adapted = get_peft_model(model, config)
    adapted.save_pretrained(to)
    return adapted.eval()


def test_an_adapter_is_opened_with_its_base_and_can_be_tuned(folder, tmp_path, monkeypatch):
    adapted = adapter_of(folder, tmp_path / "adapter")
    of_code = {"base_model_class": "ThingForCausalLM", "parent_library": "thing"}
    (tmp_path / "thing.py").write_text(CODE)
    monkeypatch.syspath_prepend(tmp_path)
    change(tmp_path / "adapter" / "adapter_config.json", auto_mapping=of_code)
    model, tokenizer = open_model(tmp_path / "adapter")
    ids = torch.tensor([[5, 6, 7, 8]])
    torch.testing.assert_close(model(ids).logits, adapted(ids).logits, rtol=1e-4, atol=1e-4)
    assert all(parameter.requires_grad for parameter in model.parameters())
    assert tokenizer.chat_template == load_tokenizer(folder).chat_template
    before = model_hash(tmp_path / "adapter")
    rewrite(folder, lambda weights: {name: value + 1 for name, value in weights.items()})
    assert model_hash(tmp_path / "adapter") != before  # it is another model on another base
    assert not (tmp_path / "THIS-CODE-RAN").exists()


def test_an_adapter_that_cannot_be_merged_is_told(folder, gpt2, tmp_path):
    adapter_of(folder, tmp_path / "adapter")
    settings = tmp_path / "adapter" / "adapter_config.json"
    change(settings, base_model_name_or_path=str(gpt2))
    with pytest.raises(UserError, match="adapter"):
        open_model(tmp_path / "adapter")
    change(settings, base_model_name_or_path="somebody/far-away")
    with pytest.raises(UserError, match=r"its base model \(somebody/far-away\) is no folder here; merge it first"):
        open_model(tmp_path / "adapter")
    change(settings, base_model_name_or_path=str(folder), megatron_config={"a": 1}, megatron_core="thing")
    with pytest.raises(UserError, match="has code of its own"):
        open_model(tmp_path / "adapter")
    adapter_of(folder, tmp_path / "other", IA3Config(task_type="CAUSAL_LM"))
    with pytest.raises(UserError, match="only LoRA is merged here"):
        open_model(tmp_path / "other")
