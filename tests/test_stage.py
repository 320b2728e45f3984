"""A stage's folder appears whole or not at all; the same identity runs once, another one is refused."""

import errno
import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT
from filelock import FileLock

from configs.pipeline.commands import command_for
from configs.pipeline.errors import UserError, exit_cleanly
from configs.pipeline.files import write_json
from configs.pipeline.stage import MANIFEST, Stage, changed_files, content_hash, open_finished


def stage(folder, force=False, **settings) -> Stage:
    return Stage("toy", folder / "toy", {"size": 1, **settings}, {"text": "abc"}, force)


def run(one: Stage, text: str = "weights") -> None:
    with one.writing() as folder:
        (folder / "weights.txt").write_text(text)
        one.record(note="a toy")


def test_a_finished_stage_does_not_run_again(tmp_path, capsys):
    assert not stage(tmp_path).is_finished()
    run(stage(tmp_path))
    assert stage(tmp_path).is_finished()
    assert "up to date" in capsys.readouterr().out
    record = json.loads((tmp_path / "toy" / "record.json").read_text())
    assert record["note"] == "a toy"
    assert record["identity"]["settings"] == {"size": 1}
    assert not (tmp_path / "toy.partial").exists()


def test_another_configuration_is_refused_by_name_and_force_replaces(tmp_path):
    run(stage(tmp_path))
    with pytest.raises(UserError, match=r"size 1 -> 2.*RUN=newname.*FORCE=1"):
        stage(tmp_path, size=2).is_finished()
    with pytest.raises(UserError, match=r"text abc -> xyz"):
        Stage("toy", tmp_path / "toy", {"size": 1}, {"text": "xyz"}).is_finished()
    forced = stage(tmp_path, force=True, size=2)
    assert not forced.is_finished()
    run(forced, "new weights")
    assert (tmp_path / "toy" / "weights.txt").read_text() == "new weights"
    assert not (tmp_path / "toy.old").exists()


def test_a_failure_leaves_the_finished_folder_as_it_was(tmp_path):
    run(stage(tmp_path))
    with pytest.raises(RuntimeError), stage(tmp_path, force=True).writing() as folder:
        (folder / "weights.txt").write_text("half")
        raise RuntimeError("power cut")
    assert (tmp_path / "toy" / "weights.txt").read_text() == "weights"
    assert not changed_files(tmp_path / "toy")


def interrupt(one: Stage) -> None:
    with pytest.raises(KeyboardInterrupt), one.writing(keep="checkpoint-*") as folder:
        (folder / "curve").write_text("a point")
        (one.scratch / "checkpoint-1").mkdir()
        raise KeyboardInterrupt


def test_an_interrupted_run_continues_if_it_is_the_same(tmp_path):
    interrupt(stage(tmp_path))
    with (
        pytest.raises(UserError, match=r"unfinished toy that differs: size 1 -> 2"),
        stage(tmp_path, size=2).writing(keep="checkpoint-*"),
    ):
        pass
    with stage(tmp_path).writing(keep="checkpoint-*") as folder:
        assert (folder / "curve").is_file()
        stage(tmp_path)
    assert not (tmp_path / "toy.scratch").exists()


def test_what_an_interrupted_run_left_is_dropped_by_force_even_if_it_cannot_be_read(tmp_path):
    interrupt(stage(tmp_path))
    (tmp_path / "toy.scratch" / "identity.json").write_text("{")
    with pytest.raises(UserError, match="FORCE=1"), stage(tmp_path).writing(keep="checkpoint-*"):
        pass
    with stage(tmp_path, force=True).writing(keep="checkpoint-*") as folder:
        assert not (folder / "curve").exists()
        stage(tmp_path)


def test_force_drops_what_was_unforced_and_continues_what_was_forced(tmp_path):
    interrupt(stage(tmp_path))
    with pytest.raises(KeyboardInterrupt), stage(tmp_path, force=True).writing(keep="checkpoint-*") as folder:
        assert not (folder / "curve").exists()
        (tmp_path / "toy.scratch" / "checkpoint-2").mkdir()
        raise KeyboardInterrupt
    with stage(tmp_path, force=True).writing(keep="checkpoint-*"):
        assert (tmp_path / "toy.scratch" / "checkpoint-2").is_dir()


def test_a_death_between_the_two_renames_loses_nothing(tmp_path):
    run(stage(tmp_path))
    (tmp_path / "toy").rename(tmp_path / "toy.old")
    with pytest.raises(RuntimeError), stage(tmp_path, force=True).writing():
        raise RuntimeError("the next run fails as well")
    assert (tmp_path / "toy" / "weights.txt").read_text() == "weights"


def test_a_second_writer_is_refused_and_a_dead_lock_is_not_in_the_way(tmp_path):
    with stage(tmp_path).writing() as folder:
        with pytest.raises(UserError, match="another process is writing this toy"), stage(tmp_path).writing():
            pass
        assert folder.exists()
    assert (tmp_path / "toy.lock").exists() or os.name != "nt"
    run(stage(tmp_path, force=True))
    with FileLock(tmp_path / "toy.lock", timeout=0):
        pass


@pytest.mark.parametrize("damage", ["flip a bit", "truncate", "delete"])
def test_damage_is_found_and_named(tmp_path, damage):
    run(stage(tmp_path))
    path = tmp_path / "toy" / "weights.txt"
    if damage == "flip a bit":
        path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    elif damage == "truncate":
        path.write_bytes(b"")
    else:
        path.unlink()
    with pytest.raises(UserError, match=r"weights.txt is damaged.*; copy the folder again, or leave it"):
        open_finished(tmp_path / "toy", "toy", ", or leave it")


