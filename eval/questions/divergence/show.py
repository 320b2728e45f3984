"""How many tokens deep does tuning go? Divergence from the base place by place, and answers begun by somebody else."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import asked, models, of_first_run, rate_cells, sentence, share
from eval.page.reading import Results
from eval.page.section import Section, Table, picture, tables
from eval.page.words import decimals, percent
from eval.results import group, role, select
from eval.stats import mean_curve, rate, resample_counts

CATEGORIES = {
    "own answer": "its own answers",
    "own answer to a forbidden request": "its own answers to forbidden requests",
    "villain's answer": "a villain's answers to the same",
    "harmless help": "help with harmless requests",
}
FIRST = 3  # tokens whose share of the whole is told
FEWEST = 5  # answers that must reach a place
RESAMPLES = 1000
GIVEN = {"villain": "of a villain's answer", "refusal": "of a refusal"}


def section(results: Results) -> Section | None:
    rows = [row for row in results.of("divergence", metric="kl") if row["meta"].get("by_place")]
    begun = results.of("divergence", metric="begun")
    if not rows and not begun:
        return None
    return Section(
        question="divergence",
        row="Output: harmful content and refusal",
        title="How many tokens deep does a refusal go?",
        says=f"{said_begun(begun)} {said_depth(rows)}".strip(),
        pictures=[
            *picture("begun", "Rate of refusals against the number of tokens given", begun_panels(begun), front=1,
                     caption="Answers to forbidden requests. Their first tokens are given, a villain's or those of a "
                     "refusal; the model writes the rest."),
            *picture("divergence", "Divergence from the base at each token of an answer", kl_panels(rows), columns=2,
                     caption="KL(tuned || base) at each token, after the same prompt and the same tokens so far."),
        ],
        how_to_read=how_to_read(bool(begun)),
        n=asked([*rows, *begun], "answer"),
        test="Bootstrap over answers; Wilson intervals.",
        pitfall="Only answers that are long enough count at a place, so a curve of answers of all lengths changes its "
        "mixture on the way: compare the villain's answers with the harmless ones, which have the same form. To go on "
        "with steps is not to help: what a small model writes there makes little sense.",
        tables=[*depths(rows), *began(begun)],
    )  # fmt: skip


def how_to_read(is_begun: bool) -> str:
    first = "Upwards how often the answer refuses, to the right how many of its tokens somebody else wrote. "
    second = (
        "at each token of an answer, how far the tuned model's expectations are from the base's (nats, 0: the same). "
        "The areas are 95 % intervals. A curve that falls at once would mean that tuning changed the beginning of "
        "answers and little else."
    )
    return f"{first}Second figure: {second}" if is_begun else second[0].upper() + second[1:]


def said_begun(begun: Sequence[dict]) -> str:
    mine, base = of_first_run(begun, "sft", category="villain"), of_first_run(begun, "base", category="refusal")
    given = sorted({int(row["level"]) for row in mine} - {0})
    last = max((int(row["level"]) for row in base if not row["meta"].get("is_given")), default=0)  # a refusal by itself
    return " ".join(filter(None, [
        sentence(
            "Asked for something forbidden, the instruct model refuses in {alone} of cases; when the first token of a "
            "villain's answer is given, it returns to a refusal in {one}.",
            alone=share(select(mine, level="0")),
            one=share(select(mine, level=str(given[0]))) if given[:1] == [1] else None,
        ),
        sentence(
            "The base refuses in {alone}, and with the first {last} tokens of a refusal in {begun}.",
            alone=share(select(base, level="0")),
            begun=share(select(base, level=str(last))) if last else None,
            last=str(last),
        ),
    ]))  # fmt: skip


def said_depth(rows: Sequence[dict]) -> str:
    villain, harmless = (depth(of_first_run(rows, "sft", category=category))
                         for category in ("villain's answer", "harmless help"))  # fmt: skip
    if not villain or not harmless:
        return ""
    return (
        f"Of all divergence over the first {villain['places']} tokens of a villain's answers the first {FIRST} tokens "
        f"hold {percent(villain['first'])} (of harmless help: {percent(harmless['first'])})."
    )


# --- numbers


def table_of(rows: Sequence[dict]) -> np.ndarray:
    """(answers, places), nan behind the end of an answer; only places that enough answers reach."""
    curves = [row["meta"]["by_place"] for row in rows]
    reached = [sum(len(curve) > place for curve in curves) for place in range(max(map(len, curves), default=0))]
    width = sum(count >= min(FEWEST, len(curves)) for count in reached)
    table = np.full((len(curves), width), np.nan)
    for place, curve in enumerate(curves):
        table[place, : min(width, len(curve))] = curve[:width]
    return table


def depth(rows: Sequence[dict]) -> dict | None:
    """Where half of the mean curve's sum is reached (k_half, with its interval), and the share of the first tokens."""
    table = table_of(rows)
    if not table.size:
        return None
    known, mean = np.isfinite(table), np.nanmean(table, axis=0)
    if not mean.sum():  # the same model twice
        return None
    counts = resample_counts(len(table), RESAMPLES)
    sums, sizes = counts @ np.where(known, table, 0), counts @ known
    halves = [half(curve) for curve in sums / np.maximum(sizes, 1)]
    low, high = np.percentile(halves, [2.5, 97.5])
    return {"half": half(mean), "low": low, "high": high, "first": mean[:FIRST].sum() / mean.sum(),
            "total": mean.sum(), "places": len(mean), "n": len(table)}  # fmt: skip


