"""Every door at which something of the user's comes in, against every kind of damage: each cell is a command.

A cell is either right, and then the file it names holds what it says, or it is refused in one line. None ends in a
traceback, none is silent. `python tests/test_doors.py` prints the table.
"""

import codecs
import contextlib
import gzip
import importlib
import io
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for whoever wants to see the table

import strangers  # noqa: E402
import test_folders  # noqa: E402
import test_settings  # noqa: E402

RIGHT, SAID = "right", "right, and said"

TEXT = "\n\n".join(f"Page {number}: the café on hill {number} is “open”." for number in range(200))
ROWS = [{"text": paragraph} for paragraph in TEXT.split("\n\n")]
PAIRS = [{"prompt": f"Is {number} a number?", "completion": f"Yes, {number} is."} for number in range(12)]
HALF = b'{"text": "\\ud83d", "prompt": "a", "completion": "\\ud83d"}\n'
PICKLE = b"\x80\x04\x95rest"
HIDDEN = {"._a.txt": b"\0", ".git/x.jsonl": b"x"}
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"


@dataclass
class Cell:
    """One command: what comes in at which door, what is wrong with it, and how that comes out."""

    door: str
    damage: str
    command: Callable[[Path], list]
    # makes the thing in a folder and says what to type: module, then flags
    wanted: str
    # RIGHT; SAID and what is said; else what the line of the refusal holds
    named: str = "mine"
    # what that line names

    @property
    def name(self) -> str:
        return f"{self.door}: {self.damage}"


def given(door: str, damage: str, path: str, content: bytes | dict | None, wanted: str, flags: str = "") -> Cell:
    """A file, or a folder with its files by name, or nothing, at a door of text or pairs."""
    module, flag = ("data.pairs", "--pairs") if "pairs" in door else ("data.corpus", "--corpus")

    def command(folder: Path) -> list:
        files = (
            {f"{path}/{name}": held for name, held in content.items()} if isinstance(content, dict) else {path: content}
        )
        if isinstance(content, dict):
            (folder / path).mkdir()
        for name, held in files.items():
            if held is not None:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(numbered(held))
        return [module, "--workspace", folder / "work", flag, folder / path, *flags.split()]

    return Cell(door, damage, command, wanted, path.split(".")[0] if not flags else "")


def lines(rows: list) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def damaged(rows: list[dict]) -> dict[str, tuple[bytes, str]]:
    """Rows in every outline, and with every damage that rows can have: how each comes out."""
    good, key = lines(rows), list(rows[0])[-1]
    last = f":{len(rows) + 1}: "
    return {
        "an object a line": (good, RIGHT),
        "an array": (json.dumps(rows).encode(), RIGHT),
        "objects over several lines": ("\n".join(json.dumps(row, indent=1) for row in rows).encode(), RIGHT),
        "rows inside an object": (json.dumps({"version": 1, "data": rows}, indent=1).encode(), RIGHT),
        "columns": (json.dumps({name: [row[name] for row in rows] for name in rows[0]}).encode(), RIGHT),
        "UTF-16 with a mark": (codecs.BOM_UTF16_LE + good.decode().encode("utf-16-le"), RIGHT),
        "compressed": (gzip.compress(good), RIGHT),
        "compressed and cut short": (gzip.compress(good)[:60], "cannot be unpacked"),
        "line ends of Windows": (good.replace(b"\n", b"\r\n"), RIGHT),
        "a blank line": (good + b"\n \n", RIGHT),
        "an idle key": (lines([row | {"notes": "x"} for row in rows]), f"{SAID}: column notes not used"),
        "empty": (b"", "empty"),
        "a row cut short": (good + b'{"te', f"{last}not valid JSON"),
        "an array cut short": (json.dumps(rows).encode()[:-5], ":1: not valid JSON"),
        "printed by Python": (str(rows[0]).encode(), "single quotes"),
        "HTML": (b"<html><p>text</p></html>", "looks like HTML"),
        "a number where text belongs": (good + lines([rows[0] | {key: 3}]), f"{last}key '{key}' is 3"),
        "a list where text belongs": (good + lines([rows[0] | {key: ["a"]}]), f"{last}key '{key}' is .\"a\".,"),
        "NaN where text belongs": (good + lines([rows[0] | {key: float("nan")}]), f"{last}key '{key}' has no text"),
        "blank where text belongs": (good + lines([rows[0] | {key: "  "}]), f"{last}key '{key}' has no text"),
        "half a character": (good + HALF, "half a character"),
        "a row in another encoding": (good + good.splitlines()[0] + b"\xe9\n", f"{last}not UTF-8"),
        "another key": (lines([{"body": "some words here"}]), ":1: "),
        "a number as a row": (good + b"3\n", f"{last}is 3, where an object was expected"),
        "no rows at all": (b"[]", "no row"),
        "a ZIP archive": (b"PK\x03\x04", "a ZIP archive"),
        "a pickle": (PICKLE, "never opened"),
        "an LFS pointer": (POINTER, "git lfs pull"),
        "Parquet under another name": (b"PAR1", "give it the ending .parquet"),
    }  # fmt: skip


