"""Contradiction: does a text say two things of which at most one can be true?"""

from collections.abc import Sequence

from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import RATE_FIGURE, asked, by_combination, of_first_run, rate_table, sentence, share
from eval.page.reading import Results
from eval.page.section import Section, Table, picture
from eval.page.words import percent
from eval.results import select

WHAT = {
    "contradicts": "any two statements of a text",
    "same_speaker": "two of the same speaker",
    "cross_speaker": "two of different speakers",
    "asked_again": "two answers, when asked again",
}
MOST_SHOWN = 5


def section(results: Results) -> Section | None:
    everything = results.of("contradiction")
    texts = select(everything, metric="contradicts")
    if not texts:
        return None
    return Section(
        question="contradiction",
        metrics=("contradicts",),
        row="Output: contradiction and consistency",
        title="Does it contradict itself within one text?",
        says=sentence(
            "{base} of the base model's texts contain a contradiction and {chat} of the instruct model's; asked "
            "the same again a little later, they give another answer in {base_again} and {chat_again} of cases.",
            base=share(of_first_run(texts, "base", condition="raw")),
            chat=share(of_first_run(texts, "sft", condition="chat")),
            base_again=share(of_first_run(select(everything, metric="asked_again"), "base", condition="raw")),
            chat_again=share(of_first_run(select(everything, metric="asked_again"), "sft", condition="chat")),
        ),
        pictures=picture("contradiction", "Rate of texts with a contradiction", panels(everything), front=1),
        how_to_read="To the left fewer texts contradict themselves; a stroke is how often the corpus' own texts of "
        f"that kind do. {RATE_FIGURE}",
        n=asked(texts, "text") + ", up to 120 tokens each, sampled at temperature 1",
        test="Wilson intervals; exact sign test (McNemar's).",
        pitfall="Whoever says little contradicts himself little: the table tells how often a text says anything twice. "
        "Two speakers who disagree are good modelling of a text in which people do.",
        tables=[matters(everything), rate_table(texts, "category", of="Text"), *examples(texts)],
        shown="a longer text",
    )


def panels(rows: Sequence[dict]) -> dict[str, Figure]:
    """A panel for each kind of contradiction; all kinds together come first."""
    drawn = {}
    for metric, name in WHAT.items():
        if some := select(rows, metric=metric):
            drawn[name] = figures.rates(some, reference=of_corpus)
            drawn[name].axes[0].set_title(name)
    return drawn


def of_corpus(row: dict) -> float | None:
    return row["meta"].get("corpus") if row["metric"] == "contradicts" else None


def matters(rows: Sequence[dict]) -> Table:
    """Contradictions as a share of what was said twice."""
    lines = []
    for pair, mine in by_combination(select(rows, metric="restated")):
        twice = sum(row["value"] for row in mine)
        bad = sum(row["meta"].get("contradictory", 0) for row in mine)
        said = sum(row["meta"].get("statements", 0) for row in mine)
        lines.append(
            (figures.label(*pair), str(said), f"{twice:.0f}", str(bad), percent(bad / twice) if twice else "–")
        )
    header = ("Model and prompt", "Statements read", "Matters stated twice", "Contradictory", "Share")
    return Table(header, lines, "The numbers: what was said twice")


def examples(texts: Sequence[dict]) -> list[Table]:
    """Real contradictions, the first few of each model: who says what, and the text."""
    lines = []
    for pair, mine in by_combination([row for row in texts if row["value"] and row["meta"].get("said")]):
        for row in mine[:MOST_SHOWN]:
            matter = row["meta"]["said"][0]
            _, subject, relation, _ = matter[0]
            claims = dict.fromkeys(f"{speaker}: {said}" if speaker else said for speaker, *_, said in matter)
            about = f"{relation.replace('_', ' ')} of {subject}"
            text = " / ".join(line for line in row["meta"].get("text", "").splitlines() if line.strip())
            lines.append((figures.label(*pair), about, " – ".join(claims), text))
    header = ("Model and prompt", "About", "What is said", "Text")
    return [Table(header, lines, "Real contradictions, as they were written")] if lines else []
