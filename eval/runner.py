"""Every question put to every model, spread over the processor's cores.

A small model writes in many small steps, which a second thread hardly speeds up and a second process nearly doubles: a
question asks a model in one process, several are asked at once. Scores are the same for any number of processes.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from pathlib import Path

from configs.pipeline.errors import UserError
from configs.pipeline.progress import progress_bar
from data.synthetic.facts import load_world
from eval.answers import Answers
from eval.entries import Entry, is_own_alone
from eval.lm import LanguageModel, open_language_model
from eval.pool import in_processes
from eval.questions import parts
from eval.settings import CompareSettings
from train.engine.devices import choose_device

MOST_WORKERS = 4  # each holds all models, the world and the libraries, about a gigabyte


def ask_everything(entries: Sequence[Entry], settings: CompareSettings, data: dict[str, Path]) -> Answers:
    """The answers of all models to all questions about this web, model by model. Raises UserError."""
    names = settings.questions.split()
    asked = [one for name, one in parts("ask").items() if not names or name in names]
    if is_own_alone(data["corpus"]):
        asked = [one for one in asked if not getattr(one, "OF_OUR_TEXT", False)]
    return ask_all(entries, settings, *functions(asked, "ask", "ask_beside"))


def ask_external(models: Sequence[LanguageModel], settings: CompareSettings) -> Answers:
    """The same of a base and a tuned model that were not made here. In one process: they may be large."""
    alone, beside = functions(parts("ask").values(), "ask_external", "ask_external_beside")
    return ask_all(models, settings, alone, beside, count=1)


def functions(modules: Sequence, *names: str) -> list[list[Callable]]:
    return [[getattr(one, name) for one in modules if hasattr(one, name)] for name in names]


def ask_all(
    models: Sequence[Entry | LanguageModel], settings: CompareSettings, alone: Sequence[Callable],
    beside: Sequence[Callable], count: int = 0,
) -> Answers:  # fmt: skip
    """Model by model, question by question: `alone` look at one model, `beside` at a tuned one and its base."""
    jobs = [
        (question, chosen)
        for model in models
        for questions, chosen in ((alone, (model,)), (beside, (model, model.base))) if chosen[-1]
        for question in questions
    ]  # fmt: skip
    count = count or workers(settings)
    found = in_processes(ask, settings, jobs, count)
    try:
        return sum(progress_bar(iterable=found, total=len(jobs), desc="comparison", unit="question"), Answers())
    except BrokenProcessPool:
        raise UserError(f"one of {count} processes was killed, likely for want of memory; use --workers 1") from None


def workers(settings: CompareSettings) -> int:
    """How many processes ask: one for each core, at most four; a GPU is asked from one."""
    alone = choose_device(settings.device) != "cpu"
    return settings.workers or (1 if alone else min(os.cpu_count() or 1, MOST_WORKERS))


def ask(settings: CompareSettings, question: Callable, models: tuple) -> Answers:
    """One question's answers of one model, which may be looked at beside its base."""
    how = (settings.batch_size, settings.device, settings.precision)
    opened_ones = [one if isinstance(one, LanguageModel) else opened(one, *how) for one in models]
    return question(*opened_ones, load_world(), settings)


@cache
def opened(entry: Entry, batch_size: int, device: str, precision: str) -> LanguageModel:
    """The model, kept open for the next question."""
    return open_language_model(
        entry.name, entry.folder, batch_size, entry.run, entry.stage, entry.seed, device, precision
    )
