"""A tiny language for text that varies: alternatives in brackets, slots in braces.

    [Long ago|Once], {a animal} lived [near|not far from] {place}. {He} was [very |]lonely.

`{he}` is the value of slot he; `{He}` the same with a capital; `{a animal}` and `{A animal}` put "a" or
"an" before it. Alternatives may nest and may be empty. Each choice goes through Draw, so it is counted.

>>> phrase("[A|A] {a animal} and {A animal}. {Animal}!").write(Draw(0, 0), {"animal": "owl"})
'A an owl and An owl. Owl!'
"""

import hashlib
import re
from functools import cache
from pathlib import Path

from data.world.draw import Draw

FOLDER = Path(__file__).with_name("phrases")
TOKEN = re.compile(r"[\[\]|]|\{[^{}]*\}|[^\[\]|{}]+")
VOWEL_SOUND = re.compile(r"(?!one|uni|eu|use|uk|uru|uga)[aeiou]|hour|honest", re.IGNORECASE)


class Slot:
    """A place to fill: how the value is to be written, and its name."""

    __slots__ = ("name", "article", "capital")

    def __init__(self, text: str):
        *article, name = text.split()
        self.name = name[0].lower() + name[1:]
        self.article = bool(article)
        self.capital = (article[0] if article else name)[0].isupper()

    def fill(self, slots: dict) -> str:
        value = slots[self.name]
        if self.article:
            value = with_article(value)
        return capital(value) if self.capital else value


class Phrase:
    """Parsed once; `parts` are strings, Slots and lists of alternatives (tuples of parts).

    `id` is what the record of a document calls a phrase of phrases/*.txt; other phrases have none.
    """

    __slots__ = ("text", "parts", "id")

    def __init__(self, text: str, id: str | None = None):
        self.text, self.id = text, id
        self.parts, rest = _parse(TOKEN.findall(text), 0)
        assert rest == len(TOKEN.findall(text)), f"unbalanced brackets in: {text}"

    def write(self, draw: Draw, slots: dict) -> str:
        out = []
        if self.id:
            draw.templates.append(self.id)
        _write(self.parts, draw, slots, out)
        return "".join(out)

    def plain(self, slots: dict) -> str:
        """For phrases without alternatives, which need no draw."""
        return "".join(part if type(part) is str else part.fill(slots) for part in self.parts)


@cache
def phrase(text: str) -> Phrase:
    return Phrase(text)


@cache
def load(name: str) -> dict[str, tuple[Phrase, ...]]:
    """The sections of phrases/<name>.txt: a header `# name` and then one phrase a line."""
    sections, lines = {}, None
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            lines = sections.setdefault(line[2:].strip(), [])
        elif line.strip():
            lines.append(Phrase(line.strip(), template_id(line.strip())))
    return {header: tuple(lines) for header, lines in sections.items()}


def template_id(text: str) -> str:
    """Eight digits that stay the same when phrases are added around this one."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


@cache
def with_article(noun: str) -> str:
    return f"{'an' if VOWEL_SOUND.match(noun) else 'a'} {noun}"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _write(parts, draw, slots, out):
    for part in parts:
        kind = type(part)
        if kind is str:
            out.append(part)
        elif kind is list:
            chosen = draw.choice(part)
            if type(chosen) is str:
                out.append(chosen)
            else:
                _write(chosen, draw, slots, out)
        else:
            out.append(part.fill(slots))


def _parse(tokens: list[str], at: int) -> tuple[tuple, int]:
    """Parts from tokens[at] on, up to an unopened `|` or `]`."""
    parts = []
    while at < len(tokens) and tokens[at] not in "|]":
        if tokens[at] == "[":
            alternatives, at = _alternatives(tokens, at + 1)
            parts.append(alternatives)
        else:
            parts.append(Slot(tokens[at][1:-1]) if tokens[at][0] == "{" else tokens[at])
            at += 1
    return tuple(parts), at


def _alternatives(tokens: list[str], at: int) -> tuple[list, int]:
    """The alternatives of one bracket; plain ones become strings, which are quicker to write."""
    options = []
    while True:
        parts, at = _parse(tokens, at)
        plain = all(type(part) is str for part in parts)
        options.append("".join(parts) if plain else parts)
        if tokens[at] == "]":
            return options, at + 1
        at += 1
