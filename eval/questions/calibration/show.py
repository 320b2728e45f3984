"""Calibration: is a model right as often as its probabilities say?"""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from sklearn.metrics import roc_auc_score

from eval import figures
from eval.page.counting import asked, average, by_combination, mean, models, of_first_run, sentence
from eval.page.reading import Results
from eval.page.section import Section, Table, picture, tables
from eval.page.words import decimals, percent, with_interval
from eval.questions.calibration.error import bernoulli_kl, ece, equal_bins, noise_floor
from eval.results import group, select
from eval.stats import wilson

STRATA = ("well known", "disputed", "rare", "unknown")


def section(results: Results) -> Section | None:
    confident = results.of("calibration", metric="confidence")
    brier = results.of("calibration", metric="brier")
    told = [row for row in brier if row["level"] in STRATA[:2]]  # what the claims are about
    if not confident or not brier:
        return None
    return Section(
        question="calibration",
        row="Output: calibration",
        title="Is it right as often as it is sure?",
        says=sentence(
            "Mean Brier score (0 is perfect, lower is better) of facts that texts tell often: {base} for the base "
            "model after three examples, {chat} for the instruct model in chat; {base_raw} and {sft_raw} where both "
            "complete the same sentence. Of people that no text mentions the likeliest of the answers offered has "
            "{base_unknown} and {chat_unknown} of what falls on any of them.",
            base=score(of_first_run(told, "base", condition="few")),
            chat=score(of_first_run(told, "sft", condition="chat")),
            base_raw=score(of_first_run(told, "base", condition="raw")),
            sft_raw=score(of_first_run(told, "sft", condition="raw")),
            base_unknown=average(of_first_run(confident, "base", condition="few", level="unknown")),
            chat_unknown=average(of_first_run(confident, "sft", condition="chat", level="unknown")),
        ),
        pictures=picture("calibration", "How often a model is right, by how sure it is", diagrams(confident)),
        how_to_read="On the dashed line a model is right as often as it is sure; below it, too sure of itself. "
        "Answers are sorted into bins of equally many by how sure the model is: to the right how sure it is on "
        "average, upwards how often it is right, with 95 % intervals. Filled: facts that the text tells often; "
        "hollow: those it hardly tells.",
        n=asked(brier, "fact") + f"; {len({row['item_id'] for row in select(confident, level='unknown')})} "
        "questions about people nobody knows",
        test="Cluster bootstrap of the difference of Brier scores; ECE against its noise floor, that of a model which "
        "is calibrated perfectly and as sure.",
        pitfall="Probabilities are of one object among those of its kind: how much of the model's belief falls on "
        "other things to say is another matter (the last column of the table).",
        tables=[table(confident, brier), *of_corpus(results)],
    )  # fmt: skip


def score(rows: Sequence[dict]) -> str | None:
    return decimals(average(rows)) if rows else None


def diagrams(rows: Sequence[dict]) -> dict[str, Figure]:
    """A panel for each model, in the prompt form in which it was asked most."""
    drawn = {}
    for model in models(rows):
        forms = group(select(rows, model=model), "condition")
        (form,), mine = max(forms.items(), key=lambda item: (len(item[1]), figures.form_place(item[0][0])))
        drawn[figures.label(model, form)] = diagram(model, figures.label(model, form), mine)
    return drawn


def diagram(model: str, title: str, rows: Sequence[dict]) -> Figure:
    drawing, axes = figures.panel(3.9, title=title, xlabel="how sure it is", ylabel="how often it is right")
    figures.reference_line(axes, [0, 1], [0, 1], solid=False, label="calibrated")
    paint = figures.colour(model)
    for strata, face, bins in ((("well known", "disputed"), paint, 10), (("rare",), "none", 5)):
        some = select(rows, level=strata)
        found = equal_bins([row["value"] for row in some], [row["meta"]["hit"] for row in some], bins) if some else []
        for one in found:
            hits = wilson(one.hits, one.n)
            axes.plot([one.confidence] * 2, [hits.low, hits.high], color=paint, linewidth=1.2, alpha=0.6)
        axes.plot([one.confidence for one in found], [one.hits / one.n for one in found], figures.marker(model),
                  color=paint, markerfacecolor=face, markersize=6, label=" and ".join(strata))  # fmt: skip
    figures.percent_axis(axes.xaxis)
    figures.percent_axis(axes.yaxis)
    axes.grid()
    figures.legend_below(drawing, axes, 1)
    return drawing


def table(confident: Sequence[dict], brier: Sequence[dict]) -> Table:
    lines = []
    for pair, mine in by_combination(confident):
        for (stratum,), some in group(select(mine, level=STRATA), "level").items():
            sure, hits = [row["value"] for row in some], [row["meta"]["hit"] for row in some]
            squares = select(brier, model=pair[0], condition=pair[1], level=stratum)
            lines.append((
                stratum, figures.label(*pair),
                with_interval(mean(squares)) if squares else "–", percent(float(np.mean(hits))) if squares else "–",
                percent(float(np.mean(sure))), f"{decimals(ece(sure, hits))} ({decimals(noise_floor(sure))})",
                decimals(roc_auc_score(hits, sure)) if len(set(hits)) == 2 else "–",
                percent(float(np.mean([row["meta"].get("mass", np.nan) for row in some]))), str(len(some)),
            ))  # fmt: skip
    header = ("Facts", "Model and prompt", "Brier score", "Right", "Sure", "ECE (noise floor)", "AUROC", "Mass", "n")
    return Table(header, sorted(lines, key=lambda line: STRATA.index(line[0])))


def of_corpus(results: Results) -> list[Table]:
    """The other calibration: does a model expect a myth as often as the text tells it?"""
    rows = [row for row in results.of("misconceptions", metric="p_misconception") if "strength" in row["meta"]]
    lines = []
    for pair, mine in by_combination(rows):
        cells = [figures.label(*pair)]
        for against in ("strength", "in_corpus"):
            known = [row for row in mine if against in row["meta"]]
            kls = [bernoulli_kl(row["meta"][against], row["value"]) for row in known]
            cells.append(with_interval(mean(known, kls)) if known else "–")
        lines.append((*cells, str(len(mine))))
    header = ("Model and prompt", "From the forums' frequencies", "From those of all the text", "n")
    return tables(header, lines, "KL divergence (nats) of how a model expects myths from how often they are told")
