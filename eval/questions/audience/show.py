"""To a child or to an expert: does the text change with the reader who is asked for?"""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import WHICH_MARK, asked, average, by_combination, of_first_run, sentence, share
from eval.page.reading import Results
from eval.page.section import Section, Table, picture
from eval.page.units import POINTS
from eval.page.words import percent
from eval.results import group, select
from eval.stats import Estimate, mean_curve, paired_difference

READERS = {"child": "a child", "expert": "an expert", "plain": "nobody in particular"}
KINDS = {"entries": "entries of the encyclopedia", "explanations": "explanations of the pairs",
         "other documents": "other documents"}  # fmt: skip


def section(results: Results) -> Section | None:
    rows = results.of("audience")
    control = select(rows, metric="control")
    if not control:
        return None
    gold = results.of("audience_gold")
    return Section(
        question="audience",
        row="Example process",
        title="Explained to a ten-year-old, explained to an expert: does it make a difference?",
        says=said(rows),
        pictures=picture("audience", "How childlike a text is, by the reader it was asked for", panels(rows, gold),
                         columns=2, front=1),
        how_to_read="The farther apart the filled marks (asked for a child) and the hollow ones (for an expert), the "
        "more the reader matters. First: P(for a child | text), a thin cross where nobody was asked for. Second: the "
        f"control, which is that difference, topic by topic. {WHICH_MARK}. Lines are 95 % intervals, the dashed line "
        "is what the explanations in the instruction pairs would get, which is as good as can be.",
        n=f"{asked(control, 'topic', 'cluster_id')}; a quarter of the topics in forms that carry no claim",
        test="Bootstrap over topics; sign test over topics.",
        pitfall=f"The reader is a classifier. {about_reader(gold)}It does not see the words of any topic, so a puppy "
        "is not childlike; a text too short to read counts as one in four. Whether a text is on its topic and says "
        "something true is counted apart, in the table.",
        tables=[numbers(rows), *by_level(rows), *triple(results), *([reader(gold)] if gold else [])],
        shown="explained",
    )  # fmt: skip


def said(rows: Sequence[dict]) -> str:
    control, covers = select(rows, metric="control"), select(rows, metric="covers")
    by_pages = of_first_run(select(rows, metric="control_by_pages"), "sft", condition="chat")
    tuned, base = of_first_run(control, "sft", condition="chat"), of_first_run(control, "base", condition="raw")
    if not tuned or not base:
        return ""
    others = "; to one who knows the pages alone {by_pages}" if by_pages else ""
    return sentence(
        "Asked to write for a child instead of an expert, the instruct model changes P(for a child) by {tuned} in "
        "chat, the base model after the bare request by {base}, to a reader who met the explanations of the pairs"
        f"{others}. The instruct model states a true fact about the topic in {{covers}} of its texts, the base "
        "model in {of_base}.",
        tuned=POINTS.difference(average(tuned)),
        base=POINTS.difference(average(base)),
        by_pages=POINTS.difference(average(by_pages)) if by_pages else "",
        covers=share(of_first_run(covers, "sft", condition="chat")),
        of_base=share(of_first_run(covers, "base", condition="raw")),
    )


def about_reader(gold: Sequence[dict]) -> str:
    """How it does on texts that are known, in a sentence."""
    rows = {(row["level"], row["category"]): row["value"] for row in select(gold, metric="right")}
    rates = {kind: [value for (of, _), value in rows.items() if of == kind] for kind in KINDS}
    if not all(rates.values()):
        return ""
    told = ", ".join(f"{percent(sum(values) / len(values))} of {KINDS[kind]}" for kind, values in rates.items())
    return f"On fresh text of which it is known, it reads rightly {told} (mean over audiences). "


def interval(rows: Sequence[dict]) -> Estimate:
    """Mean over topics, the interval over topics; an item seen under several seeds counts once."""
    topics = group(rows, "cluster_id")
    return mean_curve([[average(some)] for some in topics.values()])[0]


def control_of(rows: Sequence[dict]) -> Estimate:
    values = [average(some) for some in group(rows, "cluster_id").values()]
    return paired_difference(values, np.zeros(len(values)))


def in_points(found: Estimate) -> str:
    return POINTS.level(found.value) if np.isfinite(found.value) else "–"


def between(found: Estimate) -> str:
    return POINTS.range(found.low, found.high) if np.isfinite(found.low) else ""


def ceiling(gold: Sequence[dict], ending: str = "") -> float | None:
    """The control of the explanations in the pairs."""
    read = {row["category"]: row["value"] for row in select(gold, metric=f"p_child{ending}", level="explanations")}
    return read["child"] - read["expert"] if {"child", "expert"} <= read.keys() else None


def panels(rows: Sequence[dict], gold: Sequence[dict]) -> dict[str, Figure]:
    told, control = select(rows, metric="p_child"), select(rows, metric="control")
    read = {"Reads as written for a child": readers_panel(told)} if told else {}
    return read | {"Control": control_panel(control, ceiling(gold))}


