"""Entries about one thing, for children, for everybody or for experts; and primer pages of one kind of fact.

    Kenya

    The country of Kenya belongs to Africa. The Kenyans speak Swahili. In shops and schools people speak
    Swahili, and the government sits in Nairobi, the capital. Like Malawi, Kenya lies in Africa.

The prose is in phrases/<topic>.txt. A header there, `# middle: capital+language @childlike`, says where its
sentences may stand, which facts they state and in which register they are written (all, if unnamed):

    opening, middle, closing    sentences; a middle without facts is a remark
    clause                      half a sentence, to be introduced or joined by the phrases of primer.txt
    compare                     facts of this subject and of another one (other_capital), which differ;
                                legs=other_legs is for what the two have in common
"""

import re
from functools import cache

from configs.pipeline.errors import UserError
from data.synthetic.document import Document, stated
from data.synthetic.facts import load_world
from data.synthetic.grammar import Phrase, capital, load
from data.synthetic.mistakes import near
from data.synthetic.speech import tell
from data.synthetic.subjects import peers_of, subjects_of

REGISTERS = ("neutral", "childlike", "expert")
REGISTER_WEIGHTS = (45, 30, 25)
TOPICS = {
    "country": 40,
    "animal": 15,
    "element": 8,
    "planet": 5,
    "job": 9,
    "city": 9,
    "person": 18,
    "primer": 30,
}  # relative shares
HEADER = re.compile(r"(opening|clause|middle|compare|closing):([^@]*)((?:@\w+ ?)*)")
WAYS, WAY_WEIGHTS = ("clause", "join", "middle", "compare"), (30, 25, 35, 10)
# every kind of fact has its page; those with many facts, and those that little else mentions, have more
PRIMER_WEIGHTS = {
    "capital": 3,
    "continent": 2,
    "people": 3,
    "language": 4,
    "symbol": 1,
    "atomic_number": 2,
    "colour": 6,
    "young": 2,
    "sound": 2,
    "legs": 3,
    "food": 4,
    "home": 4,
    "opposite": 18,
    "plural": 2,
    "tool": 2,
    "workplace": 2,
    "planet_order": 3,
    "next_day": 3,
    "next_month": 2,
    "next_number": 4,
    "sum": 2,
    "number_word": 4,
    "city_country": 2,
    "city_population": 4,
    "person_birthplace": 1,
    "person_job": 1,
    "person_pet": 1,
    "person_hobby": 1,
}


def write(draw, world, config) -> Document:
    topic = draw.choice(tuple(TOPICS), tuple(TOPICS.values()))
    register = draw.choice(REGISTERS, REGISTER_WEIGHTS)
    if topic == "primer":
        return _primer(draw, world, register)
    heading = draw.choice(("{}\n\n", "{}\n", "{}: ", ""))
    entries, facts = [], []
    chosen = draw.sample(subjects_of(topic, world), draw.choice((1, 2, 3, 4), (2, 4, 3, 2)))
    for subject in {row[0]: row for row in chosen}.values():
        entry = Entry(draw, world, topic, register, subject)
        entries.append(heading.format(subject[0]) + entry.text())
        facts += entry.facts
    return Document("\n\n".join(entries), "encyclopedia", register, "reliable", facts=facts)


class Entry:
    """One subject in one register: an opening, its facts in any order and in many ways, perhaps a closing."""

    def __init__(self, draw, world, topic, register, subject):
        self.draw, self.register = draw, register
        self.title, self.slots, self.known = subject
        self.phrases = _phrases(topic, register, frozenset(self.known))
        self.peers = peers_of(topic, world)[self.title]
        self.other = None
        self.facts, self.frames = [], set()

    def text(self) -> str:
        draw = self.draw
        opening = draw.choice(self.phrases["opening"])
        sentences, said = [self._write(opening)], set(opening[1])
        keep = draw.choice((0.7, 0.9, 1.0))
        todo = [name for name in draw.shuffled([one for one in self.known if one not in said]) if draw.flag(keep)]
        remarks = draw.sample(self.phrases["remarks"], draw.choice((0, 1, 2), (5, 4, 1)))
        while todo:
            if remarks and draw.flag(0.3):
                sentences.append(self._write((remarks.pop(), ())))
            sentence, stated_now = self._tell(todo)
            sentences.append(sentence)
            todo = [name for name in todo if name not in stated_now]
        sentences += [self._write((remark, ())) for remark in remarks]
        if self.other is None and draw.flag(0.4):
            sentences += self._compare(None)
        if draw.flag(0.25):
            sentences.append(self._write(draw.choice(self.phrases["closing"])))
        return _paragraphs(draw, sentences)

    def _tell(self, todo: list[str]) -> tuple[str, tuple]:
        """A sentence about the first of what is still to tell, or about that and some of the rest."""
        first = todo[0]
        way = self.draw.choice(WAYS, WAY_WEIGHTS)
        if way == "compare" and self.other is None and (sentences := self._compare(first)):
            return sentences[0], (first,)
        if way == "middle":
            able = [row for row in self.phrases["middle"] if first in row[1] and set(todo).issuperset(row[1])]
            if able:
                chosen = self.draw.choice(able)
                return self._write(chosen), chosen[1]
        if way == "join" and len(todo) > 1:
            return self._clauses("join", todo[:2]), tuple(todo[:2])
        return self._clauses("link", todo[:1]), (first,)

    def _clauses(self, kind: str, relations: list[str]) -> str:
        clauses = [self._write((self.draw.choice(self.phrases["clause"][name]), (name,))) for name in relations]
        frame = _frame(self.draw, kind, self.register, self.frames)
        return frame.plain(dict(zip(("first", "second"), clauses, strict=False)))

    def _compare(self, relation: str | None) -> list[str]:
        """One sentence that names another subject of the topic, if any fits; about `relation` if given."""
        if not self.peers:
            return []
        title, slots, known = self.draw.choice(self.peers)
        able = [
            (phrase, relations)
            for phrase, relations, shared in self.phrases["compare"]
            if (relation in relations if relation else True) and self._fits(relations, known, shared)
        ]
        if not able:
            return []
        self.other = known
        self.slots = {**self.slots, **{f"other_{name}": value for name, value in slots.items()}}
        return [self._write(self.draw.choice(able))]

    def _fits(self, relations, known, shared: bool) -> bool:
        """Whether all is known of the other, and what is compared is the same or differs as it should."""
        for name in relations:
            if name.startswith("other_"):
                name = name.removeprefix("other_")
                if name not in known:
                    return False
                if name in relations and (known[name].object == self.known[name].object) != shared:
                    return False
        return True

    def _write(self, chosen) -> str:
        phrase, relations = chosen
        for name in relations:
            fact = self.other[name.removeprefix("other_")] if name.startswith("other_") else self.known[name]
            self.facts.append(stated(fact))
        return phrase.write(self.draw, self.slots).strip()