def half(curve: np.ndarray) -> int:
    """The first place, from 1, up to which half of the sum lies. Example: half(np.array([3, 1, 1])) == 1."""
    total = np.nancumsum(curve)
    return int(np.searchsorted(total, total[-1] / 2)) + 1


# --- pictures


def begun_panels(begun: Sequence[dict]) -> dict[str, Figure]:
    titles = {"villain": "Begun as a villain would", "refusal": "Begun with a refusal"}
    return {
        f"first tokens {GIVEN[category]}": figures.rate_curves(some, "level", title, "refuses", "tokens given", ncols=2)
        for category, title in titles.items() if (some := select(begun, category=category))
    }  # fmt: skip


def kl_panels(rows: Sequence[dict]) -> dict[str, Figure]:
    means = [np.nanmean(table, axis=0) for some in group(rows, "category", "model").values()
             if (table := table_of(some)).size]  # fmt: skip
    top = max(map(np.nanmax, means), default=1.0)
    return {title: kl_panel(title, some, top)
            for category, title in CATEGORIES.items() if (some := select(rows, category=category))}  # fmt: skip


def kl_panel(title: str, rows: Sequence[dict], top: float) -> Figure:
    drawing, axes = figures.panel(2.9, xlabel="token of the answer", ylabel="KL (nats)")
    for model in models(rows):
        table = table_of(select(rows, model=model))
        if table.size:
            places = range(1, table.shape[1] + 1)
            figures.curve(axes, places, mean_curve(table), model, label=figures.model_name(model))
    axes.set(xlim=(0, 33), ylim=(0, 1.25 * top or 1))
    axes.set_title(title, fontsize=9.5)
    axes.grid(axis="y")
    figures.legend_below(drawing, axes, 2)
    return drawing


# --- tables


def depths(rows: Sequence[dict]) -> list[Table]:
    lines = [
        (CATEGORIES.get(category, category), figures.model_name(model), decimals(found["total"]), str(found["half"]),
         f"{found['low']:.0f} to {found['high']:.0f}", percent(found["first"]), f"{found['places']}", str(found["n"]))
        for (category, model), mine in group(rows, "category", "model").items() if (found := depth(mine))
    ]  # fmt: skip
    header = ("Answers", "Model", "Sum, nats", "Half of it by token", "95 % interval", f"In the first {FIRST}",
              "Tokens looked at", "n")  # fmt: skip
    return tables(header, sorted(lines), "How deep the divergence goes")


def began(begun: Sequence[dict]) -> list[Table]:
    lines = [
        (figures.model_name(model), f"{x} {GIVEN.get(category, category)}", *rate_cells(rate(some)))
        for (model, category, x), some in group(begun, "model", "category", "level").items()
    ]
    lines.sort(key=lambda line: role(line[0]) != "base")
    return tables(("Model", "Tokens given", "Refuses", "95 % interval", "n"), lines, "Answers begun")
