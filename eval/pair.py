"""Compare any two causal models with a tokenizer, a base and what was tuned from it: local folders or Hub names.

    make compare BASE=folder-or-name INSTRUCT=folder-or-name RUN=name     # a Hub name needs ONLINE=1
    python -m eval.compare --base folder --instruct folder --run name

They are strangers: nobody knows what they read. They are asked the prompts of eval/bundled/, the claims that need no
miniature web are judged by the same rule, and the report says what was left out. --corpus names text of the user's
own for the loss, in place of the bundled pages.
"""

import json
import math
import os
import re
import time
from heapq import nsmallest
from itertools import count
from pathlib import Path

from configs.pipeline.errors import UserError
from configs.pipeline.progress import progress_bar
from configs.pipeline.settings import identity_of
from configs.pipeline.stage import Stage, library_versions, machine, write_json
from data.corpus import place_of
from data.sources.files import TABLES, TEXTS, choose_files
from data.sources.reading import Reading, read_texts
from eval.settings import CompareSettings
from train.engine.folders import check_folder, model_hash

SIDES = {"base": "base", "instruct": "sft"}  # what the user says -> the stage it is taken for
# what a comparison reads of a model on the Hub; pickled weights are not opened
WANTED = ["*.json", "*.safetensors", "*.jinja", "*.model", "*.txt", "README.md"]
HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
OWN_CHARACTERS = 1200  # of a document of the user's own text
OWN_DOCUMENTS = 60


def compare_pair(settings: CompareSettings) -> None:
    from eval.compare import print_verdicts

    folders = find_pair(settings)
    inputs = {name: model_hash(folder) for name, folder in folders.items()}
    inputs |= choose_files(settings.corpus, TEXTS + TABLES).hashes() if settings.corpus else {}
    # of the models their content counts, not where they lie
    identity = {name: value for name, value in identity_of(settings).items() if name not in SIDES}
    stage = Stage("comparison", settings.results, identity, inputs, settings.force)
    if stage.is_finished():
        return
    with stage.writing() as folder:
        write_comparison(settings, folders, folder)
        stage.record()
    print_verdicts(settings.results)


def find_pair(settings: CompareSettings) -> dict[str, Path]:
    """{"base": folder, "instruct": folder}. Raises UserError where one is missing."""
    if not (settings.base and settings.instruct):
        raise UserError("BASE= and INSTRUCT= go together: name both models")
    return {name: find_model(getattr(settings, name), name) for name in SIDES}


def find_model(source: str, name: str) -> Path:
    """A local folder, or with ONLINE=1 a model of the Hub, fetched. Raises UserError."""
    folder = Path(source).expanduser()
    if folder.exists():
        check_folder(folder)
        return folder
    if not HUB_NAME.fullmatch(source):
        raise UserError(f"{name}: no folder {source}")
    if os.environ.get("ONLINE") != "1":
        raise UserError(f"{name}: no folder {source}; if it is the name of a model on the Hub, say ONLINE=1")
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(source, allow_patterns=WANTED))
    except Exception as error:  # no such name, a gated one, no network: the library has many kinds
        raise UserError(f"{name}: {source} cannot be fetched ({' '.join(str(error).split())[:200]})") from None


def write_comparison(settings: CompareSettings, folders: dict[str, Path], folder: Path) -> None:
    """Open, look, ask, judge, write."""
    from eval.bundled.every import LEFT_OUT, NO_SHARED_TOKENS
    from eval.page.pool import processes
    from eval.preflight import as_plain, contamination, findings, print_box
    from eval.report import write_report
    from eval.results import read_rows, write_rows

    texts = texts_of(settings)
    base, tuned = open_pair(settings, folders)
    found = findings(base, tuned, folders)
    print_box(found)
    answers, seconds = ask_both(base, tuned, settings, texts)
    if told := contamination(answers.rows):
        print_box(told)
    write_rows(folder / "results.csv", answers.rows)
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in answers.transcripts)
    (folder / "transcripts.jsonl").write_text("".join(lines), encoding="utf-8")
    write_json(folder / "verdicts.json", judged(read_rows(folder / "results.csv")))
    summary = {
        "run": settings.run,
        "created": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "machine": machine(),
        "versions": library_versions(),
        "asking_seconds": seconds,
        "models": [model_facts(lm) for lm in (base, tuned)],
        "preflight": as_plain([*found, *told]),
        "not_measured": [*LEFT_OUT, *([] if base.same_tokens else [NO_SHARED_TOKENS])],
    }
    write_json(folder / "summary.json", summary)
    write_report(folder, processes(settings.workers))


