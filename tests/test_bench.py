"""The bench against figures done by hand: operations, rates, crossings, tables."""

import doctest
import json
from importlib import import_module

import pytest
from conftest import CHATS, DOCUMENTS, run_module, tiny_model, write_lines
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.trainer import DEFAULT_CALLBACKS

from configs.pipeline.errors import UserError
from configs.pipeline.stage import read_json, write_json
from eval.bench import __main__ as bench
from eval.bench import clock, table, tuning
from eval.bench.__main__ import check, complain, here
from eval.bench.alone import NO_ROOM, alone, reason
from eval.bench.asking import NEVER, generation, scoring
from eval.bench.clock import pace, seconds_to, timings
from eval.bench.matmul import shapes
from eval.bench.measurements import MEASUREMENTS, OURS, PLAIN, SQUARE, THE_RECIPE, VARIANTS, WAYS
from eval.bench.sizes import Size, Words, open_size, packed_rows
from eval.bench.table import TABLES, by_trick, page
from eval.bench.training import operations_per_token, trained
from eval.bench.tuning import evenly_spaced
from eval.lm import LanguageModel
from eval.settings import BenchSettings
from train.engine.publish import save_model


@pytest.mark.parametrize("module", [clock, table], ids=lambda module: module.__name__)
def test_the_examples_in_the_docstrings_are_true(module):
    found = doctest.testmod(module)
    assert found.attempted
    assert not found.failed


@pytest.mark.parametrize("tied", [True, False])
def test_operations_are_those_counted_by_hand(tied):
    """Two blocks of width 8, feed-forward 16, 10 words, context 4: a block has 4*8*8 + 3*8*16 + 2*8 = 656 weights."""
    config = LlamaConfig(hidden_size=8, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2,
                         vocab_size=10, tie_word_embeddings=tied)  # fmt: skip
    model = LlamaForCausalLM(config)
    blocks_norm_head = 2 * 656 + 8 + 10 * 8  # the input embedding, tied or not, multiplies nothing
    assert operations_per_token(model, 4) == 6 * blocks_norm_head + 12 * 2 * 8 * 4 == 9168


def test_the_pace_leaves_the_warm_up_out():
    found = pace([0, 10, 11, 12, 13, 14, 16], tokens_per_step=100)
    assert found == {"tokens_per_second": 100 * 3 / 4, "step_seconds": 1, "start_up_seconds": 9}
    assert pace([0, 2, 4], tokens_per_step=100)["tokens_per_second"] == 50  # a run shorter than the warm-up


def test_work_is_repeated_until_the_time_is_over_but_a_few_times_at_least():
    calls = []
    assert len(timings(lambda: calls.append(1), seconds=0.0, least=4)) == 4
    assert len(calls) == 5


@pytest.mark.parametrize(("loss", "seconds"), [(3.0, 5.0), (2.0, 10.0), (1.75, 25.0), (4.5, 0.0), (0.5, None)])
def test_a_curve_crosses_a_loss_on_the_straight_line_between_its_points(loss, seconds):
    assert seconds_to(loss, [[0, 0.0, 4.0], [5, 10.0, 2.0], [10, 20.0, 2.5], [15, 30.0, 1.0]]) == seconds


def test_points_are_evenly_spaced_and_the_last_step_is_one():
    assert evenly_spaced(100, 4) == [25, 50, 75, 100]
    assert evenly_spaced(3, 10) == [1, 2, 3]


