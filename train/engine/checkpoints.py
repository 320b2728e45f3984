"""The one way to open a model folder, for tuning, comparing and talking alike: a whole causal model, or one line.

Ours are verified by their manifest, any other Hugging Face folder by its files (folders.py beside this one), by what
the library finds in it, and by what the model does.
"""

import warnings
from pathlib import Path

import torch
from peft import LoraConfig, PeftConfig, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
from transformers.utils import logging

from configs.pipeline.commands import command_for
from configs.pipeline.errors import UserError
from configs.pipeline.stage import MANIFEST, open_finished
from data.chats import encode_text, has_own_code, load_tokenizer, own_code
from data.templates import with_learnable_template
from train.engine.convolutions import keep_convolutions_apart
from train.engine.folders import ANOTHER, check_folder, find_base, is_adapter

# how the name of an architecture ends -> what it is
OTHER_KINDS = {
    "ForMaskedLM": "a masked model, which reads text both ways",
    "ForPreTraining": "a masked model, which reads text both ways",
    "ForConditionalGeneration": "an encoder-decoder model, or one that reads more than text",
    "ForSequenceClassification": "a classifier",
    "ForTokenClassification": "a classifier",
    "ForQuestionAnswering": "a classifier",
}
PREFIXES = {
    "_orig_mod.": "a compiled model had been saved; save its _orig_mod instead",
    "module.": "a model in a wrapper had been saved; save its module instead",
    "base_model.model.": "a model with an adapter had been saved; save it after merge_and_unload",
    "model.": "a model in a wrapper had been saved; save the model inside",
}
# what is taken over of how a model wants to write; other ways need code from elsewhere, or return something else
SAMPLING = ("do_sample", "temperature", "top_p", "top_k", "repetition_penalty", "no_repeat_ngram_size", "min_p")
WRITING = ("bos_token_id", "eos_token_id", "pad_token_id", "use_cache", "cache_implementation", *SAMPLING)
SAME = 1e-4  # of the spread of the logits: what two passes over the same beginning may differ by


def open_model(folder: Path):
    """(model in fp32, tokenizer) of a local folder; an adapter is merged into its base.

    Raises UserError for what is missing, damaged or inconsistent, has code of its own or is no causal language model.
    """
    if (folder / MANIFEST).is_file():
        open_finished(folder, "model")
    check_folder(folder)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    if is_adapter(folder):
        model, tokenizer = open_adapted(folder)
    else:
        check_kind(folder)
        tokenizer = load_tokenizer(folder)
        model = load_weights(folder)
        align(model)
    keep_convolutions_apart(model)
    if not (folder / MANIFEST).is_file():
        keep_to_plain_writing(model)
    check_finite(model, folder)
    check_tokens(model, tokenizer, folder)
    check_causal(model, tokenizer, folder)
    return model, tokenizer


def open_tuned_model(folder: Path):
    """`open_model` of one that learns from feedback on what it answers in chat.

    Raises UserError where its chat template is missing or does not tell answers apart, and for an adapter: the trainers
    would take its base for what it is held against.
    """
    if is_adapter(folder):
        raise UserError(f"{folder} is an adapter; merge it into its base first (peft: merge_and_unload)")
    model, tokenizer = open_model(folder)
    tokenizer, why = with_learnable_template(tokenizer)
    if why:
        raise UserError(
            f"{folder}: {why}, so it cannot be taught in the form in which it was taught to answer; put its "
            "chat_template.jinja beside it, or tune it here first, with make sft BASE="
        )
    return model, tokenizer


def check_kind(folder: Path) -> None:
    """Raise UserError unless the configuration is that of a causal language model which the library itself knows."""
    try:
        config = AutoConfig.from_pretrained(str(folder), trust_remote_code=False)
    except Exception as error:  # unknown types and wrong values raise kinds of their own
        raise own_code(folder) if has_own_code(folder) else cannot_be_read(folder, error) from None
    known = MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    causal = {name for names in known.values() for name in ([names] if isinstance(names, str) else names)}
    made_as = config.architectures or []
    headless = [name for name in made_as if name.endswith("Model") and not name.endswith("LMHeadModel")]
    if config.model_type in known and (not made_as or causal & set(made_as) or headless):
        return
    what = next((said for name in made_as for end, said in OTHER_KINDS.items() if name.endswith(end)), "another kind")
    raise UserError(
        f"{folder}: {' '.join(made_as) or config.model_type} is {what}, not a causal language model; "
        + command_for(folder, ANOTHER)
    )


def cannot_be_read(folder: Path, error: Exception) -> UserError:
    words = " ".join(str(error).split())[:160] or type(error).__name__
    return UserError(f"{folder}: this model cannot be read ({words}); " + command_for(folder, ANOTHER, force=True))


