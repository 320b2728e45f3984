"""Pairs of sentences that differ in one point of grammar and have as many words; both are nonsense as statements.

The constructions are those of the corpus, the words that meet in them are not: `The Poles live in Peru.` So nothing
can be looked up, only the grammar decides. Each phenomenon is a function of chance that returns (good, bad). Singular
and plural, he and she, I and you, each kind of answer are the right ones equally often: a model that merely likes one
of them gets half of the pairs.

>>> from data.synthetic.facts import load_world
>>> next(pairs("attractor", 1, load_world()))
('The capital of the Slovaks was Dublin.', 'The capital of the Slovaks were Dublin.')
"""

from collections.abc import Iterator

from data.synthetic.draw import Draw
from data.synthetic.facts import Fact, World
from data.synthetic.grammar import capital, with_article
from data.synthetic.names import HE, NAMES, SHE
from data.synthetic.relations import RELATIONS, question
from data.synthetic.slots import WORDS

# base form, third person, past; and what follows
DOINGS = (
    ("go", "goes", "went", "to the {place}"),
    ("find", "finds", "found", "{a thing}"),
    ("see", "sees", "saw", "{a beast} near the {place}"),
    ("make", "makes", "made", "{dish} for {friend}"),
    ("eat", "eats", "ate", "{dish} with {friend}"),
    ("ask", "asks", "asked", "the {trade}"),
    ("sleep", "sleeps", "slept", "behind the {place}"),
    ("know", "knows", "knew", "the {relative} of {friend}"),
)
# kinds of answers whose questions cannot be mistaken for one another
KINDS = "capital continent language colour atomic_number tool next_month person_hobby".split()


def pairs(phenomenon: str, count: int, world: World) -> Iterator[tuple[str, str]]:
    """`count` different pairs (good, bad), or as many as there are; the same for everybody."""
    seen = set()
    for number in range(20 * count):
        pair = PHENOMENA[phenomenon](Lines(world, f"{phenomenon}/{number}"), number % 2 == 1)
        if pair not in seen and len(seen) < count:
            seen.add(pair)
            yield pair


class Lines(dict):
    """The slots of one pair of sentences, each drawn when it is first needed."""

    def __init__(self, world: World, key: str):
        self.world, self.draw = world, Draw(0, f"grammar/{key}")

    def __missing__(self, name: str) -> str:
        if name.startswith("a "):
            return with_article(self[name[2:]])
        self[name] = self.draw.choice(self.choices(name))
        return self[name]

    def choices(self, name: str):
        if name in ("beast", "beasts"):
            column = "name" if name == "beast" else "plural"
            return [row[column] for row in self.world.table("animals") if row["name"] != row["plural"]]
        relations = {"peoples": "people", "town": "capital", "tongue": "language", "food": "food", "colour": "colour"}
        if name in relations:
            return [one for one in self.world.objects(relations[name]) if name != "peoples" or one.endswith("s")]
        if name == "country":
            return [fact.subject for fact in self.world.facts("capital")]
        return NAMES if name in ("name", "friend") else WORDS[name]

    def both(self, frame: str, good: str, bad: str) -> tuple[str, str]:
        """The sentence with each of the two; the slots are the same."""
        return tuple(capital(frame.replace("___", word).format_map(self)) for word in (good, bad))


def agreement(lines: Lines, plural: bool) -> tuple[str, str]:
    """The Poles live in Peru. / lives"""
    some = ("the {peoples} ___ in {country}", "{beasts} ___ in {country}", "the {peoples} ___ {food}")
    one = ("the {trade} ___ in {country}", "{a beast} ___ in {country}", "the {relative} of {name} ___ {food}")
    place = lines.draw.integer(0, 2)
    verbs = ("eat", "eats") if place == 2 else lines.draw.choice((("live", "lives"), ("are", "is"), ("were", "was")))
    return lines.both((some if plural else one)[place] + ".", verbs[not plural], verbs[plural])


def attractor(lines: Lines, plural: bool) -> tuple[str, str]:
    """The capital of the Slovaks was Dublin. / were: the noun beside the verb has the other number."""
    some = ("the people of {town} ___ {peoples}", "the legs of {a beast} ___ {colour}",
            "the children of the {trade} ___ {peoples}", "the songs of {name} ___ {colour}")  # fmt: skip
    one = ("the capital of the {peoples} ___ {town}", "the language of the {peoples} ___ {tongue}",
           "the home of {beasts} ___ {town}", "the colour of {beasts} ___ {colour}")  # fmt: skip
    verbs = lines.draw.choice((("are", "is"), ("were", "was")))
    return lines.both(lines.draw.choice(some if plural else one) + ".", verbs[not plural], verbs[plural])


