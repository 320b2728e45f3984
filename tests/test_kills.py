"""Killed at every write, a stage started again ends as if nothing had happened.

The moments are not chosen by hand: a stage runs once while every way in which Python changes a file is watched, and
before each change what then lies on disk, which is what `kill -9` would leave there, is kept; of a file being written
also the empty and the half one. From each state the same command is started again. `make test` does so from some
states of the trainings, spread over the whole run; `make soak` from all, and then kills a real run at random moments,
which also strikes what no Python sees: the writers of torch, safetensors and arrow, and the files they write beside.
"""

import builtins
import hashlib
import importlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import safetensors.torch
import torch
from conftest import CHATS, DOCUMENTS, ROOT, write_lines

from configs.pipeline.errors import UserError
from configs.pipeline.files import write_whole
from configs.pipeline.run import UpToDate
from configs.pipeline.stage import Stage, changed_files, sha256_of

STARTS = 4  # states of a training that are started from in `make test`
KILLS = int(os.environ.get("KILLS") or 20)  # of the real run, in `make soak`
VOLATILE = ("record.json", "manifest.json", "README.md", "training_args.bin")  # times and places stand in them
PRETRAIN = """
hidden_size: 16
num_hidden_layers: 1
num_attention_heads: 2
model_kwargs: {intermediate_size: 32, attention_dropout: 0.1}
train_tokens: 1536                       # 6 steps of 4 rows of 64 tokens
held_out_tokens: 100
curve_points: 2
precision: fp32
device: cpu
learning_rate: 0.01
per_device_train_batch_size: 4
logging_steps: 1
eval_strategy: "no"
save_steps: 2
"""
FEEDBACK = """
precision: fp32
device: cpu
max_steps: 6
learning_rate: 0.001
per_device_train_batch_size: 4
logging_steps: 1
eval_strategy: "no"
save_steps: 2
"""
SFT = FEEDBACK + "replay_share: 0.2\n"
RL = """
prompts: 8
held_out: 8
least_varied: 0
num_generations: 2
max_completion_length: 6
temperature: 1.0
beta: 0.01
"""
PREFERENCES = """
device: cpu
precision: fp32
count: 8
held_out: 2
samples: 2
max_new_tokens: 6
controlled_share: 0.7                    # the others are answers of a model that has learnt next to nothing
"""
DATA = {
    "corpus": "data.corpus --corpus {0}/corpus.jsonl --validation_share 0.1",
    "tokenizer": "data.tokenizer --vocabulary 400 --context_length 64",
    "pairs": "data.pairs --pairs {0}/pairs.jsonl",
}
TRAININGS = {
    "base": "train.pretrain --config {0}/pretrain.yaml",
    "sft": "train.sft --config {0}/sft.yaml",
    "sft-lora": "train.sft --config {0}/sft.yaml --weights lora",
    "dpo": "train.dpo --config {0}/feedback.yaml",
    "reward": "train.reward --config {0}/feedback.yaml",
    "rl": "train.rl --config {0}/rl.yaml",
    "rl-learnt": "train.rl --config {0}/rl.yaml --reward learnt",
}
SAMPLED = "train.preferences --config {0}/preferences.yaml"
BEFORE = {  # what a stage needs beside the data
    "sft": ["base"], "sft-lora": ["base"], "dpo": ["base", "sft", "preferences"],
    "reward": ["base", "sft", "preferences"], "rl": ["base", "sft"],
    "rl-learnt": ["base", "sft", "preferences", "reward"], "preferences": ["base", "sft"],
}  # fmt: skip
READY = DATA | TRAININGS | {"preferences": "train.preferences --preferences {0}/preferences.jsonl"}


def request(number: int) -> dict:
    """Something to answer that a program can judge."""
    turns = [{"role": "user", "content": f"Say {number}"}, {"role": "assistant", "content": f"{number}."}]
    return {"kind": "traits", "messages": turns, "meta": {}, "facts": [], "entities": []}


def start(workspace: Path, command: str) -> None:
    """A stage as `python -m` runs it, in this process: starting Python and torch anew would take ten seconds."""
    module, *arguments = command.split()
    with pytest.MonkeyPatch.context() as patch:
        words = [part.format(workspace) for part in arguments]
        patch.setattr(sys, "argv", [module, *words, "--workspace", str(workspace), "--run", "kills"])
        for stage in ("rl", "preferences"):  # own pairs have no fresh requests
            patch.setattr(f"train.{stage}.fresh_requests", lambda *_, **__: map(request, range(20)))
        with suppress(UpToDate):
            importlib.import_module(module).main()


