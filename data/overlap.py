"""How much of the test text stands word for word in the training text: the share of its 8-grams of words.

A word is what white space parts; an n-gram is kept as 64 bits, so two of them are confused once in 10^11 cases.
Beyond LIMIT of them, only those whose hash ends in zero bits are kept, of both splits alike: a fair sample.

>>> found = Overlap(words=2)
>>> found.add("a cat sat here", "story", "train"), found.add("a cat sat there", "story", "test")
(None, None)
>>> found.summary()["share"] == 2 / 3  # "a cat" and "cat sat", not "sat there"
True
"""

import hashlib
from functools import lru_cache

import numpy as np

LIMIT = 10_000_000  # 80 MB of memory, about 55 MB of text
FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, so that multiplying by it loses nothing


class Overlap:
    """add() documents, combine(); merge() with others; then summary()."""

    def __init__(self, words: int = 8, limit: int = LIMIT):
        self.words, self.limit, self.one_in = words, limit, 1
        self.pending, self.kept = {}, {}  # (split, type) -> word hashes of each document; arrays of n-gram hashes
        self.size = 0

    def add(self, text: str, kind: str, split: str) -> None:
        """Count a document; n-grams do not reach from one document into the next. The validation split has no part."""
        words = text.split()
        if split != "validation" and len(words) >= self.words:
            self.pending.setdefault((split, kind), []).append([word_hash(word) for word in words])

    def combine(self) -> None:
        """Turn the words that were added into n-grams."""
        for key, documents in self.pending.items():
            self._keep(key, _grams(documents, self.words))
        self.pending = {}

    def merge(self, other: "Overlap") -> None:
        for key, arrays in other.kept.items():
            for grams in arrays:
                self._keep(key, grams)

    def summary(self) -> dict:
        self.combine()
        training = [grams for (split, _), arrays in self.kept.items() if split == "train" for grams in arrays]
        training = np.sort(np.concatenate(training)) if training else np.zeros(0, np.uint64)
        found, counted = {}, {}
        for (split, kind), arrays in self.kept.items():
            if split == "test":
                grams = np.concatenate(arrays)
                found[kind], counted[kind] = _count_in(grams, training), len(grams)
        total = sum(counted.values())
        return {
            "words": self.words,
            "one_gram_in": self.one_in,  # above 1: a sample was taken
            "share": sum(found.values()) / total if total else None,
            "by_type": {kind: found[kind] / counted[kind] for kind in counted if counted[kind]},
        }

    def _keep(self, key: tuple[str, str], grams: np.ndarray) -> None:
        grams = self._sampled(grams)
        self.kept.setdefault(key, []).append(grams)
        self.size += len(grams)
        while self.size > self.limit:
            self.one_in *= 2
            self.kept = {key: [self._sampled(part) for part in parts] for key, parts in self.kept.items()}
            self.size = sum(len(part) for parts in self.kept.values() for part in parts)

    def _sampled(self, grams: np.ndarray) -> np.ndarray:
        return grams if self.one_in == 1 else grams[grams % np.uint64(self.one_in) == 0]


def _grams(documents: list[list[int]], words: int) -> np.ndarray:
    """The n-grams of some documents, combined in one go and without those that reach across two."""
    hashes = np.array([word for document in documents for word in document], np.uint64)
    count = len(hashes) - words + 1
    grams = np.zeros(count, np.uint64)
    for place in range(words):
        grams = grams * FACTOR + hashes[place : place + count]
    ends = np.cumsum([len(document) for document in documents[:-1]], dtype=int)
    return np.delete(grams, (ends[:, None] - np.arange(1, words)).ravel())


def _count_in(grams: np.ndarray, ordered: np.ndarray) -> int:
    """How many of the grams stand in an ordered array."""
    places = np.searchsorted(ordered, grams)
    inside = places < len(ordered)
    return int((ordered[places[inside]] == grams[inside]).sum())


@lru_cache(maxsize=1 << 18)
def word_hash(word: str) -> int:
    """64 bits of its sha256."""
    return int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
