"""The writers: every file in this folder is one kind of document, and a new file is a new kind.

A writer has `SHARE`, its relative share of the documents, and `write(draw, world, config) -> Document`. The first line
of its docstring is the help of the setting of its name.
"""

import keyword
import math
import re
from collections.abc import Callable, Iterable
from functools import wraps
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import NamedTuple

from configs import ROOT
from configs.pipeline.errors import UserError
from data.synthetic.mistakes import or_leave, raised_in

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


def load_writer(kind: str) -> Writer:
    try:
        module = import_module(f"{__name__}.{kind}")
    except UserError:
        raise
    except Exception as error:
        raise raised_in(FOLDER / f"{kind}.py", error) from error
    return writer_of(kind, module)


def writer_of(kind: str, module) -> Writer:
    """What a file says about its kind, if it says all that is needed."""
    file = file_of(kind)
    help = (module.__doc__ or "").strip().split("\n")[0]
    if not help:
        raise UserError(f"{file}: has no docstring; its first line explains the setting `--{kind}`")
    share = getattr(module, "SHARE", None)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share < math.inf:
        found = "has no SHARE" if share is None else f"SHARE is {share!r}"
        raise UserError(f"{file}: {found}; give its relative share of the documents, for example SHARE = 0.02")
    if not callable(getattr(module, "write", None)):
        raise UserError(f"{file}: has no function write(draw, world, config) that returns a Document")
    try:
        signature(module.write).bind("draw", "world", "config")
    except TypeError:
        found = f"write{signature(module.write)}"
        raise UserError(f"{file}: its function is {found}; it is called as write(draw, world, config)") from None
    return Writer(share, help, checked(kind, module.write))


def checked(kind: str, write: Callable) -> Callable:
    """The same function, whose documents must be of its kind: the type is what everything else tells them by.

    What goes wrong in it becomes one line that names its file.
    """

    @wraps(write)
    def written(draw, world, config):
        try:
            document = write(draw, world, config)
        except UserError:
            raise
        except Exception as error:
            raise raised_in(FOLDER / f"{kind}.py", error) from error
        found = getattr(document, "type", None)
        if found != kind:
            what = f"a document of type {found!r}" if found else f"{type(document).__name__}, no Document"
            raise UserError(f"{file_of(kind)}: write returned {what}; the type is the name of the file, {kind!r}")
        if not isinstance(document.text, str) or not document.text.strip():
            raise UserError(f"{file_of(kind)}: write returned a document without text")
        return document

    return written


def check_settings(kinds: Iterable[str], taken: Iterable[str]) -> None:
    """A kind of document is a setting; two of one name could not both be set."""
    for kind in kinds:
        if kind in taken:
            raise UserError(f"{file_of(kind)}: something else has the name {kind}; rename the file")


def file_of(kind: str) -> str:
    """Example: songs -> data/synthetic/writers/songs.py."""
    return f"{FOLDER.relative_to(ROOT).as_posix()}/{kind}.py"


KINDS = or_leave(kinds_in, FOLDER)
or_leave(check_settings, KINDS, set(globals()))  # math.py here would take the place of Python's math in this file
WRITERS = {kind: or_leave(load_writer, kind) for kind in KINDS}
