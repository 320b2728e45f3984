"""Stage: instruction-response pairs for supervised fine-tuning, in the `messages` form.

    python -m data.pairs --config configs/tiny/pairs.yaml

In: the embedded world, or the user's own pairs. Out: train.jsonl and held_out.jsonl under
data/processed/<run>/pairs, one conversation a line with its metadata.
"""

import hashlib
import json
from collections import Counter
from itertools import islice
from pathlib import Path

from configs.pipeline.errors import UserError, exit_cleanly
from configs.pipeline.run import begin
from configs.pipeline.summary import print_summary
from data.settings import PairsSettings
from data.sources.files import TABLES, choose_files
from data.sources.forms import Keys
from data.sources.reading import Reading, read_pairs
from data.synthetic import fingerprint
from data.synthetic.conversations.config import Weights
from data.synthetic.conversations.generate import pairs as world_pairs


def main() -> None:
    run = begin("pairs", sources)
    with run.writing() as folder:
        train, held_out = split(read_rows(run.settings, *run.more_settings), run.settings)
        write_rows(folder / "train.jsonl", train)
        write_rows(folder / "held_out.jsonl", held_out)
        kinds = dict(Counter(row.get("kind", "own") for row in train).most_common())
        run.stage.record(statistics={"count": len(train), "held_out": len(held_out), "kinds": kinds})
    print_summary(
        f"pairs: {run.stage.folder}",
        {
            "pairs": f"{len(train):,} to train on, {len(held_out):,} held out",
            "kinds": ", ".join(f"{kind} {count}" for kind, count in kinds.items()),
        },
    )


def sources(settings: PairsSettings, weights: Weights) -> dict[str, str]:
    if settings.pairs:
        return choose_files(settings.pairs, TABLES).hashes()
    return {"world": fingerprint.of_pairs(settings.world_seed, weights)}


def read_rows(settings: PairsSettings, weights: Weights) -> list[dict]:
    if settings.pairs:
        keys = Keys(frozenset(settings.ignore_keys.replace(",", " ").split()))
        reading = Reading(settings.pairs, "pairs", settings.skip_bad_rows, settings.encoding, keys=keys)
        return list(islice(read_pairs(reading), settings.own_pairs))
    return [pair.to_row() for pair in world_pairs(settings.world_seed, settings.count + settings.held_out, weights)]


def split(rows: list[dict], settings: PairsSettings) -> tuple[list[dict], list[dict]]:
    """(train, held out), in an order given by each conversation's hash: at most a tenth of own pairs is held out.

    Equal conversations stand side by side in that order and are kept on the side of the first.
    """

    def key(row: dict) -> str:
        return hashlib.sha256(json.dumps(row["messages"], sort_keys=True).encode()).hexdigest()

    rows = sorted(rows, key=key)
    count = min(settings.held_out, max(1, len(rows) // 10)) if settings.pairs else settings.held_out
    while count < len(rows) and key(rows[count - 1]) == key(rows[count]):
        count += 1
    if count >= len(rows):
        told = "all of them are the same" if len(rows) > 1 else "one to train on and one held out are needed at least"
        raise UserError(f"{settings.pairs or 'pairs'}: {len(rows)} pairs are too few to train on: {told}")
    return rows[count:], rows[:count]


def write_rows(path: Path, rows: list[dict]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    exit_cleanly(main)
