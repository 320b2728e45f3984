"""Stage: ask every model of a run the same questions, judge the claims, write the report.

    python -m eval.compare --config configs/tiny/compare.yaml --run tiny
    python -m eval.compare --config configs/tiny/compare.yaml --run hot --runs "tiny hot"
    python -m eval.compare --base folder --instruct folder --run pair      # any two models: eval/pair.py

In: checkpoints/<run>/seed<k>/{base,sft,sft-lora} and the held-out text and pairs of the run.
Out: eval/results/<run>/ with results.csv (the long table), transcripts.jsonl, verdicts.json, summary.json and the
report made from them.
"""

import json
import math
import time
from dataclasses import fields
from pathlib import Path

from configs.pipeline.errors import exit_cleanly
from configs.pipeline.settings import identity_of, read_settings
from configs.pipeline.stage import Stage, content_hash, library_versions, machine, read_json, write_json
from configs.pipeline.summary import print_summary
from eval.entries import Entry, find_data, find_models, is_own_alone
from eval.settings import CompareSettings


def main() -> None:
    settings, _ = read_settings([CompareSettings])
    if settings.base is not None or settings.instruct is not None:
        from eval.pair import compare_pair

        return compare_pair(settings)
    entries = find_models(settings)
    tell_equal(entries)
    data = find_data(settings)
    inputs = {f"{e.run}/seed{e.seed}/{e.stage}": e.content for e in entries}
    inputs |= {name: content_hash(folder) for name, folder in data.items()}
    stage = Stage("comparison", settings.results, identity_of(settings), inputs, settings.force)
    if stage.is_finished():
        return
    with stage.writing() as folder:
        compare(settings, entries, data, folder)
        stage.record()
    print_verdicts(settings.results)


def tell_equal(entries: list[Entry]) -> None:
    """Say which models are one and the same under several names."""
    for entry in entries:
        same = [other.name for other in entries if (other.content, other.seed) == (entry.content, entry.seed)]
        if len(same) > 1 and entry.name == same[0]:
            print(f"warning: {' and '.join(same)} are the same model, file by file: they will differ in nothing")


def compare(
    settings: CompareSettings, entries: list[Entry], data: dict[str, Path], folder: Path, besides: dict | None = None
) -> None:
    """Ask, judge, write. besides: what else the summary says, where the models are the arms of a study."""
    from eval.page.pool import processes
    from eval.report import write_report
    from eval.results import read_rows, write_rows
    from eval.runner import ask_everything
    from eval.verdicts import verdicts

    started_at = time.time()
    answers = ask_everything(entries, settings, data)
    seconds = round(time.time() - started_at, 1)
    write_rows(folder / "results.csv", answers.rows)
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in answers.transcripts)
    (folder / "transcripts.jsonl").write_text("".join(lines), encoding="utf-8")
    write_json(folder / "verdicts.json", verdicts(read_rows(folder / "results.csv")))
    write_json(folder / "summary.json", summary(settings, entries, data, seconds) | (besides or {}))
    write_report(folder, processes(settings.workers))


def summary(settings: CompareSettings, entries: list[Entry], data: dict[str, Path], seconds: float) -> dict:
    """How the models were made, on what machine: everything the report says that is not a measurement of this stage."""
    corpus, pairs = read_json(data["corpus"] / "record.json"), read_json(data["pairs"] / "record.json")
    statistics = corpus["statistics"]
    return {
        "run": settings.run,
        "created": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "machine": machine() | {"precision": f"written in {written_in(settings)}, scored in fp32"},
        "versions": library_versions(),
        "asking_seconds": seconds,
        "models": [model_facts(entry) for entry in entries],
        "corpus": {
            **{key: statistics[key] for key in ("megabytes", "documents", "types")},
            "entropy_bound_nats_per_token": entropy_bound(statistics, data["corpus"].parent / "tokenizer"),
            "by_type": bounds_by_type(statistics, data["corpus"].parent / "tokenizer"),
            "own_text_share": statistics["types"].get("own", 0),
            "config": {} if is_own_alone(data["corpus"]) else config_of(corpus["identity"]["settings"]),
            **{key: statistics.get(key) for key in ("rude_share", "refusals_per_request")},
        },
        "pairs": pairs["statistics"],
    }


def written_in(settings: CompareSettings) -> str:
    from train.engine.devices import choose_device, choose_precision

    return choose_precision(settings.precision, choose_device(settings.device))


def config_of(settings: dict) -> dict:
    """How the world's writers were set, but for the shares of the kinds of documents, which are counted."""
    from data.synthetic.config import DOCUMENT_TYPES, Config

    names = [one.name for one in fields(Config) if one.name not in DOCUMENT_TYPES]
    return {name: settings[name] for name in names if name in settings}


def entropy_bound(statistics: dict, tokenizer: Path) -> float | None:
    """Code length of the generator in nats per token, where the world wrote every document."""
    if statistics.get("code_length_nats_per_byte") is None or not (tokenizer / "record.json").is_file():
        return None
    return statistics["code_length_nats_per_byte"] * read_json(tokenizer / "record.json")["bytes_per_token"]


def bounds_by_type(statistics: dict, tokenizer: Path) -> dict[str, dict]:
    """Documents, share of the bytes and entropy bound of each type of document; None where no bound is known."""
    sizes = read_json(tokenizer / "record.json").get("by_type", {}) if (tokenizer / "record.json").is_file() else {}
    table = {}
    for kind, line in statistics.get("by_type", {}).items():
        bits, bytes_per_token = line["bits_per_byte"], sizes.get(kind, {}).get("bytes_per_token")
        known = bits is not None and bytes_per_token is not None
        table[kind] = {
            "documents": line["documents"],
            "share_of_bytes": statistics["types"][kind],
            "bits_per_byte": bits,
            "nats_per_token": bits * math.log(2) * bytes_per_token if known else None,
        }
    return table


def model_facts(entry: Entry) -> dict:
    """The record of one model, as the report wants it."""
    record = read_json(entry.folder / "record.json")
    settings, per_step = record["identity"]["settings"], record.get("tokens_per_step", 0)
    return {
        "name": entry.name,
        "stage": entry.stage,
        "run": entry.run,
        "seed": entry.seed,
        **{
            key: record.get(key)
            for key in (
                "parameters",
                "trained_parameters",
                "train_tokens",
                "train_seconds",
                "held_out_loss",
                "held_out_bits_per_byte",
                "precision",
                "parent",
            )
        },
        "tokens_per_second": record["train_tokens"] / max(record["train_seconds"], 1e-9),
        "objective": settings.get("objective", "next token"),
        "loss_curve": [[step, step * per_step, loss] for step, loss in record["loss_curve"]],
        "held_out_curve": [[step, step * per_step, loss] for step, loss in record["held_out_curve"]],
        "config": settings,
    }


def print_verdicts(folder: Path) -> None:
    from eval.results import group

    for (run,), verdicts in group(read_json(folder / "verdicts.json"), "run").items():
        if run:  # named where several are compared
            print(f"\n  {run}")
        for verdict in verdicts:
            numbers = [verdict[name] for name in ("estimate", "low", "high")]
            interval = "" if None in numbers else "{:+.2f} [{:+.2f}, {:+.2f}]".format(*numbers)
            print(f"  {verdict['verdict']:<12} {interval:<23} n={verdict['n']:<5} {verdict['claim']}")
    print_summary(
        "comparison",
        {
            "report": folder / "report.html",
            "Markdown": folder / "report.md",
            "numbers": folder / "results.csv",
        },
    )


if __name__ == "__main__":
    exit_cleanly(main)