def results() -> dict:
    """Made-up results whose shares and ratios are easy to see."""
    curves = {OURS: [[0, 0.0, 3.0], [10, 20.0, 1.0]], PLAIN: [[0, 0.0, 3.0], [10, 60.0, 2.0]]}

    def tuned(way: str) -> dict:
        end = curves[way][-1]
        return {"way": way, "precision": "fp32", "attention": "sdpa", "seconds": end[1], "held_out_loss": end[2],
                "curve": curves[way], "tokens_per_second": 9000.4}  # fmt: skip

    measured = {
        "matmul": [{"precision": "bf16", "tflops": {SQUARE: 2.0}}, {"precision": "fp32", "tflops": {SQUARE: 0.5}}],
        "training": [
            {"size": "tiny", "variant": variant, "precision": precision, "compiled": True,
             "tokens_per_second": 25_000.0, "operations_per_token": 16_000_000, "start_up_seconds": 20.4,
             "peak_memory_gb": 1.26}
            for variant, precision in (("as configured", "bf16"), ("in fp32", "fp32"))
        ]
        + [{"size": "small", "variant": "as configured", "note": NO_ROOM, "peak_memory_gb": 20.0}],
        "sft": [tuned(OURS), tuned(PLAIN)],
        "stages": [{"stage": "corpus", "seconds": 4.2, "commit": "1234567"}],
    }  # fmt: skip
    about = {"machine": here(), "versions": {"torch": "2.13.0"}, "at": "2026-11-22T20:00:00Z", "load": 0.1}
    return {name: about | {"rows": rows} for name, rows in measured.items()}


def test_the_page_takes_shares_and_ratios(tmp_path):
    write_json(tmp_path / "bench.json", results())
    shown = page(read_json(tmp_path / "bench.json"))  # what the file kept is enough
    lines = [" ".join(line.replace("|", " ").split()) for line in shown.splitlines()]
    assert "tiny as configured bf16 yes 25,000 20 % 20 1.3" in lines
    assert "tiny in fp32 fp32 yes 25,000 80 % 20 1.3" in lines
    assert f"small as configured 20.0 {NO_ROOM}" in lines
    assert f"{PLAIN} fp32 sdpa 9,000 60 2.000 60 10 6.0" in lines
    assert f"{OURS} fp32 sdpa 9,000 20 1.000" in lines
    assert "corpus 4 1234567" in lines


    for block in (block for block in shown.split("\n\n") if block.startswith("|")):
        assert len({(len(line), line.count("|")) for line in block.splitlines()}) == 1


def test_without_plain_products_there_is_no_share_and_a_run_that_never_gets_there_says_so():
    never = results()
    del never["matmul"]
    never["sft"]["rows"][0] |= {"curve": [[0, 0.0, 3.0], [10, 20.0, 2.5]], "held_out_loss": 2.5}
    assert "%" not in page(never)
    assert "never" in page(never)


def test_a_trick_is_held_against_the_recipe_seed_by_seed():
    bits = {(THE_RECIPE, 0): 0.50, (THE_RECIPE, 1): 0.54, ("x", 0): 0.56, ("x", 1): 0.58}
    rows = [{"without": name, "seed": seed, "bits_per_byte": value, "train_seconds": 10 * (1 + seed), "train_tokens": 7}
            for (name, seed), value in bits.items()]  # fmt: skip
    failed, ours, without = by_trick([*rows, {"without": "y", "seed": 0, "failed": "no room"}], {})
    assert (failed["without"], failed["failed"]) == ("y", "no room")
    assert (ours["trainings"], round(ours["bits"], 3), ours["spread"], ours["seconds"]) == (2, 0.52, "0.040", 10)
    assert "costs" not in ours
    assert (without["without"], without["costs"], without["from_to"]) == ("x", "+0.050", "+0.040 to +0.060")


def test_every_measurement_has_a_function_and_a_table():
    assert list(MEASUREMENTS) == list(TABLES)
    for measurement in MEASUREMENTS.values():
        module, name = measurement.function.split(":")
        assert callable(getattr(import_module(f"eval.bench.{module}"), name))
    parts = MEASUREMENTS["training"].parts(BenchSettings(sizes="smoke tiny"))
    assert len(parts) == 2 * len(VARIANTS)


def test_no_share_is_taken_of_another_machines_products():
    mixed = results()
    mixed["matmul"]["machine"] = {**here(), "processor": "another"}
    assert "%" not in page(mixed)
    mixed["matmul"]["load"] = 1.5
    assert "the load was 1.5 before" in page(mixed)


