"""The signature of the objective: the loss of each model on each type of text."""

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from eval import figures
from eval.claims import is_answer, is_web_text
from eval.page.counting import asked, of_first_run, sentence
from eval.page.reading import Results
from eval.page.section import Section, Table, picture
from eval.page.words import percent, signed_decimals
from eval.results import group, in_order, role


def section(results: Results) -> Section | None:
    rows = results.of("loss_matrix", metric="nll")
    if not rows:
        return None
    return Section(
        question="loss_matrix",
        row="Training objective",
        title="Which text does each model predict better?",
        says=said(rows),
        pictures=picture(
            "loss-matrix", "Loss of each model on each type of text, against base", figure(rows), themed=False
        ),
        how_to_read="Blue: base predicts this text better; orange: the tuned model does. Nats per token on held-out "
        "text; large: change against base, small: the loss itself. The shade grows with the root of the change.",
        n=asked(rows, "document"),
        test="Paired by document; interval of the relative difference from a bootstrap over documents.",
        pitfall="An average over all types would hide that tuning loses on one side and gains on the other. The "
        "objective itself is the same cross-entropy; what changes is the text and which of its tokens count.",
        tables=[table(rows)],
    )


def nats(rows: Sequence[dict]) -> float | None:
    tokens = sum(row["n_tokens"] for row in rows)
    return sum(row["value"] for row in rows) / tokens if tokens else None


def said(rows: Sequence[dict]) -> str:
    told = {}
    for what, wanted in (("web", is_web_text), ("answers", is_answer)):
        some = list(filter(wanted, rows))
        base, tuned = nats(of_first_run(some, "base")), nats(of_first_run(some, "sft"))
        change = None if not base or tuned is None else tuned / base - 1
        told[what] = None if change is None else f"{percent(abs(change))} {'higher' if change > 0 else 'lower'}"
    return sentence(
        "Against the base model the instruct model's loss is {web} on web text and {answers} on an assistant's "
        "answers.",
        **told,
    )


def loss_table(rows: Sequence[dict]) -> tuple[list[str], list[str], np.ndarray]:
    """Models, text types and nats per token (models, types); types where tuning hurts most come first."""
    cells = {key: nats(cell) for key, cell in group(rows, "model", "category").items()}
    models = in_order(sorted({model for model, _ in cells}))
    types = sorted({category for _, category in cells})
    table = np.array([[cells.get((model, category)) for category in types] for model in models], float)
    order = np.argsort(-np.nan_to_num(mean_change(models, table)), kind="stable")
    return models, [types[place] for place in order], table[:, order]


def mean_change(models: Sequence[str], table: np.ndarray) -> np.ndarray:
    """Change against base of each text type, averaged over the tuned models: (types,)."""
    tuned = [place for place, model in enumerate(models) if role(model) != "base"]
    return against_base(models, table)[tuned].mean(axis=0) if tuned else np.zeros(table.shape[-1])


def against_base(models: Sequence[str], table: np.ndarray) -> np.ndarray:
    """Each row minus the row of the base model of its run."""
    bases = {model.rpartition("/")[0]: table[i] for i, model in enumerate(models) if role(model) == "base"}
    none = np.full(table.shape[-1], np.nan)
    return np.array([table[i] - bases.get(model.rpartition("/")[0], none) for i, model in enumerate(models)])


def figure(rows: Sequence[dict]) -> Figure:
    """Types of text are lines and models columns, so that it stays narrow however many types there are."""
    models, types, table = loss_table(rows)
    change = against_base(models, table)
    drawing = Figure(figsize=(1.7 + 1.15 * len(models), 0.9 + 0.42 * len(types)))
    axes = drawing.subplots()
    reach = max(0.1, float(np.nanmax(np.abs(change), initial=0)))
    # Roots, so that one line that changes much does not bleach all the others.
    shade = np.sign(change) * np.sqrt(np.abs(change) / reach)
    shade[[role(model) == "base" for model in models]] = np.nan  # no shade, so that it stands on the page itself
    axes.pcolormesh(shade.T, cmap=diverging(), vmin=-1, vmax=1, edgecolor="white", linewidth=2)
    for x, model in enumerate(models):
        for y in range(len(types)):
            write_cell(axes, x, y, table[x, y], None if role(model) == "base" else change[x, y], reach)
    axes.set_yticks(np.arange(len(types)) + 0.5, types)
    axes.set_xticks(np.arange(len(models)) + 0.5, [figures.model_name(model).replace(" (", "\n(") for model in models])
    axes.tick_params(length=0, top=False, labeltop=True, bottom=False, labelbottom=False)
    axes.invert_yaxis()
    axes.spines[:].set_visible(False)
    return drawing


def diverging() -> LinearSegmentedColormap:
    """Blue where the base model predicts better, orange where the tuned model does."""
    return LinearSegmentedColormap.from_list("loss", ["#D55E00", "#F6C9A0", "#F2F2F0", "#A9CCE3", "#0072B2"])


def write_cell(axes, x: int, y: int, loss: float, change: float | None, reach: float) -> None:
    if not np.isfinite(loss):
        return
    if change is None or not np.isfinite(change):
        # the base model's column has no shade: the colour of the page's text
        axes.text(x + 0.5, y + 0.5, f"{loss:.2f}", ha="center", va="center", color=figures.INK)
        return
    ink = "white" if abs(change) > 0.6 * reach else "#1d1d1f"
    axes.text(x + 0.5, y + 0.4, signed_decimals(change), ha="center", va="center", color=ink)
    axes.text(x + 0.5, y + 0.78, f"{loss:.2f}", ha="center", va="center", color=ink, fontsize=8)


def table(rows: Sequence[dict]) -> Table:
    lines = []
    for (category, model), cell in sorted(group(rows, "category", "model").items()):
        loss, size = nats(cell), sum(row["meta"].get("bytes", 0) for row in cell)
        bits = f"{sum(row['value'] for row in cell) / np.log(2) / size:.3f}" if size else "–"
        lines.append((category, figures.model_name(model), "–" if loss is None else f"{loss:.3f}", bits,
                      str(len({row["item_id"] for row in cell}))))  # fmt: skip
    return Table(("Text", "Model", "Nats per token", "Bits per byte", "Documents"), lines)
