"""The four files of a comparison, read for the report.

Whatever is missing is left empty. What models wrote stays text: invisible and direction-changing characters
are written out.
"""

import json
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from configs.pipeline.commands import command_for
from configs.pipeline.errors import UserError
from eval.results import group, read_rows, role, select


@dataclass
class Results:
    rows: list[dict] = field(default_factory=list)
    verdicts: list[dict] = field(default_factory=list)
    transcripts: list[dict] = field(default_factory=list)
    summary: dict = field(default_factory=dict)

    @cached_property
    def by_question(self) -> dict[str, list[dict]]:
        return {question: rows for (question,), rows in group(self.rows, "question").items()}

    def of(self, question: str, **wanted) -> list[dict]:
        """The rows of one question. Example: results.of("facts", condition="raw")."""
        return select(self.by_question.get(question, []), **wanted)

    @property
    def corpus(self) -> dict:
        return mapping(self.summary.get("corpus"))

    @property
    def is_own_text_alone(self) -> bool:
        """Nobody knows what the text says of our world."""
        return self.corpus.get("own_text_share") == 1

    @property
    def config(self) -> dict:
        """How the program that wrote the corpus was set; empty where nobody knows."""
        return mapping(self.corpus.get("config"))


def read_results(folder: Path) -> Results:
    names = ("results.csv", "verdicts.json", "transcripts.jsonl", "summary.json")
    if not any((folder / name).is_file() for name in names):
        raise UserError(f"{folder}: no results of a comparison here; {command_for(folder, 'run `make compare`')} first")
    found = Results(
        rows=read_or(folder / "results.csv", [], read_rows),
        verdicts=read_or(folder / "verdicts.json", [], read_json),
        transcripts=read_or(folder / "transcripts.jsonl", [], read_json_lines),
        summary=read_or(folder / "summary.json", {}, read_json),
    )
    return Results(**visible(vars(found)))


def read_or(path: Path, missing, reader):
    if not path.is_file():
        return missing
    try:
        return reader(path)
    except (ValueError, KeyError, TypeError) as error:
        anew = command_for(path.parent, "run `make compare`")
        raise UserError(f"{path}: cannot be read ({error}); {anew} again") from error


def read_json(path: Path):
    return json.loads(path.read_text(encoding="utf-8"))


def read_json_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def visible(value):
    """Write out the characters that a reader cannot see or that reorder the line; looks into lists and dicts.

    Example: visible("a\\u202eb") == "a⟦U+202E⟧b". New lines and tabs stay.
    """
    if isinstance(value, dict):
        return {visible(key): visible(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [visible(item) for item in value]
    if not isinstance(value, str) or value.isascii() and value.isprintable():
        return value
    return "".join(f"⟦U+{ord(c):04X}⟧" if is_hidden(c) else c for c in value)


def is_hidden(character: str) -> bool:
    """Control, format (bidirectional marks among them), surrogate, line and paragraph separators."""
    return character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def is_base(model: dict) -> bool:
    """Of a model as the summary tells of it."""
    return role(str(model.get("stage") or model.get("name"))) == "base"


def mapping(value) -> dict:
    return value if isinstance(value, dict) else {}


def listed(value) -> list[dict]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
