"""New models: a base of any type that transformers' AutoConfig knows; a reward model from a causal one."""

import json
from collections.abc import Collection
from copy import deepcopy
from pathlib import Path

import torch
from peft import LoraConfig
from safetensors.torch import load_file
from transformers import CONFIG_MAPPING, AutoConfig, AutoModelForCausalLM, AutoModelForSequenceClassification
from transformers.modeling_layers import GenericForSequenceClassification

from configs.pipeline.errors import UserError
from configs.pipeline.stage import open_finished
from data.chats import load_tokenizer, padding_id
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


def lora_adapter(settings) -> LoraConfig | None:
    """A low-rank adapter on every linear map of the blocks (Hu et al. 2021, arXiv 2106.09685); None for all weights."""
    if settings.weights != "lora":
        return None
    return LoraConfig(
        r=settings.lora_rank, lora_alpha=settings.lora_alpha, target_modules="all-linear", task_type="CAUSAL_LM"
    )


def reward_padding(tokenizer, stops: Collection[int]) -> int:
    """What a reward model is padded with: never a stop token, since it is read at the last token that is no padding."""
    known = (padding_id(tokenizer), tokenizer.unk_token_id, tokenizer.bos_token_id, *range(len(stops) + 1))
    return next(one for one in known if one is not None and one not in stops)


def reward_model(policy, padding: int, seed: int):
    """The body of a causal model under a new head: one number for a text, read at its last token."""
    config = deepcopy(policy.config)
    config.num_labels, config.pad_token_id = 1, padding
    torch.manual_seed(seed)
    model = classifier_of(policy)(config).float()
    getattr(model, model.base_model_prefix).load_state_dict(getattr(policy, policy.base_model_prefix).state_dict())
    return model


def classifier_of(policy) -> type:
    """The library's class of this architecture; some, lfm2 among them, have none, and get the generic head."""
    known = AutoModelForSequenceClassification._model_mapping
    if type(policy.config) in known:
        return known[type(policy.config)]
    family = next(kind for kind in type(policy).__mro__ if kind.__name__.endswith("PreTrainedModel"))
    name = type(policy).__name__.replace("ForCausalLM", "ForSequenceClassification")
    return type(name, (GenericForSequenceClassification, family), {})


def open_reward_model(folder: Path):
    """(a reward model of ours, its tokenizer). Raises UserError for a folder that is damaged or unfinished."""
    open_finished(folder, "reward model")
    config, tokenizer = AutoConfig.from_pretrained(str(folder)), load_tokenizer(folder)
    policy = AutoModelForCausalLM.from_config(config)
    model = reward_model(policy, config.pad_token_id, seed=0)
    model.load_state_dict(load_file(folder / "model.safetensors"))
    return model.eval(), tokenizer
