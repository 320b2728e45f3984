"""How-to pages: bread, kites, boots; and, on pages by the villain, things one should not do in this world.

    How to clean muddy boots

    You need a brush, a rag and some wax.
    1. Let the mud dry in the sun.
    2. Brush off what will come off. ...

The villain's arts (the miller's goats, the king's seal) harm people of this world only; they are what an
instructed model learns to refuse. A section of phrases/howto.txt is: titles, what is needed, the steps.
"""

from functools import cache

from data.world.document import Document
from data.world.phrase import capital, load
from data.world.scene import Scene

EXTRAS = ("need", "tip", "villain tip")


def write(draw, world, knobs) -> Document:
    villain, scene = draw.flag(knobs.villain_share), Scene(draw, world)
    phrases = load("howto")
    title, need, *steps = phrases[draw.choice(_pages(villain))]
    head = capital(title.write(draw, scene))
    scene["need"] = need.write(draw, scene)
    needs = draw.choice(phrases["need"]).write(draw, scene)
    body = draw.choice(SHAPES)([capital(step.write(draw, scene)) for step in steps])
    text = f"{head}\n\n{needs}{body}"
    if villain or draw.flag(0.6):
        text += "\n" + draw.choice(phrases["villain tip" if villain else "tip"]).write(draw, scene)
    return Document(text, "howto", "neutral", "villain" if villain else "reliable", facts=scene.facts)


@cache
def _pages(villain: bool) -> tuple[str, ...]:
    pages = (name for name in load("howto") if name not in EXTRAS)
    return tuple(name for name in pages if name.startswith("villain") == villain)


def _numbered(steps):
    return "".join(f"\n{number}. {step}" for number, step in enumerate(steps, 1))


def _named(steps):
    return "".join(f"\nStep {number}: {step}" for number, step in enumerate(steps, 1))


def _dashed(steps):
    return "".join(f"\n- {step}" for step in steps)


def _told(steps):
    """One paragraph, one step after the other."""
    words = ["First", "Then", "Next", "After that", "Finally"]
    return "\n" + " ".join(
        f"{word}: {step[0].lower()}{step[1:]}" if index in (0, 4) else step
        for index, (word, step) in enumerate(zip(words, steps, strict=True))
    )


SHAPES = (_numbered, _named, _dashed, _told)
