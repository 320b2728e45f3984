"""The commands of the README on the smoke size: a whole pipeline without a network, a second one that does nothing."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT, SHARED, run_module, write_lines

SMOKE = ROOT / "configs" / "smoke"
STAGES = [
    ("data.corpus", "corpus"),
    ("data.tokenizer", "tokenizer"),
    ("train.pretrain", "pretrain"),
    ("data.pairs", "pairs"),
    ("train.sft", "sft"),
    ("train.sft", "sft-lora"),
    ("eval.compare", "compare", "--items", 6, "--documents", 2),
]
# a sitecustomize that breaks name resolution and every connection in each process of the pipeline
NO_NETWORK = """
import socket
def refuse(*_, **__):
    raise OSError("the network was touched")
socket.getaddrinfo = socket.gethostbyname = socket.create_connection = refuse
connect = socket.socket.connect
inet = (socket.AF_INET, socket.AF_INET6)
socket.socket.connect = lambda self, address: refuse() if self.family in inet else connect(self, address)
open(__import__("os").environ["NETWORK_LOG"], "a").write("loaded\\n")
"""


@pytest.fixture(scope="module")
def offline(tmp_path_factory) -> dict:
    """Environment of a machine whose name resolution is broken."""
    folder = tmp_path_factory.mktemp("offline")
    (folder / "sitecustomize.py").write_text(NO_NETWORK)
    return {
        "PYTHONPATH": str(folder),
        "NETWORK_LOG": str(folder / "log"),
        "CI": "",
        "HF_HOME": str(folder / "hf"),
    }


def smoke_stage(workspace: Path, offline: dict, module: str, config: str, *more: object):
    where = ("--config", SMOKE / f"{config}.yaml", "--run", "smoke", "--workspace", workspace)
    return run_module(module, *where, *more, env=offline)


@pytest.fixture(scope="module")
def smoke(tmp_path_factory, offline) -> Path:
    """The workspace of one smoke pipeline, run stage by stage as `make all SIZE=smoke` does."""
    workspace = tmp_path_factory.mktemp("pipeline") / "a folder with spaces"
    for stage in STAGES:
        smoke_stage(workspace, offline, *stage)
    assert Path(offline["NETWORK_LOG"]).read_text().count("loaded") >= len(STAGES)
    return workspace


def test_the_pipeline_makes_three_models_and_a_report(smoke):
    seed = smoke / "checkpoints" / "smoke" / "seed0"
    for stage in ("base", "sft", "sft-lora"):
        assert (seed / stage / "model.safetensors").is_file()
        record = json.loads((seed / stage / "record.json").read_text())
        losses = [loss for _, loss in record["loss_curve"]]
        assert losses[-1] < losses[0]
        assert all(loss == loss for loss in losses)
    assert (seed / "sft-lora" / "adapter" / "adapter_model.safetensors").is_file()
    assert len(list((seed / "base" / "curve").iterdir())) == 4
    results = smoke / "eval" / "results" / "smoke"
    verdicts = json.loads((results / "verdicts.json").read_text())
    wanted = {"claim", "question", "verdict", "estimate", "low", "high", "n", "seeds", "truth"}
    assert len(verdicts) >= 9
    assert all(wanted <= verdict.keys() for verdict in verdicts)
    html = (results / "report.html").read_text()
    assert "<svg" in html
    assert "http-equiv" in html
    assert (results / "report.md").is_file()


def test_a_second_run_finds_everything_up_to_date(smoke, offline):
    before = {path: path.stat().st_mtime_ns for path in smoke.rglob("*") if path.is_file() and path.suffix != ".lock"}
    for stage in STAGES:
        assert "up to date" in smoke_stage(smoke, offline, *stage).stdout
    assert before == {
        path: path.stat().st_mtime_ns for path in smoke.rglob("*") if path.is_file() and path.suffix != ".lock"
    }


def test_a_tweak_in_a_new_run_starts_from_the_base_at_hand_and_is_compared(smoke, offline):
    where = ("--workspace", smoke, "--run", "hot")
    done = run_module(
        "train.sft",
        "--config",
        SMOKE / "sft.yaml",
        *where,
        "--parent_run",
        "smoke",
        "--objective",
        "plain_lm",
        "--max_steps",
        5,
        "--eval_strategy",
        "no",
        env=offline,
        code=None,
    )
    assert done.returncode == 0, done.stderr
    assert "run hot has no base of its own; starting from" in done.stdout
    run_module(
        "eval.compare",
        "--config",
        SMOKE / "compare.yaml",
        *where,
        "--runs",
        "smoke hot",
        "--items",
        6,
        "--documents",
        2,
        "--questions",
        "facts loss_matrix token_shift",
        env=offline,
    )
    models = {
        row["name"] for row in json.loads((smoke / "eval/results/smoke-vs-hot/summary.json").read_text())["models"]
    }
    assert models == {"smoke/base", "smoke/sft", "smoke/sft-lora", "hot/sft"}


STUDY = """
compare: {questions: facts, items: 6, documents: 2, workers: 1}
arms:
  as-is: {}
  everything:
    sft: {objective: all_tokens, max_steps: 12, save_steps: 2, eval_steps: 2, logging_steps: 1}
