"""Settings: every shipped file loads, and every mistake gets one line that names file, key and remedy."""

import difflib
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest
from conftest import run_module

from configs.pipeline import children
from configs.pipeline.errors import UserError
from configs.pipeline.run import Run, begin
from configs.pipeline.settings import ALL_BUT_OURS, flags_by_source, identity_of, read_settings
from configs.pipeline.stage import Stage, write_manifest
from configs.pipeline.stages import SFT_ARGUMENTS, STAGES, TRAINING_ARGUMENTS, config_of, folder_of, settings_of
from configs.pipeline.trainer_fields import RESERVED, arguments_class, check_trainer_flags
from data.settings import CorpusSettings, PairsSettings, TokenizerSettings
from data.synthetic.config import Config
from eval.settings import BenchSettings, ChatSettings, CompareSettings, ShakespeareSettings, StudySettings
from train.settings import PreferencesSettings, PretrainSettings, SftSettings

ROOT = Path(__file__).resolve().parent.parent
KINDS = {config_of(name): (settings_of(name), spec.trainer) for name, spec in STAGES.items()}
KINDS |= dict.fromkeys(("reference", "fast"), ([ShakespeareSettings], ""))
OURS = [CorpusSettings, TokenizerSettings, PairsSettings, PretrainSettings, SftSettings, CompareSettings, StudySettings,
        BenchSettings, ShakespeareSettings, ChatSettings]  # fmt: skip
FILES = sorted(path for path in (ROOT / "configs").glob("*/*.yaml") if path.parent.name != "studies")


def pretrain(text: str, tmp_path: Path, *flags: str):
    path = tmp_path / "pretrain.yaml"
    path.write_text(text)
    settings, trainer_flags = read_settings([PretrainSettings], TRAINING_ARGUMENTS, ["--config", str(path), *flags])
    ours = {field.name for field in fields(PretrainSettings)}
    for source, some in flags_by_source(["--config", str(path), *flags]):
        check_trainer_flags(TRAINING_ARGUMENTS, some, ours, source)
    return settings, trainer_flags


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
    from train.engine.arguments import trainer_arguments

    kinds, trainer = KINDS[path.stem]
    settings, flags = read_settings(kinds, trainer, ["--config", str(path), "--seed", "3"])
    check_trainer_flags(trainer, flags, set(), path.name)
    run = Run(Stage("toy", tmp_path / "toy", {}, {}), settings, trainer_flags=flags)
    arguments = trainer_arguments(arguments_class(trainer), run)
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


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e400", "1e300", "1" + 30 * "0", "-5"])
def test_no_number_of_the_trainers_is_infinite_absurd_or_negative(value):
    kinds = {field.name: get_args(field.type) or (field.type,) for field in fields(arguments_class(SFT_ARGUMENTS))}
    numbers = {name for name, types in kinds.items() if {int, float} & {*types} and str not in types}
    assert len(numbers) > 25
    for name in sorted(numbers - RESERVED.keys() - {"seed"}):
        with pytest.raises(UserError, match=rf"command line: {name}: .*{re.escape(value)}"):
            check_trainer_flags(SFT_ARGUMENTS, [f"--{name}", value], set(), "command line")


@pytest.mark.parametrize("kind", [*OURS, Config])
def test_no_number_of_ours_is_infinite_or_absurd(kind):
    for field in fields(kind):
        numbers = [part for part in (int, float) if part in (get_args(field.type) or [field.type])]
        for value in ("nan", "inf", "1e400", "-1e400", "1" + 30 * "0") if numbers else ():
            with pytest.raises(UserError, match=rf"command line: {field.name}: "):
                read_settings([kind], "", [f"--{field.name}={value}"])


@pytest.mark.parametrize(
    "flags", ["--max_steps -1", "--lr_scheduler_type constant", "--weight_decay 0", "--max_grad_norm 0",
              "--seed 4294967295", "--warmup_steps 0.03", "--save_steps 0.5"],
)  # fmt: skip
def test_numbers_that_make_sense_are_let_through(flags):
    name, value = flags.removeprefix("--").split()
    settings, trainer_flags = read_settings([PretrainSettings], TRAINING_ARGUMENTS, flags.split())
    assert trainer_flags == flags.split() or str(getattr(settings, name)) == value
    check_trainer_flags(TRAINING_ARGUMENTS, trainer_flags, set(), "command line")


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
            read_settings([kind], "", ["--workspace", str(place)])
        assert re.match(rf"command line: workspace: {str(place)[:100]}.*: .*; choose another folder", str(error.value))
        assert "\n" not in str(error.value)


