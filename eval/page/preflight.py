"""The box above a comparison of two models that were not made here: what was looked into before anything was asked."""

from eval.page.reading import listed

MARKS = {"good": ("✓", "good"), "note": ("·", "note"), "warning": ("!", "warning")}


def box(summary: dict) -> list[dict]:
    """One line for each finding: {name, found, level, mark}; empty where nothing was looked into."""
    lines = []
    for one in listed(summary.get("preflight")):
        mark, level = MARKS.get(str(one.get("level")), MARKS["note"])
        lines.append(
            {"name": str(one.get("name", "")), "found": str(one.get("found", "")), "level": level, "mark": mark}
        )
    return lines


def are_strangers(summary: dict) -> bool:
    """Only of models that were not made here something has to be found out first."""
    return bool(box(summary))
