"""The sections of the page, one file each: a question, its figure, how to read it, n, test and pitfall.

To add one: write a file with `section(results) -> Section | None` (see eval/page/section.py) and name it here.
Where its rows were not measured it returns None and is left out.
"""

from eval.page.sections import (
    bias,
    capitals,
    census,
    exposure,
    kinds,
    loss_curves,
    loss_matrix,
    manners,
    patterns,
    recall,
    registers,
    speakers,
    stopping,
    wrong_answers,
)

# in the order of the comparison of base and instruct models
PROBES = (
    census.section,
    kinds.section,
    capitals.section,
    recall.section,
    exposure.section,
    registers.section,
    manners.section,
    bias.section,
    speakers.section,
    stopping.section,
    patterns.section,
    wrong_answers.section,
)
MECHANISM = (loss_curves.section, loss_matrix.section)
