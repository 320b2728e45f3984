"""A new base model: any causal language model that transformers' AutoConfig knows, Llama shape by default."""

import json

import torch
from transformers import CONFIG_MAPPING, AutoConfig, AutoModelForCausalLM

from configs.pipeline.errors import UserError
from train.engine.convolutions import keep_convolutions_apart
from train.settings import PretrainSettings


def new_model(settings: PretrainSettings, tokenizer):
    """A model with random weights drawn from `settings.seed`; vocabulary and context come from the tokenizer."""
    if settings.model_type not in CONFIG_MAPPING:
        raise UserError(f"model_type: transformers knows no {settings.model_type!r}; try llama, gpt2 or qwen3")
    if settings.hidden_size % settings.num_attention_heads:
        raise UserError(
            f"num_attention_heads: {settings.num_attention_heads} does not divide hidden_size {settings.hidden_size}"
        )
    shape = {
        "hidden_size": settings.hidden_size,
        "num_hidden_layers": settings.num_hidden_layers,
        "num_attention_heads": settings.num_attention_heads,
        "max_position_embeddings": tokenizer.model_max_length,
        "vocab_size": len(tokenizer),
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
        "tie_word_embeddings": True,
    } | further_fields(settings)
    torch.manual_seed(settings.seed)
    try:
        model = AutoModelForCausalLM.from_config(AutoConfig.for_model(settings.model_type, **shape))
    except (ValueError, TypeError, KeyError) as error:
        raise UserError(
            f"model_type: {settings.model_type} cannot be built: {' '.join(str(error).split())[:200]}"
        ) from None
    keep_convolutions_apart(model)
    return model.float()


def further_fields(settings: PretrainSettings) -> dict:
    """`model_kwargs` as a mapping, each key held against the model's own configuration."""
    try:
        fields = json.loads(settings.model_kwargs)
        assert isinstance(fields, dict)
    except (ValueError, AssertionError):
        raise UserError(
            f'model_kwargs: expected a mapping such as {{"intermediate_size": 512}}, got {settings.model_kwargs!r}'
        ) from None
    known = AutoConfig.for_model(settings.model_type)
    for name in fields:
        if not hasattr(known, name):  # AutoConfig would take a misspelt key and ignore it
            raise UserError(f"model_kwargs: a {settings.model_type} model has no field {name!r}")
    usual = {
        "num_key_value_heads": settings.num_attention_heads,
        "head_dim": settings.hidden_size // settings.num_attention_heads,
    }
    return {name: value for name, value in usual.items() if hasattr(known, name)} | fields
