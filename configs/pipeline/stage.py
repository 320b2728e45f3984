"""What a stage of the pipeline is: an identity, a folder that appears whole or not at all, and one writer at a time.

Identity = settings + content hashes of what the stage reads. A finished folder with the same identity is left alone;
with another one the stage refuses and names what differs. What will be published is written to `<folder>.partial`,
what only serves to continue after an interruption to `<folder>.scratch`. The last act is one rename, so a folder that
exists is complete, and a killed stage leaves the previous result untouched.
"""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from filelock import FileLock, Timeout

from configs import ROOT
from configs.pipeline.commands import command_for
from configs.pipeline.errors import UserError, refused
from configs.pipeline.files import sync, write_json
from configs.pipeline.stages import target_of

RECORD, MANIFEST = "record.json", "manifest.json"
NOTE = "identity.json"  # in the scratch folder: which run it belongs to
IS_LEADER = os.environ.get("RANK", "0") == "0"  # torchrun starts several processes of a stage; the first one writes
GROWING = "curve"  # of a partial folder, what is written while a stage runs; all the rest is written at its end
REDRAWN = ("report.html", "report.md", "figures")  # views of the rest, made again at will
LIBRARIES = ["torch", "transformers", "trl", "peft", "datasets", "accelerate", "tokenizers"]


class Stage:
    """One stage's folder and identity.

    name: what the user calls it ("base"). settings: plain values. inputs: content hash of each thing it reads.
    """

    def __init__(self, name: str, folder: Path, settings: dict, inputs: dict[str, str], force: bool = False):
        self.name, self.folder, self.force = name, folder, force
        self.identity = json.loads(json.dumps({"stage": name, "settings": settings, "inputs": inputs}))
        self.partial, self.scratch = self.beside("partial"), self.beside("scratch")
        self.started_at = time.time()

    def is_finished(self) -> bool:
        """True if the folder holds exactly this result. Raises UserError if it holds another one."""
        if self.force:
            return False
        self.recover()
        if not (self.folder / MANIFEST).is_file():
            return False
        difference = self.difference(read_json(self.folder / RECORD).get("identity", {}))
        if difference:
            raise UserError(
                f"{self.folder} holds a finished {self.name} that differs: {difference}. "
                "Use RUN=newname to keep it, or FORCE=1 to replace it (FORCE=1 reaches the stage that is named: "
                f"`make {target_of(self.name)}`)."
            )
        if missing := changed_files(self.folder, sizes_only=True):
            anew = command_for(self.folder, f"FORCE=1 makes the {self.name} anew", force=True)
            raise UserError(f"{self.folder / missing[0]} is damaged or missing; {anew}")
        if IS_LEADER:
            print(f"{self.name}: up to date ({self.folder})")
        return True

    def difference(self, other: dict) -> str:
        """What differs between this identity and another, in words; empty if nothing does."""
        changes = []
        for part in ("settings", "inputs"):
            ours, theirs = self.identity[part], other.get(part, {})
            for key in sorted(ours.keys() | theirs.keys()):
                if ours.get(key) != theirs.get(key):
                    changes.append(f"{key} {short(theirs.get(key))} -> {short(ours.get(key))}")
        return ", ".join(changes)

    @contextmanager
    def writing(self, keep: str | None = None) -> Iterator[Path]:
        """Lock the folder, yield the partial folder to write into, and publish it if the body succeeds.

        keep: a pattern of what in `scratch` is worth continuing. If an interrupted run left that, a run of the same
        identity finds it, and what of the partial folder is GROWING; otherwise both folders start empty. Of several
        processes only the first one does all this; the others wait for it where their library says so.
        """
        if not IS_LEADER:
            yield self.partial
            return
        with self.locked():
            self.restore()
            self.prepare(keep)
            try:
                yield self.partial
            except BaseException:
                if not self.is_interrupted(keep):
                    self.clear()
                raise
            self.publish()

    def beside(self, ending: str) -> Path:
        return self.folder.with_name(f"{self.folder.name}.{ending}")

    def locked(self) -> FileLock:
        """The lock of this folder, held. Raises UserError if another process holds it or the folder cannot be made."""
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            return FileLock(self.beside("lock"), timeout=0).acquire()
        except Timeout:
            raise UserError(
                f"{self.folder}: another process is writing this {self.name}. Wait for it, or use RUN=newname."
            ) from None
        except OSError as error:
            raise UserError(f"cannot write the {self.name}: {refused(error)}") from None

    def recover(self) -> None:
        """Put the previous result back if a publication died between its two renames."""
        if IS_LEADER and self.beside("old").exists() and not self.folder.exists():
            with self.locked():
                self.restore()

    def restore(self) -> None:
        """As `recover`, for whoever holds the lock. A result that was half removed already is no result."""
        old = self.beside("old")
        if not self.folder.exists() and (old / MANIFEST).is_file() and not changed_files(old, sizes_only=True):
            os.replace(old, self.folder)

    def prepare(self, keep: str | None) -> None:
        """Continue an interrupted run of the same identity, refuse one of another, clear anything else.

        FORCE=1 drops what an unforced run left, but continues what a forced run of the same identity left.
        """
        note = self.scratch / NOTE
        if self.is_interrupted(keep):
            left = self.left_by_interrupted(note)
            difference = self.difference(left["identity"])
            if difference and not self.force:
                raise UserError(
                    f"{self.scratch} holds an unfinished {self.name} that differs: {difference}. "
                    "Use RUN=newname, or FORCE=1 to drop it."
                )
            if not difference and (left["forced"] or not self.force):
                self.keep_growing()
                return
        self.clear()
        for folder in (self.partial, self.scratch):
            folder.mkdir(parents=True, exist_ok=True)
        write_json(note, {"identity": self.identity, "forced": self.force})

    def left_by_interrupted(self, note: Path) -> dict:
        """Identity of an interrupted run, and whether it was forced; of one that cannot be read nothing is known."""
        try:
            return read_json(note)
        except UserError:
            if not self.force:
                raise
            return {"identity": {}, "forced": False}

    def is_interrupted(self, keep: str | None) -> bool:
        """True if what stands in `scratch` is worth continuing. A partial folder that is gone has been published."""
        note = self.scratch / NOTE
        return bool(keep) and note.is_file() and self.partial.is_dir() and any(self.scratch.glob(keep))

    def keep_growing(self) -> None:
        """Drop what was begun at the end of an interrupted run: it is written again, whatever is left of it."""
        for path in self.partial.iterdir():
            if path.name == GROWING:
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    def clear(self) -> None:
        """Drop what is unfinished, the note first: without it nobody continues from the half that a kill leaves."""
        (self.scratch / NOTE).unlink(missing_ok=True)
        for folder in (self.partial, self.scratch):
            shutil.rmtree(folder, ignore_errors=True)

    def publish(self) -> None:
        """Write the manifest and put the finished folder in place of the old one; only then drop what led to it."""
        write_manifest(self.partial)
        shutil.rmtree(self.beside("old"), ignore_errors=True)
        if self.folder.exists():
            os.replace(self.folder, self.beside("old"))
        os.replace(self.partial, self.folder)
        shutil.rmtree(self.beside("old"), ignore_errors=True)
        shutil.rmtree(self.scratch, ignore_errors=True)

    def record(self, **facts: object) -> None:
        """Write what made this folder beside its content: identity, versions, commit, machine, timings, figures."""
        write_json(
            self.partial / RECORD,
            {
                "identity": self.identity,
                "finished_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "seconds": round(time.time() - self.started_at, 1),
                "versions": library_versions(),
                "commit": git_commit(),
                "machine": machine(),
                **facts,
            },
        )


