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

from configs.pipeline.errors import UserError
from data.synthetic.draw import Draw
from data.synthetic.mistakes import near, or_leave, place, read_text

FOLDER = Path(__file__).with_name("phrases")
TOKEN = re.compile(r"[\[\]|]|\{[^{}]*\}|[^\[\]|{}]+")
SLOT = re.compile(r"(?:[Aa]n? )?[A-Za-z]\w*")
VOWEL_SOUND = re.compile(r"(?!one|uni|eu|use|uk|uru|uga)[aeiou]|hour|honest", re.IGNORECASE)


class Slot:
    """A place to fill: how the value is to be written, and its name."""

    __slots__ = ("name", "article", "capital")

    def __init__(self, text: str):
        if not SLOT.fullmatch(text):
            raise ValueError(f"{{{text}}} is no slot; write {{name}}, {{Name}}, {{a name}} or {{A name}}")
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

    `id` is what the record of a document calls a phrase of phrases/*.txt; other phrases have none. `where` is the file
    and the line it stands in; a phrase within a program has none, as Python knows its place.
    """

    __slots__ = ("text", "parts", "id", "where")

    def __init__(self, text: str, id: str | None = None, where: tuple[Path, int] | None = None):
        self.text, self.id, self.where = text, id, where
        try:
            self.parts = _parsed(text)
        except ValueError as error:
            raise self.mistake(error) from None

    def write(self, draw: Draw, slots: dict) -> str:
        out = []
        if self.id:
            draw.templates.append(self.id)
        try:
            _write(self.parts, draw, slots, out)
        except KeyError as error:
            self._check_filled(error, slots)
            raise
        return "".join(out)

    def plain(self, slots: dict) -> str:
        """For phrases without alternatives, which need no draw."""
        if any(type(part) is list for part in self.parts):
            raise self.mistake("no alternatives are drawn here; write each of them in a line of its own")
        try:
            return "".join(part if type(part) is str else part.fill(slots) for part in self.parts)
        except KeyError as error:
            self._check_filled(error, slots)
            raise

    def _check_filled(self, error: KeyError, slots: dict) -> None:
        """What was missing may be a slot of this phrase; else it is not for the phrase to tell."""
        name = error.args[0]
        if name in _names(self.text):
            known = _names(read_text(self.where[0])) - {name} if self.where else set()
            raise self.mistake(f"nothing fills {{{name}}}{near(name, known.union(slots))}")

    def mistake(self, what: object) -> Exception:
        said = f"{what}, in {self.text[:80]!r}"
        return UserError(f"{place(*self.where)}: {said}") if self.where else ValueError(said)


@cache
def phrase(text: str) -> Phrase:
    return Phrase(text)


class Sections(dict):
    """Header -> phrases."""

    def __init__(self, path: Path):
        self.path = path

    def __missing__(self, header: str):
        nearest = near(header, self, "; is it `# {}`?")
        raise UserError(f"{place(self.path)}: a writer asks for a section `# {header}`, which is not here{nearest}")

    def write(self, header: str, draw: Draw, slots: dict) -> str:
        """One of its phrases, drawn if there are several."""
        phrases = self[header]
        return (draw.choice(phrases) if len(phrases) > 1 else phrases[0]).write(draw, slots)

    def under(self, beginning: str) -> dict[str, tuple[Phrase, ...]]:
        """The sections whose header begins like this, by the rest of it."""
        return {name.removeprefix(beginning): self[name] for name in self if name.startswith(beginning)}

    def entries(self, header: str) -> dict[str, Phrase]:
        """Of a section of lines `name = phrase`."""
        found = {}
        for line in self[header]:
            name, equals, text = line.text.partition(" = ")
            if not equals or name in found:
                raise line.mistake("the name stands here twice" if equals else "write `name = phrase`")
            found[name] = Phrase(text, where=line.where)
        return found


@cache
def load(name: str) -> Sections:
    """The sections of phrases/<name>.txt: a header `# name` and then one phrase a line."""
    return read_sections(FOLDER / f"{name}.txt", named=True)


def beside(module: str) -> Sections:
    """The prose of a module: the sections of the text file of its name, a mistake in which ends the program."""
    return or_leave(read_sections, Path(module).with_suffix(".txt"))


def read_sections(path: Path, named: bool = False) -> Sections:
    """named: whether the records of documents name these phrases. A line that begins with ## is a remark."""
    found, header, begun = {}, None, {}
    for number, line in enumerate(map(str.strip, read_text(path).splitlines()), 1):
        if line.startswith("##"):
            continue
        if line.startswith("# "):
            header = line[2:].strip()
            found.setdefault(header, [])
            begun.setdefault(header, number)
        elif line.startswith("#") or (line and header is None):
            raise UserError(f"{place(path, number)}: first of all a header is needed, `# name`, with its space")
        elif line:
            found[header].append(Phrase(line, template_id(line) if named else None, (path, number)))
    sections = Sections(path)
    for header, phrases in found.items():
        if not phrases:
            raise UserError(f"{place(path, begun[header])}: no phrase follows `# {header}`; add one, or take it out")
        sections[header] = tuple(phrases)
    return sections


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


def _names(text: str) -> set[str]:
    """The slots of a phrase, or of a whole file."""
    return {Slot(token[1:-1]).name for token in TOKEN.findall(text) if token[0] == "{" and SLOT.fullmatch(token[1:-1])}


def _parsed(text: str) -> tuple:
    tokens = TOKEN.findall(text)
    if "".join(tokens) != text:
        raise ValueError("a brace is not closed, or closes nothing")
    parts, rest = _parse(tokens, 0)
    if rest < len(tokens):
        raise ValueError("`]` closes nothing" if tokens[rest] == "]" else "`|` stands outside of brackets")
    return parts


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
        if at == len(tokens):
            raise ValueError("`[` is not closed")
        if tokens[at] == "]":
            break
        at += 1
    filled = [number for number, option in enumerate(options) if option]
    if len(options) < 2 or not filled:
        raise ValueError("brackets hold two alternatives at least, as in [this|that] or [this|]")
    if "" in options[filled[0] : filled[-1]]:  # elsewhere some stand on purpose, [|||so], as weights
        raise ValueError("nothing stands between two bars; an empty alternative comes first or last")
    return options, at + 1
