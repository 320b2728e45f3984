"""Register mirroring: does a model go on in the style and tone of what it was given?

The first parts of documents in five registers that the corpus does not contain: letters, talks, threads, entries. raw:
the model continues them. chat: they are a user's turn. What it writes is read by itself, without the opening.
"""

import re

from configs.schema import CompareSettings
from data.world.facts import World
from data.world.generate import write_document
from data.world.knobs import Knobs
from data.world.reading.kinds import LEAST_WORDS_OF_REGISTER, register
from eval.models import Door
from eval.probes import Answers, row, transcript

REGISTERS = ("formal", "casual", "childlike", "archaic", "rude")
OF_EACH = 30  # openings of each register, at 300 items
MAX_NEW_TOKENS = 60
SENTENCE_END = re.compile(r"[.!?]\s+|\n+")
SEED = 20_011  # of documents that no corpus contains


def register_mirroring(door: Door, world: World, settings: CompareSettings) -> Answers:
    """Rows `mirrors` (0/1) for each opening and form; `meta` holds the register written. `too_short`: it shows none."""
    found = openings(max(2, settings.items * OF_EACH // 300))
    answers = Answers()
    for condition in ("raw", "chat"):
        completions = door.complete([text for _, text, _ in found], condition, MAX_NEW_TOKENS, temperature=0.7)
        for index, ((wanted, text, _), completion) in enumerate(zip(found, completions, strict=True)):
            written = register(completion.text)
            enough = len(completion.text.split()) >= LEAST_WORDS_OF_REGISTER
            answers.rows.append(
                row(
                    door,
                    condition,
                    "register_mirroring",
                    "mirrors" if enough else "too_short",
                    f"opening:{index}",
                    written == wanted if enough else 1,
                    arm=wanted,
                    n_tokens=completion.tokens,
                    meta={"written": written},
                )
            )
            if index < len(REGISTERS):
                answers.transcripts.append(transcript(door, condition, "register", index, text, completion))
    return answers


def openings(of_each: int) -> list[tuple[str, str, str]]:
    """(register, opening, how the document goes on), registers in turn: fresh documents of any kind, as they come."""
    found = {name: [] for name in REGISTERS}
    index = 0
    while any(len(texts) < of_each for texts in found.values()):
        document = write_document(SEED, index, Knobs())
        index += 1
        wanted = found.get(document.register, ())
        if document.register in found and len(wanted) < of_each and (cut := first_part(document.text)):
            wanted.append((document.register, document.text[:cut].rstrip(), document.text[cut:]))
    return [found[name][place] for place in range(of_each) for name in REGISTERS]


def first_part(text: str) -> int:
    """Where to cut: behind the sentence or line that ends after 80 characters and two fifths; 0 if little is left."""
    least = max(80, 2 * len(text) // 5)
    end = next((match.end() for match in SENTENCE_END.finditer(text) if match.end() >= least), len(text))
    return end if len(text) - end >= 40 else 0
