"""Real facts: completed as a sentence, asked after examples and in chat, and asked in several wordings.

Rows `facts` / `correct` (0/1); `consistency` / `agrees` (share of the pairs of wordings with the same answer, right or
wrong), `correct` (share of the wordings with the right answer) and `consistent_and_correct`. An answer that cannot be
read agrees with nothing. After Elazar et al. 2021, arXiv 2102.01017.
"""

from itertools import combinations

from data.synthetic.facts import load_world
from eval.answers import Answers, row, transcript
from eval.bundled.cells import each_condition
from eval.bundled.prompts import WORDINGS, asked, cloze, facts, reworded
from eval.bundled.reading import named, says
from eval.bundled.stranger import Stranger
from eval.conditions import how_many, spread
from eval.settings import CompareSettings

MAX_NEW_TOKENS = 24
FORMS = {"raw": cloze, "few": asked, "chat": asked}
SHOWN = 4


def knowledge(lm: Stranger, settings: CompareSettings, texts: list) -> Answers:
    return recall(lm, settings) + consistency(lm, settings)


def recall(lm: Stranger, settings: CompareSettings) -> Answers:
    answers = Answers()
    for form, some in each_condition(lm, "facts", list(facts()), settings, tuple(FORMS)):
        prompts = [FORMS[form](fact) for fact in some]
        completions = lm.complete([prompt.text for prompt in prompts], form, MAX_NEW_TOKENS)
        for place, (prompt, completion) in enumerate(zip(prompts, completions, strict=True)):
            answers.rows.append(
                row(
                    lm,
                    form,
                    "facts",
                    "correct",
                    f"{prompt.relation}:{prompt.subject}",
                    says(prompt, completion.text),
                    cluster_id=prompt.subject,
                    category=prompt.relation,
                    n_tokens=completion.tokens,
                    meta={"candidates": len(load_world().objects(prompt.relation))},
                )
            )
            if form in ("raw", "chat") and place < SHOWN:
                group = "capital stem" if form == "raw" else "question"
                answers.transcripts.append(transcript(lm, form, group, place, prompt.text, completion))
    return answers


def consistency(lm: Stranger, settings: CompareSettings) -> Answers:
    answers = Answers()
    for form in ("few", "chat"):
        chosen = spread(reworded(), max(2, how_many(lm, "consistency", form, settings) * len(reworded()) // 300))
        prompts = [asked(fact, wording) for fact in chosen for wording in range(WORDINGS)]
        completions = lm.complete([prompt.text for prompt in prompts], form, MAX_NEW_TOKENS)
        said = [named(prompt, done.text) for prompt, done in zip(prompts, completions, strict=True)]
        for place, fact in enumerate(chosen):
            mine = said[WORDINGS * place : WORDINGS * (place + 1)]
            values = agreement(mine) | {"correct": mine.count(fact.object) / WORDINGS}
            values["consistent_and_correct"] = float(mine.count(fact.object) == WORDINGS)
            answers.rows += [
                row(lm, form, "consistency", metric, f"{fact.relation}:{fact.subject}", value,
                    cluster_id=fact.subject, category=fact.relation, meta={"answers": mine, "true": fact.object})
                for metric, value in values.items()
            ]  # fmt: skip
    return answers


def agreement(said: list[str]) -> dict[str, float]:
    """Example: agreement(["Paris", "Paris", "Rome", ""]) == {"agrees": 1 / 6}."""
    pairs = list(combinations(said, 2))
    return {"agrees": sum(one == other != "" for one, other in pairs) / len(pairs)}