def open_pair(settings: CompareSettings, folders: dict[str, Path]) -> tuple:
    from eval.bundled.pages import bundled_pages, check_room
    from eval.bundled.shift import share_numbers
    from eval.bundled.stranger import lend_templates, open_stranger

    base, tuned = (
        open_stranger(
            SIDES[name],
            folders[name],
            shown(getattr(settings, name)),
            settings.run,
            settings.batch_size,
            settings.device,
        )
        for name in SIDES
    )
    base.same_tokens = tuned.same_tokens = share_numbers(base, tuned, [text for _, text in bundled_pages()])
    lend_templates(base, tuned)
    for lm in (base, tuned):
        check_room(lm)
    return base, tuned


def shown(source: str) -> str:
    """A name for the report, which others may read: the end of a path. Example: shown("/home/me/a/b") == "a/b"."""
    return "/".join(Path(source).parts[-2:]) if Path(source).is_absolute() else source


def ask_both(base, tuned, settings: CompareSettings, texts: list[tuple[str, str]]) -> tuple:
    """(answers, seconds that they took)."""
    from eval.answers import Answers
    from eval.bundled.every import QUESTIONS_ASKED
    from eval.bundled.pages import fitted
    from eval.bundled.shift import shift

    texts = fitted(texts, [base, tuned])
    answers, started_at = Answers(), time.time()
    with progress_bar(total=2 * len(QUESTIONS_ASKED), desc="comparison", unit="question") as bar:
        for lm in (base, tuned):
            for question in QUESTIONS_ASKED:
                bar.set_postfix_str(f"{lm.source}: {question.__name__}")
                answers += question(lm, settings, texts)
                bar.update()
            if lm is tuned and lm.same_tokens:
                answers += shift(tuned, base, settings)
    return answers, round(time.time() - started_at, 1)


def texts_of(settings: CompareSettings) -> list[tuple[str, str]]:
    """(kind, text): the user's own documents, of many some drawn by their hash, or the bundled pages."""
    from eval.bundled.pages import bundled_pages

    if not settings.corpus:
        return bundled_pages()
    reading = Reading(settings.corpus, "compare", settings.skip_bad_rows, settings.encoding)
    numbers = count(1)
    places = (
        (place_of(text), next(numbers), text) for text in read_texts(reading, settings.text_column, OWN_CHARACTERS)
    )
    drawn = nsmallest(OWN_DOCUMENTS, places)
    if (read := next(numbers) - 1) > len(drawn):
        print(f"{settings.corpus}: {len(drawn)} of {read:,} pieces are asked about, drawn from all of the text")
    return [("own text", text) for *_, text in drawn]


def judged(rows: list[dict]) -> list[dict]:
    """The verdicts, with what strangers are held against in place of the world's truth."""
    from eval.bundled.every import TRUTHS
    from eval.verdicts import verdicts

    candidates = next((row["meta"]["candidates"] for row in rows if row["category"] == "capital"), "")
    return [
        verdict | {"truth": TRUTHS[verdict["question"], verdict["metric"]].format(candidates=candidates)}
        for verdict in verdicts([*rows, *whole_losses(rows)])
    ]


def whole_losses(rows: list[dict]) -> list[dict]:
    """The loss of whole texts where models share no tokens: nats of each, which compare as they are."""
    if any(row["question"] == "loss_matrix" for row in rows):
        return []
    return [
        row
        | {"question": "loss_matrix", "metric": "nll", "n_tokens": 0}
        | {"value": row["value"] * row["meta"]["bytes"] * math.log(2)}
        for row in rows
        if row["question"] == "bits_per_byte"
    ]


def model_facts(lm) -> dict:
    """What can be said of a model whose making nobody recorded."""
    config = lm.model.config
    return {
        "name": lm.stage,
        "stage": lm.stage,
        "run": lm.run,
        "seed": None,
        "parameters": sum(parameter.numel() for parameter in lm.model.parameters()),
        "config": {
            "model": lm.source,
            "architecture": type(lm.model).__name__,
            "layers": getattr(config, "num_hidden_layers", None),
            "width": getattr(config, "hidden_size", None),
            "tokens in its vocabulary": len(lm.tokenizer),
            "longest text used (tokens)": lm.context,
            "chat template": lm.template,
        },
    }
