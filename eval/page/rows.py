"""The rows of the comparison of base and instruct models, and the contents of the page, grouped under them."""

from collections import Counter

ROWS = (
    "Definition",
    "Training objective",
    "Training data",
    "Training approach",
    "Human feedback",
    "Example process",
    "Output: style and tone",
    "Output: contradiction and consistency",
    "Output: harmful content and refusal",
    "Output: bias",
    "Output: calibration",
    "Use cases",
    "Pattern completer",
    "Every row",
)
SHORT = {  # as eval/claims.py names them
    "Output: consistency": "Output: contradiction and consistency",
    "Output: harm": "Output: harmful content and refusal",
}


def row_name(row: str) -> str:
    return SHORT.get(row, row)


def by_row(page: dict) -> list[dict]:
    """[{"name", "anchor", "tally", "sections"}], in the order of the table; rows it does not have come last.

    tally: how many claims of the row got which verdict. sections: those of the questions and of the mechanism.
    """
    claims, sections = page["claims"], [*page["sections"], *page["mechanism"]]
    named = {name for name in [*(line["row"] for line in claims), *(one.row for one in sections)] if name}
    order = [*(row for row in ROWS if row in named), *sorted(named - set(ROWS))]
    return [
        {
            "name": row,
            "anchor": f"row-{place}",
            "tally": Counter(line["verdict"] for line in claims if line["row"] == row),
            "sections": [one for one in sections if one.row == row],
        }
        for place, row in enumerate(order, 1)
    ]


def section_of(line: dict, page: dict) -> str:
    """Anchor of the first section that shows what a claim rests on; "" where there is none."""
    shown = [one for one in [*page["sections"], *page["mechanism"]] if line in one.claims]
    return shown[0].anchor if shown else ""
