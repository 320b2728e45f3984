"""The user's own files: text and instruction pairs, read row by row, every row checked.

In: a file or folder of .txt .jsonl .json .parquet, or (with ONLINE=1) the name of a Hugging Face dataset.
Out: texts, or conversations in the `messages` form. `datasets` reads parquet and the Hub; lines of JSON and text are
read here, because its reader cannot say which line of which file is damaged.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from configs.errors import UserError
from configs.stage import sha256_of

SUFFIXES = (".txt", ".jsonl", ".json", ".parquet")
ROLES = ("system", "user", "assistant")
CHUNK = 1 << 20  # bytes of a .txt held at once
LARGEST_ARRAY = 200_000_000  # bytes of a JSON array, which has to be read whole

Row = tuple[str, dict]  # (where it stands, for error messages; its keys and values)


class BadRow(Exception):
    """A row that cannot be used; the message says where it stands and why."""


def read_texts(source: str, column: str, document_characters: int, skip_bad_rows: bool) -> Iterator[str]:
    """Yield the documents of `source`. Raises UserError for a file or a row that cannot be read."""

    def text_of(row: Row) -> str:
        where, values = row
        if column not in values:
            raise BadRow(
                f"{where}: no text under {column!r} (the row has: {', '.join(map(str, values))}); "
                "name the column with --text_column"
            )
        return checked_text(f"{where}: key {column!r}", values[column])

    files = files_of(source)
    for path in files if files else [None]:
        if path and path.suffix.lower() == ".txt":
            yield from cut_text(path, document_characters)
        else:
            yield from checked(rows_of(path, source), text_of, skip_bad_rows, "corpus")


def read_pairs(source: str, skip_bad_rows: bool) -> Iterator[dict]:
    """Yield {"messages": [{"role", "content"}, ...]} for each row of `source`."""
    files = files_of(source)
    for path in files if files else [None]:
        if path and path.suffix.lower() == ".txt":
            raise UserError(f"{path}: instruction pairs come as .jsonl, .json or .parquet, not as plain text")
        yield from checked(rows_of(path, source), to_messages, skip_bad_rows, "pairs")


def files_of(source: str) -> list[Path]:
    """The readable files of a path in a fixed order; an empty list means a Hub name."""
    path = Path(source).expanduser()
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
        if not files:
            raise UserError(f"{source}: the folder holds no {', '.join(SUFFIXES)} file")
        return files
    if path.is_file():
        if path.suffix.lower() not in SUFFIXES:
            raise UserError(f"{source}: {path.suffix or 'no ending'} is not read; use one of {', '.join(SUFFIXES)}")
        return [path]
    if os.environ.get("ONLINE") == "1":
        return []
    raise UserError(f"{source}: no such file or folder (for the name of a Hugging Face dataset, set ONLINE=1)")


def own_hashes(source: str) -> dict[str, str]:
    """What a stage's identity remembers of own data: a hash of each file, or the name on the Hub."""
    files = files_of(source)
    root = Path(source).expanduser()
    return {str(path.relative_to(root)) if root.is_dir() else path.name: sha256_of(path)[:16] for path in files} or {
        "hub": source
    }


def rows_of(path: Path | None, source: str) -> Iterator[Row | BadRow]:
    """Rows of one file, or of a Hub dataset if `path` is None; a damaged row comes as a BadRow."""
    if path is None:
        return rows_of_dataset(source)
    if path.stat().st_size == 0:
        raise UserError(f"{path} is empty")
    if path.suffix.lower() == ".parquet":
        return rows_of_dataset("parquet", path)
    return rows_of_array(path) if starts_with_bracket(path) else rows_of_lines(path)


def rows_of_dataset(name: str, path: Path | None = None) -> Iterator[Row]:
    from datasets import load_dataset

    try:
        rows = load_dataset(name, data_files=str(path) if path else None, split="train", streaming=True)
        for number, values in enumerate(rows, start=1):
            yield f"{path or name}: row {number}", values
    except UserError:
        raise
    except Exception as error:  # a damaged parquet, an unknown name, no network: the library has many kinds
        raise UserError(f"{path or name}: cannot be read as a dataset ({' '.join(str(error).split())[:200]})") from None


def starts_with_bracket(path: Path) -> bool:
    with open(path, "rb") as file:
        return file.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"["


def rows_of_array(path: Path) -> Iterator[Row | BadRow]:
    if path.stat().st_size > LARGEST_ARRAY:
        raise UserError(f"{path}: an array of this size would have to be read whole; write one object a line (.jsonl)")
    try:
        values = json.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UserError(encoding_message(path, error.start)) from None
    except json.JSONDecodeError as error:
        raise UserError(f"{path}:{error.lineno}: not valid JSON ({error.msg})") from None
    for number, value in enumerate(values, start=1):
        yield (
            (f"{path}: row {number}", value)
            if isinstance(value, dict)
            else BadRow(f"{path}: row {number}: not an object")
        )


