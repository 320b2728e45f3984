"""Is a text written as an assistant answers, or as a page of the corpus is? A linear classifier says.

It sees function words, signs and how lines begin; every other word is one sign, so that what a text is about cannot
decide. Fitted once in a process, on the answers of instruction pairs and on stretches of pages, both written for
reading alone (data/judge/kinds.py), cut to the length that models are given.

>>> masked("Kenya is a country. You can find it in Africa!")
['^', '@', 'is', 'a', '@', '.', 'you', 'can', 'find', 'it', 'in', '@', '!']
"""

import re
from functools import cache

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from data.judge.kinds import gold_documents, gold_pairs
from data.synthetic.config import Config
from data.synthetic.conversations.generate import pairs
from data.synthetic.document import Document
from data.synthetic.draw import Draw
from data.synthetic.generate import write_document

TOKEN = re.compile(r"[A-Za-z]+(?:'[a-z]+)?|\d+|[^\w\s]")
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
LABEL = re.compile(r"^[\w' ]{1,24}:\s*")
SHORTEST, LONGEST = 40, 100  # characters: what two dozen new tokens come to
LEAST_WORDS = 4  # fewer have no tone
# kinds of pairs whose answers are texts that were ordered, not the assistant's own voice
ORDERED = ("story", "rewrite", "copying")
HELD_OUT_SEED, HELD_OUT = 770_078, 600  # texts of each class that the accuracy is counted on


def is_assistant(text: str) -> bool:
    """Whether the text has the tone of an answer; too short a text has none."""
    return len(re.findall(r"\w+", text)) >= LEAST_WORDS and bool(reader().predict([text])[0])


def masked(text: str) -> list[str]:
    """What the classifier sees of a text: not where it ends, for that may be where it was cut."""
    found = []
    for line in text.strip().split("\n"):
        found += ["^", *(_sign(token) for token in TOKEN.findall(line))]
    return found


def _sign(token: str) -> str:
    if token.isdigit():
        return "@number"
    return token.lower() if not token[0].isalpha() or token.lower() in _function_words() else "@"


@cache
def _function_words() -> frozenset:
    return frozenset(ENGLISH_STOP_WORDS)


@cache
def reader():
    """The fitted classifier: text -> 1 for an answer, 0 for a page."""
    signs = TfidfVectorizer(
        tokenizer=masked, token_pattern=None, lowercase=False, ngram_range=(1, 3), sublinear_tf=True, min_df=3
    )
    texts, classes = _texts(gold_pairs(), gold_documents(), "fit")
    return make_pipeline(signs, LogisticRegression(C=10, class_weight="balanced", max_iter=500)).fit(texts, classes)


def _texts(answered, documents, key: str) -> tuple[list[str], list[int]]:
    """Beginnings of answers, and stretches of pages that begin where a sentence, a line or a turn does."""
    draw = Draw(HELD_OUT_SEED, key)
    answers = [_cut(draw, pair.messages[-1]["content"]) for pair in answered if pair.kind not in ORDERED]
    pages = [_cut(draw, stretch(draw, document)) for document in documents]
    kept = [(text, 1) for text in answers] + [(text, 0) for text in pages]
    kept = [(text, kind) for text, kind in kept if len(re.findall(r"\w+", text)) >= LEAST_WORDS]
    return [text for text, _ in kept], [kind for _, kind in kept]


def stretch(draw: Draw, document: Document) -> str:
    """The rest of a document from the beginning of some sentence, half the time without a speaker's name."""
    starts = [0, *(match.end() for match in SENTENCE.finditer(document.text))]
    text = document.text[draw.choice([start for start in starts if start < len(document.text)]) :]
    return LABEL.sub("", text) if draw.flag(0.5) else text


def _cut(draw: Draw, text: str) -> str:
    return text[: draw.integer(SHORTEST, LONGEST)]


@cache
def accuracy() -> dict[str, float]:
    """Share of texts of each class that are told rightly, on texts that it was not fitted on."""
    pages = [write_document(HELD_OUT_SEED, index, Config()) for index in range(HELD_OUT)]
    texts, classes = _texts(pairs(HELD_OUT_SEED, HELD_OUT), pages, "held out")
    found = reader().predict(texts)
    right = {name: [a == b for a, b in zip(found, classes, strict=True) if b == kind] for kind, name in NAMES.items()}
    return {name: round(float(sum(hits) / len(hits)), 3) for name, hits in right.items()}


NAMES = {1: "answers", 0: "pages"}
