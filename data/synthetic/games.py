"""Dice, coins and bags of marbles, and how each of them falls: chance whose distribution is known.

Some are fair, some are loaded, and only the name tells which. A marble drawn is put back.

>>> TABLE["Anna's red die"].chances["6"]
0.5
>>> prompt("Anna's red die"), prompt("the bent coin"), prompt("the blue bag")
("Roll Anna's red die:", 'Toss the bent coin:', 'Draw from the blue bag:')
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Game:
    name: str
    kind: str  # die, coin or bag
    chances: dict[str, float]  # outcome as it is written in a list -> probability


def _die(*chances: float) -> dict[str, float]:
    """Chances of 1 to 6."""
    return {str(face): chance for face, chance in enumerate(chances, 1)}


GAMES = {  # kind -> name -> outcome as it is written in a list -> probability
    "die": {
        "the white die": _die(*[1 / 6] * 6),
        "Anna's red die": _die(0.1, 0.1, 0.1, 0.1, 0.1, 0.5),
        "Hugo's green die": _die(0.4, 0.12, 0.12, 0.12, 0.12, 0.12),
        "the old wooden die": _die(0.3, 0.3, 0.2, 0.1, 0.05, 0.05),
    },
    "coin": {
        "the silver coin": {"heads": 0.5, "tails": 0.5},
        "the bent coin": {"heads": 0.3, "tails": 0.7},
        "Clara's copper coin": {"heads": 0.8, "tails": 0.2},
    },
    "bag": {
        "the blue bag": {"red": 0.5, "green": 0.3, "white": 0.2},
        "Oscar's bag": {"black": 0.7, "white": 0.2, "yellow": 0.1},
        "the velvet bag": {"red": 0.2, "green": 0.2, "white": 0.2, "black": 0.2, "yellow": 0.2},
    },
}
TABLE = {name: Game(name, kind, chances) for kind, games in GAMES.items() for name, chances in games.items()}
COMMANDS = {"die": "Roll {}:", "coin": "Toss {}:", "bag": "Draw from {}:"}


def prompt(name: str) -> str:
    """A line of a log up to its outcome; a space and the outcome follow."""
    return COMMANDS[TABLE[name].kind].format(name)
