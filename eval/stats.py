"""Intervals and tests for a comparison: the same items for both models, so everything is paired.

Rates get Wilson intervals, differences a paired bootstrap over clusters (items about one subject, the tokens
of one document), seeds a t-interval over their means. Intervals are 95 %. Normal approximations (mean +- 1.96
standard errors) are avoided: with a few hundred items they are too narrow (arXiv 2503.01747).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy.stats import binomtest, false_discovery_control, norm, t

RESAMPLES = 4000
Z = float(norm.ppf(0.975))


@dataclass(frozen=True)
class Estimate:
    value: float
    low: float  # lower end of the 95 % interval; nan where no interval can be given
    high: float  # upper end
    n: int  # items (or seeds) behind the value


def wilson(successes: int, n: int) -> Estimate:
    """A rate with its Wilson score interval, the values p that |p - x/n| <= 1.96 sqrt(p (1 - p) / n) keeps.

    (p^ + z^2/2n +- z sqrt(p^ (1 - p^)/n + z^2/4n^2)) / (1 + z^2/n). Source: Wilson 1927, JASA 22.
    """
    if n == 0:
        return Estimate(np.nan, np.nan, np.nan, 0)
    return replace(wilson_of(successes / n, n), n=n)


def wilson_of(share: float, n: float) -> Estimate:
    """The same of a share of so many items, which need be no whole number: the effective size of a sample."""
    middle, spread = share + Z**2 / (2 * n), Z * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    low, high = ((middle + end) / (1 + Z**2 / n) for end in (-spread, spread))
    return Estimate(share, max(0.0, float(low)), min(1.0, float(high)), round(n))


def rate(rows: Sequence[dict]) -> Estimate:
    """Wilson interval of a 0/1 metric, of rows of the long table: see rate_of."""
    items = [f"{row['category']}\n{row['item_id']}" for row in rows]
    return rate_of([row["value"] for row in rows], items, [row.get("cluster_id") or row["item_id"] for row in rows])


def rate_of(values: Sequence[float], items: Sequence[str], clusters: Sequence[str]) -> Estimate:
    """Wilson interval of a 0/1 metric, over items.

    An item seen under several seeds counts once, with its mean: more seeds of the same questions are not more
    questions. Items of one cluster are right or wrong together, and count as many as are as uncertain apart: p (1 - p)
    over the variance between clusters (Kish 1965; Korn and Graubard 1998, Survey Methodology 24).
    """
    if not len(values):
        return Estimate(np.nan, np.nan, np.nan, 0)
    _, first, item = np.unique(np.asarray(items), return_index=True, return_inverse=True)
    means = np.bincount(item, weights=np.asarray(values, float)) / np.bincount(item)
    share, n = float(means.mean()), len(means)
    sums = _cluster_sums((means - share)[:, None], np.asarray(clusters)[first])[:, 0]
    return replace(wilson_of(share, effective_size(share, n, sums)), n=n)


def effective_size(share: float, n: int, sums: np.ndarray) -> float:
    """Of n items in clusters. sums: of what the items of each cluster differ from the share."""
    if len(sums) == n:
        return n
    alone = share * (1 - share)
    if len(sums) == 1 or alone < 1e-12:  # no spread to tell how much they hang together: as much as they can
        return len(sums)
    variance = (sums @ sums) / n**2 * len(sums) / (len(sums) - 1)
    return min(n, alone / max(variance, 1e-12))


def rule_of_three(n: int) -> float:
    """Upper 95 % bound of a rate seen 0 times in n: (1 - p)^n = .05 gives p ~ 3/n.

    Source: Hanley and Lippman-Hand 1983, JAMA 249.
    """
    return min(1.0, 3 / n)


def sign_test(differences: Sequence[float]) -> float:
    """Two-sided p of the exact sign test: of the items that differ, half go either way.

    For 0/1 results it is the McNemar test. Source: McNemar 1947, Psychometrika 12.
    """
    differences = np.asarray(differences, float)
    moved = int((differences != 0).sum())
    return float(binomtest(int((differences > 0).sum()), moved, 0.5).pvalue) if moved else 1.0


def paired_difference(a, b, clusters=None, resamples: int = RESAMPLES) -> Estimate:
    """Mean of a - b over items, with the interval of a paired bootstrap that draws whole clusters.

    Of yes and no two more clusters are drawn among those that were seen, one that differs wholly each way: where next
    to nothing differs the bootstrap would see no spread, and claim certainty (so do Bonett and Price 2012, J. Educ.
    Behav. Stat. 37).
    Source: Field and Welsh 2007, J. R. Statist. Soc. B 69 (cluster bootstrap); Miller 2024, arXiv 2411.00640.
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    difference = a - b
    columns = np.stack([difference, np.ones_like(difference)], axis=1)  # (items, 2)
    doubt = (-1.0, 1.0) if may_be_certain(np.concatenate([a, b]), difference) else ()
    return _cluster_bootstrap(columns, lambda sums: sums[..., 0] / sums[..., 1], clusters, resamples, doubt)


