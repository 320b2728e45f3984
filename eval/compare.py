"""Stage: ask every model the same questions, judge the claims, write the report.

    python -m eval.compare --config configs/tiny/compare.yaml --run tiny
    python -m eval.compare --config configs/tiny/compare.yaml --run hot --runs "tiny hot"
    python -m eval.compare --base folder --instruct folder --run pair

In: checkpoints/<run>/seed<k>/{base,sft,sft-lora} and the held-out text and pairs of the run; or any two causal models
with a tokenizer, a base and what was tuned from it, local folders or (with ONLINE=1) Hub names. --corpus then names
text of the user's own for the loss, in place of the pages of eval/general.
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
from configs.pipeline.stage import RECORD, Stage, content_hash, library_versions, machine, read_json, write_json
from configs.pipeline.stages import STAGES, folder_of
from configs.pipeline.summary import print_summary
from data.sources.files import TABLES, TEXTS, choose_files
from data.synthetic.config import DOCUMENT_TYPES, Config
from eval.entries import SIDES, Entry, find_data, find_models, find_pair, is_own_alone, reward_models
from eval.results import group, read_rows, write_rows
from eval.settings import CompareSettings

OF_A_RECORD = ("parameters", "trained_parameters", "train_tokens", "train_seconds", "held_out_loss",
               "held_out_bits_per_byte", "precision", "parent", "examination", "published")  # fmt: skip


def main() -> None:
    settings, _ = read_settings([CompareSettings])
    compare_models(settings)


def compare_models(settings: CompareSettings) -> None:
    """The models of a run with its data, or two external ones, of whose data nobody knows."""
    is_external = settings.base is not None or settings.instruct is not None
    entries = find_pair(settings) if is_external else find_models(settings)
    data = {} if is_external else find_data(settings)
    inputs, identity = inputs_of(settings, entries, data), identity_of(settings)
    if is_external:  # of the models their content counts, not where they lie
        identity = {name: value for name, value in identity.items() if name not in SIDES}
    else:
        tell_equal(entries)
    stage = Stage("comparison", settings.results, identity, inputs, settings.force)
    if stage.is_finished():
        return
    with stage.writing() as folder:
        compare(settings, entries, data, folder)
        stage.record()
    print_verdicts(settings.results)


def inputs_of(settings: CompareSettings, entries: list[Entry], data: dict[str, Path]) -> dict[str, str]:
    """The content hash of everything that is read."""
    if data:
        models = {f"{e.run}/seed{e.seed}/{e.stage}": e.content for e in entries}
        read = data | {name: folder for seed in settings.seeds.split() for name, folder in of_feedback(settings, seed)}
        return models | {name: content_hash(folder) for name, folder in read.items()}
    models = {name: entry.content for name, entry in zip(SIDES, entries, strict=True)}
    return models | (choose_files(settings.corpus, TEXTS + TABLES).hashes() if settings.corpus else {})


def of_feedback(settings: CompareSettings, seed: str) -> list[tuple[str, Path]]:
    """Preferences and reward models that two of the questions read, where there are any and these are asked."""
    if settings.questions and not {"feedback", "best_of_n"} & set(settings.questions.split()):
        return []
    every = {"preferences": folder_of("preferences", settings.run, seed, settings.workspace)}
    every |= {f"reward of {name}": folder for name, folder in reward_models(settings, seed).items()}
    return [(f"{name} {seed}", folder) for name, folder in every.items() if (folder / RECORD).is_file()]


def tell_equal(entries: list[Entry]) -> None:
    """Say which models are one and the same under several names."""
    for entry in entries:
        same = [other.name for other in entries if (other.content, other.seed) == (entry.content, entry.seed)]
        if len(same) > 1 and entry.name == same[0]:
            print(f"warning: {' and '.join(same)} are the same model, file by file: they will differ in nothing")


def compare(settings: CompareSettings, entries: list[Entry], data: dict[str, Path], folder: Path) -> None:
    """Ask, judge, write. data: none of external models."""
    ask(settings, entries, data, folder)
    conclude(folder, settings.workers, knows_the_world=bool(data))


def ask(settings: CompareSettings, entries: list[Entry], data: dict[str, Path], folder: Path) -> None:
    """Put every question to every model; write what they answered, and what the report says of them."""
    # torch and matplotlib take seconds to import, and a comparison that is up to date needs neither
    from eval.general.pair import ask_pair
    from eval.runner import ask_everything
    from train.engine.devices import choose_device, choose_precision

    started_at = time.time()
    if data:
        answers = ask_everything(entries, settings, data)
        precision = choose_precision(settings.precision, choose_device(settings.device))
        told = {
            "machine": machine() | {"precision": f"written in {precision}, scored in fp32"},
            "models": [model_facts(entry) for entry in entries],
            **data_facts(data),
            "feedback": feedback_facts(settings),
        }
    else:
        answers, told = ask_pair(settings, entries)
    summary = {
        "run": settings.run,
        "created": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "machine": {},
        "versions": library_versions(),
        "asking_seconds": round(time.time() - started_at, 1),
    }
    write_rows(folder / "results.csv", answers.rows)
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in answers.transcripts)
    (folder / "transcripts.jsonl").write_text("".join(lines), encoding="utf-8")
    write_json(folder / "summary.json", summary | told)


def conclude(folder: Path, workers: int, knows_the_world: bool = True) -> None:
    """Judge the claims by the answers of a folder, and write the report into it."""
    from eval.general.pair import judge_pair
    from eval.pool import processes
    from eval.report import write_report
    from eval.verdicts import verdicts

    judge = verdicts if knows_the_world else judge_pair
    write_json(folder / "verdicts.json", judge(read_rows(folder / "results.csv")))
    write_report(folder, processes(workers))


def data_facts(data: dict[str, Path]) -> dict:
    """How the text and the pairs of a run were made: what the report says that is not a measurement of this stage."""
    corpus, pairs = (read_json(data[name] / RECORD) for name in ("corpus", "pairs"))
    statistics, tokenizer = corpus["statistics"], data["corpus"].parent / "tokenizer"
    return {
        "corpus": {
            **{key: statistics[key] for key in ("megabytes", "documents", "types")},
            "entropy_bound_nats_per_token": entropy_bound(statistics, tokenizer),
            "by_type": bounds_by_type(statistics, tokenizer),
            "own_text_share": statistics["types"].get("own", 0),
            "config": {} if is_own_alone(data["corpus"]) else config_of(corpus["identity"]["settings"]),
            "rude_share": statistics.get("rude_share"),
        },
        "pairs": pairs["statistics"],
    }


def feedback_facts(settings: CompareSettings) -> list[dict]:
    """Of each seed what its preferences are, and how well its reward model foretells them."""
    facts = []
    for seed in settings.seeds.split():
        folders = (folder_of(stage, settings.run, seed, settings.workspace) for stage in ("preferences", "reward"))
        preferences, reward = (read_json(one / RECORD) if (one / RECORD).is_file() else {} for one in folders)
        if preferences:
            rated = {key: reward[key] for key in ("accuracy", "ceiling", "rows") if key in reward}
            facts.append({"seed": int(seed), "preferences": preferences["statistics"], "reward": rated})
    return facts


def config_of(settings: dict) -> dict:
    """How the world's writers were set, but for the shares of the kinds of documents, which are counted."""
    names = [one.name for one in fields(Config) if one.name not in DOCUMENT_TYPES]
    return {name: settings[name] for name in names if name in settings}


