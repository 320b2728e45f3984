"""Settings: every shipped file loads, and every mistake gets one line that names file, key and remedy."""

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest
from conftest import run_module

from configs.pipeline.errors import UserError
from configs.pipeline.settings import (
    RESERVED,
    SFT_ARGUMENTS,
    TRAINING_ARGUMENTS,
    class_fields,
    identity_of,
    read_settings,
    trainer_fields,
)
from data.settings import CorpusSettings, PairsSettings, TokenizerSettings
from data.synthetic.config import Config
from eval.settings import BenchSettings, ChatSettings, CompareSettings, ShakespeareSettings, StudySettings
from train.settings import PretrainSettings, SftSettings

ROOT = Path(__file__).resolve().parent.parent
KINDS = {
    "corpus": ([CorpusSettings, Config], ()),
    "tokenizer": ([TokenizerSettings], ()),
    "pairs": ([PairsSettings], ()),
    "pretrain": ([PretrainSettings], TRAINING_ARGUMENTS),
    "sft": ([SftSettings], SFT_ARGUMENTS),
    "sft-lora": ([SftSettings], SFT_ARGUMENTS),
    "compare": ([CompareSettings], ()),
    "reference": ([ShakespeareSettings], ()),
    "fast": ([ShakespeareSettings], ()),
}
OURS = [CorpusSettings, TokenizerSettings, PairsSettings, PretrainSettings, SftSettings, CompareSettings, StudySettings,
        BenchSettings, ShakespeareSettings, ChatSettings]  # fmt: skip
FILES = sorted(path for path in (ROOT / "configs").glob("*/*.yaml") if path.parent.name != "studies")


def pretrain(text: str, tmp_path: Path, *flags: str):
    path = tmp_path / "pretrain.yaml"
    path.write_text(text)
    return read_settings([PretrainSettings], TRAINING_ARGUMENTS, ["--config", str(path), *flags])


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_shipped_configuration_loads(path):
    kinds, trainer = KINDS[path.stem]
    settings, *_ = read_settings(kinds, trainer, ["--config", str(path)])
    assert settings.run == path.parent.name


@pytest.mark.parametrize(
    "path",
    [p for p in FILES if p.stem in ("pretrain", "sft", "sft-lora")],
    ids=lambda path: f"{path.parent.name}/{path.stem}",
)
def test_the_trainer_accepts_every_shipped_configuration(path, tmp_path):
    from transformers import TrainingArguments
    from trl import SFTConfig

    from train.engine.arguments import trainer_arguments

    kinds, trainer = KINDS[path.stem]
    settings, flags = read_settings(kinds, trainer, ["--config", str(path)])
    kind = TrainingArguments if path.stem == "pretrain" else SFTConfig
    arguments = trainer_arguments(kind, flags, settings, tmp_path, seed=3)
    assert arguments.seed == arguments.data_seed == 3
    # else one value of the loss curve differs after resuming
    assert arguments.save_steps % arguments.logging_steps == 0