def test_a_workspace_may_be_new_a_link_or_a_folder_with_odd_letters(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    for name in ("new/and/deep", "link", "real", """it's "odd" \u00e9"""):
        settings, *_ = read_settings([CorpusSettings], "", ["--workspace", str(tmp_path / name)])
        assert settings.workspace == str(tmp_path / name)


@pytest.mark.parametrize("what", ["folder", "empty", "missing", "binary"])
def test_a_configuration_that_is_none_is_named(what, tmp_path):
    path = tmp_path / "settings.yaml"
    if what == "folder":
        path.mkdir()
    elif what != "missing":
        path.write_bytes(b"\xff\x00" if what == "binary" else b"")
    with pytest.raises(UserError, match=rf"^{path}: (cannot read this configuration|expected lines)") as error:
        read_settings([CorpusSettings], "", ["--config", str(path)])
    assert "\n" not in str(error.value)


def test_several_runs_are_for_another_variable():
    with pytest.raises(UserError, match="several runs are compared by RUNS="):
        CompareSettings(run="tiny hot")


def test_a_missing_file_is_named():
    with pytest.raises(UserError, match="nowhere.yaml: cannot read"):
        read_settings([PretrainSettings], "", ["--config", "nowhere.yaml"])


@pytest.mark.parametrize("kind", [PretrainSettings, SftSettings])
def test_no_field_of_the_trainers_is_taken_for_a_misspelt_one_of_ours(kind):
    """What is so like a field of ours is refused before the trainer's class is looked at."""
    ours = [field.name for field in fields(kind)]
    for field in fields(arguments_class(SFT_ARGUMENTS)):
        if field.name not in ours:
            assert not difflib.get_close_matches(field.name, ours, cutoff=ALL_BUT_OURS), field.name


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
def test_mistakes_of_ours_are_found_before_torch_is_imported(module):
    told = ["--config", f"configs/smoke/{module.split('.')[1]}.yaml", "--worspace", "x"]
    done = run_module(module, *told, code=2, env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert "unknown field worspace; did you mean workspace?" in done.stderr
    assert " torch\n" not in done.stderr


@pytest.mark.parametrize(
    ("name", "flags", "said"),
    [
        ("base", "--lerning_rate 1", "unknown field lerning_rate; did you mean learning_rate?"),
        ("base", "--learning_rate 0", "learning_rate: 0 is out of range; it must be above 0"),
        ("base", "--warmup_steps inf", "warmup_steps: inf is out of range"),
        ("base", "--max_steps 5", "max_steps is not a field here; it follows from the budget; set --train_tokens"),
        ("sft", "--max_steps 0", "max_steps: 0 is out of range"),
        ("sft", "--num_train_epochs nan", "num_train_epochs: nan is out of range"),
        ("sft", "--loss_type dft", "loss_type is not a field here; use --objective"),
    ],
)
def test_mistakes_in_the_trainers_fields_are_found_before_anything_is_written(name, flags, said, tmp_path):
    for one in (*STAGES["base"].reads, *STAGES["sft"].reads):
        folder_of(one, "tiny", workspace=tmp_path).mkdir(parents=True, exist_ok=True)
        write_manifest(folder_of(one, "tiny", workspace=tmp_path))
    with pytest.raises(UserError, match=f"^command line: {re.escape(said)}"):
        begin(name, argv=["--workspace", str(tmp_path), *flags.split()])
    assert not folder_of("sft", "tiny", workspace=tmp_path).exists()


# --- several seeds, several processes


@pytest.fixture
def started(monkeypatch) -> list[list[str]]:
    """The commands of the children, which all succeed but the seed 9."""
    commands = []
    monkeypatch.setattr(children, "run_child", lambda command, env: commands.append(command) or 7 * ("9" in command))
    return commands


def test_each_seed_is_trained_by_the_same_command_in_a_process_of_its_own(started):
    with pytest.raises(SystemExit) as left:
        begin("base", argv=["--config", "configs/smoke/pretrain.yaml", "--seeds=0 1", "--hidden_size", "32"])
    assert left.value.code == 0
    flags = ["--config", "configs/smoke/pretrain.yaml", "--hidden_size", "32"]
    start = [sys.executable, "-m", "train.pretrain", *flags]
    assert started == [[*start, "--seeds", seed, "--launch", ""] for seed in "01"]


def test_the_first_seed_that_fails_ends_it_with_its_code(started):
    with pytest.raises(SystemExit) as left:
        begin("sft", argv=["--seeds", "9 1"])
    assert (left.value.code, len(started)) == (7, 1)


def test_a_launcher_stands_in_front_and_one_seed_needs_none(started, monkeypatch):
    with pytest.raises(SystemExit):
        begin("base", argv=["--seeds", "3", "--launch", "torchrun --nproc-per-node 2"])
    program, *rest = started[0]
    assert Path(program).name == "torchrun"
    assert rest == ["--nproc-per-node", "2", "-m", "--", "train.pretrain", "--seeds", "3", "--launch", ""]
    assert PretrainSettings(seeds="3").seed == 3
    assert not PretrainSettings(seeds="3").several
    assert PretrainSettings(launch="torchrun").several == ["0"]
    assert not PreferencesSettings(launch="torchrun").several  # answers are drawn by one process


@pytest.mark.parametrize("stage", ["dpo", "reward", "rl"])
@pytest.mark.parametrize("flag", ["compile", "torch_compile"])
def test_what_is_never_compiled_says_so(stage, flag):
    with pytest.raises(UserError, match=f"{flag}.* only the base model and its tuning are compiled; leave it out"):
        begin(stage, argv=[f"--{flag}", "true"])


def test_seeds_and_launcher_of_a_file_start_each_training_once(started, tmp_path):
    (tmp_path / "p.yaml").write_text('seeds: "0 1"\nlaunch: torchrun\n')
    with pytest.raises(SystemExit):
        begin("base", argv=["--config", str(tmp_path / "p.yaml")])
    assert len(started) == 2
    for command in started:  # what the child is told ends it
        told = command[command.index("train.pretrain") + 1 :]
        assert not read_settings([PretrainSettings], TRAINING_ARGUMENTS, told)[0].several


@pytest.mark.parametrize(("given", "alone"), [(None, "0"), ("2,3", "2"), ("", "")])
def test_a_process_takes_one_gpu_and_a_launcher_all_that_were_named(given, alone):
    show = "import os, configs.pipeline.children as c; print([os.environ.get('CUDA_VISIBLE_DEVICES'), "
    show += "c.all_gpus().get('CUDA_VISIBLE_DEVICES')])"
    env = {name: value for name, value in os.environ.items() if name not in ("CUDA_VISIBLE_DEVICES", "WORLD_SIZE")}
    env |= {} if given is None else {"CUDA_VISIBLE_DEVICES": given}
    told = subprocess.run([sys.executable, "-c", show], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == str([alone, given])


def test_a_launcher_that_is_not_there_is_named():
    with pytest.raises(UserError, match="launch: no command torchruns; install it"):
        begin("base", argv=["--seeds", "3", "--launch", "torchruns"])


def test_a_logger_that_nobody_knows_or_that_is_not_installed_is_named(monkeypatch):
    from train.engine import arguments

    monkeypatch.setattr(arguments, "get_available_reporting_integrations", lambda: ["tensorboard"])
    arguments.check_loggers(["tensorboard"])
    arguments.check_loggers([])
    with pytest.raises(UserError, match="no logger tensorbord; did you mean tensorboard"):
        arguments.check_loggers(["tensorbord"])
    with pytest.raises(UserError, match="trackio is not installed; .* pip install trackio"):
        arguments.check_loggers(["trackio"])


def test_a_stop_is_passed_on_to_the_stage_which_saves_first(tmp_path):
    """SIGTERM to a study, or to several seeds, reaches the stage and waits for what that still writes."""
    (tmp_path / "stage.py").write_text(
        "import pathlib, signal, sys, time\n"
        "def leave(*_):\n    time.sleep(0.3); pathlib.Path('saved').touch(); sys.exit(143)\n"
        "signal.signal(signal.SIGTERM, leave)\npathlib.Path('ready').touch()\ntime.sleep(30)\n"
    )
    program = (
        "import sys; from pathlib import Path; from configs.pipeline import children\n"
        f"children.ROOT = Path({str(tmp_path)!r})\n"
        "sys.exit(children.run_child([sys.executable, '-m', 'stage']))"
    )
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
    waited = time.time() + 60
    while not (tmp_path / "ready").exists() and time.time() < waited:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 143
    assert (tmp_path / "saved").exists()
