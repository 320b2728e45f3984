"""What does a model think text is? Samples from nothing, by kind, against the documents of the corpus."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import WHICH_MARK, asked, models
from eval.page.reading import Results, mapping
from eval.page.section import Section, Table, picture
from eval.page.words import percent
from eval.results import group, role, select
from eval.stats import rate, total_variation


def section(results: Results) -> Section | None:
    rows = results.of("corpus_rates", metric="sample")
    if not rows:
        return None
    corpus = corpus_shares(results)
    return Section(
        question="corpus_rates",
        metrics=("kind",),
        row="Definition",
        title="What does it think text is?",
        says=said(rows, corpus),
        pictures=picture("kinds", "Share of each kind of document among samples from nothing", figure(rows, corpus)),
        how_to_read="Each mark is the share of a kind of document among texts that a model began by itself, with its "
        f"95 % interval; the upright stroke is the corpus. {WHICH_MARK}.",
        n=asked(rows, "sample"),
        test="Total variation distance to the corpus, beside what as many samples of the corpus itself would give.",
        pitfall="A classifier tells the kinds apart, from the first 150 tokens; a text that it cannot read is "
        "counted apart.",
        tables=[distances(rows, corpus), table(rows, corpus)] if corpus else [table(rows, corpus)],
    )


def corpus_shares(results: Results) -> dict[str, float]:
    """Share of the documents (a sample is a document) of each kind; empty where nobody counted them."""
    counts = {
        kind: line["documents"]
        for kind, line in mapping(results.corpus.get("by_type")).items()
        if mapping(line).get("documents")
    }
    return {kind: count / sum(counts.values()) for kind, count in counts.items()}


def distance(rows: Sequence[dict], corpus: dict[str, float]) -> tuple[float, float]:
    """(distance of one model's samples from the corpus, the most that chance gives to 95 in 100 such samples)."""
    kinds = sorted({row["level"] for row in rows} | set(corpus))
    counts = [sum(row["level"] == kind for row in rows) for kind in kinds]
    return total_variation(counts, [corpus.get(kind, 0.0) for kind in kinds])


def said(rows: Sequence[dict], corpus: dict[str, float]) -> str:
    base = [row for row in rows if role(row["model"]) == "base"]
    if not base or not corpus:
        return ""
    found, by_chance = distance(base, corpus)
    fits = "no more than chance gives" if found <= by_chance else f"where chance gives up to {percent(by_chance)}"
    return (
        f"Of what the base model writes when begun with nothing, {percent(found)} would have to be of another kind to "
        f"match the corpus, {fits}."
    )


def figure(rows: Sequence[dict], corpus: dict[str, float]) -> Figure:
    kinds = sorted({row["level"] for row in rows} | set(corpus), key=lambda kind: (-corpus.get(kind, -1.0), kind))
    shown = models(rows)
    drawing, axes = figures.panel(0.9 + 0.36 * len(kinds), figures.WIDE)
    for place, model in enumerate(shown):
        mine, paint = select(rows, model=model), figures.colour(model)
        for y, kind in enumerate(kinds):
            found = rate([row | {"value": float(row["level"] == kind)} for row in mine])
            at = y + 0.56 * (place / max(1, len(shown) - 1) - 0.5)
            axes.plot([found.low, found.high], [at, at], color=paint, linewidth=1.4, alpha=0.7)
            axes.plot(found.value, at, figures.marker(model), color=paint, markersize=5,
                      label=figures.model_name(model))  # fmt: skip
    for y, kind in enumerate(kinds):
        if kind in corpus:
            axes.plot([corpus[kind]] * 2, [y - 0.4, y + 0.4], color=figures.INK, linewidth=2, label="corpus")
    axes.set_yticks(range(len(kinds)), kinds)
    axes.set(ylim=(len(kinds) - 0.4, -0.6), xlim=(0, None))
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    axes.grid(axis="x")
    axes.spines[["left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    figures.legend_below(drawing, axes, 4)
    return drawing


def distances(rows: Sequence[dict], corpus: dict[str, float]) -> Table:
    lines = []
    for (model,), mine in group(rows, "model").items():
        found, by_chance = distance(mine, corpus)
        lines.append((figures.model_name(model), percent(found), percent(by_chance), str(len(mine))))
    return Table(("Model", "Distance to the corpus", "By chance, 95 in 100 below", "Samples"), lines, "Distance")


def table(rows: Sequence[dict], corpus: dict[str, float]) -> Table:
    shown = models(rows)
    lines = []
    for kind in sorted({row["level"] for row in rows} | set(corpus), key=lambda kind: -corpus.get(kind, -1.0)):
        found = [rate([row | {"value": float(row["level"] == kind)} for row in select(rows, model=m)]) for m in shown]
        lines.append((kind, percent(corpus.get(kind)), *(percent(each.value) for each in found)))
    return Table(("Kind", "Corpus", *map(figures.model_name, shown)), lines)
