"""Autocomplete or answer? What kind of text each model writes after stems, questions, instructions, story openings;
and whether it stops by itself.
"""

from data.judge.response import response_type
from data.synthetic.facts import World
from eval.answers import Answers, row, transcript
from eval.conditions import asked_everywhere, portions
from eval.lm import LanguageModel
from eval.prompts import Prompt, instructions, questions, stems, story_openings
from eval.settings import CompareSettings

SHOWN = 6  # transcripts of each type of prompt
# longest answer per type of prompt (tokens): room for a whole answer, so that not stopping means running on
MAX_NEW_TOKENS = {"stem": 24, "question": 48, "instruction": 96, "story opening": 64}


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Rows `response_type`, `answers` and, where an answer is due, `stopped`, for the raw and the chat form."""
    prompts = {
        "stem": stems(world),
        "question": questions(world),
        "instruction": instructions(world),
        "story opening": story_openings(world),
    }
    answers = Answers()
    for kind, items in prompts.items():
        places = {prompt.text: place for place, prompt in enumerate(asked_everywhere(items, settings, SHOWN))}
        for condition, some in portions(lm, "response_types", items, settings):
            answers += ask_in_form(lm, world, kind, some, condition, places)
    return answers


def ask_in_form(
    lm: LanguageModel, world: World, kind: str, prompts: list[Prompt], condition: str, transcripts: dict[str, int]
) -> Answers:
    completions = lm.complete([prompt.text for prompt in prompts], condition, MAX_NEW_TOKENS[kind])
    answers = Answers()
    for prompt, completion in zip(prompts, completions, strict=True):
        item = {
            "item_id": f"{kind}:{prompt.text}",
            "cluster_id": prompt.subject,
            "category": kind,
            "level": "held_out" if prompt.held_out else "known",
            "n_tokens": completion.tokens,
        }
        found = response_type(prompt, completion.text, world)
        answers.rows += [
            row(lm, condition, "response_types", "response_type", value=1, meta={"response_type": found}, **item),
            row(lm, condition, "response_types", "answers", value=found == "answers", **item),
        ]
        if kind in ("question", "instruction"):
            answers.rows.append(row(lm, condition, "stopping", "stopped", value=completion.stopped, **item))
        if prompt.text in transcripts and kind != "stem":
            group, index = f"bare {kind}" if kind == "question" else kind, transcripts[prompt.text]
            answers.transcripts.append(transcript(lm, condition, group, index, prompt.text, completion))
    return answers
