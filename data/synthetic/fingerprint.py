"""What the world writes now, in sixteen digits: they change with the text, not with a name or a comment in the code.

Prose and tables count as they stand, since 300 documents show a quarter of the phrases. What the code makes of them
counts by a sample and the log-probability of its choices, which any other weight or number of options moves.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from data.synthetic.config import Config
from data.synthetic.draw import Draw
from data.synthetic.facts import load_world
from data.synthetic.mistakes import read_text
from data.synthetic.mixed import document_at

WORLD = Path(__file__).parent
SAMPLE = 300  # documents, or pairs: about a tenth of a second


def of_documents(seed: int, config: Config) -> str:
    documents = (document_at(seed, index, config)[0] for index in range(SAMPLE))
    return _digest(_prose("conversations"), (document.to_row() for document in documents))


def of_pairs(seed: int, weights=None) -> str:
    """weights: those of conversations/config.py; None: as shares.yaml says."""
    from data.synthetic.conversations.generate import Weights, pair_of  # the corpus does not need them

    draws = [Draw(seed, f"pair/{index}") for index in range(SAMPLE)]
    world, shares = load_world(), (weights or Weights()).shares()
    return _digest(_prose("phrases"), ([pair_of(draw, world, shares).to_row(), round(draw.logp, 6)] for draw in draws))


def _digest(*parts: Iterable) -> str:
    return hashlib.sha256(json.dumps([list(part) for part in parts]).encode()).hexdigest()[:16]


def _prose(without: str) -> list[list[str]]:
    """The lines of each table and text file, but for remarks and for the files of a folder that has no part in it."""
    files = [path for path in WORLD.rglob("*") if path.suffix in (".csv", ".txt") and path.parent != WORLD / without]
    lines = [map(str.strip, read_text(path).splitlines()) for path in files]
    return sorted([line for line in some if line and not line.startswith("##")] for some in lines)