"""


def test_a_study_that_is_killed_half_way_continues_and_does_nothing_twice(smoke, offline, tmp_path):
    (tmp_path / "s.yaml").write_text(STUDY)
    program = (
        "from pathlib import Path; from eval.study import __main__ as command; from eval.study.plan import read_study\n"
        f"command.read_study = lambda settings: read_study(settings, Path({str(tmp_path)!r}))\ncommand.main()"
    )
    study = [sys.executable, "-c", program, *f"--name s --size smoke --workspace={smoke}".split(" ", 4)]
    whole = {"cwd": ROOT, "env": os.environ | offline, "text": True}
    first = subprocess.Popen(study, start_new_session=True, stdout=subprocess.DEVNULL, **whole)
    resume = smoke / "checkpoints" / "study-s-smoke-everything" / "seed0" / "sft.scratch" / "resume"
    waited = time.time() + 300
    while not list(resume.glob("checkpoint-4")) and time.time() < waited and first.poll() is None:
        time.sleep(0.05)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    again, third = (subprocess.run(study, capture_output=True, timeout=600, **whole) for _ in range(2))
    assert again.returncode == 0, again.stdout + again.stderr
    assert "continuing from" in again.stdout
    assert third.stdout.count("up to date") == 5 + 1 + 2 + 1  # stages, the arm's, questions of both, the report
    summary = json.loads((smoke / "eval/results/study-s-smoke/summary.json").read_text())
    assert [one["name"] for one in summary["models"]] == ["as-is/base", "as-is/sft", "everything/sft"]


@pytest.mark.parametrize("objective", ["response_only", "dft"])  # the study above trains on all tokens
def test_every_objective_trains(smoke, objective):
    run_module(
        "train.sft",
        "--config",
        SMOKE / "sft.yaml",
        "--workspace",
        smoke,
        "--run",
        objective.replace("_", "-"),
        "--parent_run",
        "smoke",
        "--objective",
        objective,
        "--max_steps",
        2,
    )
    record = smoke / "checkpoints" / objective.replace("_", "-") / "seed0" / "sft" / "record.json"
    assert json.loads(record.read_text())["identity"]["settings"]["objective"] == objective


def test_the_chat_answers_and_the_base_continues(smoke):
    for stage, text, sign in (
        ("sft", "What is the capital of France?\n", "Assistant:"),
        ("base", "The capital of", "The capital of"),
    ):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "eval.chat",
                "--run",
                "smoke",
                "--workspace",
                str(smoke),
                "--stage",
                stage,
            ],
            input=text,
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        assert sign in done.stdout
        assert "\033" not in done.stdout


def save_foreign(folder: Path) -> Path:
    """A GPT-2 with a tokenizer of its own: no padding token, no start of text, no template."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer, bpe.decoder = pre_tokenizers.ByteLevel(), decoders.ByteLevel()
    bpe.train_from_iterator(
        ["What is the capital of France? Paris."] * 9,
        trainers.BpeTrainer(
            vocab_size=300, special_tokens=["</s>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
        ),
    )
    PreTrainedTokenizerFast(tokenizer_object=bpe, eos_token="</s>").save_pretrained(folder)
    GPT2LMHeadModel(
        GPT2Config(vocab_size=300, n_positions=512, n_embd=32, n_layer=1, n_head=2, bos_token_id=0, eos_token_id=0)
    ).save_pretrained(folder)
    return folder


def foreign_stage(smoke: Path, stage: str, *more: object, code: int = 0):
    return run_module(
        f"train.{stage}", "--config", SMOKE / f"{stage}.yaml", "--workspace", smoke, "--run", "foreign",
        "--parent_run", "smoke", *more, code=code,
    )  # fmt: skip


def test_fine_tuning_starts_from_any_local_folder(smoke, tmp_path):
    done = foreign_stage(smoke, "sft", "--base", save_foreign(tmp_path / "foreign"), "--max_steps", 2)
    assert "no chat template; using data/chat_template.jinja" in done.stdout
    assert (smoke / "checkpoints/foreign/seed0/sft/chat_template.jinja").is_file()


def test_feedback_starts_from_any_tuned_model_that_says_how_it_is_asked(smoke, tmp_path):
    tuned = save_foreign(tmp_path / "tuned")
    preferences = tmp_path / "mine.jsonl"
    preferences.write_text("".join(
        json.dumps({"prompt": f"What is {number}?", "chosen": "A number.", "rejected": "No."}) + "\n"
        for number in range(12)
    ))  # fmt: skip
    foreign_stage(smoke, "preferences", "--preferences", preferences, "--held_out", 2)
    assert "no chat template, so it cannot be taught" in foreign_stage(smoke, "dpo", "--tuned", tuned, code=2).stderr
    shutil.copy(ROOT / "data" / "chat_template.jinja", tuned)
    foreign_stage(smoke, "dpo", "--tuned", tuned, "--max_steps", 2)
    record = json.loads((smoke / "checkpoints/foreign/seed0/dpo/record.json").read_text())
    assert record["parent"] == "tuned"


def break_base(smoke: Path, tmp_path: Path) -> Path:
    """A copy of the smoke workspace without its comparison."""
    shutil.copytree(smoke / "data", tmp_path / "data")
    shutil.copytree(smoke / "checkpoints" / "smoke" / "seed0" / "base", tmp_path / "checkpoints/smoke/seed0/base")
    return tmp_path


def sft(workspace: Path, *more: object, code: int = 2):
    return run_module(
        "train.sft",
        "--config",
        SMOKE / "sft.yaml",
        "--workspace",
        workspace,
        "--run",
        "smoke",
        *more,
        code=code,
    )


def test_a_parent_that_is_missing_damaged_or_of_another_tokenizer_is_refused(smoke, tmp_path):
    assert "no base model at" in (error := sft(tmp_path).stderr)
    assert "run `make pretrain SIZE=smoke WORKSPACE=" in error
    workspace = break_base(smoke, tmp_path)
    base = workspace / "checkpoints/smoke/seed0/base"
    data = bytearray((base / "model.safetensors").read_bytes())
    data[-9] ^= 1
    (base / "model.safetensors").write_bytes(data)
    assert "model.safetensors is damaged" in sft(workspace).stderr
    shutil.copy(smoke / "checkpoints/smoke/seed0/base/model.safetensors", base)
    run_module("data.tokenizer", "--run", "smoke", "--workspace", workspace, "--vocabulary", 700, "--force", "true")
    assert "was trained with another tokenizer" in sft(workspace).stderr
    assert not (workspace / "checkpoints/smoke/seed0/sft").exists()


@pytest.mark.parametrize("bad", ["a misspelt value", "too long pairs", "an empty corpus", "no such pairs"])
def test_bad_input_gets_one_line_and_a_failure(smoke, tmp_path, bad):
    where = ("--workspace", tmp_path, "--run", "bad")
    if bad == "a misspelt value":
        done = sft(smoke, "--objective", "asistant_only")
        assert "objective: 'asistant_only' is none of assistant_only, " in done.stderr
    elif bad == "too long pairs":
        pairs = [{"prompt": f"{n} " + "word " * 900, "completion": "yes"} for n in range(30)]
        run_module(
            "data.pairs",
            "--workspace",
            smoke,
            "--run",
            "long",
            "--pairs",
            write_lines(tmp_path / "long.jsonl", pairs),
        )
        done = run_module(
            "train.sft",
            "--config",
            SMOKE / "sft.yaml",
            "--workspace",
            smoke,
            "--run",
            "long",
            "--parent_run",
            "smoke",
            code=2,
        )
        assert "are longer than the context of 256 tokens" in done.stderr
    elif bad == "an empty corpus":
        (tmp_path / "my text.txt").write_text("")
        done = run_module("data.corpus", *where, "--corpus", tmp_path / "my text.txt", code=2)
        assert "my text.txt is empty" in done.stderr
    else:
        done = run_module("data.pairs", *where, "--pairs", "nowhere.jsonl", code=2)
        assert "nowhere.jsonl: no such file or folder" in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr


SHORT = ("--max_steps", "5", "--eval_strategy", "no")  # it saves after five steps


def test_a_full_disk_ends_in_a_line_and_leaves_nothing_half_written(smoke, tmp_path):
    """RLIMIT_FSIZE stands in for a full disk: no save can be written; after it is lifted, the same command trains."""
    resource = pytest.importorskip("resource")
    workspace = break_base(smoke, tmp_path)
    command = [
        sys.executable,
        "-m",
        "train.sft",
        "--config",
        str(SMOKE / "sft.yaml"),
        "--workspace",
        str(workspace),
        "--run",
        "smoke",
        *SHORT,
    ]
    failed = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000)),
    )
    assert failed.returncode == 2, failed.stderr
    assert "Traceback" not in failed.stderr
    assert not (workspace / "checkpoints/smoke/seed0/sft").exists()
    assert sft(workspace, *SHORT, code=0).returncode == 0


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data is not here")
def test_own_text_and_own_pairs_train(tmp_path):
    where = ("--workspace", tmp_path, "--run", "own")
    run_module(
        "data.corpus",
        "--config",
        SMOKE / "corpus.yaml",
        *where,
        "--corpus",
        SHARED / "tinyshakespeare.txt",
        "--corpus_share",
        0.5,
    )
    types = json.loads((tmp_path / "data/processed/own/corpus/record.json").read_text())["statistics"]["types"]
    assert types["own"] == pytest.approx(0.5, abs=0.02)
    run_module("data.tokenizer", "--config", SMOKE / "tokenizer.yaml", *where)
    run_module("data.pairs", "--config", SMOKE / "pairs.yaml", *where, "--pairs", SHARED / "instruction-pairs.json")
    run_module(
        "train.pretrain",
        "--config",
        SMOKE / "pretrain.yaml",
        *where,
        "--train_tokens",
        20000,
        "--model_type",
        "gpt2",
        "--model_kwargs",
        "{}",
        "--optimizer",
        "adamw",
        "--learning_rate",
        1e-3,
    )
    run_module("train.sft", "--config", SMOKE / "sft.yaml", *where, "--max_steps", 4)


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not here")
def test_make_alone_lists_the_commands_and_the_all_target_refuses_args():
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, timeout=20)
    assert listed.returncode == 0
    for command in ("setup", "pretrain", "sft", "compare", "all", "test", "chat", "clean"):
        assert f"make {command} " in listed.stdout
    refused = subprocess.run(
        ["make", "all", "ARGS=--learning_rate 1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        env={**os.environ},
    )
    assert refused.returncode != 0
    assert "ARGS belongs to one stage" in refused.stderr


def test_feedback_and_the_live_page_follow_the_tuned_model(smoke, offline):
    where = ("--workspace", smoke, "--run", "fed", "--parent_run", "smoke")
    seldom = {"dpo": ("--eval_steps", 8)}  # an examination is longer than its steps
    for name in ("preferences", "dpo", "reward", "rl", "rl-learnt"):
        stage, config = f"train.{name.split('-')[0]}", SMOKE / f"{name}.yaml"
        run_module(stage, "--config", config, *where, *seldom.get(name, ()), env=offline)
    seed = smoke / "checkpoints" / "fed" / "seed0"
    assert all((seed / name / "model.safetensors").is_file() for name in ("dpo", "reward", "rl", "rl-learnt"))
    for name in ("dpo", "rl", "rl-learnt"):
        record = json.loads((seed / name / "record.json").read_text())
        assert len(record["examination"]) >= 2
        assert {"utility", "greedy", "kl", "logps/greedy"} <= record["examination"][-1].keys()
    run_module("eval.play", "--workspace", smoke, "--run", "smoke", "--open_page", "false", "--label", 4,
               "--label_stages", "base sft", env=offline)  # fmt: skip
    page = (smoke / "eval" / "results" / "smoke" / "play.html").read_text(encoding="utf-8")
    assert page.count('type="text/plain" id="weights-') == 3
