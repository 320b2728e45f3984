"""People who do not exist, so that what a model knows of them can only come from this corpus.

>>> person_names()[0] != unknown_names()[0], len(person_names()), len(unknown_names())
(True, 60, 80)
>>> len(citizen_names()), set(citizen_names()) & {*person_names(), *unknown_names()}
(200, set())
"""

from dataclasses import dataclass
from functools import cache

from data.synthetic.draw import Draw

PEOPLE, UNKNOWN = 60, 80  # invented people the corpus talks about, and names it never uses
CITIZENS = 200  # people of whom only the gazette tells, see citizens.py
FIRST = ("Al Bel Cor Dor El Fen Gal Hil Ior Jas Kel Lor Mar Nel Os Per Quil Ros Sel Tam Ul Ver Wil Yor Zan").split()
FIRST_END = ("a an bert da dric ena ia ik in is la mund o ric ra sa us va win y").split()
LAST = ("Arn Bram Brin Car Dall Drum Esk Fal Gren Hask Hol Kern Lund Mor Nor Pell Rask Sten Thorn Vel Wend").split()
LAST_END = ("age beck by dale ell er ford gate holt ick le low mark more nick quist sby ton vold wick").split()
# other beginnings, so that citizens share no first and no last name with anybody
CITIZEN_FIRST = "Bran Cal Dag Eb Fin Gor Hed Ild Jor Kar Lin Mel Nad Ol Pol Rud Sil Tor Urs Val".split()
CITIZEN_LAST = "Birk Cran Dold Eld Fos Gris Hart Jern Kold Lam Marl Nes Ost Pask Quar Rand Stav Trav Ulv Wist".split()
STARTS = {"names": (FIRST, LAST), "citizen names": (CITIZEN_FIRST, CITIZEN_LAST)}
HOBBIES = (
    "fishing chess painting dancing gardening swimming singing reading rowing skating weaving pottery "
    "archery cycling juggling baking"
).split()
PETS = "dog cat rabbit goat mouse rat hedgehog duck hen goose owl frog turtle pigeon snake donkey".split()


@dataclass(frozen=True)
class Person:
    """One invented person; every field but the name is the object of a fact."""

    name: str
    birthplace: str
    job: str
    pet: str
    hobby: str
    pronoun: str  # he or she


def people(cities: list[str], jobs: list[str]) -> list[Person]:
    """The same people for every seed: the facts of the world stay when the documents vary."""
    draw = Draw(0, "people")
    return [
        Person(
            name,
            draw.choice(cities),
            draw.choice(jobs),
            draw.choice(PETS),
            draw.choice(HOBBIES),
            draw.choice(("he", "she")),
        )
        for name in person_names()
    ]


def person_names() -> list[str]:
    return _full_names("names")[:PEOPLE]


def unknown_names() -> list[str]:
    """Names made in the same way that no document may contain, for questions without an answer."""
    return _full_names("names")[PEOPLE : PEOPLE + UNKNOWN]


def citizen_names() -> list[str]:
    return _full_names("citizen names")[:CITIZENS]


@cache
def _full_names(kind: str) -> list[str]:
    """Different full names; no first and no last name is used twice until all have been."""
    draw = Draw(0, kind)
    starts, last_starts = STARTS[kind]
    firsts = draw.shuffled([start + end for start in starts for end in FIRST_END])
    lasts = draw.shuffled([start + end for start in last_starts for end in LAST_END])
    return [f"{first} {last}" for first, last in zip(firsts, lasts, strict=False)]
