"""The two doors of own data: documents of text, and conversations. Every row is checked, every loss is said."""

import codecs
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from configs.pipeline.commands import with_setting
from configs.pipeline.errors import UserError, print_line
from data.sources import forms
from data.sources.files import TABLES, TEXTS, choose_files, kind_of
from data.sources.forms import BadForm, Keys, checked_text, shown, to_turns
from data.sources.opening import text_of
from data.sources.rows import BadRow, Row, rows_of, rows_of_hub


@dataclass
class Reading:
    """How own files are read, and for which command, whose settings the remedies name."""

    source: str
    stage: str
    # corpus, pairs or compare
    skip_bad_rows: bool = False
    encoding: str = ""
    say: Callable[[str], None] = print_line
    keys: Keys = field(default_factory=Keys)
    unlearnt: int = 0
    skipped: list[str] = field(default_factory=list)

    def __post_init__(self):
        try:
            if not codecs.lookup(self.encoding or "utf-8")._is_text_encoding:
                raise LookupError
        except LookupError:
            raise UserError(f"encoding: nothing is known by the name {self.encoding!r}; try windows-1252") from None

    @property
    def flag(self) -> Callable[[str, object], str]:
        return partial(with_setting, self.stage)

    def rows(self, path: Path | None, is_row: Callable) -> Iterator[Row | BadRow]:
        return rows_of(path, is_row, self.encoding, self.flag) if path else rows_of_hub(self.source)


def read_texts(reading: Reading, column: str, document_characters: int) -> Iterator[str]:
    """The documents of a source, a longer text cut. Raises UserError for what cannot be read."""
    rows, files = 0, files_to_read(reading, TEXTS + TABLES)
    with said_at_the_end(reading):
        for path in files:
            if path and kind_of(path) in TEXTS:
                yield from cut_text(path, reading, document_characters, alone=len(files) == 1)
                rows += 1
                continue
            use = partial(text_in, column=column, reading=reading)
            for text in checked(reading.rows(path, partial(is_text, column=column)), use, reading):
                yield from cut(text, document_characters, until=0)[0]
                rows += 1
    refuse_none(reading, rows)


def read_pairs(reading: Reading) -> Iterator[dict]:
    """{"messages": [{"role", "content"}, ...]} for each row of a source. Raises UserError for what cannot be read."""
    rows = 0
    with said_at_the_end(reading):
        for path in files_to_read(reading, TABLES):
            use = partial(to_turns, keys=reading.keys)
            for turns in checked(reading.rows(path, forms.is_row), use, reading):
                rows += 1
                reading.unlearnt += not turns
                if turns:
                    yield {"messages": turns}
    refuse_none(reading, rows)


def files_to_read(reading: Reading, endings: tuple[str, ...]) -> list[Path | None]:
    """The files; [None] stands for a data set on the Hub. Of a folder it is said what is read and what is not."""
    if endings == TABLES and kind_of(Path(reading.source)) in TEXTS and Path(reading.source).is_file():
        raise UserError(f"{reading.source}: pairs come as {', '.join(TABLES)}, not as plain text")
    chosen = choose_files(reading.source, endings)
    if Path(reading.source).expanduser().is_dir():
        reading.say(chosen.sentence())
    return chosen.files or [None]


@contextmanager
def said_at_the_end(reading: Reading) -> Iterator[None]:
    """Say what was skipped and not used, also where only the first rows were wanted."""
    try:
        yield
    finally:
        if reading.skipped:
            reading.say(f"skipped {len(reading.skipped)} bad rows; the first: {reading.skipped[0]}")
        if reading.unlearnt:
            reading.say(f"{reading.unlearnt} rows of weight 0 teach nothing and were left out")
        for sentence in reading.keys.sentences():
            reading.say(sentence)


def refuse_none(reading: Reading, rows: int) -> None:
    if not rows:
        raise UserError(f"{reading.source}: empty, no row that can be used")


def checked(rows: Iterator[Row | BadRow], use: Callable, reading: Reading) -> Iterator:
    """Apply `use` to each row; a bad one stops with UserError, or is noted as skipped."""
    for row in rows:
        try:
            result = used(row, use)
        except BadRow as error:
            if not reading.skip_bad_rows:
                raise UserError(f"{error}. Mend it, or pass {reading.flag('skip_bad_rows', 'true')}") from None
            reading.skipped.append(str(error) if not reading.skipped else "")
            continue
        yield result


def used(row: Row | BadRow, use: Callable) -> object:
    if isinstance(row, BadRow):
        raise row
    where, value = row
    try:
        return use(value)
    except BadForm as error:
        raise BadRow(f"{where}: {error}") from None


def is_text(value: object, column: str) -> bool:
    return isinstance(value, str) or isinstance(value, dict) and isinstance(value.get(column), str)


def text_in(value: object, column: str, reading: Reading) -> str:
    """The text of a row: the row itself, or what stands under `column`. Raises BadForm."""
    if isinstance(value, str):
        return checked_text("the row", value)
    if not isinstance(value, dict):
        raise BadForm(f"is {shown(value)}, where an object was expected")
    if column in value:
        reading.keys.count("column", {str(key) for key in value} - {column})
        return checked_text(f"key {column!r}", value[column])
    found = f"no text under {column!r} (the row has: {', '.join(map(str, value))})"
    if forms.is_row(value):
        raise BadForm(f"{found}; these are conversations, which `make sft PAIRS=...` reads")
    texts = sorted((len(held), key) for key, held in value.items() if isinstance(held, str) and " " in held.strip())
    # one text stands out, and its key looks like a name
    stands_out = len(texts) == 1 or len(texts) > 1 and texts[-1][0] > 2 * texts[-2][0]
    likely = texts[-1][1] if stands_out and re.fullmatch(r"\w{1,40}", texts[-1][1]) else "NAME"
    raise BadForm(f"{found}; name its column, {reading.flag('text_column', likely)}")


def cut_text(path: Path, reading: Reading, document_characters: int, alone: bool) -> Iterator[str]:
    """Cut a text file into documents of about `document_characters`, at the end of a paragraph where there is one."""
    empty, rest = True, ""
    for piece in text_of(path, reading.encoding, reading.flag):
        documents, rest = cut(rest + piece, document_characters, until=3 * document_characters)
        empty &= not documents
        yield from documents
    documents, _ = cut(rest, document_characters, until=0)
    yield from documents
    if empty and not documents:
        if alone:
            raise UserError(f"{path} is empty")
        reading.say(f"{path} holds nothing but white space")


def cut(text: str, length: int, until: int) -> tuple[list[str], str]:
    """(documents of about `length` characters, what is left): stops when at most `until` characters are left."""
    pieces, start = [], 0
    while len(text) - start > until:
        end = boundary(text, start, length)
        if text[start:end].strip():
            pieces.append(text[start:end].strip("\n"))
        start = end
    return pieces, text[start:]


def boundary(text: str, start: int, length: int) -> int:
    """Where to cut: after the paragraph, else the line, else the word that ends next, `length` after `start`."""
    near, far = start + length, start + 2 * length
    if near >= len(text):
        return len(text)
    for mark in ("\n\n", "\n", " "):
        at = text.find(mark, near, far)
        if at >= 0:
            return at + len(mark)
    return min(far, len(text))