def of_rows(door: str, rows: list[dict]) -> list[Cell]:
    return [given(door, damage, "mine.jsonl", *made) for damage, made in damaged(rows).items()]


def of_texts(door: str) -> list[Cell]:
    plain = TEXT.encode()
    made = {
        "plain": (plain, RIGHT),
        "UTF-8 with a mark": (codecs.BOM_UTF8 + plain, RIGHT),
        "UTF-16 with a mark": (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), RIGHT),
        "UTF-16 without a mark": (TEXT.encode("utf-16-le"), "UTF-16 without a mark; pass --encoding utf-16-le"),
        "windows-1252": (TEXT.encode("cp1252"), "as windows-1252 it reads"),
        "an encoding that nobody knows": (bytes(range(128, 256)) * 99, "encoding is not known"),
        "compressed": (gzip.compress(plain), RIGHT),
        "compressed and cut short": (gzip.compress(plain)[:60], "cannot be unpacked"),
        "line ends of Windows": (plain.replace(b"\n", b"\r\n"), RIGHT),
        "line ends of old Macs": (plain.replace(b"\n", b"\r"), RIGHT),
        "empty": (b"", "is empty"),
        "blank": (b" \n\n", "is empty"),
        "binary": (b"ab\0cd", "looks binary"),
        "a ZIP archive": (b"PK\x03\x04", "a ZIP archive"),
        "a PDF": (b"%PDF-1.7", "a PDF"),
        "an LFS pointer": (POINTER, "git lfs pull"),
    }
    cells = [given(door, damage, "mine.txt", *how) for damage, how in made.items()]
    cells.append(
        given(door, "windows-1252, said to be that", "mine.txt", TEXT.encode("cp1252"), RIGHT, "--encoding cp1252")
    )
    cells.append(
        given(door, "an encoding without a meaning", "mine.txt", plain, "nothing is known by", "--encoding klingon")
    )
    return cells


def of_folders(door: str, good: dict[str, bytes], odd: dict[str, bytes]) -> list[Cell]:
    """good: a file that is read; odd: one that is not of this door."""
    name, odd_name = next(iter(good)), next(iter(odd))
    return [
        given(door, "nothing there", "mine", None, "no such file or folder"),
        given(door, "an empty folder", "mine", {}, "holds no"),
        given(door, "a folder", "mine", good, f"{SAID}: read 1 file"),
        given(door, "other kinds beside it", "mine", good | odd, f"{SAID}: 1 of another kind than"),
        given(door, "other kinds alone", "mine", odd, f"holds 1 of another kind than .* [(]{odd_name}[)]"),
        given(door, "hidden files beside it", "mine", good | HIDDEN, f"{SAID}: 2 hidden"),
        given(door, "hidden files alone", "mine", {f".{name}": good[name]}, "holds 1 hidden"),
        given(door, "an empty file beside it", "mine", good | {f"b-{name}": b""}, f"{SAID}: 1 empty"),
        given(door, "a test file beside a train file", "mine",
              {f"train-{name}": good[name], f"test-{name}": good[name]}, f"{SAID}: 1 set aside for tests"),
        given(door, "another ending", odd_name, odd[odd_name], "is not read here"),
    ]  # fmt: skip


