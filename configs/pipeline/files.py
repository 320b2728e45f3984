"""Files that a later start reads are written whole: whoever dies in the middle leaves the old file, or none."""

import json
import os
from pathlib import Path

UNFINISHED = ".unfinished"  # ending of a file that is being written


def write_whole(path: Path, content: str | bytes) -> None:
    """Write beside, flush to disk, rename. Raises OSError, and leaves nothing beside, if the disk does not take it."""
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    beside = path.with_name(path.name + UNFINISHED)
    try:
        with open(beside, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: object) -> None:
    write_whole(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def sync(path: Path) -> None:
    """Flush a file to disk, so that a power cut after the rename cannot leave it empty."""
    with open(path, "rb+") as file:
        os.fsync(file.fileno())