def entropy_bound(statistics: dict, tokenizer: Path) -> float | None:
    """Code length of the generator in nats per token, where the world wrote every document."""
    nats_per_byte = statistics.get("code_length_nats_per_byte")
    if nats_per_byte is None or not (tokenizer / RECORD).is_file():
        return None
    return nats_per_byte * read_json(tokenizer / RECORD)["bytes_per_token"]


def bounds_by_type(statistics: dict, tokenizer: Path) -> dict[str, dict]:
    """Documents, share of the bytes and entropy bound of each type of document; None where no bound is known."""
    sizes = read_json(tokenizer / RECORD).get("by_type", {}) if (tokenizer / RECORD).is_file() else {}
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
    record = read_json(entry.folder / RECORD)
    settings, per_step = record["identity"]["settings"], record.get("tokens_per_step", 0)
    return {
        "name": entry.name,
        "stage": entry.stage,
        "run": entry.run,
        "seed": entry.seed,
        **{key: record.get(key) for key in OF_A_RECORD},
        "tokens_per_second": record["train_tokens"] / max(record["train_seconds"], 1e-9),
        "objective": settings.get("objective", "next token" if entry.stage == "base" else STAGES[entry.stage].label),
        "loss_curve": [[step, step * per_step, loss] for step, loss in record["loss_curve"]],
        "held_out_curve": [[step, step * per_step, loss] for step, loss in record["held_out_curve"]],
        "config": settings,
    }


def print_verdicts(folder: Path) -> None:
    for (run,), verdicts in group(read_json(folder / "verdicts.json"), "run").items():
        if run:  # named where several are compared
            print(f"\n  {run}")
        for verdict in verdicts:
            numbers = [verdict[name] for name in ("estimate", "low", "high")]
            interval = "" if None in numbers else "{:+.2f} [{:+.2f}, {:+.2f}]".format(*numbers)
            print(f"  {verdict['verdict']:<12} {interval:<23} n={verdict['n']:<5} {verdict['claim']}")
    files = {"report": "report.html", "Markdown": "report.md", "numbers": "results.csv"}
    print_summary("comparison", {name: folder / file for name, file in files.items()})


if __name__ == "__main__":
    exit_cleanly(main)
