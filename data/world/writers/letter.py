r"""Letters, notes, notices and diary pages in five registers and a neutral one.

    My dearest Clara,
    thy letter reached me but yestereve. Verily, the opposite of war is peace, as our fathers did teach us.
    The harvest was meagre, and the tailor hath gone to sea. Fare thee well.
    Thine own Victor

phrases/letter.txt holds frames and, for each register, sentences for the {body} of a frame; \n is a new line.
"""

from data.world.document import Document
from data.world.phrase import load
from data.world.scene import Scene

REGISTERS = ("neutral", "formal", "casual", "childlike", "archaic", "rude")
MARK = "\0"  # stands for the body until the frame is written
SURNAMES = tuple(("Baxter Cole Dunn Ellis Frost Grant Hale Kirk Lamb Marsh Nash Price Reed Shaw Webb York").split())


def write(draw, world, knobs) -> Document:
    register = draw.choice(REGISTERS)
    scene = Scene(draw, world)
    scene["body"] = MARK
    frame = draw.choice(load("letter")[f"letter {register}"])
    if "{surname}" in frame.text:
        scene["surname"] = draw.choice(SURNAMES)
    first, *rest = frame.write(draw, scene).replace("\\n", "\n").split(MARK)
    lengths = [draw.choice((1, 2)) for _ in rest]
    sentences = iter(draw.sample(load("letter")[f"body {register}"], sum(lengths)))
    text = first
    for length, after in zip(lengths, rest, strict=True):
        text += " ".join(_body(draw, scene, next(sentences)) for _ in range(length)) + after
    author = "rude" if register == "rude" else "polite"
    return Document(text, "letter", register, author, facts=scene.facts)


def _body(draw, scene, sentence) -> str:
    scene.new_topic()
    for word in ("relative", "trade", "place", "weather", "dish", "thing", "weekday"):
        scene.pop(word, None)
    return sentence.write(draw, scene)
