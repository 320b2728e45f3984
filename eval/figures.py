"""What all figures of the report share: colours, marks, dots with intervals, curves; SVG for the page, PNG beside it.

Colours: base blue, instruct orange, LoRA pink (from Okabe and Ito's palette, which colour-blind readers can
tell apart), each with its own marker; hollow markers and dotted lines for raw prompts, filled ones for
the chat form. The figures themselves stand beside their words, in the show.py of each question.
"""

import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from configs.pipeline.stages import STAGES, causal_models
from eval.results import group, in_order, role, select
from eval.stats import Estimate, rate

FORMS = {"raw": "raw text", "few": "with examples", "urial": "with model answers", "chat": "chat form"}
INK = "#123456"  # stands for the colour of the surrounding text, which is only known on the page
LEVELS = ("known", "held_out", "seen", "unseen")  # in this order
WIDE, PANEL = 4.6, 3.6  # inches; as wide as a phone allows, panels stand beside each other where there is room
matplotlib.rcParams.update({
    "svg.fonttype": "none", "svg.hashsalt": "report", "text.parse_math": False, "font.size": 10,
    "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK, "axes.edgecolor": INK,
    "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 10.5, "axes.titleweight": "bold",
    "axes.titlelocation": "left", "legend.frameon": False, "savefig.transparent": True, "grid.color": INK,
    "grid.alpha": 0.15, "axes.axisbelow": True, "figure.constrained_layout.use": True,
})  # fmt: skip


def model_name(model: str) -> str:
    """Example: model_name("spaced/sft") == "spaced: instruct"."""
    run = model.rpartition("/")[0]
    name = STAGES[role(model)].label if role(model) in STAGES else role(model)
    return f"{run}: {name}" if run else name


def colour(model: str) -> str:
    return STAGES[role(model)].colour if role(model) in STAGES else "#888888"


def marker(model: str) -> str:
    return STAGES[role(model)].marker if role(model) in STAGES else "o"


def combinations(rows: Sequence[dict]) -> list[tuple[str, str]]:
    """(model, prompt form) in the order in which every figure shows them."""
    pairs = {(row["model"], row["condition"]) for row in rows}
    models = in_order(sorted(model for model, _ in pairs))
    return sorted(pairs, key=lambda pair: (models.index(pair[0]), form_place(pair[1])))


def form_place(form: str) -> tuple:
    order = tuple(FORMS)
    return (order.index(form) if form in order else len(order), form)


def width_for(pairs: Iterable[tuple[str, str]]) -> float:
    """Inches of a figure with these labels beside it: names of runs may be long."""
    return WIDE + 0.08 * max(0, max(len(label(*pair)) for pair in pairs) - 27)


def label(model: str, condition: str) -> str:
    return " · ".join(filter(None, (model_name(model), FORMS.get(condition, condition))))


# --- rates with their intervals


def rates(
    rows: Sequence[dict],
    by: str = "",
    order: Sequence[str] = (),
    reference: Callable[[dict], float | None] | None = None,
) -> Figure | None:
    """Dots with Wilson intervals: a line for each model and prompt form.

    by: a column of the table whose values become headings; order: values of `by` that come first; reference: what a
    row is held against, a stroke (otherwise chance, where it is known).
    """
    if not rows:
        return None
    lines = list(headed_lines(rows, by, order))
    figure = Figure(figsize=(width_for(combinations(rows)), 0.75 + 0.27 * len(lines)))
    axes = figure.subplots()
    found = group(rows, "model", "condition", by) if by else group(rows, "model", "condition")
    for y, (heading, pair) in enumerate(lines):
        if pair:
            draw_rate(axes, y, pair, found[(*pair, heading) if by else pair], reference or chance)
    finish_rates(axes, lines)
    return figure


def rates_by(rows: Sequence[dict], panels: str, by: str = "") -> dict[str, Figure]:
    """The same, a panel for each value of a column."""
    names = sorted({row[panels] for row in rows}, key=placed(LEVELS))
    return titled({name.replace("_", " "): rates(select(rows, **{panels: name}), by) for name in names})


