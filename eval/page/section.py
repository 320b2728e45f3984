"""What a section of the page consists of, and the few ways in which most sections count and speak.

A section is one question asked of the models. `section(results)` in the show.py of a question returns

    Section(question="stopping", row="Pattern completer", title="Does it stop by itself?", says="The base ...",
            pictures=[Picture("stopping", [figure], "...")], how_to_read="...", n="...", test="...",
            pitfall="...", tables=[Table(("Model", "Rate"), [("base", "2 %")])])

or None where its rows were not measured.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from matplotlib.figure import Figure

from eval import figures
from eval.page.words import plural

SENTENCE = re.compile(r"(?<=[.?!]) (?=[A-Z“])")  # between two of them


@dataclass(frozen=True)
class Table:
    header: Sequence[str]
    lines: Sequence[Sequence[str]]
    caption: str = "The numbers"


@dataclass(frozen=True)
class Picture:
    name: str  # of the PNG file, and of the section that it opens
    panels: Sequence[Figure | figures.Drawing]  # figures as a section makes them, drawings as the page takes them
    alt: str  # what it shows, for those who cannot see it
    titles: Sequence[str] = ()  # of the panels; for the same readers
    themed: bool = True  # False: numbers stand on the colours, which must then not change with the page
    caption: str = ""
    columns: int = 3  # panels beside each other on a wide page
    front: int = 2  # panels that are seen at once, where it is the first picture of a section; the others are folded

    def names(self) -> list[str]:
        """The first panel has the name of the picture."""
        return [self.name] + [f"{self.name}-{place}" for place in range(2, len(self.panels) + 1)]

    def alts(self) -> list[str]:
        return [": ".join(filter(None, (self.alt, title))) for title in self.titles or [""] * len(self.panels)]

    def drawn(self) -> "Picture":
        """The same with drawings for figures."""
        named = zip(self.panels, self.alts(), strict=True)
        return replace(self, panels=[figures.drawing(panel, alt, self.themed) for panel, alt in named])


@dataclass(frozen=True, kw_only=True)
class Section:
    question: str  # the question whose claims it bears on
    title: str  # a question
    metrics: Sequence[str] = ()  # only claims on these metrics of the question; all, if none is named
    says: str  # what came out, in one sentence made from the numbers
    pictures: Sequence[Picture]
    how_to_read: str
    n: str
    test: str
    pitfall: str
    row: str = ""  # row of the comparison of base and instruct models that it belongs to
    tables: Sequence[Table] = ()
    shown: str = ""  # group of transcripts to show beside the figure
    claims: Sequence[dict] = field(default=())

    @property
    def anchor(self) -> str:
        return f"question-{self.pictures[0].name}"

    @property
    def in_short(self) -> str:
        """How to read it, in one sentence: the first."""
        return SENTENCE.split(self.how_to_read, maxsplit=1)[0]

    @property
    def further(self) -> str:
        """How to read it: what the first sentence leaves out."""
        return " ".join(SENTENCE.split(self.how_to_read, maxsplit=1)[1:])

    @property
    def folded(self) -> str:
        """What is not seen at once. Example: "how it was measured, 2 figures more, 1 table"."""
        first, *others = self.pictures
        more = len(first.panels[first.front :]) + sum(len(one.panels) for one in others)
        parts = (more and f"{plural(more, 'figure')} more", self.tables and plural(len(self.tables), "table"))
        return ", ".join(filter(None, ["how it was measured", *parts]))


def picture(name: str, alt: str, panels: dict[str, Figure] | Figure | None, **options) -> list[Picture]:
    """A picture of one figure, or of a few by title; an empty list where nothing was drawn."""
    if isinstance(panels, Figure):
        return [Picture(name, [panels], alt, **options)]
    return [Picture(name, list(panels.values()), alt, list(panels), **options)] if panels else []


def tables(header: Sequence[str], lines: Sequence[Sequence[str]], caption: str = "The numbers") -> list[Table]:
    """A table; an empty list where it has no lines."""
    return [Table(header, lines, caption)] if lines else []