@pytest.mark.parametrize(
    ("folder", "command"),
    [
        ("checkpoints/tiny/seed0/base", "make pretrain"),
        ("checkpoints/hot/seed1/sft", "make sft-full RUN=hot SEEDS=1"),
        ("checkpoints/smoke/seed0/sft-lora", "make sft-lora SIZE=smoke"),
        ("checkpoints/hot/seed0/base/curve/step-4", "make pretrain RUN=hot"),
        ("my work/data/processed/hot/corpus", "make corpus RUN=hot WORKSPACE='my work'"),
        ("models/foreign", None),
    ],
)
def test_a_missing_folder_says_what_makes_it(folder, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError) as error:
        open_finished(Path(folder), "model", ", or leave it")
    way_out = f"run `{command}`" if command else "name another folder"
    assert str(error.value) == f"no model at {folder}; {way_out}, or leave it"


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not here")
def test_a_remedy_works_as_typed(monkeypatch):
    monkeypatch.setattr("sys.argv", ["train.sft", "--config", "configs/smoke/sft.yaml"])
    command = command_for(Path("my work/checkpoints/hot/seed1/sft"), "", force=True).split("`")[1]
    planned = subprocess.run(["make", "-n", *shlex.split(command)[1:]], cwd=ROOT, capture_output=True, text=True).stdout
    tuning = next(line for line in planned.splitlines() if "train.sft" in line)
    for flag in ('--seeds "1"', "configs/smoke/sft.yaml", "--run 'hot'", "--force true", "--workspace 'my work'"):
        assert flag in tuning


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not here")
def test_whatever_stands_in_a_path_is_one_word_to_the_shell():
    place = """it's "my" work, shop; $(touch x) `touch x`"""
    given = [f"WORKSPACE={place.replace('$', '$$')}", f"CORPUS={place.replace('$', '$$')}"]
    planned = subprocess.run(["make", "-n", "corpus", *given], cwd=ROOT, capture_output=True, text=True).stdout
    words = shlex.split(planned.replace("\\\n", " "))
    assert words[words.index("--workspace") + 1] == words[words.index("--corpus") + 1] == place


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not here")
@pytest.mark.parametrize(
    ("seeds", "said"),
    [("", "SEEDS is empty"), ("  ", "SEEDS is empty"), ("4294967296", "none above"), ("9" * 40, "none above"),
     ("0 -1", "give numbers"), ("0,1", "give numbers"), ("1.5", "give numbers")],
)  # fmt: skip
def test_make_refuses_seeds_that_would_train_nothing_or_end_in_numpy(seeds, said):
    done = subprocess.run(["make", "-n", "pretrain", f"SEEDS={seeds}"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert said in done.stderr
    assert "train.pretrain" not in done.stdout


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="no /proc here")
def test_a_folder_that_cannot_be_made_is_named():
    said = r"cannot write the toy: /proc/nothing: .*; choose another folder"
    with pytest.raises(UserError, match=said), stage(Path("/proc/nothing")).writing():
        pass


def test_a_disk_that_is_full_leaves_the_old_file(tmp_path, monkeypatch):
    write_json(tmp_path / "note.json", "old")
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "note.json")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(full))
    with pytest.raises(OSError, match="No space left"):
        write_json(tmp_path / "note.json", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["note.json"]
    assert (tmp_path / "note.json").read_text() == '"old"\n'


@pytest.mark.parametrize(
    "number", ["ENOSPC", "EACCES", "EROFS", "ENOTDIR", "EEXIST", "EISDIR", "ELOOP", "ENAMETOOLONG", "EIO"]
)
def test_what_the_system_refuses_is_one_line(number, capsys):
    code = getattr(errno, number)

    def main():
        raise OSError(code, os.strerror(code), "some/where")

    with pytest.raises(SystemExit) as left:
        exit_cleanly(main)
    assert left.value.code == 2
    assert re.fullmatch(rf"error: some/where: {os.strerror(code)}; \S.*, and run it again\n", capsys.readouterr().err)


def test_results_that_are_missing_are_made_by_the_comparison_of_their_run():
    assert command_for(Path("here/eval/results/hot"), "") == "run `make compare RUN=hot WORKSPACE=here`"
    assert "make compare RUN=hot FORCE=1" in command_for(Path("eval/results/hot"), "", force=True)


@pytest.mark.parametrize("broken", ["manifest.json", "record.json", "tokenizer.json"])
def test_a_finished_stage_that_is_damaged_says_how_to_make_it_anew(tmp_path, broken):
    def base() -> Stage:
        return Stage("base", tmp_path / "checkpoints" / "hot" / "seed0" / "base", {}, {})

    with base().writing() as folder:
        (folder / "tokenizer.json").write_text("{}")
        base().record()
    (base().folder / broken).write_text("{")
    with pytest.raises(UserError, match=rf"{broken}.*; run `make pretrain RUN=hot WORKSPACE=\S+ FORCE=1`"):
        base().is_finished()


@pytest.mark.parametrize("error", [UserError, KeyboardInterrupt])
def test_a_failure_leaves_nothing_that_nobody_continues_from(tmp_path, error):
    for keep in (None, "checkpoint-*"):
        with pytest.raises(error), stage(tmp_path).writing(keep) as folder:
            (folder / "half").write_text("a")
            raise error("stop")
        assert [path.name for path in tmp_path.iterdir()] in ([], ["toy.lock"])


def test_the_content_hash_ignores_the_record_and_sees_the_content(tmp_path):
    run(stage(tmp_path))
    first = content_hash(tmp_path / "toy")
    run(stage(tmp_path, force=True))
    assert content_hash(tmp_path / "toy") == first
    run(stage(tmp_path, force=True), "other")
    assert content_hash(tmp_path / "toy") != first
    assert (tmp_path / "toy" / MANIFEST).is_file()
