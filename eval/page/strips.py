"""Text token by token: each with a shade, a line under it, and what is told when it is pointed at.

A strip is a line of transcripts.jsonl that has `tokens`. They carry either a rank (what the base model thought of the
tuned model's tokens) or a weight (how much they count in the loss). Shade and line say the same, so that the text can
be read without colour vision.
"""

from collections.abc import Sequence

from eval import figures
from eval.page.reading import listed
from eval.page.transcripts import css_name
from eval.page.words import percent
from eval.results import group, in_order, role
from train.objectives import OBJECTIVES

PROBE_OF = {"token by token": "token_shift", "loss mask": "loss_mask"}  # group of transcripts -> section
ROLES = {"f": "object of a fact", "n": "its subject, or said again", "m": "manner", "s": "structure"}
UNSHIFTED, MARGINAL = 1, 3  # the largest rank of each, as in eval/questions/token_shift/ask.py
LEAST = 0.001  # a probability that is told as a number
LEGENDS = {
    "token_shift": (("r1", "the base's first choice"), ("r2", "its second or third"), ("r4", "shifted: further down")),
    "loss_mask": (("w0", "only read"), ("w1", "counts a little"), ("w2", "in part"), ("w3", "in full")),
}


def strips(transcripts: Sequence[dict], seed: int | None = None) -> dict[str, dict]:
    """Section -> {"items": [{"title", "prompt", "strips"}], "legend"}; of the first seed, unless one is named."""
    lines = [line for line in transcripts if line.get("tokens") and line.get("group") in PROBE_OF]
    if seed is None:
        seed = min((line.get("seed", 0) for line in lines), default=0)
    by_question = group([line for line in lines if line.get("seed", 0) == seed], "group")
    return {(question := PROBE_OF[name]): {"items": items(question, mine), "legend": LEGENDS[question]}
            for (name,), mine in by_question.items()}  # fmt: skip


def items(question: str, lines: Sequence[dict]) -> list[dict]:
    """One for each prompt, a strip for each model; all objectives of the loss mask belong to one conversation."""
    order = in_order([str(line.get("model", "")) for line in lines])
    if question == "loss_mask":
        mine = [strip(question, line) for line in lines if line.get("model") in order[:1]]
        return [{"index": 0, "title": "", "prompt": "", "strips": mine}]
    lines = sorted(lines, key=lambda line: (line.get("index", 0), order.index(str(line.get("model", "")))))
    return [
        {"index": index, "title": "", "prompt": str(same[0].get("prompt", "")),
         "strips": [strip(question, line) for line in same]}
        for (index,), same in group(lines, "index").items()
    ]  # fmt: skip


def strip(question: str, line: dict) -> dict:
    model = str(line.get("model", ""))
    tokens = listed(line["tokens"])
    tell = tell_rank if question == "token_shift" else tell_weight
    name = str(line.get("title", ""))
    title = captioned(name) if question == "loss_mask" else figures.model_name(model)
    shown = [tell(token, place, len(tokens)) for place, token in enumerate(tokens)]
    return {"title": str(title), "role": css_name(role(model)), "tokens": shown, "stopped": line.get("stopped")}


def captioned(objective: str) -> str:
    """Example: captioned("all_tokens") == "all_tokens: the whole conversation"."""
    return f"{objective}: {OBJECTIVES[objective].caption}" if objective in OBJECTIVES else objective


def tell_rank(token: dict, place: int, count: int) -> dict:
    """Example: a token of rank 15 has the class r4, and is told as "“hobby” has rank 15 for the base, ..."."""
    rank, first = token.get("rank", 0), [f"“{visible_token(text)}” {percent(p)}" for text, p in token.get("top", [])]
    shade = "r1" if rank <= UNSHIFTED else "r2" if rank <= MARGINAL else "r4"
    what = ROLES.get(token.get("role", ""), "")
    p = token.get("p") or 0.0
    probable = percent(p) if p >= LEAST else "hardly"
    told = f"has rank {rank} for the base, {probable} probable. It prefers {', '.join(first)}."
    return shown(token, shade, f"{told} ({what})" if what else told, place, count)


def tell_weight(token: dict, place: int, count: int) -> dict:
    """Example: a weight of .3 has the class w2."""
    weight = token.get("weight", 0.0)
    shade = "w0" if weight == 0 else "w1" if weight < 0.1 else "w2" if weight < 0.9 else "w3"
    told = "counts in full" if weight == 1 else f"counts {weight:.2g}" if weight else "is read, and does not count"
    return shown(token, shade, told + ".", place, count)


def shown(token: dict, shade: str, told: str, place: int, count: int) -> dict:
    text = str(token.get("text", ""))
    if not text:  # a control token
        text = "⟨start⟩" if place == 0 and count > 1 else "⟨end⟩"
    said = text.lstrip(" ")  # the blank before a word stands outside of its shade, so that words stay apart
    before = text[: len(text) - len(said)] if said else ""
    said, after = said.rstrip("\n"), "\n" * said.endswith("\n")
    tip = f"“{visible_token(text)}” {told}"
    return {"before": before, "text": said + "↵" * bool(after) or "␣", "after": after, "shade": shade, "tip": tip}


def visible_token(text: str) -> str:
    return str(text).replace("\n", "↵").strip() or "␣"
