"""The kinds of text that the world writes: each is a line of shares.yaml and a file of its name, and a setting.

A file has `write(draw, world, config) -> Document` in writers/, `write(draw, world) -> Pair` in conversations/. The
first line of its docstring is the help of the setting.
"""

import keyword
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import make_dataclass
from functools import cache, wraps
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import NamedTuple

import yaml

from configs.pipeline.errors import UserError
from configs.pipeline.schema import setting
from configs.pipeline.settings import StrictLoader
from data.synthetic.mistakes import place, raised_in, read_text

FOLDER = Path(__file__).parent
SHARES = FOLDER / "shares.yaml"


class Group(NamedTuple):
    folder: str
    arguments: tuple[str, ...]  # of `write`
    kind: str  # the field of what it returns that says the kind
    content: str  # the field that must not be empty


GROUPS = {
    "documents": Group("writers", ("draw", "world", "config"), "type", "text"),
    "conversations": Group("conversations", ("draw", "world"), "kind", "messages"),
}


class Kind(NamedTuple):
    share: float
    help: str
    write: Callable


@cache
def kinds_of(group: str) -> dict[str, Kind]:
    """Every kind of `documents` or of `conversations`, by its name. Raises UserError naming the file and the remedy."""
    return {name: Kind(share, *load(group, name)) for name, share in shares_of(group).items()}


def shares_of(group: str) -> dict[str, float]:
    """The lines of one group of shares.yaml."""
    try:
        groups = yaml.load(read_text(SHARES), Loader=StrictLoader)
    except yaml.YAMLError as error:
        raise UserError(f"{place(SHARES)}: not valid YAML: {' '.join(str(error).split())}") from None
    shares = groups.get(group) if isinstance(groups, dict) else None
    if not isinstance(shares, dict):
        raise UserError(f"{place(SHARES)}: expected `{group}:` and under it lines of the form `kind: share`")
    for name, share in shares.items():
        where = f"{place(SHARES)}: {group}: {name}"
        if not re.fullmatch("[a-z][a-z0-9_]*", str(name)) or keyword.iskeyword(str(name)):
            raise UserError(
                f"{where}: the name of a kind is a setting, so it has to be small letters, digits and underscores,"
                " and no word of Python's own; rename the line and its file"
            )
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share < math.inf:
            raise UserError(f"{where}: {share!r}; give its relative share, for example 0.02")
        if not file_of(group, name).is_file():
            raise UserError(f"{where}: there is no {place(file_of(group, name))}; write it, or remove the line")
    return shares


def file_of(group: str, name: str) -> Path:
    return FOLDER / GROUPS[group].folder / f"{name}.py"


def load(group: str, name: str) -> tuple[str, Callable]:
    """(help, write) of the file of a kind."""
    file, arguments = file_of(group, name), GROUPS[group].arguments
    try:
        module = import_module(f"data.synthetic.{GROUPS[group].folder}.{name}")
    except UserError:
        raise
    except Exception as error:
        raise raised_in(file, error) from error
    help = (module.__doc__ or "").strip().split("\n")[0]
    if not help:
        raise UserError(f"{place(file)}: has no docstring; its first line explains the setting `--{name}`")
    call = f"write({', '.join(arguments)})"
    if not callable(getattr(module, "write", None)):
        raise UserError(f"{place(file)}: has no function {call}")
    try:
        signature(module.write).bind(*arguments)
    except TypeError:
        raise UserError(
            f"{place(file)}: its function is write{signature(module.write)}; it is called as {call}"
        ) from None
    return help, checked(group, name, module.write)


def checked(group: str, name: str, write: Callable) -> Callable:
    """The same function; what goes wrong in it becomes one line that names its file.

    What it returns must be of the kind of its file, since everything else tells texts by that, and not empty.
    """
    file, of = file_of(group, name), GROUPS[group]

    @wraps(write)
    def written(*arguments):
        try:
            text = write(*arguments)
        except UserError:
            raise
        except Exception as error:
            raise raised_in(file, error) from error
        found, content = getattr(text, of.kind, None), getattr(text, of.content, None)
        if found != name:
            what = f"a text of the kind {found!r}" if found else type(text).__name__
            raise UserError(f"{place(file)}: write returned {what}; the kind is the name of the file, {name!r}")
        if not content or isinstance(content, str) and not content.strip():
            raise UserError(f"{place(file)}: write returned a {type(text).__name__.lower()} without {of.content}")
        return text

    return written


def settings_class(name: str, group: str) -> type:
    """A dataclass with the share of each kind of a group as a field, and `shares()`, all of them in that order."""
    kinds = kinds_of(group)
    # argparse takes a lone percent sign for a place to fill
    helps = {kind: f"relative share: {one.help.replace('%', '%%')}" for kind, one in kinds.items()}
    shares = [(kind, float, setting(float(one.share), helps[kind], low=0.0)) for kind, one in kinds.items()]

    def check(self) -> None:
        if not any(self.shares()):
            raise UserError(f"every share of the {group} is 0, so there is nothing to write")

    functions = {"shares": lambda self: [getattr(self, kind) for kind in kinds], "__post_init__": check}
    return make_dataclass(name, shares, namespace={"__module__": __name__, **functions})


def refuse_taken(group: str, taken: Iterable[str]) -> None:
    """A kind is a setting; two settings of one name could not both be set. Raises UserError."""
    for kind in kinds_of(group):
        if kind in taken:
            file = place(file_of(group, kind))
            raise UserError(f"{file}: something else has the name {kind}; rename the file, and its line in shares.yaml")
