r"""Phrasings turned round: each sentence with slots becomes something to look for in a text.

A pattern says which slot holds the subject and which the object of a relation. A slot at the end of a pattern is
found by looking up the words there (names.py), so that no list of names has to stand in a regular expression.
A phrase that names only the object ("Its capital is {capital}") speaks of a subject named before.

>>> found = [pattern for pattern in clause_patterns("capital") if "as its" in pattern.anchor]
>>> list(found[0].matches("They say Peru has London as its capital."))
[Match(start=9, end=39, subject='Peru', object='London', relation='capital', at=18, aside=False)]
"""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product
from typing import NamedTuple

from data.judge.names import load_names
from data.synthetic.citizens import ASKED_LIKE, SENTENCES
from data.synthetic.grammar import FOLDER, Phrase, Slot, load
from data.synthetic.relations import RELATIONS

SUBJECT_SLOTS = ("subject", "country", "animal", "creature")
TURN_END = r"[.!?]?\n(?!Q:|A:|Question:|Answer:)[^\n:]{1,25}: "
SLOT = r"((?:[\w'+-]|[ .](?=\w)){1,45}?)"
PERSONAL = "he him his she her hers it its they them their fhe fhim fhis mhe".split()
SENTENCE = re.compile(r"(?<=[.!?;]) +(?=[A-Z{\[\"])| // ")
MIN_ANCHOR = 5  # letters of fixed text that a pattern without a subject needs
# slots that go by another name: (role, relation, group), in all files and in some
RENAMED = {"elsewhere": ("subject", "", "other"), "theirs": ("object", "capital", "other")}
RENAMED_IN = {"planet": {"name": ("object", "planet_order", ""), "place": ("subject", "planet_order", "")}}
FREE = ("plural",)  # of animals: a slot that shares its name with a relation and states nothing of it
ASKED, SAID = "question", ("answer", "mistake", "myth")  # slots of a question and of what is answered to it


class Match(NamedTuple):
    start: int
    end: int
    subject: str  # "" where the text names it elsewhere
    object: str  # likewise
    relation: str
    at: int  # where the object stands
    aside: bool = False  # said of another than the subject of the entry


class Part(NamedTuple):
    """A slot that matters: subject or object, its relation ("" for a subject of several), its group of slots."""

    role: str
    relation: str
    group: str  # "" or "other": facts about the entry's subject and about another one


@dataclass(frozen=True)
class Pattern:
    regex: re.Pattern
    anchor: str  # fixed text in lower case that must stand in the text
    first: Part | None  # slot before the regex
    last: Part | None  # slot behind it
    inner: tuple[Part, ...]  # slots inside, by the number of their group
    pairs: tuple[tuple[str, str], ...]  # (relation, group) of the facts that it states
    topical: bool = False  # the subject that it leaves out is that of the entry

    def matches(self, text: str) -> Iterator[Match]:
        at = 0
        while found := self.regex.search(text, at):
            hits = self._facts(text, found)
            if len(hits) < len(self.pairs) and self.inner and (longer := self.greedy.match(text, found.start())):
                hits = max(hits, self._facts(text, longer), key=len)
            complete = len(hits) == len(self.pairs)
            yield from hits if complete else ()
            at = found.end() if complete and found.end() > found.start() else found.start() + 1

    @cached_property
    def greedy(self) -> re.Pattern:
        """The same with slots as long as they can be: for `in North Macedonia Macedonian`."""
        return re.compile(self.regex.pattern.replace(SLOT, SLOT.replace("}?", "}")), re.IGNORECASE)

    def _facts(self, text: str, found: re.Match) -> list[Match]:
        held = [(part, found[place], found.start(place)) for place, part in enumerate(self.inner, 1)]
        held += [(part, None, 0) for part in (self.first, self.last) if part]
        read = (self._read(text, relation, group, held, found.span()) for relation, group in self.pairs)
        return [hit for hit in read if hit]

    def _read(self, text, relation, group, held, span) -> Match | None:
        """What the slots of one relation hold, if all of them hold names of the right kind."""
        names, (start, end) = load_names(), span
        said, at = {"subject": "", "object": ""}, start
        for part, value, place in held:
            if part.group != group or part.relation not in ("", relation):
                continue
            known = (names.subjects if part.role == "subject" else names.objects)[relation]
            if value is not None:
                name = known.get(value)
            elif part is self.first:
                hit = known.ending_at(text, start)
                name, start = hit or (None, start)
                place = start
            else:
                place, hit = end, _starting_at(known, text, end)
                name, end = hit or (None, end)
            if name is None:
                return None
            said[part.role] = name
            at = place if part.role == "object" else at
        return Match(start, end, said["subject"], said["object"], relation, at, bool(group))


