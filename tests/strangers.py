"""External models, which know nothing of the miniature web: three architectures, each with a tokenizer of another kind.

A test file that asks for them says `gpt2, llama, bloom = strangers.gpt2, strangers.llama, strangers.bloom`.
"""

from functools import cache
from pathlib import Path

import pytest
import torch
from conftest import DOCUMENTS
from tokenizers import Tokenizer, decoders, normalizers, pre_tokenizers, processors, trainers
from tokenizers import models as kinds
from transformers import (
    BloomConfig,
    BloomForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
)

from eval.general.model import lend_templates, open_external
from eval.general.prompts import pages

CHATML = (
    "{% if messages[0]['role'] != 'system' %}<|im_start|>system\nYou are a kind and helpful little helper<|im_end|>\n"
    "{% endif %}{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
TEXTS = [*DOCUMENTS, *(text for _, text in pages())]


def byte_level() -> Tokenizer:
    """As GPT-2 has it: no start-of-text before a text, no mark but the end."""
    tokenizer = Tokenizer(kinds.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=500, special_tokens=["<|end|>"], initial_alphabet=alphabet)
    tokenizer.train_from_iterator(TEXTS, trainer)
    return tokenizer


@cache
def unigram() -> Tokenizer:
    """As SentencePiece models have it: a mark before every word, the first one too, and a start of text."""
    tokenizer = Tokenizer(kinds.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    special = ["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"]
    trainer = trainers.UnigramTrainer(vocab_size=400, special_tokens=special, unk_token="<unk>")
    tokenizer.train_from_iterator(TEXTS, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return tokenizer


def wordpiece() -> Tokenizer:
    tokenizer = Tokenizer(kinds.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(vocab_size=400, special_tokens=["[UNK]", "[PAD]", "[EOS]"])
    tokenizer.train_from_iterator(TEXTS, trainer)
    return tokenizer


def saved(folder: Path, model_type, config, tokenizer: Tokenizer, template: str = "", **special: str) -> Path:
    torch.manual_seed(0)
    wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special)
    if template:
        wrapped.chat_template = template
    wrapped.save_pretrained(folder)
    model = model_type(config(wrapped))
    if model.can_generate():
        model.generation_config.eos_token_id = wrapped.eos_token_id
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory) -> Path:
    return saved(
        tmp_path_factory.mktemp("hub") / "gpt2", GPT2LMHeadModel,
        lambda t: GPT2Config(vocab_size=len(t), n_positions=256, n_embd=32, n_layer=2, n_head=2),
        byte_level(), bos_token="<|end|>", eos_token="<|end|>",
    )  # fmt: skip


@pytest.fixture(scope="module")
def llama(tmp_path_factory) -> Path:
    return make_llama(tmp_path_factory.mktemp("hub") / "llama-chat")


def make_llama(folder: Path, template: str = CHATML, end: str = "<|im_end|>") -> Path:
    folder = saved(
        folder, LlamaForCausalLM,
        lambda t: LlamaConfig(vocab_size=len(t), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
                              num_attention_heads=2, max_position_embeddings=384),
        unigram(), template, bos_token="<s>", eos_token=end, unk_token="<unk>",
    )  # fmt: skip
    (folder / "README.md").write_text("---\nbase_model: somebody/llama\n---\n# A card\n")
    return folder


@pytest.fixture(scope="module")
def bloom(tmp_path_factory) -> Path:
    """Its attention knows no positions, so branches cannot be scored beside their path."""
    return saved(
        tmp_path_factory.mktemp("hub") / "bloom", BloomForCausalLM,
        lambda t: BloomConfig(vocab_size=len(t), hidden_size=32, n_layer=2, n_head=2, seq_length=256),
        wordpiece(), eos_token="[EOS]", pad_token="[PAD]", unk_token="[UNK]",
    )  # fmt: skip


def opened(stage: str, folder: Path):
    return open_external(stage, folder, str(folder), "t", 16, "cpu")


def lent(base: Path, tuned: Path) -> tuple:
    models = opened("base", base), opened("sft", tuned)
    lend_templates(*models)
    return models


@pytest.fixture
def doors(gpt2, llama):
    return lent(gpt2, llama)
