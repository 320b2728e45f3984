"""Bits per byte: how well each model predicts whole texts, whatever tokens it reads them in."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import WHICH_MARK, asked, models, of_first_run, sentence
from eval.page.reading import Results
from eval.page.section import Section, Table, picture
from eval.page.words import decimals
from eval.results import group, select
from eval.stats import Estimate, ratio_difference


def section(results: Results) -> Section | None:
    rows = results.of("bits_per_byte", metric="bits")
    if not rows:
        return None
    base, tuned = (of_first_run(rows, model) for model in ("base", "sft"))
    return Section(
        question="bits_per_byte",
        row="Training objective",
        title="How many bits does a byte of text cost each model?",
        says=sentence(
            "Over all texts a byte costs the base model {base} bits, the tuned model {tuned}.",
            base=decimals(bits(base).value) if base else None,
            tuned=decimals(bits(tuned).value) if tuned else None,
        ),
        pictures=picture("bits-per-byte", "Bits per byte of each kind of text, by model", figure(rows)),
        how_to_read=f"Each mark is the mean of a kind of text with its 95 % interval; to the left: predicted better. "
        f"{WHICH_MARK}. Bits per byte do not depend on how a tokenizer cuts the text.",
        n=asked(rows, "text"),
        test="Bootstrap over texts.",
        pitfall="A few pages say little about all text, and a model may have read them: bring your own with CORPUS=.",
        tables=[table(rows)],
    )


def bits(rows: Sequence[dict]) -> Estimate:
    """Bits over bytes of some texts, with the interval over texts."""
    sizes = np.array([row["meta"].get("bytes", 1) for row in rows], float)
    total = np.array([row["value"] for row in rows]) * sizes
    return ratio_difference(total, np.zeros_like(total), sizes)


def figure(rows: Sequence[dict]) -> Figure:
    kinds, shown = sorted({row["category"] for row in rows}), models(rows)
    drawing, axes = figures.panel(0.95 + 0.42 * len(kinds), figures.WIDE, xlabel="bits per byte")
    for place, model in enumerate(shown):
        for y, kind in enumerate(kinds):
            found = bits(select(rows, model=model, category=kind))
            at = y + 0.4 * (place / max(1, len(shown) - 1) - 0.5)
            figures.whisker(axes, at, found, figures.colour(model), figures.marker(model),
                            label=figures.model_name(model))  # fmt: skip
    figures.named_lines(axes, kinds)
    axes.set(xlim=(0, None))
    figures.legend_below(drawing, axes, 3)
    return drawing


def table(rows: Sequence[dict]) -> Table:
    lines = [
        (category, figures.model_name(model), decimals(found.value), f"{decimals(found.low)} to {decimals(found.high)}",
         str(found.n))
        for (category, model), some in sorted(group(rows, "category", "model").items()) for found in [bits(some)]
    ]  # fmt: skip
    return Table(("Text", "Model", "Bits per byte", "95 % interval", "Texts"), lines)
