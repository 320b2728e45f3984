"""bench.json as Markdown tables, one for each measurement: a pure function, and the place where shares are taken."""

import re
from collections.abc import Iterator
from statistics import mean

from eval.bench.clock import seconds_to
from eval.bench.measurements import OURS, SQUARE, THE_RECIPE

BUSY = 0.5  # a load average above this means that somebody else computes

Row = dict
Column = tuple[str, str] | tuple[str, str, int]  # heading, key of a row and, of a number, its decimals


def page(results: dict) -> str:
    """A table for each measurement, in the order of TABLES, headed by the machine and the day."""
    measured, parts = results, []
    for name, (title, columns) in TABLES.items():
        if name in measured:
            rows = list(DERIVED.get(name, lambda rows, _: rows)(measured[name]["rows"], measured))
            if name == "matmul":
                shapes = dict.fromkeys(shape for row in rows for shape in row.get("tflops", {}))
                columns = columns + [(shape, shape, 3) for shape in shapes]
            if any("note" in row or "failed" in row for row in rows):  # what did not fit or failed
                rows = [row | {"note": row.get("note") or row.get("failed")} for row in rows]
                columns = [*columns, ("note", "note")]
            parts.append(f"**{title}** ({circumstances(measured[name])})")
            parts.append(table(columns, rows))
    return "\n\n".join(parts)


def circumstances(one: dict) -> str:
    machine, load = one["machine"], one["load"]
    busy = f"; the load was {load} before: something else computed, and it is too slow here" if load > BUSY else ""
    return (f"{machine['processor']}, {machine['cores']} cores, {machine['threads']} threads, "
            f"{machine['memory_gb']} GB; torch {one['versions'].get('torch')}; {one['at'][:10]}{busy}")  # fmt: skip


def table(columns: list[Column], rows: list[Row]) -> str:
    """Markdown with aligned columns; numbers to the right.

    >>> print(table([("size", "size"), ("tokens/s", "rate", 0)], [{"size": "tiny", "rate": 26123.4}]))
    | size | tokens/s |
    |------|---------:|
    | tiny |   26,123 |
    """
    lines = [[column[0] for column in columns], *([text(row, *column) for column in columns] for row in rows)]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    right = [is_number(cells[1:]) for cells in zip(*lines, strict=True)]
    rule = "|".join("-" * (width + 1) + (":" if end else "-") for width, end in zip(widths, right, strict=True))
    padded = [
        " | ".join(f"{cell:{'>' if end else '<'}{width}}" for cell, width, end in zip(line, widths, right, strict=True))
        for line in lines
    ]
    return "\n".join([f"| {padded[0]} |", f"|{rule}|", *(f"| {line} |" for line in padded[1:])])


def text(row: Row, heading: str, key: str, decimals: int | None = None) -> str:
    value = row.get(key)
    return "" if value is None else str(value) if decimals is None or value == "never" else f"{value:,.{decimals}f}"


def is_number(cells: tuple[str, ...]) -> bool:
    """True for a column whose filled cells are all numbers, "never" among them."""
    return any(cells) and all(re.fullmatch(r"-?[\d,.]+( %)?|never|", cell) for cell in cells)


def with_rates(rows: list[Row], measured: dict) -> Iterator[Row]:
    return (row | row.get("tflops", {}) for row in rows)


def with_share(rows: list[Row], measured: dict) -> Iterator[Row]:
    """Counted operations per second over those of plain products in the same precision."""
    plain, machine = measured.get("matmul", {}), measured["training"]["machine"]
    rates = {one["precision"]: one.get("tflops", {}).get(SQUARE) for one in plain.get("rows", [])
             if plain["machine"] == machine}  # fmt: skip
    for row in rows:
        share = None
        if rate := rates.get(row.get("precision")):
            share = f"{100 * (row['operations_per_token'] * row['tokens_per_second'] / 1e12 / rate):.0f} %"
        yield row | {"share": share, "compiled": {True: "yes", False: "no"}.get(row.get("compiled"))}


