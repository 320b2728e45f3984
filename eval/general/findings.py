"""Before two external models are compared: can they be, and what will limit the answer?

Each finding has a name, what was found, and a level: "good", "note" (it changes how to read the numbers) or "warning"
(some numbers will say less than they seem to).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import yaml
from huggingface_hub import metadata_load

from configs.pipeline.stage import read_json
from eval.general.model import ExternalModel, default_system, refuses_system
from eval.page.words import percent
from eval.results import Row
from train.engine.folders import find_base, is_adapter, model_hash

FAR = 3.0  # standard deviations of the norms of embeddings beyond which a token looks untrained
RELATED = 0.5  # mean cosine of embeddings; unrelated trainings give about 0
COMPARED = 4096  # embeddings that the cosine is taken of
BEHAVES_LIKE_INSTRUCT = 0.7  # answer rate of the base on bare text


@dataclass(frozen=True)
class Finding:
    name: str
    found: str
    level: str = "good"


def findings(base: ExternalModel, tuned: ExternalModel) -> list[Finding]:
    """What can be seen before anything is asked."""
    return [
        *wrong_pair(base, tuned),
        vocabulary(base, tuned),
        lineage(base, tuned),
        *(template(lm) for lm in (base, tuned)),
        *untrained(base),
        system_prompt(tuned),
        start_of_text(base, tuned),
        *decoding(base, tuned),
    ]


def wrong_pair(base: ExternalModel, tuned: ExternalModel) -> list[Finding]:
    """Is it one model twice, or the two the wrong way round?"""
    if same_weights(base, tuned):
        found = "both have the same weights, bit by bit: this is one model twice, there is nothing to compare"
    elif is_named(named_parent(base.folder), tuned) or recorded_parent(base.folder) == model_hash(tuned.folder):
        found = "the base's record or card names the tuned model as its parent: BASE= and INSTRUCT= look swapped"
    elif (base.template, tuned.template) == ("own", "borrowed"):
        found = "the base alone has a chat template of its own: BASE= and INSTRUCT= look swapped"
    else:
        return []
    return [Finding("The pair", found, "warning")]


def same_weights(base: ExternalModel, tuned: ExternalModel) -> bool:
    mine, theirs = base.model.state_dict(), tuned.model.state_dict()
    return mine.keys() == theirs.keys() and all(torch.equal(mine[name], theirs[name]) for name in mine)


def is_named(name: str, lm: ExternalModel) -> bool:
    """Whether a card's name of a model is that of this one."""
    return bool(name) and last(name) in (last(lm.source), last(str(lm.folder)))


def last(name: str) -> str:
    return name.rstrip("/").rpartition("/")[2].lower()


def vocabulary(base: ExternalModel, tuned: ExternalModel) -> Finding:
    mine, theirs = base.tokenizer.get_vocab(), tuned.tokenizer.get_vocab()
    shared = mine.keys() & theirs.keys()
    moved = sum(mine[token] != theirs[token] for token in shared)
    rows = [lm.model.get_input_embeddings().num_embeddings for lm in (base, tuned)]
    if mine == theirs and rows[0] == rows[1]:
        return Finding("Vocabulary", f"the same {len(mine)} tokens")
    counts = f"{len(mine)} tokens (base, {rows[0]} rows) and {len(theirs)} ({rows[1]} rows), {len(shared)} in common"
    if base.same_tokens:
        return Finding("Vocabulary", f"{counts}, all with the same numbers: cut to what both know", "note")
    why = f", {moved} of them with other numbers" if moved else ""
    return Finding("Vocabulary", f"{counts}{why}: only whole texts and bits per byte compare", "warning")


def lineage(base: ExternalModel, tuned: ExternalModel) -> Finding:
    """Parent and child? The record or the card says so, and the embeddings show it."""
    alike = similarity(base, tuned)
    shown = f"embeddings alike to {alike:.2f}" if alike is not None else "embeddings of unlike shape"
    says = named_parent(tuned.folder)
    if recorded_parent(tuned.folder) == model_hash(base.folder):
        return Finding("Lineage", f"the tuned model's record or adapter names exactly this base; {shown}")
    if is_named(says, base):
        return Finding("Lineage", f"the tuned model's card names {says}; {shown}")
    told = f"the tuned model's card names {says}, not this base" if says else "no record or card names a parent"
    if alike is not None and alike > RELATED:
        return Finding("Lineage", f"{told}; {shown}, so they are related", "note")
    return Finding("Lineage", f"{told}; {shown}: not a parent and its child, differences have many causes", "warning")


