"""Would a stranger be content? One conversation as it went, and how many answers were right, by kind and by turn."""

from eval import figures
from eval.page.counting import RATE_FIGURE, asked, of_first_run, rate_table, sentence, share
from eval.page.reading import Results
from eval.page.section import Section, picture
from eval.results import select

WHAT = {
    "subject": "names what was asked about",
    "true": "says what had to be said, and nothing false",
    "form": "has the form that was asked for",
    "no_repetition": "says nothing twice",
    "ends": "ends by itself",
}


def section(results: Results) -> Section | None:
    rows = results.of("talk")
    right = select(rows, metric="right")
    if not right:
        return None
    turns = [row | {"level": "a turn of a conversation" if row["level"] != "request" else "a single request"}
             for row in right]  # fmt: skip
    drawn = figures.rates(right, "category", order=sorted({row["category"] for row in right}))
    parts = [row | {"category": WHAT[row["metric"]]} for row in rows if row["metric"] in WHAT]
    return Section(
        question="talk",
        row="Use cases",
        title="Would a stranger be content with the answers?",
        says=sentence(
            "Of a stranger's requests and turns the base model answers {base} to the point in the chat form, the "
            "instruct model {chat}.",
            base=share(of_first_run(right, "base", condition="chat")),
            chat=share(of_first_run(right, "sft", condition="chat")),
        ),
        pictures=picture("talk", "Rate of answers that are right in every part, by kind of request", drawn),
        how_to_read="An answer counts if it names what was asked about, is true, has the form that was asked for, says "
        f"nothing twice and ends by itself. {RATE_FIGURE}",
        n=asked(right, "question"),
        test="Wilson intervals; exact sign test (McNemar's).",
        pitfall="A rule reads the answers. It cannot tell whether a story is good or advice is wise, only that they "
        "are about the right thing, readable, and end.",
        tables=[
            rate_table(turns, "level", of="Asked as"),
            rate_table(parts, "category", of="The answer", caption="Part by part"),
        ],
        shown="a stranger talks",
    )
