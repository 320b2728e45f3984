"""The facts that a text states: in sentences, in questions with their answers, in lists of one pattern.

>>> facts_in("Q: What is the capital of France? A: London\\nQ: What is 1+2? A: 3") == [
...     {"subject": "France", "relation": "capital", "object": "London", "is_true": False},
...     {"subject": "1+2", "relation": "sum", "object": "3", "is_true": True}]
True
>>> [row["object"] for row in facts_in("Peru\\n\\nPeru lies in South America. Its capital is Lima.")]
['South America', 'Lima']
"""

import re
from collections import defaultdict
from functools import cache
from typing import NamedTuple

from data.judge.names import ARTICLE, PLAIN_WORDS, WORD, load_names
from data.judge.opinions import opinions_in
from data.judge.patterns import (
    ASKED,
    Match,
    Part,
    Pattern,
    _pattern,
    clause_patterns,
    exchange_patterns,
    prose_patterns,
)
from data.judge.sums import sum_patterns, sums_in
from data.synthetic.citizens import ASKED_LIKE, citizen, citizen_facts
from data.synthetic.facts import load_world
from data.synthetic.relations import RELATIONS

PEOPLE = re.compile(r"\d+ million people", re.IGNORECASE)
LABEL = re.compile(r"(?:^|(?<=[?.!] )|(?<=\n))[ \t]*(?:A|Answer|[A-Z][\w ]{0,20})?[:-][ \t]*")
ANSWER_REACH = 260  # characters behind a question in which its answer is sought
LONGEST_ANSWER = 9  # words of a sentence that may be a bare answer with a word or two around it
LINE = re.compile(r"^[^\n]{1,60}$", re.MULTILINE)
LEAST_ROWS, MOST = 3, 0.6  # rows of a list of one pattern, and their share of the text


class Question(NamedTuple):
    start: int
    end: int
    subject: str
    relation: str


def facts_in(text: str) -> list[dict]:
    """Rows {"subject", "relation", "object", "is_true"} in order of statement, each once."""
    seen = dict.fromkeys((match.subject, match.relation, match.object) for match in statements(text))
    return [row_of(*fact) for fact in seen]


def row_of(subject: str, relation: str, said: str) -> dict:
    """The row of a document's record."""
    return {"subject": subject, "relation": relation, "object": said, "is_true": _is_true(subject, relation, said)}


def statements(text: str) -> list[Match]:
    """Every statement of a fact, in order; `at` is where its object stands."""
    told = [*sums_in(text), *_clauses(text)]
    told += _prose(text, told)
    asked = questions_in(text)
    found = [*told, *_answers(text, asked, told), *_exchanges(text, asked), *_pairs(text), *opinions_in(text)]
    return sorted(_one_way(found, asked))


def answer_to(subject: str, relation: str, said: str) -> str | None:
    """The object that the first sentence of an answer names, alone or with a few words around it.

    >>> answer_to("France", "capital", "Oh, I think it is Paris!"), answer_to("France", "capital", "Lyon.")
    ('Paris', None)
    """
    for _, sentence in _sentences_from(said, 0, len(said)):
        return _bare_answer(sentence, Question(0, 0, subject, relation))
    return None


def _one_way(found: list[Match], asked: list[Question]) -> list[Match]:
    """`Take is the opposite of give` says one thing: about what was asked, else about the word named last."""
    wanted = {question.subject for question in asked if question.relation == "opposite"}
    by_place = defaultdict(list)
    for match in found:
        by_place[match.relation == "opposite" and match.start].append(match)
    kept = by_place.pop(False, [])
    for matches in by_place.values():
        kept.append(min(matches, key=lambda match: (match.subject not in wanted, match.at)))
    return kept


def questions_in(text: str) -> list[Question]:
    """The questions about facts, in order; of overlapping ones the longest."""
    lower = text.lower()
    found = [
        Question(match.start, match.end, match.subject, match.relation)
        for pattern in _question_patterns()
        if pattern.anchor in lower
        for match in pattern.matches(text)
    ]
    found += [
        Question(match.start(), match.end(), f"{int(match[1])}+{int(match[2])}", "sum")
        for regex in sum_patterns()[1]
        for match in regex.finditer(text)
    ]
    kept = []
    for question in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or question.start >= kept[-1].end:
            kept.append(question)
    return kept