def mean_of(values, clusters=None, resamples: int = RESAMPLES) -> Estimate:
    """Mean over items with the interval of the same bootstrap; here the two more clusters are all 0 and all 1."""
    values = np.asarray(values, float)
    columns = np.stack([values, np.ones_like(values)], axis=1)
    doubt = (0.0, 1.0) if may_be_certain(values, values) else ()
    return _cluster_bootstrap(columns, lambda sums: sums[..., 0] / sums[..., 1], clusters, resamples, doubt)


def may_be_certain(values: np.ndarray, differences: np.ndarray) -> bool:
    """Whether a bootstrap may see too little spread: values of yes and no, or between them and all differing alike."""
    within = len(values) > 0 and values.min() >= 0 and values.max() <= 1
    return bool(within and (np.isin(values, (0, 1)).all() or np.ptp(differences) == 0))


def unpaired_difference(a, b, a_clusters, b_clusters, resamples: int = RESAMPLES) -> Estimate:
    """Mean of a minus mean of b, rates of other items; a cluster may hold items of both, and is drawn whole.

    Without any spread the rule of three speaks; below three clusters there is no interval.
    """
    if not len(a) or not len(b):
        return Estimate(np.nan, np.nan, np.nan, len(a) + len(b))
    columns = np.array([(value, 1, 0, 0) for value in a] + [(0, 0, value, 1) for value in b], float)
    clusters = [*a_clusters, *b_clusters]

    def statistic(sums):  # (..., 4) -> (...), nan where a draw has no item of one of them
        with np.errstate(invalid="ignore"):
            return sums[..., 0] / sums[..., 1] - sums[..., 2] / sums[..., 3]

    found = _cluster_bootstrap(columns, statistic, clusters, resamples)
    if len(set(clusters)) < 3:
        return replace(found, low=np.nan, high=np.nan)
    return _doubted(found, len(set(clusters))) if found.high - found.low < 1e-9 else found


