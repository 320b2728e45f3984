"""What the README shows is real: every path of its tree, every command, every field, every figure's source."""

import re
import shlex
from pathlib import Path

import pytest
from conftest import ROOT
from test_settings import KINDS

from eval.readme import BEGIN, END, replaced

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```\n(.*?)```", README, re.DOTALL)
COMMANDS = [
    line.split("#")[0].strip()
    for block in BLOCKS
    for line in block.splitlines()
    if re.match(r"(make|\.venv\S+python) ", line)
]


def tree_paths() -> list[str]:
    """Paths of the drawn tree; two spaces of indent go one folder down."""
    tree = next(block for block in BLOCKS if "Makefile  " in block)
    paths, parents = [], []
    for line in tree.splitlines():
        depth, name = (len(line) - len(line.lstrip())) // 2, line.split()[0]
        parents[depth:] = [name.rstrip("/")]
        paths.append("/".join(parents))
    return paths


@pytest.mark.parametrize("path", tree_paths())
def test_every_path_of_the_tree_exists(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_names_real_targets_variables_and_fields(command):
    makefile = (ROOT / "Makefile").read_text()
    words = shlex.split(command)
    if words[0] == "make":
        for word in words[1:]:
            name, _, value = word.partition("=")
            if not _:
                assert re.search(rf"^{name}:", makefile, re.MULTILINE), f"no target {name}"
            else:
                assert name in makefile or re.fullmatch("ARGS_[a-z]+", name), f"no variable {name}"
                stage = words[1] if name == "ARGS" else name.removeprefix("ARGS_")
                check_fields(value, stage) if name.startswith("ARGS") else None
    elif "-m" in words and "." in words[words.index("-m") + 1]:
        assert (ROOT / (words[words.index("-m") + 1].replace(".", "/") + ".py")).is_file()
        for word in words:
            assert not word.endswith(".yaml") or (ROOT / word).is_file()


def check_fields(flags: str, stage: str) -> None:
    from configs.settings import read_settings

    kinds, trainer = KINDS[stage]
    read_settings(kinds, trainer, shlex.split(flags))


def test_the_measured_block_is_replaced_between_its_marks():
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert replaced(page, "new") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    assert README.count(BEGIN) == README.count(END) == 1


def test_the_lock_file_satisfies_the_bounds():
    import tomllib

    from packaging.requirements import Requirement

    locked = dict(
        line.lower().replace("_", "-").split("==")
        for line in (ROOT / "requirements.lock").read_text().split("\n")
        if "==" in line
    )
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for wanted in map(Requirement, project["dependencies"] + project["optional-dependencies"]["dev"]):
        assert locked[wanted.name.lower()] in wanted.specifier, wanted
    assert "torch" in locked


def test_no_file_holds_a_path_of_a_machine():
    for path in ROOT.rglob("*.md"):
        if ".venv" not in path.parts:
            assert str(Path(ROOT).parent) + "/" not in path.read_text(encoding="utf-8"), path
