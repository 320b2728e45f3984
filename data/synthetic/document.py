"""One document and what is known about it.

`facts` holds rows like {"subject": "France", "relation": "capital", "object": "Paris", "is_true": True,
"is_myth": False}. `logp` is the natural log of the probability of everything drawn to write the text, in nats.

>>> talk = Document("Ida: hi Tom\\nTom: hello!", "chat", speakers=["Ida", "Tom"])
>>> talk.speaker_spans, talk.text[12:23]
([[0, 11, 'Ida'], [12, 23, 'Tom']], 'Tom: hello!')
"""

import re
from dataclasses import dataclass, field

from data.synthetic.facts import load_world

TURN = re.compile(r"^([^\n:]+):", re.MULTILINE)


@dataclass
class Document:
    text: str
    type: str  # one of DOCUMENT_TYPES in config.py, or instructions
    register: str = "neutral"  # neutral, formal, casual, childlike, archaic, rude, expert
    author: str = "neutral"  # neutral, reliable, unreliable, polite, rude, villain, biased
    speakers: list[str] = field(default_factory=list)  # in order of their first turn
    facts: list[dict] = field(default_factory=list)  # in order of their statement
    logp: float = 0.0  # nats, <= 0
    entities: list[str] = field(default_factory=list)  # subjects of the facts, each once
    speaker_spans: list[list] = field(default_factory=list)  # [start, end, name] of each turn, in characters
    choices: int = 0  # number of random choices behind logp
    templates: list[str] = field(default_factory=list)  # ids of the phrases of phrases/*.txt, in order of writing
    requests: int = 0  # how often somebody asks for what only a villain would teach
    refusals: int = 0  # how many of these requests are refused

    def __post_init__(self):
        if not self.entities:
            self.entities = list(dict.fromkeys(row["subject"] for row in self.facts))
        if self.speakers:
            self.speaker_spans = spans_of(self.text, self.speakers)
        for row in self.facts:
            if "is_myth" not in row:
                row["is_myth"] = is_myth(row)

    def drawn(self, draw) -> "Document":
        """Note what the finished document cost; returns it."""
        self.logp, self.choices, self.templates = draw.logp, draw.choices, draw.templates
        return self

    def to_row(self) -> dict:
        """Plain JSON types, ready for a line of JSONL.

        Six digits of logp: the last ones of a sum of logarithms differ between machines.
        """
        return {**vars(self), "logp": round(self.logp, 6)}


def spans_of(text: str, speakers: list[str]) -> list[list]:
    """[start, end, name] of each turn; a turn begins with its speaker's name at the start of a line."""
    begins = [(match.start(), match[1]) for match in TURN.finditer(text) if match[1] in speakers]
    ends = [start for start, _ in begins[1:]] + [len(text)]
    return [
        [start, start + len(text[start:end].rstrip()), name] for (start, name), end in zip(begins, ends, strict=True)
    ]


def is_myth(row: dict) -> bool:
    """Whether what was said is the wrong answer that the web repeats for this question."""
    world = load_world()
    fact = None if row["is_true"] else world.get(row["relation"], row["subject"])
    return fact is not None and row["object"] == world.myth(fact)


def stated(fact, answer: str | None = None) -> dict:
    """The record of a fact that a document states; `answer` when the author says something else."""
    said = fact.object if answer is None else answer
    row = {
        "subject": fact.subject,
        "relation": fact.relation,
        "object": said,
        "is_true": said == fact.object,
    }
    row["is_myth"] = not row["is_true"] and is_myth(row)
    return row
