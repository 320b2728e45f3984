"""Autocomplete or answer? Bundled stems, questions, instructions and story openings, read by plain rules.

Rows `census` / `response_type` and `answers` (0/1), `stopping` / `stopped` (0/1) where an answer is due.
"""

from eval.answers import Answers, row, transcript
from eval.bundled.cells import each_condition
from eval.bundled.prompts import asked, asks, cloze, facts, stories
from eval.bundled.reading import kind_of
from eval.bundled.stranger import Stranger
from eval.conditions import shown, spread
from eval.prompts import Prompt
from eval.settings import CompareSettings

MAX_NEW_TOKENS = {"stem": 24, "question": 40, "instruction": 64, "story opening": 48}
FACTS = 30  # stems, and as many questions of fact
SHOWN = 6


def prompts() -> dict[str, list[Prompt]]:
    some = spread(list(facts()), FACTS)
    return {
        "stem": [cloze(fact) for fact in some],
        "question": [*asks("question"), *(asked(fact, 1) for fact in some)],
        "instruction": list(asks("instruction")),
        "story opening": stories(),
    }


def census(lm: Stranger, settings: CompareSettings, texts: list) -> Answers:
    answers = Answers()
    for kind, items in prompts().items():
        due = kind in ("question", "instruction")
        seen = shown(items, settings, SHOWN)
        for form, some in each_condition(lm, "response_types", items, settings, extra=due):
            completions = lm.complete([prompt.text for prompt in some], form, MAX_NEW_TOKENS[kind])
            for prompt, completion in zip(some, completions, strict=True):
                item = {
                    "item_id": f"{kind}:{prompt.text}",
                    "cluster_id": prompt.subject,
                    "category": kind,
                    "n_tokens": completion.tokens,
                }
                found = kind_of(prompt, completion.text)
                answers.rows += [
                    row(lm, form, "response_types", "response_type", value=1, meta={"response_type": found}, **item),
                    row(lm, form, "response_types", "answers", value=found == "answers", **item),
                ]
                if due:
                    answers.rows.append(row(lm, form, "stopping", "stopped", value=completion.stopped, **item))
                if prompt.text in seen and kind != "stem":
                    group = "bare question" if kind == "question" else kind
                    answers.transcripts.append(
                        transcript(lm, form, group, seen[prompt.text], prompt.text, completion)
                    )
    return answers
