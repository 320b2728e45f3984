"""Words that mean nothing, for headers, refrains and copying: they cannot be known by heart, only repeated.

>>> word(Draw(0, "word")), ALIEN
('Grep', ('Flim', 'Grot'))
"""

from data.synthetic.draw import Draw

ONSETS = "b d f g k l m n p r s t v w z br dr fl gr kl pl sk sn tr".split()
RIMES = "ab ap ack eb ep eck id im ock od om ot ub ug um up unk ax ix ox esh osh".split()
ALIEN = ("Flim", "Grot")  # words for measurements, made like these, that no text contains


def syllable(draw: Draw) -> str:
    new = draw.choice(ONSETS) + draw.choice(RIMES)
    return syllable(draw) if new.capitalize() in ALIEN else new


def word(draw: Draw) -> str:
    """Example: Grup."""
    return syllable(draw).capitalize()


def words(draw: Draw, count: int) -> list[str]:
    """Different words of one or two syllables, in small letters."""
    found = []
    while len(found) < count:
        new = syllable(draw) + (syllable(draw) if draw.flag(0.4) else "")
        if new not in found:
            found.append(new)
    return found
