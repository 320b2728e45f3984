"""Shown a chat, does the model keep to its own turn?"""

from eval import figures
from eval.page.counting import RATE_FIGURE, asked, of_first_run, rate_table, sentence, share, useful
from eval.page.reading import Results
from eval.page.section import Section, picture


def section(results: Results) -> Section | None:
    rows = results.of("role_leakage", metric="role_leakage")
    if not rows:
        return None
    drawn = figures.rates(rows, useful(rows, "category"))
    return Section(
        question="role_leakage",
        row="Pattern completer",
        title="Shown a chat, does it keep to its own turn?",
        says=sentence(
            "In the chat form the base model goes on to write somebody else's turn in {base} of cases, the instruct "
            "model in {instruct}.",
            base=share(of_first_run(rows, "base", condition="chat")),
            instruct=share(of_first_run(rows, "sft", condition="chat")),
        ),
        pictures=picture("role_leakage", "Rate of outputs with turns of several speakers", drawn),
        how_to_read=f"The farther to the left, the more it keeps to its own turn. {RATE_FIGURE}",
        n=asked(rows, "chat"),
        test="Wilson intervals; exact sign test (McNemar's).",
        pitfall="Libraries add stop strings that hide this; none are used here.",
        tables=[rate_table(rows, "category")],
    )