def test_an_interrupted_measurement_goes_on_where_it_would_be_made_in_the_same_way(monkeypatch):
    asked = []
    monkeypatch.setattr(bench, "alone", lambda _, told: (asked.append(told["precision"]) or [{"x": 1}], 0))
    monkeypatch.setattr(bench, "git_commit", lambda: "1234567")
    first = next(bench.measured("matmul", BenchSettings(), {}, 1.5))
    assert (first["is_unfinished"], first["rows"]) == (True, [{"precision": "fp32", "x": 1}])
    *_, whole = bench.measured("matmul", BenchSettings(only="matmul"), first, 0.1)
    assert (whole["is_unfinished"], [row["precision"] for row in whole["rows"]]) == (False, ["fp32", "bf16"])
    assert (asked, whole["load"]) == (["fp32", "bf16"], 1.5)
    failed = first | {"rows": [{"precision": "fp32", "failed": "no room"}]}
    for begun in (failed, first | {"machine": {}}, first | {"settings": {}}, first | {"commit": "1234567+changes"}, {}):
        asked.clear()
        *_, again = bench.measured("matmul", BenchSettings(), begun, 0.1)
        assert asked == [row["precision"] for row in again["rows"]] == ["fp32", "bf16"]
    assert not list(bench.measured("recipe", BenchSettings(size="smoke"), {}, 0.1))  # its tricks are those of tiny
    complain({}, ["recipe"])


def test_a_measurement_runs_in_a_process_of_its_own(tmp_path):
    settings = BenchSettings(run="made", workspace=str(tmp_path))
    settings.folder_of("base").mkdir(parents=True)
    write_json(settings.folder_of("base") / "record.json", {"seconds": 3.0, "train_seconds": 2.0, "other": 1})
    rows, seconds = alone("commands:stages", {"settings": vars(settings)})
    assert rows == [
        {"stage": "base", "seconds": 3.0, "train_seconds": 2.0, "peak_memory_gb": rows[0]["peak_memory_gb"]}
    ]
    assert 0 < rows[0]["peak_memory_gb"] < 64  # in GB; a fork begins with the memory of this test process
    assert seconds > 0
    rows, _ = alone("commands:comparison", {"settings": vars(settings)})  # nothing there to compare
    assert rows[0]["failed"].startswith("eval.compare: ")


def test_the_reason_of_a_failure_is_one_line():
    assert reason(2, "loading\nerror: no base\n") == {"failed": "no base"}
    assert reason(1, "Traceback\n  File\nValueError: x\n") == {"failed": "ValueError: x"}
    assert reason(3, "") == {"failed": "exit code 3"}
    assert reason(-9, "whatever") == {"note": NO_ROOM}


def test_what_failed_is_an_error_and_what_did_not_fit_is_not():
    complain(results(), ["training"])
    with pytest.raises(UserError, match="not everything could be measured: run"):
        complain({"run": {"rows": [{"failed": "x"}]}}, ["run"])


@pytest.mark.parametrize(
    ("fields", "only", "message"),
    [
        ({}, "matmol", "no measurement 'matmol'; there are matmul, training"),
        ({"sizes": "huge"}, "matmul", "there is no configs/huge/pretrain.yaml"),
        ({}, "run", "run: no corpus at .*; run `make all WORKSPACE=.*` first, or measure --only matmul,training"),
        ({"run": "hot"}, "sft", "run `make all RUN=hot WORKSPACE=.*` first"),
    ],
)
def test_a_mistake_is_found_before_anything_is_measured(fields, only, message, tmp_path):
    with pytest.raises(UserError, match=message):
        check(BenchSettings(workspace=str(tmp_path), **fields), [only])


def test_the_command_says_in_one_line_what_is_missing(tmp_path):
    done = run_module("eval.bench", "--workspace", tmp_path, code=2)
    assert done.stderr.count("\n") == 1
    assert f"run `make all WORKSPACE={tmp_path}` first" in done.stderr


