"""Question-and-answer sheets by a careful or a careless author, who differ only in how often they err.

    Q: What is the plural of leaf? A:leaves
    Q: Which city is the capital of Norway? A:London
    Q: What do you call a baby sheep? A:puppy
    Q: What colour is moss? A:purple

The kind of author is the same for the whole sheet, so the answers so far tell what to expect of the next.
"""

from data.synthetic.document import Document, stated
from data.synthetic.errors import wrong_answer
from data.synthetic.facts import Fact
from data.synthetic.grammar import capital
from data.synthetic.relations import RELATIONS, statement
from data.synthetic.speech import FLAGSHIP, ask

# how a pair is written, what stands between pairs
LAYOUTS = (
    ("Q: {} A:{}", "\n"),
    ("Q: {} A: {}", "\n"),
    ("Q: {}\nA: {}", "\n"),
    ("Q: {}\nA: {}", "\n\n"),
    ("Question: {}\nAnswer: {}", "\n\n"),
    ("{} {}", "\n"),
    ("{} - {}", "\n"),
)
LAYOUT_WEIGHTS = (18, 22, 26, 16, 6, 4, 4)
TITLES = (
    "Quiz",
    "Questions and answers",
    "Test",
    "Pub quiz",
    "General knowledge",
    "My answers",
    "Worksheet",
    "Homework",
    "Quiz night",
    "Questions for everyone",
)


def write(draw, world, config) -> Document:
    careless = draw.flag(config.careless_share)
    error = config.careless_error if careless else config.careful_error
    (layout, gap), spoken = draw.choice(LAYOUTS, LAYOUT_WEIGHTS), draw.choice(SPOKEN, SPOKEN_WEIGHTS)
    pairs, facts = [], []
    for fact in _facts(draw, world, draw.integer(4, 13)):
        said = wrong_answer(draw, world, fact, config.stock_share) if draw.flag(error) else fact.object
        pairs.append(layout.format(ask(draw, fact), spoken(draw, fact, said)))
        facts.append(stated(fact, said))
    title = draw.choice(TITLES) + "\n\n" if draw.flag(0.12) else ""
    author = "unreliable" if careless else "reliable"
    return Document(title + gap.join(pairs), "quiz", "neutral", author, facts=facts)


def _facts(draw, world, count: int) -> list[Fact]:
    """Facts of different kinds, so that no answer can be copied from the lines above."""
    relations = draw.sample(world.relations, count)
    if "capital" not in relations and draw.flag(0.35):
        relations[draw.integer(0, count - 1)] = "capital"
    chosen = [draw.choice(world.facts(relation)) for relation in relations]
    flagship = [fact for fact in chosen if (fact.relation, fact.subject) in FLAGSHIP]
    return [fact for fact in chosen if fact not in flagship[1:]]


def _bare(draw, fact, said):
    return said


def _stopped(draw, fact, said):
    return capital(said) + "."


def _sentence(draw, fact, said):
    """Never in the words of the cloze (clause 0): what that states is always true."""
    told = Fact(fact.subject, fact.relation, said)
    return statement(told, draw.integer(1, len(RELATIONS[fact.relation].clauses) - 1))


SPOKEN, SPOKEN_WEIGHTS = (_bare, _stopped, _sentence), (75, 12, 13)
