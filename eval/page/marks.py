"""What figures share in which every mark is a model in a prompt form: their names and the legend."""

from collections.abc import Sequence

from eval import figures

LETTER, GAP = 0.021, 0.02  # of the axis: the width of a letter, the distance of a label from its mark
SHORT = {"raw": "raw", "few": "examples", "urial": "model answers", "chat": "chat"}  # the prompt forms
NEAR = 0.07  # of the axis: marks this close share a label


def draw_mark(axes, x: float, y: float, model: str, form: str) -> None:
    """A mark in the colour and shape of the model, hollow for raw text."""
    paint = figures.colour(model)
    axes.plot(
        x, y, figures.marker(model), color=paint, markerfacecolor="none" if form == "raw" else paint, markersize=8
    )


def name_marks(axes, marks: Sequence[tuple[float, float, str]]) -> None:
    """Write each form beside its mark, (x, y, form); one label for marks that lie on one another."""
    left, taken = sorted(marks), []
    while left:
        near = [left[0]]
        while more := [mark for mark in left if mark not in near and any(touch(mark, other) for other in near)]:
            near += more
        left = [mark for mark in left if mark not in near]
        name = ", ".join(name for form, name in SHORT.items() if any(form == mark[2] for mark in near))
        others = [mark for mark in marks if mark not in near]
        place = min(places(near, name), key=lambda box: crowd(box, others, taken))
        taken.append(place)
        x, y, _, _ = place
        axes.text(x, y, name, fontsize=8.5, ha="left", va="bottom")


def places(near: Sequence[tuple], name: str) -> list[tuple[float, float, float, float]]:
    """Boxes (x, y, width, height) in parts of the axis: right above, right below, left above and left below a group."""
    wide, high = LETTER * len(name), 2.2 * LETTER
    xs, ys = [mark[0] for mark in near], [mark[1] for mark in near]
    return [
        (x, y, wide, high)
        for x in (max(xs) + GAP, min(xs) - GAP - wide)
        for y in (max(ys) + GAP / 2, min(ys) - GAP - high)
    ]


def crowd(box: tuple, marks: Sequence[tuple], taken: Sequence[tuple]) -> float:
    """How much a label would lie on: marks, other labels, the edge."""
    x, y, wide, high = box
    hit = sum(x - GAP < mark[0] < x + wide + GAP and y - GAP < mark[1] < y + high + GAP for mark in marks)
    hit += sum(x < a + w and a < x + wide and y < b + h and b < y + high for a, b, w, h in taken)
    return hit + 2 * (x < 0 or y < 0 or x + wide > 1.05 or y + high > 1.08)


def touch(one: tuple, other: tuple) -> bool:
    return max(abs(one[0] - other[0]), abs(one[1] - other[1])) < NEAR


def legend_of(drawing, axes, names: Sequence[str]) -> None:
    """The models by colour and shape, under the panel."""
    for model in names:
        axes.plot([], [], figures.marker(model), color=figures.colour(model), label=figures.model_name(model))
    figures.legend_below(drawing, axes, ncols=3)
