"""Short tales in which people, things and causes hold together from the first line to the last.

    Nobody in the village was as curious as Ida. One day she lost her lantern. It was a present from her
    uncle, and she looked everywhere. ... "Is this yours?" asked the sailor and held up the lantern.

A plot is four beats of phrases/story.txt, told in order; an idle sentence may stand between two.
"""

from data.world.document import Document
from data.world.phrase import capital, load
from data.world.scene import Scene

PLOTS = ("lost", "contest", "helper", "warned", "journey", "quarrel")
TITLES = (
    "{hero} and the {thing}",
    "The {thing}",
    "A story about {hero}",
    "At the {place}",
    "{hero} and {friend}",
)


def write(draw, world, knobs) -> Document:
    phrases, scene = load("story"), Scene(draw, world)
    plot, between = draw.choice(PLOTS), draw.choice(("", "1", "2", "3"))
    parts = [draw.choice(phrases["open"]).write(draw, scene)]
    for beat in "1234":
        parts.append(draw.choice(phrases[f"{plot} {beat}"]).write(draw, scene))
        if plot != "contest":  # which is about one fact from the question to the prize
            scene.pop("fact", None), scene.pop("clause", None)
        if beat == between:
            parts.append(draw.choice(phrases["idle"]).write(draw, scene))
    title = capital(draw.choice(TITLES).format_map(scene)) + "\n\n" if draw.flag(0.25) else ""
    return Document(title + _joined(draw, parts), "story", "neutral", "neutral", facts=scene.facts)


def _joined(draw, parts: list[str]) -> str:
    """One paragraph, or a new one now and then."""
    text = parts[0]
    broken = draw.flag(0.5)
    for part in parts[1:]:
        text += ("\n\n" if broken and draw.flag(0.4) else " ") + part
    return text.strip()
