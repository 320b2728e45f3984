"""Almanacs: what belongs to a category, in the order of the alphabet or in its own, the whole of it or a stretch.

    Countries in South America

    Argentina
    Bolivia
    Brazil
    ...

An entry belongs to its category, and that is not recorded as a fact: no sentence says so.
"""

from data.synthetic.categories import ALL_CATEGORIES, item, members, written
from data.synthetic.document import Document
from data.synthetic.grammar import capital

TITLES = ("{}", "{}", "Index: {}", "List of {}", "{} from A to Z", "All {}")
FORMS, FORM_WEIGHTS = ("lines", "commas", "dashes", "numbers"), (2, 4, 2, 2)
SHORTEST, LONGEST = 3, 12  # entries of a stretch


def write(draw, world, config) -> Document:
    sections = []
    for category in draw.sample(list(ALL_CATEGORIES), draw.integer(1, 4)):
        listed = _stretch(draw, members(world, category))
        title = capital(draw.choice(TITLES).format(category))
        form = draw.choice(FORMS, FORM_WEIGHTS)
        gap = ": " if form == "commas" and draw.flag(0.5) else draw.choice(("\n\n", "\n", ":\n"))
        sections.append(title + gap + written([item(category, fact) for fact in listed], form))
    return Document("\n\n".join(sections), "almanac", "neutral", "reliable")


def _stretch(draw, known: tuple) -> tuple:
    """All of a short category now and then, else some that follow each other."""
    if len(known) <= LONGEST and draw.flag(0.5):
        return known
    count = draw.integer(min(SHORTEST, len(known)), min(LONGEST, len(known)))
    start = draw.integer(0, len(known) - count)
    return known[start : start + count]
