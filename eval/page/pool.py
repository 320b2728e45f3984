"""Sections made: their rows counted, their figures drawn; several at once where there are several processors."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import get_context

from eval.page.reading import Results
from eval.page.section import Section
from eval.worker import settle

Maker = Callable[[Results], Section | None]
MOST_PROCESSES = 2  # each holds the whole table
HELD: list[Results] = []  # in a process of the pool: what its sections are about


def processes(wanted: int | None = None) -> int:
    """How many make sections, unless fewer are wanted: one for each core, at most two."""
    return min(wanted or os.cpu_count() or 1, MOST_PROCESSES)


def make_sections(makers: Sequence[Maker], results: Results, count: int = 1) -> list[Section | None]:
    """A section of each maker, in their order, its figures drawn; None of what was not measured."""
    if count > 1:
        try:
            with ProcessPoolExecutor(count, get_context("spawn"), hold, (results, count)) as pool:
                return list(pool.map(make_of_held, makers))
        except BrokenProcessPool:
            print("report: one of its processes was ended, perhaps for want of memory; one goes on alone")
    return [make_section(make, results) for make in makers]


def hold(results: Results, count: int) -> None:
    settle(max(1, (os.cpu_count() or 1) // count))
    HELD.append(results)


def make_of_held(make: Maker) -> Section | None:
    return make_section(make, HELD[0])


def make_section(make: Maker, results: Results) -> Section | None:
    section = make(results)
    if section is None or not section.pictures:
        return None
    return replace(section, pictures=[picture.drawn() for picture in section.pictures])