def load_weights(folder: Path):
    """The model in fp32. Raises UserError unless configuration and weights name exactly the same tensors."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model, loading = AutoModelForCausalLM.from_pretrained(
                str(folder),
                dtype=torch.float32,
                output_loading_info=True,
                ignore_mismatched_sizes=True,  # they are told below, by name
                trust_remote_code=False,
                use_safetensors=True,
            )
    except Exception as error:  # the libraries raise their own kinds for a wrong value, an unknown type
        raise own_code(folder) if has_own_code(folder) else cannot_be_read(folder, error) from None
    check_complete(folder, *(sorted(loading[f"{what}_keys"]) for what in ("missing", "unexpected", "mismatched")))
    return model


def check_complete(folder: Path, missing: list[str], unexpected: list[str], mismatched: list[tuple]) -> None:
    """Raise UserError unless each tensor of the model stood in the file, and none beside them."""
    other = "the weights belong to another config.json"
    if mismatched:
        name, found, wanted = mismatched[0]
        raise UserError(f"{folder}: {name} is {list(found)} in the weights, {list(wanted)} in config.json: {other}")
    if missing:
        wrapped = [
            f"they are named {prefix}*, as if {why}"
            for prefix, why in PREFIXES.items()
            if any(prefix + key in unexpected for key in missing)
        ]
        raise UserError(
            f"{folder}: the weights lack {len(missing)} tensors of this model, {missing[0]} among them; "
            + (wrapped[0] if wrapped else command_for(folder, ANOTHER))
        )
    if unexpected:
        raise UserError(
            f"{folder}: the weights hold {len(unexpected)} tensors that this model has no place for, {unexpected[0]} "
            f"among them: {other}, and only part of them would be used"
        )


def open_adapted(folder: Path):
    """(the base with the adapter merged into it, tokenizer). Raises UserError where they do not belong together."""
    base = find_base(folder)
    model, tokenizer = open_model(base)
    try:
        config = PeftConfig.from_pretrained(str(folder))
        if not isinstance(config, LoraConfig):
            raise UserError(f"{folder} is an adapter of kind {config.peft_type}; only LoRA is merged here")
        # the weights come from the file; what would prepare them otherwise (a decomposition, a download) is left out
        config.init_lora_weights, config.inference_mode = True, True
        adapted = get_peft_model(model, config)
        found = set_peft_model_state_dict(adapted, load_file(folder / "adapter_model.safetensors"))
        lacking = [key for key in found.missing_keys if "lora_" in key]
        if lacking or found.unexpected_keys:
            raise UserError(f"{folder} belongs to another model than {base}: {[*lacking, *found.unexpected_keys][0]}")
        model = adapted.merge_and_unload().requires_grad_(True)  # peft had frozen the base
    except UserError:
        raise
    except Exception as error:  # unknown kinds, shapes of another model, settings of another version
        raise cannot_be_read(folder, error) from None
    if (folder / "tokenizer_config.json").is_file():
        tokenizer = load_tokenizer(folder)
    return model, tokenizer


def keep_to_plain_writing(model) -> None:
    """Of a generation configuration keep what every model may have, and of its stop tokens those that there are."""
    own, rows = model.generation_config, model.get_input_embeddings().num_embeddings
    kept = {name: value for name in WRITING if (value := getattr(own, name, None)) is not None}
    stops = kept.pop("eos_token_id", None)
    known = [stop for stop in (stops if isinstance(stops, list) else [stops]) if stop in range(rows)]
    kept["eos_token_id"] = known if len(known) > 1 else known[0] if known else None
    model.generation_config = GenerationConfig(**kept)


def check_finite(model, folder: Path) -> None:
    """Raise UserError if a weight is NaN or infinite as it comes: no learning rate is to blame for that."""
    for name, value in model.named_parameters():
        if not value.isfinite().all():
            raise UserError(f"{folder}: the weights came with NaN or infinite values, in {name}; copy or make it again")


def check_tokens(model, tokenizer, folder: Path) -> None:
    """Raise UserError unless the tokenizer reads text and the model has a row for each of its tokens."""
    if not encode_text(tokenizer, "a word"):  # some types make an empty tokenizer where no file of one is found
        raise UserError(f"{folder}: no tokenizer that reads text; {ANOTHER}")
    rows, highest = model.get_input_embeddings().num_embeddings, max(tokenizer.get_vocab().values())
    if highest >= rows:
        raise UserError(
            f"{folder}: the tokenizer counts its tokens up to {highest}, the model has rows for {rows} (0 to "
            f"{rows - 1}): it belongs to another model; {ANOTHER}"
        )


@torch.no_grad()
def check_causal(model, tokenizer, folder: Path) -> None:
    """Raise UserError if a later token changes what is expected before it: then it is no causal model."""
    ids = encode_text(tokenizer, "The cat sat on the mat, and the dog lay beside it.")
    ids = (ids * 2)[: min(16, context_length(model, tokenizer))]
    changed = ids[:-1] + [next((other for other in ids if other != ids[-1]), 0)]
    one, other = (model(input_ids=torch.tensor([row])).logits[0, :-1] for row in (ids, changed))
    if float((one - other).abs().max()) > SAME * float(one.std()):
        raise UserError(
            f"{folder}: a later word changes what it expects before it, so it is no causal language model; {ANOTHER}"
        )


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


def stop_ids(model, tokenizer) -> list[int]:
    """What ends an answer: the stop tokens of the generation configuration, and the tokenizer's end of text."""
    own = model.generation_config.eos_token_id
    own = [own] if isinstance(own, int) else own or []
    return list(dict.fromkeys([*own, tokenizer.eos_token_id]))
