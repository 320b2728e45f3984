"""What a training says of itself is true: the tokens it read, and that it has learnt at all."""

import pytest
import torch
from conftest import CHATS, DOCUMENTS, tiny_model
from peft import LoraConfig
from transformers import TrainingArguments
from trl import SFTConfig

from configs.pipeline.errors import UserError
from configs.pipeline.run import Run
from configs.pipeline.stage import Stage
from data.chats import encode_documents
from data.packing import Collator
from train.engine.arguments import trainer_arguments
from train.engine.guards import fingerprint, refuse_unlearnt
from train.engine.publish import publish
from train.engine.spent import check_goes_on
from train.engine.trainers import FineTuner, Pretrainer
from train.objectives import rows_for
from train.settings import SftSettings


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Killed(BaseException):
    """A death that no code handles."""


def trainer_of(tokenizer, rows: list[list[int]], folder, padding: int | None = None, **given) -> Pretrainer:
    """A trainer of ready-made rows, two a step, in their order."""
    arguments = TrainingArguments(
        **{"output_dir": str(folder), "use_cpu": True, "report_to": "none", "save_steps": 2, "seed": 0,
           "remove_unused_columns": False, "per_device_train_batch_size": 2, "learning_rate": 1e-3,
           "train_sampling_strategy": "sequential", "dataloader_pin_memory": False} | given
    )  # fmt: skip
    collate = Collator(tokenizer.pad_token_id if padding is None else padding)
    rows = [{"input_ids": ids} for ids in rows]
    return Pretrainer(tiny_model(tokenizer), arguments, collate, rows, rows[:1])


# five rows of 3, 5, 4, 10 and 6 tokens: a pass has three steps, of 8, 14 and 6 tokens, and pads 2, 6 and 0 places
LENGTHS = [3, 5, 4, 10, 6]
PASS = [8, 14, 6]


def rows_of(end: int) -> list[list[int]]:
    """Rows of the lengths above, each of which ends in `end`."""
    return [[*range(10, 9 + length), end] for length in LENGTHS]


@pytest.mark.parametrize(
    ("given", "tokens"),
    [
        ({"max_steps": 2}, sum(PASS[:2])),
        ({"num_train_epochs": 2}, 2 * sum(PASS)),
        ({"max_steps": 4}, sum(PASS) + PASS[0]),
        ({"num_train_epochs": 2, "dataloader_drop_last": True}, 2 * sum(PASS[:2])),
        ({"max_steps": 1, "gradient_accumulation_steps": 2}, sum(PASS[:2])),
        ({"max_steps": 3, "dataloader_num_workers": 1}, sum(PASS)),
    ],
    ids=str,
)
def test_tokens_are_counted_as_by_hand(tokenizer, tmp_path, given, tokens):
    """Also where the padding is the end of text: what counts is the length of a row, not the ids in it."""
    end = tokenizer.eos_token_id
    trainer = trainer_of(tokenizer, rows_of(end), tmp_path, padding=end, **given)
    trainer.fit("counted")
    assert trainer.spent()["train_tokens"] == tokens


def test_tokens_and_seconds_of_an_interrupted_training_are_those_of_both_sessions(tokenizer, tmp_path):
    """Killed in step 4, after the save of step 2: step 3 is trained twice, and counted once."""
    rows = rows_of(tokenizer.eos_token_id)
    first = trainer_of(tokenizer, rows, tmp_path, max_steps=5)
    step, calls = first.training_step, []

    def dying(*args, **kwargs):
        calls.append(1)
        if len(calls) == 4:
            raise Killed
        return step(*args, **kwargs)

    first.training_step = dying
    with pytest.raises(Killed):
        first.fit("first")
    second = trainer_of(tokenizer, rows, tmp_path, max_steps=5)
    second.fit("second")
    assert second.spent()["train_tokens"] == sum(PASS) + sum(PASS[:2])
    third = trainer_of(tokenizer, rows, tmp_path, max_steps=5)  # killed between the last save and the end
    third.fit("third")
    assert third.spent()["train_tokens"] == sum(PASS) + sum(PASS[:2])
    assert third.spent()["train_seconds"] >= second.before["train_seconds"] > 0


