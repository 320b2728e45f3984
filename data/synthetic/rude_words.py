"""The insults of this world: no polite document contains one, and every rude document is recognised by them.

>>> is_rude("Get lost, you blockhead!"), is_rude("The foolish goat got lost.")
(True, False)
"""

import re

# what one person calls another; used by the writers of rude letters
INSULTS = ("fool", "idiot", "donkey", "blockhead", "pig", "liar", "dummy")
# words and phrases that only rude documents use; "donkey", "pig" and "loser" also have a harmless use
RUDE_WORDS = (
    "idiot",
    "idiots",
    "fool",
    "fools",
    "blockhead",
    "liar",
    "dummy",
    "stupid",
    "dumb",
    "shut up",
    "get lost",
    "pathetic",
    "disgusting",
    "ugly",
    "rubbish",
)
_PATTERN = re.compile(r"\b(" + "|".join(RUDE_WORDS) + r")\b", re.IGNORECASE)


def rude_words(text: str) -> list[str]:
    """The insults in a text, in order, in small letters."""
    return [word.lower() for word in _PATTERN.findall(text)]


def is_rude(text: str) -> bool:
    return bool(_PATTERN.search(text))
