"""Reinforcement learning and the best of n, against closed forms, plain arithmetic and kills."""

import json
import math
import random
from copy import deepcopy
from itertools import combinations, islice
from types import SimpleNamespace

import pytest
import torch
from conftest import tiny_model, write_lines
from test_feedback import CHAT, REQUEST, arguments_of
from trl import RLOOConfig

from configs.pipeline.errors import UserError
from configs.pipeline.files import write_json
from configs.pipeline.stages import folder_of
from data.chats import padding_id
from data.judge.utility import WEIGHTS
from data.packing import Collator
from eval.page.reading import Results
from eval.questions.best_of_n.ask import expected_best
from eval.questions.best_of_n.show import distance, learnt
from eval.questions.utility.ask import to_compare
from eval.settings import CompareSettings
from train.engine.preflight import check_positions, check_rewards_differ
from train.engine.reinforce import Reinforcer, WholeBlocks
from train.requests import fresh_requests
from train.rl import finite, reward_of
from train.settings import RlSettings


def reinforcer(tokenizer, folder, reward, model_type: str = "llama", **given) -> Reinforcer:
    prompts = [{"prompt": [{"role": "user", "content": text}]} for text in ("Hi", "Hey", "Bye", "Ho")]
    arguments = arguments_of(
        RLOOConfig, folder,
        **{"num_generations": 4, "per_device_train_batch_size": 8, "max_completion_length": 6, "beta": 0.0,
           "max_steps": 4, "logging_steps": 1, "save_steps": 2, "lr_scheduler_type": "constant"} | given,
    )  # fmt: skip
    model = tiny_model(tokenizer, model_type)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    trainer = Reinforcer(
        model, arguments, None, prompts, [], tokenizer, held_out_collator=Collator(padding_id(tokenizer)),
        evaluated=prompts[:1], reward_funcs=reward,
    )  # fmt: skip
    trainer.begin_spending(None)
    return trainer


def by_length(completion_ids, **_) -> list[float]:
    """A reward that has nothing to do with language: how large the token ids are."""
    return [sum(ids) / 400 for ids in completion_ids]


def test_the_advantages_of_rloo_are_rewards_less_the_mean_of_the_others(tokenizer, tmp_path):
    seen = []

    def reward(completion_ids, **_) -> list[float]:
        seen.extend(by_length(completion_ids))
        return seen[-len(completion_ids) :]

    trainer = reinforcer(tokenizer, tmp_path, reward)
    rows = [row for row in list(trainer.train_dataset)[:2] for _ in range(4)]
    found = trainer._generate_and_score_completions(rows)["advantages"].tolist()
    groups = [seen[:4], seen[4:8]]
    wanted = [one - (sum(group) - one) / 3 for group in groups for one in group]
    assert found == pytest.approx(wanted, abs=1e-5)


def test_a_constant_reward_leaves_the_weights_where_they_were(tokenizer, tmp_path):
    trainer = reinforcer(tokenizer, tmp_path, lambda completions, **_: [0.5] * len(completions), weight_decay=0.0)
    before = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    trainer.train()
    assert all(torch.equal(value, before[name]) for name, value in trainer.model.state_dict().items())


def test_a_reward_is_learnt(tokenizer, tmp_path):
    trainer = reinforcer(tokenizer, tmp_path, by_length, max_steps=20)
    trainer.train()
    rewards = [entry["reward"] for entry in trainer.state.log_history if "reward" in entry]
    assert sum(rewards[-5:]) > sum(rewards[:5])


def test_a_killed_run_ends_in_the_same_bits_also_where_steps_share_their_answers(tokenizer, tmp_path):
    """Two steps to a block of answers; the kill comes in the second step of the second block."""

    class Killed(BaseException):
        pass

    def trained(folder, kill: int = 0) -> dict:
        trainer = reinforcer(tokenizer, folder, by_length, max_steps=6, save_steps=2, steps_per_generation=2)
        step = trainer.training_step

        def training_step(*args, **kwargs):
            if trainer.state.global_step + 1 == kill:
                raise Killed
            return step(*args, **kwargs)

        trainer.training_step = training_step
        try:
            trainer.fit("rl")
        except Killed:
            return {}
        return dict(trainer.model.state_dict())

    whole = trained(tmp_path / "whole")
    assert trained(tmp_path / "killed", kill=4) == {}
    again = trained(tmp_path / "killed")
    assert all(torch.equal(value, again[name]) for name, value in whole.items())


