"""The prompt grid for strangers: the forms of eval/conditions.py, and those that only some of them have."""

from collections.abc import Iterator

from configs.pipeline.schema import CompareSettings
from eval import grid
from eval.bundled.stranger import Stranger


def cells(
    lm: Stranger, question: str, items: list, settings: CompareSettings, forms=(), extra: bool = False
) -> Iterator[tuple[str, list]]:
    """(form, items to ask in it); extra: also in the forms that this model alone has."""
    yield from grid.cells(lm, question, items, settings, forms)
    for form in lm.extra_forms if extra else ():
        yield form, grid.spread(items, max(grid.FEWEST, settings.items // 4))