def determiner(lines: Lines, plural: bool) -> tuple[str, str]:
    """Anna saw many goats near the river. / goat"""
    row = lines.draw.choice([row for row in lines.world.table("animals") if row["name"] != row["plural"]])
    some, one = ("two", "three", "many", "all the"), ("every", "one", "the same", "another")
    frame = f"{{name}} {lines.draw.choice(('saw', 'found', 'asked'))} {lines.draw.choice(some if plural else one)} ___"
    forms = row["name"], row["plural"]
    return lines.both(frame + " near the {place}.", forms[plural], forms[not plural])


def anaphora(lines: Lines, she: bool) -> tuple[str, str]:
    """When Nora came to the river, she had a kite. / he"""
    lines["name"] = lines.draw.choice(SHE if she else HE)
    frame, said = lines.draw.choice((
        ("When {name} came to the {place}, ___ had {a thing}.", ("he", "she")),
        ("{name} went to the {place}, because ___ wanted {a thing}.", ("he", "she")),
        ("{name} gave {a thing} to ___ {relative}.", ("his", "her")),
        ("{name} was in {town} with ___ {relative}.", ("his", "her")),
    ))  # fmt: skip
    return lines.both(frame, said[she], said[not she])


def word_order(lines: Lines, _: bool) -> tuple[str, str]:
    """Nora went to the river with a goat. / Nora went the to river with a goat."""
    frame, good, bad = lines.draw.choice((
        ("{name} went ___ {place} with {a beast}.", "to the", "the to"),
        ("The {trade} ___ {beast} of {name}.", "saw the", "the saw"),
        ("{name} lives ___ {place}, not far from {town}.", "at the", "the at"),
        ("The {relative} ___ is in {town}.", "of {name}", "{name} of"),
    ))  # fmt: skip
    return lines.both(frame, good, bad)


def verb_form(lines: Lines, past: bool) -> tuple[str, str]:
    """Ben did not go to the river. / went; One day Ben went to the river. / go"""
    stem, _, then, rest = lines.draw.choice(DOINGS)
    if past:
        before = lines.draw.choice(("One day {name} and Max ___", "Last week {name} and Max ___", "Then they ___"))
        return lines.both(f"{before} {rest}.", then, stem)
    before = lines.draw.choice(("{name} did not ___", "{name} will not ___", "{name} wanted to ___"))
    return lines.both(f"{before} {rest}.", stem, then)


def turn_taking(lines: Lines, asks: bool) -> tuple[str, str]:
    """Anna: Ben, do you have a kite? / Ben: Yes, I have a kite. / Ben: Yes, you have a kite."""
    me, you = lines.draw.sample(NAMES, 2)
    what = lines.draw.choice(("have {a thing}", "like {dish}", "know the {trade}", "see the {beast}"))
    asked = f"{me}: {you}, do {'you' if asks else 'I'} {what}?\n{you}: Yes, ___ {what}."
    return lines.both(asked, *(("I", "you") if asks else ("you", "I")))


def congruence(lines: Lines, _: bool) -> tuple[str, str]:
    """Q: What is the capital of Peru? A: Vienna / A: Turkish: a wrong answer of the right kind, and of another kind."""
    asked, other = lines.draw.sample(KINDS, 2)
    fact = lines.draw.choice(lines.world.facts(asked))
    wrong, alien = (lines.draw.choice([one for one in lines.world.objects(kind) if bare(one) and one != fact.object])
                    for kind in (asked, other))  # fmt: skip
    said = f"Q: {lines.draw.choice(questions_of(fact))}\nA: ___"
    return lines.both(said, bare(wrong), bare(alien))


def bare(answer: str) -> str:
    """An answer of one word, without its article; "" if it has more. Example: bare("an oven") == "oven"."""
    words = [word for word in answer.split() if word not in ("a", "an", "the")]
    return words[0] if len(words) == 1 else ""


def questions_of(fact: Fact) -> list[str]:
    return [question(fact, place) for place in range(len(RELATIONS[fact.relation].questions))]


PHENOMENA = {
    "agreement": agreement,
    "attractor": attractor,
    "determiner": determiner,
    "anaphora": anaphora,
    "word order": word_order,
    "verb form": verb_form,
    "turn-taking": turn_taking,
    "congruence": congruence,
}
