"""The document at one place of the corpus, with its whole record: a page of the world or, as contamination, a chat.

With `instruction_share` above 0 that share of the places holds an instruction conversation in the written form
of the chat template; every other place keeps the page it would have had without.

>>> plain_chat([{"role": "user", "content": "Hi!\\nUser: me"}, {"role": "assistant", "content": "Hello."}])
'User: Hi!\\n User: me\\nAssistant: Hello.'
"""

from data.synthetic.config import Config
from data.synthetic.document import Document
from data.synthetic.draw import Draw
from data.synthetic.facts import load_world
from data.synthetic.generate import write_document

MARKERS = ("User:", "Assistant:", "System:")


def document_at(seed: int, index: int, config: Config, source: type[Draw] = Draw) -> tuple[Document, list[Draw]]:
    """Document number `index` and the draws behind it; the choice of its type counts as part of its code length."""
    used, before = [], 0.0
    if config.instruction_share:
        mixing = source(seed, f"instructions/{index}")
        if mixing.flag(config.instruction_share):
            return conversation(mixing).drawn(mixing), [mixing]
        used, before = [mixing], mixing.logp
    draw = source(seed, index)
    document = write_document(seed, index, config, draw)
    document.logp += before
    document.choices += len(used)
    return document, [*used, draw]


def conversation(draw: Draw) -> Document:
    """One instruction pair as a document; like the pairs, it names nothing that is held out of them."""
    # only where it is asked for: the corpus does not depend on it
    from data.synthetic.conversations.generate import Weights, one_of

    pair = one_of(draw, load_world(), Weights().shares())
    return Document(plain_chat(pair.messages), "instructions", "neutral", "reliable", ["User", "Assistant"], pair.facts)


def plain_chat(messages: list[dict]) -> str:
    """What chat_template.jinja makes of a conversation, without its control tokens."""
    return "\n".join(f"{turn['role'].capitalize()}: {_spoken(turn['content'])}" for turn in messages)


def _spoken(text: str) -> str:
    """A later line that looks like a turn is indented."""
    first, *rest = text.strip().split("\n")
    return "\n".join([first, *(" " * line.startswith(MARKERS) + line for line in rest)])
