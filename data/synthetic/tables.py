"""Reads the tables of facts/*.csv. The first mistake in them becomes one line that names its row."""

import csv
import io
from pathlib import Path

from configs.pipeline.errors import UserError
from data.synthetic.mistakes import near, place, read_text

# columns, besides the subjects of COLUMNS in facts.py, that the writers cannot do without: no cell of them may be empty
FILLED = {
    "animals": "plural group young",
    "calendar": "kind order name",
    "cities": "country population_millions",
    "elements": "number kind use",
    "jobs": "work",
    "opposites": "word opposite",
    "planets": "name order kind year feature titles",
    "plurals": "plural",
}
# columns in which nothing may stand twice, where that is not the column of the subjects in COLUMNS
DIFFERENT = {"calendar": ["name"], "opposites": ["word", "opposite"], "planets": ["name", "order"]}
NUMBERS = ("number", "population_millions")


def read_tables(folder: Path, relations: dict[str, tuple[str, str, str]]) -> dict[str, list[dict]]:
    """Table -> rows. relations: COLUMNS of facts.py."""
    wanted = sorted({table for table, *_ in relations.values()} | set(FILLED))
    for table in wanted:
        if not (folder / f"{table}.csv").is_file():
            raise UserError(f"{place(folder / table)}.csv: the table is missing; the world cannot do without it")
    tables = {path.stem: read_table(path, relations) for path in sorted(folder.glob("*.csv"))}
    check_answers(folder, tables, relations)
    return {name: list(rows.values()) for name, rows in tables.items()}


def read_table(path: Path, relations: dict) -> dict[int, dict]:
    """Line -> row."""
    own = [columns for table, *columns in relations.values() if table == path.stem]
    filled = [subject for subject, _ in own] + FILLED.get(path.stem, "").split()
    known = list(dict.fromkeys(filled + [answer for _, answer in own]))
    reader = csv.reader(io.StringIO(read_text(path), newline=""))
    header = next(reader, [])
    check_header(path, header, known)
    rows, line, seen = {}, reader.line_num + 1, {}
    for cells in reader:
        try:
            if cells:  # an empty line is no row
                rows[line] = row_of(header, cells, filled)
                check_first([rows[line][name] for name in DIFFERENT.get(path.stem, known[:1])], line, seen)
        except ValueError as mistake:
            raise UserError(f"{place(path, line)}: {mistake}") from None
        line = reader.line_num + 1
    return rows


def check_header(path: Path, header: list[str], known: list[str]) -> None:
    if not known:
        raise UserError(
            f"{place(path)}: nothing uses this table; name its columns in COLUMNS of data/synthetic/facts.py"
        )
    columns = f"the columns are {', '.join(known)}"
    for name in header:
        if name not in known:
            raise UserError(
                f"{place(path, 1)}: unknown column {name!r}{near(name, known)}; {columns};"
                " a new one has to be named in COLUMNS of data/synthetic/facts.py"
            )
    for name in known:
        if header.count(name) != 1:
            raise UserError(f"{place(path, 1)}: column {name} stands there {header.count(name)} times; {columns}")


def row_of(header: list[str], cells: list[str], filled: list[str]) -> dict:
    for name, cell in zip(header, cells, strict=False):
        if cell != " ".join(cell.split()):
            remedy = "close the quotation mark" if "\n" in cell else "take out the spaces that are too many"
            raise ValueError(f"{name} is {cell[:60]!r}; {remedy}")
        if not cell.isascii():
            raise ValueError(f"{name} is {cell!r}; write it with plain letters, as in Sao Paulo")
    if len(cells) != len(header):
        raise ValueError(
            f"{len(cells)} cells, but {len(header)} columns ({', '.join(header)}); an empty cell needs its comma,"
            " a comma inside a cell needs quotation marks around the cell"
        )
    row = dict(zip(header, cells, strict=True))
    for name, cell in row.items():
        if name in filled and not cell:
            raise ValueError(f"{name} is empty; fill it, or take out the row")
        if name in NUMBERS and cell and not cell.isdigit():
            raise ValueError(f"{name} is {cell!r}; write a whole number")
    return row


def check_first(subjects: list[str], line: int, seen: dict[str, int]) -> None:
    """No subject has two rows."""
    for subject in subjects:
        if subject in seen:
            raise ValueError(f"{subject} stands in line {seen[subject]} already; take out one of them")
        seen[subject] = line


def check_answers(folder: Path, tables: dict[str, dict[int, dict]], relations: dict) -> None:
    """What one row or one table cannot tell."""
    countries = [row["name"] for row in tables["countries"].values()]
    for table, column, what, values in (
        ("calendar", "kind", "day or month", ["day", "month"]),
        ("planets", "order", "a number from 1 to 8", list("12345678")),
        ("cities", "country", "one of countries.csv", countries),
    ):
        for line, row in tables[table].items():
            if row[column] and row[column] not in values:
                remedy = f"it has to be {what}{near(row[column], values)}"
                raise UserError(f"{place(folder / f'{table}.csv', line)}: {column} is {row[column]!r}; {remedy}")
    for relation, (table, _, column) in relations.items():
        if len({row[column] for row in tables[table].values() if row[column]}) < 2:
            raise UserError(
                f"{place(folder / table)}.csv: column {column} holds no two different answers, so {relation} has"
                " no wrong one (a myth) to tell; add a row with another"
            )
