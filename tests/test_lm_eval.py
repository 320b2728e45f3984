"""Our closed-set questions as tasks of lm-eval: what is written, and that both programs find the same, item by item."""

import importlib.util
import json
import math

import pytest
import torch
import yaml
from conftest import DOCUMENTS, run_module, tiny_model

from configs.pipeline.errors import UserError
from eval.export import ours, tasks
from eval.export.__main__ import disagreements
from eval.export.items import facts, grammar, text
from eval.lm import LanguageModel

CONTEXT = 256
HAS_LM_EVAL = importlib.util.find_spec("lm_eval") is not None


@pytest.fixture
def door(tokenizer) -> LanguageModel:
    """A model that was never trained, but whose greedy choices are no ties."""
    tokenizer.model_max_length = CONTEXT
    torch.manual_seed(3)
    model = tiny_model(tokenizer).eval()
    with torch.no_grad():
        model.get_output_embeddings().weight.mul_(20)
    return LanguageModel("toy", "toy", "base", 0, model, tokenizer, CONTEXT, batch_size=8)


@pytest.fixture
def asked(door, tmp_path) -> dict[str, list[dict]]:
    lines = [{"type": "page", "text": one} for one in [*DOCUMENTS, "too long " * 400]]
    (tmp_path / "test.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    some = [fact for fact in facts(2) if fact["relation"] in ("capital", "legs", "next_day", "planet_order")]
    return {"facts": some, "grammar": grammar(3), "text": text(tmp_path, door.tokenizer, CONTEXT, 10)}


def by_hand(door: LanguageModel, before: str, after: str) -> float:
    """Log-probability of a text behind another, token by token."""
    start = [door.tokenizer.bos_token_id]
    context = start + door.tokenizer(before, add_special_tokens=False)["input_ids"]
    ids = context + door.tokenizer(after, add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        logp = door.model(torch.tensor([ids])).logits[0, :-1].double().log_softmax(-1)
    return logp.gather(1, torch.tensor(ids[1:])[:, None])[len(context) - 1 :].sum().item()


def test_the_items_hold_the_truth(asked):
    capitals = [fact for fact in asked["facts"] if fact["relation"] == "capital"]
    assert len(capitals) == 2
    for fact in capitals:
        assert fact["text"].startswith("The capital of ")
        assert len(fact["choices"]) == len(set(fact["choices"])) > 100
    assert [one["text"] for one in asked["text"]] == DOCUMENTS  # what does not fit is left out
    for kind in asked:
        assert len({one["id"] for one in asked[kind]}) == len(asked[kind])


def test_our_scores_are_those_computed_by_hand(door, asked):
    found = ours.scored(door, asked)
    fact, pair, document = (asked[kind][0] for kind in ("facts", "grammar", "text"))
    for logp, choice in zip(found["facts"][fact["id"]][:5], fact["choices"], strict=False):
        assert logp == pytest.approx(by_hand(door, fact["text"], " " + choice), rel=1e-4)
    expected = [by_hand(door, "", sentence) for sentence in pair["choices"]]
    assert found["grammar"][pair["id"]] == pytest.approx(expected, rel=1e-4)
    assert found["text"][document["id"]] == pytest.approx([by_hand(door, "", document["text"])], rel=1e-4)


def test_bits_per_byte_is_all_bits_over_all_bytes():
    items = [{"id": "a", "text": "abcd"}, {"id": "b", "text": "é"}]
    assert ours.bits_per_byte(items, {"a": [-8 * math.log(2)], "b": [-4 * math.log(2)]}) == pytest.approx(12 / 6)
    choices = [{"id": "a", "answer": 1}, {"id": "b", "answer": 0}]
    assert ours.accuracy(choices, {"a": [-2.0, -1.0], "b": [-3.0, -1.0]}) == 0.5


def test_what_is_written_names_its_data_and_no_place_on_this_machine(asked, tmp_path):
    tasks.write_tasks(tmp_path / "tasks", asked, "<|startoftext|>")
    for kind in tasks.KINDS:
        written = (tmp_path / "tasks" / f"{kind}.yaml").read_text()
        task = yaml.safe_load(written)
        assert task["task"] == f"miniweb_{kind}"
        assert str(tmp_path) not in written
        file = tmp_path / "tasks" / task["dataset_kwargs"]["data_files"]["test"]
        rows = [json.loads(line) for line in file.read_text().splitlines()]
        assert [row["id"] for row in rows] == [item["id"] for item in asked[kind]]
        assert rows[0]["start"] == "<|startoftext|>"


def test_a_disagreement_is_found_and_a_tie_is_none():
    asked = {"facts": [{"id": "a"}, {"id": "b"}, {"id": "c"}]}
    mine = {"facts": {"a": [-1.0, -2.0], "b": [-1.0, -1.0002], "c": [-1.0, -2.0]}}
    others = {"facts": {"a": [-1.0, -2.0], "b": [-1.0001, -1.0], "c": [-1.5, -2.0]}}
    assert disagreements(asked, mine, others) == ["facts c"]


@pytest.mark.skipif(not HAS_LM_EVAL, reason="lm-eval is not installed (pip install -e '.[lm-eval]')")
def test_lm_eval_finds_the_same_to_the_last_item(door, asked, tmp_path):
    from eval.export import theirs

    door.model.save_pretrained(tmp_path / "model")
    door.tokenizer.save_pretrained(tmp_path / "model")
    tasks.write_tasks(tmp_path / "tasks", asked, door.tokenizer.bos_token)
    mine = ours.scored(door, asked)
    others, metrics = theirs.scored(tmp_path / "tasks", tmp_path / "model", batch_size=16)
    assert {kind: others[kind].keys() for kind in asked} == {kind: mine[kind].keys() for kind in asked}
    assert disagreements(asked, mine, others) == []
    for kind in ("facts", "grammar"):
        assert metrics[kind]["acc,none"] == pytest.approx(ours.accuracy(asked[kind], mine[kind]), abs=1e-12)
    bits = ours.bits_per_byte(asked["text"], mine["text"])
    assert metrics["text"]["bits_per_byte,none"] == pytest.approx(bits, rel=1e-5)


@pytest.mark.skipif(HAS_LM_EVAL, reason="lm-eval is installed")
def test_without_lm_eval_the_check_says_what_to_install(tmp_path):
    from eval.export import theirs

    with pytest.raises(UserError, match="pip install lm-eval"):
        theirs.scored(tmp_path, tmp_path)


def test_the_command_names_what_is_missing(tmp_path):
    done = run_module("eval.export", "--run", "nothing", "--to", tmp_path, "--workspace", tmp_path, code=2)
    assert "make all RUN=nothing" in done.stderr
