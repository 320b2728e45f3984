"""The page, written: as one HTML file, and as Markdown with pictures beside it.

Every value that is not marked as our own text is escaped, so nothing that a model wrote is interpreted; and the page
allows no script but its own, known by its hash.
"""

import base64
import csv
import hashlib
import io
import re
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from eval import figures
from eval.page.claims import VERDICTS
from eval.page.section import Picture, Table

TEMPLATES = Path(__file__).parent.parent / "templates"


def render_html(page: dict) -> str:
    loader = FileSystemLoader(TEMPLATES)
    room = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    script = (TEMPLATES / "report.js").read_text(encoding="utf-8")
    room.globals |= {
        "svgs": svgs,
        "VERDICTS": VERDICTS,
        "style": Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),  # noqa: S704 - our own files
        "script": Markup(script),  # noqa: S704
        "script_hash": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    }
    room.filters |= {
        "nobreak": lambda text: text.replace(" %", "\u00a0%"),  # a number stays with its sign
        "csv_link": csv_link,
        "filename": lambda text: re.sub(r"\W+", "-", text.lower()).strip("-") or "table",
    }
    return room.get_template("report.html.jinja").render(page)


def svgs(picture: Picture) -> list[Markup]:
    """The panels of a picture; each is drawn by itself, so that they stand below each other on a narrow screen."""
    return [
        Markup(figures.svg(panel, name, alt, picture.themed))
        for panel, name, alt in zip(picture.panels, picture.names(), picture.alts(), strict=True)
    ]


def csv_link(table: Table) -> str:
    """The table as a file that is part of the page."""
    written = io.StringIO()
    csv.writer(written).writerows([table.header, *table.lines])
    return "data:text/csv;charset=utf-8," + quote(written.getvalue())


def render_markdown(page: dict, folder: Path) -> str:
    """As above; every value is escaped unless a template marks it as its own text."""
    loader = FileSystemLoader(TEMPLATES)
    room = Environment(loader=loader, trim_blocks=True, lstrip_blocks=True, finalize=markdown_text)
    room.globals |= {"VERDICTS": VERDICTS}
    room.filters |= {
        "fenced": fenced,
        "own": Markup,
        "pictures": lambda picture: pictures(picture, folder),
        "marked": marked,
    }
    return room.get_template("report.md.jinja").render(page)


def markdown_text(value):
    """Escape what Markdown or HTML would read as markup, in one line, so that it also fits a table cell."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    text = "".join(f"\\{c}" if c in "\\`*_[]<>|#~$" else c for c in value.replace("&", "&amp;"))
    return " ".join(text.split())


def fenced(text: str) -> Markup:
    """A code block whose fence is longer than any run of backticks within."""
    longest = max((len(run) for run in "".join(c if c == "`" else " " for c in text).split()), default=0)
    fence = "`" * max(3, longest + 1)
    return Markup(f"{fence}text\n{text}\n{fence}")  # noqa: S704 - Markdown: a code block is shown as it is


def marked(strip: dict) -> Markup:
    """A strip as a code block: `*shifted*`, `~marginal~`; of the loss mask `*counts*`, `~counts in part~`."""
    signs = {"r2": "~", "r4": "*", "w1": "~", "w2": "~", "w3": "*"}
    pieces = []
    for sign, run in groupby(strip["tokens"], key=lambda token: signs.get(token["shade"], "")):
        said = "".join(token["before"] + token["text"] + token["after"] for token in run)
        core = said.strip(" \n")
        pieces.append(said.replace(core, f"{sign}{core}{sign}", 1))
    return fenced("".join(pieces))


def pictures(picture: Picture, folder: Path) -> Markup:
    """The panels as PNG files, and the lines that show them."""
    for panel, name in zip(picture.panels, picture.names(), strict=True):
        figures.png(panel, folder / "figures" / f"{name}.png")
    shown = (f"![{markdown_text(alt)}](figures/{name}.png)"
             for name, alt in zip(picture.names(), picture.alts(), strict=True))  # fmt: skip
    return Markup("\n".join(shown))  # noqa: S704 - names are our own, descriptions are escaped above
