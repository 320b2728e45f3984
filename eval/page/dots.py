"""Lines of estimates: on each line one or several dots with their 95 % intervals, words on the left."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill

import numpy as np
from matplotlib.figure import Figure

from eval import figures
from eval.stats import Estimate


@dataclass(frozen=True)
class Dot:
    found: Estimate
    label: str  # in the legend
    colour: str
    marker: str
    hollow: bool = False
    offset: float = 0.0  # above (negative) or below the middle of the line
    bold: bool = False  # a ring around it

    @classmethod
    def of(cls, model: str, found: Estimate, label: str = "", **look) -> "Dot":
        """In the colour and shape of a model."""
        return cls(found, label or figures.model_name(model), figures.colour(model), figures.marker(model), **look)


HEADING = 36  # characters of a heading in one line: it stands above the marks and their notes


@dataclass(frozen=True)
class Line:
    label: str
    dots: Sequence[Dot] = ()  # none: the label is a heading
    reference: float | None = None  # a stroke: chance, a bound
    note: str = ""  # at the right end


def dot_lines(lines: Sequence[Line], low: float, high: float, ticks: Sequence[float], unit: str = "") -> Figure:
    """A figure whose horizontal axis runs from `low` to `high`; what lies beyond ends in an arrow.

    Ticks are written in hundredths: with a sign where no unit is given (points), else with that (" %").
    """
    longest = max(len(part) for line in lines for part in (line.label if line.dots else "").split("\n"))
    tall = 0.44 if any("\n" in line.label for line in lines) else 0.34
    beside = max(len(line.note) for line in lines)
    figure = Figure(figsize=(2.9 + 0.058 * (longest + beside), 0.95 + tall * len(lines)))
    axes = figure.subplots()
    figure.get_layout_engine().set(w_pad=0.1)
    axes.set(xlim=(low - 0.03 * (high - low), high + 0.03 * (high - low)))
    for y, line in enumerate(lines):
        if line.reference is not None:
            axes.plot([line.reference] * 2, [y - 0.35, y + 0.35], color=figures.INK, alpha=0.6, linewidth=1.6)
        for dot in line.dots:
            draw(axes, y + dot.offset, dot, low, high)
        if line.note:
            axes.text(1.02, y, line.note, transform=axes.get_yaxis_transform(), va="center", fontsize=9)
    headings = {y: fill(line.label, HEADING) for y, line in enumerate(lines) if not line.dots}
    figures.named_lines(axes, ["" if y in headings else line.label for y, line in enumerate(lines)], headings)
    axes.set_xticks(ticks, [tick_words(tick, unit) for tick in ticks])
    if low < 0:
        axes.axvline(0, color=figures.INK, linewidth=0.8, alpha=0.5)
    figures.legend_below(figure, axes)
    return figure


def tick_words(tick: float, unit: str) -> str:
    """Example: tick_words(0.5, "") == "+50", and tick_words(0.5, " %") == "50 %"."""
    return (f"{100 * tick:.0f}{unit}" if unit or not tick else f"{100 * tick:+.0f}").replace("-", "−")


def draw(axes, y: float, dot: Dot, low: float, high: float) -> None:
    """A dot with its interval, held within the axis; an arrow head stands for what lies beyond it."""
    inside = float(np.clip(dot.found.value, low, high))
    if np.isfinite(dot.found.low):
        ends = np.clip([dot.found.low, dot.found.high], low, high)
        axes.plot(ends, [y, y], color=dot.colour, linewidth=1.8, linestyle=":" if dot.hollow else "-")
        for end, beyond, head in ((low, dot.found.low < low, "<"), (high, dot.found.high > high, ">")):
            if beyond:
                axes.plot(end, y, head, color=dot.colour, markersize=6)
    if inside == dot.found.value:
        if dot.bold:
            axes.plot(inside, y, "o", color=figures.INK, markerfacecolor="none", markersize=14, markeredgewidth=1.2)
        axes.plot(inside, y, dot.marker, color=dot.colour, markerfacecolor="none" if dot.hollow else dot.colour,
                  markersize=7, markeredgewidth=1.6, linestyle="none", label=dot.label)  # fmt: skip
