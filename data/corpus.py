"""Stage: the text a base model learns from, as three files of JSON Lines split by document hash.

    python -m data.corpus --config configs/tiny/corpus.yaml

In: the embedded world (data/synthetic), the user's own text, or a mixture. Out: train.jsonl, validation.jsonl,
test.jsonl under data/processed/<run>/corpus, one document a line, and record.json with the statistics.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from itertools import accumulate, chain, count, islice
from multiprocessing import get_context
from pathlib import Path

from configs.pipeline.commands import with_setting
from configs.pipeline.errors import UserError, exit_cleanly, print_line
from configs.pipeline.progress import progress_bar
from configs.pipeline.run import begin
from configs.pipeline.summary import print_summary
from data.settings import CorpusSettings
from data.sources.files import TABLES, TEXTS, choose_files
from data.sources.reading import Reading, read_texts
from data.statistics import SPLITS, Tally
from data.synthetic import fingerprint
from data.synthetic.config import Config
from data.synthetic.mixed import document_at

BATCH = 500  # documents that a worker writes at a time
EXPECTED = 30  # documents in a split from which on chance gives each its share

ALL_TO_TRAIN = 0.0, 0.0
Bounds = tuple[float, float]  # places of a hash below which a document goes to the test, and to the validation split


def main() -> None:
    run = begin("corpus", sources)
    with run.writing() as folder:
        statistics = write_splits(folder, mixture(run.settings, *run.more_settings))
        run.stage.record(statistics=statistics)
    bound, overlap = statistics["bits_per_byte"], statistics["overlap"]["share"]
    print_summary(
        f"corpus: {run.stage.folder}",
        {
            "documents": ", ".join(f"{split['documents']:,} {name}" for name, split in statistics["splits"].items()),
            "text": f"{statistics['megabytes']:.2g} MB",
            "kinds": ", ".join(f"{kind} {100 * share:.0f} %" for kind, share in statistics["types"].items()),
        }
        | ({} if overlap is None else {"overlap": f"{overlap:.0%} of the test text's 8-grams are in the training text"})
        | ({} if bound is None else {"bound": f"{bound:.2f} bits per byte"}),
    )


def sources(settings: CorpusSettings, config: Config) -> dict[str, str]:
    """What the corpus is made from: the content of the user's files, what the world writes."""
    if settings.corpus_share < 1 and not settings.corpus:
        raise UserError(f"corpus_share: {settings.corpus_share} of no own text; name the text with CORPUS=path")
    inputs = {}
    if settings.corpus:
        inputs |= choose_files(settings.corpus, TEXTS + TABLES).hashes()
    if not settings.corpus or settings.corpus_share < 1:
        inputs["world"] = fingerprint.of_documents(settings.world_seed, config)
        if config.instruction_share:
            inputs["instructions"] = fingerprint.of_pairs(settings.world_seed)
    return inputs


def mixture(settings: CorpusSettings, config: Config) -> Iterator["Batch"]:
    """The corpus: the world alone, the own text alone, or `corpus_share` of own text among the world's."""
    world_bytes = int(settings.megabytes * 1e6)
    if not settings.corpus:
        yield from world_batches(settings, config, world_bytes)
    elif settings.corpus_share == 1:
        yield from own_batches(own_rows(settings), settings)
    else:
        yield from world_batches(settings, config, int(world_bytes * (1 - settings.corpus_share)))
        bounds = bounds_among_others(settings)
        rows = repeated_own_rows(settings, int(world_bytes * settings.corpus_share), bounds)
        yield from batches_of(rows, bounds)


def own_rows(settings: CorpusSettings, say=print_line) -> Iterator[dict]:
    reading = Reading(settings.corpus, "corpus", settings.skip_bad_rows, settings.encoding, say)
    left = float("inf") if settings.own_megabytes is None else settings.own_megabytes * 1e6
    for text in read_texts(reading, settings.text_column, settings.document_characters):
        yield {"text": text, "type": "own"}
        left -= len(text.encode())
        if left <= 0:
            return


def repeated_own_rows(settings: CorpusSettings, wanted_bytes: int, bounds: Bounds) -> Iterator[dict]:
    """The own text, begun again until it fills its share; what is held out of it stands there once."""
    written = passes = 0
    while written < wanted_bytes:
        before, passes = written, passes + 1
        for row in own_rows(settings, print_line if passes == 1 else silent):
            if passes > 1 and split_of(row["text"], bounds) != "train":
                continue
            yield row
            written += len(row["text"].encode())
            if written >= wanted_bytes:
                break
        if written == before:
            raise UserError(f"{settings.corpus}: no usable text")
    print(f"own text: {written / 1e6:.1f} MB, " + (f"in {passes} passes" if passes > 1 else "from its beginning"))


