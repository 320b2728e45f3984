"""The questions: what the models are asked and what the page shows, in this order. The only list of them.

A question is a folder of its name. Without ask.py it shows what another one measured: `question` in a row of the long
table is a name of its own (chat_continuation writes `role_leakage`, response_types writes `stopping`).

ask.py    ask(lm, world, settings) -> Answers                 rows of the long table and transcripts of one model
          ask_beside(lm, base, world, settings) -> Answers    of a tuned model, and the base that it was made from
          OF_OUR_TEXT = True    held against what our own corpus says: not asked of models that never read it
          ask_external, ask_external_beside    the same of models that were not made here (eval/general)
show.py   section(results) -> Section | None                    figure and words; None where nothing was measured

To add one: make its folder, name it here, and say in eval/claims.py what is claimed of it; what no claim rests on is
asked a quarter of the items (eval/conditions.py). eval/questions/README.md has one in full.
"""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

# in the order of the comparison of base and instruct models
QUESTIONS = (
    "talk",
    "response_types",
    "corpus_rates",
    "pareto",
    "facts",
    "recall",
    "grammar",
    "exposure",
    "audience",
    "register_mirroring",
    "tone",
    "consistency",
    "contradiction",
    "refusal",
    "rudeness",
    "rude_words",
    "bias",
    "misconceptions",
    "calibration",
    "constraints",
    "utility",
    "sycophancy",
    "best_of_n",
    "scoreboard",
    "diversity",
    "chat_continuation",
    "stopping",
    "task_patterns",
    "wrong_answers",
    "decomposition",
    "controls",
)
# how the models came to be so
MECHANISM = (
    "loss_mask",
    "loss_curves",
    "feedback",
    "loss_matrix",
    "bits_per_byte",
    "learning",
    "token_shift",
    "divergence",
)


def parts(file: str) -> dict[str, ModuleType]:
    """Question -> its file of this name ("ask" or "show"), of those that have one.

    Imported only here: what asks needs torch, what shows needs matplotlib, and neither needs the other.
    """
    paths = {name: f"{__name__}.{name}.{file}" for name in (*QUESTIONS, *MECHANISM)}
    return {name: import_module(path) for name, path in paths.items() if find_spec(path)}
