"""How far two kinds of items of one cell are apart: harmful and harmless requests, rude and polite openings."""

from collections.abc import Sequence

from eval.results import select
from eval.stats import Estimate, unpaired_difference


def gap(rows: Sequence[dict], high: str, low: str) -> Estimate:
    """Mean of category `high` minus mean of category `low`; clusters may hold items of both categories.

    Youden's J where the categories are what should and what should not be refused. Source: Youden 1950, Cancer 3.
    """
    categories = [select(rows, category=category) for category in (high, low)]
    values = ([row["value"] for row in some] for some in categories)
    clusters = ([row["cluster_id"] or row["item_id"] for row in some] for some in categories)
    return unpaired_difference(*values, *clusters)
