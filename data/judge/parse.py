r"""Reads text back: who speaks.

>>> speaker_turns("Nora: hi Sam!\nSam: hello")
[('Nora', 'hi Sam!'), ('Sam', 'hello')]
"""

import re

TURN = re.compile(r"^([A-Za-z][\w ]{0,24}):[ \t]*(.*)$")
NO_SPEAKERS = {"thread", "topic", "q", "a", "question", "answer", "subject", "title"}  # labels of other things


def speaker_turns(text: str) -> list[tuple[str, str]]:
    r"""(speaker, text) of each `Name: text` line; other lines belong to the turn above them.

    >>> speaker_turns("Thread: Pets\nmoss: What does a goat eat?\n\nhal9: Hay.")
    [('moss', 'What does a goat eat?'), ('hal9', 'Hay.')]
    """
    turns = []
    for line in text.splitlines():
        match = TURN.match(line)
        if match and match[1].lower() not in NO_SPEAKERS:
            turns.append(match.groups())
        elif turns and line.strip():
            speaker, said = turns[-1]
            turns[-1] = (speaker, f"{said}\n{line}".strip())
    return turns
