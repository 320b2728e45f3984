"""The long table of a comparison: one row for each number measured on one item.

Every figure and every sentence of the report is a view of this table, `results.csv`.

    Row(run_id="tiny", model="sft", stage="sft", seed=0, condition="chat", question="facts",
        metric="correct", item_id="capital:France", cluster_id="France", category="capital", level="known", value=1.0)
"""

import csv
import gzip
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

from configs.pipeline.files import write_whole
from configs.pipeline.stages import causal_models


@dataclass(frozen=True, kw_only=True)
class Row:
    run_id: str  # name of the run folder
    model: str  # base, sft, sft-lora, ...; "runname/sft" when two runs are compared
    stage: str  # the training stage that made the model
    seed: int  # seed of the training
    condition: str  # prompt form: raw | chat | few
    question: str  # what was asked: loss_matrix, facts, response_types, ...
    metric: str  # what was counted: nll, correct, answers, ...
    item_id: str  # the same item has the same id for every model and every prompt form: this is what pairs them
    cluster_id: str = ""
    # items that share a subject or a document rise and fall together; empty: each item is its own cluster
    category: str = ""  # text type, relation or prompt type
    level: str = ""  # a level: "known" or "held_out", a number of demonstrations, ...
    value: float  # nats for nll, 0 or 1 for rates
    n_tokens: int = 0  # tokens behind the value
    meta: str = "{}"  # anything else, as JSON


COLUMNS = tuple(field.name for field in fields(Row))


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write the table; an interrupted write leaves the old file whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, table_of(rows))


def table_of(rows: Iterable[Row]) -> str:
    lines = io.StringIO(newline="")
    table = csv.DictWriter(lines, COLUMNS)
    table.writeheader()
    table.writerows(vars(row) for row in rows)
    return lines.getvalue()


def read_rows(path: Path) -> list[dict]:
    """Read the table: `value` is a float, `seed` and `n_tokens` integers, `meta` a dict, the rest text."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", newline="", encoding="utf-8") as file:
        return [_typed(row) for row in csv.DictReader(file)]


def _typed(row: dict) -> dict:
    numbers = {"value": float(row["value"]), "seed": int(row["seed"]), "n_tokens": int(row["n_tokens"] or 0)}
    return row | numbers | {"meta": json.loads(row["meta"] or "{}")}


def select(rows: Iterable[dict], **wanted) -> list[dict]:
    """Rows whose columns have the wanted values; a tuple, list or set means any of these.

    Example: select(rows, question="facts", model=("base", "sft"))
    """
    any_of = {name: v if isinstance(v, tuple | list | set) else (v,) for name, v in wanted.items()}
    return [row for row in rows if all(row[name] in choices for name, choices in any_of.items())]


def group(rows: Iterable[dict], *columns: str) -> dict[tuple, list[dict]]:
    """Rows gathered by the values of some columns, in the order of first appearance."""
    groups: dict[tuple, list[dict]] = {}
    for row in rows:
        groups.setdefault(tuple(row[column] for column in columns), []).append(row)
    return groups



def role(model: str) -> str:
    """What a model is, whatever run it comes from. Example: role("spaced/sft") == "sft"."""
    return model.rpartition("/")[2]


def in_order(models: Iterable[str]) -> list[str]:
    """Model names without repeats, base first, tuned models after it in the order they are made."""
    known = {name: place for place, name in enumerate(causal_models())}
    unique = dict.fromkeys(models)
    return sorted(unique, key=lambda model: known.get(role(model), len(known)))
