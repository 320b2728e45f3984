"""Sections made: their rows counted, their figures drawn; several at once where there are several processors."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import get_context

from eval.page.reading import Results
from eval.page.section import Section

Maker = Callable[[Results], Section | None]
HELD: list[Results] = []  # in a process of the pool: what its sections are about


def make_sections(makers: Sequence[Maker], results: Results, workers: int = 1) -> list[Section | None]:
    """A section of each maker, in their order, its figures drawn; None of what was not measured."""
    if workers > 1:
        try:
            with ProcessPoolExecutor(workers, get_context("spawn"), hold, (results,)) as pool:
                return list(pool.map(make_of_held, makers))
        except BrokenProcessPool:  # killed, likely for want of memory: one process needs less of it
            pass
    return [make_section(make, results) for make in makers]


def hold(results: Results) -> None:
    HELD.append(results)


def make_of_held(make: Maker) -> Section | None:
    return make_section(make, HELD[0])


def make_section(make: Maker, results: Results) -> Section | None:
    section = make(results)
    if section is None or not section.pictures:
        return None
    return replace(section, pictures=[picture.drawn() for picture in section.pictures])
