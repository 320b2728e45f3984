"""Stage: the text a base model learns from, as three files of JSON Lines split by document hash.

    python -m data.corpus --config configs/tiny/corpus.yaml

In: the embedded world (data/world), the user's own text, or a mixture. Out: train.jsonl, validation.jsonl,
test.jsonl under data/processed/<run>/corpus, one document a line, and record.json with the statistics.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path

from configs import ROOT
from configs.card import print_card
from configs.errors import UserError, exit_cleanly
from configs.progress import progress_bar
from configs.schema import CorpusSettings
from configs.settings import identity_of, read_settings
from configs.stage import Stage
from data.own import own_hashes, read_texts
from data.world.generate import documents
from data.world.knobs import Knobs

SPLITS = ("train", "validation", "test")
READERS = ("parse.py", "prompts.py", "response.py")
BATCH = 500  # documents that one worker writes at a time


def main() -> None:
    settings, knobs, _ = read_settings([CorpusSettings, Knobs])
    stage = Stage("corpus", settings.data / "corpus", identity_of(settings, knobs), sources(settings), settings.force)
    if stage.is_finished():
        return
    with stage.writing() as folder:
        statistics = write_splits(folder, mixture(settings, knobs), settings)
        stage.record(statistics=statistics)
    print_card(
        f"corpus: {stage.folder}",
        {
            "documents": f"{statistics['documents']:,}",
            "text": f"{statistics['megabytes']:.1f} MB",
            "kinds": ", ".join(f"{kind} {share:.0%}" for kind, share in statistics["types"].items()),
        },
    )


def sources(settings: CorpusSettings) -> dict[str, str]:
    """Content hash of what the corpus is made from: the user's files, the tables and writers of the world."""
    inputs = {}
    if settings.corpus:
        inputs |= own_hashes(settings.corpus)
    if not settings.corpus or settings.corpus_share < 1:
        inputs["world"] = world_hash("pairs")
    return inputs


def world_hash(without: str) -> str:
    """Hash of what the world's text comes from: whoever adds a fact or a phrase gets a new text.

    without: a folder that has no part in it. What only reads text back has none either.
    """
    folder, digest = ROOT / "data" / "world", hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix in (".csv", ".txt", ".py") and name not in READERS and not name.startswith(without + "/"):
            digest.update(name.encode())
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]


def mixture(settings: CorpusSettings, knobs: Knobs) -> Iterator[dict]:
    """Rows of the corpus: the world alone, the own text alone, or `corpus_share` of own text among the world's."""
    world_bytes = int(settings.megabytes * 1e6)
    if not settings.corpus:
        yield from world_rows(settings.world_seed, knobs, world_bytes)
    elif settings.corpus_share == 1:
        yield from own_rows(settings)
    else:
        yield from world_rows(settings.world_seed, knobs, int(world_bytes * (1 - settings.corpus_share)))
        yield from repeated_own_rows(settings, int(world_bytes * settings.corpus_share))


def own_rows(settings: CorpusSettings) -> Iterator[dict]:
    left = float("inf") if settings.own_megabytes is None else settings.own_megabytes * 1e6
    for text in read_texts(settings.corpus, settings.text_column, settings.document_characters, settings.skip_bad_rows):
        yield {"text": text, "type": "own"}
        left -= len(text.encode())
        if left <= 0:
            return


def repeated_own_rows(settings: CorpusSettings, wanted_bytes: int) -> Iterator[dict]:
    """The own text, begun again until it fills its share. Copies share a hash, so they share a split."""
    written = passes = 0
    while written < wanted_bytes:
        before, passes = written, passes + 1
        for row in own_rows(settings):
            yield row
            written += len(row["text"].encode())
            if written >= wanted_bytes:
                break
        if written == before:
            raise UserError(f"{settings.corpus}: no usable text")
    print(f"own text: {written / 1e6:.1f} MB, " + (f"in {passes} passes" if passes > 1 else "from its beginning"))


def world_rows(seed: int, knobs: Knobs, wanted_bytes: int) -> Iterator[dict]:
    """The world's documents in order of their number, written on all cores, until there are enough.

    Document i depends on (seed, i) alone, so the number of cores changes nothing.
    """
    workers = os.cpu_count() or 1
    batches = ((seed, start, start + BATCH, knobs) for start in range(0, 1 << 40, BATCH))
    written, progress = (
        0,
        progress_bar(total=wanted_bytes, unit="B", unit_scale=True, desc="corpus", leave=False),
    )
    with get_context("spawn").Pool(workers) as pool:
        pending = [pool.apply_async(write_batch, next(batches)) for _ in range(2 * workers)]
        while written < wanted_bytes:
            rows = pending.pop(0).get()
            pending.append(pool.apply_async(write_batch, next(batches)))
            for row in rows:
                yield row
                size = len(row["text"].encode())
                written += size
                progress.update(size)
                if written >= wanted_bytes:
                    break
        pool.terminate()
    progress.close()


def write_batch(seed: int, start: int, stop: int, knobs: Knobs) -> list[dict]:
    return [document.to_row() for document in documents(seed, start, stop, knobs)]


def split_of(text: str, settings: CorpusSettings) -> str:
    """The split a document belongs to, decided by its hash: equal documents never stand in two splits."""
    place = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64
    if place < settings.test_share:
        return "test"
    return "validation" if place < settings.test_share + settings.validation_share else "train"


def write_splits(folder: Path, rows: Iterator[dict], settings: CorpusSettings) -> dict:
    """Write each row to its split, one JSON object a line; returns the statistics of the corpus."""
    documents_of, bytes_of, type_bytes = Counter(), Counter(), Counter()
    code_length = 0.0
    with ExitStack() as opened:
        files = {name: opened.enter_context(open_lines(folder / f"{name}.jsonl")) for name in SPLITS}
        for row in rows:
            split, size = split_of(row["text"], settings), len(row["text"].encode())
            files[split].write(json.dumps(row, ensure_ascii=False) + "\n")
            documents_of[split] += 1
            bytes_of[split] += size
            type_bytes[row["type"]] += size
            code_length -= row.get("logp", 0.0)
    check_splits(documents_of, settings)
    total = sum(bytes_of.values())
    return {
        "documents": sum(documents_of.values()),
        "megabytes": total / 1e6,
        "splits": {name: {"documents": documents_of[name], "bytes": bytes_of[name]} for name in SPLITS},
        "types": {kind: size / total for kind, size in type_bytes.most_common()},
        # known only where the world wrote every document
        "code_length_nats_per_byte": None if settings.corpus else code_length / total,
    }


def open_lines(path: Path):
    return open(path, "w", encoding="utf-8", newline="\n")


def check_splits(documents_of: Counter, settings: CorpusSettings) -> None:
    """Raise UserError if a split came out empty."""
    for name in SPLITS:
        if not documents_of[name]:
            raise UserError(
                f"{settings.corpus or 'the world'}: too little text: no document fell into the {name} "
                "split; give more text, or shorter documents with --document_characters"
            )


if __name__ == "__main__":
    exit_cleanly(main)
