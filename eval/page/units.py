"""In which unit a number is told.

rates                   percent; their differences in points, which are hundredths; held within 0 and 100
differences of rates    points, also where one stands alone (what four examples gain)
losses                  nats; of their differences the part of the whole, in percent
indices, scores         as they are, with two decimals

>>> RATE.level(0.62), RATE.difference(0.57), RATE.between(0.48, 0.65)
('62 %', '+57 points', '+48 to +65')
>>> POINTS.level(-0.017), INDEX.level(0.2877), INDEX.difference(0.1267), INDEX.between(-0.004, 0.17)
('−1.7 points', '0.29', '+0.13', '0.00 to +0.17')
>>> RATE.range(0.53, 0.7), POINTS.range(0.11, 0.2), INDEX.range(0.5, 0.67)
('53 % to 70 %', '11 to 20 points', '0.50 to 0.67')
>>> RATE.difference(-0.012), RATE.between(0.004, 1.3), RATE.difference(0), RATE.range(-0.01, 1.01)
('−1.2 points', '+0.4 to +100', '0 points', '0 % to 100 %')
>>> LOSS.level(0.7176), LOSS.difference(0.087)
('0.72 nats', '+8.7 %')
"""

from collections.abc import Callable
from dataclasses import dataclass

from eval.claims import CLAIMS
from eval.page.words import between, decimals, hundreds, percent, signed_decimals

MANY = 100  # nats from which on decimals tell nothing


@dataclass(frozen=True)
class Unit:
    level: Callable[[float], str]  # a number by itself
    change: Callable[[float], str]  # a difference, with its sign and without its unit
    named: Callable[[str], str] = str  # the same with its unit

    def difference(self, value: float) -> str:
        return self.named(self.change(value))

    def between(self, low: float, high: float) -> str:
        """The interval of a difference."""
        return f"{self.change(low)} to {self.change(high)}"

    def range(self, low: float, high: float) -> str:
        """The interval of a number by itself."""
        return f"{self.level(low).removesuffix(' points').removesuffix(' nats')} to {self.level(high)}"


def of_rates(value: float) -> str:
    """A difference of rates; as rates, small ones keep a digit. Example: of_rates(.004) == "+0.4"."""
    return hundreds(value, 1 if 0.0005 <= abs(value) < 0.0995 else 0)


def points(value: float) -> str:
    return in_points(of_rates(value).lstrip("+"))


def in_points(number: str) -> str:
    return f"{number} points"


def nats(value: float) -> str:
    return f"{value:.0f} nats" if value >= MANY else f"{value:.2f} nats"


RATE = Unit(lambda rate: percent(between(rate, 0, 1)), lambda change: of_rates(between(change, -1, 1)), in_points)
POINTS = Unit(points, of_rates, in_points)
LOSS = Unit(nats, lambda value: hundreds(value, 1), lambda number: f"{number} %")
INDEX = Unit(decimals, signed_decimals)
UNITS = {"rate": RATE, "points": POINTS, "loss": LOSS, "index": INDEX}


def unit_of(question: str, metric: str) -> Unit:
    """As the claims on it say; rates are what most questions count."""
    return UNITS[next((claim.unit for claim in CLAIMS if (claim.question, claim.metric) == (question, metric)), "rate")]
