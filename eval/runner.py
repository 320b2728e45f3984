"""Every question put to every model, spread over the processor's cores.

A small model writes in many small steps, which a second thread hardly speeds up and a second process nearly doubles: a
question asks all models in one process, several questions run at once. Scores are the same for any number of processes.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from configs.pipeline.errors import UserError
from configs.pipeline.progress import progress_bar
from eval.answers import Answers
from eval.entries import Entry, is_own_alone
from eval.questions import parts
from eval.settings import CompareSettings
from eval.worker import settle

MOST_WORKERS = 4  # each holds all models, the world and the libraries, about a gigabyte


def ask_everything(entries: Sequence[Entry], settings: CompareSettings, data: dict[str, Path]) -> Answers:
    """The answers of all models to all questions, model by model. Raises UserError."""
    asked = parts("ask").values()
    if is_own_alone(data["corpus"]):
        asked = [one for one in asked if not getattr(one, "OF_OUR_TEXT", False)]
    alone, beside = ([getattr(one, name) for one in asked if hasattr(one, name)] for name in ("ask", "ask_beside"))
    return ask_all(entries, settings, alone, beside)


def ask_all(
    entries: Sequence[Entry], settings: CompareSettings, alone: Sequence[Callable], beside: Sequence[Callable]
) -> Answers:
    """Model by model, question by question: `alone` look at one model, `beside` at a tuned one and its base."""
    jobs = [(question, question in beside, entries, settings) for question in (*alone, *beside)]
    found = list(progress_bar(iterable=in_processes(jobs, workers(settings)), total=len(jobs), desc="comparison",
                              unit="question"))  # fmt: skip
    return sum((answers for of_model in zip(*found, strict=True) for answers in of_model), Answers())


def in_processes(jobs: list[tuple], count: int) -> Iterator[list[Answers]]:
    """What `ask` brings back of each job, in order. Raises UserError."""
    if count == 1:
        yield from (ask(*job) for job in jobs)
        return
    threads = max(1, (os.cpu_count() or 1) // count)
    pool = ProcessPoolExecutor(count, get_context("spawn"), initializer=prepare, initargs=(threads,))
    try:
        futures = [pool.submit(ask, *job) for job in jobs]
        yield from (future.result() for future in futures)
    except BrokenProcessPool:
        raise UserError(f"one of {count} processes was killed, likely for want of memory; use --workers 1") from None
    finally:
        pool.shutdown(cancel_futures=True)


def prepare(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)
    settle(threads)


def workers(settings: CompareSettings) -> int:
    """How many processes ask: one for each core, at most four; a GPU is asked from one."""
    from train.engine.devices import choose_device

    alone = choose_device(settings.device) != "cpu"
    return settings.workers or (1 if alone else min(os.cpu_count() or 1, MOST_WORKERS))


def ask(question: Callable, beside: bool, entries: Sequence[Entry], settings: CompareSettings) -> list[Answers]:
    """One question's answers of each model. beside: it looks at a tuned model and its base at once."""
    from data.synthetic.facts import load_world

    world = load_world()
    how = (settings.batch_size, settings.device, settings.precision)
    if not beside:
        return [question(opened(entry, *how), world, settings) for entry in entries]
    return [
        question(opened(entry, *how), opened(entry.base, *how), world, settings) if entry.base else Answers()
        for entry in entries
    ]


@cache
def opened(entry: Entry, batch_size: int, device: str, precision: str):
    """The lm to a model, kept open for the next question."""
    from eval.lm import open_language_model

    return open_language_model(
        entry.name, entry.folder, batch_size, entry.run, entry.stage, entry.seed, device, precision
    )
