"""Songs with a refrain and rhymes to say after one another: words come back as they were.

    Nora has a lantern and will not let it go,
    Down by the mill the wind begins to blow,
      Zib wox tram, zib wox tram,
      sing it again, Nora, gesh!

The words of a refrain are invented for one song, so whoever continues it has to look back.
"""

from data.synthetic.document import Document
from data.synthetic.grammar import capital, load
from data.synthetic.slots import Slots


def write(draw, world, config) -> Document:
    scene = Slots(draw, world)
    title = draw.choice(load("song")["title"]).write(draw, scene) + "\n\n" if draw.flag(0.4) else ""
    text = _rhyme(draw, scene) if draw.flag(0.3) else _song(draw, scene)
    return Document(title + text, "songs", "neutral", "neutral", facts=scene.facts)


def _song(draw, scene) -> str:
    """Verses of two lines, each followed by the same refrain."""
    lines = draw.choice(load("song")["refrain"]).write(draw, scene).split(" // ")
    refrain = "\n".join(capital(line) for line in lines)
    verses = draw.integer(2, 4)
    sung = draw.sample(load("song")["line"], 2 * verses)
    blocks = []
    for place in range(verses):
        verse = [phrase.write(draw, scene) for phrase in sung[2 * place : 2 * place + 2]]
        blocks += ["\n".join([verse[0], verse[1][:-1] + "."]), refrain]
    return draw.choice(("\n\n", "\n")).join(blocks)


def _rhyme(draw, scene) -> str:
    """A row of words, said again and again."""
    first = draw.choice(load("song")["call"]).write(draw, scene)
    scene["again"] = first[first.index(":") + 2 :]
    again = [phrase.write(draw, scene) for phrase in draw.sample(load("song")["again"], draw.integer(1, 3))]
    return "\n".join([first, *again])
