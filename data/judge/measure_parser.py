"""How well the parser reads: gold documents and pairs of a fresh seed, and outputs of models labelled by hand.

    python -m data.judge.measure_parser

Precision and recall on texts whose record is known; agreement on tests/labelled_outputs.jsonl.
A bare page of sums, `8 + 7 = 15` on each line and nothing else, is a page of `sums` as well as of `tasks`: the two
writers write the same there and no reader could tell them apart, so either type counts as right.
"""

import json
import re
from collections import Counter
from typing import NamedTuple

from configs import ROOT
from data.judge.checks import obeys
from data.judge.prompt import Prompt
from data.judge.read import Reading, read, refusals_in
from data.judge.response import declines, does_not_know, first_sentence
from data.judge.sense import is_readable
from data.synthetic.config import Config
from data.synthetic.conversations.generate import pairs
from data.synthetic.document import Document
from data.synthetic.draw import Draw
from data.synthetic.facts import load_world
from data.synthetic.generate import documents
from data.synthetic.relations import stock

SEED = 31_337  # of nothing else
LABELLED = ROOT / "tests" / "labelled_outputs.jsonl"
BARE_SUMS = re.compile(r"(?:\d+ \+ \d+ = \d+(?:\n|\Z))+")  # what two kinds of document write alike
TARGET, LABEL_TARGET = 0.99, 0.95
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
        tally.add("facts", {_key(row) for row in page.facts}, {_key(row) for row in document.facts})
        for what, found, there in (
            ("type", _kind(page.document, document), document.type),
            ("register", page.register, document.register),
        ):
            tally.add(what, [found], [there])
            tally.add(f"{what} {there}", [there] if found == there else [], [there])
            if found != there:
                tally.add(f"{what} {found}", [found], [])
        spoken = [(name, text[start:end].partition(":")[2].strip()) for start, end, name in document.speaker_spans]
        tally.add("turns", page.turns, spoken)
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


def labelled() -> list[tuple[dict, Reading]]:
    """Each labelled output and what the parser reads in it."""
    found = []
    for line in LABELLED.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        given = dict(row["prompt"])
        meta = given.pop("constraint", {})
        found.append((row, read(row["output"], Prompt(**given, meta=meta), row["form"])))
    return found


def agreement(readings: list[tuple[dict, Reading]] | None = None) -> dict[str, tuple[int, int]]:
    """label -> (outputs on which the parser agrees with the reader, outputs that have the label)."""
    agreed, all_of = Counter(), Counter()
    for row, reading in readings or labelled():
        said = as_labels(reading)
        for name, label in row["labels"].items():
            if applies(name, label):
                all_of[name] += 1
                agreed[name] += said[name] == label
    return {name: (agreed[name], all_of[name]) for name in all_of}


def as_labels(reading: Reading) -> dict:
    """A reading in the words of the labels."""
    fact = reading.fact
    return {
        "response": reading.response,
        "document": reading.document,
        "register": reading.register,
        "refuses": reading.refuses,
        "does_not_know": reading.does_not_know,
        "fact": fact and [fact["subject"], fact["relation"], fact["object"]],
        "turns": [name for name, _ in reading.turns],
        "readable": reading.readable,
        "constraint_met": reading.obeys,
    }


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


def _print(title: str, scores: dict[str, Score]) -> None:
    print(f"\n{title:32}{'precision':>10}{'recall':>8}{'n':>7}")
    for what, score in scores.items():
        low = min(score.precision, score.recall) < TARGET
        print(f"{what:32}{score.precision:10.4f}{score.recall:8.4f}{score.n:7}{'  below target' * low}")


def main() -> None:
    _print("2,000 documents", on_documents(2_000))
    _print("2,000 pairs", on_pairs(2_000))
    readings = labelled()
    print(f"\n{'outputs of models':32}{'agree':>10}{'of':>8}")
    for name, (agreed, count) in agreement(readings).items():
        print(f"{name:32}{agreed:10}{count:8}{agreed / count:8.3f}")
    real, shuffled = on_shuffled(1_000)
    print(f"\nunreadable: {real:.3f} of documents, {shuffled:.3f} of documents with their words shuffled")
    unreadable = sum(not reading.readable for _, reading in readings)
    by_reader = sum(not row["labels"]["readable"] for row, _ in readings)
    print(f"unreadable outputs: {unreadable} by the parser, {by_reader} by the reader, of {len(readings)}")


if __name__ == "__main__":
    main()
