"""What each character of a document is for: the parts that a loss can be divided by.

    structure     labels (`Q:`, `Nora:`, `Step 2:`), list numbers, signs between columns, titles, new lines
    subject       the first mention of an entity of the document's facts
    object        what is stated of it, where that is true;   wrong object   where it is not
    copy          a subject or an object said once more
    prose         everything else

>>> row = {"text": "Q: What is 1+1? A: 2", "type": "quiz", "facts": [
...     {"subject": "1+1", "relation": "sum", "object": "2", "is_true": True}]}
>>> [(row["text"][start:end], role) for start, end, role in roles(row)]  # doctest: +NORMALIZE_WHITESPACE
[('Q: ', 'structure'), ('What is ', 'prose'), ('1+1', 'subject'), ('? ', 'prose'), ('A: ', 'structure'),
 ('2', 'object')]
"""

import re
from functools import cache
from itertools import groupby

ROLES = ("structure", "subject", "object", "wrong object", "copy", "prose")
STRUCTURE = re.compile(
    r"\A[^\n]{1,60}(?=\n\n)"  # a title
    r"|^(?:\d+[.)]|[-*%&]) "  # a list
    r"|^(?:\w{1,20}|[A-Z][\w' ]{0,24}):(?: |$)"  # a label; of several words only with a capital
    r"|(?<=[?.!] )(?:A|Answer):(?: |$)| - (?=[^\n]+$)"
    r"| (?:->|=>|~~|[:/=]) "  # between two columns
    r"|\n",
    re.MULTILINE,
)
QUESTION_FIRST = ("quiz", "tasks")  # the object always stands after its subject


def roles(row: dict) -> list[tuple[int, int, str]]:
    """(start, end, role) over the characters of a document row, without gaps."""
    text, marks = row["text"], ["prose"] * len(row["text"])
    for match in STRUCTURE.finditer(text):
        _mark(marks, match.span(), "structure")
    subjects = dict.fromkeys(fact["subject"] for fact in row["facts"])
    stated = list(_stated(text, row["facts"], row["type"] in QUESTION_FIRST))
    for said in [*subjects, *dict.fromkeys(fact["object"] for fact in row["facts"])]:
        for match in _mention(said).finditer(text):
            _mark(marks, match.span(), "copy", over=("prose",))
    for subject in subjects:
        if match := _mention(subject).search(text):
            _mark(marks, match.span(), "subject")
    for span, is_true in stated:
        _mark(marks, span, "object" if is_true else "wrong object")
    return _spans(marks)


def _stated(text: str, facts: list[dict], question_first: bool):
    """(span, is_true) of each fact's object; facts are listed in the order in which they are stated."""
    at = 0
    for fact in facts:
        subject = _mention(fact["subject"]).search(text, at)
        found = _mention(fact["object"]).search(text, subject.end() if subject and question_first else at)
        if found and subject and subject.start() <= found.start() < subject.end():  # the 1 of 1+1
            found = _mention(fact["object"]).search(text, subject.end())
        if found := found or _mention(fact["object"]).search(text):
            at = max(at, found.end())
            yield found.span(), fact["is_true"]


@cache
def _mention(said: str) -> re.Pattern:
    """Finds a subject or object as a whole word, at the beginning of a sentence too; sums in any layout."""
    if left_right := re.fullmatch(r"(\d+)\+(\d+)", said):
        return re.compile(r"\b{}\b[^\d\n]{{1,12}}\b{}\b".format(*left_right.groups()))
    first, rest = re.escape(said[:1]), re.escape(said[1:])
    return re.compile(rf"(?<!\w)(?:{first}|{re.escape(said[:1].upper())}){rest}(?!\w)")


def _mark(marks: list[str], span: tuple[int, int], role: str, over: tuple = ROLES) -> None:
    start, end = span
    if all(mark in over for mark in marks[start:end]):
        marks[start:end] = [role] * (end - start)


def _spans(marks: list[str]) -> list[tuple[int, int, str]]:
    spans, at = [], 0
    for role, run in groupby(marks):
        spans.append((at, at := at + len(list(run)), role))
    return spans
