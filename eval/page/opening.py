"""How the page begins: for models made here, for a study, and for two of unknown making.

Above these stands a box: what was looked into before anything was asked.
"""

from eval.page.reading import listed, mapping

HEADING = "One learnt to continue text, one to follow instructions"
MARKS = {"good": ("✓", "good"), "note": ("·", "note"), "warning": ("!", "warning")}
OURS = "The instruct models start from the weights of the base model."


def heading(summary: dict) -> str:
    return str(mapping(summary.get("study")).get("title") or HEADING)


def opening(summary: dict) -> str:
    """The first sentence of the report."""
    if about := mapping(summary.get("study")).get("about"):
        return str(about)
    names = [str(mapping(model.get("config")).get("model", "")) for model in listed(summary.get("models"))]
    if not are_strangers(summary) or len(names) != 2:
        return OURS
    return f"Two models whose making is not known here: {names[0]} as the base, {names[1]} as what was tuned from it."


def box(summary: dict) -> list[dict]:
    """One line for each finding: {name, found, level, mark}; empty where nothing was looked into."""
    found = [(one, *MARKS.get(str(one.get("level")), MARKS["note"])) for one in listed(summary.get("preflight"))]
    return [{"name": str(one.get("name", "")), "found": str(one.get("found", "")), "level": level, "mark": mark}
            for one, mark, level in found]  # fmt: skip


def are_strangers(summary: dict) -> bool:
    """Only of models that were not made here something has to be found out first."""
    return bool(box(summary))
