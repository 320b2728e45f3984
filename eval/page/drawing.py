"""Drawings made small: what a reader cannot see is left out of an SVG, and what they share is said once.

>>> looks = {}
>>> small('<svg viewBox="0 0 9 9"><g id="a"><path id="b" d="M 1.23456 2 \\nL 1.23456 8 \\n" style="fill: none; '
...       'stroke: red; stroke-linejoin: miter"/><path d="M 0 0 L 9 9" style="fill: none"/></g></svg>', "x", looks)
'<svg viewBox="0 0 9 9"><path d="M1.23 2V8" class="k0" /></svg>'
>>> style_sheet(looks)
'.k0{fill:none;stroke:red}'
"""

import re
from xml.etree import ElementTree

NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
NAMED = re.compile(r'(?<=href="#)[^"]+|(?<=url\(#)[^)]+')  # ids that something refers to
GIVEN = ("font-family", "stroke-linejoin", "stroke-linecap")  # the style sheet says it for all drawings


def small(svg: str, name: str, looks: dict[str, str]) -> str:
    """name: what the ids begin with; looks: style -> class, for all drawings of a page, and more for this one."""
    ids = {old: f"{name}_{place}" for place, old in enumerate(dict.fromkeys(NAMED.findall(svg)))}
    root = ElementTree.fromstring(NAMED.sub(lambda found: ids[found[0]], svg))
    tidy(root, ids)
    for element in root.iter():
        if element is not root and (style := element.attrib.pop("style", "")):
            element.set("class", looks.setdefault(style, f"k{len(looks)}"))
    for size in ("width", "height", "version"):  # the style sheet and the box of the view decide
        root.attrib.pop(size, None)
    return ElementTree.tostring(root, encoding="unicode")


def style_sheet(looks: dict[str, str]) -> str:
    return "\n".join(f".{name}{{{style}}}" for style, name in looks.items())


def tidy(parent: ElementTree.Element, ids: dict[str, str]) -> None:
    """Looks at the children of an element, and lets those go that draw nothing or only hold others."""
    kept: list[ElementTree.Element] = []
    for child in parent:
        child.tail = None
        clean(child, ids)
        tidy(child, ids)
        if child.tag == "g" and not child.attrib:
            kept += list(child)
        elif not draws_nothing(child):
            kept.append(child)
    parent[:] = kept
    if not (parent.text or "").strip():
        parent.text = None


def draws_nothing(element: ElementTree.Element) -> bool:
    if element.tag in ("g", "defs"):
        return not len(element)
    return element.tag == "path" and element.get("style") == "fill:none" and "id" not in element.attrib


def clean(element: ElementTree.Element, ids: dict[str, str]) -> None:
    attributes, is_text = element.attrib, element.tag == "text"
    if "id" in attributes:
        name = ids.get(attributes.pop("id"))
        attributes |= {"id": name} if name else {}
    if "style" in attributes:
        pairs = [part.split(":", 1) for part in attributes["style"].split(";") if ":" in part]
        style = {name.strip(): value.strip() for name, value in pairs}
        if not is_text:  # the gaps between two colours are of the colour of what lies behind
            style = {name: "var(--card)" if value == "#ffffff" else value for name, value in style.items()}
        kept = [
            f"{name}:{value}"
            for name, value in style.items()
            if not (name in GIVEN and value != "round" or is_text and (name, value) == ("fill", "currentColor"))
        ]
        attributes["style"] = ";".join(kept)
    if attributes.get("transform", "").startswith("rotate(-0 "):
        del attributes["transform"]
    for name in ("x", "y", "transform"):
        if name in attributes:
            attributes[name] = rounded(attributes[name])
    if "d" in attributes:
        attributes["d"] = short_path(attributes["d"])


def rounded(text: str) -> str:
    """Hundredths of a point are finer than any screen."""
    return NUMBER.sub(
        lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip(".").replace("-0.", "-.") or "0", text
    )


def short_path(d: str) -> str:
    """A path without blanks; strokes along the axes name one number only."""
    written, here = "", ("", "")
    for letter, rest in re.findall(r"([A-Za-z])([^A-Za-z]*)", rounded(d)):
        numbers = rest.split()
        end = tuple(numbers[-2:])
        if letter == "L" and end[0] == here[0]:
            written += "V" + end[1]
        elif letter == "L" and end[1] == here[1]:
            written += "H" + end[0]
        else:
            written += letter + " ".join(numbers)
        here = end if len(end) == 2 else here
    return written
