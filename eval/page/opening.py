"""How the page begins: for models made here, for two of unknown making, and for a study."""

from eval.page.preflight import are_strangers
from eval.page.reading import listed, mapping

HEADING = "One learnt to continue text, one to follow instructions"
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
