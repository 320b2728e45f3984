"""Bytes to text: compression, byte order marks, and one clear line for what is no text or another encoding."""

import codecs
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from charset_normalizer import from_bytes

from configs.pipeline.errors import UserError

Flag = Callable[[str, object], str]

CHUNK = 1 << 20  # characters held at once
UTF8 = "utf-8-sig"
MARKS = {  # byte order marks, the longer first
    codecs.BOM_UTF8: UTF8,
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
LFS_POINTER = b"version https://git-lfs"
UNPACK = "unpack it and name what is inside"
NO_TEXT = {  # how a file begins -> what it is, and what to do
    LFS_POINTER: ("a Git LFS pointer, not the file itself", "fetch it with `git lfs pull`"),
    b"PK\x03\x04": ("a ZIP archive (or .docx, .xlsx, .epub)", "unpack it, or save it as plain text"),
    b"%PDF": ("a PDF", "turn it into plain text, for example with `pdftotext`"),
    b"{\\rtf": ("rich text (RTF)", "save it as plain text"),
    b"\xd0\xcf\x11\xe0": ("an old Office document", "save it as plain text"),
    b"PAR1": ("a Parquet file", "give it the ending .parquet"),
    b"ARROW1": ("an Arrow file", "save it as .parquet or .jsonl"),
    b"SQLite format 3": ("an SQLite database", "export a table as .csv"),
    b"\x28\xb5\x2f\xfd": ("compressed with zstd", UNPACK),
    b"BZh": ("compressed with bzip2", UNPACK),
    b"\xfd7zXZ": ("compressed with xz", UNPACK),
    b"7z\xbc\xaf": ("a 7z archive", UNPACK),
    b"\x80\x04\x95": ("a Python pickle, which is never opened", "save it as .jsonl"),
    b"GGUF": ("a GGUF model", "name a file of text"),
    b"\x89PNG": ("a picture", "name a file of text"),
    b"\xff\xd8\xff": ("a picture", "name a file of text"),
}
# what a text may be that is not UTF-8; the library knows more, and a short text looks like many of them
CANDIDATES = "cp1252 cp1250 cp1251 cp1253 cp1254 iso8859_2 koi8_r mac_roman cp932 euc_jp gb18030 big5 cp949".split()
CLOSE = 0.01  # share of odd characters up to which two readings are equally likely
AROUND = 20_000  # bytes on either side of the fault by which its encoding is judged


@contextmanager
def opened(path: Path, encoding: str, flag: Flag) -> Iterator[tuple[io.BufferedIOBase, str]]:
    """(the bytes, unpacked; their encoding: by its mark, else the one given, else UTF-8).

    flag: what to type for a setting, as configs.pipeline.commands.with_setting says it.
    Raises UserError for what is no text at all.
    """
    try:
        with open(path, "rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with (gzip.open if packed else open)(path, "rb") as file:
            head = file.read(4096)
            refuse_no_text(path, head)
            known = next((name for mark, name in MARKS.items() if head.startswith(mark)), None)
            # an encoding is meant for the files that need it: one that is plainly UTF-8 stays that
            known = known or (UTF8 if not encoding or is_utf8(file, head) else encoding)
            if known == UTF8:
                refuse_binary(path, head, flag)
            file.seek(0)
            yield file, known
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UserError(f"{path}: cannot be unpacked ({error}); copy it again") from None


def is_utf8(file: io.BufferedIOBase, head: bytes) -> bool:
    """Whether the bytes are UTF-8 with a character beyond ASCII: hardly any text in another encoding is."""
    file.seek(0)
    decoder, plain = codecs.getincrementaldecoder("utf-8")(), b"\0" not in head
    beyond = False
    try:
        while plain and (chunk := file.read(CHUNK)):
            beyond |= not decoder.decode(chunk).isascii()
    except UnicodeDecodeError:
        return False
    return plain and beyond


def refuse_no_text(path: Path, head: bytes) -> None:
    for mark, (what, remedy) in NO_TEXT.items():
        if head.startswith(mark):
            raise UserError(f"{path} is {what}; {remedy}")


def refuse_binary(path: Path, head: bytes, flag) -> None:
    """Text holds no zero byte, but for UTF-16, where every other byte of plain letters is one."""
    first, second = (head[start::2].count(0) for start in (0, 1))
    if max(first, second) > max(4, len(head) / 6) and min(first, second) < len(head) / 12:
        order = "utf-16-le" if second > first else "utf-16-be"
        raise UserError(f"{path}: UTF-16 without a mark; pass {flag('encoding', order)}")
    if first + second:
        raise UserError(f"{path}: looks binary (byte {head.find(0)} is zero); plain text is needed")


def text_of(path: Path, encoding: str, flag: Flag) -> Iterator[str]:
    """The text of a file in pieces, every line end as one "\\n". Raises UserError for another encoding."""
    with opened(path, encoding, flag) as (file, known):
        text = io.TextIOWrapper(file, known)
        try:
            while piece := text.read(CHUNK):
                if "\0" in piece:
                    raise UserError(f"{path}: looks binary (a character in it is zero); plain text is needed")
                yield piece
        except UnicodeError:
            raise UserError(encoding_message(path, known, flag)) from None


def lines_of(path: Path, encoding: str, flag: Flag) -> Iterator[tuple[int, str | None]]:
    """(number, line) of a file; a single line that is not UTF-8 comes as None."""
    with opened(path, encoding, flag) as (file, known):
        if known != UTF8:
            try:
                yield from enumerate(io.TextIOWrapper(file, known), start=1)
            except UnicodeError:
                raise UserError(encoding_message(path, known, flag)) from None
            return
        for number, line in enumerate(file, start=1):
            try:
                yield number, line.decode(UTF8 if number == 1 else "utf-8")
            except UnicodeDecodeError:
                yield number, None


def encoding_message(path: Path, known: str, flag: Flag) -> str:
    """Where a file stops being text, and the encodings that fit: each with what would then stand there."""
    if known != UTF8:
        return f"{path}: is not {known.upper()} throughout; it is damaged or in another encoding"
    with opened(path, "", flag) as (file, _):
        place, around = up_to_the_fault(file)
    told, found = f"{path}: not UTF-8 at byte {place}", likely_encodings(around)
    if not found:
        return f"{told}, and its encoding is not known; ask whoever made it, or look with `file -i {path.name}`"
    readings = " or ".join(f"as {name} it reads “{reads}”" for name, reads in found[:3])
    which = "the first" if len(found) > 1 else "that"
    return f"{told}; {readings}; if {which} is right, pass {flag('encoding', found[0][0])}"


def up_to_the_fault(file: io.BufferedIOBase) -> tuple[int, bytes]:
    """(place of the first byte that is not UTF-8, the bytes around it)."""
    decoder, place, before = codecs.getincrementaldecoder(UTF8)(), 0, b""
    while True:
        chunk, held = file.read(CHUNK), len(decoder.getstate()[0])
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            text, at = before + chunk, len(before) - held + error.start
            around = text[max(0, at - AROUND) : at + AROUND]
            # what comes before is ASCII, but behind it a character may be cut in two
            end = len(around) if len(text) <= at + AROUND else max(around.rfind(b"\n"), around.rfind(b" "))
            return place - held + error.start, around[:end] if end > 0 else around
        place, before = place + len(chunk), chunk


def likely_encodings(around: bytes) -> list[tuple[str, str]]:
    """[(encoding, what stands around the first odd character in it)], each reading once, the likeliest first."""
    found = list(from_bytes(around, cp_isolation=CANDIDATES))
    found = [match for match in found if match.chaos <= found[0].chaos + CLOSE]
    found = [match for match in found if match.coherence] or found  # it reads like some language
    texts = [str(match) for match in found]
    # the library says one of the encodings in which a text reads so, not the usual one
    readings = [(codec, text) for codec in CANDIDATES for text in texts if around.decode(codec, "replace") == text]
    shown = {text: (common_name(codec), first_odd_words(text)) for codec, text in reversed(readings)}
    return list(reversed(shown.values()))


def first_odd_words(text: str) -> str:
    at = next(place for place, character in enumerate(text) if ord(character) > 127)
    return " ".join(text[max(0, at - 12) : at + 12].split())


def common_name(codec: str) -> str:
    """The name that people use. Example: cp1252 -> windows-1252."""
    plain = {"cp932": "shift_jis", "cp949": "euc-kr", "koi8_r": "koi8-r", "mac_roman": "macintosh", "euc_jp": "euc-jp"}
    return plain.get(codec, codec.replace("cp125", "windows-125").replace("iso8859_", "iso-8859-"))
