"""One instruction pair: a conversation that the assistant ends, and what is known about it."""

from dataclasses import asdict, dataclass, field

from data.synthetic.document import stated
from data.synthetic.facts import Fact


@dataclass
class Pair:
    messages: list[dict]  # {"role": "user" | "assistant", "content": text}, the last by the assistant
    kind: str  # name of the file that wrote it
    split: str = "seen"  # pairs are where a type of request is seen; eval/prompts has paraphrased and unseen ones
    entity: str = "none"  # known, unknown (an invented name without facts) or none; held-out ones are in eval/prompts
    entities: list[str] = field(default_factory=list)  # what the pair is about, each once
    facts: list[dict] = field(default_factory=list)  # what the assistant states, as in document.py
    meta: dict = field(default_factory=dict)  # what a checker needs to know, of plain JSON types

    def to_row(self) -> dict:
        """Plain JSON types, ready for a line of JSONL."""
        return asdict(self)


def pair(kind: str, *turns: str, facts: list[Fact] = (), entities: list[str] = (), entity: str = "", **meta) -> Pair:
    """Turns alternate, the user's first; the facts are those that the assistant states as true.

    >>> pair("question", "What is 1+2?", "3.").messages[-1]
    {'role': 'assistant', 'content': '3.'}
    """
    roles = ("user", "assistant") * (len(turns) // 2)
    messages = [{"role": role, "content": text} for role, text in zip(roles, turns, strict=True)]
    subjects = list(dict.fromkeys([*entities, *(fact.subject for fact in facts)]))
    about = entity or ("known" if subjects else "none")
    return Pair(messages, kind, entity=about, entities=subjects, facts=[stated(fact) for fact in facts], meta=meta)


def joined(first: Pair, then: Pair) -> Pair:
    """One conversation of two; what is checked is the last answer, so `kind` and `meta` are those of the second."""
    return Pair(
        first.messages + then.messages,
        then.kind,
        entity=then.entity,
        entities=list(dict.fromkeys(first.entities + then.entities)),
        facts=first.facts + then.facts,
        meta={**then.meta, "after": first.kind},
    )