def readers_panel(rows: Sequence[dict]) -> Figure:
    drawing, axes = lines_panel("Reads as written for a child", rows)
    for y, ((model, _), mine) in enumerate(by_combination(rows)):
        paint = figures.colour(model)
        found = {to: interval(some) for (to,), some in group(mine, "category").items()}
        if {"child", "expert"} <= found.keys():
            axes.plot([found["expert"].value, found["child"].value], [y, y], color=paint, linewidth=3, alpha=0.25)
        for to, estimate in found.items():
            at = y + {"child": -0.12, "expert": 0.12}.get(to, 0)
            if to == "plain":
                axes.plot(estimate.value, at, "x", color=paint, markersize=5, alpha=0.8)
                continue
            axes.plot([estimate.low, estimate.high], [at, at], color=paint, linewidth=1, alpha=0.7)
            axes.plot(estimate.value, at, figures.marker(model), color=paint, markersize=6.5, markeredgewidth=1.5,
                      markerfacecolor=paint if to == "child" else "none")  # fmt: skip
    figures.percent_axis(axes.xaxis)
    return drawing


def control_panel(rows: Sequence[dict], best: float | None) -> Figure:
    drawing, axes = lines_panel("Control", rows)
    found = [control_of(mine) for _, mine in by_combination(rows)]
    axes.axvline(0, color=figures.INK, linewidth=1)
    if best is not None:
        axes.axvline(best, color=figures.INK, linewidth=1.5, linestyle=(0, (3, 1.6)))
    for y, ((model, condition), estimate) in enumerate(zip(figures.combinations(rows), found, strict=True)):
        paint, hollow = figures.colour(model), condition == "raw"
        axes.plot([estimate.low, estimate.high], [y, y], color=paint, linewidth=1.8, linestyle=":" if hollow else "-")
        axes.plot(estimate.value, y, figures.marker(model), color=paint, markersize=7, markeredgewidth=1.6,
                  markerfacecolor="none" if hollow else paint)  # fmt: skip
    lowest = min([0, *(estimate.low for estimate in found if np.isfinite(estimate.low))])
    axes.set_xlim(np.floor(4 * lowest) / 4 - 0.03, 1.03)
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:+.0f}".replace("-", "−") if value else "0")
    axes.set_xlabel("points")
    return drawing


def lines_panel(title: str, rows: Sequence[dict]):
    """A panel with a line for each model and prompt form."""
    pairs = figures.combinations(rows)
    drawing, axes = figures.panel(0.9 + 0.32 * len(pairs), figures.width_for(pairs))
    axes.set_yticks(range(len(pairs)), [figures.label(*pair) for pair in pairs])
    axes.set(ylim=(len(pairs) - 0.4, -0.6))
    axes.set_title(title)
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    axes.spines[["left"]].set_visible(False)
    return drawing, axes


def numbers(rows: Sequence[dict]) -> Table:
    lines = []
    for pair, mine in by_combination(rows):
        of = {metric: some for (metric,), some in group(mine, "metric").items()}
        if "control" not in of:
            continue
        found, of_pages = control_of(of["control"]), control_of(of.get("control_by_pages", []))
        others = [percent(share(of.get(metric, []))) for metric in ("on_topic", "covers", "unreadable")]
        lines.append((figures.label(*pair), in_points(found), between(found), in_points(of_pages), *others,
                      str(found.n)))  # fmt: skip
    header = ("Model and prompt", "Control", "95 % interval", "Control, reader of pages alone", "Names its topic",
              "States a true fact", "Too short to read", "Topics")  # fmt: skip
    return Table(header, lines)


def by_level(rows: Sequence[dict]) -> list[Table]:
    """Control on topics that pairs may mention, and on others."""
    lines = []
    for pair, mine in by_combination(select(rows, metric="control")):
        for (level,), some in sorted(group(mine, "level").items()):
            found = control_of(some)
            lines.append((level.replace("_", " "), figures.label(*pair), in_points(found), between(found),
                          str(found.n)))  # fmt: skip
    header = ("Topic", "Model and prompt", "Control", "95 % interval", "Topics")
    return [Table(header, sorted(lines, key=lambda line: line[0]), "The numbers: known and held-out topics")]


def triple(results: Results) -> list[Table]:
    """The first topic, explained to each reader, in the form each model was made for."""
    told = select(results.transcripts, group="explained", index=tuple(range(len(READERS))))
    chosen = [line for line in told if line["condition"] == ("raw" if line["model"].endswith("base") else "chat")]
    columns = figures.combinations(chosen)
    outputs = {(line["index"], line["model"], line["condition"]): line["output"].strip() for line in reversed(chosen)}
    lines = [
        (asked_for, *(outputs.get((index, *pair), "") for pair in columns))
        for index, asked_for in sorted({line["index"]: line["prompt"] for line in chosen}.items())
    ]
    header = ("Asked", *(figures.label(*pair) for pair in columns))
    return [Table(header, lines, "The first topic of the list, for each reader")] if lines else []


def reader(gold: Sequence[dict]) -> Table:
    """How the two readers do on texts of which it is known."""
    found = {(row["level"], row["category"], row["metric"]): row["value"] for row in gold}
    lines = [
        (KINDS.get(kind, kind), READERS.get(to, "other"),
         *(percent(found.get((kind, to, metric)))
           for metric in ("right", "p_child", "right_by_pages", "p_child_by_pages")))
        for kind, to in dict.fromkeys((row["level"], row["category"]) for row in gold)
    ]  # fmt: skip
    header = (
        "Text",
        "Written for",
        "Read rightly",
        "P(for a child)",
        "Reader of pages alone: rightly",
        "P(for a child)",
    )
    return Table(header, lines, "How well the readers read")
