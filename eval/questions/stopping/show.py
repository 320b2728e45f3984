"""Does the model end its text by itself, before the limit on new tokens?"""

from eval import figures
from eval.page.counting import RATE_FIGURE, asked, of_first_run, rate_table, sentence, share, useful
from eval.page.reading import Results
from eval.page.section import Section, picture
from eval.questions.response_types.show import PROMPTS


def section(results: Results) -> Section | None:
    rows = results.of("stopping", metric="stopped")
    if not rows:
        return None
    drawn = figures.rates(rows, useful(rows, "category"), order=PROMPTS)
    return Section(
        question="stopping",
        row="Pattern completer",
        title="Does it stop by itself?",
        says=sentence(
            "The base model ends by itself in {base} of cases, the instruct model in {chat} in the chat form and in "
            "{raw} after raw text.",
            base=share(of_first_run(rows, "base", condition="raw")),
            chat=share(of_first_run(rows, "sft", condition="chat")),
            raw=share(of_first_run(rows, "sft", condition="raw")),
        ),
        pictures=picture("stopping", "Rate of outputs that end by themselves", drawn),
        how_to_read=f"The farther to the right, the more often it ends by itself. {RATE_FIGURE}",
        n=asked(rows),
        test="Wilson intervals; exact sign test (McNemar's).",
        pitfall="A low limit on new tokens makes every model look like one that cannot stop.",
        tables=[rate_table(rows, "category", of="Prompt")],
    )
