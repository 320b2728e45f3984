"""Loss while training, held against the entropy bound of the text."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import sentence
from eval.page.reading import Results, is_base, listed
from eval.page.section import Section, picture
from eval.page.words import decimals, plural


def section(results: Results) -> Section | None:
    models, bound = listed(results.summary.get("models")), results.corpus.get("entropy_bound_nats_per_token")
    drawn = panels(models, bound)
    if not drawn:
        return None
    base = next((m.get("held_out_loss") for m in models if is_base(m)), None)
    dashed = (
        " Dashed: the code length of the program that wrote the text, an upper bound on its entropy; a model may come "
        "out slightly below it."
        if bound
        else ""
    )
    return Section(
        question="training",
        row="Training objective",
        title="How close to the text's own entropy does training come?",
        says=sentence(
            "The base model ends at {base} nats per token of held-out text{bound}.",
            base=None if base is None else decimals(base),
            bound=f"; the program that wrote it needs {decimals(bound)}" if bound else "",
        ),
        pictures=picture("loss-curves", "Loss while training, against tokens", drawn, front=1),
        how_to_read=f"Thin: training loss; thick, with markers: loss on held-out text.{dashed}",
        n=plural(len(models), "training"),
        test="None: a description.",
        pitfall="The two panels count different text, so their heights do not compare.",
    )


def panels(models: Sequence[dict], bound: float | None) -> dict[str, Figure]:
    """Pretraining and tuning, each by itself."""
    with_curves = [m for m in models if m.get("loss_curve") or m.get("held_out_curve")]
    shown = {"Pretraining": ([m for m in with_curves if is_base(m)], bound),
             "Instruction tuning": ([m for m in with_curves if not is_base(m)], None)}  # fmt: skip
    return {title: panel(title, *some) for title, some in shown.items() if some[0]}


def panel(title: str, models: Sequence[dict], bound: float | None) -> Figure:
    in_tokens = tokens_known(models)
    words = {"xlabel": "tokens (millions)" if in_tokens else "steps", "ylabel": "loss (nats per token)"}
    drawing, axes = figures.panel(3.4, title=title, **words)
    for model in models:
        draw_curves(axes, model, int(in_tokens))
    if bound:
        axes.axhline(bound, color=figures.INK, linestyle="--", linewidth=1.2, label="entropy bound of the text")
    axes.set(ylim=(0, None))
    axes.grid(axis="y")
    figures.legend_below(drawing, axes, 1)
    return drawing


def tokens_known(models: Sequence[dict]) -> bool:
    """Where steps differ in size nobody says how many tokens a step has."""
    return all(point[1] for model in models for point in (model.get("held_out_curve") or [])[-1:])


def draw_curves(axes, model: dict, column: int) -> None:
    name = str(model.get("name", "model"))
    paint = figures.colour(name)
    if train := thinned(model.get("loss_curve"), column):
        axes.plot(*train, color=paint, alpha=0.45, linewidth=1, label=f"{figures.model_name(name)}, training")
    if held_out := thinned(model.get("held_out_curve"), column):
        axes.plot(*held_out, color=paint, linewidth=2, marker=figures.marker(name), markersize=4,
                  label=f"{figures.model_name(name)}, held out")  # fmt: skip


def thinned(curve: Sequence | None, column: int = 1, points: int = 300) -> tuple[np.ndarray, np.ndarray] | None:
    """[[step, tokens, loss], ...] -> (millions of tokens, or steps; loss), at most about 300 points."""
    if not curve:
        return None
    curve = np.asarray(curve, float)[:: max(1, len(curve) // points)]
    return curve[:, column] / (1e6 if column else 1), curve[:, 2]
