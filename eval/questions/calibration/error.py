"""How far stated probabilities are from how often one is right.

ECE = sum over bins of (share of the items in it) |mean confidence - share of hits|, ten bins of equally many items
(Naeini et al. 2015; equal-mass bins: Nguyen and O'Connor 2015, arXiv 1508.05154). Never 0 in a sample, so it is read
against its noise floor: what a model would get that is calibrated perfectly and gives the same confidences.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import rel_entr

BINS = 10
SIMULATIONS = 500


@dataclass(frozen=True)
class Bin:
    confidence: float  # mean of its items
    hits: int
    n: int


def equal_bins(confidences: Sequence[float], hits: Sequence[bool], bins: int = BINS) -> list[Bin]:
    """Bins of equally many items, from the least to the most confident."""
    confidences, hits = np.asarray(confidences, float), np.asarray(hits, bool)
    places = [place for place in np.array_split(np.argsort(confidences, kind="stable"), bins) if len(place)]
    return [Bin(float(confidences[place].mean()), int(hits[place].sum()), len(place)) for place in places]


def ece(confidences: Sequence[float], hits: Sequence[bool], bins: int = BINS) -> float:
    """Expected calibration error, 0 to 1. Example: ece([1.0, 1.0], [True, False]) == 0.5 in one bin of two."""
    found = equal_bins(confidences, hits, bins)
    return sum(one.n * abs(one.confidence - one.hits / one.n) for one in found) / max(1, sum(one.n for one in found))


def noise_floor(confidences: Sequence[float], bins: int = BINS) -> float:
    """Mean ECE of a perfectly calibrated model with these confidences: hits drawn with them, 500 times."""
    confidences = np.sort(np.asarray(confidences, float))
    drawn = np.random.default_rng(0).random((SIMULATIONS, len(confidences))) < confidences
    gaps = [
        abs(drawn[:, place].mean(1) - confidences[place].mean()) * len(place)
        for place in np.array_split(np.arange(len(confidences)), bins)
        if len(place)
    ]
    return float(np.sum(gaps, axis=0).mean() / max(1, len(confidences)))


def bernoulli_kl(p: float, q: float) -> float:
    """KL(p || q) of two coins, in nats. Example: bernoulli_kl(0.5, 0.5) == 0; q is kept off 0 and 1 by 1e-6."""
    q = min(max(q, 1e-6), 1 - 1e-6)
    return float(rel_entr(p, q) + rel_entr(1 - p, 1 - q))
