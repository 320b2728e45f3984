"""A stage and an objective that somebody adds: a line in a registry, and every command knows them.

The third registry, of the questions, has tests/test_questions.py.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, run_module, write_small_data

# a stage that copies its parent, in a module of its own
STAGE = """
import json
import shutil
from dataclasses import dataclass

from configs.pipeline.run import begin
from configs.pipeline.schema import SeededSettings, setting
from configs.pipeline.stages import STAGES, StageSpec


@dataclass
class CopySettings(SeededSettings):
    parent_run: str | None = setting(None, "run whose model is copied where this run has none of its own")
    note: str = setting("", "a word for the record")


STAGES["copied"] = StageSpec(
    "toy_stage", ("toy_stage:CopySettings",), "copy the instruct model", reads={"sft": ""}, home="checkpoints",
    model="causal", label="a copy", colour="#112233", marker="v",
)


def main():
    run = begin("copied")
    with run.writing() as folder:
        for name in ("config.json", "generation_config.json", "model.safetensors", "tokenizer.json",
                     "tokenizer_config.json", "chat_template.jinja"):
            if (run.folders["sft"] / name).is_file():
                shutil.copy(run.folders["sft"] / name, folder)
        record = json.loads((run.folders["sft"] / "record.json").read_text())
        kept = ("parameters", "trained_parameters", "train_tokens", "train_seconds", "held_out_loss",
                "held_out_bits_per_byte", "loss_curve", "held_out_curve")
        run.stage.record(parent="sft", note=run.settings.note, **{name: record[name] for name in kept})


if __name__ == "__main__":
    from toy_stage import main

    main()
"""
OBJECTIVE = """
from torch.nn.functional import cross_entropy

from train.objectives import OBJECTIVES, Objective, assistant_only


def last_token(messages, tokenizer):
    row = assistant_only(messages, tokenizer)
    return row | {"labels": [-100] * (len(row["labels"]) - 1) + row["labels"][-1:]}


def tenfold(outputs, labels, num_items_in_batch):
    logits, targets = outputs.logits[:, :-1].flatten(0, 1).float(), labels[:, 1:].flatten()
    return 10 * cross_entropy(logits, targets, reduction="sum") / num_items_in_batch


OBJECTIVES["last_token"] = Objective(
    last_token, "one conversation", "its stop token alone", loss=tenfold, caption="where to stop"
)
"""
PRETRAIN = """
hidden_size: 32
num_hidden_layers: 1
num_attention_heads: 2
model_kwargs: {intermediate_size: 32}
train_tokens: 4096
held_out_tokens: 200
curve_points: 0
logging_steps: 2
learning_rate: 0.01
"""
SFT = """
replay_share: 0.0
max_steps: 3
logging_steps: 1
learning_rate: 0.001
"""


def run_with(module: str, code: str, where: Path) -> str:
    """What a program prints that knows the module; it must succeed."""
    done = subprocess.run(
        [sys.executable, "-c", f"import {module}\n{code}"], cwd=ROOT, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": f"{where}{os.pathsep}{ROOT}"},
    )  # fmt: skip
    assert not done.returncode, done.stderr[-3000:]
    return done.stdout


def command(main: str, *flags: object) -> str:
    """Code that runs the `main` of a module with these flags, as `python -m` would."""
    return (f"import sys, runpy; sys.argv[1:] = {list(map(str, flags))!r}; "
            f"runpy.run_module({main!r}, run_name='__main__', alter_sys=False)")  # fmt: skip


@pytest.fixture(scope="module")
def workspace(tmp_path_factory) -> Path:
    """A base and an instruct model of one layer, and the toys beside them."""
    folder = tmp_path_factory.mktemp("registries")
    (folder / "toy_stage.py").write_text(STAGE)
    (folder / "toy_objective.py").write_text(OBJECTIVE)
    where = write_small_data(folder, texts=30, chats=10, pretrain=PRETRAIN, sft=SFT)
    for module, config in (("train.pretrain", "pretrain"), ("train.sft", "sft")):
        run_module(module, "--config", folder / f"{config}.yaml", *where)
    return folder


def test_a_new_stage_is_run_listed_compared_shown_and_studied(workspace):
    flags = ("--workspace", workspace, "--note", "hello")
    run_module("toy_stage", *flags, env={"PYTHONPATH": f"{workspace}{os.pathsep}{ROOT}"})
    copied = workspace / "checkpoints" / "tiny" / "seed0" / "copied"
    assert (copied / "model.safetensors").read_bytes() == (copied.parent / "sft" / "model.safetensors").read_bytes()
    assert json.loads((copied / "record.json").read_text())["note"] == "hello"
    again = run_module("toy_stage", *flags, env={"PYTHONPATH": f"{workspace}{os.pathsep}{ROOT}"})
    assert "copied: up to date" in again.stdout
    assert "copied" in run_with("toy_stage", "from configs.pipeline import stages; stages.main()", workspace)

    asked = ("--workspace", workspace, "--items", 2, "--documents", 1, "--workers", 1, "--device", "cpu",
             "--questions", "facts response_types loss_matrix token_shift")  # fmt: skip
    told = run_with("toy_stage", command("eval.compare", *asked), workspace)
    assert "base and sft are the same model" not in told
    results = workspace / "eval" / "results" / "tiny"
    models = [model["name"] for model in json.loads((results / "summary.json").read_text())["models"]]
    assert models == ["base", "sft", "copied"]
    assert ",copied," in (results / "results.csv").read_text()
    html = (results / "report.html").read_text()
    assert "a copy" in html
    assert "--copied:#112233" in html

    study = """
from eval.settings import StudySettings
from eval.study.plan import read_study, steps
from pathlib import Path
here = Path({folder!r})
(here / "toy.yaml").write_text("arms: {{as-is: {{}}, loud: {{copied: {{note: loud}}}}}}")
for step in steps(read_study(StudySettings(name="toy", size="smoke"), here), StudySettings(name="toy", size="smoke")):
    print(step.arm, step.stage, *[word for word in step.command if word in ("loud", "toy_stage")])
"""
    lines = run_with("toy_stage", study.format(folder=str(workspace)), workspace).splitlines()
    assert lines[-2:] == ["as-is sft", "loud copied toy_stage loud"]  # of the tuned model of the arm above


def test_a_new_objective_trains_and_is_shown(workspace):
    flags = ["--config", workspace / "sft.yaml", "--workspace", workspace, "--run", "toy", "--parent_run", "tiny"]
    told = run_with("toy_objective", command("train.sft", *flags, "--objective", "last_token"), workspace)
    folder = workspace / "checkpoints" / "toy" / "seed0" / "sft"
    assert "An instruction-tuned model (last_token)" in (folder / "README.md").read_text()
    record = json.loads((folder / "record.json").read_text())
    assert record["loss_curve"][0][1] > 20  # ten times the nats of a base that hardly knows the token
    assert "[[<|endoftext|>]]" in told
    helped = run_with("toy_objective", "from train.settings import SftSettings as S; print(S(objective='last_token'))",
                      workspace)  # fmt: skip
    assert "last_token" in helped
    shown = run_with("toy_objective", "from eval.page.strips import captioned; print(captioned('last_token'))\n"
                     "from eval.readme import objectives; print(objectives())", workspace)  # fmt: skip
    assert "last_token: where to stop" in shown
    assert "| `last_token` | one conversation | its stop token alone | – |" in shown
