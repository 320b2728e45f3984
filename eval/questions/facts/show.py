"""The capitals, as a sentence to complete and as a question."""

from eval import figures
from eval.page.counting import RATE_FIGURE, asked, of_first_run, rate_table, sentence, share, useful
from eval.page.reading import Results
from eval.page.section import Section, picture


def section(results: Results) -> Section | None:
    rows = results.of("facts", metric="correct")
    if not rows:
        return None
    what, drawn, by_kind = "capitals", figures.rates_by(rows, "level"), None
    if useful(rows, "category"):  # strangers are asked for other facts as well, and chance differs from kind to kind
        what, drawn = "answers", figures.rates(rows, reference=lambda row: None)
        by_kind = figures.rates_by(rows, "level", "category")
    return Section(
        question="facts",
        row="Example process",
        title="Does “The capital of France is” lead to Paris, and the question too?",
        says=sentence(
            "The base model completes {base} of the capitals; asked in chat about countries that its tuning never "
            "mentioned, the instruct model names {held_out}, about the others {known}.",
            base=share(of_first_run(rows, "base", condition="raw")),
            held_out=share(of_first_run(rows, "sft", condition="chat", level="held_out")),
            known=share(of_first_run(rows, "sft", condition="chat", level="known")),
        ),
        pictures=[
            *picture("facts", f"Rate of right {what}, by model and prompt form", drawn, columns=2),
            *picture("facts-by-kind", "Rate of right answers, by kind of fact", by_kind, columns=2),
        ],
        how_to_read=f"To the right more {what} are right. A grey stroke is chance. Held out: subjects that no "
        f"instruction pair mentions. {RATE_FIGURE}",
        n=asked(rows, "fact", "cluster_id"),
        test="Wilson intervals; differences by a paired bootstrap over subjects.",
        pitfall="A wrong answer to a question is not a missing fact: the base model may know the fact and not read "
        "the question as a request for it.",
        tables=[rate_table(rows, "level", of="Subject")],
    )
