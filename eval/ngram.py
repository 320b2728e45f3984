"""N-grams: what can be predicted from the last few words alone, without grammar and without meaning.

The baseline that a language model has to beat. Any tokens will do, words or a tokenizer's:

    model = NGram([[1, 2, 3], [1, 2, 4]], order=5, vocabulary=5)
    model.nats([1, 2, 3])            # of each token, from the four before it
    model.nats([1, 2, 3], order=1)   # from how common each token is

P(w | h) = (c(hw) + d(h) P(w | h')) / (c(h) + d(h)): c counts, d(h) is how many different tokens were seen after the
history h, and h' is h without its oldest token; below the single token all of the vocabulary is equally likely.
Source: interpolated Witten-Bell smoothing (Witten and Bell 1991; Chen and Goodman 1998, TR-10-98).
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from pathlib import Path

import numpy as np

WORD = re.compile(r"\w+|[^\w\s]|\n")
CHARACTERS = 12_000_000  # of the training text that are counted: two seconds' work
# An n-gram is known by a number of 64 bits: that any two of ten million share one has a chance of 3 in a million.
FACTOR = np.uint64(0x9E3779B97F4A7C15)


class NGram:
    """Counted from texts of token ids, 0 to vocabulary - 1; no history reaches over the beginning of a text."""

    def __init__(self, texts: Sequence[Sequence[int]], order: int, vocabulary: int):
        self.order, self.vocabulary = order, vocabulary
        self.counts = [Counts(histories, grams) for histories, grams in fingerprints(texts, order)]

    def nats(self, text: Sequence[int], order: int | None = None) -> np.ndarray:
        """Negative log-probability of each token of a text, in nats; with order 1 regardless of what stands before."""
        probable = np.full(len(text), 1 / self.vocabulary)
        for counts, seen in zip(self.counts[:order], fingerprints([text], self.order), strict=False):
            probable = counts.smoothed(*seen, probable)
        return -np.log(probable)


class Counts:
    """How often each n-gram of one length was seen, and what is known of the histories that they begin with."""

    def __init__(self, histories: np.ndarray, grams: np.ndarray):
        self.grams, places, self.times = distinct(grams)  # c(hw)
        self.histories, self.after = np.unique(histories, return_counts=True)  # c(h)
        self.kinds = np.unique(histories[places], return_counts=True)[1]  # d(h), of the same histories

    def smoothed(self, histories: np.ndarray, grams: np.ndarray, lower: np.ndarray) -> np.ndarray:
        """P(w | h) of each n-gram; where nothing is known of its history that of the shorter one, `lower`."""
        times = looked_up(self.grams, self.times, grams)
        after, kinds = (looked_up(self.histories, what, histories) for what in (self.after, self.kinds))
        return np.where(after > 0, (times + kinds * lower) / np.maximum(after + kinds, 1), lower)


def distinct(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(sorted values, a place of each, how often each occurs); three times as fast as np.unique with places."""
    places = np.argsort(values)
    ordered = values[places]
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return ordered[first], places[first], np.diff(np.append(first, len(values)))


def fingerprints(texts: Sequence[Sequence[int]], order: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """(of the history, of the n-gram) that ends with each token, for n = 1 to order; all texts in one row."""
    gap = [-1] * (order - 1)
    ids = np.fromiter(chain.from_iterable(chain(gap, text) for text in texts), np.int64).astype(np.uint64)
    ids += np.uint64(1)  # 0 where there is nothing
    real, grams, found = ids > 0, np.zeros(len(ids), np.uint64), []
    for _ in range(order):
        histories = np.concatenate([np.zeros(1, np.uint64), grams[:-1]])
        grams = (histories + ids) * FACTOR  # uint64 wraps around, as it should
        found.append((histories[real], grams[real]))
    return found


def looked_up(names: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The value beside each wanted name in sorted names, 0 where it does not occur."""
    place = np.minimum(np.searchsorted(names, wanted), len(names) - 1)
    return np.where(names[place] == wanted, values[place], 0)


class WordGrams:
    """The same over the words and signs of plain text; all unknown words are one."""

    def __init__(self, texts: Sequence[str], order: int = 5):
        self.ids: dict[str, int] = {}
        rows = [[self.ids.setdefault(word, len(self.ids) + 1) for word in WORD.findall(text)] for text in texts]
        self.grams = NGram(rows, order, len(self.ids) + 1)

    def nats(self, text: str, order: int | None = None) -> float:
        """Negative log-probability of the whole text, in nats."""
        return float(self.grams.nats([self.ids.get(word, 0) for word in WORD.findall(text)], order).sum())


@cache
def words_of(corpus: Path, order: int = 5) -> WordGrams | None:
    """Counted over the training text of a corpus folder (its first CHARACTERS), once for each process; None without."""
    path = corpus / "train.jsonl"
    if not path.is_file():
        return None
    with path.open(encoding="utf-8") as lines:
        return WordGrams(list(beginning(json.loads(line)["text"] for line in lines)), order)


def beginning(texts: Iterable[str], characters: int = CHARACTERS) -> Iterator[str]:
    """Whole texts until there is enough of them."""
    for text in texts:
        if characters <= 0:
            return
        characters -= len(text)
        yield text