def with_race(rows: list[Row], measured: dict) -> Iterator[Row]:
    """Ours beside each plain run: seconds to the loss that the plain run ends with."""
    ours = next((row for row in rows if row["way"] == OURS and "curve" in row), None)
    for row in rows:
        if row is ours or ours is None or "curve" not in row:
            yield row
            continue
        theirs, mine = (seconds_to(row["held_out_loss"], one["curve"]) for one in (row, ours))
        race = {"theirs": theirs, "mine": "never" if mine is None else mine}
        yield row | race | ({"faster": theirs / mine} if theirs and mine else {})


def by_trick(rows: list[Row], measured: dict) -> Iterator[Row]:
    """Trainings of one kind in a line: the mean of their bits per byte, and how far each is from the recipe's twin."""
    known = {(row["without"], row["seed"]): row for row in rows if "bits_per_byte" in row}
    yield from (row for row in rows if "bits_per_byte" not in row)
    for without in dict.fromkeys(name for name, _ in known):
        mine = {seed: row for (name, seed), row in known.items() if name == without}
        first, bits = next(iter(mine.values())), [row["bits_per_byte"] for row in mine.values()]
        apart = [row["bits_per_byte"] - known[THE_RECIPE, seed]["bits_per_byte"] for seed, row in mine.items()
                 if (THE_RECIPE, seed) in known]  # fmt: skip
        told = {} if without == THE_RECIPE or not apart else {
            "costs": f"{mean(apart):+.3f}", "from_to": f"{min(apart):+.3f} to {max(apart):+.3f}"}  # fmt: skip
        yield {"without": without, "trainings": len(bits), "tokens": first["train_tokens"], "bits": mean(bits),
               "spread": f"{max(bits) - min(bits):.3f}",
               "seconds": min(row["train_seconds"] for row in mine.values()), **told}  # fmt: skip


DERIVED = {"matmul": with_rates, "training": with_share, "sft": with_race, "recipe": by_trick}
PRECISION, SPEED, LOSS = ("precision", "precision"), ("tokens/s", "tokens_per_second", 0), "held_out_loss"
MEMORY, SEQUENCES = ("memory (GB)", "peak_memory_gb", 1), ("sequences", "sequences", 0)
TABLES: dict[str, tuple[str, list[Column]]] = {
    "matmul": ("Plain matrix products, TFLOP/s", [PRECISION]),  # and a column for each shape
    "training": ("Pretraining", [
        ("size", "size"), ("", "variant"), PRECISION, ("compiled", "compiled"), SPEED,
        ("share of plain products", "share"), ("start-up (s)", "start_up_seconds", 0), MEMORY,
    ]),
    "run": ("A pretraining of fixed length", [
        ("tokens", "train_tokens", 0), ("whole command (s)", "seconds", 0), ("training (s)", "train_seconds", 0),
        ("held-out loss", LOSS, 3), MEMORY,
    ]),
    "recipe": ("The recipe of pretraining, one trick taken away", [
        ("without", "without"), ("trainings", "trainings", 0), ("tokens", "tokens", 0),
        ("bits per byte", "bits", 3),
        ("largest less smallest", "spread"), ("more than the recipe", "costs"), ("from, to over seeds", "from_to"),
        ("quickest training (s)", "seconds", 0),
    ]),
    "sft": ("Instruction tuning against plain TRL", [
        ("", "way"), PRECISION, ("attention", "attention"), SPEED, ("training (s)", "seconds", 0),
        ("held-out loss", LOSS, 3), ("to this loss (s)", "theirs", 0), ("ours to it (s)", "mine", 0),
        ("times faster", "faster", 1), MEMORY,
    ]),
    "generation": ("Generation, greedy, 64 new tokens", [SEQUENCES, SPEED, MEMORY]),
    "scoring": ("Scoring", [SEQUENCES, SPEED, MEMORY]),
    "comparison": ("Comparison", [("whole command (s)", "seconds", 0), MEMORY]),
    "stages": ("Stages of the run, when they ran", [
        ("stage", "stage"), ("seconds", "seconds", 0), ("training (s)", "train_seconds", 0),
        ("held-out loss", LOSS, 3), ("commit", "commit"),
    ]),
}  # fmt: skip
