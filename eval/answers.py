"""What a question brings back: rows of the long table, and transcripts for reading."""

import json
from dataclasses import dataclass, field

from eval.lm import Completion, LanguageModel
from eval.prompts import Prompt
from eval.results import Row


@dataclass
class Answers:
    """What came of asking; answers add up."""

    rows: list[Row] = field(default_factory=list)
    transcripts: list[dict] = field(default_factory=list)

    def __add__(self, other: "Answers") -> "Answers":
        return Answers(self.rows + other.rows, self.transcripts + other.transcripts)


def row(lm: LanguageModel, condition: str, question: str, metric: str, item_id: str, value: float, **columns) -> Row:
    """A row of the long table; `meta` may be a dict."""
    meta = json.dumps(columns.pop("meta", {}), ensure_ascii=False)
    return Row(
        run_id=lm.run, model=lm.name, stage=lm.stage, seed=lm.seed, condition=condition, question=question,
        metric=metric, item_id=item_id, value=float(value), meta=meta, **columns,
    )  # fmt: skip


def level(lm: LanguageModel, prompt: Prompt) -> str:
    """Whether an instruction pair may speak of what is asked; "" of a model whose pairs nobody knows."""
    return "" if lm.is_external else "held_out" if prompt.held_out else "known"


def transcript(lm: LanguageModel, condition: str, group: str, index: int, prompt: str, completion: Completion) -> dict:
    """One exchange as it will stand in the report."""
    return {
        "index": index, "group": group, "title": f"{group} {index + 1}", "condition": condition, "model": lm.name,
        "seed": lm.seed, "prompt": prompt, "output": completion.text, "stopped": completion.stopped,
    }  # fmt: skip
