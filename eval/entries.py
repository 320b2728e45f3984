"""The models of a comparison: which there are, which base each was made from, and the text to hold them against."""

from dataclasses import dataclass, replace
from pathlib import Path

from configs.pipeline.commands import make_command
from configs.pipeline.errors import UserError
from configs.pipeline.stage import MANIFEST, RECORD, content_hash, open_finished, read_json
from configs.pipeline.stages import causal_models
from eval.settings import CompareSettings


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
    """Every model of the runs and seeds. Raises UserError if a run has none, a damaged one, or no base."""
    runs, seeds = settings.runs.split() or [settings.run], settings.seeds.split()
    entries = []
    for run in runs:
        for seed in seeds:
            folder = Path(settings.workspace) / "checkpoints" / run / f"seed{seed}"
            found = [stage for stage in causal_models() if (folder / stage).exists()]
            if not found:
                command = make_command("all", run, settings.seeds, settings.workspace)
                raise UserError(f"no model at {folder}; run `{command}`")
            for stage in found:
                name, model = stage if len(runs) == 1 else f"{run}/{stage}", open_finished(folder / stage, "model")
                entries.append(Entry(name, run, stage, int(seed), model, content_hash(model)))
    if not settings.runs and not any(entry.stage == "base" for entry in entries):
        raise UserError(
            f"run {settings.run} has tuned models only; set their base beside them, "
            f'RUNS="{parent_run(entries[0])} {settings.run}", or compare two folders, BASE=... INSTRUCT=...'
        )
    return with_bases(entries)


def find_data(settings: CompareSettings) -> dict[str, Path]:
    """Corpus and pairs to hold the models against: this run's, else those of the first run compared."""
    data = {}
    for what in ("corpus", "pairs"):
        places = [
            Path(settings.workspace) / "data" / "processed" / run / what
            for run in [settings.run, *settings.runs.split()]
        ]
        found = next((place for place in places if (place / MANIFEST).is_file()), places[0])
        data[what] = open_finished(found, what)
    return data


def parent_run(entry: Entry) -> str:
    """The run whose base a tuned model started from, as far as its path says so. Example: "tiny"."""
    parent = Path(read_json(entry.folder / RECORD).get("parent") or "")
    return parent.parent.parent.name if parent.name == "base" else "..."


def is_own_alone(corpus: Path) -> bool:
    """Whether a corpus is the user's own text and nothing else, so that nobody knows what it says of our world."""
    return read_json(corpus / RECORD)["statistics"]["types"].get("own", 0) >= 1


def with_bases(entries: list[Entry]) -> list[Entry]:
    """Each tuned model with its base, which may belong to another run, where that is one of the models, too."""
    bases = {entry.content: entry for entry in entries if entry.stage == "base"}
    parents = [read_json(entry.folder / RECORD)["identity"]["inputs"].get("base") for entry in entries]
    return [replace(entry, base=bases.get(parent)) for entry, parent in zip(entries, parents, strict=True)]
