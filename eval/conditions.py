"""The conditions: which prompt formats a model is asked in, and how many items it is asked in each.

Cells that a claim rests on are asked all items, the rest a quarter of them; `full` asks all everywhere, `forms` all in
some forms and nothing in others: so a study asks each of its arms the same.
"""

from collections.abc import Iterator

from eval.claims import CLAIMS
from eval.lm import LanguageModel
from eval.prompt_formats import conditions_of
from eval.results import role
from eval.settings import CompareSettings

FEWEST = 2
WHOLE = 300  # items of a cell at which a question is asked all that it has


def each_condition(
    lm: LanguageModel, question: str, items: list, settings: CompareSettings, forms=(), extra: bool = False
) -> Iterator[tuple[str, list]]:
    """(form, items to ask in it) of each cell of this model; the items of a small cell are some of the large one's.

    extra: also in the forms that this model alone has.
    """
    for form, count in counts(lm, question, settings, forms, extra):
        yield form, spread(items, count)


def portions(
    lm: LanguageModel, question: str, items: list, settings: CompareSettings, forms=()
) -> Iterator[tuple[str, list]]:
    """The same for questions that have fewer items: each cell is asked the same share of them as of 300."""
    for form, count in counts(lm, question, settings, forms):
        yield form, spread(items, portion(count, items))


def portion(count: int, items: list) -> int:
    """Example: portion(75, [...100 items]) == 25."""
    return max(FEWEST, min(count, WHOLE) * len(items) // WHOLE)


def counts(
    lm: LanguageModel, question: str, settings: CompareSettings, forms=(), extra: bool = False
) -> Iterator[tuple[str, int]]:
    """(form, number of items of a full-sized question) of each cell of this model."""
    mine = [form for form in forms or conditions_of(lm.stage) if form in conditions_of(lm.stage)]
    for form in (*mine, *(lm.extra_forms if extra else ())):
        if settings.forms and form not in settings.forms.split():
            continue
        yield form, how_many(lm, question, form, settings)


def how_many(lm: LanguageModel, question: str, form: str, settings: CompareSettings) -> int:
    """Example: 300 where a claim compares this model in this form, else 75."""
    if settings.full or settings.forms or carries_claim(question, role(lm.stage), form):
        return settings.items
    return max(FEWEST, settings.items // 4)


def everywhere(items: list, settings: CompareSettings) -> list:
    """The items that every cell of `each_condition` is asked: of these are the transcripts in the report."""
    return spread(items, max(FEWEST, settings.items // 4))


def asked_everywhere(items: list, settings: CompareSettings, count: int) -> list:
    """The same of `portions`, and of these the few whose transcripts stand in the report."""
    return spread(spread(items, portion(max(FEWEST, settings.items // 4), items)), count)


def carries_claim(question: str, model: str, form: str) -> bool:
    """Example: carries_claim("response_types", "base", "raw"), and not the same of "few"."""
    return any(claim.question == question and (model, form) in claim.sides for claim in CLAIMS)


def spread(items: list, count: int) -> list:
    """At most `count` items, evenly spaced, so that a smaller comparison still meets every kind."""
    return [items[round(i * len(items) / count)] for i in range(count)] if count < len(items) else items
