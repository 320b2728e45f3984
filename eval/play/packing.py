"""A model folder as the page needs it: its shape, its weights in bf16 or int8, its tokenizer, its chat form.

    packed, data = pack_model(Path("checkpoints/tiny/seed0/sft"), "bf16")

The page knows decoders with rotary positions, RMS norms and gated SiLU layers, with short convolutions or without, and
byte-level BPE. For anything else there is one clear line.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

import torch

from configs.pipeline.errors import UserError
from data.chats import encode_prompt, encode_text, padding_id
from data.templates import render, with_chat_template
from train.engine.checkpoints import context_length, open_model, stop_ids
from train.engine.writing import write_rows

ATTENTION = {"q": "self_attn.q_proj", "k": "self_attn.k_proj", "v": "self_attn.v_proj", "o": "self_attn.o_proj"}
GATED = {"mlpNorm": "post_attention_layernorm", "gate": "mlp.gate_proj", "up": "mlp.up_proj", "down": "mlp.down_proj"}
LLAMA = {"attention": {"norm": "input_layernorm"} | ATTENTION | GATED}
LFM2_MLP = {"norm": "operator_norm", "mlpNorm": "ffn_norm", "gate": "feed_forward.w1", "up": "feed_forward.w3",
            "down": "feed_forward.w2"}  # fmt: skip
LFM2 = {
    "attention": LFM2_MLP | ATTENTION | {
        "o": "self_attn.out_proj", "qNorm": "self_attn.q_layernorm", "kNorm": "self_attn.k_layernorm"
    },
    "conv": LFM2_MLP | {"in": "conv.in_proj", "kernel": "conv.conv", "out": "conv.out_proj"},
}  # fmt: skip
QWEN3 = {"attention": LLAMA["attention"] | {"qNorm": "self_attn.q_norm", "kNorm": "self_attn.k_norm"}}
# what the page calls each part of a layer -> the library's name; the last norm
ARCHITECTURES = {
    "lfm2": (LFM2, "embedding_norm"), "llama": (LLAMA, "norm"), "mistral": (LLAMA, "norm"), "qwen3": (QWEN3, "norm"),
}  # fmt: skip
INNER = ("feed_forward.w1.weight", "mlp.gate_proj.weight")
MOST_PARAMETERS = 30_000_000
MOST_CONTEXT = 1024  # tokens: of a model that reads more the page remembers so many
INT8_STEPS = 127
PROBES = ("Is it raining?", "It is.", "And now?", "No longer.", "Good.")
OURS = ("User:", "Assistant:", "System:")


@dataclass
class Weights:
    """Tensors one after another, each at a multiple of 8 bytes."""

    kind: str
    # of matrices: bf16 or int8; vectors and kernels of convolutions are fp32
    data: bytearray = field(default_factory=bytearray)

    def add(self, tensor: torch.Tensor) -> dict:
        """Append a tensor; where it lies, as the page reads it."""
        tensor = tensor.detach().float().cpu()
        told = {"kind": "fp32", "shape": list(tensor.shape)}
        if tensor.dim() != 2:
            return told | {"at": self.append(tensor.flatten())}
        if self.kind == "bf16":
            return told | {"kind": "bf16", "at": self.append(tensor.to(torch.bfloat16).view(torch.int16))}
        scales, steps = int8_of(tensor)
        return told | {"kind": "int8", "at": self.append(steps), "scales": self.append(scales)}

    def append(self, tensor: torch.Tensor) -> int:
        self.data += bytes(-len(self.data) % 8)
        at = len(self.data)
        self.data += tensor.contiguous().numpy().tobytes()
        return at


def int8_of(matrix: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(a scale for each row, the matrix in steps of it). Shapes: (rows,), (rows, columns)."""
    scales = matrix.abs().amax(1).clamp(min=1e-12) / INT8_STEPS
    return scales, (matrix / scales[:, None]).round().to(torch.int8)


def rounded(tensor: torch.Tensor, kind: str) -> torch.Tensor:
    """The same numbers as the page computes with: only matrices are rounded."""
    if tensor.dim() != 2:
        return tensor
    if kind == "bf16":
        return tensor.to(torch.bfloat16).float()
    scales, steps = int8_of(tensor)
    return steps.float() * scales[:, None]


def open_to_talk(folder: Path):
    """(model, tokenizer, whether its chat form is ours, since it brings none)."""
    model, tokenizer = open_model(folder)
    return model, *with_chat_template(tokenizer)


def same_text(folder: Path, kind: str, prompts: list[tuple[str, str]], max_new_tokens: int = 64) -> int:
    """Of how many prompts, (form, text), the greedy continuation is the same with weights rounded as in the page."""
    model, tokenizer, _ = open_to_talk(folder)
    start = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
    rows = [encode_prompt(tokenizer, [{"role": "user", "content": text}]) if form == "chat"
            else start + encode_text(tokenizer, text) for form, text in prompts]  # fmt: skip
    how = (max_new_tokens, 0.0, stop_ids(model, tokenizer), padding_id(tokenizer))
    exact = write_rows(model.eval(), rows, *how)
    model.load_state_dict({name: rounded(weight, kind) for name, weight in model.state_dict().items()})
    return sum(one == other for one, other in zip(exact, write_rows(model, rows, *how), strict=True))


