"""Register mirroring: does a model go on in the style and tone of what it was given?

Openings of letters, notes and diaries in five registers, cut after their second sentence. raw: the model continues
them. chat: they are a user's turn. The register of what it writes is read by itself, without the opening.
"""

import re

from configs.schema import CompareSettings
from data.world.draw import Draw
from data.world.facts import World
from data.world.knobs import Knobs
from data.world.reading.kinds import register
from data.world.writers import letter
from eval.models import Door
from eval.probes import Answers, row, transcript

REGISTERS = ("formal", "casual", "childlike", "archaic", "rude")
OF_EACH = 30  # openings of each register, at 300 items
MAX_NEW_TOKENS = 60
SENTENCE = re.compile(r"[^.!?\n]*[.!?\n]+\s*")


def register_mirroring(door: Door, world: World, settings: CompareSettings) -> Answers:
    """Rows `mirrors` (0/1) for each opening and form; `meta` holds the register written."""
    found = openings(world, max(2, settings.items * OF_EACH // 300))
    answers = Answers()
    for condition in ("raw", "chat"):
        completions = door.complete([text for _, text, _ in found], condition, MAX_NEW_TOKENS, temperature=1.0)
        for index, ((wanted, text, _), completion) in enumerate(zip(found, completions, strict=True)):
            written = register(completion.text)
            answers.rows.append(
                row(
                    door,
                    condition,
                    "register_mirroring",
                    "mirrors",
                    f"opening:{index}",
                    written == wanted,
                    arm=wanted,
                    n_tokens=completion.tokens,
                    meta={"written": written},
                )
            )
            if index < len(REGISTERS):
                answers.transcripts.append(transcript(door, condition, "register", index, text, completion))
    return answers


def openings(world: World, of_each: int) -> list[tuple[str, str, str]]:
    """(register, opening, how the letter goes on), registers in turn; written by the corpus' own writer."""
    found = {name: [] for name in REGISTERS}
    number = 0
    while any(len(texts) < of_each for texts in found.values()):
        document = letter.write(Draw(0, f"opening/{number}"), world, Knobs())
        number += 1
        sentences = SENTENCE.findall(document.text)
        if len(found.get(document.register, range(of_each))) < of_each and len(sentences) >= 5:
            opening = "".join(sentences[:3]).rstrip()
            found[document.register].append((document.register, opening, document.text[len(opening) :]))
    return [found[name][place] for place in range(of_each) for name in REGISTERS]
