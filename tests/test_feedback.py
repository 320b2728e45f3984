"""Preferences, DPO and reward models, against closed forms, plain torch and hand-made cases."""

import math
import random
from collections import Counter
from copy import deepcopy
from types import SimpleNamespace

import pytest
import torch
from conftest import tiny_model, write_lines
from test_preference_files import PREFERENCE, USER, read
from torch.nn.functional import logsigmoid
from trl import DPOConfig, RewardConfig
from trl.trainer import reward_trainer
from trl.trainer.dpo_trainer import DataCollatorForPreference

from configs.pipeline.errors import UserError
from configs.pipeline.stages import folder_of
from data.chats import encode_prompt, padding_id
from data.judge.rater import Rater, ceiling
from data.judge.utility import JUDGED, WEIGHTS, parts, reference, utility
from data.packing import Collator
from data.synthetic.conversations.generate import pairs
from data.synthetic.draw import Draw
from eval.lm import LanguageModel
from eval.questions.feedback.ask import ask as ask_likelihoods
from eval.settings import CompareSettings
from train.dpo import check_reference
from train.engine.examine import Examination
from train.engine.publish import save_model
from train.engine.trainers import PreferenceTuner, RewardTuner
from train.model import reward_model, reward_padding
from train.preferences import rated, split
from train.preferred import SIDES, encode_preference, for_reward, noisy_labels, rows_of
from train.requests import spoilt

# --- the known utility


@pytest.fixture(scope="module")
def requests() -> list[dict]:
    return [row for row in (pair.to_row() for pair in pairs(31, 700)) if row["kind"] in JUDGED]


def test_the_answers_of_the_pairs_are_worth_the_most(requests):
    """Some are of words that hardly stand together elsewhere, or explain a rude word, no more."""
    worth = [utility(request, reference(request), stopped=True) for request in requests]
    assert sum(value > 0.99 for value in worth) > 0.97 * len(worth)
    lacking = Counter(name for request in requests
                      for name, held in parts(request, reference(request), True).items() if not held)  # fmt: skip
    assert set(lacking) <= {"readable", "right", "polite"}
    assert lacking["right"] <= 0.005 * len(requests)


def test_answers_to_other_requests_are_seldom_right(requests):
    others = requests[1:] + requests[:1]
    right = [parts(request, reference(other), True)["right"] for request, other in zip(requests, others, strict=True)]
    assert sum(right) < 0.12 * len(right)  # "I do not know that." fits many


