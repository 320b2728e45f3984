"""Timing of work that can be repeated, and of steps that follow each other."""

import time
from collections.abc import Callable
from itertools import pairwise
from statistics import median

WARM_UP = 3  # steps: the first compiles, the next fetch the memory that all later ones keep
LEAST = 3  # timed steps, however long they take


def timings(work: Callable[[], object], seconds: float, least: int = 5) -> list[float]:
    """Seconds of each repetition of `work`, for about `seconds` in all, after one that does not count."""
    work()
    found = []
    while len(found) < least or sum(found) < seconds:
        started_at = time.perf_counter()
        work()
        found.append(time.perf_counter() - started_at)
    return found


def pace(ends: list[float], tokens_per_step: float) -> dict[str, float]:
    """What the times at which steps ended say, the first entry being the start.

    >>> pace([0, 20, 22, 23, 24, 25, 26], tokens_per_step=4000)
    {'tokens_per_second': 4000.0, 'step_seconds': 1, 'start_up_seconds': 20}

    The rate is that of the steps after the warm-up, all of them together; the start-up is what the steps of the warm-up
    took beyond as many later ones: compilation, mostly.
    """
    steps = [after - before for before, after in pairwise(ends)]
    timed = steps[WARM_UP:] or steps
    typical = median(timed)
    return {
        "tokens_per_second": tokens_per_step * len(timed) / sum(timed),
        "step_seconds": typical,
        "start_up_seconds": sum(steps[:WARM_UP]) - len(steps[:WARM_UP]) * typical,
    }


def seconds_to(loss: float, curve: list[list[float]]) -> float | None:
    """When a curve of [step, seconds, loss] first comes down to a loss, on straight lines; None if it never does.

    >>> seconds_to(2.0, [[0, 0.0, 4.0], [10, 8.0, 3.0], [20, 16.0, 1.0]])
    12.0
    """
    if curve[0][2] <= loss:
        return curve[0][1]
    for (_, before, high), (_, after, low) in pairwise(curve):
        if low <= loss:
            return before + (after - before) * (high - loss) / (high - low)
    return None
