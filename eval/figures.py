"""The figures of the report: drawn with matplotlib, given out as SVG for the page, as PNG for Markdown.

Colours: base blue, instruct orange, LoRA pink (from Okabe and Ito's palette, which colour-blind readers can
tell apart), each with its own marker; hollow markers and dotted intervals for raw prompts, filled ones for
the chat form.
"""

import io
import re
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from eval.results import group, in_order, role, select
from eval.stats import Estimate, rate

COLOURS = {"base": "#0072B2", "sft": "#D55E00", "sft-lora": "#CC79A7", "dpo": "#009E73", "rl": "#7B5EA7"}
MARKERS = {"base": "o", "sft": "s", "sft-lora": "D", "dpo": "^", "rl": "v"}
NAMES = {"base": "base", "sft": "instruct", "sft-lora": "instruct (LoRA)", "dpo": "DPO", "rl": "RL"}
FORMS = {"raw": "raw text", "chat": "chat form", "few": "with examples"}
# Blue for carrying a text on, orange for answering it: the colours of the models that are claimed to do so.
CENSUS = {
    "answers": "#E69F00", "refuses": "#CC79A7", "continues document": "#0072B2",
    "asks another question": "#56B4E9",
    "other speaker replies": "#009E73", "repeats": "#A8A8A8", "unparseable": "#6B6B6B",
}  # fmt: skip
LIGHT = ("answers", "asks another question", "repeats", "refuses")  # classes that dark figures stand out on
INK = "#123456"  # stands for the colour of the surrounding text, which is only known on the page
STYLE = {
    "svg.fonttype": "none", "svg.hashsalt": "report", "text.parse_math": False, "font.size": 10,
    "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK, "axes.edgecolor": INK,
    "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 10.5, "axes.titleweight": "bold",
    "axes.titlelocation": "left", "legend.frameon": False, "savefig.transparent": True, "grid.color": INK,
    "grid.alpha": 0.15, "axes.axisbelow": True, "figure.constrained_layout.use": True,
}  # fmt: skip


def model_name(model: str) -> str:
    """Example: model_name("spaced/sft") == "spaced: instruct"."""
    run = model.rpartition("/")[0]
    name = NAMES.get(role(model), role(model))
    return f"{run}: {name}" if run else name


def colour(model: str) -> str:
    return COLOURS.get(role(model), "#888888")


def combinations(rows: Sequence[dict]) -> list[tuple[str, str]]:
    """(model, prompt form) in the order in which every figure shows them."""
    forms = {form: place for place, form in enumerate(FORMS)}
    pairs = {(row["model"], row["condition"]) for row in rows}
    models = in_order(sorted(model for model, _ in pairs))
    return sorted(pairs, key=lambda pair: (models.index(pair[0]), forms.get(pair[1], 9), pair[1]))


def label(model: str, condition: str) -> str:
    return " · ".join(filter(None, (model_name(model), FORMS.get(condition, condition))))


# --- loss while training


def loss_curves(models: Sequence[dict], bound: float | None = None) -> Figure | None:
    """Training loss (thin) and held-out loss (thick) against tokens: pretraining left, tuning right."""
    panels = [
        ("Pretraining", [m for m in models if is_base(m) and has_curve(m)]),
        ("Instruction tuning", [m for m in models if not is_base(m) and has_curve(m)]),
    ]
    panels = [(title, shown) for title, shown in panels if shown]
    if not panels:
        return None
    figure = Figure(figsize=(4.6 * len(panels) + 0.4, 3.3))
    for axes, (title, shown) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        named = set()
        for model in shown:
            draw_curves(axes, model, first=model.get("name") not in named)
            named.add(model.get("name"))
        if bound and title == "Pretraining":
            axes.axhline(bound, color=INK, linestyle="--", linewidth=1.2)
            axes.annotate("entropy bound of the text", (1, bound), xycoords=("axes fraction", "data"),
                          xytext=(0, -4), textcoords="offset points", ha="right", va="top",
                          fontsize=9)  # fmt: skip
        axes.set(title=title, xlabel="tokens (millions)", ylabel="loss (nats per token)", ylim=(0, None))
        axes.grid(axis="y")
        axes.legend(fontsize=9)
    return figure