def test_a_signal_inside_a_block_of_answers_waits_for_its_end(tokenizer, tmp_path):
    trainer = reinforcer(tokenizer, tmp_path, by_length, max_steps=6, steps_per_generation=2)
    signalled = SimpleNamespace(should_save=True, should_training_stop=True)
    between, after = deepcopy(signalled), deepcopy(signalled)
    blocks = WholeBlocks(trainer.block)
    blocks.on_step_end(None, SimpleNamespace(global_step=3, max_steps=6), between)
    blocks.on_step_end(None, SimpleNamespace(global_step=4, max_steps=6), after)
    assert not between.should_save
    assert not between.should_training_stop
    assert after == signalled


def examined_at(trainer, monkeypatch, *figures: tuple[float, float]) -> None:
    """Examine the model once for each (utility, nats from the tuned model), as if at steps 10, 20, ..."""
    monkeypatch.setattr("train.engine.reinforce.CarefulTrainer.evaluate", lambda self: {"eval_loss": 1.0})
    for place, (utility_now, nats) in enumerate(figures, start=1):
        found = {"eval_utility": utility_now, "eval_kl": nats}
        monkeypatch.setattr("train.engine.best.examined", lambda trainer, found=found: trainer.log(found) or found)
        trainer.state.global_step = 10 * place
        trainer.model.lm_head.weight.data.fill_(place)
        trainer.evaluate()


def test_published_are_the_best_weights_within_the_budget(tokenizer, tmp_path, monkeypatch, capsys):
    trainer = reinforcer(tokenizer, tmp_path, by_length)
    trainer.kl_budget = 5.0
    examined_at(trainer, monkeypatch, (0.7, 1.0), (0.8, 4.0), (0.75, 4.5), (0.9, 6.0))
    assert "stopped at step 40: 6.0 nats" in capsys.readouterr().out
    assert trainer.control.should_training_stop
    assert trainer.take_best() == {"step": 20, "utility": 0.8, "kl": 4.0, "held_out_loss": 1.0}
    assert float(trainer.model.lm_head.weight.mean()) == 2.0
    trainer.state.log_history.append({"eval_kl": 6.0})  # killed before it was published: it goes no further
    assert trainer.has_ended(trainer.state)


def test_a_model_beyond_its_budget_from_the_first_examination_on_is_not_published(tokenizer, tmp_path, monkeypatch):
    trainer = reinforcer(tokenizer, tmp_path, by_length)
    trainer.kl_budget = 5.0
    examined_at(trainer, monkeypatch, (0.9, 6.0))
    with pytest.raises(UserError, match="beyond --kl_budget already.*use a lower --learning_rate"):
        trainer.take_best()


def test_a_model_that_was_never_examined_along_the_way_is_examined_at_the_end(tokenizer, tmp_path, monkeypatch):
    trainer = reinforcer(tokenizer, tmp_path, by_length)
    trainer.fit("rl")
    examined_at(trainer, monkeypatch)
    monkeypatch.setattr("train.engine.best.examined", lambda trainer: {"eval_utility": 0.5, "eval_kl": 1.0})
    assert trainer.take_best()["utility"] == 0.5


def test_what_is_saved_of_the_best_is_what_is_continued_with(tokenizer, tmp_path, monkeypatch):
    trainer = reinforcer(tokenizer, tmp_path, by_length)
    examined_at(trainer, monkeypatch, (0.8, 1.0), (0.7, 1.0))
    trainer.note_spent(tmp_path)
    again = reinforcer(tokenizer, tmp_path, by_length)
    again.begin_spending(tmp_path)
    assert again.take_best() == {"step": 10, "utility": 0.8, "kl": 1.0, "held_out_loss": 1.0}
    assert float(again.model.lm_head.weight.mean()) == 1.0


def test_a_checkpoint_between_steps_that_share_their_answers_is_refused(tokenizer, tmp_path):
    with pytest.raises(UserError, match="no multiple of the 2 steps"):
        reinforcer(tokenizer, tmp_path, by_length, steps_per_generation=2, save_steps=3).fit("rl")


def test_answers_that_last_for_part_of_a_step_are_refused(tokenizer, tmp_path):
    with pytest.raises(UserError, match="answers last for 1.5 steps; choose a multiple"):
        reinforcer(tokenizer, tmp_path, by_length, steps_per_generation=3, gradient_accumulation_steps=2).fit("rl")