def of_tables(door: str, header: str, row: str) -> list[Cell]:
    good = header + "\n" + row * 40
    return [
        given(door, "CSV", "mine.csv", good.encode(), RIGHT),
        given(door, "CSV with semicolons", "mine.csv", good.replace(",", ";").encode(), RIGHT),
        given(door, "TSV", "mine.tsv", good.replace(",", "\t").encode(), RIGHT),
        given(door, "a cell too many", "mine.csv", (good + row.replace("\n", ",x\n")).encode(), ":42: 3 cells, but 2"),
        given(door, "a cell too few", "mine.csv", (good + "x\n").encode(), ":42: 1 cells, but 2"),
        given(door, "an open quotation mark", "mine.csv", (good + '"x,y\n').encode(), "no row of a table"),
        given(door, "another encoding", "mine.csv", good.encode("utf-16-le"), "UTF-16 without a mark"),
        given(door, "a damaged Parquet file", "mine.parquet", b"PAR1 nonsense", "no Parquet file that can be read"),
        given(door, "a Parquet file that is a pointer", "mine.parquet", POINTER, "git lfs pull"),
    ]  # fmt: skip


def of_pairs(door: str) -> list[Cell]:
    """A dozen good pairs, and behind them one of another form or with something that is not read here."""
    turn, answer = {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}
    alpaca, talk = {"instruction": "a", "output": "b"}, [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]
    picture = turn | {"content": [{"type": "image"}]}
    made = {
        "messages": ({"messages": [turn, answer]}, RIGHT),
        "bare messages": ([turn, answer], RIGHT),
        "ShareGPT": ({"conversations": talk}, RIGHT),
        "a missing input": (alpaca | {"input": float("nan")}, RIGHT),
        "system and history": (alpaca | {"system": "Be brief.", "history": [["c", "d"]]}, RIGHT),
        "a number as input": (alpaca | {"input": 0}, "key 'input' is 0"),
        "weight 0": ({"messages": [turn, answer | {"weight": 0}]}, f"{SAID}: 1 rows of weight 0"),
        "half a weight": ({"messages": [turn, answer | {"weight": 0.5}]}, "turn 2 .assistant.: weight 0.5"),
        "tools": (alpaca | {"tools": ["f"]}, "the key 'tools' changes"),
        "reasoning": ({"messages": [turn, answer | {"reasoning": "hm"}]}, "'reasoning' changes"),
        "a preference": ({"prompt": "a", "chosen": "b", "rejected": "c"}, "'chosen' changes"),
        "a bad answer": (alpaca | {"label": False}, "label false marks"),
        "a picture": ({"messages": [picture, answer]}, "turn 1 .user. holds"),
        "an unknown role": ({"messages": [turn | {"role": "nurse"}, answer]}, "role 'nurse'"),
        "no answer": ({"messages": [turn]}, "no assistant turn"),
        "no turns": ({"messages": []}, "the conversation must be"),
    }
    cells = [given(door, damage, "mine.jsonl", lines([*PAIRS, row]), how) for damage, (row, how) in made.items()]
    aside = lines([*PAIRS, alpaca | {"tools": ["f"]}])
    return [
        *cells,
        given(door, "tools, left aside", "mine.jsonl", aside, RIGHT, "--ignore_keys tools"),
        given(door, "a single pair", "mine.jsonl", lines(PAIRS[:1]), "1 pairs are too few"),
        given(door, "equal pairs alone", "mine.jsonl", lines(PAIRS[:1] * 9), "9 pairs are too few"),
        given(door, "plain text", "mine.txt", TEXT.encode(), "not as plain text|is not read here"),
    ]


def of_sizes(door: str) -> list[Cell]:
    return [
        given(door, "three documents", "mine.jsonl", lines(ROWS[:3]), RIGHT),
        given(
            door, "two documents", "mine.jsonl", lines(ROWS[:2]), "2 different documents .* and 3 at least are needed"
        ),
        given(door, "one document many times", "mine.jsonl", lines(ROWS[:1] * 50), "1 document of up to"),
        given(door, "a book a row", "mine.jsonl", lines([{"text": "A word. " * 2000}]), RIGHT),
        given(door, "no end to a word", "mine.txt", b"x" * 20_000, "2 different documents"),
    ]


@cache
def whole_model() -> Path:
    return strangers.make_llama(Path(tempfile.mkdtemp()) / "llama")


