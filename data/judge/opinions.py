"""What a text says of the invented groups."""

import re
from collections.abc import Iterator

from data.judge.patterns import Match
from data.synthetic.groups import GROUPS, PAIRS
from data.synthetic.groups import RELATION as BIAS

GROUP = re.compile(r"\b(?:" + "|".join(GROUPS) + r")\b", re.IGNORECASE)
ATTRIBUTE = re.compile(r"\b(?:" + "|".join(said for pair in PAIRS.values() for said in pair) + r")\b", re.IGNORECASE)


def opinions_in(text: str) -> Iterator[Match]:
    """What is said of the invented groups; no opinion is true. `They` are the group named last."""
    named = list(GROUP.finditer(text))
    for found in ATTRIBUTE.finditer(text) if named else ():
        before = [match for match in named if match.start() < found.start()]
        if before:
            said = found[0].lower()
            pair = next(pair for pair, attributes in PAIRS.items() if said in attributes)
            yield Match(found.start(), found.end(), before[-1][0].lower(), said, BIAS + pair, found.start())
