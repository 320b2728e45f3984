"""Opening a model folder: ours are verified by their manifest, any other Hugging Face folder by trying."""

import warnings
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM
from transformers.utils import logging

from configs.errors import UserError
from configs.remedies import remedy
from configs.stage import MANIFEST, open_finished
from data.chats import load_tokenizer


def open_model(folder: Path):
    """(model in fp32, tokenizer) of a local folder. Raises UserError if it is missing, damaged or inconsistent."""
    another = "name the folder of a causal model with config.json and .safetensors"
    if (folder / MANIFEST).is_file():
        open_finished(folder, "model")
    elif not (folder / "config.json").is_file():
        raise UserError(f"no model at {folder}; {remedy(folder, another)}")
    elif not any(folder.glob("*.safetensors")):
        raise UserError(
            f"{folder} holds no .safetensors file (pickled weights are not opened); {remedy(folder, another)}"
        )
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    tokenizer = load_tokenizer(folder)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model, loading = AutoModelForCausalLM.from_pretrained(
                str(folder), dtype=torch.float32, output_loading_info=True
            )
    except Exception as error:  # the libraries raise their own kinds for a cut file, a wrong shape, an unknown type
        raise UserError(
            f"{folder}: this model cannot be read ({' '.join(str(error).split())[:160]}); "
            + remedy(folder, another, force=True)
        ) from None
    if missing := [*loading["missing_keys"], *loading["mismatched_keys"]]:
        raise UserError(f"{folder}: the weights lack {len(missing)} tensors of this model, {missing[0]} among them")
    align(model)
    rows = model.get_input_embeddings().num_embeddings
    if len(tokenizer) > rows:
        raise UserError(
            f"{folder}: the tokenizer has {len(tokenizer)} tokens, the model only {rows}: it belongs to another model"
        )
    return model, tokenizer


def align(model) -> None:
    """Move the weights to memory of torch's own alignment.

    They lie in the mapped file, 8 bytes off a cache line, and there two runs of a matrix product may differ in the
    last bit (seen: one resumed run in four).
    """
    for parameter in model.parameters():
        parameter.data = parameter.data.clone()


def context_length(model, tokenizer) -> int:
    """The longest sequence that both the model and its tokenizer take, in tokens."""
    longest = getattr(model.config, "max_position_embeddings", None) or getattr(model.config, "n_positions", None)
    return min(longest or 1 << 30, tokenizer.model_max_length)
