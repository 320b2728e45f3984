"""What figures share in which every mark is a model in a prompt form: their names and the legend."""

from collections.abc import Sequence

from eval import figures

NEAR = 0.07  # of the axis: marks this close share a label


def draw_mark(axes, x: float, y: float, model: str, form: str) -> None:
    """A mark in the colour and shape of the model, hollow for raw text."""
    paint = figures.colour(model)
    axes.plot(
        x, y, figures.marker(model), color=paint, markerfacecolor="none" if form == "raw" else paint, markersize=8
    )


def name_marks(axes, marks: Sequence[tuple[float, float, str]]) -> None:
    """Write each form beside its mark, (x, y, form); one label for marks that lie on one another."""
    left = sorted(marks)
    while left:
        near = [left[0]]
        while more := [mark for mark in left if mark not in near and any(touch(mark, other) for other in near)]:
            near += more
        left = [mark for mark in left if mark not in near]
        names = ", ".join(form for form in figures.FORMS if any(form == mark[2] for mark in near))
        corner = (max(mark[0] for mark in near), max(mark[1] for mark in near))
        axes.annotate(names, corner, (7, 6), textcoords="offset points", fontsize=8.5)


def touch(one: tuple, other: tuple) -> bool:
    return max(abs(one[0] - other[0]), abs(one[1] - other[1])) < NEAR


def legend_of(drawing, axes, names: Sequence[str]) -> None:
    """The models by colour and shape, under the panel."""
    for model in names:
        axes.plot([], [], figures.marker(model), color=figures.colour(model), label=figures.model_name(model))
    figures.legend_below(drawing, axes, ncols=3)
