"""What is asked, with the answer and whatever a reader of the output must know about it."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Prompt:
    text: str
    kind: str  # stem, question, story, chat, or what an instruction asks for: list, explain, opposite, ...
    subject: str = ""
    relation: str = ""
    answer: str = ""  # the true object, "" where there is none
    held_out: bool = False  # the subject, category, type or topic occurs in no instruction pair
    new_phrasing: bool = False  # asked in words that occur in no training text
    split: str = "seen"  # of the type of request: seen in the pairs, paraphrased, unseen
    entity: str = "none"  # known, held-out or unknown; none where the request is not about one
    meta: dict = field(default_factory=dict, hash=False)  # what a checker needs (judge/checks.py), or the category