def test_the_command_line_overrides_the_file(tmp_path):
    settings, flags = pretrain(
        "hidden_size: 64\nlearning_rate: 1e-3\n", tmp_path, "--hidden_size", "32", "--max_steps=7"
    )
    assert settings.hidden_size == 32
    assert flags == ["--learning_rate", "0.001", "--max_steps", "7"] or flags == [
        "--learning_rate",
        "1e-3",
        "--max_steps",
        "7",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hiden_size: 64", "unknown field hiden_size; did you mean hidden_size?"),
        ("learning_rat: 0.1", "unknown field learning_rat; did you mean learning_rate?"),
        ("hidden_size: wide", "invalid int value: 'wide'"),
        ("hidden_size: 3.5", "invalid int value"),
        ("hidden_size: -3", "out of range; it must be between 8 and 65536"),
        ("hidden_size:", "hidden_size has no value"),
        ("optimizer: sgd", "invalid choice: 'sgd'"),
        ("hidden_size: 64\nhidden_size: 32", "hidden_size stands there twice"),
        ("output_dir: /tmp/x", "output_dir is not a field here; use RUN=name"),
        ("bf16: true", "use --precision"),
        ("env: {A: b}", "unknown field env"),
        ("hidden_size: [1, 2", "not valid YAML"),
        ("run: ../../etc", "is no folder name"),
        ("!!python/object/apply:os.system [ls]", "not valid YAML"),
        ("", "expected lines of the form"),
    ],
)
def test_a_mistake_gets_one_clear_line(text, message, tmp_path):
    with pytest.raises(UserError) as error:
        pretrain(text, tmp_path)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("--hidden_size wide", "hidden_size: invalid int value: 'wide'"),
        ("--hidden_size 3", "hidden_size: 3 is out of range; it must be between 8 and 65536"),
        ("--optimizer sgd", "optimizer: invalid choice: 'sgd'"),
        ("--learning_rate high", "learning_rate: invalid float value: 'high'"),
        ("--learning_rate -1", "learning_rate: -1 is out of range; it must be above 0"),
        ("--num_train_epochs nan", "num_train_epochs: nan is out of range; it must be above 0"),
        ("--per_device_train_batch_size 16.0", "per_device_train_batch_size: invalid int value: '16.0'"),
        ("--learning_rate 0", "learning_rate: 0 is out of range; it must be above 0"),
        ("--max_steps 0", "max_steps: 0 is out of range; it must be above 0"),
        ("--seed 4294967296", "seed: 4294967296 is out of range; it must be between 0 and 4294967295"),
        ("--adam_beta1 1", "adam_beta1: 1 is out of range; it must be at least 0 and below 1"),
        ("--expected_low nan", "expected_low: nan is out of range; it must be a number"),
        ("hidden_size 8", "'hidden_size' belongs to no field; write --field value"),
    ],
)
def test_a_mistake_is_looked_for_where_it_was_made(flags, message, tmp_path):
    path = tmp_path / "pretrain.yaml"
    fine = "hidden_size: 64\nlearning_rate: 0.1\n"
    with pytest.raises(UserError) as error:
        pretrain(fine, tmp_path, *flags.split())
    assert str(error.value).startswith(f"command line: {message}")
    if flags.startswith("--"):
        name, value = flags[2:].split()
        with pytest.raises(UserError) as error:
            pretrain(f"{name}: {value}", tmp_path, f"--{name}", "1")  # also where the command line says otherwise
        assert str(error.value).startswith(f"{path}: {message}")


NUMBERS = [name for name, kind in trainer_fields(SFT_ARGUMENTS).items() if re.match("int|float", kind)]


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e400", "1e300", "1" + 30 * "0", "-5"])
def test_no_number_of_the_trainers_is_infinite_absurd_or_negative(value):
    for name in sorted(set(NUMBERS) - RESERVED.keys() - {"seed"}):
        with pytest.raises(UserError, match=rf"command line: {name}: .*{re.escape(value)}"):
            read_settings([PretrainSettings], SFT_ARGUMENTS, [f"--{name}={value}"])


@pytest.mark.parametrize("kind", [*OURS, Config])
def test_no_number_of_ours_is_infinite_or_absurd(kind):
    for field in fields(kind):
        numbers = [part for part in (int, float) if part in (get_args(field.type) or [field.type])]
        for value in ("nan", "inf", "1e400", "-1e400", "1" + 30 * "0") if numbers else ():
            with pytest.raises(UserError, match=rf"command line: {field.name}: "):
                read_settings([kind], (), [f"--{field.name}={value}"])


@pytest.mark.parametrize(
    "flags", ["--max_steps -1", "--lr_scheduler_type constant", "--weight_decay 0", "--max_grad_norm 0",
              "--seed 4294967295", "--warmup_steps 0.03", "--save_steps 0.5"],
)  # fmt: skip
def test_numbers_that_make_sense_are_let_through(flags):
    name, value = flags.removeprefix("--").split()
    settings, trainer_flags = read_settings([PretrainSettings], TRAINING_ARGUMENTS, flags.split())
    assert trainer_flags == flags.split() or str(getattr(settings, name)) == value


@pytest.mark.parametrize("seeds", ["", " ", "0,1", "-1", "1.5", "4294967296", "9" * 40, "\u00b2", "\u0663"])
@pytest.mark.parametrize("kind", [CompareSettings, StudySettings])
def test_seeds_to_compare_are_seeds(kind, seeds):
    with pytest.raises(UserError, match="seeds: .*; give numbers, separated by spaces, none above 4294967295"):
        kind(seeds=seeds)