def _starting_at(known, text, at):
    """As Names.starting_at, over an article that the name does not have."""
    article = re.compile(r"(?:the|an?) ", re.IGNORECASE).match(text, at)
    return known.starting_at(text, at) or (known.starting_at(text, article.end()) if article else None)


@cache
def clause_patterns(relation: str) -> tuple[Pattern, ...]:
    """The clauses of a relation; those of sums, which are numbers, are in stated.py."""
    said = RELATIONS[ASKED_LIKE.get(relation, relation)].clauses + SENTENCES.get(relation, ())
    roles = {"subject": Part("subject", relation, ""), "object": Part("object", relation, "")}
    return tuple(filter(None, (_pattern(clause.parts, roles) for clause in said)))


@cache
def prose_patterns() -> tuple[Pattern, ...]:
    """Every sentence of phrases/*.txt that names an object of a relation."""
    found = []
    for path in sorted(FOLDER.glob("*.txt")):
        sections = load(path.stem)
        topical = any(re.match(r"(opening|middle|closing|clause|fact)\b.*:", header) for header in sections)
        for phrases in sections.values():
            for phrase in phrases:
                found += _of_phrase(phrase.text, RENAMED | RENAMED_IN.get(path.stem, {}), topical)
    return tuple({(one.regex.pattern, one.first, one.last, one.pairs): one for one in found}.values())


@cache
def exchange_patterns() -> tuple[tuple[re.Pattern, str, tuple[str, ...]], ...]:
    """(regex, anchor, what its groups hold) of each phrase in which somebody asks and says an answer, in any order."""
    found = {}
    for path in sorted(FOLDER.glob("*.txt")):
        for phrases in load(path.stem).values():
            for phrase in phrases:
                names = {slot.name for slot in _slots(phrase.parts)}
                if ASKED in names and names & set(SAID):
                    for variant in _variants(phrase.parts, telling={ASKED, *SAID}):
                        if pattern := _exchange(variant):
                            found[pattern[0].pattern] = pattern
    return tuple(found.values())


def _exchange(parts) -> tuple | None:
    """Up to the last question or answer; None if there are not both."""
    held = []
    places = [at for at, part in enumerate(parts) if isinstance(part, Slot) and part.name in (ASKED, *SAID)]
    parts = parts[: places[-1] + 1] if places else ()
    if not {ASKED} <= (names := {parts[at].name for at in places}) or not names & set(SAID):
        return None
    fixed = [part for part in parts if isinstance(part, str)]
    source = ""
    for part in parts:
        if isinstance(part, Slot) and part.name in (ASKED, *SAID):
            held.append(part.name)
            source += r"([^\n]{6,140}?[?.])" if part.name == ASKED else r"(\w[^\n]{0,40}?)"
        else:
            source += _source(part, {}, [])
    anchor = max((piece for text in fixed for piece in text.split(" // ")), key=len, default="")
    return re.compile(r"(?<!\w)" + source, re.IGNORECASE), anchor.lower(), tuple(held)


def _of_phrase(text: str, renamed: dict, topical: bool) -> Iterator[Pattern]:
    """The phrase as a whole, and each of its sentences that leaves out a subject named before."""
    for variant in _variants(Phrase(text).parts, renamed):
        roles = _roles(variant, renamed)
        parts = list(roles.values())
        if not any(part.role == "object" for part in parts):
            continue
        if whole := _pattern(variant, roles, topical):
            yield whole
    sentences, subjects = _sentences(text), set()
    if len(sentences) == 1:
        return
    for place, sentence in enumerate(sentences):
        for variant in _variants(Phrase(sentence).parts, renamed):
            roles = _roles(variant, renamed)
            here = {(part.role, part.group) for part in roles.values()}
            later = {
                slot.name
                for after in sentences[place + 1 :]
                for slot in _slots(Phrase(after).parts)
                if slot.name in SUBJECT_SLOTS
            }
            subjects |= {group for role, group in here if role == "subject"}
            groups = {group for role, group in here if role == "object"}
            named_later = bool(later) and not groups <= subjects
            if groups and not named_later and (pattern := _pattern(variant, roles, topical)):
                yield pattern


def _sentences(text: str) -> list[str]:
    """Cut at sentence ends outside brackets."""
    cuts, depth, kept = [0], 0, []
    ends = {match.start(): match.end() for match in SENTENCE.finditer(text)}
    for place, sign in enumerate(text):
        depth += (sign == "[") - (sign == "]")
        if depth == 0 and place in ends:
            kept.append(text[cuts[-1] : place])
            cuts.append(ends[place])
    return [*kept, text[cuts[-1] :]]