def pack_model(folder: Path, kind: str) -> tuple[dict, bytes]:
    """(the shape, the tokenizer, the forms and where each tensor lies; the weights) of a model folder.

    Raises UserError for a model that the page cannot compute, and says why.
    """
    model, tokenizer, takes_our_form = open_to_talk(folder)
    names, last_norm = check_shape(folder, model)
    weights, tensors = Weights(kind), dict(model.state_dict())
    layers = []
    for number, layer in enumerate(model.model.layers):
        layer_kind = "conv" if hasattr(layer, "conv") else "attention"
        parts = {one: tensors[f"model.layers.{number}.{name}.weight"] for one, name in names[layer_kind].items()}
        if "kernel" in parts:
            parts["kernel"] = parts["kernel"].squeeze(1).flatten().view(-1, 1, model.config.conv_L_cache)
        layers.append({"kind": layer_kind} | {one: weights.add(tensor) for one, tensor in parts.items()})
    embedded, head = tensors["model.embed_tokens.weight"], tensors["lm_head.weight"]
    packed = {
        "config": shape_of(model, tokenizer), "layers": layers, "embed": weights.add(embedded),
        "norm": weights.add(tensors[f"model.{last_norm}.weight"]),
        "head": None if torch.equal(embedded, head) else weights.add(head),
        "tokenizer": pack_tokenizer(folder, tokenizer), "chat": pack_form(folder, tokenizer),
        "start": tokenizer.bos_token or "", "takes_our_form": takes_our_form,
    }  # fmt: skip
    return packed, bytes(weights.data)


def check_shape(folder: Path, model) -> tuple[dict, str]:
    """The names of its parts. Raises UserError."""
    config = model.config
    if config.model_type not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise UserError(f"{folder}: the page computes {known}, and this is a {config.model_type} model")
    if (count := sum(one.numel() for one in model.parameters())) > MOST_PARAMETERS:
        raise UserError(f"{folder}: {count:,} parameters; the page takes up to {MOST_PARAMETERS:,}")
    rope = getattr(config, "rope_parameters", None) or {}
    window, most = getattr(config, "sliding_window", None) or 0, min(config.max_position_embeddings, MOST_CONTEXT)
    unknown = {
        "rope_type": rope.get("rope_type", "default") != "default",
        "hidden_act": getattr(config, "hidden_act", "silu") != "silu",
        "sliding_window": getattr(config, "use_sliding_window", True) and 0 < window < most,
        "a bias": any(name.endswith("bias") for name, _ in model.named_parameters()),
    }
    if any(unknown.values()):
        what = ", ".join(name for name, is_there in unknown.items() if is_there)
        raise UserError(f"{folder}: the page does not know what this model has: {what}")
    return ARCHITECTURES[config.model_type]


def shape_of(model, tokenizer) -> dict:
    config = model.config
    heads = config.num_attention_heads
    inner = next(len(weight) for name, weight in model.named_parameters() if name.endswith(INNER))
    return {
        "hidden": config.hidden_size, "heads": heads, "kvHeads": config.num_key_value_heads,
        "headSize": getattr(config, "head_dim", None) or config.hidden_size // heads,
        "inner": inner,
        "eps": getattr(config, "rms_norm_eps", None) or config.norm_eps,
        "ropeTheta": config.rope_parameters["rope_theta"],
        "context": min(context_length(model, tokenizer), MOST_CONTEXT), "stops": stop_ids(model, tokenizer),
    }  # fmt: skip


def pack_tokenizer(folder: Path, tokenizer) -> dict:
    """Vocabulary, merges and how text is cut before them. Raises UserError for anything but byte-level BPE."""
    told = json.loads(tokenizer.backend_tokenizer.to_str())
    before, model = told["pre_tokenizer"] or {}, told["model"]
    steps = before.get("pretokenizers", [before])
    splits_digits = steps[0].get("type") == "Digits" and bool(steps[0].get("individual_digits"))
    last = steps[-1]
    is_known = (
        model["type"] == "BPE" and not told["normalizer"] and len(steps) == 1 + splits_digits
        and last.get("type") == "ByteLevel" and last.get("use_regex") and not last.get("add_prefix_space")
        and not model.get("ignore_merges") and not model.get("dropout")
    )  # fmt: skip
    if not is_known:
        raise UserError(f"{folder}: the page knows byte-level BPE tokenizers as GPT-2 has them; this one is another")
    ids = model["vocab"] | {one["content"]: one["id"] for one in told["added_tokens"]}
    tokens = [""] * (max(ids.values()) + 1)
    for token, number in ids.items():
        tokens[number] = token
    merges = [pair if isinstance(pair, str) else " ".join(pair) for pair in model["merges"]]
    special = sorted(one["id"] for one in told["added_tokens"])
    return {"tokens": tokens, "merges": merges, "special": special, "splitsDigits": splits_digits}


def pack_form(folder: Path, tokenizer) -> dict:
    """The chat form in four strings, and what is done to a turn: start, turn, (answer, turn, next, turn)*, end.

    Raises UserError for a chat template that cannot be told so.
    """

    def written(count: int) -> str:
        turns = [{"role": "user" if n % 2 == 0 else "assistant", "content": PROBES[n]} for n in range(count)]
        return render(tokenizer, turns, add_generation_prompt=True)

    start, _, end = written(1).partition(PROBES[0])
    answer, _, rest = written(3).removeprefix(start + PROBES[0]).partition(PROBES[1])
    following = rest.partition(PROBES[2])[0]
    said = render(tokenizer, [{"role": "user", "content": " a \nUser: b\n"}], add_generation_prompt=True)
    form = {
        "start": start, "answer": answer, "next": following, "end": end,
        "strips": said != start + " a \nUser: b\n" + end, "indented": list(OURS) if "a \n User: b" in said else [],
    }  # fmt: skip
    between = [start, answer, following, answer, following]
    again = "".join(piece + said for piece, said in zip(between, PROBES, strict=True)) + end
    if again != written(5):
        raise UserError(f"{folder}: its chat template does not write every turn alike, so the page cannot write chats")
    return form
