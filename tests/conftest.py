"""Small doubles in plain sight: a tokenizer trained in the test, a two-layer model, a few documents and chats."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

# Tests side by side take a core each; before anyone imports torch.
if os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ.setdefault("OMP_NUM_THREADS", "1")
# A make that a test starts is not part of the make that runs the tests.
for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
    os.environ.pop(name, None)

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"  # real text; tests that read it skip where it is absent

DOCUMENTS = [
    "The capital of France is Paris. Paris lies on a river.",
    "Anna: hello Ben\nBen: hello Anna\nAnna: how are you?\nBen: fine, thank you",
    "Q: What is 12 + 30?\nA: 42\nQ: What is the opposite of hot?\nA: cold",
    "Once upon a time a fox lost its shoe. The owl had seen it.\nThey found it by the well.",
]
CHATS = [
    [
        {"role": "user", "content": "What is the capital of France?"},
        {"role": "assistant", "content": "Paris."},
    ],
    [
        {"role": "user", "content": "Say hello"},
        {"role": "assistant", "content": "Hello!"},
        {"role": "user", "content": "Again"},
        {"role": "assistant", "content": "Hello again!"},
    ],
]


# begun first, so that at the end no process waits for another's
LONGEST = ("test_pipeline.py", "test_resume.py", "test_registries.py", "test_training_parts.py", "test_processes.py")


def pytest_collection_modifyitems(items: list) -> None:
    place = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


@pytest.fixture(scope="session")
def tokenizer_folder(tmp_path_factory) -> Path:
    """A tokenizer of 400 tokens and context 64, saved as the pipeline saves it."""
    from data.templates import DEFAULT_TEMPLATE
    from data.tokenizer import save_for_transformers, train_bpe

    folder = tmp_path_factory.mktemp("tokenizer")
    save_for_transformers(train_bpe(iter(DOCUMENTS * 4), 400), folder, 64, DEFAULT_TEMPLATE.read_text())
    return folder


@pytest.fixture
def tokenizer(tokenizer_folder):
    from data.chats import load_tokenizer

    return load_tokenizer(tokenizer_folder)


def tiny_model(tokenizer, model_type: str = "llama", seed: int = 0, layers: int = 2):
    """Layers of width 32, as `train.model` builds them; of lfm2 the first is a convolution."""
    from train.model import new_model
    from train.settings import PretrainSettings

    more = {"layer_types": ["conv", "full_attention"], "intermediate_size": 64} if model_type == "lfm2" else {}
    settings = PretrainSettings(
        model_type=model_type, hidden_size=32, num_hidden_layers=layers, num_attention_heads=2, seed=seed,
        model_kwargs=json.dumps(more),
    )  # fmt: skip
    return new_model(settings, tokenizer)


def run_module(*arguments: object, code: int | None = 0, env: dict | None = None) -> subprocess.CompletedProcess:
    """`python -m ...` from the root, as a user types it; checks the exit code (None: any)."""
    done = subprocess.run(
        [sys.executable, "-m", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, **(env or {})},
        timeout=600,
    )
    assert code is None or done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def write_small_data(folder: Path, texts: int, chats: int, **settings: str) -> tuple:
    """Settings of stages, and corpus, tokenizer and pairs made by the stages; returns where, as arguments."""
    write_lines(folder / "corpus.jsonl", [{"text": f"{text} ({n})"} for n in range(texts) for text in DOCUMENTS])
    numbered = [
        [{**turn, "content": f"{turn['content']} {n}"} for turn in chat] for n in range(chats) for chat in CHATS
    ]
    write_lines(folder / "pairs.jsonl", [{"messages": chat} for chat in numbered])
    for stage, lines in settings.items():
        (folder / f"{stage}.yaml").write_text(lines)
    where = ("--workspace", folder)
    run_module("data.corpus", *where, "--corpus", folder / "corpus.jsonl", "--validation_share", 0.1)
    run_module("data.tokenizer", *where, "--vocabulary", 400, "--context_length", 64)
    run_module("data.pairs", *where, "--pairs", folder / "pairs.jsonl")
    return where


def write_lines(path: Path, rows: list) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def study(tmp_path):
    """Reads a study from text; its name is s, its size smoke."""
    from eval.settings import StudySettings
    from eval.study.plan import read_study

    def read(text: str, settings=None):
        (tmp_path / "s.yaml").write_text(text)
        return read_study(settings or StudySettings(name="s", size="smoke", workspace="there"), tmp_path)

    return read
