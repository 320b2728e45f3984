"""Style and tone: does a model go on in the register it was given?"""

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from scipy.stats import entropy

from eval import figures
from eval.page.counting import asked, by_combination, of_first_run, rate_table, sentence, share
from eval.page.reading import Results
from eval.page.section import Section, Table, picture
from eval.page.words import decimals
from eval.results import group, role, select

REGISTERS = ("formal", "casual", "childlike", "archaic", "rude")
WRITTEN = (*REGISTERS, "other")
MADE_FOR = (("base", "raw"), ("sft", "chat"))  # the two that the claim compares; the others stand in the tables
PERMUTATIONS = 1000


def section(results: Results) -> Section | None:
    rows = results.of("register_mirroring", metric="mirrors")
    if not rows:
        return None
    requests = [row for row in results.of("tone", metric="assistant") if row["meta"].get("written")]
    short = results.of("register_mirroring", metric="too_short")
    return Section(
        question="register_mirroring",
        row="Output: style and tone",
        title="Does it go on in the style it was given?",
        says=said(rows, short),
        pictures=picture(
            "registers", "Register written, by register given", heatmaps(rows, requests), themed=False, columns=2
        ),
        how_to_read="A dark diagonal: it mirrors; a dark column: one voice, whatever it was given. A row is the "
        "register given, a column the register written, a cell the share of its row in percent. In the table, "
        "information is the share of the register given that can be read from the register written, 0 to 1.",
        n=asked(rows, "opening"),
        test="Wilson intervals; differences paired by opening. Information I / H with Miller's and Madow's correction, "
        f"against {PERMUTATIONS} shufflings of the openings.",
        pitfall="A classifier reads the register from what was written, without the opening; of outputs under thirteen "
        "words it says nothing, and these are left out and counted apart. Words taken over from the opening could give "
        "its register away: information is also given with them hidden. Short replies to requests "
        "count as other.",
        tables=[
            information_table(rows),
            rate_table(rows, what="Same register", caption="The numbers: all together"),
            rate_table(rows, "category", of="Given", what="Same register", caption="The numbers: by register given"),
            *([counted(short, rows)] if short else []),
        ],
        shown="register",
    )


def said(rows: Sequence[dict], short: Sequence[dict]) -> str:
    told = sentence(
        "The base model carries on in the register of a text in {base} of cases; the instruct model does so in {raw} "
        "after raw text and in {chat} when the text is a user's turn.",
        base=share(of_first_run(rows, "base", condition="raw")),
        raw=share(of_first_run(rows, "sft", condition="raw")),
        chat=share(of_first_run(rows, "sft", condition="chat")),
    )
    cut = sentence(
        " Too short to read, and left out: {base} of the base model's texts, {chat} of the instruct model's replies.",
        base=left_out(rows, short, "base", "raw"),
        chat=left_out(rows, short, "sft", "chat"),
    )
    return told + cut * bool(told and short)


def left_out(rows: Sequence[dict], short: Sequence[dict], model: str, form: str) -> float | None:
    read, unread = (len(of_first_run(some, model, condition=form)) for some in (rows, short))
    return unread / (read + unread) if read + unread else None


# --- how much of the register is taken over


def information(given: Sequence[str], written: Sequence[str]) -> tuple[float, float, float]:
    """(I / H, its 95th percentile if nothing were taken over, p).

    I(given; written) / H(given), each entropy with the correction of Miller and Madow, (kinds - 1) / 2n: without it few
    items look as if they told something. The null shuffles the openings. Source: Miller 1955, Information theory in
    psychology. nan where all were given the same.
    """
    g, w = (np.unique(np.asarray(names), return_inverse=True)[1] for names in (given, written))
    if len(g) == 0 or g.max() == 0:
        return np.nan, np.nan, np.nan
    rng = np.random.default_rng(0)
    shuffled = np.array([g, *(rng.permutation(g) for _ in range(PERMUTATIONS))])
    shares = (_entropy(g) + _entropy(w) - _entropy(shuffled * (w.max() + 1) + w)) / _entropy(g)
    found, null = shares[0], shares[1:]
    return float(found), float(np.percentile(null, 95)), float((1 + (null >= found).sum()) / (1 + PERMUTATIONS))


def _entropy(kinds: np.ndarray) -> np.ndarray:
    """Of each row, in nats, with the correction of Miller and Madow."""
    rows = np.atleast_2d(kinds)
    many = rows.max() + 1
    counts = np.bincount((rows + many * np.arange(len(rows))[:, None]).ravel(), minlength=many * len(rows))
    counts = counts.reshape(len(rows), many)
    return entropy(counts, axis=1) + ((counts > 0).sum(1) - 1) / (2 * rows.shape[1])


def information_table(rows: Sequence[dict]) -> Table:
    lines = []
    for pair, mine in by_combination(rows):
        given = [row["category"] for row in mine]
        found, chance, p = information(given, [row["meta"].get("written", "") for row in mine])
        unechoed, _, _ = information(given, [row["meta"].get("unechoed", "") for row in mine])
        chance_p = f"{p:.3f}" if np.isfinite(p) else "–"
        lines.append(
            (figures.label(*pair), decimals(found), decimals(chance), chance_p, decimals(unechoed), str(len(mine)))
        )
    header = ("Model and prompt", "I / H", "Chance, 95 %", "p", "I / H, words of the opening hidden", "n")
    return Table(header, lines, "The numbers: information about the register given")


def counted(short: Sequence[dict], rows: Sequence[dict]) -> Table:
    """How many outputs were too short to show a register."""
    lines = []
    for pair, some in by_combination([*rows, *short]):
        left_out = len(select(some, metric="too_short"))
        lines.append((figures.label(*pair), str(left_out), str(len(some))))
    return Table(("Model and prompt", "Too short", "of"), lines, "The numbers: outputs too short to show a register")


# --- the matrices


def shares(rows: Sequence[dict]) -> np.ndarray:
    """P(written | given), (given, written); a row of nan where a register was not given."""
    table = np.full((len(REGISTERS), len(WRITTEN)), np.nan)
    for (given,), some in group(rows, "category").items():
        if given in REGISTERS:
            written = [row["meta"].get("written") for row in some]
            written = [name if name in REGISTERS else "other" for name in written]
            table[REGISTERS.index(given)] = [written.count(name) / len(written) for name in WRITTEN]
    return table


def heatmaps(rows: Sequence[dict], requests: Sequence[dict] = ()) -> dict[str, Figure]:
    """Each model in the form it was made for (all, where neither was asked), and the requests of the tone question."""
    main = [cell for cell in by_combination(rows) if is_main(cell[0])] or by_combination(rows)
    found = {figures.label(*pair): mine for pair, mine in main}
    found |= {f"{figures.label(*pair)}: requests": mine for pair, mine in by_combination(requests) if is_main(pair)}
    return {title: heatmap(title, shares(mine)) for title, mine in found.items()}


def is_main(pair: tuple[str, str]) -> bool:
    return (role(pair[0]), pair[1]) in MADE_FOR


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
