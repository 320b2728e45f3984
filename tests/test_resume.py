"""Interrupted at any moment, a stage continues to bit-identical weights; what it cannot trust it does not use."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT, run_module, write_small_data

from configs.pipeline.stage import sha256_of

PRETRAIN = """
hidden_size: 32
num_hidden_layers: 2
num_attention_heads: 2
model_kwargs: {intermediate_size: 64, attention_dropout: 0.1}   # dropout, so that the random state matters
train_tokens: 20480                      # 20 steps of 16 rows of 64 tokens
held_out_tokens: 200
curve_points: 3
precision: fp32
learning_rate: 0.01
per_device_train_batch_size: 16
logging_steps: 2
eval_strategy: steps
eval_steps: 4
save_steps: 4
"""
SFT = """
precision: fp32
replay_share: 0.2
num_train_epochs: 4
learning_rate: 0.001
per_device_train_batch_size: 8
train_sampling_strategy: group_by_length
logging_steps: 2
eval_strategy: steps
eval_steps: 4
save_steps: 4
"""
# before, inside and after the saves at steps 4, 8, ...; `rename` also counts the curve's checkpoints and small files
MOMENTS = [
    ("step", 3),
    ("step", 11),
    ("weights", 2),
    ("half an optimizer", 6),
    ("rng", 2),
    ("manifest", 2),
    ("rename", 9),
    ("weights", 5),
    ("publish", 1),
]


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Models this small train as fast on one thread, and two test runs beside each other do not fight for cores."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        yield


@pytest.fixture(scope="module")
def workspace(tmp_path_factory) -> Path:
    """A corpus, a tokenizer and pairs, made by the stages themselves; the folder has a space in its name."""
    folder = tmp_path_factory.mktemp("resume") / "my work"
    folder.mkdir()
    where = write_small_data(folder, texts=120, chats=20, pretrain=PRETRAIN, sft=SFT)
    run_module("train.pretrain", "--config", folder / "pretrain.yaml", *where)
    run_module("train.sft", "--config", folder / "sft.yaml", *where)
    run_module("train.sft", "--config", folder / "sft.yaml", *where, "--weights", "lora")
    return folder


def interrupted(moment: str, number: int, *arguments: object) -> subprocess.CompletedProcess:
    """Run a stage that dies at a moment."""
    command = [sys.executable, ROOT / "tests" / "interrupt.py", moment, number, *arguments]
    return subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True, timeout=300)


def pretrain(workspace: Path, run: str) -> tuple:
    """The arguments of a pretraining into its own run, on the shared corpus and tokenizer."""
    for what in ("corpus", "tokenizer"):
        target = workspace / "data" / "processed" / run / what
        if not target.exists():
            shutil.copytree(workspace / "data" / "processed" / "tiny" / what, target)
    return ("train.pretrain", "--config", workspace / "pretrain.yaml", "--workspace", workspace, "--run", run)


def weights(workspace: Path, run: str, stage: str = "base") -> Path:
    return workspace / "checkpoints" / run / "seed0" / stage / "model.safetensors"


@pytest.mark.parametrize(("moment", "number"), MOMENTS, ids=lambda value: str(value).replace(" ", "-"))
def test_a_killed_pretraining_continues_to_the_same_bits(workspace, moment, number):
    run = f"{moment}-{number}".replace(" ", "-")
    arguments = pretrain(workspace, run)
    died = interrupted(moment, number, *arguments)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert not weights(workspace, run).exists()
    done = run_module(*arguments)
    assert ("continuing from" in done.stdout) == ((moment, number) not in [("step", 3)]), done.stdout
    assert sha256_of(weights(workspace, run)) == sha256_of(weights(workspace, "tiny"))
    record, truth = (
        __import__("json").loads((weights(workspace, r).parent / "record.json").read_text()) for r in (run, "tiny")
    )
    assert record["loss_curve"] == truth["loss_curve"]
    assert record["held_out_curve"] == truth["held_out_curve"]
    leftovers = [p.name for p in weights(workspace, run).parent.rglob("*") if "staging" in p.name or p.name == "resume"]
    assert not leftovers


@pytest.mark.parametrize(
    ("stage", "moment", "number"),
    [
        ("sft", "step", 9),
        ("sft", "half an optimizer", 6),
        ("sft-lora", "step", 9),
        ("sft-lora", "manifest", 2),
    ],
)
def test_a_killed_fine_tuning_continues_to_the_same_bits(workspace, stage, moment, number):
    run = f"{stage}-{moment}".replace(" ", "-")
    shutil.copytree(workspace / "data" / "processed" / "tiny", workspace / "data" / "processed" / run)
    shutil.copytree(workspace / "checkpoints" / "tiny" / "seed0" / "base", weights(workspace, run).parent)
    rank = ("--weights", "lora") if stage == "sft-lora" else ()
    arguments = (
        "train.sft",
        "--config",
        workspace / "sft.yaml",
        "--workspace",
        workspace,
        "--run",
        run,
        *rank,
    )
    died = interrupted(moment, number, *arguments)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert "continuing from" in run_module(*arguments).stdout
    assert sha256_of(weights(workspace, run, stage)) == sha256_of(weights(workspace, "tiny", stage))


def test_damaged_checkpoints_are_passed_over_and_if_all_are_damaged_the_stage_refuses(workspace):
    arguments = pretrain(workspace, "damaged")
    interrupted("step", 11, *arguments)
    newest, older = (
        weights(workspace, "damaged").parent.with_suffix(".scratch") / "resume" / f"checkpoint-{n}" for n in (8, 4)
    )
    flip_a_bit(newest / "optimizer.pt")
    backup = shutil.copytree(workspace / "checkpoints" / "damaged", workspace / "checkpoints" / "worse")
    done = run_module(*arguments)
    assert "optimizer.pt is damaged" in done.stdout
    assert f"continuing from {older}" in done.stdout
    assert sha256_of(weights(workspace, "damaged")) == sha256_of(weights(workspace, "tiny"))
    flip_a_bit(backup / "seed0" / "base.scratch" / "resume" / "checkpoint-4" / "model.safetensors")
    failed = run_module(*pretrain(workspace, "worse"), code=2)
    assert "every checkpoint is damaged; delete this folder" in failed.stderr


def flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_a_loss_that_is_not_a_number_stops_the_run_and_is_never_saved(workspace):
    arguments = pretrain(workspace, "nan")
    stopped = interrupted("nan", 10, *arguments)
    assert stopped.returncode == 2
    assert "the loss is nan at step 10" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    run_module(*arguments)
    assert sha256_of(weights(workspace, "nan")) == sha256_of(weights(workspace, "tiny"))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to catch")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_saves_and_leaves_with_its_own_code(workspace, number, code):
    run = f"signal-{code}"
    arguments = pretrain(workspace, run)
    stage = subprocess.Popen(
        list(map(str, (sys.executable, "-m", *arguments))),
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    resume = weights(workspace, run).parent.with_suffix(".scratch") / "resume"
    while not list(resume.glob("checkpoint-*")) and stage.poll() is None:
        time.sleep(0.01)
    stage.send_signal(number)
    out, err = stage.communicate(timeout=120)
    assert stage.returncode == code, out + err
    assert "saved. The same command continues" in out
    assert "Traceback" not in err
    run_module(*arguments)
    assert sha256_of(weights(workspace, run)) == sha256_of(weights(workspace, "tiny"))


def test_a_finished_stage_is_left_alone_and_a_changed_one_is_refused(workspace):
    arguments = pretrain(workspace, "tiny")
    before = weights(workspace, "tiny").stat().st_mtime_ns
    assert "up to date" in run_module(*arguments).stdout
    refused = run_module(*arguments, "--learning_rate", 0.02, code=2)
    assert "learning_rate 0.01 -> 0.02" in refused.stderr
    assert "RUN=newname" in refused.stderr
    assert weights(workspace, "tiny").stat().st_mtime_ns == before


def test_another_seed_gives_other_weights_and_no_machine_path_is_written(workspace):
    run_module(*pretrain(workspace, "tiny"), "--seed", 1)
    other = workspace / "checkpoints" / "tiny" / "seed1" / "base" / "model.safetensors"
    assert sha256_of(other) != sha256_of(weights(workspace, "tiny"))
    for path in (workspace / "checkpoints" / "tiny").rglob("*"):
        if path.is_file():
            assert str(workspace).encode() not in path.read_bytes(), path


def test_the_merged_lora_model_answers_like_base_plus_adapter(workspace):
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    base = AutoModelForCausalLM.from_pretrained(weights(workspace, "tiny").parent).eval()
    merged = AutoModelForCausalLM.from_pretrained(weights(workspace, "tiny", "sft-lora").parent).eval()
    ids = torch.randint(3, 300, (2, 20))
    with torch.no_grad():
        assert not torch.allclose(merged(ids).logits, base(ids).logits, atol=1e-2)
        adapted = PeftModel.from_pretrained(base, weights(workspace, "tiny", "sft-lora").parent / "adapter").eval()
        assert torch.allclose(merged(ids).logits, adapted(ids).logits, atol=1e-4)
