"""The only source of chance in the world: every draw says how probable it was.

A document is a pure function of (seed, key). `logp` adds up the natural log of the probability of
everything drawn, so -logp is the code length of the document in nats: what a reader who knew the
generator would have to be told. It bounds the entropy of the text from above.

>>> draw = Draw(seed=1, key="coin")
>>> _ = draw.flag(0.5), draw.choice("abcd")
>>> draw.choices, round(draw.logp, 4) == round(-math.log(2) - math.log(4), 4)
(2, True)

A Tracer draws the same and keeps a list of what it drew.

>>> tracer = Tracer(seed=1, key="coin")
>>> _ = tracer.flag(0.5), tracer.choice("abcd")
>>> [(one.options, round(one.nats, 2)) for one in tracer.trace]
[(2, 0.69), (4, 1.39)]
"""

import hashlib
import math
import random
from bisect import bisect_right
from functools import cache
from itertools import accumulate
from typing import NamedTuple

# log(1/n) for the n that occur, because math.log is a fifth of the price of a draw
MINUS_LOG = [0.0] + [-math.log(n) for n in range(1, 4096)]


class Draw:
    """Seeded by sha256 of seed and key; uses only Random.random(), which no Python version may change.

    `choices` counts the draws, `templates` collects the ids of the phrases written with them (phrase.py).
    """

    __slots__ = ("_random", "choices", "logp", "templates")

    def __init__(self, seed: int, key: str | int):
        digest = hashlib.sha256(f"{seed}/{key}".encode()).digest()
        self._random = random.Random(int.from_bytes(digest[:8], "big")).random
        self.logp = 0.0
        self.choices = 0
        self.templates = []

    def choice(self, options, weights=None):
        """One of `options` (a sequence), each equally likely or in proportion to `weights`."""
        self.choices += 1
        if weights is not None:
            return options[self._weighted(tuple(weights))]
        count = len(options)
        self.logp += MINUS_LOG[count] if count < 4096 else -math.log(count)
        return options[int(self._random() * count)]

    def flag(self, p: float) -> bool:
        """True with probability p."""
        self.choices += 1
        hit = self._random() < p
        self.logp += math.log(p if hit else 1.0 - p) if 0.0 < p < 1.0 else 0.0
        return hit

    def integer(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        self.choices += 1
        count = high - low + 1
        self.logp += MINUS_LOG[count] if count < 4096 else -math.log(count)
        return low + int(self._random() * count)

    def sample(self, options, k: int) -> list:
        """k different options in random order; all of them where there are fewer than k."""
        pool, chosen = list(options), []
        k = min(k, len(pool))
        self.choices += k
        for left in range(len(pool), len(pool) - k, -1):
            self.logp += MINUS_LOG[left] if left < 4096 else -math.log(left)
            place = int(self._random() * left)
            chosen.append(pool[place])
            pool[place] = pool[left - 1]
        return chosen

    def shuffled(self, options) -> list:
        """All options in random order."""
        return self.sample(options, len(options))

    def _weighted(self, weights: tuple) -> int:
        """The index drawn; an option of weight 0 is never drawn, not even by rounding."""
        edges, last, logs = _ladder(weights)
        index = min(bisect_right(edges, self._random() * edges[-1]), last)
        self.logp += logs[index]
        return index


@cache
def _ladder(weights: tuple) -> tuple[list, int, list]:
    """Running totals, the last option that can be drawn, the log-probability of each.

    Added from left to right: what sum() makes of fractions differs between versions of Python.
    """
    edges = list(accumulate(weights))
    last = max(index for index, weight in enumerate(weights) if weight > 0)
    return edges, last, [math.log(weight / edges[-1]) if weight > 0 else -math.inf for weight in weights]


class Choice(NamedTuple):
    """One draw: what came out, of how many options, and its price."""

    drawn: object
    options: int
    nats: float


class Tracer(Draw):
    """A Draw that remembers each draw; the same seed and key draw the same."""

    __slots__ = ("trace",)

    def __init__(self, seed: int, key: str | int):
        super().__init__(seed, key)
        self.trace: list[Choice] = []

    def choice(self, options, weights=None):
        before = self.logp
        return self._noted(super().choice(options, weights), len(options), before)

    def flag(self, p: float) -> bool:
        before = self.logp
        return self._noted(super().flag(p), 2, before)

    def integer(self, low: int, high: int) -> int:
        before = self.logp
        return self._noted(super().integer(low, high), high - low + 1, before)

    def sample(self, options, k: int) -> list:
        chosen = super().sample(options, k)
        for left, drawn in zip(range(len(options), 0, -1), chosen, strict=False):
            self.trace.append(Choice(drawn, left, math.log(left)))
        return chosen

    def _noted(self, drawn, options: int, before: float):
        self.trace.append(Choice(drawn, options, before - self.logp))
        return drawn
