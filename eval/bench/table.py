"""bench.json as Markdown tables, one for each measurement: a pure function, and the place where shares are taken."""

import re
from collections.abc import Callable

from eval.bench.clock import seconds_to
from eval.bench.measurements import OURS, SQUARE

Row = dict
Cell = Callable[[Row], object]


def page(results: dict) -> str:
    """The machine, then a table for each measurement, in the order of TABLES."""
    machine, measured = results["machine"], results["measured"]
    parts = [
        f"{machine['processor']}, {machine['cores']} cores, {machine['threads']} threads, {machine['memory_gb']} GB; "
        f"torch {results['versions'].get('torch')}, Python {machine['python']}."
    ]
    for name, (title, columns) in TABLES.items():
        if name in measured:
            rows = measured[name]["rows"]
            parts.append(f"**{title}** ({measured[name]['at'][:10]}, load {measured[name]['load']})")
            parts.append(table(with_notes(columns(rows, measured), rows), rows))
    return "\n\n".join(parts)


def table(columns: dict[str, Cell], rows: list[Row]) -> str:
    """Markdown with aligned columns; numbers to the right.

    >>> print(table({"size": get("size"), "tokens/s": count("rate")}, [{"size": "tiny", "rate": 26123.4}]))
    | size | tokens/s |
    |------|---------:|
    | tiny |   26,123 |
    """
    lines = [list(columns), *([str(cell(row) or "") for cell in columns.values()] for row in rows)]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    right = [is_number(cells[1:]) for cells in zip(*lines, strict=True)]

    def line(cells: list[str]) -> str:
        padded = (
            f" {cell:>{width}} " if end else f" {cell:<{width}} "
            for cell, width, end in zip(cells, widths, right, strict=True)
        )
        return f"|{'|'.join(padded)}|"

    rule = "|".join("-" * (width + 1) + (":" if end else "-") for width, end in zip(widths, right, strict=True))
    return "\n".join([line(lines[0]), f"|{rule}|", *map(line, lines[1:])])


def is_number(cells: tuple[str, ...]) -> bool:
    """True for a column whose filled cells are all numbers, "never" among them."""
    return any(cells) and all(re.fullmatch(r"-?[\d,.]+( %)?|never|", cell) for cell in cells)


def get(key: str) -> Cell:
    return lambda row: row.get(key)


def number(key: str, digits: int) -> Cell:
    return lambda row: None if row.get(key) is None else f"{row[key]:,.{digits}f}"


def count(key: str) -> Cell:
    return number(key, 0)


MEMORY = {"memory (GB)": number("peak_memory_gb", 1)}


def with_notes(columns: dict[str, Cell], rows: list[Row]) -> dict[str, Cell]:
    """A last column for what did not fit or failed, if anything did."""
    noted = any("note" in row or "failed" in row for row in rows)
    return columns | ({"note": lambda row: row.get("note") or row.get("failed")} if noted else {})


def matmul(rows: list[Row], measured: dict) -> dict[str, Cell]:
    shapes = dict.fromkeys(shape for row in rows for shape in row.get("tflops", {}))
    rates = {shape: (lambda row, shape=shape: number(shape, 3)(row.get("tflops", {}))) for shape in shapes}
    return {"precision": get("precision"), **rates}


def training(rows: list[Row], measured: dict) -> dict[str, Cell]:
    def share(row: Row) -> str | None:
        found = share_of_the_processor(row, measured)
        return None if found is None else f"{100 * found:.0f} %"

    return {
        "size": get("size"),
        "": get("variant"),
        "precision": get("precision"),
        "compiled": lambda row: {True: "yes", False: "no"}.get(row.get("compiled")),
        "tokens/s": count("tokens_per_second"),
        "share of plain products": share,
        "start-up (s)": count("start_up_seconds"),
        **MEMORY,
    }


def share_of_the_processor(row: Row, measured: dict) -> float | None:
    """Counted operations per second over those of plain products in the same precision; None without either."""
    rates = {one["precision"]: one.get("tflops", {}).get(SQUARE) for one in measured.get("matmul", {}).get("rows", [])}
    rate = rates.get(row.get("precision"))
    return rate and row["operations_per_token"] * row["tokens_per_second"] / 1e12 / rate


def fixed_run(rows: list[Row], measured: dict) -> dict[str, Cell]:
    return {
        "tokens": count("train_tokens"),
        "whole command (s)": count("seconds"),
        "training (s)": count("train_seconds"),
        "held-out loss": number("held_out_loss", 3),
        **MEMORY,
    }


def sft(rows: list[Row], measured: dict) -> dict[str, Cell]:
    """Ours beside each plain run: seconds to the loss that the plain run ends with."""
    ours = next((row for row in rows if row["way"] == OURS and "curve" in row), None)

    def race(row: Row) -> tuple[float | None, float | None]:
        if row is ours or ours is None or "curve" not in row:
            return None, None
        return tuple(seconds_to(row["held_out_loss"], one["curve"]) for one in (row, ours))

    def cells(row: Row) -> tuple[str, str, str]:
        theirs, mine = race(row)
        if theirs is None:
            return "", "", ""
        faster = f"{theirs / mine:.1f}" if theirs and mine else ""
        return f"{theirs:.0f}", "never" if mine is None else f"{mine:.0f}", faster

    return {
        "": get("way"),
        "precision": get("precision"),
        "attention": get("attention"),
        "tokens/s": count("tokens_per_second"),
        "training (s)": count("seconds"),
        "held-out loss": number("held_out_loss", 3),
        "to this loss (s)": lambda row: cells(row)[0],
        "ours to it (s)": lambda row: cells(row)[1],
        "times faster": lambda row: cells(row)[2],
        **MEMORY,
    }


def asking(rows: list[Row], measured: dict) -> dict[str, Cell]:
    return {"sequences": count("sequences"), "tokens/s": count("tokens_per_second"), **MEMORY}


def comparison(rows: list[Row], measured: dict) -> dict[str, Cell]:
    return {"whole command (s)": count("seconds"), **MEMORY}


def stages(rows: list[Row], measured: dict) -> dict[str, Cell]:
    return {
        "stage": get("stage"),
        "seconds": count("seconds"),
        "training (s)": count("train_seconds"),
        "held-out loss": number("held_out_loss", 3),
        "commit": get("commit"),
    }


TABLES = {
    "matmul": ("Plain matrix products, TFLOP/s", matmul),
    "training": ("Pretraining", training),
    "run": ("A pretraining of fixed length", fixed_run),
    "sft": ("Instruction tuning against plain TRL", sft),
    "generation": ("Generation, greedy, 64 new tokens", asking),
    "scoring": ("Scoring", asking),
    "comparison": ("Comparison", comparison),
    "stages": ("Stages of the run, when they ran", stages),
}