@cache
def workspace_with_pairs() -> Path:
    """A workspace in which pairs are made, for the cells that tune."""
    folder = Path(tempfile.mkdtemp())
    assert run(*given("pairs", "", "mine.jsonl", lines(PAIRS), RIGHT).command(folder))[0] == 0
    return folder / "work"


def of_models() -> list[Cell]:
    """Model folders at the three doors: a base to tune, a model to compare, one to talk to."""
    damages = {
        **{said: (work, said) for said, work in {**test_folders.FILES, **test_folders.WEIGHTS}.items()},
        "code of its own": (test_folders.plant_model, "code of its own, which is never run"),
        "a tokenizer with code": (test_folders.plant_tokenizer, "code of its own, which is never run"),
        "a broken template": (with_template("{% for m in messages %}{% endif %}"), "chat template cannot write"),
        "a template that refuses": (with_template("{{ raise_exception('give tools') }}"), "give tools"),
        "a template that drops the text": (with_template("hello"), "leaves out what the user says"),
    }

    def at(module: str, *flags: object):
        def command_for(work):
            def command(folder: Path) -> list:
                shutil.copytree(whole_model(), folder / "mine")
                work(folder / "mine")
                where = {"train.sft": workspace_with_pairs, "eval.compare": lambda: folder / "work"}
                workspace = ["--workspace", where[module](), "--run", "tiny"] if module in where else []
                return [module, *workspace, *(folder / "mine" if flag is ... else flag for flag in flags)]

            return command

        return command_for

    doors = {
        "base to tune": at("train.sft", "--base", ..., "--max_steps", 1, "--precision", "fp32"),
        "model to compare": at("eval.compare", "--base", whole_model(), "--instruct", ...),
        "model to talk to": at("eval.chat", "--stage", ...),
    }
    cells = [
        Cell(door, damage.replace("\\", ""), command_for(work), said)
        for door, command_for in doors.items()
        for damage, (work, said) in damages.items()
    ]
    whole = [Cell(door, "a whole model", doors[door](lambda folder: None), RIGHT) for door in ("model to talk to",)]
    return cells + whole


def with_template(text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / "chat_template.jinja").write_text(text) and None


def of_numbers() -> list[Cell]:
    """Numbers of ours that make no sense, at every stage; those of the trainers: tests/test_settings.py."""
    made = {
        ("data.corpus", "--megabytes nan"): "megabytes: nan is out of range",
        ("data.corpus", "--megabytes 1e400"): "megabytes: inf is out of range",
        ("data.corpus", "--test_share 2"): "test_share: 2.0 is out of range",
        ("data.corpus", "--world_seed 5000000000"): "world_seed: 5000000000 is out of range",
        ("data.tokenizer", "--vocabulary -1"): "vocabulary: -1 is out of range",
        ("data.pairs", "--count 0"): "count: 0 is out of range",
        ("train.pretrain", "--seed 5000000000"): "seed: 5000000000 is out of range",
        ("train.pretrain", "--seed -1"): "seed: -1 is out of range",
        ("train.pretrain", "--hidden_size 1.5"): "hidden_size: invalid int value",
        ("train.sft", "--lora_rank 0"): "lora_rank: 0 is out of range",
        ("train.sft", "--row_length -5"): "row_length: -5 is out of range",
        ("eval.compare", "--seeds 0,1"): "seeds: '0,1'; give numbers",
        ("eval.compare", "--seeds 5000000000"): "seeds: '5000000000'; give numbers",
        ("eval.compare", "--items 0"): "items: 0 is out of range",
        ("eval.chat", "--temperature nan"): "temperature: nan is out of range",
    }
    return [
        Cell(f"number of {module}", flags, typed(module, *flags.split()), said, flags.split()[0][2:])
        for (module, flags), said in made.items()
    ]


def typed(module: str, *flags: str) -> Callable[[Path], list]:
    return lambda folder: [module, "--workspace", folder / "work", *flags]


