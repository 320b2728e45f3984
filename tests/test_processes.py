"""Two processes under torchrun train what one trains, at the same rows a step; only the first one writes.

With AdamW: Muon orthogonalises in bf16, which enlarges what the sum over two processes rounds (train/NOTES.md).
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, run_module, write_small_data

PRETRAIN = """
hidden_size: 32
num_hidden_layers: 2
num_attention_heads: 2
model_kwargs: {intermediate_size: 64}
train_tokens: 8192                       # 8 steps of 16 rows of 64 tokens
held_out_tokens: 200
curve_points: 2
precision: fp32
optimizer: adamw
learning_rate: 0.01
dataloader_drop_last: true               # several processes fill the last batch of a pass up with its first rows
logging_steps: 1
eval_strategy: steps
eval_steps: 4
save_steps: 4
"""
SFT = """
precision: fp32
replay_share: 0.2
num_train_epochs: 2
learning_rate: 0.001
dataloader_drop_last: true               # several processes fill the last batch of a pass up with its first rows
logging_steps: 1
eval_strategy: steps
eval_steps: 4
save_steps: 4
"""
STAGES = {"base": ("train.pretrain", "pretrain", 16), "sft": ("train.sft", "sft", 8)}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("processes")
    write_small_data(folder, texts=60, chats=20, pretrain=PRETRAIN, sft=SFT)
    for stage in STAGES:
        run_module(*arguments(folder, stage, "tiny", processes=1))
    return folder


def arguments(workspace: Path, stage: str, run: str, processes: int) -> list:
    """A stage into its own run, on what the run of one process made of the stages before it."""
    data, base = workspace / "data" / "processed", workspace / "checkpoints" / "{}" / "seed0" / "base"
    if run != "tiny":
        shutil.copytree(data / "tiny", data / run, dirs_exist_ok=True)
        if stage == "sft" and not Path(str(base).format(run)).exists():
            shutil.copytree(str(base).format("tiny"), str(base).format(run))
    module, config, rows = STAGES[stage]
    where = ("--config", workspace / f"{config}.yaml", "--workspace", workspace, "--run", run)
    return [module, *where, "--per_device_train_batch_size", rows // processes]


def on_two(*command: object) -> subprocess.CompletedProcess:
    """Run under torchrun, with a port of its own choice."""
    launch = "-m torch.distributed.run --nproc-per-node 2 --rdzv-backend c10d --rdzv-endpoint localhost:0".split()
    command = list(map(str, [sys.executable, *launch, *command]))
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)


def record(workspace: Path, run: str, stage: str) -> dict:
    return json.loads((workspace / "checkpoints" / run / "seed0" / stage / "record.json").read_text())


@pytest.mark.parametrize("stage", STAGES)
def test_two_processes_have_the_losses_of_one(workspace, stage):
    done = on_two("-m", "--", *arguments(workspace, stage, f"two-{stage}", processes=2))
    assert done.returncode == 0, done.stdout + done.stderr
    one, two = record(workspace, "tiny", stage), record(workspace, f"two-{stage}", stage)
    for curve in ("loss_curve", "held_out_curve"):
        assert [step for step, _ in one[curve]] == [step for step, _ in two[curve]]
        assert [loss for _, loss in two[curve]] == pytest.approx([loss for _, loss in one[curve]], abs=1e-5)
    assert two["train_tokens"] == one["train_tokens"]
    assert done.stdout.count("held-out loss") == 1  # one card, by the process that writes


def test_two_processes_continue_after_a_kill(workspace):
    command = arguments(workspace, "base", "killed", processes=2)
    died = on_two("--", ROOT / "tests" / "interrupt.py", "step", 6, *command)
    assert died.returncode != 0
    assert not (workspace / "checkpoints" / "killed" / "seed0" / "base").exists()
    done = on_two("-m", "--", *command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "continuing from" in done.stdout
    one, two = record(workspace, "two-base", "base"), record(workspace, "killed", "base")
    assert two["loss_curve"] == one["loss_curve"]  # resumed to the same bits