def test_the_process_that_starts_the_others_stays_small():
    done = run_module("eval.bench", "--only", "matmol", code=2, env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert " torch\n" not in done.stderr


def test_the_shapes_are_those_of_the_size():
    found = shapes("smoke")
    assert (16 * 256, 96, 256) in found.values()  # feed-forward
    assert (16 * 256, 96, 1024) in found.values()  # output head
    assert (16 * 2, 256, 48, 256) in found.values()  # attention


def test_random_rows_are_full():
    rows = packed_rows(Words(50, 300), 3, 300)
    assert [len(row["input_ids"]) for row in rows] == [300] * 3
    assert rows[0]["seq_lengths"] == [128, 128, 44]
    assert all(3 <= token < 50 for token in rows[0]["input_ids"])


def test_the_real_trainer_is_timed_and_stopped(tmp_path):
    size = open_size("smoke")
    small = Size(size.settings, [*size.trainer_flags, "--per_device_train_batch_size", "2"], Words(300, 64))
    small = small.with_(hidden_size=32, compile=False, precision="fp32")
    found = trained(small, 0.01, tmp_path)
    assert found["precision"] == "fp32"
    assert not found["compiled"]
    assert found["steps"] >= 6
    assert found["tokens_per_second"] > 0
    assert not list(tmp_path.rglob("checkpoint-*"))


def test_generation_goes_on_behind_the_stop_token(tokenizer):
    door = LanguageModel("x", "", "", 0, tiny_model(tokenizer).eval(), tokenizer, 64, 4)
    first = door.generate([[2, 5, 6]], 1, temperature=0.0)[0][0]
    door.model.generation_config.eos_token_id = first
    assert len(door.generate([[2, 5, 6]], 8, temperature=0.0)[0]) == 1
    door.model.generation_config.eos_token_id = NEVER
    assert len(door.generate([[2, 5, 6]], 8, temperature=0.0)[0]) == 8


@pytest.fixture
def finished(tmp_path, tokenizer) -> BenchSettings:
    """A run with an untrained base of width 32, a few pairs and documents."""
    settings = BenchSettings(run="made", workspace=str(tmp_path), size="smoke", points=2, seconds=0.01)
    for stage in ("corpus", "pairs", "base", "sft"):
        settings.folder_of(stage).mkdir(parents=True)
    for name in ("train.jsonl", "validation.jsonl"):
        write_lines(settings.folder_of("corpus") / name, [{"text": text} for text in DOCUMENTS * 8])
    write_lines(settings.folder_of("pairs") / "train.jsonl", [{"messages": chat} for chat in CHATS * 30])
    write_lines(settings.folder_of("pairs") / "held_out.jsonl", [{"messages": chat} for chat in CHATS])
    for stage in ("corpus", "pairs"):
        write_json(settings.folder_of(stage) / "record.json", {"identity": {"inputs": {"own": "1"}}})
    for stage in ("base", "sft"):
        save_model(tiny_model(tokenizer), tokenizer, settings.folder_of(stage))
    return settings


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_instruction_tuning_is_watched(way, finished):
    callbacks = list(DEFAULT_CALLBACKS)
    (row,) = tuning.tuning(finished, way)
    steps, seconds, losses = zip(*row["curve"], strict=True)
    assert len(steps) == 1 + finished.points
    assert seconds[0] == 0 < seconds[1] < seconds[2] == row["seconds"]
    assert losses[-1] == row["held_out_loss"] < losses[0]
    assert way == OURS or row["precision"] == "fp32"
    assert callbacks == DEFAULT_CALLBACKS
    json.dumps(row)


@pytest.mark.slow
def test_a_finished_model_is_asked(finished):
    (row,) = generation(finished)
    assert row["sequences"] == 128
    assert row["new_tokens"] == 32
    assert row["tokens_per_second"] > 0
    (row,) = scoring(finished)
    assert row["sequences"] == len(DOCUMENTS) * 8
    assert row["tokens_per_second"] > 0
