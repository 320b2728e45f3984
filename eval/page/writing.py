"""The page, written: as one HTML file, and as Markdown with pictures beside it.

Every value that is not marked as our own text is escaped, so nothing that a model wrote is interpreted.
"""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from eval import figures
from eval.page.claims import VERDICTS
from eval.page.section import Picture

TEMPLATES = Path(__file__).parent.parent / "templates"


def render_html(page: dict) -> str:
    loader = FileSystemLoader(TEMPLATES)
    room = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    room.globals |= {"svgs": svgs, "VERDICTS": VERDICTS}
    room.filters |= {"nobreak": lambda text: text.replace(" %", "\u00a0%")}  # a number stays with its sign
    return room.get_template("report.html.jinja").render(page)


def svgs(picture: Picture) -> list[Markup]:
    """The panels of a picture; each is drawn by itself, so that they stand below each other on a narrow screen."""
    return [
        Markup(figures.svg(panel, name, alt, picture.themed))
        for panel, name, alt in zip(picture.panels, picture.names(), picture.alts(), strict=True)
    ]


def render_markdown(page: dict, folder: Path) -> str:
    """As above; every value is escaped unless a template marks it as its own text."""
    loader = FileSystemLoader(TEMPLATES)
    room = Environment(loader=loader, trim_blocks=True, lstrip_blocks=True, finalize=markdown_text)
    room.globals |= {"VERDICTS": VERDICTS}
    room.filters |= {"fenced": fenced, "own": Markup, "pictures": lambda picture: pictures(picture, folder)}
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


def pictures(picture: Picture, folder: Path) -> Markup:
    """The panels as PNG files, and the lines that show them."""
    for panel, name in zip(picture.panels, picture.names(), strict=True):
        figures.png(panel, folder / "figures" / f"{name}.png")
    shown = (f"![{markdown_text(alt)}](figures/{name}.png)"
             for name, alt in zip(picture.names(), picture.alts(), strict=True))  # fmt: skip
    return Markup("\n".join(shown))  # noqa: S704 - names are our own, descriptions are escaped above