def world_batches(settings: CorpusSettings, config: Config, wanted_bytes: int) -> Iterator["Batch"]:
    """The world's documents in order of their number, written on all cores, until there are enough.

    Document i depends on (seed, i) alone, so the number of cores changes nothing.
    """
    workers, left = os.cpu_count() or 1, wanted_bytes
    starts, progress = (
        count(0, BATCH),
        progress_bar(total=wanted_bytes, unit="B", unit_scale=True, desc="corpus", leave=False),
    )
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:

        def begin() -> tuple:
            start = next(starts)
            return start, pool.submit(world_batch, settings, config, start, start + BATCH)

        pending = [begin() for _ in range(2 * workers)]
        while left > 0:
            start, result = pending.pop(0)
            pending.append(begin())
            batch = result.result()
            if sum(batch.sizes) > left:  # the last: written again without the documents that are too many
                needed = next(number for number, size in enumerate(accumulate(batch.sizes), 1) if size >= left)
                batch = world_batch(settings, config, start, start + needed)
            left -= sum(batch.sizes)
            progress.update(sum(batch.sizes))
            yield batch
        pool.shutdown(cancel_futures=True)
    progress.close()


def world_batch(settings: CorpusSettings, config: Config, start: int, stop: int) -> "Batch":
    written = (document_at(settings.world_seed, index, config)[0] for index in range(start, stop))
    return Batch([document.to_row() for document in written], by_share(settings))


def own_batches(rows: Iterator[dict], settings: CorpusSettings) -> Iterator["Batch"]:
    """Own text in batches. Where it has few documents, the splits get theirs by count and not by chance."""
    enough, first, places = many(settings), [], set()
    while len(places) < enough and (row := next(rows, None)):
        first.append(row)
        places.add(place_of(row["text"]))
    if len(places) == enough:
        return batches_of(chain(first, rows), by_share(settings))
    return batches_of(iter(first), by_count(sorted(places), sum(len(row["text"]) for row in first), settings))


def bounds_among_others(settings: CorpusSettings) -> Bounds:
    """Of own text beside the world's: by count where it has few documents, so that some of it is held out."""
    places, characters = set(), 0
    for row in own_rows(settings, silent):
        places.add(place_of(row["text"]))
        characters += len(row["text"])
        if len(places) == many(settings):
            return by_share(settings)
    return by_count(sorted(places), characters, settings) if len(places) >= len(SPLITS) else ALL_TO_TRAIN


def silent(_: str) -> None:
    pass


def many(settings: CorpusSettings) -> int:
    """Documents from which on chance gives each split its share."""
    return round(EXPECTED / min(settings.test_share, settings.validation_share))


def batches_of(rows: Iterator[dict], bounds: Bounds) -> Iterator["Batch"]:
    while some := list(islice(rows, BATCH)):
        yield Batch(some, bounds)


class Batch:
    """Some rows as they go to disk, and what is to be counted of them: all that a worker sends back."""

    def __init__(self, rows: list[dict], bounds: Bounds):
        self.lines, self.tally, self.sizes = {name: [] for name in SPLITS}, Tally(), []
        for row in rows:
            row["split"] = split_of(row["text"], bounds)
            self.lines[row["split"]].append(json.dumps(row, ensure_ascii=False) + "\n")
            self.sizes.append(self.tally.add(row))
        self.lines = {name: "".join(lines).encode() for name, lines in self.lines.items()}
        self.tally.overlap.combine()


def split_of(text: str, bounds: Bounds) -> str:
    """The split a document belongs to, decided by its hash: equal documents never stand in two splits."""
    place = place_of(text)
    if place < bounds[0]:
        return "test"
    return "validation" if place < bounds[1] else "train"


def place_of(text: str) -> float:
    """A number from 0 to 1 that the text alone decides."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64


def by_share(settings: CorpusSettings) -> Bounds:
    return settings.test_share, settings.test_share + settings.validation_share


def by_count(places: list[float], characters: int, settings: CorpusSettings) -> Bounds:
    """Bounds that give each split its share of these places, one at least. Raises UserError if there are too few.

    characters: of the whole text, for the remedy.
    """
    shares = settings.test_share, settings.validation_share
    test, validation = (max(1, round(len(places) * share)) for share in shares)
    if len(places) > test + validation:
        return places[test], places[test + validation]
    few = "1 document" if len(places) == 1 else f"{len(places)} different documents"
    told = f"{settings.corpus}: {few} of up to {settings.document_characters} characters, and 3 at least are needed: "
    told += "one for the test, one for the loss curve, the rest to train on; give more text"
    shorter = characters // 12
    if 50 <= shorter < settings.document_characters:
        told += f", or cut it shorter, {with_setting('corpus', 'document_characters', shorter)}"
    raise UserError(told)


def write_splits(folder: Path, batches: Iterator[Batch]) -> dict:
    """Write each row to its split, one JSON object a line; returns the statistics of the corpus."""
    tally = Tally()
    with ExitStack() as opened:
        files = {name: opened.enter_context(open(folder / f"{name}.jsonl", "wb")) for name in SPLITS}
        for batch in batches:
            for name, lines in batch.lines.items():
                files[name].write(lines)
            tally.merge(batch.tally)
    statistics = tally.summary()
    for name, counted in statistics["splits"].items():
        if not counted["documents"]:
            raise UserError(f"no document fell into the {name} split; set a larger --megabytes or --{name}_share")
    return statistics


if __name__ == "__main__":
    exit_cleanly(main)