def rows_of_lines(path: Path) -> Iterator[Row | BadRow]:
    """JSON Lines; blank lines are skipped."""
    with open(path, "rb") as file:
        for number, line in enumerate(file, start=1):
            where = f"{path}:{number}"
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
                if text:
                    value = json.loads(text)
                    yield (where, value) if isinstance(value, dict) else BadRow(f"{where}: not a JSON object")
            except UnicodeDecodeError:
                yield BadRow(f"{where}: not UTF-8")
            except (json.JSONDecodeError, RecursionError) as error:
                yield BadRow(f"{where}: not valid JSON ({getattr(error, 'msg', 'nested too deep')})")


def checked(rows: Iterator[Row | BadRow], use: Callable, skip_bad_rows: bool, stage: str) -> Iterator:
    """Apply `use` to each row; a bad one stops with UserError, or is counted and reported at the end."""
    skipped, first = 0, ""
    for row in rows:
        try:
            if isinstance(row, BadRow):
                raise row
            result = use(row)
        except BadRow as error:
            if not skip_bad_rows:
                way_out = f'--skip_bad_rows true (with make: ARGS_{stage}="--skip_bad_rows true")'
                raise UserError(f"{error}. Mend it, or pass {way_out}") from None
            skipped, first = skipped + 1, first or str(error)
            continue
        yield result
    if skipped:
        print(f"skipped {skipped} bad rows; the first: {first}")


def to_messages(row: Row) -> dict:
    """A row in any of the three accepted forms as {"messages": [...]}.

    messages; prompt + completion (strings or lists of messages); instruction (+ input) + output.
    """
    where, values = row
    if "messages" in values:
        messages = values["messages"]
    elif "prompt" in values and "completion" in values:
        messages = as_turns(values["prompt"], "user") + as_turns(values["completion"], "assistant")
    elif "instruction" in values and "output" in values:
        instruction = "\n".join(str(values[k]).strip() for k in ("instruction", "input") if values.get(k))
        messages = as_turns(instruction, "user") + as_turns(values["output"], "assistant")
    else:
        raise BadRow(
            f"{where}: expected messages, prompt/completion or instruction/input/output, "
            f"found: {', '.join(map(str, values))}"
        )
    return {"messages": check_turns(where, messages)}


def as_turns(value: object, role: str) -> list:
    return value if isinstance(value, list) else [{"role": role, "content": value}]


def check_turns(where: str, messages: object) -> list[dict]:
    """Turns with a known role and text, the last by the assistant. Raises BadRow."""
    if not isinstance(messages, list) or not all(isinstance(turn, dict) for turn in messages):
        raise BadRow(f"{where}: messages must be a list of {{role, content}}")
    turns = [{"role": turn.get("role"), "content": turn.get("content")} for turn in messages]
    for number, turn in enumerate(turns, start=1):
        if turn["role"] not in ROLES:
            raise BadRow(f"{where}: turn {number} has the role {turn['role']!r}; expected one of {', '.join(ROLES)}")
        checked_text(f"{where}: turn {number} ({turn['role']})", turn["content"])
    if not any(turn["role"] == "assistant" for turn in turns):
        raise BadRow(f"{where}: no assistant turn, so nothing to learn from")
    while turns[-1]["role"] != "assistant":
        turns.pop()  # what comes after the last answer is never learnt
    return turns


def checked_text(where: str, text: object) -> str:
    """The value itself. Raises BadRow for what is no text, and for half a character, which JSON can spell."""
    if text is None or isinstance(text, str) and not text.strip():
        raise BadRow(f"{where} has no text")
    if not isinstance(text, str):
        raise BadRow(f"{where} is {json.dumps(text, default=str)[:40]}, where text was expected")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadRow(f"{where}: character {error.start + 1} is half a character ({text[error.start]!r})") from None
    return text


def cut_text(path: Path, document_characters: int) -> Iterator[str]:
    """Cut a text file into documents of about `document_characters`, at the end of a paragraph where there is one."""
    empty, rest = True, ""
    for chunk in decoded(path):
        rest += chunk
        pieces, rest = cut(rest, document_characters, until=3 * document_characters)
        for piece in pieces:
            empty = False
            yield piece
    pieces, _ = cut(rest, document_characters, until=0)
    for piece in pieces:
        empty = False
        yield piece
    if empty:
        raise UserError(f"{path} is empty")


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


def decoded(path: Path) -> Iterator[str]:
    """The text of a UTF-8 file in chunks. Raises UserError for another encoding or a binary file."""
    import codecs

    decoder, position = codecs.getincrementaldecoder("utf-8-sig")(), 0
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            if b"\0" in chunk:
                at = position + chunk.index(b"\0")
                raise UserError(f"{path}: looks binary (byte {at} is zero); plain UTF-8 text is needed")
            try:
                yield decoder.decode(chunk).replace("\r\n", "\n")
            except UnicodeDecodeError as error:
                raise UserError(encoding_message(path, position + error.start)) from None
            position += len(chunk)
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise UserError(encoding_message(path, position)) from None


def encoding_message(path: Path, position: int) -> str:
    return (
        f"{path}: not UTF-8 at byte {position}; convert it, for example with "
        f"`iconv -f latin1 -t utf-8 {path.name} > converted{path.suffix}`"
    )
