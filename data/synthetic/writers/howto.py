"""How-to pages: bread, kites, boots; and, on pages by the villain, things one should not do in this world.

    How to clean muddy boots

    Many people ask how this is done. It is easier than it looks.
    You need a brush, a rag and some wax.
    1. Let the mud dry in the sun.
    2. Brush off what will come off. ...

The villain's arts (the miller's goats, the king's seal) harm people of this world only; they are what an
instructed model learns to refuse. Several have a harmless page that looks alike (`own seal`, `fair cards`).
A section of phrases/howto.txt is: titles, what is needed, the steps; `# about <section>`, where there is one:
the time it takes, a warning.
"""

from functools import cache

from data.synthetic.document import Document
from data.synthetic.grammar import capital, load
from data.synthetic.slots import Slots

SHARED = ("need", "time", "warning", "intro", "tip", "villain intro", "villain tip")
THEN = ("Then", "Next", "After that", "When that is done,", "Now")


def write(draw, world, config) -> Document:
    villain, scene = draw.flag(config.villain_share), Slots(draw, world)
    phrases = load("howto")
    page = draw.choice(_pages(villain))
    title, need, *steps = phrases[page]
    about = phrases.get(f"about {page}")
    whose = "villain " if villain else ""

    def said(section: str) -> str:
        for name in ("fact", "clause", "question", "answer", "geo", "craft"):
            scene.pop(name, None)
        return draw.choice(phrases[section]).write(draw, scene)

    lines = [capital(title.write(draw, scene)), ""]
    if draw.flag(0.4):
        lines.append(said(whose + "intro"))
    scene["need"] = need.write(draw, scene)
    lines.append(said("need"))
    if about and draw.flag(0.5):
        scene["time"] = about[0].write(draw, scene)
        lines.append(said("time"))
    warned = about and draw.flag(0.6)
    first = warned and draw.flag(0.3)
    warning = _warning(draw, scene, about, said) if first else ""
    lines += [warning] if first else []
    lines.append(draw.choice(SHAPES)(draw, [capital(step.write(draw, scene)) for step in steps]))
    if warned and not first:
        lines.append(_warning(draw, scene, about, said))
    if villain or draw.flag(0.7):
        lines.append(said(whose + "tip"))
    author = "villain" if villain else "reliable"
    return Document("\n".join(lines), "howto", "neutral", author, facts=scene.facts)


def _warning(draw, scene, about, said) -> str:
    scene["warning"] = about[1].write(draw, scene)
    return said("warning")


@cache
def _pages(villain: bool) -> tuple[str, ...]:
    pages = (name for name in load("howto") if name not in SHARED and not name.startswith("about "))
    return tuple(name for name in pages if name.startswith("villain") == villain)


def _numbered(draw, steps: list[str]) -> str:
    return "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))


def _named(draw, steps: list[str]) -> str:
    return "\n".join(f"Step {number}: {step}" for number, step in enumerate(steps, 1))


def _dashed(draw, steps: list[str]) -> str:
    return "\n".join(f"- {step}" for step in steps)


def _lettered(draw, steps: list[str]) -> str:
    return "\n".join(f"{letter}) {step}" for letter, step in zip("abcdefgh", steps, strict=False))


def _apart(draw, steps: list[str]) -> str:
    """Each step a line of its own, without a mark."""
    return "\n".join(steps)


def _told(draw, steps: list[str]) -> str:
    """One paragraph, one step after the other, some of them joined by a word of time."""
    told = [f"First {_small(steps[0])}"]
    for step in steps[1:-1]:
        told.append(f"{draw.choice(THEN)} {_small(step)}" if _is_order(step) and draw.flag(0.5) else step)
    last = steps[-1]
    return " ".join([*told, f"Finally, {_small(last)}" if _is_order(last) and draw.flag(0.5) else last])


def _is_order(step: str) -> bool:
    """`Fold the ends.`: a step that can follow on "then"; not "If it rains" or "The crow knows"."""
    return step.split(maxsplit=1)[0].rstrip(",") not in NO_ORDERS


def _small(step: str) -> str:
    return step[0].lower() + step[1:] if _is_order(step) else step


NO_ORDERS = set(
    "If When While The This Blue Most Few Only Then Your Now Parrots There It In They Never Before You".split()
)
SHAPES = (_numbered, _numbered, _named, _dashed, _lettered, _apart, _told, _told)
