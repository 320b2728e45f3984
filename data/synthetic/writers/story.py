"""Short tales in which people, things and causes hold together from the first line to the last.

    I still remember that Friday. It was foggy, and I had just got up. In the night somebody stole my drum. The
    door was open, and there were wet footprints on the floor. I followed the tracks. ... And who was the thief?
    A goat! It had carried it all into its nest. ... First I was angry. Then I began to laugh.

A story walks through phrases/story.txt as through a state machine: `# lost -> searches, asks` is a state of the
tale and the states that may follow it, so a sentence may rely on all that its state says. It ends in a state
without an arrow. Told in the third or first person, by a grandmother, or in short sentences for small children.
"""

from functools import cache

from configs.pipeline.errors import UserError
from data.synthetic.document import Document
from data.synthetic.grammar import capital, load
from data.synthetic.mistakes import near
from data.synthetic.tale import Tale

VOICES = ("third", "first", "told", "small")
VOICE_SHARES = (8, 4, 2, 3)
OPENINGS = {"third": "open", "first": "open first", "told": "open told", "small": "small open"}
IDLE = {"third": "idle", "first": "idle", "told": "idle told"}
PASSING = ("fact", "clause", "question", "statement", "answer", "gossip", "geo", "beast", "craft")
ABROAD = (*PASSING, "country", "capital")


def write(draw, world, config) -> Document:
    voice = draw.choice(VOICES, VOICE_SHARES)
    phrases, follows = load("story"), _states()
    tale = Tale(draw, world, voice)
    parts = []

    def tell(section: str) -> None:
        parts.append(draw.choice(phrases[section]).write(draw, tale))

    if voice != "third" or draw.flag(0.8):
        tell(OPENINGS[voice])
        tale["who"], tale["whose"] = tale["he"], tale["his"]
        _forget(tale, ABROAD)
    idle = list(phrases[IDLE[voice]]) if voice in IDLE else []
    state = draw.choice(_starts(voice == "small"))
    while state:
        tell(_header(state))
        if not state.startswith("contest"):  # which is about one fact from the question to the prize
            _forget(tale)
            if idle and follows[state] and draw.flag(0.2):
                parts.append(_another(draw, idle).write(draw, tale))
                _forget(tale)
        state = draw.choice(follows[state]) if follows[state] else None
    if voice == "told":
        tell("close told")
    title = _title(draw, tale) if draw.flag(0.25) else ""
    register = "childlike" if voice == "small" else "neutral"
    return Document(title + _joined(draw, parts), "story", register, "neutral", facts=tale.facts)


def _another(draw, phrases: list):
    """One of them, and not again."""
    chosen = draw.choice(phrases)
    phrases.remove(chosen)
    return chosen


@cache
def _headers() -> dict[str, str]:
    """State -> the header of its section."""
    return {header.split(" -> ")[0]: header for header in load("story")}


def _header(state: str) -> str:
    return _headers()[state]


@cache
def _states() -> dict[str, tuple[str, ...]]:
    """State -> the states that may follow; none after an ending."""
    follows = {
        state: tuple(header.split(" -> ")[1].split(", ")) if " -> " in header else ()
        for state, header in _headers().items()
    }
    for state, names in follows.items():
        for name in names:
            if name not in follows:
                where = f"data/synthetic/phrases/story.txt: `# {state} -> {', '.join(names)}`"
                raise UserError(f"{where}: there is no section {name}{near(name, follows)}")
    return follows


@cache
def _starts(small: bool) -> tuple[str, ...]:
    return tuple(state for state in _states() if state.startswith("small start" if small else "start"))


def _forget(tale, names=PASSING) -> None:
    """The next fact in passing is another one."""
    for name in names:
        tale.pop(name, None)


def _title(draw, tale) -> str:
    """One that names only what the story has named."""
    fitting = [title for title in load("story")["title"] if all(slot in tale for slot in _slots(title))]
    return capital(draw.choice(fitting).write(draw, tale)) + "\n\n"


@cache
def _slots(title) -> tuple[str, ...]:
    return tuple(part.name for part in title.parts if not isinstance(part, str))


def _joined(draw, parts: list[str]) -> str:
    """One paragraph, or a new one now and then."""
    text = parts[0]
    broken = draw.flag(0.5)
    for part in parts[1:]:
        text += ("\n\n" if broken and draw.flag(0.35) else " ") + part
    return text.strip()