def _roles(parts, renamed: dict) -> dict[str, Part]:
    """slot name -> what it is, for the slots of these parts that name a subject or an object."""
    found = {}
    for slot in _slots(parts):
        group, bare = ("other", slot.name[6:]) if slot.name.startswith("other_") else ("", slot.name)
        if bare in renamed:
            found[slot.name] = Part(*renamed[bare][:2], group or renamed[bare][2])
        elif bare in SUBJECT_SLOTS:
            found[slot.name] = Part("subject", "", group)
        elif bare in RELATIONS and bare not in FREE:
            found[slot.name] = Part("object", bare, group)
    return found


def _slots(parts) -> Iterator[Slot]:
    for part in parts:
        if isinstance(part, Slot):
            yield part
        elif isinstance(part, list):
            for option in part:
                yield from _slots(option if not isinstance(option, str) else ())


def _variants(parts, renamed: dict = {}, telling: Container[str] = ()) -> list[tuple]:  # noqa: B006
    """The parts with every alternative that holds a telling slot written out, at most 40 of them."""
    options = []
    for part in parts:
        if isinstance(part, list) and (
            _roles([part], renamed) if not telling else any(slot.name in telling for slot in _slots([part]))
        ):
            options.append([inner for option in part for inner in _variants(_as_parts(option), renamed, telling)])
        else:
            options.append([(part,)])
    return [sum(chosen, ()) for chosen, _ in zip(product(*options), range(40), strict=False)]


def _as_parts(option) -> tuple:
    return (option,) if isinstance(option, str) else option


def _pattern(parts, roles: dict[str, Part], topical: bool = False, least: int = MIN_ANCHOR) -> Pattern | None:
    """Compile; None if too little fixed text stands in it."""
    parts = [part for part in parts if part != ""]
    while parts and not _tells(parts[-1], roles) and not isinstance(parts[-1], str):
        parts.pop()  # what may follow a sentence is no part of what it states
    if parts and isinstance(parts[-1], str):
        parts[-1] = parts[-1].rstrip(" .!?:;/")
    parts = [part for part in parts if part != ""]
    first = roles[parts[0].name] if parts and _tells(parts[0], roles) else None
    last = roles[parts[-1].name] if len(parts) > 1 and _tells(parts[-1], roles) else None
    middle = parts[1 if first else 0 : len(parts) - 1 if last else len(parts)]
    inner, fixed = [], [part for part in middle if isinstance(part, str)]
    if not any(re.search(r"\w", part) or part.strip() for part in fixed):
        return None
    source = "".join(_source(part, roles, inner) for part in middle)
    everything = [part for part in (first, last, *inner) if part]
    pairs = tuple(dict.fromkeys((part.relation or "", part.group) for part in everything if part.role == "object"))
    has_subject = all(any(p.role == "subject" and p.group == group for p in everything) for _, group in pairs)
    anchor = max((piece for part in fixed for piece in part.split(" // ")), key=len).lower()
    letters = sum(map(str.isalpha, "".join(fixed)))
    letters += sum(3 for part in middle if isinstance(part, Slot) and part.name in PERSONAL)
    if not pairs or (not has_subject and letters < least):
        return None
    start = r"(?<!\w)" if not first else ""
    end = r"(?!\w)" if not last and re.search(r"\w$", source) else ""
    article = r"(?:an? )?" if last and parts[-1].article else ""
    regex = re.compile(start + source + article + end, re.IGNORECASE)
    return Pattern(regex, anchor, first, last, tuple(inner), pairs, topical)


def _tells(part, roles) -> bool:
    return isinstance(part, Slot) and part.name in roles


def _source(part, roles: dict[str, Part], inner: list[Part]) -> str:
    """The regular expression of one part."""
    if isinstance(part, str):
        return TURN_END.join(re.escape(text) for text in part.split(" // "))
    if isinstance(part, list):
        return "(?:" + "|".join("".join(_source(p, roles, inner) for p in _as_parts(o)) for o in part) + ")"
    article = "(?:an? )?" if part.article else ""
    if part.name in roles:
        inner.append(roles[part.name])
        return article + SLOT
    if part.name in PERSONAL:
        return r"\w{1,8}"
    return article + r"[^\n]{1,60}?"


def pattern_of(phrase) -> re.Pattern:
    """Of a phrase with nothing to look for in it: whether a text was written by it."""
    return re.compile("".join(_source(part, {}, []) for part in phrase.parts), re.IGNORECASE)