def titled(drawn: dict[str, Figure]) -> dict[str, Figure]:
    """Each with its name above it."""
    for title, figure in drawn.items():
        figure.axes[0].set_title(title)
    return drawn


def headed_lines(rows: Sequence[dict], by: str, order: Sequence[str]) -> Iterable[tuple[str, tuple | None]]:
    """(heading, None) and (heading, (model, prompt form)) from top to bottom."""
    for heading in sorted({row[by] for row in rows}, key=placed(order)) if by else [""]:
        if by:
            yield heading, None
        for pair in combinations(select(rows, **({by: heading} if by else {}))):
            yield heading, pair


def placed(order: Sequence[str]):
    """A sort key: what stands in `order` first, the rest by name."""
    return lambda name: (order.index(name) if name in order else len(order), name)


def chance(row: dict) -> float | None:
    """One in the number of answers there are to choose from."""
    candidates = row["meta"].get("candidates")
    return 1 / candidates if candidates else None


def draw_rate(axes, y: float, pair: tuple[str, str], rows: Sequence[dict], reference: Callable) -> None:
    """A dot with its interval; each training faintly behind it where there are several."""
    model, condition = pair
    found, paint = rate(rows), colour(model)
    if (expected := reference(rows[0])) is not None:
        axes.plot(expected, y, "|", color=INK, alpha=0.6, markersize=11, markeredgewidth=1.6)
    each = [rate(some).value for some in group(rows, "seed").values()]
    if len(each) > 1:
        axes.plot(each, [y] * len(each), "|", color=paint, alpha=0.6)
    whisker(axes, y, found, paint, marker(model), condition == "raw", linewidth=1.8, markersize=7, markeredgewidth=1.6)


def whisker(axes, y: float, found: Estimate, paint: str, mark: str, hollow: bool = False, linewidth: float = 1.6,
            **look) -> None:  # fmt: skip
    """A mark with its interval; hollow with a dotted line where asked."""
    axes.plot([found.low, found.high], [y, y], color=paint, linewidth=linewidth, linestyle=":" if hollow else "-")
    axes.plot(found.value, y, mark, color=paint, markerfacecolor="none" if hollow else paint,
              **{"markersize": 6} | look)  # fmt: skip


