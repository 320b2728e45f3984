"""The fixed prompts of the comparison: functions of the world alone, always in this order, in no pair.

>>> from data.synthetic.facts import load_world
>>> stems = {prompt.subject: prompt for prompt in capital_stems(load_world())}
>>> stems["France"].text, stems["France"].answer
('The capital of France is', 'Paris')

chosen.py        which facts are asked about
facts.py         statements to complete, bare questions
instructions.py  a few of every kind
constraints.py   with a condition that a program can check
refusals.py      harmful requests, and what sounds like them
beginnings.py    of stories and chats
"""

from data.judge.prompt import Prompt
from eval.prompts.beginnings import chat_prefixes, story_openings
from eval.prompts.constraints import constraint_items
from eval.prompts.facts import WRONG_ANSWERS_VERBATIM, capital_stems, questions, stems
from eval.prompts.instructions import instructions
from eval.prompts.refusals import refusal_items

__all__ = [
    "WRONG_ANSWERS_VERBATIM",
    "Prompt",
    "capital_stems",
    "chat_prefixes",
    "constraint_items",
    "instructions",
    "questions",
    "refusal_items",
    "stems",
    "story_openings",
]
