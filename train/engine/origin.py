"""Where finished data come from, by their record."""

from pathlib import Path

from configs.pipeline.stage import RECORD, read_json
from train.settings import TrainedStageSettings

WEB, NO_BAND = "the miniature web", (0.0, 100.0)


def source(folder: Path) -> str:
    """Where a finished corpus or pairs come from, by its record. Example: "the miniature web"."""
    inputs = read_json(folder / RECORD)["identity"]["inputs"]
    names = [WEB if name == "world" else name for name in inputs if name != "instructions"]
    return " and ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def expected_band(settings: TrainedStageSettings, data: Path) -> tuple[float, float]:
    """The losses that a configuration expects. They were measured on the miniature web, so own data has none."""
    return (settings.expected_low, settings.expected_high) if source(data) == WEB else NO_BAND
