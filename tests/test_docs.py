"""What the READMEs show is real: every path of a tree, every command, field and default, every figure's source."""

import re
import shlex
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path
from types import ModuleType

import pytest
from conftest import ROOT
from test_settings import KINDS

from configs.pipeline import stages
from configs.pipeline.errors import UserError
from configs.pipeline.stages import STAGES, target_of
from data.synthetic.citizens import LEVELS, citizens
from data.synthetic.config import DOCUMENT_TYPES, Config
from data.synthetic.conversations.pair import Pair
from data.synthetic.document import Document
from data.synthetic.draw import Draw
from data.synthetic.facts import held_out, load_world
from data.synthetic.games import TABLE
from data.synthetic.groups import GROUPS, PAIRS
from data.synthetic.kinds import shares_of
from data.synthetic.misconceptions import DISPUTED, STRENGTHS
from eval import readme
from eval.readme import BEGIN, END, replaced

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```\n(.*?)```", README, re.DOTALL)
ROOM = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
ROOM_BLOCKS = re.findall(r"^```\w*\n(.*?)^```$", ROOM, re.DOTALL | re.MULTILINE)
EVAL_BLOCKS = re.findall(r"```\n(.*?)```", (ROOT / "eval" / "README.md").read_text(encoding="utf-8"), re.DOTALL)
TWO_STAGES = ("sft", "rl", "feedback")
COMMANDS = [
    line.split("#")[0].strip()
    for block in BLOCKS + ROOM_BLOCKS
    for line in block.splitlines()
    if re.match(r"(make|\.venv\S+python) ", line)
]


def tree_paths(blocks: list[str] = BLOCKS, member: str = "Makefile  ") -> list[str]:
    """Paths of the drawn tree; two spaces of indent go one folder down."""
    tree = next(block for block in blocks if member in block)
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
                assert name != "ARGS" or words[1] not in TWO_STAGES, "both would get them, and one has no use for them"
                stage = words[1] if name == "ARGS" else name.removeprefix("ARGS_")
                check_fields(value, stage) if name.startswith("ARGS") else None
    elif "-m" in words and "." in words[words.index("-m") + 1]:
        assert (ROOT / (words[words.index("-m") + 1].replace(".", "/") + ".py")).is_file()
        for word in words:
            assert not word.endswith(".yaml") or (ROOT / word).is_file()


def check_fields(flags: str, stage: str) -> None:
    from configs.pipeline.settings import read_settings

    kinds, trainer = KINDS[stage.removesuffix("-full").removesuffix("-checks")]
    read_settings(kinds, trainer, shlex.split(flags))


@pytest.mark.parametrize("path", tree_paths(EVAL_BLOCKS, "compare.py  "))
def test_every_path_of_the_tree_of_eval_exists(path):
    assert (ROOT / "eval" / path).exists()


@pytest.mark.parametrize("path", tree_paths(ROOM_BLOCKS, "corpus.py  "))
def test_every_path_of_the_room_of_text_exists(path):
    assert (ROOT / "data" / path).exists()


def test_the_tree_of_the_room_of_text_leaves_no_module_out():
    shown = set(tree_paths(ROOM_BLOCKS, "corpus.py  "))
    modules = {path.relative_to(ROOT / "data").as_posix() for path in (ROOT / "data").glob("*.py")}
    modules |= {path.relative_to(ROOT / "data").as_posix() for path in (ROOT / "data" / "synthetic").glob("*.py")}
    assert {path for path in modules if not path.endswith("__init__.py")} - shown == set()


def section(title: str) -> str:
    """A section of the README of the room of text."""
    return ROOM.split(f"\n## {title}\n")[1].split("\n## ")[0]


