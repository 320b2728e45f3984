"""How well the parser reads: gold documents and pairs of a fresh seed, and outputs of models labelled by hand.

Precision and recall on texts whose record is known; agreement on labelled_outputs.jsonl.
A bare page of sums, `8 + 7 = 15` on each line and nothing else, is a page of `sums` as well as of `tasks`: the two
writers write the same there and no reader could tell them apart, so either type counts as right.
"""

import json
import re
from collections import Counter
from functools import cache
from typing import NamedTuple

from configs import ROOT
from data.judge.checks import obeys
from data.judge.kinds import document_type, register
from data.judge.parse import speaker_turns
from data.judge.patterns import pattern_of
from data.judge.prompt import Prompt
from data.judge.response import declines, does_not_know, first_sentence, response_type
from data.judge.sense import is_readable
from data.judge.stated import answer_to, facts_in, row_of, statements
from data.synthetic.config import Config
from data.synthetic.conversations.generate import pairs
from data.synthetic.document import Document
from data.synthetic.draw import Draw
from data.synthetic.facts import load_world
from data.synthetic.generate import documents
from data.synthetic.grammar import load
from data.synthetic.relations import stock

SEED = 31_337  # of nothing else
LABELLED = ROOT / "tests" / "labelled_outputs.jsonl"
BARE_SUMS = re.compile(r"(?:\d+ \+ \d+ = \d+(?:\n|\Z))+")  # what two kinds of document write alike
TARGET, LABEL_TARGET = 0.99, 0.95
TALKS = ("chat", "forum")
BREAK = {  # how to spoil an answer that meets a constraint
    "words_exactly": lambda answer, meta: answer + " indeed",
    "words_at_most": lambda answer, meta: answer + " indeed" * meta["n"],
    "sentences": lambda answer, meta: answer + " Yes.",
    "start_with": lambda answer, meta: "Now " + answer,
    "end_with": lambda answer, meta: answer + " Now.",
    "include_word": lambda answer, meta: re.sub(rf"(?i)\b{re.escape(meta['word'])}\b", "so", answer),
    "avoid_word": lambda answer, meta: f"{answer} {meta['word']}",
    "list": lambda answer, meta: answer + ("\n- bread" if "\n" in answer else ", bread"),
    "yes_or_no": lambda answer, meta: answer + " Perhaps.",
    "repeat_question": lambda answer, meta: answer.replace(meta["question"], ""),
    "lower_case": lambda answer, meta: answer.upper(),
    "upper_case": lambda answer, meta: answer.lower(),
    "closing_line": lambda answer, meta: answer + "\nBye.",
}


class Score(NamedTuple):
    """Of what the parser says, how much is right (precision); of what is there, how much it finds (recall)."""

    precision: float
    recall: float
    n: int  # how often it is there


class Tally:
    """Counts right findings, findings and things to be found."""

    def __init__(self):
        self.right, self.found, self.there = Counter(), Counter(), Counter()

    def add(self, what: str, found, there) -> None:
        """Both are collections; what is in both is right, as often as it is in both."""
        found, there = Counter(found), Counter(there)
        self.right[what] += (found & there).total()
        self.found[what] += found.total()
        self.there[what] += there.total()

    def scores(self) -> dict[str, Score]:
        return {
            what: Score(
                self.right[what] / max(1, self.found[what]),
                self.right[what] / max(1, self.there[what]),
                self.there[what],
            )
            for what in sorted(self.found | self.there)
        }


def on_documents(count: int, seed: int = SEED, config: Config | None = None) -> dict[str, Score]:
    """Facts, document type, register, speaker turns, and refusals, on documents that nothing was fitted on."""
    tally = Tally()
    for document in documents(seed, 0, count, config or Config()):
        text, page = document.text, read(document.text)
        tally.add("facts", {_key(row) for row in facts_in(text)}, {_key(row) for row in document.facts})
        for what, found, there in (
            ("type", _kind(page["document"], document), document.type),
            ("register", page["register"], document.register),
        ):
            tally.add(what, [found], [there])
            tally.add(f"{what} {there}", [there] if found == there else [], [there])
            if found != there:
                tally.add(f"{what} {found}", [found], [])
        spoken = [(name, text[start:end].partition(":")[2].strip()) for start, end, name in document.speaker_spans]
        tally.add("turns", turns(text, page["document"]), spoken)
        if document.requests:
            tally.add("refusals in forums", ["refused"] * refusals_in(text), ["refused"] * document.refusals)
    return tally.scores()


