"""The same items on two or more sides: two models, two prompt forms, two categories; and what can be said of them.

    pairs = shared_items(rows, [("base", "raw"), ("sft", "chat")])
    pairs.difference(pairs["sft", "chat"], pairs["base", "raw"])

Sides are asked unlike numbers of items; only those that every side was asked count, so that everything is paired.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from eval.results import group
from eval.stats import Estimate, mean_of, paired_difference, rate_of, ratio_difference, t_interval

FEWEST_ITEMS = 10
SEEDS_FOR_A_METHOD = 3
Cell = tuple[str, str] | str  # (name of the model, prompt form), or what else a side is called


@dataclass(frozen=True)
class Paired:
    """Values of shape (items, sides); an item that two trainings were asked stands there twice."""

    names: tuple[Cell, ...]
    values: np.ndarray
    firsts: Sequence[dict]  # the row of the first side for each item
    tokens: np.ndarray  # (items,): of the first side; 0 where values are not summed over tokens
    clusters: np.ndarray
    seeds: np.ndarray
    items: np.ndarray

    def __getitem__(self, name: Cell) -> np.ndarray:
        return self.values[:, self.names.index(name)]

    def __len__(self) -> int:
        """Distinct items, however many trainings were asked them."""
        return len(set(self.items))

    def mean(self, values: np.ndarray) -> Estimate:
        """Rates with Wilson's interval, other values with a bootstrap over clusters."""
        if len(values) and is_yes_or_no(values):
            return self.over_seeds(lambda keep: rate_of(values[keep], self.items[keep], self.clusters[keep]))
        return self.over_seeds(lambda keep: mean_of(values[keep], self.clusters[keep]))

    def difference(self, a: np.ndarray, b: np.ndarray) -> Estimate:
        """Mean of a - b, item by item."""
        return self.over_seeds(lambda keep: paired_difference(a[keep], b[keep], self.clusters[keep]))

    def loss_difference(self, a: np.ndarray, b: np.ndarray, relative: bool = False) -> Estimate:
        """Of losses summed over tokens: nats per token that a has more than b; relative: as a part of b."""
        return self.over_seeds(
            lambda keep: ratio_difference(a[keep], b[keep], self.tokens[keep], self.clusters[keep], relative)
        )

    def over_seeds(self, estimate: Callable[[np.ndarray], Estimate]) -> Estimate:
        """Three or more trainings: the wider of two intervals, over trainings and over items. Fewer: that over items.

        What holds of the method has to hold of other trainings, and of other questions as well.
        estimate: from a choice of items, shape (items,), to the number and its interval.
        """
        everything, seeds = estimate(np.ones(len(self.values), bool)), np.unique(self.seeds)
        if len(seeds) < SEEDS_FOR_A_METHOD:
            return everything
        found = t_interval([estimate(self.seeds == seed).value for seed in seeds])
        if not np.isfinite(everything.high - everything.low):
            return everything  # of one subject alone nothing can be said
        return max(found, everything, key=lambda one: one.high - one.low)

    def level(self, values: np.ndarray, metric: str) -> float:
        """One side by itself: nats per token for a loss, a mean otherwise."""
        return float(values.sum() / self.tokens.sum() if self.is_loss(metric) else values.mean())

    def is_loss(self, metric: str) -> bool:
        return metric == "nll" and self.tokens.sum() > 0


def shared_items(rows: Sequence[dict], names: Sequence[Cell]) -> Paired:
    """The items of one metric that all these cells were asked; no rows where they share none."""
    asked = group(rows, "model", "condition")
    return side_by_side([asked.get(name, []) for name in names], names)


def side_by_side(
    sides: Sequence[Sequence[dict]], names: Sequence[Cell], same: Sequence[str] = ("category", "item_id")
) -> Paired:
    """The items that all sides have. same: the columns in which an item of one side is that of another.

    Where several rows of a side are the same item (its last column must then say something), their mean counts.
    """
    found = [group(side, "seed", *same) for side in sides]
    keys = sorted(key for key in set(found[0]).intersection(*found[1:]) if key[-1]) if found else []
    firsts = [found[0][key][0] for key in keys]
    values = [[np.mean([row["value"] for row in side[key]]) for side in found] for key in keys]
    return Paired(
        names=tuple(names),
        values=np.array(values, float).reshape(len(keys), len(names)),
        firsts=firsts,
        tokens=np.array([row["n_tokens"] for row in firsts], float),
        clusters=np.array([row["cluster_id"] or row["item_id"] for row in firsts]),
        seeds=np.array([key[0] for key in keys]),
        items=np.array(["\n".join(key[1:]) for key in keys]),
    )


def is_yes_or_no(values: np.ndarray) -> bool:
    return bool(np.isin(values, (0.0, 1.0)).all())


def excludes_zero(found: Estimate) -> bool:
    return bool(np.isfinite(found.low) and (found.low > 0 or found.high < 0))
