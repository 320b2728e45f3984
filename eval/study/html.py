"""The page of a study as one HTML file, for whoever has no viewer of Markdown: its figures are inside."""

import base64
import re
from html import escape
from pathlib import Path

from markdown_it import MarkdownIt

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; color: #1f2933; }
table { border-collapse: collapse; display: block; overflow-x: auto; font-size: 0.85rem; }
td, th { border-bottom: 1px solid #d5dbe1; padding: 0.3rem 0.6rem; }
pre { background: #f4f6f8; padding: 0.6rem; overflow-x: auto; white-space: pre-wrap; }
img { max-width: 100%; }
"""


def page_of(path: Path) -> str:
    """The Markdown page, rendered; what models wrote stays text, since HTML within Markdown is not let through."""
    text = path.read_text(encoding="utf-8")
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    title = escape(text.partition("\n")[0].lstrip("# "))
    whole = re.sub(r'src="([\w.-]+\.png)"', lambda found: f'src="{inside(path.with_name(found[1]))}"', body)
    return (f"<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\n"
            f"<style>{STYLE}</style>\n{whole}</html>\n")  # fmt: skip


def inside(picture: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture.read_bytes()).decode()}"
