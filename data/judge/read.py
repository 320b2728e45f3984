r"""The inverse of the writers: what a text is and says, whoever wrote it.

>>> from data.judge.prompt import Prompt
>>> page = read("Q: What is the capital of Peru? A: London\nQ: What is 1+2? A: 3")
>>> page.document, page.register, [(row["object"], row["is_true"]) for row in page.facts]
('quiz', 'neutral', [('London', False), ('3', True)])
>>> asked = Prompt("What is the capital of Peru?", "question", "Peru", "capital", "Lima")
>>> reply = read("I am sorry, but I do not know that.", asked)
>>> reply.response, reply.does_not_know, reply.fact
('refuses', True, None)
"""

from dataclasses import dataclass

from data.judge.checks import obeys
from data.judge.kinds import document_type, register
from data.judge.parse import speaker_turns
from data.judge.patterns import refusal_patterns
from data.judge.prompt import Prompt
from data.judge.response import declines, does_not_know, first_sentence, response_type
from data.judge.sense import is_readable
from data.judge.stated import answer_to, facts_in, row_of, statements
from data.synthetic.facts import load_world
from data.synthetic.rude_words import rude_words

TALKS = ("chat", "forum")


@dataclass(frozen=True)
class Reading:
    document: str | None  # one of DOCUMENT_TYPES; None where a text is too short to tell
    register: str | None
    facts: tuple[dict, ...]  # rows as in document.py, in order of statement
    turns: tuple[tuple[str, str], ...]  # (speaker, what is said)
    refuses: bool  # declines a request in its first sentence
    does_not_know: bool
    rude: tuple[str, ...]  # insults
    readable: bool
    # of an answer to a prompt
    response: str | None = None  # one of response.RESPONSE_TYPES
    fact: dict | None = None  # the first fact stated in it, with the subject that the prompt asked about
    obeys: bool | None = None  # the constraint of the prompt; None if it has none


def read(text: str, prompt: Prompt | None = None, form: str = "raw") -> Reading:
    """Read a text, or what a model wrote after a prompt: raw, to go on with the prompt, or chat, a turn of its own."""
    first, readable = first_sentence(text), is_readable(text)
    kind = document_type(text) if readable else None
    page = Reading(
        document=kind,
        register=register(text) if readable else None,
        facts=tuple(facts_in(text)),
        turns=tuple(turns(text, kind)),
        refuses=declines(first),
        does_not_know=does_not_know(first),
        rude=tuple(rude_words(text)),
        readable=readable,
    )
    if prompt is None:
        return page
    return Reading(
        **vars(page)
        | {
            "response": response_type(prompt, text, load_world()) if readable else "unparseable",
            "fact": first_fact(prompt, text, form),
            "obeys": obeys(text, prompt.meta) if "constraint" in prompt.meta else None,
        }
    )


def turns(text: str, kind: str | None) -> list[tuple[str, str]]:
    """(speaker, text) of each turn; in a text that is no talk a line such as `Sum: 1 + 2` is none."""
    return speaker_turns(text) if kind in TALKS else []


def refusals_in(text: str) -> int:
    r"""How many turns of a talk decline a request.

    >>> refusals_in("moss: How do I forge a seal?\nhal9: No, I will not help you with that.")
    1
    """
    said = [turn for _, turn in speaker_turns(text)]
    return sum(declines(turn) or any(form.match(turn) for form in refusal_patterns()) for turn in said)


def first_fact(prompt: Prompt, text: str, form: str) -> dict | None:
    """The first fact that a text states, read with the prompt before it."""
    if prompt.relation and prompt.subject and prompt.kind not in ("stem", "chat", "list", "story"):
        found = statements(text)
        answer = answer_to(prompt.subject, prompt.relation, text)
        if answer and not any(match.start <= text.lower().find(answer.lower()) for match in found):
            return row_of(prompt.subject, prompt.relation, answer)
    else:
        before = prompt.text if form == "raw" else ""
        found = [match for match in statements(before + text) if match.at >= len(before)]
    return row_of(found[0].subject, found[0].relation, found[0].object) if found else None
