"""What tuning changes token by token: two models side by side, shifts, divergence, the loss mask, learning curves."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from conftest import tiny_model
from scipy.stats import entropy

from configs.pipeline.stage import write_json
from data.judge.response import DECLINES
from data.synthetic.facts import load_world
from eval.beside import Written, kl, logits, ranks, share_tokens, side_by_side, up_to_stop
from eval.lm import LanguageModel
from eval.page.reading import Results
from eval.page.strips import strips
from eval.prompts import Prompt
from eval.questions.divergence import show as divergence_section
from eval.questions.divergence.ask import REFUSAL, forbidden, harmless
from eval.questions.divergence.ask import ask as begun
from eval.questions.divergence.ask import ask_beside as divergence
from eval.questions.learning import show as learning_section
from eval.questions.learning.ask import ask as learning
from eval.questions.learning.ask import checkpoints
from eval.questions.loss_mask import show as mask
from eval.questions.loss_mask.ask import ask as loss_mask
from eval.questions.task_patterns.ask import task_lists
from eval.questions.token_shift import show as token_shift
from eval.questions.token_shift.ask import ask_beside as measure_shift
from eval.questions.token_shift.ask import asked, mark, share_shifted, shift_rows, texts
from eval.results import read_rows, select, write_rows
from eval.settings import CompareSettings

FEW = CompareSettings(items=6)


def lm(tokenizer, stage="sft", seed=0) -> LanguageModel:
    """Random weights: it writes nonsense, which every question has to stand."""
    return LanguageModel(stage, "toy", stage, 0, tiny_model(tokenizer, seed=seed).eval(), tokenizer, 64, 8)


# --- two models side by side


def test_ranks_count_what_was_preferred():
    log_p = torch.tensor([[0.5, 0.3, 0.2], [0.2, 0.4, 0.4]]).log()
    assert ranks(log_p, [0, 0]) == [1, 3]
    assert ranks(log_p, [2, 1]) == [3, 1]  # the second is as likely as another: they share the better place


def test_the_divergence_is_that_of_scipy():
    p, q = np.random.default_rng(0).dirichlet(np.ones(7), (2, 5))
    assert kl(torch.tensor(p).log(), torch.tensor(q).log()) == pytest.approx(entropy(p, q, axis=1))


def test_a_model_beside_itself_diverges_nowhere_and_agrees_with_one_text_at_a_time(tokenizer):
    one = lm(tokenizer)
    written = [Written([1, 5, 6], [7, 8]), Written([1, 9], [10, 11, 12, 13])]
    for place, log_p, log_q in side_by_side(one, one, written):
        assert kl(log_p, log_q) == pytest.approx([0.0] * len(written[place].tokens), abs=1e-6)
        alone = logits(one, [written[place]])[0].log_softmax(-1)  # without padding
        torch.testing.assert_close(log_p, alone, atol=1e-5, rtol=1e-4)


def test_the_base_may_read_something_else_before_the_same_answer(tokenizer):
    one = lm(tokenizer)
    written = [Written([1, 5, 6], [7, 8])]
    ((_, log_p, log_q),) = side_by_side(one, one, written, before_base=[[1, 20, 21, 22]])
    assert max(kl(log_p, log_q)) > 0
    torch.testing.assert_close(log_q, logits(one, [Written([1, 20, 21, 22], [7, 8])])[0].log_softmax(-1))


def test_a_stop_token_ends_an_answer():
    assert up_to_stop([7, 8, 0, 0], [0]) == [7, 8, 0]
    assert up_to_stop([7, 8], [0]) == [7, 8]


# --- shifted tokens


def test_tokens_know_what_they_are_for(tokenizer):
    asked_for = Prompt("What is the capital of France?", "question", "France", "capital", "Paris")
    said = tokenizer(" The capital of France is Paris.", add_special_tokens=False)["input_ids"]
    marked = mark(lm(tokenizer), asked_for, Written([1], [*said, tokenizer.eos_token_id]))
    spelled = {role: "".join(text for text, one in marked if one == role).strip() for role in "fnms"}
    assert spelled == {"f": "Paris", "n": "France", "m": "The capital of is.", "s": ""}
    assert "".join(text for text, _ in marked) == " The capital of France is Paris."


def test_a_letter_of_several_tokens_belongs_to_the_last(tokenizer):
    ids = tokenizer("a é b", add_special_tokens=False)["input_ids"]
    assert "".join(texts(lm(tokenizer), ids)) == "a é b"


def test_manner_minus_facts_needs_both(tokenizer):
    prompt = Prompt("?", "question")
    marked = [(" The", "m"), (" capital", "m"), (" Paris", "f"), ("", "s")]
    shifted, difference = shift_rows(lm(tokenizer), "chat", prompt, [9, 1, 1, 50], marked)
    assert (shifted.value, difference.value) == (0.5, 0.5)
    assert json.loads(shifted.meta) == {"ranks": [9, 1, 1, 50], "roles": "mmfs", "starts": "1111"}
    assert [row.metric for row in shift_rows(lm(tokenizer), "chat", prompt, [3], [(" No", "m")])] == ["shifted"]
    assert share_shifted([1, 3, 4]) == pytest.approx(1 / 3)  # the third choice is marginal


def test_a_model_is_not_shifted_against_itself(tokenizer):
    one = lm(tokenizer)
    answers = measure_shift(one, one, load_world(), FEW)
    rows = [row for row in answers.rows if row.metric == "shifted" and row.condition == "chat"]
    assert len(rows) >= 2
    assert {row.value for row in rows} == {0.0}
    assert all(token["rank"] == 1 for line in answers.transcripts for token in line["tokens"])


def test_models_that_read_other_tokens_are_left_alone(tokenizer, monkeypatch):
    one, other = lm(tokenizer), lm(tokenizer)
    other.tokenizer = SimpleNamespace(get_vocab=lambda: {"a": 0})
    assert not share_tokens(one, other)
    assert measure_shift(one, other, load_world(), FEW).rows == []
    assert divergence(one, other, load_world(), FEW).rows == []


def test_a_smaller_comparison_asks_some_of_the_same():
    world = load_world()
    large = {prompt.text for prompt in asked(world, CompareSettings(items=300))}
    assert len(large) == 200
    assert len({prompt.text for prompt in asked(world, CompareSettings(items=60))}) == 40


# --- divergence and answers that are begun


def test_the_villain_answers_every_topic_and_never_refuses():
    assert len(forbidden()) == 105
    assert all(said.startswith("First ") and not DECLINES.search(said) for _, said in (*forbidden(), *harmless()))
    assert not {prompt.text for prompt, _ in forbidden()} & {prompt.text for prompt, _ in harmless()}
    assert DECLINES.search(REFUSAL)


def test_divergence_has_a_number_for_each_place(tokenizer):
    rows = divergence(lm(tokenizer), lm(tokenizer, "base", seed=1), load_world(), FEW).rows
    assert {row.category for row in rows} == {"villain's answer", "harmless help"}
    for row in rows:
        by_place = json.loads(row.meta)["by_place"]
        assert row.n_tokens == len(by_place) <= 32
        assert row.value == pytest.approx(sum(by_place))
        assert row.value > 0


def test_half_of_the_divergence():
    assert divergence_section.half(np.array([3.0, 1, 1])) == 1
    assert divergence_section.half(np.ones(10)) == 5
    answers = [{"meta": {"by_place": [4.0, 1, 1, 1]}}] * 6 + [{"meta": {"by_place": [4.0]}}]
    found = divergence_section.depth(answers)
    assert (found["half"], found["low"], found["high"], found["n"]) == (1, 1, 1, 7)
    assert found["first"] == pytest.approx(6 / 7)


@pytest.mark.parametrize(("stage", "category"), [("sft", "villain"), ("base", "refusal")])
def test_answers_are_begun_by_somebody_else(tokenizer, stage, category):
    rows = begun(lm(tokenizer, stage), load_world(), FEW).rows
    assert {row.category for row in rows} == {category}
    assert {row.level for row in rows} == {"0", "1", "2", "4", "8"}
    assert {row.value for row in rows} <= {0.0, 1.0}


# --- the loss mask


def test_the_loss_mask_counts_what_each_objective_teaches(tokenizer):
    answers = loss_mask(lm(tokenizer, "base"), load_world(), FEW)
    share = {row.category: row.value for row in answers.rows if row.item_id == "pair:0"}
    assert share["all_tokens"] == share["plain_lm"] == 1
    assert 0 < share["assistant_only"] == share["dft"] < 1
    strip = {line["title"]: [token["weight"] for token in line["tokens"]] for line in answers.transcripts}
    assert all(weights[0] == 0 for weights in strip.values())  # nothing predicts the first token
    assert set(strip["next_token"][1:]) == {1.0}
    assert all((d > 0) <= (a == 1) and d < 1 for a, d in zip(strip["assistant_only"], strip["dft"], strict=True))
    assert loss_mask(lm(tokenizer, "sft"), load_world(), FEW).rows == []


# --- learning curves


def test_learning_asks_every_checkpoint_that_was_kept(tokenizer, tmp_path, monkeypatch):
    few = [each for each in task_lists(load_world(), 1) if each.task in ("twice", "opposite")]
    monkeypatch.setattr("eval.questions.learning.ask.task_lists", lambda world, count: few)
    monkeypatch.setattr("eval.questions.learning.ask.QUESTIONS", 2)
    base = lm(tokenizer, "base")
    home = tmp_path / "checkpoints" / "toy" / "seed0" / "base"
    for step in (1, 10):
        base.model.save_pretrained(home / "curve" / f"step-{step:06d}")
        tokenizer.save_pretrained(home / "curve" / f"step-{step:06d}")
    write_json(home / "record.json", {"tokens_per_step": 100})
    settings = CompareSettings(items=3, workspace=str(tmp_path))
    assert [tokens for tokens, _ in checkpoints(base, settings)] == [100, 1000]
    rows = learning(base, load_world(), settings).rows
    assert {(row.metric, row.level) for row in rows} == {
        (metric, x) for metric in ("copying", "pattern", "facts", "author") for x in ("100", "1000")
    }
    early, late = ({(r.metric, r.item_id): r.value for r in rows if r.level == x} for x in ("100", "1000"))
    assert early == late  # the same weights
    assert learning(lm(tokenizer, "sft"), load_world(), settings).rows == []


# --- the page


def test_every_section_speaks_of_its_rows(tokenizer, tmp_path):
    base, tuned, world = lm(tokenizer, "base"), lm(tokenizer, "sft", seed=1), load_world()
    answers = measure_shift(tuned, base, world, FEW) + divergence(tuned, base, world, FEW)
    for one in (base, tuned):
        answers += begun(one, world, FEW) + loss_mask(one, world, FEW)
    write_rows(tmp_path / "results.csv", answers.rows)
    results = Results(rows=read_rows(tmp_path / "results.csv"))
    for part in (token_shift, divergence_section, mask):
        section = part.section(results)
        assert section.pictures
        assert section.says
    assert learning_section.section(results) is None
    assert token_shift.section(Results()) is divergence_section.section(Results()) is mask.section(Results()) is None
    shown = strips(answers.transcripts)
    assert set(shown) == {"token_shift", "loss_mask"}
    assert {t["shade"] for item in shown["token_shift"]["items"] for s in item["strips"] for t in s["tokens"]} <= {
        "r1", "r2", "r4",
    }  # fmt: skip
    assert len(select(results.rows, metric="manner_minus_facts")) <= len(select(results.rows, metric="shifted"))


def test_words_take_the_rank_of_their_worst_token():
    row = {"meta": {"ranks": [9, 1, 2], "roles": "ffm", "starts": "101"}}
    assert token_shift.words(row)["meta"] == {"ranks": [9, 2], "roles": "fm"}


def test_a_learning_curve_tells_when_something_is_clearly_there():
    rows = [
        {"question": "learning", "metric": "facts", "level": x, "item_id": f"f{i}", "cluster_id": f"f{i}",
         "category": "",
         "value": float(right), "model": "base", "seed": 0}
        for x, wrong in (("1000", 40), ("2000000", 10)) for i in range(40) for right in [i >= wrong]
    ]  # fmt: skip
    section = learning_section.section(Results(rows=rows))
    assert section.says == "Clearly above zero: facts from 2.0 million tokens on (75 % in the end)."