def write_manifest(folder: Path) -> None:
    """sha256 and size of every file, flushed to disk: a flipped bit in a safetensors file goes unnoticed otherwise."""
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.relative_to(folder).parts[0] not in (MANIFEST, *REDRAWN):
            path.chmod(0o644)  # safetensors writes its files readable by the owner only
            sync(path)
            files[path.relative_to(folder).as_posix()] = {
                "bytes": path.stat().st_size,
                "sha256": sha256_of(path),
            }
    write_json(folder / MANIFEST, {"files": files})


def changed_files(folder: Path, sizes_only: bool = False) -> list[str]:
    """Names of the files that are gone or no longer what the manifest says."""
    changed = []
    for name, expected in read_json(folder / MANIFEST)["files"].items():
        path = folder / name
        if (
            not path.is_file()
            or path.stat().st_size != expected["bytes"]
            or not sizes_only
            and sha256_of(path) != expected["sha256"]
        ):
            changed.append(name)
    return changed


def content_hash(folder: Path) -> str:
    """Hash of what a folder holds, without the record (it has times in it) and the cards made from it."""
    if (folder / MANIFEST).is_file():
        files = {name: entry["sha256"] for name, entry in read_json(folder / MANIFEST)["files"].items()}
    else:
        files = {
            p.name: sha256_of(p) for p in sorted(folder.iterdir()) if p.suffix in (".json", ".safetensors", ".jinja")
        }
    kept = {name: digest for name, digest in files.items() if name not in (RECORD, "README.md", "training_args.bin")}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:16]


def open_finished(folder: Path, what: str, or_else: str = "") -> Path:
    """The folder of a finished stage, verified file by file. Raises UserError if it is missing or damaged.

    or_else: what else the user may do, put behind the command that makes the folder.
    """
    if not (folder / MANIFEST).is_file():
        raise UserError(f"no {what} at {folder}; {command_for(folder, 'name another folder')}{or_else}")
    if changed := changed_files(folder):
        anew = command_for(folder, "copy the folder again", force=True)
        raise UserError(f"{folder / changed[0]} is damaged (it does not match its manifest); {anew}{or_else}")
    return folder


def sha256_of(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_json(path: Path) -> dict:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict | list) or path.name in (RECORD, MANIFEST, NOTE) and not isinstance(found, dict):
            raise ValueError("it holds something else")
        return found
    except (OSError, ValueError) as error:
        anew = command_for(path.parent, "FORCE=1 makes it anew", force=True)
        raise UserError(f"{path}: cannot be read ({error}); {anew}") from None


def short(value: object) -> str:
    text = "(none)" if value is None else str(value)
    return text if len(text) <= 40 else text[:37] + "..."


def library_versions() -> dict[str, str]:
    found = {}
    for name in LIBRARIES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def git_commit() -> str | None:
    """The commit of this checkout, `+changes` if files differ from it; None outside a repository."""

    def git(*arguments: str) -> str:
        return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True).stdout

    try:
        return git("rev-parse", "--short=12", "HEAD").strip() + ("+changes" if git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return None


def machine() -> dict:
    """Processor, cores and system, for the cards and the report."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return {
        "processor": name,
        "cores": os.cpu_count(),
        "os": platform.platform(terse=True),
        "python": platform.python_version(),
    }