def similarity(base: ExternalModel, tuned: ExternalModel) -> float | None:
    """Mean cosine of the embeddings of the first tokens that both have; None where their widths differ."""
    one, other = (lm.model.get_input_embeddings().weight.detach().float() for lm in (base, tuned))
    if one.shape[1] != other.shape[1]:
        return None
    rows = min(len(one), len(other), COMPARED)
    return float(torch.nn.functional.cosine_similarity(one[:rows], other[:rows]).mean())


def recorded_parent(folder: Path) -> str | None:
    """Hash of the parent: that of an adapter, or the one in a record of ours."""
    if is_adapter(folder):
        return model_hash(find_base(folder))
    if not (folder / "record.json").is_file():
        return None
    return read_json(folder / "record.json").get("identity", {}).get("inputs", {}).get("base")


def named_parent(folder: Path) -> str:
    """`base_model` of the card's header; "" where it names none."""
    try:
        named = (metadata_load(folder / "README.md") or {}).get("base_model") or ""
    except (OSError, ValueError, yaml.YAMLError):
        return ""
    return str(named[0] if isinstance(named, list) else named)


def template(lm: ExternalModel) -> Finding:
    name = f"Chat template of {lm.stage if lm.stage == 'base' else 'the tuned model'}"
    told = {
        "own": "its own",
        "borrowed": "none; borrowed from the other model, and User: / Assistant: as bare text beside it",
        "plain": "none in either model; User: / Assistant: lines are used",
    }
    return Finding(name, told[lm.template], "good" if lm.template == "own" else "note")


def untrained(base: ExternalModel) -> list[Finding]:
    """Template tokens whose embeddings the base hardly ever moved: asked with them, it fails for a trivial reason."""
    if base.template != "borrowed":
        return []
    name = "Tokens of the borrowed template"
    norms = base.model.get_input_embeddings().weight.detach().float().norm(dim=1)
    ids = sorted(set(base.encode("Hm?", "chat")) & set(base.tokenizer.get_added_vocab().values()))
    far = [place for place in ids if abs(norms[place] - norms.mean()) > FAR * norms.std()]
    told = f"{' '.join(base.tokenizer.convert_ids_to_tokens(far))} look untrained: read the bare-text form"
    return [Finding(name, told, "warning") if far else Finding(name, "none of them looks untrained in the base")]


def system_prompt(tuned: ExternalModel) -> Finding:
    name, said = "Default system prompt", default_system(tuned)
    if refuses_system(tuned):
        return Finding(name, "its template takes no system turn: asked without one", "note")
    return Finding(name, f"“{said[:160]}”: asked with and without it", "note") if said else Finding(name, "none")


def start_of_text(*models: ExternalModel) -> Finding:
    """Template and tokenizer may both write it; then every prompt begins with something no text began with."""
    twice = {
        lm.stage for lm in models for form in ("raw", "chat") for start in [lm.tokenizer.bos_token_id]
        if start is not None and lm.encode("Hm?", form)[:2] == [start, start]
    }  # fmt: skip
    told = f"written twice before the prompts of {' and '.join(sorted(twice))}" if twice else "never written twice"
    return Finding("Start of text", told, "warning" if twice else "good")


def decoding(*models: ExternalModel) -> list[Finding]:
    used = "; ".join(f"{lm.stage}: {lm.own_decoding}" for lm in models if lm.own_decoding)
    told = f"all models alike; settings of their own are not used ({used})"
    return [Finding("Decoding", told, "note")] if used else []


def contamination(rows: Sequence[Row]) -> list[Finding]:
    """What the base does with bare text, once it was asked: a base that has read chats behaves like a tuned model."""

    def base_rate(question: str, metric: str, categories: tuple) -> float | None:
        wanted = ("base", "raw", question, metric)
        mine = [
            row.value for row in rows
            if (row.model, row.condition, row.question, row.metric) == wanted and row.category in categories
        ]  # fmt: skip
        return sum(mine) / len(mine) if mine else None

    answers = base_rate("response_types", "answers", ("question", "instruction"))
    refuses = base_rate("refusal", "refuses", ("harmful",))
    if answers is None:
        return []
    told = f"given bare text the base answers {percent(answers)}"
    told += f" and refuses {percent(refuses)} of harmful requests" if refuses is not None else ""
    if answers > BEHAVES_LIKE_INSTRUCT:
        return [Finding("Contamination", f"{told}: it behaves like an instruct model, gaps will be small", "warning")]
    return [Finding("Contamination", told)]


def print_box(found: Sequence[Finding]) -> None:
    """The findings in the terminal; `!` marks a warning, `·` a note."""
    marks = {"good": " ", "note": "·", "warning": "!"}
    width = max(len(one.name) for one in found)
    print("\n  before the comparison")
    for one in found:
        print(f"  {marks[one.level]} {one.name:<{width}}  {one.found}")
    print(flush=True)
