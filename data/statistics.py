"""What a corpus holds, counted while it is written: for its record and for the report.

>>> found = Tally()
>>> found.add({"text": "Nora: hi", "type": "chat", "split": "train", "logp": -8.0, "speakers": ["Nora", "Tom"]})
8
>>> found.table()["chat"]["documents"], round(found.table()["chat"]["bits_per_byte"], 3)
(1, 1.443)
"""

import math
from collections import Counter

from data.overlap import Overlap

SPLITS = ("train", "validation", "test")
COUNTED = ("documents", "bytes")


class Tally:
    """add() each row with its split, merge() what others counted, then summary()."""

    def __init__(self):
        self.splits = {name: Counter() for name in SPLITS}
        self.types = {}  # type -> Counter
        self.code_lengths = Counter()  # nats, by type; own text has none
        self.manners = Counter()  # documents that are rude, and all whose manner is known
        self.overlap = Overlap()

    def merge(self, other: "Tally") -> None:
        self.code_lengths.update(other.code_lengths)
        self.manners.update(other.manners)
        for name, counter in other.splits.items():
            self.splits[name].update(counter)
        for kind, counter in other.types.items():
            self.types.setdefault(kind, Counter()).update(counter)
        self.overlap.merge(other.overlap)

    def add(self, row: dict) -> int:
        """Count one row; returns its bytes. Own text has nothing but its text and type."""
        kind, size = row["type"], len(row["text"].encode())
        counted = self.types.setdefault(kind, Counter())
        for counter in (self.splits[row["split"]], counted):
            counter["documents"] += 1
            counter["bytes"] += size
        self.overlap.add(row["text"], kind, row["split"])
        if "logp" not in row:
            return size
        self.code_lengths[kind] -= row["logp"]
        self.manners["known"] += 1
        self.manners["rude"] += "rude" in (row.get("register"), row.get("author"))
        return size

    def summary(self) -> dict:
        """Everything, in plain values; None where nothing can be said."""
        total = sum(counter["bytes"] for counter in self.splits.values())
        documents = sum(counter["documents"] for counter in self.splits.values())
        known = self.code_lengths.keys() == self.types.keys()
        nats = sum(self.code_lengths.values()) / total if known and total else None
        ordered = sorted(self.types.items(), key=lambda item: -item[1]["bytes"])
        return {
            "documents": documents,
            "megabytes": total / 1e6,
            "splits": {name: {key: counter[key] for key in COUNTED} for name, counter in self.splits.items()},
            "types": {kind: counter["bytes"] / total for kind, counter in ordered},
            # known only where the world wrote every document
            "code_length_nats_per_byte": nats,
            "bits_per_byte": None if nats is None else nats / math.log(2),
            "by_type": self.table(),
            "rude_share": self.manners["rude"] / self.manners["known"] if self.manners["known"] else None,
            "overlap": self.overlap.summary(),
        }

    def table(self) -> dict[str, dict]:
        """One line for each type of document, the largest first."""
        lines = {}
        for kind, counter in sorted(self.types.items(), key=lambda item: -item[1]["bytes"]):
            nats = self.code_lengths.get(kind)
            bits = None if nats is None else nats / math.log(2) / counter["bytes"]
            lines[kind] = {key: counter[key] for key in COUNTED} | {"code_length_nats": nats, "bits_per_byte": bits}
        return lines
