"""Numbers as a reader would write them.

>>> percent(0.004), percent(0.5), hundreds(-0.125, 0), p_words("p", 0.00001)
('0.4 %', '50 %', '−12', 'p < .001')
>>> plural(1, "sheet"), plural(200, "sheet"), decimals(None), words(20168.3), words(0.0015)
('1 sheet', '200 sheets', '–', '20\u202f168', '0.0015')
"""

import math
from collections.abc import Callable

from eval.stats import Estimate


def percent(share: float | None) -> str:
    """Rates close to 0 and 1 keep a digit. Example: percent(.004) == "0.4 %"."""
    if share is None or not math.isfinite(share):
        return "–"
    close = 0 < share < 0.0995 or 0.9905 < share < 1
    return (f"{100 * share:.1f} %" if close else f"{100 * share:.0f} %").replace("-", "−")


def percents(found: Estimate) -> str:
    """The interval of a rate; nothing where there is none. Example: "12 % to 20 %"."""
    low, high = (between(end, 0.0, 1.0) for end in (found.low, found.high))
    return f"{percent(low)} to {percent(high)}" if math.isfinite(low) else ""


def with_interval(found: Estimate, write: Callable[[float], str] | None = None) -> str:
    """Example: "0.12 (0.10 to 0.14)"."""
    value, low, high = map(write or decimals, (found.value, found.low, found.high))
    return f"{value} ({low} to {high})"


def between(value: float, low: float, high: float) -> float:
    """Held within what is possible: an interval over three trainings knows no bounds. nan stays nan."""
    return min(max(value, low), high)


def hundreds(value: float, digits: int) -> str:
    """Example: hundreds(-.125, 0) == "−12"; a rounded zero has no sign."""
    text = f"{100 * value:+.{digits}f}"
    return text.replace("-", "−") if float(text) else text[1:]


def p_words(letter: str, p: float) -> str:
    return f"{letter} < .001" if p < 0.001 else f"{letter} = {p:.3f}".replace("0.", ".")


def decimals(value: float | None, digits: int = 2) -> str:
    return "–" if value is None or not math.isfinite(value) else f"{value:.{digits}f}".replace("-", "−")


def signed_decimals(value: float, digits: int = 2) -> str:
    """Example: signed_decimals(-.125) == "−0.12"; a rounded zero has no sign."""
    text = f"{value:+.{digits}f}"
    return text.replace("-", "−") if float(text) else text[1:]


def plural(count: int, what: str) -> str:
    return f"{words(count)} {what}{'s' if count != 1 else ''}"


def words(value) -> str:
    """A value as a reader would write it."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {words(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(words(item) for item in value)
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 10_000 or not math.isfinite(value) else words(round(value))
    return f"{value:,}".replace(",", "\u202f") if isinstance(value, int) and not isinstance(value, bool) else str(value)
