"""Work spread over several processes: questions put to models, sections of the page.

The results are the same for any number of processes, and one process does the work itself.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread

from threadpoolctl import threadpool_limits

MOST_SECTIONS = 2  # processes that make sections, each of which holds the whole table
HELD = []  # in a process of a pool: what its jobs do, and what they share


def in_processes(work: Callable, shared: object, jobs: Sequence[tuple], count: int) -> Iterator:
    """`work(shared, *job)` of each job, in order; `shared` travels once. Raises BrokenProcessPool if one is killed."""
    if count == 1:
        yield from (work(shared, *job) for job in jobs)
        return
    threads = max(1, (os.cpu_count() or 1) // count)
    pool = ProcessPoolExecutor(count, get_context("spawn"), initializer=settle, initargs=(threads, work, shared))
    try:
        futures = [pool.submit(do, *job) for job in jobs]
        yield from (future.result() for future in futures)
    finally:
        pool.shutdown(cancel_futures=True)


def settle(threads: int, *held: object) -> None:
    """Threads of two processes on one core would wait for one another. Ctrl-C ends a process without a word.

    A process whose parent was killed waits for its next job for ever; this one leaves with it.
    """
    threadpool_limits(threads)
    if torch := sys.modules.get("torch"):  # it counts its threads itself
        torch.set_num_threads(threads)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    Thread(target=leave_with_parent, daemon=True).start()
    HELD.extend(held)


def leave_with_parent() -> None:
    wait([parent_process().sentinel])
    os._exit(1)


def do(*job: object) -> object:
    work, shared = HELD
    return work(shared, *job)


def processes(wanted: int | None = None) -> int:
    """How many make sections, unless fewer are wanted: one for each core, at most two."""
    return min(wanted or os.cpu_count() or 1, MOST_SECTIONS)


def make_sections(makers: Sequence[Callable], results, count: int = 1) -> list:
    """A section of each maker (results -> Section or None), in their order, its figures drawn; None if not measured."""
    jobs = [(make,) for make in makers]
    try:
        return list(in_processes(make_section, results, jobs, count))
    except BrokenProcessPool:
        print("report: one of its processes was ended, perhaps for want of memory; one goes on alone")
        return list(in_processes(make_section, results, jobs, 1))


def make_section(results, make: Callable):
    section = make(results)
    if section is None or not section.pictures:
        return None
    return replace(section, pictures=[picture.drawn() for picture in section.pictures])
