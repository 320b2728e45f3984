"""The prompt grid for strangers: the forms of eval/conditions.py, and those that only some of them have."""

from collections.abc import Iterator

from eval import conditions
from eval.bundled.stranger import Stranger
from eval.settings import CompareSettings


def each_condition(
    lm: Stranger, question: str, items: list, settings: CompareSettings, forms=(), extra: bool = False
) -> Iterator[tuple[str, list]]:
    """(form, items to ask in it); extra: also in the forms that this model alone has."""
    yield from conditions.each_condition(lm, question, items, settings, forms)
    for form in lm.extra_forms if extra else ():
        yield form, conditions.spread(items, max(conditions.FEWEST, settings.items // 4))
