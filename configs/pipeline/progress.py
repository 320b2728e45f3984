"""Progress bars: lively in a terminal, a line every quarter minute in a log file."""

import sys

from tqdm import tqdm


def progress_bar(**options: object) -> tqdm:
    """A tqdm bar with an estimate of the time that is left."""
    return tqdm(dynamic_ncols=True, mininterval=0.2 if sys.stderr.isatty() else 15, **options)
