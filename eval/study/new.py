"""A file to start a study from: two arms, comments, and a check to fill in."""

import re
from pathlib import Path

from configs.pipeline.errors import UserError
from configs.pipeline.files import write_whole
from eval.study.plan import STUDIES

TEXT = """\
# What is asked, in a sentence; what is expected stands below and is written down before anything is trained
title: {name}
about: One thing differs between the two.
# compare:
#   questions: facts refusal        # only these are asked; the others cost time

arms:
  as-is:                            # the ordinary run; the others are held against it, or their `parent:`, or `than:`
    title: as make all makes it
  changed:                          # a name of your own; whatever it does not name is as above
    title: loss on the user's words as well
    sft:                            # a stage as its file in configs/tiny is called, and what differs there
      objective: all_tokens
      expected_low: 0.0             # a held-out loss of its own
      expected_high: 100.0

checks:
  - arm: changed
    claim: The instruct model answers questions and instructions, where the base model continues the text
    expected: Where pairs are many, the mask on the user's words matters little
    question: response_types        # rows of eval/results/<run>/results.csv: question, metric, model, condition
    metric: answers
    model: sft
    form: chat
    items: {{category: [question, instruction]}}
    than: {{arm: as-is}}              # of the difference to this arm ...
    above: -0.10                    # ... the whole 95 % interval is expected above this
"""


def write_new(name: str, folder: Path = STUDIES) -> Path:
    """The file of a new study. Raises UserError for a name that is none, or is taken."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", name):
        raise UserError(f"new: {name!r} is no name of a study; use small letters, digits and dashes")
    path = folder / f"{name}.yaml"
    if path.exists():
        raise UserError(f"new: {path} is there already; choose another name, or run it with NAME={name}")
    write_whole(path, TEXT.format(name=name))
    return path
