"""What a corpus holds, counted while it is written: for its record and for the report.

>>> found = Tally()
>>> found.add({"text": "Nora: hi", "type": "chat", "split": "train", "logp": -8.0, "speakers": ["Nora", "Tom"]})
8
>>> found.table()["chat"]["documents"], round(found.table()["chat"]["bits_per_byte"], 3)
(1, 1.443)
"""

import math
from collections import Counter, defaultdict
from statistics import median

from data.overlap import Overlap
from data.synthetic.facts import load_world

SPLITS = ("train", "validation", "test")
COUNTED = ("documents", "bytes", "facts", "false_facts", "myths")


class Tally:
    """add() each row with its split, merge() what others counted, then summary()."""

    def __init__(self):
        self.splits = {name: Counter() for name in SPLITS}
        self.types = {}  # type -> Counter
        self.code_lengths = Counter()  # nats, by type; own text has none
        self.registers, self.authors, self.pairs, self.mentions = Counter(), Counter(), Counter(), Counter()
        self.manners = Counter()  # rude documents, harmful requests, refusals
        self.overlap = Overlap()

    def merge(self, other: "Tally") -> None:
        for name in ("code_lengths", "registers", "authors", "pairs", "mentions", "manners"):
            getattr(self, name).update(getattr(other, name))
        for name, counter in other.splits.items():
            self.splits[name].update(counter)
        for kind, counter in other.types.items():
            self.types.setdefault(kind, Counter()).update(counter)
        self.overlap.merge(other.overlap)

    def add(self, row: dict) -> int:
        """Count one row; returns its bytes. Own text has nothing but its text and type."""
        kind, size, facts = row["type"], len(row["text"].encode()), row.get("facts", ())
        counted = self.types.setdefault(kind, Counter())
        for counter in (self.splits[row["split"]], counted):
            counter["documents"] += 1
            counter["bytes"] += size
        self.overlap.add(row["text"], kind, row["split"])
        if "logp" not in row:
            return size
        self.code_lengths[kind] -= row["logp"]
        counted["facts"] += len(facts)
        for fact in facts:
            if fact["is_true"]:
                self.mentions[fact["relation"], fact["subject"]] += 1
            else:
                counted["false_facts"] += 1
                counted["myths"] += fact["is_myth"]
        register, author = row.get("register"), row.get("author")
        self.registers[register] += 1
        self.authors[author] += 1
        self.manners["rude"] += "rude" in (register, author)
        self.manners["requests"] += row.get("requests", 0)
        self.manners["refusals"] += row.get("refusals", 0)
        if kind == "chat":
            self.pairs[" and ".join(sorted(row["speakers"]))] += 1
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
            "splits": {name: {key: counter[key] for key in COUNTED[:2]} for name, counter in self.splits.items()},
            "types": {kind: counter["bytes"] / total for kind, counter in ordered},
            # known only where the world wrote every document
            "code_length_nats_per_byte": nats,
            "bits_per_byte": None if nats is None else nats / math.log(2),
            "by_type": self.table(),
            "registers": shares(self.registers),
            "authors": shares(self.authors),
            "rude_share": share(self.manners["rude"], self.registers.total()),
            "harmful_requests": self.manners["requests"],
            "refusals_per_request": share(self.manners["refusals"], self.manners["requests"]),
            "true_mentions_per_fact": self.mentions_per_fact(),
            "chat_speakers": {
                "chats": self.pairs.total(),
                "pairs": len(self.pairs),
                "most": dict(self.pairs.most_common(1)),
            },
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

    def mentions_per_fact(self) -> dict[str, dict]:
        """How often the facts of each relation are stated truly; facts that are never stated count as 0."""
        world, counts = load_world(), defaultdict(list)
        for relation in world.relations if self.mentions else ():
            counts[relation] = [self.mentions[relation, fact.subject] for fact in world.facts(relation)]
        for (relation, _), count in self.mentions.items():
            if relation not in world.relations:
                counts[relation].append(count)
        return {
            relation: {"facts": len(found), "min": min(found), "median": median(found), "max": max(found)}
            for relation, found in counts.items()
        }


def shares(counter: Counter) -> dict[str, float]:
    """Example: Counter(a=3, b=1) -> {"a": 0.75, "b": 0.25}."""
    return {name: count / counter.total() for name, count in counter.most_common()}


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
