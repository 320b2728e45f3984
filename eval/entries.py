"""The models of a comparison: which there are, and which base each tuned one was made from."""

from dataclasses import dataclass, replace
from pathlib import Path

from configs.errors import UserError
from configs.schema import CompareSettings
from configs.stage import MANIFEST, RECORD, content_hash, read_json

STAGES = ("base", "sft", "sft-lora")


@dataclass(frozen=True)
class Entry:
    """One model of the comparison, and the run whose text and pairs it is held against."""

    name: str
    run: str
    stage: str
    seed: int
    folder: Path
    content: str  # hash of its files
    base: "Entry | None" = None  # what it was tuned from, where that is part of the comparison


def find_models(settings: CompareSettings) -> list[Entry]:
    """Every finished model of the runs and seeds. Raises UserError if a run has no base and no tuned model at all."""
    runs = settings.runs.split() or [settings.run]
    entries = []
    for run in runs:
        for seed in settings.seeds.split():
            folder = Path(settings.workspace) / "checkpoints" / run / f"seed{seed}"
            found = [stage for stage in STAGES if (folder / stage / MANIFEST).is_file()]
            if not found:
                raise UserError(f"no model at {folder}; run `make all RUN={run}`")
            for stage in found:
                name = stage if len(runs) == 1 else f"{run}/{stage}"
                entries.append(Entry(name, run, stage, int(seed), folder / stage, content_hash(folder / stage)))
    return with_bases(entries)


def with_bases(entries: list[Entry]) -> list[Entry]:
    """Each tuned model with its base, which may belong to another run, where that is one of the models, too."""
    bases = {entry.content: entry for entry in entries if entry.stage == "base"}
    parents = [read_json(entry.folder / RECORD)["identity"]["inputs"].get("base") for entry in entries]
    return [replace(entry, base=bases.get(parent)) for entry, parent in zip(entries, parents, strict=True)]