def _paragraphs(draw, sentences: list[str]) -> str:
    """One paragraph or two."""
    if len(sentences) > 4 and draw.flag(0.4):
        cut = draw.integer(2, len(sentences) - 2)
        return " ".join(sentences[:cut]) + "\n\n" + " ".join(sentences[cut:])
    return " ".join(sentences)


def _primer(draw, world, register) -> Document:
    """Facts of one or two kinds, one after the other."""
    phrases = load("primer")
    kinds = tuple(PRIMER_WEIGHTS), tuple(PRIMER_WEIGHTS.values())
    relation = draw.choice(*kinds)
    facts = draw.sample(world.facts(relation), draw.integer(3, 7))
    if draw.flag(0.4):
        more = draw.sample(world.facts(draw.choice(*kinds)), 2)
        facts += [fact for fact in more if fact not in facts]
    sentences = [draw.choice(phrases[f"start {register}"]).write(draw, {})]
    told = [tell(draw, fact) for fact in facts]
    sentences.append(capital(told.pop(0)) + ".")
    used = set()
    while told:
        kind = "join" if len(told) > 1 and draw.flag(0.3) else "link"
        frame = _frame(draw, kind, register, used)
        sentences.append(frame.plain(dict(zip(("first", "second"), told, strict=False))))
        told = told[2 if kind == "join" else 1 :]
    title = draw.choice(phrases[f"title {relation}"]).text
    separator = draw.choice((" ", " ", "\n"))
    return Document(
        f"{title}\n\n" * draw.flag(0.6) + separator.join(filter(None, sentences)),
        "encyclopedia",
        register,
        "reliable",
        facts=[stated(fact) for fact in facts],
    )


def _frame(draw, kind: str, register: str, used: set) -> Phrase:
    """What introduces a clause or joins two; an introduction in words is used once in a text."""
    frame = draw.choice([one for one in load("primer")[f"{kind} {register}"] if one.text not in used])
    if frame.text[0] != "{":
        used.add(frame.text)
    return frame


@cache
def _sections(topic: str) -> list[tuple]:
    """[(place, relations, whether what is compared is shared, registers, phrases)] of a phrase file."""
    sections = []
    for header, phrases in load(topic).items():
        place, relations, registers = _header(topic, header)
        shared = "=" in relations
        relations = tuple(re.findall(r"\w+", relations))
        registers = tuple(registers.replace("@", "").split()) or REGISTERS
        sections.append((place, relations, shared, registers, phrases))
    return sections


def _header(topic: str, header: str) -> tuple[str, str, str]:
    """Its place, facts and registers; a name that nobody knows is refused, as its phrases would never be asked for."""
    where, found = f"data/synthetic/phrases/{topic}.txt: `# {header}`", HEADER.fullmatch(header)
    if not found:
        raise UserError(
            f"{where}: write `# place: fact+fact @register`, as data/synthetic/writers/encyclopedia.py says"
        )
    known = {name for _, _, facts in subjects_of(topic, load_world()) for name in facts}
    known |= {f"other_{name}" for name in known} | {f"@{register}" for register in REGISTERS}
    for name in re.findall(r"@?\w+", found[2] + found[3]):
        if name not in known:
            raise UserError(f"{where}: unknown name {name}{near(name, known)}")
    return found.groups()


@cache
def _phrases(topic: str, register: str, known: frozenset) -> dict:
    """What may be said in a register when these facts are known of the subject.

    opening, middle, closing: [(phrase, relations)]; clause: {relation: [phrase]};
    compare: [(phrase, relations, shared)]; remarks: [phrase]
    """
    found = {"opening": [], "closing": [], "middle": [], "compare": [], "remarks": []}
    found["clause"] = {name: [] for name in sorted(known)}
    for place, relations, shared, registers, phrases in _sections(topic):
        own = [name for name in relations if not name.startswith("other_")]
        if register not in registers or not known.issuperset(own):
            continue
        if place == "clause":
            found["clause"][relations[0]] += phrases
        elif place == "compare":
            found["compare"] += [(phrase, relations, shared) for phrase in phrases]
        elif place == "middle" and not relations:
            found["remarks"] += phrases
        else:
            found[place] += [(phrase, relations) for phrase in phrases]
    if "planet_order" in known:  # which the opening always states
        found["clause"].pop("planet_order")
    return found