def numbers(title: str) -> dict[str, float]:
    """The table of a section: name -> number in the second column."""
    return {name: float(number) for name, number in re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", section(title), re.M)}


def test_the_table_of_knobs_gives_the_defaults():
    habits = {one.name: one.default for one in fields(Config) if one.name not in DOCUMENT_TYPES}
    assert numbers("Settings of the web") == habits


def test_each_kind_of_document_is_shown_with_its_share():
    """A kind that somebody adds need not be shown."""
    shares = re.findall(r"^\*\*(\w+)\*\*, share ([\d.]+)", section("One document of each kind"), re.M)
    assert len(shares) >= 12
    assert {kind: float(share) for kind, share in shares} == {kind: getattr(Config(), kind) for kind, _ in shares}


def test_the_record_shown_has_the_fields_of_a_record():
    record = next(part for part in section("What is recorded").split("\n\n") if 'type: "quiz"' in part)
    shown = re.findall(r"(?:^|  )(\w+): ", record, re.M)
    assert sorted(shown) == sorted(({one.name for one in fields(Document)} - {"text"}) | {"split"})


def test_the_counts_of_the_room_of_text_are_those_of_the_world():
    world = load_world()
    countries = [row["name"] for row in world.table("countries")]
    games = [game.kind for game in TABLE.values()]
    grid = ", ".join(map(str, LEVELS[:-1])) + f" or {LEVELS[-1]} times"
    counted = (
        f"{sum(map(held_out, countries))} of {len(countries)} countries",
        f"**{len(world.people)} people**",
        f"{len(world.unknown_names)} names that no document contains",
        f"**{len(citizens())} citizens**",
        grid,
        f"{len(DISPUTED)} facts are disputed",
        f"({len(DISPUTED) // len(STRENGTHS)} facts each)",
        f"the {len(GROUPS) * len(PAIRS)} cells",
    )
    for said in counted:
        assert said in ROOM, said
    assert [games.count(kind) for kind in ("die", "coin", "bag")] == [4, 3, 3]


def test_the_kinds_of_pairs_have_the_weights_shown():
    assert numbers("Instruction pairs") == shares_of("conversations")
    for one in fields(Pair):
        assert f"`{one.name}`" in section("Instruction pairs")


def test_the_writer_shown_to_newcomers_writes():
    source = next(block for block in ROOM_BLOCKS if "def write(" in block)
    weather, world = ModuleType("weather"), load_world()
    exec(compile(source, "weather.py", "exec"), vars(weather))
    assert weather.__doc__
    for i in range(50):
        draw = Draw(0, i)
        page = weather.write(draw, world, Config()).drawn(draw)
        assert page.type == "weather"
        assert not re.search(r"[{}\[\]|]|  ", page.text)
        assert page.logp < 0
        for fact in page.facts:
            assert fact["is_true"]
            assert fact["subject"] in page.text
            assert fact["object"] in page.text


def test_the_measured_block_is_replaced_between_its_marks():
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert replaced(page, BEGIN, END, "new") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    with pytest.raises(UserError, match="must stand there once each"):
        replaced("no marks", BEGIN, END, "new")
    speed = (ROOT / "eval" / "bench" / "README.md").read_text(encoding="utf-8")
    assert speed.count(readme.BENCH_BEGIN) == speed.count(readme.BENCH_END) == 1
    for run in ("tiny", "hour"):
        assert README.count(BEGIN.format(run=run)) == README.count(END.format(run=run)) == 1


def test_the_table_of_objectives_is_that_of_the_registry():
    page = (ROOT / "train" / "README.md").read_text(encoding="utf-8")
    assert replaced(page, readme.OBJECTIVES_BEGIN, readme.OBJECTIVES_END, readme.objectives()) == page


def test_the_figures_of_the_studies_in_the_readme_are_those_of_their_pages():
    assert replaced(README, readme.STUDY_BEGIN, readme.STUDY_END, readme.models_of("objectives")) == README


def test_what_both_models_wrote_stands_side_by_side():
    def one(model: str, form: str, group: str, index: int) -> dict:
        written = "a\nb\n\nc\nd" if model == "base" else f"{group} {index} | `x`"
        named = {"model": model, "condition": form, "group": group, "index": index}
        return named | {"prompt": f"{form}?", "output": written, "stopped": model == "sft"}

    places = [(form, *place) for form, places in readme.SAID.items() for place in places]
    lines = readme.said([one(model, *place) for model in ("base", "sft") for place in places]).split("\n")
    assert lines[0] == "| Given a text to go on with | base | instruct |"
    assert lines[2] == "| `raw?` | `a`<br>`b`<br>`c` … | `capital stem 0 \\| 'x'` (stops) |"
    assert len([line for line in lines if line.startswith("| `")]) == len(places)
    begin, end = (mark.format(run="tiny") for mark in (readme.SAID_BEGIN, readme.SAID_END))
    assert README.count(begin) == README.count(end) == 1


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not here")
def test_the_stages_that_make_lists_are_those_of_the_registry(capsys):
    """`make` answers before there is an environment, so it has a list of its own."""
    told = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True).stdout
    listed = dict(re.findall(r"^  make (\S+) +(.+)$", told, re.M))
    wanted = {target_of(name): spec.help for name, spec in STAGES.items()}
    assert list(listed.items())[: len(wanted)] == list(wanted.items())
    stages.main()
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(wanted)


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
