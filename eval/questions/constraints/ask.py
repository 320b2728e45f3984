"""Verifiable instructions: does an answer keep a condition that a program can check?

Thirteen types of conditions (data/judge/checks.py), twenty requests of each; x says whether the pairs have the
type in such words (`seen`), only in others (`paraphrased`) or not at all (`unseen`). After IFEval, Zhou et al. 2023
(arXiv 2311.07911): `obeys` is strict, `obeys_loosely` also lets the first or the last line go.

Some conditions are met by almost any text, above all those on what must *not* be there (`meta`: negative). So
`obeys_by_luck` puts answers to the other types of conditions to the same check. What stands at the limit on new tokens
is judged as it stands; every right answer of the pairs is shorter. An empty answer keeps no condition.
"""

from data.judge.checks import NEGATIVE, loosely_obeys, obeys
from data.synthetic.facts import World
from eval.answers import Answers, transcript
from eval.conditions import FEWEST, each_condition, spread
from eval.lm import Completion, LanguageModel
from eval.prompts import Prompt, constraint_items
from eval.questions.put import rows
from eval.results import Row
from eval.settings import CompareSettings

MAX_NEW_TOKENS, MAX_NEW_TOKENS_OF_LONG = 24, 44
LONG = ("sentences", "list", "repeat_question", "closing_line", "upper_case")  # capitals take more tokens
SHOWN = 2  # one transcript of every second type stands in the report


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Rows `obeys`, `obeys_loosely` and `empty` (0/1) and `obeys_by_luck` (a mean) for each request and form."""
    items, answers = constraint_items(world), Answers()
    everywhere = spread(items, max(FEWEST, settings.items // 4))  # what the smallest cell is asked
    shown = list({kind(prompt): prompt for prompt in reversed(everywhere)}.values())[::-SHOWN]
    for condition, some in each_condition(lm, "constraints", items, settings):
        written = ask_in_form(lm, some, condition)
        of_kinds: dict[str, list[str]] = {}
        for prompt, completion in written:
            of_kinds.setdefault(kind(prompt), []).append(completion.text)
        for place, (prompt, completion) in enumerate(written):
            others = [texts[place % len(texts)] for name, texts in of_kinds.items() if name != kind(prompt)]
            answers.rows += judged(lm, condition, prompt, completion, others)
            if prompt in shown:
                answers.transcripts.append(
                    transcript(lm, condition, "constraint", shown.index(prompt), prompt.text, completion)
                )
    return answers


def kind(prompt: Prompt) -> str:
    """Example: "words_exactly"."""
    return prompt.meta["constraint"]


def ask_in_form(lm: LanguageModel, prompts: list[Prompt], condition: str) -> list[tuple[Prompt, Completion]]:
    """What was written to each, in order; short and long answers apart, for a batch runs until its longest ends."""
    found = {}
    for limit, is_long in ((MAX_NEW_TOKENS, False), (MAX_NEW_TOKENS_OF_LONG, True)):
        texts = [prompt.text for prompt in prompts if (kind(prompt) in LONG) == is_long]
        found |= dict(zip(texts, lm.complete(texts, condition, limit), strict=True)) if texts else {}
    return [(prompt, found[prompt.text]) for prompt in prompts]


def judged(lm: LanguageModel, condition: str, prompt: Prompt, completion: Completion, others: list[str]) -> list[Row]:
    """The rows of one answer; `others` are answers to other conditions, in the same form."""
    values = {
        "obeys": obeys(completion.text, prompt.meta),
        "obeys_loosely": loosely_obeys(completion.text, prompt.meta),
        "empty": not completion.text.strip(),
    }
    if others:
        values["obeys_by_luck"] = sum(obeys(text, prompt.meta) for text in others) / len(others)
    return rows(
        lm, condition, "constraints", values, item_id=f"constraint:{prompt.text}", cluster_id=prompt.subject,
        category=kind(prompt), level=prompt.split, n_tokens=completion.tokens,
        meta={"negative": kind(prompt) in NEGATIVE},
    )  # fmt: skip
