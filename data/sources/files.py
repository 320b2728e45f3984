"""Which files of a path are read. What is left out is named with its reason: nothing vanishes in silence."""

import os
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from configs.pipeline.errors import UserError
from configs.pipeline.stage import sha256_of

TEXTS = (".txt", ".md")
TABLES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")
SET_ASIDE = ("test", "valid", "validation", "val", "dev", "eval")  # by the name of the file, where one of "train" is
ABOUT = ("readme", "license", "licence")  # tell of the tables beside them, and are none
NAMED = 4  # files named of each kind


@dataclass
class Chosen:
    """The files of a source in a fixed order (none: the name of a Hub dataset), and what else was found there."""

    source: str
    files: list[Path] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def hashes(self) -> dict[str, str]:
        """What a stage's identity remembers of own data: a hash of each file, or the name on the Hub."""
        root = Path(self.source).expanduser()
        named = {path: path.relative_to(root).as_posix() if root.is_dir() else path.name for path in self.files}
        return {name: sha256_of(path)[:16] for path, name in named.items()} or {"hub": self.source}

    def sentence(self) -> str:
        """Example: "notes: read 7 files (.md 6, .txt 1); left out 1 hidden (.DS_Store)"."""
        kinds = defaultdict(int)
        for path in self.files:
            kinds[kind_of(path)] += 1
        counted = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
        read = f"{self.source}: read {len(self.files)} file{'s' * (len(self.files) != 1)} ({counted})"
        omitted = [f"{len(names)} {reason} ({shortened(names)})" for reason, names in self.left_out.items()]
        return "; left out ".join([read, ", ".join(omitted)] if omitted else [read])


def choose_files(source: str, endings: tuple[str, ...]) -> Chosen:
    """The files of `source` with one of the `endings`. Raises UserError if there are none."""
    path = Path(source).expanduser()
    if path.is_dir():
        return files_of_folder(source, path, endings)
    if path.is_file():
        if kind_of(path) not in endings:
            raise UserError(f"{source}: {path.suffix or 'no ending'} is not read here; use one of {' '.join(endings)}")
        return Chosen(source, [path])
    if path.exists() or path.is_symlink():
        raise UserError(f"{source}: {'a link that leads nowhere' if path.is_symlink() else 'neither file nor folder'}")
    if os.environ.get("ONLINE") == "1":
        return Chosen(source)
    raise UserError(f"{source}: no such file or folder (for the name of a Hugging Face dataset, set ONLINE=1)")


def files_of_folder(source: str, root: Path, endings: tuple[str, ...]) -> Chosen:
    chosen, seen = Chosen(source), set()
    found = files_below(root, chosen)
    readable = [path for path in found if kind_of(path) in endings and not is_hidden(path, root)]
    trained = any(words(path, root) & {"train", "training"} for path in readable)
    tables = any(kind_of(path) in TABLES for path in readable)
    for path in found:
        if reason := why_not(path, root, endings, trained, tables, seen):
            chosen.left_out[reason].append(path.relative_to(root).as_posix())
        else:
            chosen.files.append(path)
            seen.add(path.resolve())
    if not chosen.files:
        there = chosen.sentence().partition("; left out ")[2]
        nothing = f"{source}: the folder holds no {', '.join(endings)} file to read"
        raise UserError(nothing + (f"; it holds {there}" if there else ""))
    return chosen


def files_below(root: Path, chosen: Chosen) -> list[Path]:
    """All files and links, sorted; folders that cannot be opened are left out by name."""

    def note(error: OSError) -> None:
        chosen.left_out["folders that cannot be opened"].append(Path(error.filename).relative_to(root).as_posix())

    found = []
    for folder, folders, names in os.walk(root, onerror=note):
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        found += [path for name in (*names, *links) if (path := Path(folder) / name).is_symlink() or path.is_file()]
    return sorted(found)


def why_not(path: Path, root: Path, endings: tuple[str, ...], trained: bool, tables: bool, seen: set[Path]) -> str:
    """Why a file of a folder is not read; "" if it is."""
    if is_hidden(path, root):
        return "hidden"
    if not path.is_file():
        return "links to a folder" if path.is_dir() else "links that lead nowhere"
    if kind_of(path) not in endings:
        return f"of another kind than {' '.join(endings)}"
    if path.resolve() in seen:
        return "second names of a file"
    if not path.stat().st_size:
        return "empty"
    if trained and words(path, root) & set(SET_ASIDE):
        return "set aside for tests by their name"
    if tables and path.stem.lower() in ABOUT:
        return "that tell of the tables"
    return ""


def is_hidden(path: Path, root: Path) -> bool:
    """A name with a dot in front, its own or its folder's, as on a Mac; __MACOSX is what its archives add."""
    return any(part.startswith(".") or part == "__MACOSX" for part in path.relative_to(root).parts)


def kind_of(path: Path) -> str:
    """The ending, that of the compressed file for .gz. Example: book.txt.gz -> ".txt"."""
    return Path(path.stem).suffix.lower() if path.suffix.lower() == ".gz" else path.suffix.lower()


def words(path: Path, root: Path) -> set[str]:
    """Words of a name and its folders. Example: "data/train-00000.parquet" -> {"data", "train", "00000"}."""
    return set(re.split(r"[-_./ ]", path.relative_to(root).as_posix().lower()))


def shortened(names: list[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
