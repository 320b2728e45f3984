"""A file of rows, whatever its outline, to the rows themselves, each with the place where it stands.

JSON: an object a line, objects over several lines, an array, rows inside an object, columns. CSV, TSV, Parquet, and
with ONLINE=1 the Hub. pandas and `datasets` read most of these too, but cannot say which row of which file is damaged.
"""

import csv
import json
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain, islice
from pathlib import Path

import pyarrow
import pyarrow.parquet

from configs.pipeline.errors import UserError
from data.sources.files import kind_of
from data.sources.opening import UTF8, Flag, encoding_message, lines_of, refuse_no_text

LARGEST_WHOLE = 500_000_000  # characters of JSON that is not a row a line, and so has to be read whole
TOO_LARGE = "this would have to be read whole, and is too large for that; write one object a line"
PEEKED = 50  # lines looked at to tell a row a line from another outline
BLANK = re.compile(r"\s*")

Row = tuple[str, object]  # (where it stands, for error messages; what stands there: an object, a list or a text)


class BadRow(Exception):
    """A row that cannot be used; the message says where it stands and why."""


def rows_of(path: Path, is_row: Callable[[object], bool], encoding: str, flag: Flag) -> Iterator[Row | BadRow]:
    """Rows of one file; a damaged one comes as a BadRow. Raises UserError for a file that cannot be read at all.

    is_row: tells a row from something that holds rows.
    """
    kind = kind_of(path)
    if kind == ".parquet":
        return rows_of_parquet(path)
    if kind in (".csv", ".tsv"):
        return rows_of_table(path, "\t" if kind == ".tsv" else "", encoding, flag)
    return rows_of_json(path, is_row, encoding, flag)


# JSON


def rows_of_json(path: Path, is_row: Callable, encoding: str, flag: Flag) -> Iterator[Row | BadRow]:
    lines = lines_of(path, encoding, flag)
    head = list(islice(lines, PEEKED))
    read = values_by_line if is_a_row_a_line(head) else values_of_all
    values = read(path, chain(head, lines), encoding_hint(path, flag))
    begin = list(islice(values, 2))
    if len(begin) == 1 and not isinstance(begin[0], BadRow):  # one value in all: what it holds are the rows
        where, held = begin[0]
        rows = rows_inside(held, is_row)
        return (
            (where if rows == [held] else f"{where}: row {number}", row) for number, row in enumerate(rows, start=1)
        )
    return chain(begin, values)


def encoding_hint(path: Path, flag: Flag) -> Callable[[], str]:
    """What to say of a line that is not UTF-8; looked up once, when it is asked for."""
    return cache(lambda: encoding_message(path, UTF8, flag).removeprefix(f"{path}: "))


def is_a_row_a_line(head: list[tuple[int, str | None]]) -> bool:
    """Whether each line stands for itself: the first does, or it is damaged and most of the others do."""
    lines = [line for _, line in head if line is None or line.strip()]
    alone = [line is None or line[0] in "{[" and is_json(line) for line in lines]
    return not lines or alone[0] or 2 * sum(alone) >= len(lines)


