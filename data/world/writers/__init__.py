"""The writers: every file in this folder is one kind of document, and a new file is a new kind.

A writer has `SHARE`, its relative share of the documents, and `write(draw, world, knobs) -> Document`. The first line
of its docstring is the help of the knob of its name.
"""

import keyword
import math
import re
from collections.abc import Callable, Iterable
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from configs import ROOT
from configs.errors import UserError, fail

FOLDER = Path(__file__).parent


class Writer(NamedTuple):
    share: float
    help: str
    write: Callable


def kinds_in(folder: Path) -> tuple[str, ...]:
    """The names of the files, in order; those that begin with a dot or an underscore are none."""
    names = sorted(path.stem for path in folder.glob("*.py") if path.name[0] not in "._")
    for name in names:
        if not re.fullmatch("[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
            raise UserError(
                f"{file_of(name)}: the name of a kind of document is a setting, so it has to be"
                " small letters, digits and underscores, and no word of Python's own; rename the file"
            )
    return tuple(names)


def writer_of(kind: str, module) -> Writer:
    """What a file says about its kind, if it says all that is needed."""
    file = file_of(kind)
    help = (module.__doc__ or "").strip().split("\n")[0]
    if not help:
        raise UserError(f"{file}: has no docstring; its first line explains the knob `--{kind}`")
    share = getattr(module, "SHARE", None)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share < math.inf:
        found = "has no SHARE" if share is None else f"SHARE is {share!r}"
        raise UserError(f"{file}: {found}; give its relative share of the documents, for example SHARE = 0.02")
    if not callable(getattr(module, "write", None)):
        raise UserError(f"{file}: has no function write(draw, world, knobs) that returns a Document")
    return Writer(share, help, checked(kind, module.write))


def checked(kind: str, write: Callable) -> Callable:
    """The same function, whose documents must be of its kind: the type is what everything else tells them by."""

    @wraps(write)
    def written(draw, world, knobs):
        document = write(draw, world, knobs)
        found = getattr(document, "type", None)
        if found != kind:
            what = f"a document of type {found!r}" if found else f"{type(document).__name__}, no Document"
            raise UserError(f"{file_of(kind)}: write returned {what}; the type is the name of the file, {kind!r}")
        return document

    return written


def check_settings(kinds: Iterable[str], taken: Iterable[str]) -> None:
    """A kind of document is a setting; two of one name could not both be set."""
    for kind in kinds:
        if kind in taken:
            raise UserError(f"{file_of(kind)}: another setting has the name {kind}; rename the file")


def file_of(kind: str) -> str:
    """Example: songs -> data/world/writers/songs.py."""
    return f"{FOLDER.relative_to(ROOT).as_posix()}/{kind}.py"


def or_leave(work: Callable, *arguments):
    """Programs import this before anything of theirs could catch an error, so it becomes its one line here."""
    try:
        return work(*arguments)
    except UserError as error:
        fail(str(error))


KINDS = or_leave(kinds_in, FOLDER)
WRITERS = {kind: or_leave(writer_of, kind, import_module(f"{__name__}.{kind}")) for kind in KINDS}
