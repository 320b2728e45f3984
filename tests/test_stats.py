"""Statistics against closed forms, against scipy, and against simulations whose truth is known."""

import math

import numpy as np
import pytest
from scipy.stats import binom, binomtest, bootstrap

from eval.stats import (
    bayes_wrong,
    benjamini_hochberg,
    mean_curve,
    paired_difference,
    rate,
    ratio_difference,
    rule_of_three,
    sign_test,
    slope,
    t_interval,
    total_variation,
    unpaired_difference,
    wilson,
)


@pytest.mark.parametrize(("successes", "n"), [(0, 30), (7, 30), (30, 30), (150, 300)])
def test_wilson_is_that_of_scipy(successes, n):
    found, wanted = wilson(successes, n), binomtest(successes, n).proportion_ci(0.95, "wilson")
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), abs=1e-9)


def test_wilson_covers_the_truth_about_95_times_in_100():
    """Exactly: the chance of each count times whether its interval holds the truth, averaged over truths."""
    n = 40
    intervals = [wilson(count, n) for count in range(n + 1)]
    truths = np.linspace(0.02, 0.98, 97)
    holds = [[i.low <= p <= i.high for i in intervals] for p in truths]
    coverage = (binom.pmf(np.arange(n + 1), n, truths[:, None]) * holds).sum(axis=1)
    assert 0.94 < coverage.mean() < 0.965


def test_the_sign_test_counts_only_the_items_that_differ_and_looks_only_at_directions():
    """Of ten 0/1 results that differ nine go one way; it is the exact McNemar test."""
    differences = [0] * 50 + [1] * 9 + [-1]
    by_hand = 2 * sum(math.comb(10, k) for k in (0, 1)) / 2**10
    assert sign_test(differences) == pytest.approx(by_hand) == sign_test([-d for d in differences])
    assert sign_test([0.1, 5, 3, 2, 0]) == pytest.approx(2 * 0.5**4)
    assert sign_test([0, 0]) == 1.0


def test_the_bootstrap_interval_covers_the_truth_when_items_come_in_clusters():
    """True difference .3, thirty clusters of four items that rise and fall together: about 95 in 100."""
    rng = np.random.default_rng(1)
    clusters = np.repeat(np.arange(30), 4)
    held = []
    for _ in range(300):
        shared, own = rng.normal(0.3, 1, 30)[clusters], rng.normal(0, 0.5, 120)
        found = paired_difference(shared + own, np.zeros(120), clusters, resamples=400)
        held.append(found.low <= 0.3 <= found.high)
    assert 0.90 <= np.mean(held) <= 0.98


def test_ignoring_clusters_would_claim_too_much():
    rng = np.random.default_rng(2)
    clusters = np.repeat(np.arange(30), 8)
    values = rng.normal(0, 1, 30)[clusters]
    careful, careless = (paired_difference(values, 0 * values, c) for c in (clusters, None))
    assert careful.high - careful.low > 2 * (careless.high - careless.low)


@pytest.mark.parametrize(("gained", "lost", "n"), [(0, 0, 60), (0, 1, 34), (4, 0, 300), (5, 0, 100), (60, 0, 60)])
def test_where_next_to_nothing_differs_the_interval_is_that_of_bonett_and_price(gained, lost, n):
    a = [1.0] * gained + [0.0] * (n - gained)
    b = [0.0] * gained + [1.0] * lost + [0.0] * (n - gained - lost)
    found = paired_difference(a, b)
    assert found == paired_difference(a, b)  # the bootstrap repeats itself
    p, q = (gained + 1) / (n + 2), (lost + 1) / (n + 2)
    half = 1.959964 * math.sqrt((p + q - (p - q) ** 2) / (n + 2))
    assert (found.low, found.high) == pytest.approx((max(-1, p - q - half), min(1, p - q + half)), abs=0.02)
    assert found.value == (gained - lost) / n
    assert rule_of_three(300) == 0.01


def test_questions_that_are_right_or_wrong_together_count_less():
    """Twenty kinds of ten questions, each kind all right or all wrong: as uncertain as twenty questions."""
    together = [{"category": "", "item_id": f"{kind}/{n}", "cluster_id": str(kind), "value": float(kind < 12)}
                for kind in range(20) for n in range(10)]  # fmt: skip
    found, few = rate(together), wilson(12, 20)
    assert (found.value, found.n) == (0.6, 200)
    assert (found.low, found.high) == pytest.approx((few.low, few.high), abs=0.01)
    apart = [row | {"cluster_id": ""} for row in together]
    assert rate(apart) == wilson(120, 200)
    alike = [row | {"value": float(int(row["item_id"][-1]) < 3)} for row in together]  # three of ten in each kind
    assert rate(alike) == wilson(60, 200)
    right = rate([row | {"value": 1.0} for row in together])
    assert (right.low, right.high) == (wilson(20, 20).low, 1.0)


def test_ratio_difference_weighs_texts_by_their_tokens():
    """100 tokens at 1 and 300 at 2 nats, against 2 nats everywhere: (700 - 800) / 400 nats per token."""
    found = ratio_difference([100.0, 600.0], [200.0, 600.0], [100, 300])
    assert found.value == pytest.approx(-0.25)
    assert ratio_difference([100.0, 600.0], [200.0, 600.0], relative=True).value == pytest.approx(-1 / 8)


