r"""Letters, cards, notes, notices and diary pages in five registers and a neutral one.

    Good my lord, alas, a goat hath strayed from the fold upon Friday last! Nigh unto the mill was it seen, and
    never since. He that bringeth it home shall have four pieces of silver. I kiss thy hand. Thy servant ever, Nora

phrases/letter.txt holds `# frame <register> <form>` with frames around a {body} (\n is a new line) and
`# <register> <topic> -> forms`: the first line of a topic opens it, the others may stand in any order.
"""

from functools import cache

from data.synthetic.document import Document
from data.synthetic.grammar import load
from data.synthetic.names import NAMES
from data.synthetic.rude_words import INSULTS
from data.synthetic.slots import WORDS
from data.synthetic.tale import Tale

REGISTERS = ("neutral", "formal", "casual", "childlike", "archaic", "rude")
SURNAMES = tuple(("Baxter Cole Dunn Ellis Frost Grant Hale Kirk Lamb Marsh Nash Price Reed Shaw Webb York").split())
TOWNS = ("Oldbridge", "Millford", "Westhill", "Greenlake", "Northgate")
LENGTHS = {"card": (2, 4), "notice": (3, 5), "letter": (3, 6), "diary": (3, 5)}  # sentences in the body
PASSING_SHARE = 0.4  # of the sentences after the first
FACTS = ("fact", "clause", "question", "statement", "answer", "gossip", "geo", "beast", "craft")


def write(draw, world, config) -> Document:
    register = draw.choice(REGISTERS)
    topic, forms = draw.choice(_topics(register))
    form = draw.choice(forms)
    letter = Letter(draw, world, register, topic, form)
    frame = draw.choice(load("letter")[f"frame {register} {form}"])
    text = frame.write(draw, letter).replace("\\n", "\n").strip()
    author = "rude" if register == "rude" else "polite"
    return Document(text, "letter", register, author, facts=letter.facts)


class Letter(Tale):
    """Slots of a letter; {body} is written where the frame has it, so that facts stand in their order."""

    def __init__(self, draw, world, register: str, topic: str, form: str):
        super().__init__(draw, world, "third")
        self.register, self.topic, self.form = register, topic, form

    def __missing__(self, name: str):
        if name == "insult":  # another one each time
            return self.draw.choice(INSULTS)
        rule = LETTER_RULES.get(name)
        if rule is None:
            return super().__missing__(name)
        self[name] = value = rule(self)
        return value


def _body(letter) -> str:
    """The opening sentence of the topic, then others of it, and now and then a word on something else."""
    draw, phrases = letter.draw, load("letter")
    first, *others = phrases[_header(letter.register, letter.topic)]
    passing = list(phrases[f"{letter.register} passing"])
    sentences, asides = [first], []
    for _ in range(draw.integer(*LENGTHS[letter.form]) - 1):
        if letter.form != "notice" and len(asides) < 2 and draw.flag(PASSING_SHARE) or not others:
            asides.append(_take(draw, passing))
        else:
            sentences.append(_take(draw, others))
    return " ".join(_written(letter, sentence) for sentence in sentences + asides)


def _written(letter, sentence) -> str:
    """The next fact is another one, but the letter stays with its animal and its country."""
    for name in FACTS:
        letter.pop(name, None)
    return sentence.write(letter.draw, letter)


def _take(draw, phrases: list):
    """One of them, and not again."""
    chosen = draw.choice(phrases)
    phrases.remove(chosen)
    return chosen


@cache
def _topics(register: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(topic, the forms that suit it) of a register."""
    found = []
    for header in load("letter"):
        name, arrow, forms = header.partition(" -> ")
        if arrow and name.split()[0] == register:
            found.append((name.split()[1], tuple(forms.split(", "))))
    return tuple(found)


@cache
def _header(register: str, topic: str) -> str:
    return next(header for header in load("letter") if header.startswith(f"{register} {topic} -> "))


def _other(slot: str, options):
    """A rule: one of the options that the other slot does not hold."""
    return lambda letter: letter.draw.choice([option for option in options if option != letter.get(slot)])


def _name_besides(letter, other: str) -> str:
    """Somebody who neither writes the letter nor is the other person in it."""
    return letter.draw.choice([name for name in NAMES if name not in (letter.get("name"), letter.get(other))])


LETTER_RULES = {
    "body": _body,
    "subject": lambda letter: letter.topic,
    "insults": lambda letter: letter["insult"] + "s",
    "surname": lambda letter: letter.draw.choice(SURNAMES),
    "surname2": _other("surname", SURNAMES),
    "town": lambda letter: letter.draw.choice(TOWNS),
    "pal": lambda letter: _name_besides(letter, "friend"),
    "name": lambda letter: _name_besides(letter, "friend"),
    "friend": lambda letter: _name_besides(letter, "pal"),
    "crop": lambda letter: letter.draw.choice(("beans", "roses", "pumpkins", "apples", "carrots")),
    "kin": _other("relative", WORDS["relative"]),
    "relative": _other("kin", WORDS["relative"]),
    "dish2": _other("dish", WORDS["dish"]),
}