def on_pairs(count: int, seed: int = SEED) -> dict[str, Score]:
    """Refusals, not knowing, constraints met and constraints broken."""
    tally = Tally()
    for pair in pairs(seed, count):
        answer, meta = pair.messages[-1]["content"], pair.meta
        first = first_sentence(answer)
        if pair.kind in ("refusal", "unknown", "question", "howto"):
            tally.add("refuses", ["yes"] * declines(first), ["yes"] * bool(meta.get("is_harmful")))
            tally.add("does not know", ["yes"] * does_not_know(first), ["yes"] * (pair.kind == "unknown"))
        if "constraint" in meta:
            spoilt = BREAK[meta["constraint"]](answer, meta)
            met = [obeys(answer, meta)] + [True] * obeys(spoilt, meta)
            tally.add("constraints", met, [True])
            tally.add(f"constraint {meta['constraint']}", met, [True])
    return tally.scores()


def on_shuffled(count: int, seed: int = SEED) -> tuple[float, float]:
    """Share of documents, and of the same documents with their words shuffled, that count as unreadable."""
    texts = [document.text for document in documents(seed, 0, count, Config())]
    shuffled = [" ".join(Draw(seed, f"shuffled/{i}").shuffled(text.split())) for i, text in enumerate(texts)]
    return tuple(sum(not is_readable(text) for text in found) / count for found in (texts, shuffled))


def labelled() -> list[tuple[dict, dict]]:
    """Each labelled output and what the parser reads in it."""
    found = []
    for line in LABELLED.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        given = dict(row["prompt"])
        meta = given.pop("constraint", {})
        found.append((row, read(row["output"], Prompt(**given, meta=meta), row["form"])))
    return found


def agreement() -> dict[str, tuple[int, int]]:
    """label -> (outputs on which the parser agrees with the reader, outputs that have the label)."""
    agreed, all_of = Counter(), Counter()
    for row, said in labelled():
        for name, label in row["labels"].items():
            if applies(name, label):
                all_of[name] += 1
                agreed[name] += said[name] == label
    return {name: (agreed[name], all_of[name]) for name in all_of}


def applies(name: str, label) -> bool:
    """Not every output has a document type or a register; a fact may since have left the tables."""
    if name in ("document", "register"):
        return label is not None
    if name != "fact" or label is None or label[1] in ("sum", "city_population"):
        return True
    subject, relation, said = label
    world = load_world()
    return world.get(relation, subject) is not None and said in (*world.objects(relation), stock(relation))


def _kind(found: str | None, document: Document) -> str | None:
    """What the parser said, or the type of the record where that cannot be seen."""
    same = found in ("sums", "tasks") and document.type in ("sums", "tasks") and BARE_SUMS.fullmatch(document.text)
    return document.type if same else found


def _key(row: dict) -> tuple:
    """`Take is the opposite of give` says it both ways, so the order of opposites does not count."""
    said = (row["subject"], row["object"])
    return (row["relation"], *(sorted(said) if row["relation"] == "opposite" else said))


# --- the inverse of the writers: what a text is and says


def read(text: str, prompt: Prompt | None = None, form: str = "raw") -> dict:
    """Read a text, or what a model wrote after a prompt (raw, to go on with it, or chat, a turn of its own), in the
    words of the labels."""
    first, readable = first_sentence(text), is_readable(text)
    kind = document_type(text) if readable else None
    page = {
        "document": kind,
        "register": register(text) if readable else None,
        "turns": [name for name, _ in turns(text, kind)],
        "refuses": declines(first),
        "does_not_know": does_not_know(first),
        "readable": readable,
    }
    if prompt is None:
        return page
    fact = first_fact(prompt, text, form)
    return page | {
        "response": response_type(prompt, text, load_world()) if readable else "unparseable",
        "fact": fact and [fact["subject"], fact["relation"], fact["object"]],
        "constraint_met": obeys(text, prompt.meta) if "constraint" in prompt.meta else None,
    }


def turns(text: str, kind: str | None) -> list[tuple[str, str]]:
    """(speaker, text) of each turn; in a text that is no talk a line such as `Sum: 1 + 2` is none."""
    return speaker_turns(text) if kind in TALKS else []


def refusals_in(text: str) -> int:
    """How many turns of a talk decline a request, as people in forums do or otherwise."""
    said = [turn for _, turn in speaker_turns(text)]
    return sum(declines(turn) or any(form.match(turn) for form in refusal_patterns()) for turn in said)


@cache
def refusal_patterns() -> tuple[re.Pattern, ...]:
    """The sections `refuse ...` of phrases/forum.txt."""
    phrases = [phrase for header, found in load("forum").items() if header.startswith("refuse") for phrase in found]
    return tuple(map(pattern_of, phrases))


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
