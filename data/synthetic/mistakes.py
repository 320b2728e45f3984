"""Mistakes of whoever extends the world: each becomes one line that says where, what, and what to do.

>>> near("anmal", ["animal", "place"]), near("zzz", ["animal"])
('; did you mean animal?', '')
>>> place(ROOT / "data" / "synthetic" / "facts" / "cities.csv", 3)
'data/synthetic/facts/cities.csv:3'
"""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from pathlib import Path
from traceback import walk_tb

from configs import ROOT
from configs.pipeline.errors import UserError, fail


def place(path: Path, line: int | None = None) -> str:
    shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    return shown.as_posix() + (f":{line}" if line else "")


def near(name: str, known: Iterable[str], question: str = "; did you mean {}?") -> str:
    found = get_close_matches(name, sorted(known), n=1)
    return question.format(found[0]) if found else ""


def read_text(path: Path) -> str:
    """With or without the mark that some editors put at the beginning of a file."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise UserError(f"{place(path, line)}: not UTF-8; save the file with that encoding") from None


def raised_in(path: Path, error: Exception) -> UserError:
    """Any other error, with the line of the file that led to it and, where that is another, the place it came from."""
    places = [(Path(frame.f_code.co_filename), line) for frame, line in walk_tb(error.__traceback__)]
    what = " ".join(str(error).split())
    if isinstance(error, SyntaxError):
        places.append((Path(error.filename or path), error.lineno))
        what = error.msg
    line = next((line for file, line in reversed(places) if file == path), None)
    ours = [one for one in places if one[0].is_relative_to(ROOT / "data")]
    source = f" (in {place(*ours[-1])})" if ours and ours[-1][0] != path else ""
    return UserError(f"{place(path, line)}: {type(error).__name__}{': ' * bool(what)}{what}{source}")


def or_leave(work: Callable, *arguments):
    """Programs import the world before anything of theirs could catch an error, so it becomes its one line here."""
    try:
        return work(*arguments)
    except UserError as error:
        fail(str(error))