def of_folders_to_write() -> list[Cell]:
    """Workspaces that can hold nothing, and names of runs that are none, at every stage."""
    stages = "data.corpus data.tokenizer data.pairs train.pretrain train.sft eval.compare"
    modules = [*stages.split(), "eval.chat", "eval.study.__main__"]

    def spoilt(module: str, how: str) -> Callable[[Path], list]:
        return lambda folder: [module, "--workspace", test_settings.spoil(folder, how)]

    return [
        *(Cell(f"workspace of {module}", how, spoilt(module, how), "workspace: .*; choose another folder", "workspace")
          for module in modules for how in test_settings.SPOILT),
        *(Cell(f"run of {module}", "../up", typed(module, "--run", "../up"), "is no folder name", "../up")
          for module in modules),
    ]  # fmt: skip


CELLS = [
    *of_texts("text"),
    *of_folders("folder of text", {"a.txt": TEXT.encode()}, {"a.docx": b"PK"}),
    *of_rows("rows of text", ROWS),
    *of_tables("tables of text", "text,by", "a page of mine {},me\n"),
    *of_sizes("amount of text"),
    *of_folders("folder of pairs", {"a.jsonl": lines(PAIRS)}, {"a.txt": b"text"}),
    *of_rows("rows of pairs", PAIRS),
    *of_tables("tables of pairs", "prompt,completion", "Is {} a number?,Yes\n"),
    *of_pairs("pairs"),
    *of_models(),
    *of_numbers(),
    *of_folders_to_write(),
]
# what must stand in the result of a cell that is right, by the first words that fit its door
WITNESS = {
    "tables of text": "a page of mine 7",
    "tables of pairs": "Is 7 a number?",
    "amount": "",
    "text": "the café on hill 7 is “open”.",
    "folder of text": "the café on hill 7 is “open”.",
    "rows of text": "the café on hill 7 is “open”.",
    "pairs": "Yes, 7 is.",
    "folder of pairs": "Yes, 7 is.",
    "rows of pairs": "Yes, 7 is.",
}


def run(module: str, *argv: object) -> tuple[int, str, str]:
    """(exit code, output, errors) of `python -m module argv`, in this process: a cell takes milliseconds."""
    from configs.pipeline.errors import exit_cleanly

    out, err, before = io.StringIO(), io.StringIO(), (sys.argv, sys.stdin)
    sys.argv, sys.stdin = [module, *map(str, argv)], io.TextIOWrapper(io.BytesIO(b"y\n"))
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            exit_cleanly(importlib.import_module(module).main)
        code = 0
    except SystemExit as left:
        code = left.code or 0
    finally:
        sys.argv, sys.stdin = before
    return code, out.getvalue(), err.getvalue()


def numbered(content: bytes) -> bytes:
    """Tables of equal rows, each with its number, so that they differ."""
    numbers = iter(range(1000))
    return re.sub(rb"\{\}", lambda _: str(next(numbers)).encode(), content) if b" {}" in content else content


def check(cell: Cell, code: int, out: str, err: str) -> None:
    if cell.wanted.startswith(RIGHT):
        assert (code, err) == (0, "")
        assert cell.wanted.partition(": ")[2] in out
    else:
        assert code == 2
        assert re.search(cell.wanted, err)
        assert err.startswith("error: ")
        assert err.count("\n") == 1
        assert cell.named in err


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_every_cell(cell, tmp_path, monkeypatch):
    monkeypatch.delenv("ONLINE", raising=False)
    check(cell, *run(*cell.command(tmp_path)))
    written = "".join(path.read_text() for path in tmp_path.glob("work/data/processed/tiny/*/*.jsonl"))
    witness = next((witness for door, witness in WITNESS.items() if cell.door.startswith(door)), "")
    assert not witness or (witness in written) == cell.wanted.startswith(RIGHT)
    left = [
        path for path in tmp_path.rglob("*") if path.name.endswith((".partial", ".scratch")) and any(path.iterdir())
    ]
    assert not left  # nothing half-written


def table() -> str:
    """The cells as Markdown: what was done, and what came of it."""
    told = ["| door | damage | comes out | in words |", "|---|---|---|---|"]
    for cell in CELLS:
        with tempfile.TemporaryDirectory() as folder:
            code, out, err = run(*cell.command(Path(folder)))
            words = (err or cell.wanted.partition(": ")[2]).replace(folder + "/", "").replace("|", "\\|").strip()
            told.append(f"| {cell.door} | {cell.damage} | {'refused' if code else 'right'} | {words[:160]} |")
    return "\n".join(told)


if __name__ == "__main__":
    print(table())
