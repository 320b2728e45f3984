"""What feedback is meant to raise: the known utility of an answer, kind by kind and part by part."""

from data.judge.utility import WEIGHTS
from eval import figures
from eval.page.counting import RATE_FIGURE, asked, average, of_first_run, rate_table, sentence
from eval.page.reading import Results
from eval.page.section import Section, picture
from eval.page.words import decimals
from eval.results import select

WHAT = {
    "right": "does what was asked for",
    "true": "states nothing false",
    "readable": "is readable and says nothing twice",
    "stops": "ends by itself",
    "polite": "insults nobody",
    "brief": "is not much longer than it has to be",
}


def section(results: Results) -> Section | None:
    rows = results.of("utility")
    right, worth = select(rows, metric="right"), select(rows, metric="utility")
    if not right:
        return None
    drawn = figures.rates(right, "category", order=sorted({row["category"] for row in right}))
    parts = [row | {"category": WHAT[row["metric"]]} for row in rows if row["metric"] in WHAT]
    return Section(
        question="utility",
        row="Human feedback",
        title="Does feedback make answers better, by what is known of them?",
        says=sentence("The answers of the instruct model are worth {sft} of 1", sft=worth_of(worth, "sft"))
        + sentence(", after DPO {dpo}", dpo=worth_of(worth, "dpo"))
        + sentence(", after RL {rl}", rl=worth_of(worth, "rl")) + ".",
        pictures=picture("utility", "Rate of answers that do what was asked, by kind of request", drawn),
        how_to_read=f"The utility adds up the parts of the second table, weighted "
        f"{', '.join(f'{name} {weight:g}' for name, weight in WEIGHTS.items())}. {RATE_FIGURE}",
        n=asked(right, "request"),
        test="Wilson intervals; exact sign test (McNemar's).",
        pitfall="A program reads the answers: whatever it cannot read it cannot hold against them.",
        tables=[
            rate_table(right, "category", of="Kind of request"),
            rate_table(parts, "category", of="The answer", caption="Part by part"),
        ],
        shown="a request of the pairs' kinds",
    )  # fmt: skip


def worth_of(rows: list[dict], model: str) -> str | None:
    value = average(of_first_run(rows, model, condition="chat"))
    return None if value is None else decimals(value)
