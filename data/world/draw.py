"""The only source of chance in the world: every draw says how probable it was.

A document is a pure function of (seed, key). `logp` adds up the natural log of the probability of
everything drawn, so -logp is the code length of the document in nats: what a reader who knew the
generator would have to be told. It bounds the entropy of the text from above.

>>> draw = Draw(seed=1, key="coin")
>>> _ = draw.flag(0.5), draw.choice("abcd")
>>> round(draw.logp, 4) == round(-math.log(2) - math.log(4), 4)
True
"""

import hashlib
import math
import random

# log(1/n) for the n that occur, because math.log is a fifth of the price of a draw
MINUS_LOG = [0.0] + [-math.log(n) for n in range(1, 4096)]


class Draw:
    """Seeded by sha256 of seed and key; uses only Random.random(), which no Python version may change."""

    __slots__ = ("_random", "logp")

    def __init__(self, seed: int, key: str | int):
        digest = hashlib.sha256(f"{seed}/{key}".encode()).digest()
        self._random = random.Random(int.from_bytes(digest[:8], "big")).random
        self.logp = 0.0

    def choice(self, options, weights=None):
        """One of `options` (a sequence), each equally likely or in proportion to `weights`."""
        if weights is not None:
            return options[self._weighted(weights)]
        count = len(options)
        self.logp += MINUS_LOG[count]
        return options[int(self._random() * count)]

    def flag(self, p: float) -> bool:
        """True with probability p."""
        hit = self._random() < p
        self.logp += math.log(p if hit else 1.0 - p) if 0.0 < p < 1.0 else 0.0
        return hit

    def integer(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        count = high - low + 1
        self.logp += MINUS_LOG[count]
        return low + int(self._random() * count)

    def sample(self, options, k: int) -> list:
        """k different options in random order."""
        pool, chosen = list(options), []
        for left in range(len(pool), len(pool) - k, -1):
            self.logp += MINUS_LOG[left]
            place = int(self._random() * left)
            chosen.append(pool[place])
            pool[place] = pool[left - 1]
        return chosen

    def shuffled(self, options) -> list:
        """All options in random order."""
        return self.sample(options, len(options))

    def _weighted(self, weights) -> int:
        """The index drawn; an option of weight 0 is never drawn, not even by rounding."""
        total = sum(weights)
        point = self._random() * total
        last = 0
        for index, weight in enumerate(weights):
            if weight > 0:
                last = index
                if point < weight:
                    break
                point -= weight
        self.logp += math.log(weights[last] / total)
        return last
