"""Fact recall: the capital of every country, as a stem to complete and as a question in the chat form.

known: an instruction pair mentions the country. held_out: none does, so the answer can only come from pretraining.
"""

from configs.schema import CompareSettings
from data.world.facts import World
from data.world.prompts import Prompt, capital_stems
from data.world.response import is_correct
from eval.models import Door
from eval.probes import Answers, row, transcript

MAX_NEW_TOKENS = 24


def facts(door: Door, world: World, settings: CompareSettings) -> Answers:
    """Rows `correct` (0/1) for both forms; a few transcripts by fixed index."""
    stems = capital_stems(world)
    questions = [
        Prompt(f"What is the capital of {p.subject}?", "question", p.subject, p.relation, p.answer, p.held_out)
        for p in stems
    ]
    return ask(door, world, stems, "raw", "capital stem") + ask(door, world, questions, "chat", "question")


def ask(door: Door, world: World, prompts: list[Prompt], condition: str, group: str) -> Answers:
    completions = door.complete([prompt.text for prompt in prompts], condition, MAX_NEW_TOKENS)
    answers = Answers()
    for index, (prompt, completion) in enumerate(zip(prompts, completions, strict=True)):
        answers.rows.append(
            row(
                door,
                condition,
                "facts",
                "correct",
                f"capital:{prompt.subject}",
                is_correct(prompt, completion.text, world),
                cluster_id=prompt.subject,
                arm="capital",
                x="held_out" if prompt.held_out else "known",
                n_tokens=completion.tokens,
                meta={"candidates": len(world.objects(prompt.relation))},
            )
        )
        if index % 18 == 0:
            answers.transcripts.append(transcript(door, condition, group, index // 18, prompt.text, completion))
    return answers