def test_the_relative_difference_finds_a_known_factor():
    rng = np.random.default_rng(3)
    base = rng.uniform(50, 500, 200)
    found = ratio_difference(base * 1.2 * rng.normal(1, 0.1, 200), base, relative=True)
    assert found.low < 0.2 < found.high
    assert found.high - found.low < 0.05


def test_without_items_or_seeds_there_is_no_interval():
    of_nothing = wilson(0, 0), paired_difference([], []), t_interval([0.5]), unpaired_difference([1.0], [], ["a"], [])
    assert all(math.isnan(found.low) for found in of_nothing)


def test_t_interval_of_three_seeds_by_hand():
    found = t_interval([0.2, 0.3, 0.4])
    half = 4.302653 * 0.1 / math.sqrt(3)
    assert (found.value, found.low, found.high) == pytest.approx((0.3, 0.3 - half, 0.3 + half))


def test_benjamini_hochberg_by_hand():
    assert benjamini_hochberg([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.04, 0.04])
    assert benjamini_hochberg([]) == []


def test_more_trainings_are_not_more_questions():
    rows = [{"category": "", "item_id": str(item), "value": float(item < 5)} for item in range(10) for _ in range(3)]
    assert rate(rows) == wilson(5, 10)


@pytest.mark.parametrize(
    ("u", "careless", "careful", "known"),
    [
        (0.20, 0.80, 0.10, [0.24, 0.57, 0.76, 0.79, 0.80]),
        (0.25, 0.90, 0.03, [0.25, 0.82, 0.90]),
        (0.25, 0.90, 0.15, [0.34, 0.65, 0.84, 0.89, 0.90]),
    ],
)
def test_the_ideal_reader_follows_the_computed_curve(u, careless, careful, known):
    found = [bayes_wrong(k, k, u, careless, careful) for k in range(len(known))]
    assert found == pytest.approx(known, abs=0.0051)


@pytest.mark.parametrize(
    ("seen", "wrong"),
    [((12, 0, 0.5, 0.95, 0.05), 0.05), ((2, 1, 0.5, 0.95, 0.05), 0.5), ((3, 3, 0.0, 0.95, 0.05), 0.05),
     ((1, 1, 0.5, 1.0, 0.0), 1.0), ((2, 1, 0.5, 1.0, 0.0), math.nan)],
)  # fmt: skip
def test_the_ideal_reader_knows_the_limits(seen, wrong):
    assert bayes_wrong(*seen) == pytest.approx(wrong, nan_ok=True)


def test_the_band_of_a_curve_covers_each_point_and_skips_what_is_missing():
    rng = np.random.default_rng(3)
    table = rng.normal([0.2, 0.8], 0.1, (200, 2))
    table[:100, 1] = np.nan
    left, right = mean_curve(table)
    assert left.low < left.value < left.high < right.low
    assert (left.n, right.n) == (200, 100)
    assert right.high - right.low > left.high - left.low


def test_the_slope_is_the_least_squares_line():
    rng = np.random.default_rng(4)
    x = rng.normal(size=40)
    y = 1 + 0.7 * x + rng.normal(0, 0.1, 40)
    found, start = slope(x, y)
    assert [found.value, start] == pytest.approx(np.polyfit(x, y, 1).tolist())
    assert found.low < 0.7 < found.high
    assert math.isnan(slope([1, 1], [2, 3])[0].value)


def test_samples_of_the_very_shares_keep_a_distance():
    """Twelve equal kinds, 500 samples: 95 in 100 lie below .081."""
    found, by_chance = total_variation([500] + [0] * 11, [1 / 12] * 12)
    assert found == pytest.approx(11 / 12)
    assert by_chance == pytest.approx(0.081, abs=0.002)


def test_an_unpaired_difference_has_the_interval_that_scipy_gives():
    rng = np.random.default_rng(3)
    a, b = (rng.random(200) < 0.7).astype(float), (rng.random(150) < 0.4).astype(float)
    found = unpaired_difference(a, b, [f"a{i}" for i in range(200)], [f"b{i}" for i in range(150)])
    theirs = bootstrap((a, b), lambda a, b, axis=-1: a.mean(axis) - b.mean(axis), method="percentile", rng=0)
    assert found.value == pytest.approx(a.mean() - b.mean())
    assert (found.low, found.high) == pytest.approx(tuple(theirs.confidence_interval), abs=0.01)


def test_an_unpaired_difference_draws_a_cluster_whole():
    """Ten subjects with ten alike items of each kind tell no more than ten items of each."""
    kinds = [0.0, 1.0] * 5
    a, b, clusters = np.repeat(kinds, 10), np.zeros(100), [f"c{i}" for i in range(10) for _ in range(10)]
    few = unpaired_difference(kinds, [0.0] * 10, clusters[::10], clusters[::10])
    found = unpaired_difference(a, b, clusters, clusters)
    assert (found.low, found.high) == pytest.approx((few.low, few.high))
    two = unpaired_difference([1.0] * 9, [0.0] * 9, "aaaaabbbb", "aaaaabbbb")
    assert two.value == 1
    assert math.isnan(two.low)  # below three clusters there is no interval
