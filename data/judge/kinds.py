r"""What kind of document a text is and in which register, by two linear classifiers fitted on the writers' own output.

They see words, pairs of words, how lines begin and end, and small or capital letters; names of people, of citizens
and of places, handles and numbers are one sign each, so that a kind is told by how it is written. They are
fitted once in a process, on documents of a seed that nothing else uses.

>>> tokens("Nora: hi Sam, 2 days!")[:6]
['^:', '^@name', ':', 'hi', '@name', ',']
"""

import re
from functools import cache, lru_cache

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from data.judge.names import is_invented
from data.synthetic.config import DOCUMENT_TYPES, Config
from data.synthetic.conversations.generate import pairs
from data.synthetic.draw import Draw
from data.synthetic.facts import load_world
from data.synthetic.generate import write_document
from data.synthetic.names import HANDLES, NAMES
from data.synthetic.people import citizen_names
from data.synthetic.rude_words import is_rude

FITTED_ON = 770_077  # a seed for these classifiers alone
DOCUMENTS, PAIRS = 6_000, 4_000
ENOUGH = 0.24  # relative share beyond which more documents of a kind teach nothing
PIECES = 2  # of each document
COLOURED = ("rewrite", "explain", "story")  # kinds of pairs with answers in registers of their own
SHORT, LONG = 60, 320  # characters of a piece
TOKEN = re.compile(r"\w+(?:['_]\w+)*|[^\w\s]|\n")
LABEL = re.compile(r"(?:Q|A|Question|Answer|[\w' ]{1,24})\s?:", re.IGNORECASE)
LEAST_WORDS, LEAST_WORDS_OF_REGISTER = 4, 13  # of a text that has a document type, a register


def document_type(text: str) -> str | None:
    """One of DOCUMENT_TYPES; None for a text too short to tell.

    >>> document_type("Q: What colour is snow? A: white\\nQ: What is 1+2? A: 3")
    'quiz'
    """
    if len(re.findall(r"\w+", text)) < LEAST_WORDS:
        return None
    return str(_types().predict([text])[0])


def register(text: str) -> str:
    """The register of a text: rude if it insults; a dozen words that do not show none, so they count as neutral.

    >>> register("Hear ye, hear ye! Know thou that the market of this town shall be held upon Monday.")
    'archaic'
    """
    if is_rude(text):
        return "rude"
    if len(re.findall(r"\w+", text)) < LEAST_WORDS_OF_REGISTER:
        return "neutral"
    return _only_register().get(str(_types().predict([text])[0])) or str(_registers().predict([text])[0])


def tokens(text: str) -> list[str]:
    """What the classifiers see of a text."""
    found = []
    for line in text.strip().splitlines():
        label = LABEL.match(line)
        signs = [_sign(token) for token in TOKEN.findall(line)]
        if not signs:
            found.append("@gap")
            continue
        found += ["^:" if label else "^", f"^{signs[0]}", *signs[1:]]
        found.append("@small" if line[label.end() if label else 0 :].strip()[:1].islower() else "@large")
        found.append(f"{line[-1] if not line[-1].isalnum() else '@open'}$")
    return found


@lru_cache(maxsize=1 << 16)  # most words are met a hundred times
def _sign(token: str) -> str:
    if token.isdigit():
        return "@number"
    return _signs().get(token) or ("@invented" if is_invented(token) else token.lower())


@cache
def _signs() -> dict[str, str]:
    """One sign for all names of a kind."""
    world = load_world()
    places = [fact.subject for relation in ("capital", "city_country") for fact in world.facts(relation)]
    places += world.objects("capital")
    kinds = {
        "@place": places,
        "@citizen": citizen_names(),
        "@person": [person.name for person in world.people],
        "@handle": HANDLES,
        "@name": NAMES,
    }
    words = {sign: [word for name in names for word in name.split()] for sign, names in kinds.items()}
    return {word: sign for sign, known in words.items() for word in known if not word.islower() or sign == "@handle"}


@cache
def gold_documents() -> tuple:
    """Documents written for reading alone: half as many of each kind as of any other, half in the usual shares.

    The rare kinds are seen often enough, and the common ones, which have most forms, more often; question sheets, which
    are many but all alike, no more than ENOUGH.
    """
    shares, half = [min(share, ENOUGH) for share in Config().shares()], DOCUMENTS // 2
    counts = [half // len(shares) + int(half * share / sum(shares)) for share in shares]
    return tuple(
        write_document(FITTED_ON, index, Config(**{name: float(name == kind) for name in DOCUMENT_TYPES}))
        for kind, count in zip(DOCUMENT_TYPES, counts, strict=True)
        for index in range(count)
    )


@cache
def gold_pairs() -> tuple:
    """Instruction pairs, written for reading alone."""
    return tuple(pairs(FITTED_ON, PAIRS))


@cache
def _examples() -> tuple[list[str], list[str], list[str]]:
    """Texts, types and registers: whole documents, and pieces from anywhere in them."""
    texts, kinds, registers = [], [], []
    for place, document in enumerate(gold_documents()):
        draw = Draw(FITTED_ON, f"piece/{place}")
        for text in (document.text, *(_piece(draw, document.text) for _ in range(PIECES))):
            texts.append(text)
            kinds.append(document.type)
            registers.append(document.register)
    return texts, kinds, registers


def _piece(draw: Draw, text: str) -> str:
    """A stretch of a document that begins and ends between words."""
    if len(text) <= SHORT:
        return text
    start = draw.integer(0, len(text) - SHORT)
    piece = text[start : start + draw.integer(SHORT, LONG)]
    return piece[piece.find(" ") + 1 :] if start else piece


def _model():
    signs = TfidfVectorizer(
        tokenizer=tokens, token_pattern=None, lowercase=False, ngram_range=(1, 2), sublinear_tf=True, min_df=2
    )
    return make_pipeline(signs, LinearSVC(random_state=0, class_weight="balanced"))


@cache
def _types():
    texts, kinds, _ = _examples()
    return _model().fit(texts, kinds)


@cache
def _only_register() -> dict[str, str]:
    """Of the kinds of document that are written in one register."""
    _, kinds, registers = _examples()
    found = {kind: set() for kind in kinds}
    for kind, register in zip(kinds, registers, strict=True):
        found[kind].add(register)
    return {kind: next(iter(names)) for kind, names in found.items() if len(names) == 1}


@cache
def _registers():
    """Answers of an assistant, which no document holds, count as neutral."""
    texts, _, registers = _examples()
    answers = [pair.messages[-1]["content"] for pair in gold_pairs() if pair.kind not in COLOURED]
    return _model().fit([*texts, *answers], [*registers, *("neutral" for _ in answers)])