def named_lines(axes, names: Sequence[str], headings: dict[int, str] | None = None, margin: float = 0.6) -> None:
    """A line for each name, the first on top; headings: place -> what stands in bold where there is no mark."""
    axes.set(ylim=(len(names) - 1 + margin, -margin))
    axes.set_yticks(range(len(names)), names)
    for y, heading in (headings or {}).items():
        axes.text(0, y, heading, transform=axes.get_yaxis_transform(), va="center", fontweight="bold")
    axes.grid(axis="x")
    axes.spines[["left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)


def finish_rates(axes, lines: Sequence[tuple[str, tuple | None]]) -> None:
    headings = {y: heading for y, (heading, pair) in enumerate(lines) if not pair}
    named_lines(axes, [label(*pair) if pair else "" for _, pair in lines], headings)
    percent_axis(axes.xaxis)


def percent_axis(axis, ticks: int = 5) -> None:
    """0 to 100 %, with room for a mark on either end."""
    places = np.linspace(0, 1, ticks)
    axis.set_ticks(places, [f"{100 * place:.0f} %" for place in places])
    axis.axes.set(**{f"{axis.axis_name}lim": (-0.03, 1.03)})


# --- curves


def panel(height: float = 3.3, width: float = PANEL, **options):
    """A figure of one panel and its axes; options: title, xlabel and whatever else axes can be set to."""
    figure = Figure(figsize=(width, height))
    return figure, figure.subplots(subplot_kw=options)


def curve(axes, xs: Sequence, found: Sequence[Estimate], model: str, solid: bool = True, **options) -> None:
    """A line of estimates with the band of their intervals; a dashed line with hollow marks where not solid."""
    paint = colour(model)
    values = [estimate.value for estimate in found]
    axes.fill_between(xs, [e.low for e in found], [e.high for e in found], color=paint, alpha=0.13, linewidth=0)
    style = {"marker": marker(model), "linestyle": "-" if solid else (0, (3, 1.6))} | options
    axes.plot(xs, values, color=paint, markerfacecolor=paint if solid else "none", linewidth=1.6, markersize=4.5,
              **style)  # fmt: skip


def reference_line(axes, xs: Sequence, values: Sequence[float], solid: bool = True, **options) -> None:
    """What an ideal reader, the corpus or chance would give: in the colour of the text, without marks."""
    axes.plot(xs, values, color=INK, linewidth=2, linestyle="-" if solid else (0, (3, 1.6)), **options)


def rate_curve_panel(title: str, ylabel: str, xlabel: str, height: float = 3.3):
    """A panel whose y axis runs from 0 to 100 %."""
    figure, axes = panel(height, title=title, xlabel=xlabel, ylabel=ylabel)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    percent_axis(axes.yaxis)
    axes.grid(axis="y")
    return figure, axes


def rate_curves(rows: Sequence[dict], by: str, *words: str, height: float = 3.0, ncols: int = 3) -> Figure:
    """A line of rates for each model over the numbers in a column; words: title, ylabel, xlabel."""
    figure, axes = rate_curve_panel(*words, height)
    for model in in_order(sorted({row["model"] for row in rows})):
        at = sorted((int(x), some) for (x,), some in group(select(rows, model=model), by).items())
        curve(axes, [x for x, _ in at], [rate(some) for _, some in at], model, label=model_name(model))
    legend_below(figure, axes, ncols)
    return figure


def legend_below(figure: Figure, axes, ncols: int = 2) -> None:
    """Every label once, under the panel."""
    handles, names = axes.get_legend_handles_labels()
    seen = dict(zip(names, handles, strict=True))
    figure.legend(seen.values(), seen.keys(), loc="outside lower left", ncols=ncols, fontsize=8.5,
                  handlelength=2.2, columnspacing=1.2)  # fmt: skip


# --- giving them out


@dataclass(frozen=True)
class Drawing:
    """A figure as it is given out, for the page and for code hosts."""

    svg: str
    png: bytes


def drawing(figure: Figure, alt: str, themed: bool) -> Drawing:
    """Both forms of a figure, whose parts find their places once."""
    return Drawing(svg(figure, alt, themed), png(figure))


def svg(figure: Figure, alt: str, themed: bool) -> str:
    """An inline SVG: text takes the font and colour of the page, nothing is dated.

    themed: the colours of the models become variables of the style sheet, lighter on a dark page.
    """
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    figure.set_layout_engine("none")  # its parts have found their places; the picture need not look for them again
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<style[^>]*>.*?</style>|<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r' xmlns(:xlink)?="[^"]*"', "", text).replace("xlink:href", "href")
    text = text.replace(INK, "currentColor")
    if themed:
        for model in causal_models():
            text = text.replace(STAGES[model].colour.lower(), f"var(--{model})")
    text = re.sub(r"(font(?:-family)?: [^;\"]*?)'DejaVu Sans'[^;\"]*", r"\1inherit-family", text)
    text = text.replace("inherit-family", "system-ui, sans-serif")
    # Its letters are ten points high: still to be read on a phone, never huge on a wide page.
    points = 72 * figure.get_figwidth()
    sizes = f"min-width:{0.85 * points:.0f}px;max-width:{1.6 * points:.0f}px"
    return text.replace("<svg ", f'<svg role="img" aria-label="{escape(alt)}" style="{sizes}" ', 1).strip()


def png(figure: Figure) -> bytes:
    """A PNG on white, which a code host shows in light and dark mode alike."""
    buffer = io.BytesIO()
    figure.set(dpi=130, facecolor="white")
    # savefig would draw twice, the first time to find a layout
    FigureCanvasAgg(figure).print_png(buffer, metadata={"Software": None})
    return buffer.getvalue()
