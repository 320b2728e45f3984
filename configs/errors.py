"""Errors are for people: one line that says what is wrong and what to do, no traceback, exit code 2."""

import errno
import sys
from collections.abc import Callable

DISK_ERRORS = (errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EDQUOT, errno.EFBIG)


class UserError(Exception):
    """Something the user can mend. The message names the file, the row or key, what is wrong and the remedy."""


def exit_cleanly(main: Callable[[], None]) -> None:
    """Run a stage's `main` as a program: a `UserError` becomes one line on stderr and exit code 2.

    A full disk and a missing permission are the user's to mend as well, wherever they strike.
    """
    try:
        main()
    except UserError as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail("interrupted; the same command continues where it stopped", code=130)
    except OSError as error:
        if error.errno not in DISK_ERRORS:
            raise
        fail(f"{error.filename or 'the disk'}: {error.strerror}; free some space or permissions and run it again")


def fail(message: str, code: int = 2) -> None:
    """Print one line and leave. Exit codes: 2 for bad input, 128 + signal for an interruption."""
    print(f"error: {message}", file=sys.stderr)
    sys.exit(code)