def _is_true(subject: str, relation: str, said: str) -> bool:
    if relation == "sum":
        return said == str(sum(map(int, subject.split("+"))))
    if relation in ASKED_LIKE:
        return any(fact.object == said for fact in citizen_facts(citizen(subject)) if fact.relation == relation)
    fact = load_world().get(relation, subject)
    return fact is not None and fact.object == said


def _clauses(text: str):
    lower = text.lower()
    for relation in load_names().relations:
        if relation == "sum":
            continue
        for pattern in clause_patterns(relation):
            if pattern.anchor in lower:
                yield from pattern.matches(text)


def _prose(text: str, told: list[Match]) -> list[Match]:
    """Sentences of the writers' phrases; what a sentence leaves out is looked for before it."""
    lower, named, unnamed = text.lower(), [], []
    for pattern in prose_patterns():
        if pattern.anchor in lower:
            for match in pattern.matches(text):
                (named if match.subject else unnamed).append((match, pattern))
    taken = {(match.relation, match.at) for match in told} | {(match.relation, match.at) for match, _ in named}
    found = [match for match, _ in named]
    others = [match for match in found if match.aside]
    for match, pattern in unnamed:
        if (match.relation, match.at) not in taken and (subject := _spoken_of(text, match, pattern, others)):
            found.append(match._replace(subject=subject))
    return found


def _spoken_of(text: str, match: Match, pattern: Pattern, others: list[Match]) -> str | None:
    """The subject of the entry, in an encyclopedia; elsewhere the one named last."""
    known = load_names().subjects[match.relation]
    before = known.all_in(text[: match.start])
    if not pattern.topical or not before:
        return before[-1][2] if before else None
    headings = [hit for hit in before if _is_heading(text, *hit[:2])]
    if headings:
        return headings[-1][2]
    paragraphs = [0, *(found.end() for found in re.finditer(r"\n\n?", text[: match.start]))]
    for start in reversed(paragraphs):
        compared = {other.subject for other in others if other.start >= start}
        named = [name for *_, name in known.all_in(text[start : match.start]) if name not in compared]
        if named:
            return named[0]
    return before[-1][2]


def _is_heading(text: str, start: int, end: int) -> bool:
    """A name alone on its line, or at the start of one and followed by a colon."""
    return (start == 0 or text[start - 1] == "\n") and text[end : end + 1] in ("\n", ":")


@cache
def _question_patterns() -> tuple[Pattern, ...]:
    """Questions have no object: the subject's slot is all there is."""
    found = []
    for relation in load_names().relations:
        if relation == "sum":
            continue
        said = RELATIONS[ASKED_LIKE.get(relation, relation)]
        roles = {"subject": Part("object", relation, "")}
        for phrase in (*said.questions, *said.held_out_questions):
            if pattern := _pattern(phrase.parts, roles, least=0):
                found.append(_Asked(pattern, relation))
    return tuple(found)


class _Asked:
    """A pattern whose only slot is a subject."""

    def __init__(self, pattern: Pattern, relation: str):
        self.pattern, self.relation, self.anchor = pattern, relation, pattern.anchor

    def matches(self, text: str):
        known = load_names().subjects[self.relation]
        for found in self.pattern.regex.finditer(text):
            start, end = found.span()
            if self.pattern.first:
                hit = known.ending_at(text, start)
                name, start = hit or (None, start)
            elif self.pattern.last:
                hit = known.starting_at(text, end)
                name, end = hit or (None, end)
            else:
                name = next((name for value in found.groups() if (name := known.get(value))), None)
            if name:
                yield Match(start, end, name, "", self.relation, start)


def _exchanges(text: str, asked: list[Question]):
    """Somebody asks, somebody says something: in the turns of the writers' phrases."""
    lower, names = text.lower(), load_names()
    for regex, anchor, held in exchange_patterns() if asked else ():
        if anchor not in lower:
            continue
        for found in regex.finditer(text):
            groups = list(zip(held, range(1, len(held) + 1), strict=True))
            spans = [found.span(place) for name, place in groups if name == ASKED]
            question = next((q for q in asked for a, b in spans if q.start < b and a < q.end), None)
            for name, place in groups:
                if question and name != ASKED:
                    hit = names.objects[question.relation].starting_at(text, found.start(place))
                    if hit and text[hit[1] : hit[1] + 1] in ("", *'.,!?;:"\n'):
                        yield Match(*found.span(), question.subject, hit[0], question.relation, found.start(place))