def is_base(model: dict) -> bool:
    return role(str(model.get("stage") or model.get("name"))) == "base"


def has_curve(model: dict) -> bool:
    return len(model.get("loss_curve") or []) + len(model.get("held_out_curve") or []) > 0


def draw_curves(axes, model: dict, first: bool) -> None:
    name = str(model.get("name", "model"))
    paint = colour(name)
    labels = [f"{model_name(name)}, {what}" if first else None for what in ("training", "held out")]
    if train := thinned(model.get("loss_curve")):
        axes.plot(*train, color=paint, alpha=0.45, linewidth=1, label=labels[0])
    if held_out := thinned(model.get("held_out_curve")):
        marker = MARKERS.get(role(name), "o")
        axes.plot(*held_out, color=paint, linewidth=2, marker=marker, markersize=4, label=labels[1])


def thinned(curve: Sequence | None, points: int = 300) -> tuple[np.ndarray, np.ndarray] | None:
    """[[step, tokens, loss], ...] -> (millions of tokens, loss), at most about 300 points."""
    if not curve:
        return None
    curve = np.asarray(curve, float)[:: max(1, len(curve) // points)]
    return curve[:, 1] / 1e6, curve[:, 2]


# --- the loss matrix


def loss_table(rows: Sequence[dict]) -> tuple[list[str], list[str], np.ndarray]:
    """Models, text types and nats per token (models, types); types where tuning hurts most come first."""
    cells = {
        key: sum(row["value"] for row in cell) / max(1, sum(row["n_tokens"] for row in cell))
        for key, cell in group(select(rows, metric="nll"), "model", "arm").items()
    }
    models = in_order(sorted({model for model, _ in cells}))
    types = sorted({arm for _, arm in cells})
    table = np.array([[cells.get((model, arm), np.nan) for arm in types] for model in models])
    order = np.argsort(-np.nan_to_num(mean_change(models, table)), kind="stable")
    return models, [types[place] for place in order], table[:, order] if models else table


def mean_change(models: Sequence[str], table: np.ndarray) -> np.ndarray:
    """Change against base of each text type, averaged over the tuned models: (types,)."""
    tuned = [place for place, model in enumerate(models) if role(model) != "base"]
    return against_base(models, table)[tuned].mean(axis=0) if tuned else np.zeros(table.shape[-1])


def against_base(models: Sequence[str], table: np.ndarray) -> np.ndarray:
    """Each row minus the row of the base model of its run."""
    bases = {model.rpartition("/")[0]: table[i] for i, model in enumerate(models) if role(model) == "base"}
    none = np.full(table.shape[-1], np.nan)
    return np.array([table[i] - bases.get(model.rpartition("/")[0], none) for i, model in enumerate(models)])


def loss_matrix(rows: Sequence[dict]) -> Figure | None:
    """Change of the loss against base (colour, large) and the loss itself (small), for each text type."""
    models, types, table = loss_table(rows)
    if not models:
        return None
    change = against_base(models, table)
    figure = Figure(figsize=(max(5.0, 1.7 + 0.82 * len(types)), 1.5 + 0.62 * len(models)))
    axes = figure.subplots()
    reach = max(0.1, float(np.nanmax(np.abs(change), initial=0)))
    # Roots, so that one column that changes much does not bleach all the others.
    shade = np.sign(change) * np.sqrt(np.abs(change) / reach)
    axes.pcolormesh(shade, cmap=diverging(), vmin=-1, vmax=1, edgecolor="white", linewidth=2)
    for y, model in enumerate(models):
        for x in range(len(types)):
            write_cell(axes, x, y, table[y, x], None if role(model) == "base" else change[y, x], reach)
    axes.set_xticks(np.arange(len(types)) + 0.5, types, rotation=30, ha="left", rotation_mode="anchor")
    axes.set_yticks(np.arange(len(models)) + 0.5, [model_name(model) for model in models])
    axes.tick_params(length=0, top=False, labeltop=True, bottom=False, labelbottom=False)
    axes.invert_yaxis()
    axes.spines[:].set_visible(False)
    return figure


def diverging() -> LinearSegmentedColormap:
    """Blue where the base model predicts better, orange where the tuned model does."""
    return LinearSegmentedColormap.from_list("loss", ["#D55E00", "#F6C9A0", "#F2F2F0", "#A9CCE3", "#0072B2"])


def write_cell(axes, x: int, y: int, loss: float, change: float | None, reach: float) -> None:
    if not np.isfinite(loss):
        return
    ink = "white" if change is not None and abs(change) > 0.6 * reach else "#1d1d1f"
    if change is None or not np.isfinite(change):
        axes.text(x + 0.5, y + 0.5, f"{loss:.2f}", ha="center", va="center", color=ink)
        return
    axes.text(x + 0.5, y + 0.4, f"{change:+.2f}".replace("-", "−"), ha="center", va="center", color=ink)
    axes.text(x + 0.5, y + 0.76, f"{loss:.2f}", ha="center", va="center", color=ink, fontsize=8)


# --- the census of response types


def census_shares(rows: Sequence[dict]) -> dict[str, float]:
    """Share of each response type among some rows, in the order of the legend; unknown types come last."""
    types = [str(row["meta"].get("response_type", "unparseable")) for row in rows]
    known = [*CENSUS, *sorted(set(types) - set(CENSUS))]
    return {kind: types.count(kind) / len(types) for kind in known if kind in types}


def census(rows: Sequence[dict]) -> Figure | None:
    """A panel for each prompt type; in it a bar for each model and prompt form, divided by response type."""
    rows = select(rows, metric="response_type")
    prompts = sorted({row["arm"] for row in rows}, key=prompt_place)
    if not prompts:
        return None
    bars = {prompt: combinations(select(rows, arm=prompt)) for prompt in prompts}
    heights = [len(bars[prompt]) + 0.9 for prompt in prompts]
    figure = Figure(figsize=(8.4, 0.9 + 0.34 * sum(heights)))
    panels = figure.subplots(len(prompts), 1, squeeze=False, sharex=True, height_ratios=heights)[:, 0]
    for axes, prompt in zip(panels, prompts, strict=True):
        draw_census(axes, select(rows, arm=prompt), bars[prompt])
        axes.set_title(prompt)
    panels[-1].set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    seen = dict(pair for axes in panels for pair in zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    shown = [kind for kind in CENSUS if kind in seen] + [kind for kind in seen if kind not in CENSUS]
    figure.legend([seen[kind] for kind in shown], shown, loc="outside lower center", ncols=4, fontsize=9)
    return figure


PROMPTS = ("question", "instruction", "stem", "capital stem", "story opening", "chat log")


def prompt_place(prompt: str) -> tuple:
    return (PROMPTS.index(prompt) if prompt in PROMPTS else len(PROMPTS), prompt)


def draw_census(axes, rows: Sequence[dict], bars: list[tuple[str, str]]) -> None:
    for y, (model, condition) in enumerate(bars):
        left = 0.0
        for kind, share in census_shares(select(rows, model=model, condition=condition)).items():
            paint = CENSUS.get(kind, "#333333")
            axes.barh(y, share, left=left, height=0.74, color=paint, edgecolor="white", linewidth=0.8, label=kind)
            if share >= 0.09:
                ink = "#1d1d1f" if kind in LIGHT else "white"
                axes.text(left + share / 2, y, f"{share:.0%}", ha="center", va="center", fontsize=8.5, color=ink)
            left += share
    axes.set_yticks(range(len(bars)), [label(*bar) for bar in bars])
    axes.set(xlim=(0, 1), ylim=(len(bars) - 0.5, -0.5))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


# --- rates with their intervals


def rates(rows: Sequence[dict], by: str = "", panels: str = "") -> Figure | None:
    """Dots with Wilson intervals: a line for each model and prompt form.

    by: a column of the table whose values become headings; panels: one whose values get a panel each.
    """
    if not rows:
        return None
    names = sorted({row[panels] for row in rows}) if panels else [""]
    shown = [(name, select(rows, **{panels: name}) if panels else rows) for name in names]
    lines = list(headed_lines(rows, by))
    figure = Figure(figsize=(8.4, 0.75 + 0.27 * len(lines)))
    every = figure.subplots(1, len(shown), squeeze=False)[0]
    for axes, (name, some) in zip(every, shown, strict=True):
        for y, (heading, pair) in enumerate(lines):
            if pair:
                chosen = select(some, model=pair[0], condition=pair[1], **({by: heading} if by else {}))
                draw_rate(axes, y, pair, chosen)
        axes.set_title(name.replace("_", " "))
        finish_rates(axes, lines, first=axes is every[0], ticks=5 if len(shown) == 1 else 3)
    return figure


def headed_lines(rows: Sequence[dict], by: str) -> Iterable[tuple[str, tuple[str, str] | None]]:
    """(heading, None) and (heading, (model, prompt form)) from top to bottom."""
    for heading in sorted({row[by] for row in rows}, key=prompt_place) if by else [""]:
        if by:
            yield heading, None
        for pair in combinations(select(rows, **({by: heading} if by else {}))):
            yield heading, pair


def draw_rate(axes, y: float, pair: tuple[str, str], rows: Sequence[dict]) -> None:
    """A dot with its interval; each training faintly behind it where there are several."""
    if not rows:
        return
    model, condition = pair
    found, paint = rate(rows), colour(model)
    if candidates := rows[0]["meta"].get("candidates"):
        axes.plot(1 / candidates, y, "|", color=INK, alpha=0.5, markersize=11)
    each = [rate(some).value for some in group(rows, "seed").values()]
    if len(each) > 1:
        axes.plot(each, [y] * len(each), "|", color=paint, alpha=0.6)
    line, face = (":", "none") if condition == "raw" else ("-", paint)
    axes.plot([found.low, found.high], [y, y], color=paint, linewidth=1.8, linestyle=line)
    axes.plot(found.value, y, MARKERS.get(role(model), "o"), color=paint, markerfacecolor=face, markersize=7,
              markeredgewidth=1.6)  # fmt: skip


def finish_rates(axes, lines: Sequence, first: bool, ticks: int) -> None:
    axes.set(xlim=(-0.02, 1.02), ylim=(len(lines) - 0.4, -0.6))
    names = [label(*pair) if pair else heading for heading, pair in lines]
    axes.set_yticks(range(len(lines)), names if first else [""] * len(names))
    for tick, (_, pair) in zip(axes.get_yticklabels(), lines, strict=True):
        tick.set_fontweight("normal" if pair else "bold")
    places = np.linspace(0, 1, ticks)
    axes.set_xticks(places, [f"{100 * place:.0f} %" for place in places])
    axes.grid(axis="x")
    axes.spines[["left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)


def rate_lines(rows: Sequence[dict], *columns: str) -> list[dict]:
    """The numbers behind a figure of rates: one line for each model, prompt form and value of the columns."""
    lines = []
    for model, condition in combinations(rows):
        for key, some in group(select(rows, model=model, condition=condition), *columns).items():
            found: Estimate = rate(some)
            lines.append({"of": " · ".join(filter(None, key)), "who": label(model, condition), "rate": found})
    return sorted(lines, key=lambda line: line["of"])


# --- giving them out


def svg(figure: Figure, name: str, alt: str, themed: bool) -> str:
    """An inline SVG: text takes the font and colour of the page, ids begin with the name, nothing is dated.

    themed: the colours of the models become variables of the style sheet, lighter on a dark page.
    """
    buffer = io.StringIO()
    with matplotlib.rc_context(STYLE):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<style[^>]*>.*?</style>|<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r' xmlns(:xlink)?="[^"]*"', "", text).replace("xlink:href", "href")
    text = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", text).replace(INK, "currentColor")
    if themed:
        for model, paint in COLOURS.items():
            text = text.replace(paint.lower(), f"var(--{model})")
    text = re.sub(r"(font(?:-family)?: [^;\"]*?)'DejaVu Sans'[^;\"]*", r"\1inherit-family", text)
    text = text.replace("inherit-family", "system-ui, sans-serif")
    return text.replace("<svg ", f'<svg role="img" aria-label="{escape(alt)}" ', 1).strip()


def png(figure: Figure, path: Path) -> None:
    """A PNG on white, which a code host shows in light and dark mode alike."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with matplotlib.rc_context(STYLE | {"savefig.transparent": False}):
        figure.savefig(path, dpi=130, facecolor="white", metadata={"Software": None})


def drawn(make, *arguments, **options) -> Figure | None:
    """Draw in the style of the report, without changing matplotlib for anyone else."""
    with matplotlib.rc_context(STYLE):
        return make(*arguments, **options)
