"""The models of a comparison: which there are, which base each was made from, and the text to hold them against."""

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

import huggingface_hub

from configs.pipeline.commands import make_command
from configs.pipeline.errors import UserError
from configs.pipeline.stage import MANIFEST, RECORD, content_hash, open_finished, read_json
from configs.pipeline.stages import causal_models, folder_of
from eval.settings import CompareSettings
from train.engine.folders import check_folder, model_hash

SIDES = {"base": "base", "instruct": "sft"}  # of two external models: what the user says -> the stage it is taken for
# what a comparison reads of a model on the Hub; pickled weights are not opened
WANTED = ["*.json", "*.safetensors", "*.jinja", "*.model", "*.txt", "README.md"]
HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")


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
    source: str = ""  # of an external model: what the report, which others may read, calls it


def find_models(settings: CompareSettings) -> list[Entry]:
    """Every model of the runs and seeds. Raises UserError if a run has none, a damaged one, or no base."""
    runs, seeds = settings.runs.split() or [settings.run], settings.seeds.split()
    entries = []
    for run in runs:
        for seed in seeds:
            folders = {stage: folder_of(stage, run, seed, settings.workspace) for stage in causal_models()}
            found = {stage: folder for stage, folder in folders.items() if folder.exists()}
            if not found:
                command = make_command("all", run, settings.seeds, settings.workspace)
                raise UserError(f"no model at {folders['base'].parent}; run `{command}`")
            for stage, folder in found.items():
                name, model = stage if len(runs) == 1 else f"{run}/{stage}", open_finished(folder, "model")
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
        runs = [settings.run, *settings.runs.split()]
        places = [folder_of(what, run, workspace=settings.workspace) for run in runs]
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
    by_content = {entry.content: entry for entry in reversed(entries)}  # of equal models the first
    return [replace(entry, base=base_of(entry, by_content)) for entry in entries]


def base_of(entry: Entry, by_content: dict[str, Entry]) -> Entry | None:
    """What a model was tuned from in the end: preference tuning begins with a tuned one."""
    inputs = read_json(entry.folder / RECORD)["identity"]["inputs"]
    parent = by_content.get(inputs.get("base") or inputs.get("sft"))
    return parent if parent is None or parent.stage == "base" else base_of(parent, by_content)


def find_pair(settings: CompareSettings) -> list[Entry]:
    """Two external models, the base first. Raises UserError where one is missing."""
    if not (settings.base and settings.instruct):
        raise UserError("BASE= and INSTRUCT= go together: name both models")
    base, tuned = (
        Entry(stage, settings.run, stage, 0, folder, model_hash(folder), source=shown(getattr(settings, name)))
        for name, stage in SIDES.items() for folder in [find_model(getattr(settings, name), name)]
    )  # fmt: skip
    return [base, replace(tuned, base=base)]


def find_model(source: str, name: str) -> Path:
    """A local folder, or with ONLINE=1 a model of the Hub, fetched. Raises UserError."""
    folder = Path(source).expanduser()
    if folder.exists():
        check_folder(folder)
        return folder
    if not HUB_NAME.fullmatch(source):
        raise UserError(f"{name}: no folder {source}")
    if os.environ.get("ONLINE") != "1":
        raise UserError(f"{name}: no folder {source}; if it is the name of a model on the Hub, say ONLINE=1")
    try:
        return Path(huggingface_hub.snapshot_download(source, allow_patterns=WANTED))
    except Exception as error:  # no such name, a gated one, no network: the library has many kinds
        raise UserError(f"{name}: {source} cannot be fetched ({' '.join(str(error).split())[:200]})") from None


def shown(source: str) -> str:
    """The end of a path. Example: shown("/home/me/a/b") == "a/b"."""
    return "/".join(Path(source).parts[-2:]) if Path(source).is_absolute() else source


def reward_models(settings: CompareSettings, seed: int | str) -> dict[str, Path]:
    """What each learnt from -> its folder: the run's own, then those of fewer pairs and more noise."""
    own = folder_of("reward", settings.run, seed, settings.workspace)
    arms, most = {}, read_json(own / RECORD).get("rows", 0) if own.is_dir() else 0
    for folder in own.parent.parent.parent.glob(f"{settings.run}.pairs*.noise*/seed{seed}/reward"):
        pairs, noise = folder.parent.parent.name.removeprefix(f"{settings.run}.pairs").split(".noise")
        arms[min(int(pairs), most or int(pairs)), float(noise)] = folder  # where there are fewer, it read them all
    named = {f"{pairs:,} pairs, noise {noise:g}": arms[pairs, noise] for pairs, noise in sorted(arms)}
    return ({"all pairs": own} if own.is_dir() else {}) | named