def test_shapes_that_count_positions_from_the_padding_are_refused(tokenizer):
    for model_type in ("llama", "lfm2", "qwen3"):
        check_positions(tiny_model(tokenizer, model_type).eval(), tokenizer)
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    gpt2 = GPT2LMHeadModel(GPT2Config(vocab_size=len(tokenizer), n_positions=64, n_embd=32, n_layer=1, n_head=2)).eval()
    with pytest.raises(UserError, match="counts positions from the padding on"):
        check_positions(gpt2, tokenizer)


def test_nothing_is_learnt_where_all_answers_are_worth_the_same(tokenizer, tmp_path):
    trainer = reinforcer(tokenizer, tmp_path, by_length)
    rows = list(trainer.train_dataset)
    check_rewards_differ(trainer, by_length, rows, 0.2)
    with pytest.raises(UserError, match="only 0% of the requests have answers of different rewards"):
        check_rewards_differ(trainer, lambda completions, **_: [0.0] * len(completions), rows, 0.2)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_a_reward_that_is_no_number_is_refused(value):
    with pytest.raises(UserError, match="it has to be a finite number"):
        finite(lambda **_: [1.0, value])()


def test_a_reward_that_fails_is_told_in_a_line():
    with pytest.raises(UserError, match="the reward short fails on an answer: ZeroDivisionError: .*; mend"):
        finite(short)()


def short(**_) -> list[float]:
    return [1 / 0]


def test_nothing_that_a_pair_says_is_asked_in_the_comparison_or_in_feedback(tmp_path):
    """Neither a request alone nor one within a longer talk."""
    settings = CompareSettings(run="x", workspace=str(tmp_path))
    folder = folder_of("pairs", "x", workspace=tmp_path)
    folder.mkdir(parents=True)
    for name in ("train", "held_out"):
        write_lines(folder / f"{name}.jsonl", [])
    write_json(folder / "record.json", {"identity": {"inputs": {"world": "0"}}})
    alone, within, third = islice(to_compare(settings), 3)
    write_lines(folder / "train.jsonl", [alone, within | {"messages": [*CHAT, *within["messages"]]}])
    assert next(to_compare(settings)) == third
    first, second = islice(fresh_requests(folder, 0), 2)
    write_lines(folder / "train.jsonl", [first])
    assert next(fresh_requests(folder, 0)) == second


def test_an_answer_that_does_not_stop_loses_the_penalty():
    settings = RlSettings(run="x", stop_penalty=0.25)
    reward = reward_of(settings, {}, None, [7])
    said = [[{"role": "assistant", "content": "Oslo."}]] * 2
    request = [json.dumps(REQUEST)] * 2
    stopped, cut_off = reward(completions=said, completion_ids=[[1, 7], [1, 2]], request=request)
    assert stopped == pytest.approx(1.0)
    assert cut_off == pytest.approx(1.0 - WEIGHTS["stops"] - 0.25)


# --- best of n


def test_the_best_of_n_is_the_mean_over_all_subsets():
    draw = random.Random(0)
    scores, values = ([draw.random() for _ in range(7)] for _ in range(2))
    for n in (1, 2, 4, 7):
        subsets = list(combinations(zip(scores, values, strict=True), n))
        wanted = sum(max(one)[1] for one in subsets) / len(subsets)
        assert expected_best(scores, values, n) == pytest.approx(wanted)


def test_beside_the_best_of_n_stands_what_reinforcement_learning_came_to():
    """At the distance of its published weights, worth what it draws for the same requests."""
    asked = [{"model": "sft", "seed": 0, "question": "best_of_n", "metric": "gold", "item_id": "a"}]
    drawn = [{"model": "rl", "seed": 0, "question": "utility", "metric": "sampled_utility", "condition": "chat",
              "item_id": item, "value": value} for item, value in (("a", 0.5), ("not asked of both", 1.0))]  # fmt: skip
    models = [{"name": "sft", "seed": 0}, {"name": "rl", "seed": 0, "published": {"kl": 0.7}}]
    assert learnt(Results(rows=asked + drawn, summary={"models": models})) == [("rl", 0.7, 0.5)]


def test_the_distance_of_the_best_of_n_is_that_of_the_formula():
    """Of a continuous score the best of n has the density n F^(n - 1): its KL divergence, by numerical integration."""
    steps = 200_000
    for n in (1, 2, 16):
        density = [n * ((step + 0.5) / steps) ** (n - 1) for step in range(steps)]
        assert distance(n) == pytest.approx(sum(one * math.log(one) for one in density) / steps, abs=1e-3)