class Disk:
    """A folder and the states in which a kill would leave it."""

    def __init__(self, folder: Path):
        self.folder, self.states, self.blobs, self.being_written = folder, {}, {}, None

    def state(self) -> dict[str, str | None]:
        """Name -> hash of every file; None for a folder."""
        found = {}
        for path in sorted(self.folder.rglob("*")):
            if not path.name.endswith(".lock"):
                found[path.relative_to(self.folder).as_posix()] = (
                    None if path.is_dir() else self.kept(path.read_bytes())
                )
        return found

    def kept(self, data: bytes) -> str:
        name = hashlib.sha256(data).hexdigest()
        self.blobs[name] = data
        return name

    def note(self) -> None:
        """Keep the state as it is; and if a file has just been written, the one with half of it."""
        now = self.state()
        if (half := self.being_written) in now and now[half]:
            data = self.blobs[now[half]]
            self.add(now | {half: self.kept(data[: len(data) // 2])})
        self.being_written = None
        self.add(now)

    def add(self, state: dict) -> None:
        self.states[json.dumps(state)] = state

    def restore(self, state: dict) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        for name, digest in state.items():
            path = self.folder / name
            if digest is None:
                path.mkdir(parents=True, exist_ok=True)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(self.blobs[digest])

    def inside(self, path: object) -> str | None:
        """Name of a file of the folder, None for any other."""
        try:
            return Path(os.fspath(path)).resolve().relative_to(self.folder.resolve()).as_posix()
        except (TypeError, ValueError):
            return None

    @contextmanager
    def watched(self):
        """Inside, every change that Python makes is noted before it is made."""

        def opened(file, mode="r", *args, **kwargs):
            name = self.inside(file) if set(mode) & set("wax") else None  # `r+` only flushes here
            if name:
                self.note()
            stream = plain(file, mode, *args, **kwargs)
            if name:
                self.note()  # empty
                self.being_written = name
            return stream

        def before(function):
            def wrapped(*args, **kwargs):
                self.note()
                return function(*args, **kwargs)

            return wrapped

        def saving(function, place: int):
            def wrapped(*args, **kwargs):
                self.note()
                done = function(*args, **kwargs)
                self.being_written = self.inside(args[place])
                return done

            return wrapped

        plain = builtins.open
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(builtins, "open", opened)
            patch.setattr(io, "open", opened)
            for name in ("replace", "rename", "unlink", "remove", "mkdir", "rmdir", "link", "symlink", "truncate"):
                patch.setattr(os, name, before(getattr(os, name)))
            patch.setattr(torch, "save", saving(torch.save, 1))
            patch.setattr(safetensors.torch, "serialize_file", saving(safetensors.torch.serialize_file, 1))
            yield
        self.note()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory) -> Path:
    """Settings, text and pairs; the stages are run by the tests, each after those that it reads."""
    folder = tmp_path_factory.mktemp("kills")
    write_lines(folder / "corpus.jsonl", [{"text": f"{text} ({n})"} for n in range(30) for text in DOCUMENTS])
    numbered = [[{**turn, "content": f"{turn['content']} {n}"} for turn in chat] for n in range(10) for chat in CHATS]
    write_lines(folder / "pairs.jsonl", [{"messages": chat} for chat in numbered])
    (folder / "pretrain.yaml").write_text(PRETRAIN)
    write_lines(folder / "preferences.jsonl", [
        {"prompt": f"Say {n}", "chosen": f"Yes, {n}.", "rejected": f"No, not {n}."} for n in range(20)
    ])  # fmt: skip
    (folder / "sft.yaml").write_text(SFT)
    (folder / "feedback.yaml").write_text(FEEDBACK)
    (folder / "rl.yaml").write_text(FEEDBACK + RL)
    (folder / "preferences.yaml").write_text(PREFERENCES)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield folder
    torch.set_num_threads(threads)


def home(workspace: Path, stage: str) -> Path:
    """The folder that a stage stands in."""
    return workspace / ("data/processed/kills" if stage in DATA else "checkpoints/kills/seed0")


def outcome(folder: Path) -> dict:
    """Everything a stage has made that another start would make as well."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    assert {"record.json", "manifest.json"} <= files.keys()
    record = json.loads(files["record.json"].read_text())
    kept = ("identity", "loss_curve", "held_out_curve", "train_tokens", "statistics", "rows")
    same = {n: hashlib.sha256(p.read_bytes()).hexdigest() for n, p in files.items() if n not in VOLATILE}
    return same | {name: None for name in files} | same | {key: record.get(key) for key in kept}


def kill_everywhere(workspace: Path, stage: str, command: str, most: int | None = None) -> int:
    """Run a stage, then from the states in which a kill would leave it; returns how many there are."""
    folder = home(workspace, stage)
    disk = Disk(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with disk.watched():
        start(workspace, command)
    truth, finished = outcome(folder / stage), disk.state()
    states = list(disk.states.values())
    chosen = states[:: max(1, len(states) // most)] if most else states
    for number, state in enumerate(chosen):
        disk.restore(state)
        try:
            start(workspace, command)
        except BaseException as error:
            raise AssertionError(f"state {number}: {sorted(state)}") from error
        assert outcome(folder / stage) == truth, sorted(state)
        names = {name for name in disk.state() if name.split("/")[0] == stage}
        assert names == {name for name in finished if name.split("/")[0] == stage}, sorted(state)
    print(f"{stage}: {len(states)} states, {len(chosen)} started from")
    return len(states)


@pytest.mark.parametrize("stage", DATA)
def test_a_killed_data_stage_starts_over(workspace, stage):
    assert kill_everywhere(workspace, stage, DATA[stage]) >= 10


@pytest.mark.slow
@pytest.mark.parametrize("most", [STARTS, pytest.param(None, marks=pytest.mark.soak)], ids=["some", "all"])
@pytest.mark.parametrize("stage", TRAININGS)
def test_a_killed_training_continues_to_the_same_bits(workspace, stage, most):
    make_ready(workspace, stage)
    assert kill_everywhere(workspace, stage, TRAININGS[stage], most) >= 100


@pytest.mark.slow
def test_killed_preferences_start_over_and_draw_the_same_answers(workspace):
    make_ready(workspace, "preferences")
    assert kill_everywhere(workspace, "preferences", SAMPLED, STARTS) >= 10


def make_ready(workspace: Path, stage: str) -> None:
    """Everything that a stage needs, and nothing of itself."""
    for needed in [*DATA, *BEFORE.get(stage, [])]:
        start(workspace, READY[needed])
    shutil.rmtree(home(workspace, stage) / stage, ignore_errors=True)


@pytest.mark.slow
def test_an_empty_note_of_seconds_ends_no_start(workspace):
    """An older version wrote `seconds.json` in place; killed there, every later start ended in a traceback."""
    make_ready(workspace, "base")
    disk = Disk(home(workspace, "base"))
    with disk.watched():
        start(workspace, TRAININGS["base"])
    disk.restore(next(s for s in disk.states.values() if "base.scratch/resume/checkpoint-4/manifest.json" in s))
    resume = home(workspace, "base") / "base.scratch" / "resume"
    (resume / "seconds.json").write_text("")
    start(workspace, TRAININGS["base"])
    assert not resume.exists()


# the skeleton of a stage alone: quick enough for every state of every history


def toy(folder: Path, size: int, force: bool = False) -> Stage:
    return Stage("toy", folder / "toy", {"size": size}, {}, force)


def work(one: Stage) -> None:
    """What a training does with its folders: a point of the curve, a checkpoint, and in the end the weights."""
    if one.is_finished():
        return
    size = one.identity["settings"]["size"]
    with one.writing(keep="checkpoint-*") as folder:
        if not (one.scratch / "checkpoint-1").is_dir():
            (folder / "curve").mkdir()
            (folder / "curve" / "point").write_text(f"point {size}")
            (one.scratch / "staging").mkdir()
            (one.scratch / "staging" / "state").write_text(f"state {size}")
            os.replace(one.scratch / "staging", one.scratch / "checkpoint-1")
        assert (one.scratch / "checkpoint-1" / "state").read_text() == f"state {size}"
        (folder / "weights").write_text(f"weights {size}")
        one.record()


def size_of(folder: Path) -> int:
    """Which run made the finished folder: it has to be whole, and every part of it has to say the same."""
    assert not changed_files(folder / "toy")
    files = [path for path in (folder / "toy").rglob("*") if path.is_file() and path.name not in VOLATILE]
    assert sorted(path.name for path in files) == ["point", "weights"]
    (size,) = {path.read_text().split()[1] for path in files}
    return int(size)


@pytest.fixture(scope="module")
def toys(tmp_path_factory) -> dict[str, Disk]:
    """What a kill leaves of a first run, and of a forced one that replaces a finished folder or an unfinished run."""
    folder = tmp_path_factory.mktemp("toys")
    disks = {name: Disk(folder / name) for name in ("first", "replacing", "dropping")}
    first, replacing, dropping = disks.values()
    first.folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("configs.pipeline.stage.git_commit", lambda: None)
        with first.watched():
            work(toy(first.folder, 1))
        replacing.blobs = dropping.blobs = first.blobs
        replacing.restore(first.state())
        dropping.restore(next(state for state in first.states.values() if "toy.scratch/checkpoint-1" in state))
        for disk in (replacing, dropping):
            with disk.watched():
                work(toy(disk.folder, 2, force=True))
        yield disks


@pytest.mark.parametrize(
    ("history", "size", "force"), [("first", 1, False), ("replacing", 2, True), ("dropping", 2, True)]
)
def test_the_same_command_finishes_from_every_state(toys, history, size, force):
    disk = toys[history]
    assert len(disk.states) >= 20
    for state in list(disk.states.values()):
        disk.restore(state)
        work(toy(disk.folder, size, force))
        assert size_of(disk.folder) == size, sorted(state)


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("history", ["replacing", "dropping"])
def test_whoever_does_not_force_any_more_gets_what_is_asked_for_or_is_told(toys, history, size):
    """Never a mixture of the two; and where one was finished, one of them stands there whole."""
    disk = toys[history]
    for state in list(disk.states.values()):
        disk.restore(state)
        said = answer(toy(disk.folder, size))
        assert said == "" or "differs: size" in said
        if (disk.folder / "toy").exists():
            assert (size_of(disk.folder) == size) == (said == ""), sorted(state)
        else:
            assert (history, "unfinished" in said) == ("dropping", True), sorted(state)


def answer(one: Stage) -> str:
    """What the stage refuses with; empty if it does its work."""
    try:
        work(one)
    except UserError as error:
        return str(error)
    return ""


@pytest.mark.soak
@pytest.mark.parametrize(
    ("history", "size", "force"), [("first", 1, False), ("replacing", 2, True), ("dropping", 2, True)]
)
def test_a_start_that_is_killed_as_well_finishes_the_third_time(toys, history, size, force):
    for state in list(toys[history].states.values()):
        again = Disk(toys[history].folder)
        toys[history].restore(state)
        with again.watched():
            work(toy(again.folder, size, force))
        for second in list(again.states.values()):
            again.restore(second)
            work(toy(again.folder, size, force))
            assert size_of(again.folder) == size, (sorted(state), sorted(second))


def test_a_file_is_the_old_one_or_the_new_one(tmp_path):
    """README.md, bench.json, the report: whatever is written over what stands there."""
    disk = Disk(tmp_path)
    write_whole(tmp_path / "page.md", "old " * 100)
    with disk.watched():
        write_whole(tmp_path / "page.md", "new " * 100)
    found = {disk.blobs[state["page.md"]].decode() for state in disk.states.values()}
    assert found == {"old " * 100, "new " * 100}
    assert len(disk.states) >= 5  # before, then empty, half and whole beside it, and after


def test_a_plain_write_would_be_caught(tmp_path):
    """The negative control: it leaves an empty and a half file to a kill."""
    disk = Disk(tmp_path)
    with disk.watched():
        (tmp_path / "seconds.json").write_text("12.5")
        (tmp_path / "other").mkdir()
    found = {disk.blobs[state["seconds.json"]] for state in disk.states.values() if "seconds.json" in state}
    assert found == {b"", b"12", b"12.5"}


# a real run


class Run:
    """`make pretrain sft SIZE=smoke` in a workspace, with everything that it starts in a group of its own."""

    def __init__(self, workspace: Path):
        command = ["make", "pretrain", "sft", "SIZE=smoke", f"WORKSPACE={workspace}"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )

    def seconds(self, at_most: float | None = None) -> float | None:
        """Seconds until it ended by itself; None if it had to be killed before."""
        began = time.monotonic()
        try:
            _, err = self.process.communicate(timeout=at_most)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.communicate()
            return None
        assert self.process.returncode == 0, err
        return time.monotonic() - began


@pytest.mark.soak
@pytest.mark.skipif(shutil.which("make") is None, reason="make is not here")
def test_a_real_run_that_is_killed_at_random_has_the_weights_of_one_left_alone(tmp_path):
    """The moments are drawn from a seed; KILLS says how many."""
    alone, killed = tmp_path / "left alone", tmp_path / "killed"
    draw, whole = random.Random(0), Run(alone).seconds()
    ends = [Run(killed).seconds(draw.uniform(1, whole / 2)) for _ in range(KILLS)]
    print(f"{ends.count(None)} of {KILLS} starts were killed; left alone it takes {whole:.0f} s")
    assert None in ends
    assert Run(killed).seconds()
    assert names_in(killed) == names_in(alone)
    weights = [name for name in names_in(alone) if name.endswith(".safetensors")]
    assert len(weights) >= 4
    for name in weights:
        assert sha256_of(killed / name) == sha256_of(alone / name), name


def names_in(workspace: Path) -> list[str]:
    return sorted(path.relative_to(workspace).as_posix() for path in workspace.rglob("*"))