def unique(pairs: list[tuple[str, object]]) -> dict:
    """An object of JSON, each key of which stands there once. Raises ValueError."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)[:60]!r} stands there twice")
    return found


DECODER = json.JSONDecoder(object_pairs_hook=unique)


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def values_by_line(path: Path, lines: Iterator[tuple[int, str | None]], hint: Callable) -> Iterator[Row | BadRow]:
    for number, line in lines:
        where = f"{path}:{number}"
        if line is None:
            yield BadRow(f"{where}: {hint()}")
            continue
        if len(line) > LARGEST_WHOLE:
            raise UserError(f"{where}: {TOO_LARGE}")
        try:
            yield from ((where, value) for _, value in values_in(line))
        except (ValueError, RecursionError) as error:
            yield BadRow(f"{where}: {why_no_json(error, line)}")


def values_of_all(path: Path, lines: Iterator[tuple[int, str | None]], hint: Callable) -> Iterator[Row]:
    kept, size = [], 0
    for number, line in lines:
        if line is None:
            raise UserError(f"{path}:{number}: {hint()}")
        kept.append(line)
        size += len(line)
        if size > LARGEST_WHOLE:
            raise UserError(f"{path}: {TOO_LARGE}")
    text = "".join(kept)
    try:
        for start, value in values_in(text):
            yield f"{path}:{text.count(chr(10), 0, start) + 1}", value
    except (ValueError, RecursionError) as error:
        place = f":{error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise UserError(f"{path}{place}: {why_no_json(error, text)}") from None


def values_in(text: str) -> Iterator[tuple[int, object]]:
    """(start, value) of each JSON value in a text, one behind the other."""
    start = BLANK.match(text).end()
    while start < len(text):
        value, end = DECODER.raw_decode(text, start)
        following = BLANK.match(text, end).end()
        if text[following : following + 1] not in ("", "{", "[", '"'):
            raise json.JSONDecodeError("Extra data", text, following)
        yield start, value
        start = following


def why_no_json(error: ValueError | RecursionError, text: str) -> str:
    """What the text is instead, as far as that can be seen."""
    begin = text.lstrip()[:200]
    if isinstance(error, RecursionError):
        return "nested too deep"
    if not isinstance(error, json.JSONDecodeError):  # a key that stands there twice, a number of thousands of digits
        return str(error)[:150]
    if re.match(r"[\[{]\s*'", begin):
        return "written as Python prints it, with single quotes; write it with json.dumps"
    if begin.startswith("<"):
        return "this looks like HTML or XML; rows of JSON are expected"
    if not begin.startswith(("{", "[", '"')):
        return "this is no JSON; one object a line is expected"
    comma = error.msg == "Extra data" and error.doc[error.pos] == ","
    return f"not valid JSON ({'a comma stands behind the row' if comma else error.msg})"


def rows_inside(value: object, is_row: Callable) -> list:
    """The rows that a value is or holds: an array of them, an object around such an array, columns.

    Example: {"version": 1, "data": [{"text": "a"}, {"text": "b"}]} -> [{"text": "a"}, {"text": "b"}]
    """
    if is_row(value):
        return [value]
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return [value]
    columns = [as_column(held) for held in value.values()]
    if columns and None not in columns and len({len(column) for column in columns}) == 1 and len(columns[0]):
        rows = [dict(zip(value, cells, strict=True)) for cells in zip(*columns, strict=True)]
        if is_row(rows[0]):
            return rows
    lists = [held for held in value.values() if isinstance(held, list) and held and isinstance(held[0], dict | list)]
    return lists[0] if len(lists) == 1 and lists[0] and any(map(is_row, lists[0])) else [value]


def as_column(held: object) -> list | None:
    """The cells of a column: a list, or numbered as pandas writes them ({"0": ..., "1": ...})."""
    if isinstance(held, dict):
        return list(held.values()) if all(str(key).isdecimal() for key in held) else None
    return held if isinstance(held, list) else None


# tables


def rows_of_table(path: Path, delimiter: str, encoding: str, flag: Flag) -> Iterator[Row | BadRow]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    hint = encoding_hint(path, flag)
    lines = (part for number, line in lines_of(path, encoding, flag) for part in parts_of(path, number, line, hint))
    first, blank = next(lines, ""), 0
    while first and not first.strip():  # the names of the columns stand in the first line that is none
        first, blank = next(lines, ""), blank + 1
    delimiter = delimiter or max(",;\t", key=first.count)
    rows = csv.DictReader(chain([first], lines), delimiter=delimiter, strict=True)
    check_header(path, rows, delimiter)
    try:
        for values in rows:
            where = f"{path}:{blank + rows.line_num}"
            further = values.pop(None, [])
            cells = len(further) + sum(value is not None for value in values.values())
            if cells != len(rows.fieldnames):
                yield BadRow(f"{where}: {cells} cells, but {len(rows.fieldnames)} columns; {quoting(delimiter)}")
            else:
                yield where, values
    except csv.Error as error:
        raise UserError(f"{path}:{rows.reader.line_num}: no row of a table ({error}); {quoting(delimiter)}") from None


def parts_of(path: Path, number: int, line: str | None, hint: Callable) -> list[str]:
    """The line, or several, where lines end as on an old Mac. Raises UserError for one that is not UTF-8."""
    if line is None:
        raise UserError(f"{path}:{number}: {hint()}")
    return [part for part in re.split(r"(?<=\r)(?!\n)", line) if part]


def check_header(path: Path, rows: csv.DictReader, delimiter: str) -> None:
    """Raise UserError for a column that stands there twice."""
    names = rows.fieldnames or []
    if twice := [name for name in names if names.count(name) > 1]:
        raise UserError(f"{path}:1: the column {twice[0]!r} stands there twice; columns are parted by {delimiter!r}")


def quoting(delimiter: str) -> str:
    return f"a text that holds {delimiter!r}, a line end or a quotation mark stands in quotation marks"


def rows_of_parquet(path: Path) -> Iterator[Row]:
    with open(path, "rb") as file:
        if (head := file.read(64))[:4] != b"PAR1":
            refuse_no_text(path, head)
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            names = file.schema_arrow.names
            if twice := [name for name in names if names.count(name) > 1]:
                raise UserError(f"{path}: the column {twice[0]!r} stands there twice")
            batches = (batch.to_pylist() for batch in file.iter_batches(batch_size=1000))
            for number, values in enumerate(chain.from_iterable(batches), start=1):
                yield f"{path}: row {number}", values
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise UserError(f"{path}: no Parquet file that can be read ({' '.join(str(error).split())[:150]})") from None


def rows_of_hub(name: str) -> Iterator[Row]:
    """Rows of the `train` split of a data set on the Hub, streamed. Raises UserError where it cannot be had."""
    from datasets import load_dataset

    try:
        rows = load_dataset(name, split="train", streaming=True)
        for number, values in enumerate(rows, start=1):
            yield f"{name}: row {number}", values
    except Exception as error:  # an unknown name, no network, a damaged file: the library has many kinds
        raise UserError(f"{name}: cannot be read as a dataset ({' '.join(str(error).split())[:200]})") from None
