"""Logs of dice, coins and bags of marbles; see games.py for how each of them falls.

Anna's red die, Monday

Roll 1: 6
Roll 2: 3
Roll 3: 6

6 came twice in 3 rolls.
"""

from data.synthetic.document import Document
from data.synthetic.games import TABLE, prompt
from data.synthetic.grammar import capital, load
from data.synthetic.names import NAMES
from data.synthetic.slots import Slots

GAMES = tuple(TABLE.values())
FALLS = {game.name: (tuple(game.chances), tuple(game.chances.values())) for game in GAMES}
# the owner's die is not rolled by the owner, who would be named twice
PLAYERS = {game.name: [name for name in NAMES if not game.name.startswith(name)] for game in GAMES}
TRIES = {"die": "roll", "coin": "toss", "bag": "draw"}
FACES = dict(zip("123456", "one two three four five six".split(), strict=True))
COUNTS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen".split()
PLURALS = {"toss": "tosses"}
OFTEN = {1: "once", 2: "twice"}


def write(draw, world, config) -> Document:
    shape = draw.choice(SHAPES, SHAPE_WEIGHTS)
    return Document(shape(draw, Slots(draw, world)), "games")


def _fall(draw, game) -> str:
    return draw.choice(*FALLS[game.name])


def _falls(draw, game) -> list[str]:
    return [_fall(draw, game) for _ in range(draw.integer(4, 14))]


def _list(draw, scene) -> str:
    """A title, a line or a number for each try, and sometimes what it comes to."""
    game = draw.choice(GAMES)
    falls, (line, gap) = _falls(draw, game), draw.choice(LINES, LINE_WEIGHTS)
    named = {"line": prompt(game.name), "try": capital(TRIES[game.kind])}
    text = gap.join(line.format(number=i, fall=fall, **named) for i, fall in enumerate(falls, 1))
    if "{line}" not in line or draw.flag(0.5):
        section = draw.choice(("title", "intro"))
        text = _title(draw, scene, game, len(falls), section) + ("\n\n" if gap == "\n" else "\n") + text
    return text + _end(draw, scene, game, falls)


def _title(draw, scene, game, count: int, section: str = "title") -> str:
    scene.update(name=game.name, count=COUNTS[count])
    phrase = draw.choice(load("games")[f"{section} {game.kind}"])
    if "layer}" in phrase.text:
        scene["player"] = _player(draw, game)
    return phrase.write(draw, scene)


def _prose(draw, scene) -> str:
    game, phrases = draw.choice(GAMES), load("games")
    falls, players = _falls(draw, game)[:8], [_player(draw, game) for _ in range(draw.integer(1, 2))]
    sentences, scene["name"] = [], game.name
    for number, fall in enumerate(falls):
        scene["player"], scene["outcome"] = players[number % len(players)], _in_words(game, fall)
        section = f"told {game.kind} first" if number == 0 else f"told {game.kind}"
        sentences.append(draw.choice(phrases[section]).write(draw, scene))
    return " ".join(sentences) + _end(draw, scene, game, falls)


def _turns(draw, scene) -> str:
    """Two people in turn, with the same die, coin or bag."""
    game = draw.choice(GAMES)
    one, other = draw.sample(PLAYERS[game.name], 2)
    falls, line = _falls(draw, game), draw.choice(("{}: {}", "{} {}", "{} has {}", "{} gets {}"))
    head = _title(draw, scene, game, len(falls)) + "\n\n"
    spoken = [fall if line.startswith(("{}:", "{} {}")) else _in_words(game, fall) for fall in falls]
    return head + "\n".join(line.format((one, other)[i % 2], fall) for i, fall in enumerate(spoken))


def _table(draw, scene) -> str:
    """One try each with several things."""
    games, line = draw.sample(GAMES, draw.integer(4, 8)), draw.choice(("{name}: {fall}", "{line} {fall}"))
    lines = [capital(line.format(name=game.name, line=prompt(game.name), fall=_fall(draw, game))) for game in games]
    head = draw.choice(load("games")["title table"]).write(draw, scene) + "\n\n" if draw.flag(0.6) else ""
    return head + "\n".join(lines)


def _end(draw, scene, game, falls: list[str]) -> str:
    """Nothing, a remark, or a count of what fell."""
    end = draw.choice(("nothing", "remark", "count"), (6, 2, 3))
    if end == "nothing":
        return ""
    if end == "remark":
        return "\n" + draw.choice(load("games")["closing"]).write(draw, scene)
    fall, count = draw.choice(list(dict.fromkeys(falls))), len(falls)
    tries = PLURALS.get(TRIES[game.kind], TRIES[game.kind] + "s")
    times = falls.count(fall)
    return f"\n{capital(fall)} came {OFTEN.get(times, f'{times} times')} in {count} {tries}."


def _in_words(game, fall: str) -> str:
    if game.kind == "die":
        return f"a {FACES[fall]}"
    return fall if game.kind == "coin" else f"a {fall} one"


def _player(draw, game) -> str:
    return draw.choice(PLAYERS[game.name])


# a line for each try, and what stands between the lines
LINES = (
    ("{try} {number}: {fall}", "\n"),
    ("{line} {fall}", "\n"),
    ("{number}. {fall}", "\n"),
    ("{fall}", "\n"),
    ("{fall}", ", "),
    ("{fall}", " "),
)
LINE_WEIGHTS = (6, 8, 3, 2, 3, 1)
SHAPES, SHAPE_WEIGHTS = (_list, _prose, _turns, _table), (5, 2, 2, 2)