def ratio_difference(a, b, sizes=None, clusters=None, relative=False, resamples=RESAMPLES) -> Estimate:
    """Difference of two per-token losses on the same texts; each text is a cluster of tokens.

    a, b: loss of each text, summed over its tokens (nats); sizes: tokens (or bytes) of each text.
    (sum a - sum b) / sum sizes, in nats per token; with relative=True sum a / sum b - 1, in which the size of
    the text cancels, so that it holds for two tokenizers as well.
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    sizes = np.ones_like(a) if sizes is None else np.asarray(sizes, float)

    def statistic(sums):  # (..., 3) -> (...)
        return sums[..., 0] / sums[..., 1] - 1 if relative else (sums[..., 0] - sums[..., 1]) / sums[..., 2]

    return _cluster_bootstrap(np.stack([a, b, sizes], axis=1), statistic, clusters, resamples)


def t_interval(seed_means: Sequence[float]) -> Estimate:
    """Mean over seeds +- t(.975, S - 1) s / sqrt(S): what another training would give on these same items.

    Source: Student 1908. Three seeds give t = 4.30: a wide interval, which is the truth about three seeds.
    """
    means = np.asarray(seed_means, float)
    mean, n = float(means.mean()), len(means)
    half = float(t.ppf(0.975, n - 1) * means.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan
    return Estimate(mean, mean - half, mean + half, n)


def mean_curve(table, resamples: int = 1000) -> list[Estimate]:
    """Mean of each column of a table (units, points), nan where a unit lacks a point; bootstrap over units.

    One draw of units serves all points, so the band is that of whole curves: a sheet of questions, a list of tasks.
    """
    table = np.asarray(table, float)
    known = np.isfinite(table)
    counts = resample_counts(len(table), resamples)
    with np.errstate(invalid="ignore"):
        means = np.nansum(table, axis=0) / known.sum(axis=0)
        curves = counts @ np.where(known, table, 0) / (counts @ known)  # (resamples, points)
    lows, highs = np.nanpercentile(curves, [2.5, 97.5], axis=0) if len(table) > 1 else np.full((2, len(means)), np.nan)
    found = zip(means, lows, highs, known.sum(axis=0), strict=True)
    return [Estimate(float(mean), float(low), float(high), int(n)) for mean, low, high, n in found]


def slope(x, y, resamples: int = RESAMPLES) -> tuple[Estimate, float]:
    """Least-squares line y = a + b x: (b with its bootstrap interval over points, a)."""
    x, y = np.asarray(x, float), np.asarray(y, float)

    def fit(counts):  # (..., points) -> (...)
        n = counts.sum(-1)
        mean_x, mean_y = counts @ x / n, counts @ y / n
        spread = counts @ (x * x) / n - mean_x**2
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(spread > 1e-12, (counts @ (x * y) / n - mean_x * mean_y) / spread, np.nan)

    b = float(fit(np.ones(len(x))))
    slopes = fit(resample_counts(len(x), resamples))
    slopes = slopes[np.isfinite(slopes)]
    low, high = np.percentile(slopes, [2.5, 97.5]) if len(slopes) and len(x) > 2 else (np.nan, np.nan)
    return Estimate(b, float(low), float(high), len(x)), float(y.mean() - b * x.mean())


def bayes_wrong(k: int, wrong: int, u: float, e_careless: float, e_careful: float) -> float:
    """How probable a wrong answer is to an ideal reader who saw `wrong` wrong ones among k answers of one author.

    A share u of authors is careless and errs with e_careless, the others with e_careful:
    odds = u / (1 - u) (e_careless / e_careful)^wrong ((1 - e_careless) / (1 - e_careful))^(k - wrong);
    P(wrong) = P(careless) e_careless + P(careful) e_careful. nan where no author could have written what was seen.

    Example: bayes_wrong(0, 0, 0.5, 0.95, 0.05) == 0.5; after one wrong answer 0.905.
    """
    careless = u * e_careless**wrong * (1 - e_careless) ** (k - wrong)
    careful = (1 - u) * e_careful**wrong * (1 - e_careful) ** (k - wrong)
    if careless + careful == 0:
        return float("nan")
    return (careless * e_careless + careful * e_careful) / (careless + careful)


def total_variation(counts: Sequence[int], shares: Sequence[float]) -> tuple[float, float]:
    """(distance of counted kinds from expected shares, its 95th percentile if the shares were exactly right).

    TVD = 1/2 sum |p - q|: the share of samples that would have to be of another kind. Never 0 in a sample, so it
    is read against what chance alone gives (4,000 simulated samples).
    """
    counts, shares = np.asarray(counts, float), np.asarray(shares, float) / np.sum(shares)
    by_chance = np.random.default_rng(0).multinomial(int(counts.sum()), shares, 4000) / counts.sum()
    found = np.abs(counts / counts.sum() - shares).sum() / 2
    return float(found), float(np.percentile(np.abs(by_chance - shares).sum(axis=1) / 2, 95))


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """p adjusted for having tested several claims: below .05 keeps the share of false discoveries below .05.

    Source: Benjamini and Hochberg 1995, J. R. Statist. Soc. B 57.
    """
    return false_discovery_control(p_values).tolist() if len(p_values) else []


@lru_cache(maxsize=4)  # neighbours on a page are mostly of the same number of clusters; 32 kB for each of these
def resample_counts(units: int, resamples: int = RESAMPLES) -> np.ndarray:
    """How often each of `units` is drawn in each resample, (resamples, units); not to be written into.

    Sampling with replacement is a multinomial count. Source: Efron 1979, Ann. Statist. 7.
    """
    counts = np.random.default_rng(0).multinomial(units, np.full(units, 1 / units), resamples).astype(float)
    counts.flags.writeable = False
    return counts


def _doubted(found: Estimate, clusters: int) -> Estimate:
    """No spread is no certainty: how many unlike clusters may have been missed?"""
    missed = rule_of_three(clusters)
    return replace(found, low=max(-1.0, found.value - missed), high=min(1.0, found.value + missed))


def _cluster_bootstrap(
    columns, statistic: Callable, clusters, resamples: int, doubt: Sequence[float] = ()
) -> Estimate:
    """Percentile interval. columns (items, k); statistic turns their sums (..., k) into a value (...) or nan.

    doubt: values, the first of two columns, of clusters that are drawn as well, each as large as those on average.
    """
    if len(columns) == 0:
        return Estimate(np.nan, np.nan, np.nan, 0)
    sums = _cluster_sums(columns, clusters)  # (clusters, k)
    value = float(statistic(sums.sum(axis=0)))
    if len(sums) < 2:
        return Estimate(value, np.nan, np.nan, len(columns))
    size = len(columns) / len(sums)
    drawn = np.concatenate([sums, [(one * size, size) for one in doubt]]) if doubt else sums
    low, high = np.nanpercentile(statistic(resample_counts(len(drawn), resamples) @ drawn), [2.5, 97.5])
    return Estimate(value, min(value, float(low)), max(value, float(high)), len(columns))


def _cluster_sums(columns: np.ndarray, clusters) -> np.ndarray:
    """Sum the items of each cluster: (items, k) -> (clusters, k)."""
    if clusters is None:
        return columns
    _, place = np.unique(np.asarray(clusters), return_inverse=True)
    sums = np.zeros((place.max() + 1, columns.shape[1]))
    np.add.at(sums, place, columns)
    return sums
