"""Items put to a model in each prompt format: what it writes is judged into rows, some of it is kept for reading."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from eval.answers import Answers, row, transcript
from eval.lm import Completion, LanguageModel, Prompt
from eval.results import Row


def put(
    lm: LanguageModel,
    conditions: Iterable[tuple[str, Sequence]],
    prompt: Callable[[object, str], Prompt],
    judge: Callable[[LanguageModel, str, object, Completion], list[Row]],
    limit: int,
    temperature: float = 0.0,
    heading: str = "",
    shown: Sequence = (),
) -> Answers:
    """`prompt` of each item in each condition (form, items), at most `limit` new tokens; `judge` makes the rows.

    shown: the items whose transcripts stand in the report, in this order, under the heading.
    """
    answers = Answers()
    for form, items in conditions:
        prompts = [prompt(item, form) for item in items]
        written = lm.complete(prompts, form, limit, temperature=temperature)
        for item, asked, completion in zip(items, prompts, written, strict=True):
            answers.rows += judge(lm, form, item, completion)
            if item in shown:
                answers.transcripts.append(transcript(lm, form, heading, shown.index(item), asked, completion))
    return answers


def sample(lm: LanguageModel, form: str, prompts: Sequence[str], count: int, limit: int) -> list[list[Completion]]:
    """`count` completions of each prompt, at temperature 1."""
    texts = [prompt for prompt in prompts for _ in range(count)]
    written = iter(lm.complete(texts, form, limit, temperature=1.0) if texts else ())
    return [list(islice(written, count)) for _ in prompts]


def rows(lm: LanguageModel, form: str, question: str, values: dict[str, float], **columns) -> list[Row]:
    """A row for each metric of one item. columns: those of the long table, `item_id` among them."""
    return [row(lm, form, question, metric, value=value, **columns) for metric, value in values.items()]


def split(held_out: bool) -> str:
    """The level of an item: whether an instruction pair may speak of it."""
    return "held_out" if held_out else "known"