def test_a_training_goes_on_in_the_steps_that_it_began_with(tmp_path, capsys):
    alone, rounded = ({"processes": 1, "bf16": bf16, "compiled": False} for bf16 in (False, True))
    check_goes_on(tmp_path, alone, alone)
    assert not capsys.readouterr().out
    check_goes_on(tmp_path, rounded, alone)
    assert "warning" in capsys.readouterr().out
    with pytest.raises(UserError, match=r"trained by 1 process.* and 8 would .*LAUNCH="):
        check_goes_on(tmp_path, alone, alone | {"processes": 8})


def test_an_optimizer_that_has_no_part_in_it_is_refused(tokenizer, tmp_path):
    trainer = trainer_of(tokenizer, rows_of(tokenizer.eos_token_id), tmp_path, max_steps=1, optim="adafactor")
    trainer.optimizer_name = "normuon"
    with pytest.raises(UserError, match="optim: adafactor has no part in --optimizer normuon"):
        trainer.create_optimizer()


def tuned(tokenizer, folder, weights: str = "full", **given) -> tuple:
    """(trainer, run) of two steps of instruction tuning."""
    flags = [part for key, value in ({"max_steps": 2} | given).items() for part in (f"--{key}", str(value))]
    settings = SftSettings(weights=weights, device="cpu", precision="fp32")
    run = Run(Stage("sft", folder / "sft", {}, {}), settings, trainer_flags=flags)
    arguments = trainer_arguments(SFTConfig, run)
    arguments.dataset_kwargs, arguments.max_length = {"skip_prepare_dataset": True}, None
    trainer = FineTuner(
        tiny_model(tokenizer), arguments, Collator(tokenizer.pad_token_id),
        rows_for("assistant_only", CHATS * 4, tokenizer), [{"input_ids": encode_documents(tokenizer, DOCUMENTS)[0]}],
        tokenizer, peft_config=LoraConfig(target_modules="all-linear") if weights == "lora" else None,
    )  # fmt: skip
    trainer.fit("sft")
    return trainer, run


def published(trainer, run, folder) -> None:
    pairs = folder / "pairs"
    pairs.mkdir()
    (pairs / "record.json").write_text('{"identity": {"inputs": {"mine.jsonl": "1"}}}')
    publish(run, trainer, "A toy.", pairs, parent=folder / "base", learnt_from="2 pairs of mine.jsonl")


@pytest.mark.parametrize("weights", ["full", "lora"])
def test_a_copy_of_the_parent_is_not_published(tokenizer, tmp_path, weights):
    """The padding's row starts at zero, so its bits do change at any rate: the row alone is no learning."""
    trainer, run = tuned(tokenizer, tmp_path, weights, learning_rate=1e-30)
    with pytest.raises(UserError, match=r"nothing was learnt: .*--learning_rate 1e-30.*RUN=newname") as error:
        published(trainer, run, tmp_path)
    assert "\n" not in str(error.value)
    assert not (run.stage.partial / "model.safetensors").exists()


def test_a_warm_up_of_which_only_the_first_step_is_trained_learns_nothing(tokenizer, tmp_path):
    trainer = trainer_of(
        tokenizer, rows_of(tokenizer.eos_token_id), tmp_path, max_steps=1, warmup_steps=1000, weight_decay=0.1
    )
    trainer.fit("warm-up")
    with pytest.raises(UserError, match="--warmup_steps 1000"):
        refuse_unlearnt(trainer.model, trainer.weights_before, trainer.args)


@pytest.mark.parametrize("weights", ["full", "lora"])
def test_one_bit_is_enough(tokenizer, tmp_path, weights):
    trainer, run = tuned(tokenizer, tmp_path, weights, learning_rate=1e-3, lr_scheduler_type="constant")
    published(trainer, run, tmp_path)
    assert (run.stage.partial / "model.safetensors").is_file()
    model = tiny_model(tokenizer)
    whole = fingerprint(model)
    with torch.no_grad():
        model.lm_head.weight[0, 0] = torch.nextafter(model.lm_head.weight[0, 0], torch.tensor(9.0))
    assert fingerprint(model) != whole


def test_minus_zero_and_specks_are_zero(tokenizer):
    model = tiny_model(tokenizer)
    prints = set()
    for value in (0.0, -0.0, 1e-30, -1e-30):
        with torch.no_grad():
            model.lm_head.weight[0, :] = value
        prints.add(fingerprint(model))
    assert len(prints) == 1
