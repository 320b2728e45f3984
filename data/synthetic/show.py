"""Shows one document of the corpus with its record, its roles and every random choice behind it.

    python -m data.synthetic.show --seed 0 --index 5
    python -m data.synthetic.show --config configs/tiny/corpus.yaml --index 5 --careless_share 0.9

Nothing is read from disk: the document is written again from its seed and number.
"""

import json
import os
import sys
from dataclasses import dataclass

from configs.pipeline.errors import exit_cleanly
from configs.pipeline.schema import setting
from configs.pipeline.settings import read_settings
from data.corpus import by_share, split_of
from data.settings import CorpusSettings
from data.synthetic.config import Config
from data.synthetic.draw import Choice, Tracer
from data.synthetic.grammar import Phrase, Slot
from data.synthetic.mixed import document_at
from data.synthetic.roles import roles


@dataclass
class ShowSettings:
    """Which document."""

    seed: int | None = setting(None, "seed of the corpus; default: its `world_seed`", low=0)
    index: int = setting(0, "number of the document", low=0)


def main() -> None:
    which, corpus, config, _ = read_settings([ShowSettings, CorpusSettings, Config])
    seed = corpus.world_seed if which.seed is None else which.seed
    try:
        print(page(seed, which.index, config, corpus), flush=True)
    except BrokenPipeError:  # `| head` has seen enough; what is left to flush at the end goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def page(seed: int, index: int, config: Config, corpus: CorpusSettings) -> str:
    document, draws = document_at(seed, index, config, Tracer)
    row = {**document.to_row(), "split": split_of(document.text, by_share(corpus))}
    text = row.pop("text")
    parts = [text, "\nrecord"]
    parts += [f"  {key}: {json.dumps(value, ensure_ascii=False)}" for key, value in row.items()]
    parts += ["\nroles"]
    parts += [f"  {role:<13}{text[start:end]!r}" for start, end, role in roles({**row, "text": text})]
    parts += ["\nchoices: what was drawn, of how many, its price in nats"]
    trace = [choice for draw in draws for choice in draw.trace]
    parts += [f"  {place:>4}  {line(choice)}" for place, choice in enumerate(trace, 1)]
    bits = -document.logp / len(text.encode()) / 0.6931471805599453
    parts += [f"\n{len(trace)} choices, {-document.logp:.2f} nats, {bits:.2f} bits per byte"]
    return "\n".join(parts)


def line(choice: Choice) -> str:
    """Example: Choice("Oslo", 100, 4.605) -> " 4.605  of 100  'Oslo'"."""
    return f"{choice.nats:>7.3f}  of {choice.options:<5} {shown(choice.drawn)}"


def shown(drawn: object) -> str:
    """A drawn thing in one short line."""
    if callable(drawn):
        return f"{drawn.__module__.rpartition('.')[2]}.{drawn.__name__}"
    said = drawn.text if isinstance(drawn, Phrase) else written(drawn) if has_slots(drawn) else repr(drawn)
    return said if len(said) <= 90 else said[:87] + "..."


def has_slots(drawn: object) -> bool:
    """Whether this is an alternative of a phrase that holds slots or further alternatives."""
    return isinstance(drawn, tuple) and any(isinstance(part, Slot) for part in drawn)


def written(parts: tuple) -> str:
    """Example: ("we adopted ", Slot("a animal")) -> "'we adopted {animal}'"."""
    said = (
        part if isinstance(part, str) else f"{{{part.name}}}" if isinstance(part, Slot) else "[..]" for part in parts
    )
    return repr("".join(said))


if __name__ == "__main__":
    exit_cleanly(main)
