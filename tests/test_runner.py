"""Questions over models, in one process and in several: the same answers, in the same order, and errors for people."""

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest
import torch
from conftest import ROOT, tiny_model
from light import die, refuse

from configs.pipeline.errors import UserError
from eval.answers import Answers, row
from eval.entries import Entry, find_models, is_own_alone
from eval.lm import open_language_model
from eval.pool import in_processes
from eval.runner import ask_all
from eval.settings import CompareSettings


def loss(door, world, settings) -> Answers:
    rows = [{"input_ids": door.encode("the cat sat on the mat", "raw")}]
    return Answers([row(door, "raw", "loss", "nll", "cat", door.nats(rows)[0][0])])


def words(door, world, settings) -> Answers:
    written = door.complete(["the cat"], "raw", 4)[0]
    return Answers([row(door, "raw", "words", "tokens", "cat", written.tokens)])


def apart(door, base, world, settings) -> Answers:
    return Answers([row(door, "raw", "apart", base.name, "cat", base.seed)])


def breaks(door, world, settings) -> Answers:
    raise UserError("this text is too long")


@pytest.fixture
def entries(tmp_path, tokenizer) -> list[Entry]:
    made = []
    for seed, stage in enumerate(("base", "sft")):
        folder = tmp_path / stage
        tiny_model(tokenizer, seed=seed).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        made.append(Entry(stage, "tiny", stage, seed, folder, content=stage, base=made[0] if made else None))
    return made


def asked(entries: list[Entry], workers: int) -> list[tuple]:
    answers = ask_all(entries, CompareSettings(workers=workers, device="cpu"), [loss, words], [apart])
    return [(row.model, row.question, row.metric, round(row.value, 5)) for row in answers.rows]


def test_models_that_are_not_there_or_damaged_are_told_with_the_command_that_makes_them(tmp_path):
    def asked_for(**more: str) -> str:
        with pytest.raises(UserError) as error:
            find_models(CompareSettings(run="hot", workspace=str(tmp_path), **more))
        return str(error.value)

    assert f"run `make all RUN=hot SEEDS='0 1' WORKSPACE={tmp_path}`" in asked_for(seeds="0 1")
    assert f"run `make all SIZE=small WORKSPACE={tmp_path}`" in asked_for(runs="small hot")
    (tmp_path / "checkpoints/hot/seed0/sft").mkdir(parents=True)
    assert f"no model at {tmp_path}/checkpoints/hot/seed0/sft; run `make sft-full RUN=hot" in asked_for()
    assert "seeds: '0,1'; give numbers, separated by spaces" in asked_for(seeds="0,1")


def test_a_run_without_a_base_is_told_where_to_find_one(entries, monkeypatch):
    workspace = entries[0].folder.parent
    model = workspace / "checkpoints" / "hot" / "seed0" / "sft"
    shutil.copytree(entries[0].folder, model)
    (model / "record.json").write_text(json.dumps({"parent": "checkpoints/small/seed0/base"}))
    monkeypatch.setattr("eval.entries.open_finished", lambda folder, what: folder)
    with pytest.raises(UserError, match='RUNS="small hot"'):
        find_models(CompareSettings(run="hot", workspace=str(workspace)))


@pytest.mark.parametrize(("types", "alone"), [({"own": 1.0}, True), ({"own": 0.7, "quiz": 0.3}, False), ({}, False)])
def test_only_a_corpus_of_nothing_else_is_own_text_alone(tmp_path, types, alone):
    (tmp_path / "record.json").write_text(json.dumps({"statistics": {"types": types}}))
    assert is_own_alone(tmp_path) is alone


def test_any_number_of_processes_gives_the_same_answers_model_by_model(entries):
    alone = asked(entries, workers=1)
    assert [entry[:3] for entry in alone] == [
        ("base", "loss", "nll"),
        ("base", "words", "tokens"),
        ("sft", "loss", "nll"),
        ("sft", "words", "tokens"),
        ("sft", "apart", "base"),  # the base itself stands beside nobody
    ]
    assert asked(entries, workers=2) == alone


def test_an_error_of_a_question_is_the_users_one_line(entries):
    with pytest.raises(UserError, match="too long"):
        ask_all(entries, CompareSettings(workers=1, device="cpu"), [breaks], [])


def test_an_error_in_another_process_comes_back_as_it_was():
    with pytest.raises(UserError, match="too long"):
        list(in_processes(refuse, None, [()], 2))


def test_a_killed_process_is_told_with_a_remedy(entries, monkeypatch):
    def killed(*_):
        yield from list(in_processes(die, None, [()], 2))

    monkeypatch.setattr("eval.runner.in_processes", killed)
    with pytest.raises(UserError, match="--workers 1"):
        ask_all(entries, CompareSettings(workers=2, device="cpu"), [loss], [])


PARENT = """
import os, signal
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from eval.pool import settle

if __name__ == "__main__":
    pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=settle, initargs=(1,))
    print(pool.submit(os.getpid).result(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_whose_parent_was_killed_leaves_with_it(tmp_path):
    """The output ends when the last process that holds it has left."""
    (tmp_path / "parent.py").write_text(PARENT)
    command = [sys.executable, str(tmp_path / "parent.py")]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert done.stdout.strip().isdigit()


def test_writing_in_bf16_leaves_the_scores_alone(entries):
    plain, fast = (
        open_language_model("base", entries[0].folder, 8, device="cpu", precision=p) for p in ("fp32", "bf16")
    )
    rows = [{"input_ids": plain.encode("the cat sat on the mat", "raw")}]
    assert plain.nats(rows) == fast.nats(rows)
    assert plain.writer is None
    assert next(fast.writer.parameters()).dtype == torch.bfloat16
    assert next(fast.model.parameters()).dtype == torch.float32
