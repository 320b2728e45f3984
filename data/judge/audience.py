"""For whom is something explained: a child, an expert, or anybody? Or is nothing explained (other)?

Two readers by logistic regression, fitted on gold text alone. `written` was fitted on all that explains in this
world, the entries of the encyclopedia and the explanations in the instruction pairs; `on_pages` on the entries only,
so it knows no answer of any pair. For both every other kind of document is `other`, or talk would look childlike for
being short. (The registers of kinds.py count an assistant's answers as neutral: they cannot tell explanations apart.)

They see words and pairs of words. All words of the names and facts of countries, animals, jobs and so on are one
sign, so that a text cannot look childlike because it is about a puppy. `other` and the logistic regression came after
naive Bayes without it had read the small talk of a base model as childlike; of the readers tried then, this one had
the best Brier score on fresh gold text.

>>> for read in readers_of(["Peru is a sovereign state in South America.", "We call the people there Peruvians."]):
...     print(max(read, key=read.get))
expert
child
"""

import re
from collections.abc import Iterator
from functools import cache

from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from data.synthetic.config import DOCUMENT_TYPES, Config
from data.synthetic.conversations import explain
from data.synthetic.conversations.constraint import SMALL_WORDS
from data.synthetic.draw import Draw
from data.synthetic.facts import load_world
from data.synthetic.generate import write_document

TOPICAL = (
    "capital", "continent", "people", "language", "city_country", "young", "sound", "food", "home", "legs", "symbol",
    "atomic_number", "tool", "workplace", "person_birthplace", "person_job", "person_pet", "person_hobby",
)  # fmt: skip
FITTED_ON = 770_078  # a seed for these readers alone
OF_EACH, OTHERS = 1_500, 3_000  # entries and explanations; other documents, of every kind as many
MOST_SENTENCES = 4  # of a piece of an entry, as of an explanation
REGISTERS = {"child": "childlike", "expert": "expert", "plain": "neutral"}  # audience -> register of an entry
LEAST_WORDS = 4  # fewer show nothing
WORD = re.compile(r"\w+(?:'\w+)?|[^\w\s]")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


def readers_of(texts: list[str], source: str = "written") -> list[dict[str, float]]:
    """P(child, expert, plain, other | text) of each, equally likely beforehand, and after too few words to tell."""
    if not texts:
        return []
    reader = _reader(source)
    names = reader.classes_.tolist()
    found = zip(texts, reader.predict_proba(texts).tolist(), strict=True)
    unknown = [1 / len(names)] * len(names)
    return [dict(zip(names, line if is_long_enough(text) else unknown, strict=True)) for text, line in found]


def is_long_enough(text: str) -> bool:
    return len(re.findall(r"\w+", text)) >= LEAST_WORDS


def signs(text: str) -> list[str]:
    """What the readers see.

    >>> signs("Its baby is called a calf!")
    ['its', 'baby', 'is', 'called', 'a', '@thing', '!']
    """
    found = [word.lower() for word in WORD.findall(text)]
    return ["@thing" if word in _hidden() or word.isdigit() else word for word in found]


@cache
def entries(seed: int, count: int) -> tuple[tuple[str, str], ...]:
    """(some sentences of an entry of the encyclopedia, its audience)."""
    audience_of = {register: audience for audience, register in REGISTERS.items()}
    config = Config(**{name: float(name == "encyclopedia") for name in DOCUMENT_TYPES})
    return tuple((text, audience_of[register]) for text, register in _pieces(seed, count, config))


@cache
def others(seed: int, count: int) -> tuple[tuple[str, str], ...]:
    """(some sentences of any other document, "other")."""
    config = Config(**{name: float(name != "encyclopedia") for name in DOCUMENT_TYPES})
    return tuple((text, "other") for text, _ in _pieces(seed, count, config))


def explanations(seed: int, count: int) -> tuple[tuple[str, str], ...]:
    """(an answer of an instruction pair that explains something, its audience)."""
    written = (explain.write(Draw(seed, f"explanation/{index}"), load_world()) for index in range(count))
    return tuple((pair.messages[-1]["content"], pair.meta["audience"]) for pair in written)


def gold(seed: int, count: int) -> dict[str, tuple[tuple[str, str], ...]]:
    """Fresh texts of which it is known, by kind, to try the readers on."""
    return {
        "entries": entries(seed, count),
        "explanations": explanations(seed, count),
        "other documents": others(seed, count),
    }


def _pieces(seed: int, count: int, config: Config) -> Iterator[tuple[str, str]]:
    """(some sentences on end, the register of the document)."""
    for index in range(count):
        document, draw = write_document(seed, index, config), Draw(seed, f"piece/{index}")
        sentences = SENTENCE_END.split(document.text)
        length = draw.integer(1, min(MOST_SENTENCES, len(sentences)))
        start = draw.integer(0, len(sentences) - length)
        yield " ".join(sentences[start : start + length]), document.register


@cache
def _reader(source: str):
    told = entries(FITTED_ON, OF_EACH) + others(FITTED_ON, OTHERS)
    told += explanations(FITTED_ON, OF_EACH) if source == "written" else ()
    words = CountVectorizer(
        tokenizer=signs, token_pattern=None, lowercase=False, ngram_range=(1, 2), binary=True, min_df=2
    )
    texts, audiences = zip(*told, strict=True)
    return make_pipeline(words, LogisticRegression(max_iter=1000, class_weight="balanced")).fit(texts, audiences)


@cache
def _hidden() -> frozenset[str]:
    """Every word of a topic and of what is true of one, but for the smallest."""
    facts = [fact for relation in TOPICAL for fact in load_world().facts(relation)]
    told = [name.lower() for fact in facts for name in (fact.subject, fact.object)]
    return frozenset(word for name in told for word in re.findall(r"\w+", name)) - SMALL_WORDS
