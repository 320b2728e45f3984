"""One document and what is known about it.

`facts` holds rows like {"subject": "France", "relation": "capital", "object": "Paris", "is_true": True}.
`logp` is the natural log of the probability of everything drawn to write the text, in nats.
"""

from dataclasses import asdict, dataclass, field


@dataclass
class Document:
    text: str
    type: str  # encyclopedia, story, quiz, chat, forum, tasks, letter, howto
    register: str = "neutral"  # neutral, formal, casual, childlike, archaic, rude, expert
    author: str = "neutral"  # neutral, reliable, unreliable, polite, rude, villain
    speakers: list[str] = field(default_factory=list)  # in order of their first turn
    facts: list[dict] = field(default_factory=list)  # in order of their statement
    logp: float = 0.0  # nats, <= 0
    entities: list[str] = field(default_factory=list)  # subjects of the facts, each once

    def __post_init__(self):
        if not self.entities:
            self.entities = list(dict.fromkeys(row["subject"] for row in self.facts))

    def to_row(self) -> dict:
        """Plain JSON types, ready for a line of JSONL."""
        return asdict(self)


def stated(fact, answer: str | None = None) -> dict:
    """The record of a fact that a document states; `answer` when the author says something else."""
    said = fact.object if answer is None else answer
    return {
        "subject": fact.subject,
        "relation": fact.relation,
        "object": said,
        "is_true": said == fact.object,
    }
