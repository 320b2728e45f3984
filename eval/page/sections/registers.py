"""Style and tone: does a model go on in the register it was given?"""

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from eval import figures
from eval.page.reading import Results
from eval.page.section import Section, asked, by_combination, of_first_run, picture, rate_table, sentence, share
from eval.results import group

REGISTERS = ("formal", "casual", "childlike", "archaic", "rude")
WRITTEN = (*REGISTERS, "other")


def section(results: Results) -> Section | None:
    rows = results.of("register_mirroring", metric="mirrors")
    if not rows:
        return None
    return Section(
        probe="register_mirroring",
        row="Output: style and tone",
        title="Does it go on in the style it was given?",
        says=sentence(
            "The base model carries on in the register of a text in {base} of cases; the instruct model does so in "
            "{raw} after raw text and in {chat} when the text is a user's turn.",
            base=share(of_first_run(rows, "base", condition="raw")),
            raw=share(of_first_run(rows, "sft", condition="raw")),
            chat=share(of_first_run(rows, "sft", condition="chat")),
        ),
        pictures=picture("registers", "Register written, by register given", heatmaps(rows), themed=False, columns=2),
        how_to_read="A row is the register given, a column the register written, a cell the share of its row in "
        "percent. A dark diagonal: it mirrors. A dark column: one voice, whatever it was given.",
        n=asked(rows, "opening"),
        test="Wilson intervals; differences paired by opening.",
        pitfall="A classifier reads the register from what was written, without the opening; very short outputs show "
        "none and count as other.",
        tables=[
            rate_table(rows, what="Same register", caption="The numbers: all together"),
            rate_table(rows, "arm", of="Given", what="Same register", caption="The numbers: by register given"),
        ],
    )


def shares(rows: Sequence[dict]) -> np.ndarray:
    """P(written | given), (given, written); a row of nan where a register was not given."""
    table = np.full((len(REGISTERS), len(WRITTEN)), np.nan)
    for (given,), some in group(rows, "arm").items():
        if given in REGISTERS:
            written = [row["meta"].get("written") for row in some]
            written = [name if name in REGISTERS else "other" for name in written]
            table[REGISTERS.index(given)] = [written.count(name) / len(written) for name in WRITTEN]
    return table


@figures.styled
def heatmaps(rows: Sequence[dict]) -> dict[str, Figure]:
    return {figures.label(*pair): heatmap(figures.label(*pair), shares(mine)) for pair, mine in by_combination(rows)}


def heatmap(title: str, table: np.ndarray) -> Figure:
    drawing, axes = figures.panel(2.9)
    axes.pcolormesh(table, cmap=shades(), vmin=0, vmax=1, edgecolor="white", linewidth=1.5)
    for (y, x), part in np.ndenumerate(table):
        if np.isfinite(part):
            ink = "white" if part > 0.55 else "#1d1d1f"
            axes.text(x + 0.5, y + 0.5, f"{100 * part:.0f}", ha="center", va="center", color=ink, fontsize=9)
    axes.axvline(len(REGISTERS), color="white", linewidth=5)
    axes.set_xticks(np.arange(len(WRITTEN)) + 0.5, WRITTEN, rotation=30, ha="right", rotation_mode="anchor")
    axes.set_yticks(np.arange(len(REGISTERS)) + 0.5, REGISTERS)
    axes.set(xlabel="written", ylabel="given")
    axes.set_title(title)
    axes.tick_params(length=0)
    axes.invert_yaxis()
    axes.spines[:].set_visible(False)
    return drawing


def shades() -> LinearSegmentedColormap:
    """One hue from light to dark, so that it also reads in grey."""
    return LinearSegmentedColormap.from_list("share", ["#F1F0EC", "#9DB7C9", "#274B66"])
