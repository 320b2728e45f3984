"""How far two kinds of items of one cell are apart: harmful and harmless requests, rude and polite openings."""

from collections.abc import Sequence

from eval.results import select
from eval.stats import Estimate, unpaired_difference


def gap(rows: Sequence[dict], high: str, low: str) -> Estimate:
    """Mean of arm `high` minus mean of arm `low`; clusters may hold items of both arms.

    Youden's J where the arms are what should and what should not be refused. Source: Youden 1950, Cancer 3.
    """
    arms = [select(rows, arm=arm) for arm in (high, low)]
    values = ([row["value"] for row in some] for some in arms)
    clusters = ([row["cluster_id"] or row["item_id"] for row in some] for some in arms)
    return unpaired_difference(*values, *clusters)
