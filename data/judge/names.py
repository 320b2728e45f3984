"""Which words may stand for a subject or an object of a relation, found beside a given place of a text.

Also which words are made like those of invented.py: they mean nothing, and any of them is as good as another.

>>> names = load_names()
>>> names.subjects["capital"].ending_at("They say that Papua New Guinea", 30)
('Papua New Guinea', 14)
>>> names.objects["home"].starting_at("in an anthill.", 3)
('an anthill', 13)
"""

import re
from collections.abc import Iterable
from functools import cache

from data.synthetic.citizens import ASKED_LIKE as CITIZEN_RELATIONS
from data.synthetic.citizens import candidates, citizen_facts
from data.synthetic.facts import World, load_world
from data.synthetic.invented import ONSETS, RIMES
from data.synthetic.relations import stock

WORD = re.compile(r"\w+(?:[.-]\w+)*|'\w+")
BETWEEN = re.compile(r"[ +-]*")
ARTICLE = re.compile(r"(the|an?) ", re.IGNORECASE)
INVENTED = re.compile(rf"(?:(?:{'|'.join(ONSETS)})(?:{'|'.join(RIMES)})){{1,2}}", re.IGNORECASE)
PLAIN_WORDS = {"He", "I", "As", "In", "No", "Be", "At", "Am"}  # symbols that are also ordinary words


def is_invented(word: str) -> bool:
    """Whether a word has the form of an invented one; a few ordinary words have it, too.

    >>> is_invented("Grup"), is_invented("soxskug"), is_invented("flock"), is_invented("hedgehog")
    (True, True, True, False)
    """
    return bool(INVENTED.fullmatch(word))


class Names:
    """A set of names, found by whole words, the longest first, in any case unless `exact`."""

    def __init__(self, names: Iterable[str], exact: bool = False):
        self.exact = exact
        self._known = {name if exact else name.lower(): name for name in names}
        self._begin = {
            WORD.match(form)[0] for name in self._known for form in (name, ARTICLE.sub("", name)) if WORD.match(form)
        } | {"a", "an", "the", "A", "An", "The"}
        self._longest = max((len(name.split()) for name in self._known), default=0)

    def get(self, said: str) -> str | None:
        """The name that is said, an article before it being free: `barn` and `a barn` are `a barn`."""
        said = said if self.exact else said.lower()
        forms = (said, ARTICLE.sub("", said, count=1), f"a {said}", f"an {said}", f"the {said}")
        return next((self._known[form] for form in forms if form in self._known), None)

    def starting_at(self, text: str, at: int) -> tuple[str, int] | None:
        """(name, its end) of the longest name that begins at a place."""
        ends, place = [], at
        for _ in range(self._longest + 1):
            match = BETWEEN.match(text, place)
            word = WORD.match(text, match.end())
            if not word or (ends and match.end() == place and word[0][0] != "'"):
                break
            place = word.end()
            ends.append(place)
        return next(((name, end) for end in reversed(ends) if (name := self.get(text[at:end]))), None)

    def ending_at(self, text: str, at: int) -> tuple[str, int] | None:
        """(name, its start) of the longest name that ends at a place."""
        words = [match for match in WORD.finditer(text, max(0, at - 80), at)]
        if not words or words[-1].end() != at or (at < len(text) and text[at].isalnum()):
            return None
        starts = [word.start() for word in words[-self._longest - 1 :]]
        return next(((name, start) for start in starts if (name := self.get(text[start:at]))), None)

    def all_in(self, text: str) -> list[tuple[int, int, str]]:
        """(start, end, name) of every mention, in order; of overlapping ones the longest from the left."""
        found, free = [], 0
        for word in WORD.finditer(text):
            begin = word[0] if self.exact else word[0].lower()
            if word.start() >= free and begin in self._begin and (hit := self.starting_at(text, word.start())):
                name, free = hit
                found.append((word.start(), free, name))
        return found


class WorldNames:
    """Subjects and objects of each relation, also of the citizens'; the stock answer counts among the objects."""

    def __init__(self, world: World):
        self.relations = list(world.relations)
        self.subjects = {name: Names(fact.subject for fact in world.facts(name)) for name in self.relations}
        self.objects = {
            name: Names((*world.objects(name), stock(name)), exact=name == "symbol") for name in self.relations
        }
        citizens = Names(fact.subject for fact in citizen_facts())
        for relation in CITIZEN_RELATIONS:
            self.relations.append(relation)
            self.subjects[relation] = citizens
            self.objects[relation] = Names(candidates(relation))


@cache
def load_names() -> WorldNames:
    return WorldNames(load_world())
