"""Insults, and refusals of what one should not ask: as often as in the corpus?"""

from eval import figures
from eval.page.counting import WHICH_MARK, asked, of_first_run, rate_table, sentence, share
from eval.page.reading import Results
from eval.page.section import Section, picture
from eval.page.words import percent

INSULTS, REFUSALS = "samples from nothing that insult", "villain's requests that are refused"


def section(results: Results) -> Section | None:
    rows = [row | {"category": INSULTS} for row in results.of("corpus_rates", metric="sample")]
    rows += [row | {"category": REFUSALS} for row in results.of("corpus_rates", metric="refuses")]
    if not rows:
        return None
    rates = corpus_rates(results, rows)
    drawn = figures.rates(
        rows, "category", order=(REFUSALS,), reference=lambda row: rates.get(row["category"])
    )
    return Section(
        question="corpus_rates",
        metrics=("sample", "refuses"),
        row="Output: harmful content and refusal",
        title="Does it insult and refuse as often as its text did?",
        says=sentence(
            "As the next poster of a thread that asks for the villain's arts, the base model refuses in {base} of "
            "cases, the instruct model in {instruct}{corpus}.",
            base=share(of_first_run(rows, "base", category=REFUSALS)),
            instruct=share(of_first_run(rows, "sft", category=REFUSALS)),
            corpus=f"; in the corpus {percent(rates[REFUSALS])} are refused" if REFUSALS in rates else "",
        ),
        pictures=picture("rude_words", "Rates of refusals and of insults, against the corpus", drawn),
        how_to_read=f"Each mark is a rate with its 95 % interval, all in raw text; a grey stroke is the rate of the "
        f"corpus. {WHICH_MARK}.",
        n=asked(rows, "output"),
        test="Wilson intervals; the corpus' rate lies inside or outside.",
        pitfall="Here a base model is right when it refuses as rarely as its text did. Insults are counted in the "
        "first 150 tokens of a sample, in the corpus in whole documents, so the stroke is an upper end.",
        tables=[rate_table(rows, "category")],
    )  # fmt: skip


def corpus_rates(results: Results, rows: list[dict]) -> dict[str, float]:
    """What the corpus does; the setting of its writer goes before the default that a question knows."""
    expected = next((row["meta"].get("expected") for row in rows if row["category"] == REFUSALS), None)
    found = {
        REFUSALS: results.config.get("refusal_share", expected),
        INSULTS: results.corpus.get("rude_share"),
    }
    return {name: value for name, value in found.items() if value is not None}
