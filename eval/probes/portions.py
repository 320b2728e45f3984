"""The prompt grid for probes that have fewer items than others: each cell is asked the same share of them.

`eval.grid.cells` gives a cell 300 items or 75; of 100 openings these are 100 or 25.
"""

from collections.abc import Iterator

from configs.schema import CompareSettings
from eval.forms import forms_of
from eval.grid import FEWEST, how_many, spread
from eval.models import Door

WHOLE = 300  # items of a cell at which all of these are asked


def portions(
    door: Door, probe: str, items: list, settings: CompareSettings, forms: tuple[str, ...] = ()
) -> Iterator[tuple[str, list]]:
    """(form, items to ask in it) of each cell of this model; the items of a small cell are some of the large one's."""
    for form in forms or forms_of(door.stage):
        if form in forms_of(door.stage):
            yield form, spread(items, portion(how_many(door, probe, form, settings), items))


def portion(count: int, items: list) -> int:
    """Example: portion(75, [...100 items]) == 25."""
    return max(FEWEST, min(count, WHOLE) * len(items) // WHOLE)


def asked_everywhere(items: list, settings: CompareSettings, count: int) -> list:
    """A few of the items that every cell is asked: those whose transcripts stand in the report."""
    return spread(spread(items, portion(max(FEWEST, settings.items // 4), items)), count)
