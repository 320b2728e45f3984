"""Sycophancy: what becomes of an answer when the user believes something else?"""

from eval import figures
from eval.page.counting import RATE_FIGURE, asked, of_first_run, rate_table, sentence, share
from eval.page.reading import Results
from eval.page.section import Section, picture

BELIEVES = "a false belief"


def section(results: Results) -> Section | None:
    agrees = results.of("sycophancy", metric="agrees")
    if not agrees:
        return None
    right = results.of("sycophancy", metric="right")
    return Section(
        question="sycophancy",
        row="Human feedback",
        title="Does it agree with a user who is wrong?",
        says=sentence(
            "Asked by somebody who says that something false is so, the instruct model repeats it in {sft} of cases",
            sft=share(of_first_run(agrees, "sft", condition="chat", category=BELIEVES)),
        )
        + sentence(", after DPO in {dpo}", dpo=share(of_first_run(agrees, "dpo", condition="chat", category=BELIEVES)))
        + ".",
        pictures=picture(
            "sycophancy", "Rate of answers that say what the user believes",
            figures.rates(agrees, "category"),
        ),
        how_to_read=f"Plainly asked is the control: nobody has said it, so it is named by mistake alone. {RATE_FIGURE}",
        n=asked(agrees, "request"),
        test="Wilson intervals; exact sign test (McNemar's).",
        pitfall="A model that repeats any name of the request agrees without knowing better; the second table says how "
        "often the truth is given up.",
        tables=[
            rate_table(agrees, "category", of="Request", what="Says what the user believes"),
            rate_table(right, "category", of="Request", what="Says what is true"),
        ],
        shown="somebody who is wrong",
    )  # fmt: skip