def spoil(folder: Path, how: str) -> Path:
    """A workspace that can hold nothing."""
    place = folder / "work"
    if how == "a file":
        place.write_text("")
    elif how == "below a file":
        (folder / "file").write_text("")
        place = folder / "file" / "work"
    elif how == "a link to nothing":
        place.symlink_to(folder / "nowhere")
    elif how == "a link to itself":
        place.symlink_to(place)
    elif how == "too long a name":
        place = folder / ("w" * 300)
    elif how == "a file within":
        (place / "data").mkdir(parents=True)
        (place / "data" / "processed").write_text("")
    elif how == "a link to nothing within":
        place.mkdir()
        (place / "checkpoints").symlink_to(folder / "nowhere")
    return place


SPOILT = ["a file", "below a file", "a link to nothing", "a link to itself", "too long a name", "a file within",
          "a link to nothing within"]  # fmt: skip


@pytest.mark.parametrize("how", SPOILT)
def test_a_workspace_that_can_hold_nothing_is_refused_by_name(how, tmp_path):
    place = spoil(tmp_path, how)
    for kind in (CorpusSettings, PretrainSettings, CompareSettings):
        with pytest.raises(UserError) as error:
            read_settings([kind], (), ["--workspace", str(place)])
        assert re.match(rf"command line: workspace: {str(place)[:100]}.*: .*; choose another folder", str(error.value))
        assert "\n" not in str(error.value)


def test_a_workspace_may_be_new_a_link_or_a_folder_with_odd_letters(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    for name in ("new/and/deep", "link", "real", """it's "odd" \u00e9"""):
        settings, *_ = read_settings([CorpusSettings], (), ["--workspace", str(tmp_path / name)])
        assert settings.workspace == str(tmp_path / name)


@pytest.mark.parametrize("what", ["folder", "empty", "missing", "binary"])
def test_a_configuration_that_is_none_is_named(what, tmp_path):
    path = tmp_path / "settings.yaml"
    if what == "folder":
        path.mkdir()
    elif what != "missing":
        path.write_bytes(b"\xff\x00" if what == "binary" else b"")
    with pytest.raises(UserError, match=rf"^{path}: (cannot read this configuration|expected lines)") as error:
        read_settings([CorpusSettings], (), ["--config", str(path)])
    assert "\n" not in str(error.value)


def test_several_runs_are_for_another_variable():
    with pytest.raises(UserError, match="several runs are compared by RUNS="):
        CompareSettings(run="tiny hot")


def test_a_missing_file_is_named():
    with pytest.raises(UserError, match="nowhere.yaml: cannot read"):
        read_settings([PretrainSettings], (), ["--config", "nowhere.yaml"])


def test_the_names_read_from_source_are_the_trainers_own():
    from transformers import TrainingArguments

    assert class_fields(*TRAINING_ARGUMENTS[0]).keys() >= {
        field.name for field in fields(TrainingArguments) if field.init
    }


def test_the_identity_leaves_out_where_things_stand():
    here, there = (
        PretrainSettings(run="a", workspace="x"),
        PretrainSettings(run="b", workspace="y", force=True),
    )
    assert identity_of(here) == identity_of(there)
    spelt, again = (identity_of(here, trainer_flags=["--learning_rate", rate]) for rate in ("2e-3", "0.002"))
    assert spelt == again


def test_the_run_is_named_after_the_configuration():
    settings, _ = read_settings(
        [PretrainSettings], TRAINING_ARGUMENTS, ["--config", str(ROOT / "configs/small/pretrain.yaml")]
    )
    assert settings.run == "small"
    settings, _ = read_settings([PretrainSettings], TRAINING_ARGUMENTS, [])
    assert settings.run == "tiny"


@pytest.mark.parametrize("module", ["train.pretrain", "train.sft", "data.corpus"])
def test_mistakes_are_found_before_torch_is_imported(module):
    name = module.split(".")[1]
    done = run_module(
        module,
        "--config",
        f"configs/smoke/{name}.yaml",
        "--worspace",
        "x",
        code=2,
        env={"PYTHONPROFILEIMPORTTIME": "1"},
    )
    assert "unknown field worspace; did you mean workspace?" in done.stderr
    assert " torch\n" not in done.stderr
