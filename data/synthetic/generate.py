"""The whole web, one document at a time: a document is a pure function of seed, index and config.

>>> one = write_document(seed=0, index=5, config=Config())
>>> one == write_document(0, 5, Config()), one.logp < 0
(True, True)
"""

from collections.abc import Iterator

from configs.pipeline.errors import UserError
from data.synthetic.config import Config
from data.synthetic.document import Document
from data.synthetic.draw import Draw
from data.synthetic.facts import load_world
from data.synthetic.kinds import kinds_of

WRITE = tuple(kind.write for kind in kinds_of("documents").values())


def write_document(seed: int, index: int, config: Config, draw: Draw | None = None) -> Document:
    """The choice of the document's type counts as part of its code length. `draw`: one that keeps a trace."""
    draw = draw or Draw(seed, index)
    write = draw.choice(WRITE, config.shares())
    try:
        return write(draw, load_world(), config).drawn(draw)
    except UserError as error:
        again = f"python -m data.synthetic.show --seed {seed} --index {index}"
        raise UserError(f"{error} (document {index}; with the same config again: {again})") from error


def documents(seed: int, start: int, stop: int, config: Config) -> Iterator[Document]:
    """Documents start..stop-1; any range can be written without the ones before it."""
    for index in range(start, stop):
        yield write_document(seed, index, config)
