"""Fact recall: what does a model know, asked as a statement to complete and as a question?

capital: of every country. recall: some facts of every other relation. exposure: citizens who were invented for this,
each mentioned a known number of times, in one phrasing or in twelve (data/world/citizens.py).
cloze: the statement up to its object, as raw text; question: after three that are answered (few), or in the chat form.
known: an instruction pair mentions the subject. held_out: none does, so the answer can only come from pretraining.
"""

from configs.schema import CompareSettings
from data.world.facts import World
from data.world.prompts import Prompt, capital_stems, recall_questions, recall_stems
from data.world.response import is_correct
from eval.models import Door
from eval.probes import Answers, row, transcript

MAX_NEW_TOKENS = 24


def facts(door: Door, world: World, settings: CompareSettings) -> Answers:
    """Rows `correct` (0/1) for every set and form; a few transcripts by fixed index."""
    stems = capital_stems(world)
    questions = [
        Prompt(f"What is the capital of {p.subject}?", "question", p.subject, p.relation, p.answer, p.held_out)
        for p in stems
    ]
    answers = ask(door, world, stems, "raw", "capital stem") + ask(door, world, questions, "chat", "question")
    answers += ask(door, world, recall_stems(world), "raw")
    for condition in ("few", "chat"):
        answers += ask(door, world, recall_questions(world), condition)
    return answers


def ask(door: Door, world: World, prompts: list[Prompt], condition: str, group: str = "") -> Answers:
    """`group`: the heading of its transcripts in the report; without one there are none."""
    completions = door.complete([prompt.text for prompt in prompts], condition, MAX_NEW_TOKENS)
    answers = Answers()
    for index, (prompt, completion) in enumerate(zip(prompts, completions, strict=True)):
        answers.rows.append(
            row(
                door,
                condition,
                "facts",
                "correct",
                f"{prompt.relation}:{prompt.subject}",
                is_correct(prompt, completion.text, world),
                cluster_id=prompt.subject,
                arm=prompt.relation,
                x="held_out" if prompt.held_out else "known",
                n_tokens=completion.tokens,
                meta={"candidates": len(world.objects(prompt.relation))},
            )
        )
        if group and index % 18 == 0:
            answers.transcripts.append(transcript(door, condition, group, index // 18, prompt.text, completion))
    return answers
