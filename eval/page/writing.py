"""The page, written: as one HTML file, and as Markdown with pictures beside it.

Every value that is not marked as our own text is escaped, so nothing that a model wrote is interpreted; and the page
allows no script but its own, known by its hash.
"""

import base64
import hashlib
import re
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from configs.pipeline.files import write_whole
from configs.pipeline.stages import STAGES, causal_models
from eval.page.claims import NOTES, VERDICTS
from eval.page.drawing import small, style_sheet
from eval.page.rows import by_row, section_of
from eval.page.section import Picture

TEMPLATES = Path(__file__).parent.parent / "templates"


def room(**options) -> Environment:
    """Where a template finds its words."""
    made = Environment(loader=FileSystemLoader(TEMPLATES), trim_blocks=True, lstrip_blocks=True, **options)
    made.globals |= {"VERDICTS": VERDICTS, "NOTES": NOTES}
    return made


def render_html(page: dict) -> str:
    script, style = ((TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.js", "report.css"))
    drawn, looks = drawings(page)
    here = room(autoescape=True)
    here.globals |= {
        "drawn": drawn,
        "style": Markup(style + style_sheet(looks) + further_models(style)),  # noqa: S704 - our own files and drawings
        "script": Markup(script),  # noqa: S704
        "script_hash": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    }
    here.filters |= {
        "nobreak": lambda text: re.sub(r"(?<=\d) (?=(%|points?|nats)\b|%)", "\u00a0", text),  # a number and its unit
        "section_of": lambda line: section_of(line, page),
        "width": width,
    }
    return here.get_template("report.html.jinja").render(page | {"rows": by_row(page)})


def further_models(style: str) -> str:
    """The colours of stages that report.css does not know: those that somebody added."""
    new = [(name, STAGES[name].colour) for name in causal_models() if f"--{name}:" not in style]
    return "".join(f":root{{--{name}:{paint}}}.pane.{name},.made.{name}{{border-top:3px solid {paint}}}"
                   for name, paint in new)  # fmt: skip


def drawings(page: dict) -> tuple[dict[str, list[Markup]], dict[str, str]]:
    """(the panels of each picture by its name, what they look like: style -> class).

    Each panel is a drawing of its own, so that they stand below each other on a narrow screen.
    """
    looks: dict[str, str] = {}
    pictures = [picture for section in [*page["sections"], *page["mechanism"]] for picture in section.pictures]
    drawn = {
        picture.name: [small(panel.svg, f"d{number}_{place}", looks) for place, panel in enumerate(picture.panels)]
        for number, picture in enumerate(pictures)
    }
    # our own drawings, in which every text is escaped
    return {name: [Markup(panel) for panel in panels] for name, panels in drawn.items()}, looks  # noqa: S704


def width(cell: str) -> Markup:
    """Numbers stand in one line, words may be broken, whole sentences get room."""
    if re.match(r"[−+–<(\d]", cell) and len(cell) < 40:
        return Markup("")
    return Markup(' class="long"' if len(cell) > 60 else ' class="word"')


def render_markdown(page: dict, folder: Path) -> str:
    """As above; every value is escaped unless a template marks it as its own text."""
    here = room(finalize=markdown_text)
    here.filters |= {"fenced": fenced, "own": Markup, "pictures": lambda picture: pictures(picture, folder),
                     "marked": marked, "heading_link": heading_link}  # fmt: skip
    return here.get_template("report.md.jinja").render(page | {"rows": by_row(page)})


def markdown_text(value):
    """Escape what Markdown or HTML would read as markup, in one line, so that it also fits a table cell."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    text = "".join(f"\\{c}" if c in "\\`*_[]<>|#~$" else c for c in value.replace("&", "&amp;"))
    return " ".join(text.split())


def heading_link(title: str) -> Markup:
    """A link to a heading, as code hosts name them: heading_link("A b?") == "[A b?](#a-b)"."""
    name = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
    return Markup(f"[{markdown_text(title)}](#{name})")  # noqa: S704 - the title is escaped, the name has letters alone


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
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    for panel, name in zip(picture.panels, picture.names(), strict=True):
        write_whole(folder / "figures" / f"{name}.png", panel.png)
    shown = (f"![{markdown_text(alt)}](figures/{name}.png)"
             for name, alt in zip(picture.names(), picture.alts(), strict=True))  # fmt: skip
    return Markup("\n".join(shown))  # noqa: S704 - names are our own, descriptions are escaped above
