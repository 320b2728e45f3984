"""The writers: every file in this folder is one kind of document, and a new file is a new kind.

A writer has `SHARE`, its relative share of the documents, and `write(draw, world, knobs) -> Document`. The first line
of its docstring is the help of the knob of its name.
"""

from importlib import import_module
from pathlib import Path

KINDS = tuple(sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py")))
WRITERS = {kind: import_module(f"{__name__}.{kind}") for kind in KINDS}
