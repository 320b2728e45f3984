"""What an arm of a study is expected to show, and what it shows.

A check names one number of the long table (an arm, a model, a prompt form, a question, a metric, which items) or its
difference to the same number of another arm, and on which side of a bound its 95 % interval is expected to lie.

AS EXPECTED   the interval lies wholly on the expected side
OTHERWISE     it lies wholly on the other side
UNCLEAR       it includes the bound, or there were fewer than ten items
"""

from collections.abc import Sequence
from dataclasses import asdict, field
from typing import Annotated, Literal, NamedTuple, NotRequired, Self

import numpy as np
from pydantic import BeforeValidator, ConfigDict, StrictFloat, model_validator
from pydantic.dataclasses import dataclass
from typing_extensions import TypedDict

from eval.paired import FEWEST_ITEMS, side_by_side
from eval.results import COLUMNS, select
from eval.stats import Estimate

AS_WRITTEN = ConfigDict(extra="forbid", coerce_numbers_to_str=True)  # a key that nobody knows is a mistake
OR_EMPTY = BeforeValidator(lambda value: {} if value is None else value)  # a key of YAML with nothing behind it
Items = Annotated[dict[Literal[COLUMNS], object], OR_EMPTY]


class Than(TypedDict):
    """The other side of a difference; what it does not name is as on the first."""

    __pydantic_config__ = AS_WRITTEN
    arm: NotRequired[str]
    model: NotRequired[str]
    form: NotRequired[str]
    items: NotRequired[Items]


@dataclass(frozen=True, config=AS_WRITTEN)
class Check:
    claim: str  # the claim (eval/claims.py) that it guards
    expected: str  # what is expected and why, in words
    question: str
    metric: str
    model: str  # base, sft, sft-lora
    form: str  # prompt form
    arm: str = ""  # of the study; "" within one run
    items: Items = field(default_factory=dict)  # columns and their values. Example: {"category": "capital"}
    than: Annotated[Than, OR_EMPTY] = field(default_factory=dict)
    added: bool = False  # once some arms had been seen, not before
    below: StrictFloat | None = None
    above: StrictFloat | None = None

    @model_validator(mode="after")
    def has_one_bound(self) -> Self:
        if (self.above is None) == (self.below is None):
            raise ValueError("give one number, `above` or `below`")
        return self

    @property
    def bound(self) -> float:
        return self.above if self.below is None else self.below

    @property
    def other(self) -> "Check":
        """What it is held against."""
        return Check(**(asdict(self) | self.than | {"than": {}}))

    def rows(self, rows: Sequence[dict]) -> list[dict]:
        model = f"{self.arm}/{self.model}" if self.arm else self.model
        return select(rows, question=self.question, metric=self.metric, model=model, condition=self.form, **self.items)


class Outcome(NamedTuple):
    check: Check
    found: Estimate  # of the number, or of the difference
    value: float  # of the arm alone
    other: float | None  # of what it is held against
    word: str


def outcomes(checks: Sequence[Check], rows: Sequence[dict]) -> list[Outcome]:
    """Every check whose numbers were measured."""
    return [outcome for check in checks if (outcome := outcome_of(check, rows))]


def outcome_of(check: Check, rows: Sequence[dict]) -> Outcome | None:
    sides = (check, check.other) if check.than else (check,)
    # where the two sides are different items by design, their ids say which belong together
    same = ("category", "item_id") if sides[0].items == sides[-1].items else ("item_id",)
    cells = side_by_side([side.rows(rows) for side in sides], ["mine", "other"][: len(sides)], same)
    if not len(cells):
        return None
    mine, other = cells.values.T if check.than else (cells["mine"], 0 * cells["mine"])
    if cells.is_loss(check.metric):
        found = cells.loss_difference(mine, other)
    else:
        found = cells.difference(mine, other) if check.than else cells.mean(mine)
    level, held_against = (cells.level(values, check.metric) for values in (mine, other))
    return Outcome(check, found, level, held_against if check.than else None, word(check, found, len(cells)))


def word(check: Check, found: Estimate, n: int) -> str:
    if n < FEWEST_ITEMS or not np.isfinite([found.low, found.high]).all():
        return "UNCLEAR"
    expected, otherwise = found.high < check.bound, found.low > check.bound
    if check.below is None:
        expected, otherwise = otherwise, expected
    return "AS EXPECTED" if expected else "OTHERWISE" if otherwise else "UNCLEAR"