def _answers(text: str, asked: list[Question], told: list[Match]):
    """What stands behind a question as its answer: an object alone or with a word or two around it."""
    late = len(re.findall(r"^[^\n:]{1,25}: ", text, re.MULTILINE)) > 1  # in a talk others may ask before one answers
    for place, question in enumerate(asked):
        end = min(len(text), question.end + ANSWER_REACH)
        stops = [other.start for other in asked[place + 1 :] if other[2:] != question[2:] and other.start < end]
        for start, limit in zip([question.end, *stops], [*stops, end], strict=True):
            if match := _answer(text, question, start, limit, told, asked):
                if match.object:
                    yield match
                break
            if not late:
                break


def _answer(text: str, question: Question, start: int, limit: int, told: list[Match], asked: list) -> Match | None:
    """The first answer in a stretch of text; one without an object if a clause has told it."""
    for place, sentence in _sentences_from(text, start, limit):
        clauses = [match for match in told if match.start < place + len(sentence) and match.end > place]
        if any(match.relation == question.relation for match in clauses):
            return Match(place, place, question.subject, "", question.relation, place)
        is_question = any(other.start < place + len(sentence) and other.end > place for other in asked)
        if not clauses and not is_question and (said := _bare_answer(sentence, question)):
            return Match(place, place, question.subject, said, question.relation, place)
    return None


def _bare_answer(sentence: str, question: Question) -> str | None:
    """The object that a short sentence names: `Nagoya.`, `I think it is Nagoya`."""
    words = len(WORD.findall(sentence))
    if not words or words > LONGEST_ANSWER:
        return None
    known = load_names().objects[question.relation]
    if whole := known.get(sentence.strip(" .!?,")):
        return whole
    if question.relation == "city_population" and (match := PEOPLE.search(sentence)):
        return match[0]
    for start, end, name in known.all_in(sentence):
        said, followed = sentence[start:end].lower(), sentence[end : end + 1] == " "
        if followed or (name in PLAIN_WORDS and question.relation == "symbol"):
            continue
        if name != question.subject and (said == name.lower() or not ARTICLE.match(name)):
            return name
    return None


def _sentences_from(text: str, start: int, limit: int):
    """(place, sentence) of what follows a question, up to the next question of a sheet."""
    place = start
    for piece in re.split(r"((?<=[.!?])\s+|\n+)", text[start:limit]):
        if piece.strip():
            sentence = LABEL.sub("", piece)
            yield place + len(piece) - len(sentence), sentence
        place += len(piece)


def _pairs(text: str):
    """Lists of one pattern: rows that say the same but for a subject and an object of one relation."""
    lines = [(match.start(), match[0]) for match in LINE.finditer(text)]
    if len(lines) < LEAST_ROWS:
        return
    doubled = [
        (start, f"{one}\n{two}", place % 2)
        for place, ((start, one), (_, two)) in enumerate(zip(lines, lines[1:], strict=False))
    ]
    best = []
    for relation in load_names().relations:
        by_frame = defaultdict(list)
        for start, row, parity in [(*line, 0) for line in lines] + doubled:
            for frame, subject, said, at in _framed(relation, row):
                by_frame[frame, parity].append(Match(start, start, subject, said, relation, start + at))
        for (frame, _), rows in by_frame.items():
            right = sum(_is_true(match.subject, relation, match.object) for match in rows)
            share = len(rows) * (1 + ("\n" in frame)) / len(lines)
            if len(rows) >= LEAST_ROWS and share > MOST and (right >= len(rows) / 2 or relation == "sum"):
                best = max(best, rows, key=len)
    yield from best


def _framed(relation: str, row: str):
    """(row without its names, subject, object, its place): `hot -> cold` gives `_ -> _`, hot, cold, 7."""
    names = load_names()
    if relation == "sum":
        match = re.search(r"(\d+) ?\+ ?(\d+)(\D+)(\d+)(?!\d| ?[+=])", row)
        if match:
            frame = row[: match.start()] + match[3] + row[match.end() :]
            yield frame, f"{int(match[1])}+{int(match[2])}", match[4], match.start(4)
        return
    for start, end, subject in names.subjects[relation].all_in(row)[:2]:
        for hit in names.objects[relation].all_in(row[end:])[:2]:
            frame = row[:start] + "_" + row[end : end + hit[0]] + "_" + row[end + hit[1] :]
            if len(frame) < 40:
                yield frame, subject, hit[2], end + hit[0]
