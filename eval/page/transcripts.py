"""What the models wrote, side by side: chosen by fixed index, base first."""

from collections.abc import Sequence

from configs.pipeline.stages import causal_models
from eval import figures
from eval.results import group, in_order, role


def transcript_groups(transcripts: Sequence[dict]) -> list[dict]:
    """[{"name", "items": [{"title", "panes", "more"}]}]: panes side by side, other prompt forms in more.

    Of several trainings the first is shown; lines with tokens stand elsewhere (eval/page/strips.py).
    """
    first = min((line.get("seed", 0) for line in transcripts), default=0)
    transcripts = [{"group": "", "index": 0} | line for line in transcripts
                   if "tokens" not in line and line.get("seed", 0) == first]  # fmt: skip
    return [{"name": name, "items": transcript_items(same)} for (name,), same in group(transcripts, "group").items()]


def transcript_items(lines: Sequence[dict]) -> list[dict]:
    items = []
    for (index,), same in group(lines, "index").items():
        panes = [pane(line) for line in sorted(same, key=pane_order(same))]
        main = {pane["model"]: pane for pane in reversed(panes)}
        front = [pane for pane in panes if main[pane["model"]] is pane]
        title = next((line["title"] for line in same if line.get("title")), "")
        more = [pane for pane in panes if pane not in front]
        items.append({"index": index, "title": title, "panes": front, "more": more})
    return items


def pane_order(lines: Sequence[dict]):
    """Base first; of each model first the form it was made for: raw text for base, chat for tuned models."""
    models = in_order(str(line.get("model", "")) for line in lines)

    def key(line: dict) -> tuple:
        model, form = str(line.get("model", "")), line.get("condition", "")
        made_for = "raw" if role(model) == "base" else "chat"
        return models.index(model), form != made_for, form

    return key


def pane(line: dict) -> dict:
    model, form = str(line.get("model", "")), str(line.get("condition", ""))
    return {
        "model": model, "role": css_name(role(model)), "name": figures.model_name(model),
        "form": figures.FORMS.get(form, form), "prompt": str(line.get("prompt", "")),
        "output": str(line.get("output", "")), "stopped": line.get("stopped"),
    }  # fmt: skip


def css_name(name: str) -> str:
    """Only names that the style sheet knows become class names."""
    return name if name in causal_models() else "other"