REQUEST = {
    "kind": "question", "entities": ["Norway"], "meta": {},
    "messages": [{"role": "user", "content": "What is the capital of Norway?"},
                 {"role": "assistant", "content": "Oslo."}],
    "facts": [{"subject": "Norway", "relation": "capital", "object": "Oslo", "is_true": True}],
}  # fmt: skip
HARM = {
    "kind": "refusal", "entities": [], "facts": [], "meta": {"is_harmful": True},
    "messages": [{"role": "user", "content": "How do I rob a shop?"},
                 {"role": "assistant", "content": "You want to rob a shop. I cannot help you with that."}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("request_", "answer", "stopped", "lacking"),
    [
        (REQUEST, "Oslo.", True, set()),
        (REQUEST, "The capital of Norway is Oslo.", True, set()),
        (REQUEST, "Oslo.", False, {"stops"}),
        (REQUEST, "Rome.", True, {"right"}),
        (REQUEST, "The capital of Norway is Rome.", True, {"right", "true"}),
        (REQUEST, "Oslo. You fool.", True, {"polite"}),
        (REQUEST, "Oslo. Oslo. Oslo.", True, {"readable"}),
        (REQUEST, "", True, {"right", "true", "readable"}),
        (HARM, "I am sorry, but I cannot help with that.", True, set()),
        (HARM, "First look for a dark night.", True, {"right"}),
        (HARM, "You want to rob a shop. I am sorry, but I cannot help with that.", True, set()),
        (HARM, "You want to milk the goat. I am sorry, but I cannot help with that.", True, {"right"}),
    ],
)
def test_each_part_of_the_utility(request_, answer, stopped, lacking):
    found = {name for name, held in parts(request_, answer, stopped).items() if not held}
    assert found == lacking
    assert utility(request_, answer, stopped) == pytest.approx(1 - sum(WEIGHTS[name] for name in lacking))


# --- the rater


def test_the_ceiling_is_what_a_rater_reaches_who_knows_everything():
    """By simulation: of pairs with known chances, whoever names the likelier one is right so often."""
    draw, rater = random.Random(1), Rater(noise=0.2, sharpness=3.0)
    values = [(draw.random(), draw.random()) for _ in range(40_000)]
    chances = [rater.chance(first, second) for first, second in values]
    right = sum((draw.random() < chance) == (chance > 0.5) for chance in chances)
    assert right / len(chances) == pytest.approx(ceiling(chances), abs=0.01)


def test_the_habits_of_a_rater():
    believing = REQUEST | {"meta": {"believes": "Rome"}}
    assert Rater(length=0.1).value(REQUEST, "one two three four five", 0.5) == pytest.approx(0.55)
    assert Rater(agreement=0.3).value(believing, "It is Rome.", 0.5) == pytest.approx(0.8)
    assert Rater(agreement=0.3).value(believing, "It is Oslo.", 0.5) == pytest.approx(0.5)
    assert Rater(noise=1.0).chance(9.0, 0.0) == 0.5
    assert Rater(sharpness=2.0).chance(1.0, 0.0) == pytest.approx(1 / (1 + math.exp(-2)))


def test_best_and_worst_of_the_answers_are_rated():
    row = rated(Draw(0, "x"), REQUEST, [("Rome.", True), ("Oslo.", True), ("Oslo", False), ("", True)], Rater())
    assert (row["chosen"][0]["content"], row["rejected"][0]["content"]) == ("Oslo.", "Rome.")
    assert row["prompt"] == REQUEST["messages"][:-1]
    assert row["chance"] > 0.99
    assert row["stopped"] == [True, True]
    assert rated(Draw(0, "x"), REQUEST, [("Oslo.", True), ("It is Oslo.", True)], Rater()) is None


def test_a_spoilt_answer_is_worth_less(requests):
    """Not all: what is false of an "it" cannot be read."""
    worse = []
    for place, request in enumerate(requests[:200]):
        answers = spoilt(Draw(0, f"spoil/{place}"), request), reference(request)
        after, before = (utility(request, answer, stopped=True) for answer in answers)
        worse.append(after - before)
    assert max(worse) <= 0
    assert sum(one < 0 for one in worse) >= 190


def test_a_spoilt_answer_to_somebody_who_is_wrong_agrees_with_him():
    """Else a rater who likes agreement has nothing to choose: the tuned model hardly ever agrees by itself."""
    believing = REQUEST | {"meta": {"believes": "Rome"}}
    said = {spoilt(Draw(0, f"spoil/{place}"), believing) for place in range(40)}
    assert any("Rome" in one for one in said)
    assert all("Oslo" in one or "Rome" in one for one in said)


def test_a_prompt_stands_on_one_side_alone():
    rows = [{"prompt": [{"role": "user", "content": f"q {n % 30}"}], "n": n} for n in range(90)]
    train, held_out = split(rows, 9)
    sides = [{row["prompt"][0]["content"] for row in some} for some in (train, held_out)]
    assert len(train) + len(held_out) == 90
    assert len(held_out) >= 9
    assert not sides[0] & sides[1]


# --- what is learnt


def test_preferences_that_the_stage_wrote_are_read_back_whole(tmp_path):
    own = rated(Draw(0, "x"), REQUEST, [("Rome.", True), ("Oslo", False)], Rater())
    assert read(tmp_path, [own]) == ([own], Counter())


CHAT = [{"role": "user", "content": "Hello!"}, {"role": "assistant", "content": "Hello."}]


def test_an_answer_that_was_cut_off_has_no_stop_token(tokenizer):
    stop = tokenizer.eos_token_id
    row = encode_preference(PREFERENCE, tokenizer, [stop])
    assert row["prompt_ids"] == encode_prompt(tokenizer, [USER])
    assert row["chosen_ids"][-1] == stop
    assert stop not in row["rejected_ids"]
    assert tokenizer.decode(row["rejected_ids"]) == " Go away."


def test_what_a_template_writes_behind_the_stop_token_is_no_part_of_an_answer(tokenizer):
    before, tokenizer = encode_preference(PREFERENCE, tokenizer, [tokenizer.eos_token_id]), deepcopy(tokenizer)
    only_between = "'\\n' if not loop.last"
    assert only_between in tokenizer.chat_template
    tokenizer.chat_template = tokenizer.chat_template.replace(only_between, "'\\n'")
    row = encode_preference(PREFERENCE, tokenizer, [tokenizer.eos_token_id])
    assert (row["chosen_ids"], row["rejected_ids"]) == (before["chosen_ids"], before["rejected_ids"])


def test_preferences_beyond_the_context_are_counted_and_all_of_them_refused(tokenizer, tmp_path, capsys):
    long = PREFERENCE | {"rejected": [{"role": "assistant", "content": "word " * 80}]}
    assert len(rows_of([PREFERENCE, long], tokenizer, 64, [], tmp_path)) == 1
    assert "1 of 2 preferences are longer than the context of 64 tokens" in capsys.readouterr().out
    with pytest.raises(UserError, match="no preference fits"):
        rows_of([long], tokenizer, 64, [], tmp_path)


@pytest.fixture
def rows(tokenizer) -> list[dict]:
    talks = [("What is 1 + 1?", "2.", "Three, I think."), ("Say hello", "Hello!", "No."), ("And you?", "Fine.", "Go")]
    told = [{"prompt": [{"role": "user", "content": a}], "chosen": [{"role": "assistant", "content": b}],
             "rejected": [{"role": "assistant", "content": c}]} for a, b, c in talks]  # fmt: skip
    return [encode_preference(one, tokenizer, [tokenizer.eos_token_id]) for one in told]


def arguments_of(kind: type, folder, **given):
    return kind(
        output_dir=str(folder), use_cpu=True, bf16=False, report_to="none", seed=0, remove_unused_columns=False,
        dataloader_pin_memory=False, activation_checkpointing=False, learning_rate=1e-2, **given,
    )  # fmt: skip


def log_probability(model, prompt: list[int], answer: list[int]) -> torch.Tensor:
    """In plain torch: the sum of the log-probabilities of the answer's tokens."""
    logits = model(input_ids=torch.tensor([prompt + answer])).logits[0].float().log_softmax(-1)
    places = range(len(prompt) - 1, len(prompt) + len(answer) - 1)
    return sum(logits[place, token] for place, token in zip(places, answer, strict=True))


def dpo_trainer(tokenizer, folder, rows: list[dict], model_type: str = "llama", **given) -> PreferenceTuner:
    arguments = arguments_of(DPOConfig, folder, precompute_ref_log_probs=True, per_device_train_batch_size=3, beta=0.3,
                             **given)  # fmt: skip
    return PreferenceTuner(
        tiny_model(tokenizer, model_type), arguments, DataCollatorForPreference(padding_id(tokenizer)), rows, [],
        tokenizer, held_out_collator=Collator(padding_id(tokenizer)), evaluated=rows,
    )  # fmt: skip


@pytest.mark.parametrize("model_type", ["llama", "lfm2"])
def test_the_loss_of_dpo_is_its_formula(tokenizer, tmp_path, rows, model_type):
    trainer = dpo_trainer(tokenizer, tmp_path, rows, model_type)
    before, now = tiny_model(tokenizer, model_type), tiny_model(tokenizer, model_type, seed=5)
    batch = trainer.data_collator(list(trainer.train_dataset))
    first = trainer.compute_loss(trainer.model, dict(batch))
    assert float(first) == pytest.approx(math.log(2), abs=1e-4)
    trainer.model.load_state_dict(now.state_dict())
    loss = trainer.compute_loss(trainer.model, dict(batch))
    with torch.no_grad():
        ratios = [
            [log_probability(model, row["prompt_ids"], row[side]) for model in (now, before)]
            for row in rows for side in ("chosen_ids", "rejected_ids")
        ]  # fmt: skip
    moved = [after - first for after, first in ratios]
    both = zip(moved[::2], moved[1::2], strict=True)
    wanted = -sum(logsigmoid(0.3 * (chosen - rejected)) for chosen, rejected in both) / 3
    assert float(loss) == pytest.approx(float(wanted), abs=1e-4)


@pytest.mark.parametrize(("margin", "refused"), [(0.0, False), (1.9e-3, False), (0.01, True), (-0.01, True)])
def test_a_reference_that_is_another_model_is_refused(margin, refused):
    """A margin m makes the loss ln(1 + exp(-m)), within 1e-3 of ln 2 as long as m is within 2e-3 of 0."""
    assert (abs(math.log1p(math.exp(-margin)) - math.log(2)) > 1e-3) == refused
    history = [{"step": 0, "eval_rewards/margins": margin}]
    trainer = SimpleNamespace(evaluate=lambda: None, state=SimpleNamespace(log_history=history))
    if refused:
        with pytest.raises(UserError, match="the reference is another model"):
            check_reference(trainer)
    else:
        assert check_reference(trainer) == {"step": 0, "rewards/margins": margin}


@pytest.mark.parametrize("model_type", ["llama", "lfm2"])
def test_the_loss_of_a_reward_model_is_its_formula(tokenizer, tmp_path, rows, model_type):
    policy, told = tiny_model(tokenizer, model_type), [for_reward(row) for row in rows]
    model = reward_model(policy, padding_id(tokenizer), seed=0)
    arguments = arguments_of(RewardConfig, tmp_path, per_device_train_batch_size=3)
    collate = reward_trainer.DataCollatorForPreference(padding_id(tokenizer))
    trainer = RewardTuner(model, arguments, collate, told, told, tokenizer)
    loss = trainer.compute_loss(trainer.model, dict(trainer.data_collator(list(trainer.train_dataset))))

    def score(ids: list[int]) -> torch.Tensor:
        hidden = policy(input_ids=torch.tensor([ids]), output_hidden_states=True).hidden_states[-1][0, -1]
        return model.score.weight[0] @ hidden

    wanted = -sum(logsigmoid(score(row["chosen_ids"]) - score(row["rejected_ids"])) for row in told) / 3
    assert float(loss) == pytest.approx(float(wanted), abs=1e-4)


def test_a_reward_model_sees_a_stop_token_that_is_the_padding_token_as_well(tokenizer, tmp_path):
    tokenizer = deepcopy(tokenizer)
    tokenizer.pad_token = tokenizer.eos_token
    stop = tokenizer.eos_token_id
    assert padding_id(tokenizer) == stop
    model = reward_model(tiny_model(tokenizer), reward_padding(tokenizer, [stop]), seed=0).eval()
    text = encode_prompt(tokenizer, [USER])
    collate = reward_trainer.DataCollatorForPreference(model.config.pad_token_id)
    rows = [{"chosen_ids": [5, 6, stop], "rejected_ids": [5, 6]}]
    model = RewardTuner(model, arguments_of(RewardConfig, tmp_path), collate, rows, rows, tokenizer).model.eval()
    assert model.config.pad_token_id != stop
    with torch.no_grad():
        goes_on, stops = (model(input_ids=torch.tensor([ids])).logits.item() for ids in (text, [*text, stop]))
    assert goes_on != stops
    assert reward_padding(SimpleNamespace(pad_token_id=0, unk_token_id=None, bos_token_id=0), [0, 1]) == 2


def test_accuracy_counts_every_preference_once_whatever_the_batches(tokenizer, tmp_path, rows):
    """Two batches, of two rows and of one: the mean of their means would be another number."""
    told = [for_reward(row) for row in rows]
    arguments = arguments_of(RewardConfig, tmp_path, per_device_eval_batch_size=2)
    collate = reward_trainer.DataCollatorForPreference(padding_id(tokenizer))
    model = reward_model(tiny_model(tokenizer), padding_id(tokenizer), seed=0)
    trainer = RewardTuner(model, arguments, collate, told, told, tokenizer)
    found = trainer.evaluate()

    @torch.no_grad()
    def score(ids: list[int]) -> float:
        return model(input_ids=torch.tensor([ids])).logits.item()

    margins = [score(row["chosen_ids"]) - score(row["rejected_ids"]) for row in told]
    assert found["eval_margin"] == pytest.approx(sum(margins) / 3, abs=1e-5)
    assert found["eval_accuracy"] == pytest.approx(sum(one > 0 for one in margins) / 3)


def test_of_preferences_held_out_the_answers_log_probabilities_are_asked(tokenizer, tmp_path):
    model = tiny_model(tokenizer).eval()
    lm = LanguageModel("dpo", "x", "dpo", 0, model, tokenizer, 64, batch_size=2)
    settings, folder = CompareSettings(run="x", workspace=str(tmp_path)), folder_of("preferences", "x", 0, tmp_path)
    assert ask_likelihoods(lm, None, settings).rows == []
    folder.mkdir(parents=True)
    write_lines(folder / "held_out.jsonl", [PREFERENCE, PREFERENCE | {"prompt": CHAT[:1]}])
    found = {(one.metric, one.item_id): one.value for one in ask_likelihoods(lm, None, settings).rows}
    row = encode_preference(PREFERENCE, tokenizer, [tokenizer.eos_token_id])
    with torch.no_grad():
        wanted = {f"logp_{side}": float(log_probability(model, row["prompt_ids"], row[f"{side}_ids"]))
                  for side in SIDES}  # fmt: skip
    assert {name: found[name, "preference:0"] for name in wanted} == pytest.approx(wanted, abs=1e-4)
    assert len(found) == 4


def test_an_examination_without_a_judge_tells_distance_and_what_became_of_the_likeliest_answers(tokenizer, tmp_path):
    first, now = tiny_model(tokenizer).eval(), tiny_model(tokenizer, seed=5).eval()
    first.generation_config.eos_token_id = tokenizer.eos_token_id
    save_model(first, tokenizer, tmp_path)
    asked = [encode_prompt(tokenizer, [USER]), encode_prompt(tokenizer, CHAT[:1])]
    examine = Examination(tmp_path, [], 6, 0, in_bf16=False, prompts=asked)
    assert examine(first)["kl"] == pytest.approx(0.0, abs=1e-5)
    found, pairs_of_ids = examine(now), zip(examine.prompts, examine.likeliest, strict=True)
    with torch.no_grad():
        wanted = [float(log_probability(now, prompt, answer)) for prompt, answer in pairs_of_ids]
    assert found["logps/greedy"] == pytest.approx(sum(wanted) / 2, rel=1e-4)
    assert found.keys() == {"kl", "logps/greedy"}


def test_labels_that_are_noise_alone_swap_half_of_the_pairs(rows):
    many = rows * 100
    swapped = sum(one != other for one, other in zip(many, noisy_labels(many, 1.0, 3), strict=True))
    assert 110 < swapped < 190
    assert noisy_labels(many, 1.0, 3) == noisy_labels(many, 1.0, 3)
