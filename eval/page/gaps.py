"""How far two kinds of items of one cell are apart: harmful and harmless requests, rude and polite openings."""

from collections.abc import Sequence

import numpy as np

from eval.results import group, select
from eval.stats import Estimate, rule_of_three

RESAMPLES = 2000


def gap(rows: Sequence[dict], high: str, low: str) -> Estimate:
    """Mean of arm `high` minus mean of arm `low`, with a bootstrap over clusters, which may hold items of both arms.

    Youden's J where the arms are what should and what should not be refused. Source: Youden 1950, Cancer 3.
    """
    if not select(rows, arm=high) or not select(rows, arm=low):
        return Estimate(np.nan, np.nan, np.nan, len(rows))
    clusters = group([row | {"cluster_id": row["cluster_id"] or row["item_id"]} for row in rows], "cluster_id")
    sums = np.array([[*_sum_and_count(some, high), *_sum_and_count(some, low)] for some in clusters.values()])
    value = float(_difference(sums.sum(axis=0)))
    if len(sums) < 3:
        return Estimate(value, np.nan, np.nan, len(rows))
    # how often each cluster is drawn: sampling with replacement is a multinomial count
    drawn = np.random.default_rng(0).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), RESAMPLES)
    differences = _difference(drawn @ sums)
    differences = differences[np.isfinite(differences)]
    if np.ptp(differences) < 1e-9:  # no spread is no certainty: how many unlike clusters may have been missed?
        missed = rule_of_three(len(sums))
        return Estimate(value, max(-1.0, value - missed), min(1.0, value + missed), len(rows))
    low_end, high_end = np.percentile(differences, [2.5, 97.5])
    return Estimate(value, float(low_end), float(high_end), len(rows))


def _difference(sums: np.ndarray) -> np.ndarray:
    """(..., 4) sum and count of either arm -> (...) difference of the means; nan where an arm was not drawn."""
    with np.errstate(invalid="ignore"):
        return sums[..., 0] / sums[..., 1] - sums[..., 2] / sums[..., 3]


def _sum_and_count(rows: Sequence[dict], arm: str) -> tuple[float, int]:
    values = [row["value"] for row in rows if row["arm"] == arm]
    return sum(values), len(values)
