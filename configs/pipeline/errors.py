"""Errors are for people: one line that says what is wrong and what to do, no traceback, exit code 2."""

import errno
import sys
from collections.abc import Callable

REMEDIES = {
    "free some space": (errno.ENOSPC, errno.EDQUOT, errno.EFBIG),
    "allow it, or choose another place": (errno.EACCES, errno.EPERM, errno.EROFS),
    "choose another folder (WORKSPACE=), or move away what is in the way": (
        errno.ENOTDIR,
        errno.EEXIST,
        errno.EISDIR,
        errno.ELOOP,
        errno.ENAMETOOLONG,
        errno.ENOENT,
    ),
}


class UserError(Exception):
    """Something the user can mend. The message names the file, the row or key, what is wrong and the remedy."""


def exit_cleanly(main: Callable[[], None]) -> None:
    """Run a stage's `main` as a program: a `UserError` becomes one line on stderr and exit code 2.

    What the system refuses (a full disk, a missing permission, a file where a folder should be) is the user's to mend
    as well, wherever it strikes.
    """
    try:
        main()
    except UserError as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail("interrupted; the same command continues where it stopped", code=130)
    except OSError as error:
        if error.errno is None:  # not from the system: a library's own kind
            raise
        fail(f"{refused(error)}, and run it again")


def refused(error: OSError) -> str:
    """What the system refused and what helps. Example: "w/data: Not a directory; choose another folder ..."."""
    remedy = next((words for words, numbers in REMEDIES.items() if error.errno in numbers), "mend that")
    return f"{shown(error.filename) if error.filename else 'the disk'}: {error.strerror}; {remedy}"


def one_line(text: str) -> str:
    """A text whose line ends and control characters, which may stand in a name, do not reach the terminal."""
    return "".join(character if character.isprintable() else " " for character in text)


def print_line(text: str) -> None:
    print(one_line(text))


def shown(path: object) -> str:
    """A path on one line, however long it is."""
    text = " ".join(str(path).split())
    return text if len(text) <= 200 else f"{text[:100]}...{text[-60:]}"


def fail(message: str, code: int = 2) -> None:
    """Print one line and leave. Exit codes: 2 for bad input, 128 + signal for an interruption."""
    print(f"error: {one_line(message)}", file=sys.stderr)
    sys.exit(code)
