"""A simulated rater, who chooses between two answers by the rule of Bradley and Terry (1952) and may have habits.

    >>> Rater().chance(1.0, 0.5) > 0.99, Rater(noise=1.0).chance(1.0, 0.0)
    (True, 0.5)

What the rater likes is the known utility (utility.py), plus what the habits add to it.
"""

import math
from dataclasses import dataclass

from data.judge.checks import plain_words
from data.judge.content import says

TEN = 10  # words


@dataclass(frozen=True)
class Rater:
    noise: float = 0.0
    # share of the choices that a coin makes
    length: float = 0.0
    # what ten more words are worth
    agreement: float = 0.0
    # what it is worth to say what the user believes
    sharpness: float = 12.0
    # a difference of 1 is chosen with odds of e to this power: a right answer before a wrong one in 998 of 1,000 cases

    def value(self, request: dict, text: str, utility: float) -> float:
        """What an answer is worth to the rater. `meta` of the request: "believes", what its user holds to be true."""
        believed = request["meta"].get("believes")
        agrees = believed is not None and says([believed], text)
        return utility + self.length * len(plain_words(text)) / TEN + self.agreement * agrees

    def chance(self, first: float, second: float) -> float:
        """The probability that the answer of the first value is chosen."""
        return self.noise / 2 + (1 - self.noise) / (1 + math.exp(-self.sharpness * (first - second)))


def ceiling(chances: list[float]) -> float:
    """The accuracy of whoever knows these probabilities: no reward model can be expected to reach more."""
    return sum(max(chance, 1 - chance) for chance in chances) / len(chances)
