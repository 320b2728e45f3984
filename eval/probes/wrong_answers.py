"""Wrong demonstrations: the four lines of the document that this project measures, word for word, on every model."""

from configs.schema import CompareSettings
from data.world.facts import World
from data.world.prompts import WRONG_ANSWERS_VERBATIM, Prompt
from data.world.response import is_correct
from eval.models import Door
from eval.probes import Answers, row, transcript

QUESTION = Prompt(WRONG_ANSWERS_VERBATIM, "question", "France", "capital", "Paris")


def wrong_answers(door: Door, world: World, settings: CompareSettings) -> Answers:
    """One row `wrong` (0/1) for each form, and its transcript."""
    answers = Answers()
    for condition in ("raw", "chat"):
        completion = door.complete([WRONG_ANSWERS_VERBATIM], condition, 24)[0]
        wrong = not is_correct(QUESTION, completion.text, world)
        answers.rows.append(
            row(
                door,
                condition,
                "wrong_answers",
                "wrong",
                "verbatim",
                wrong,
                arm="verbatim",
                n_tokens=completion.tokens,
            )
        )
        answers.transcripts.append(
            transcript(door, condition, "wrong answers (verbatim)", 0, WRONG_ANSWERS_VERBATIM, completion)
        )
    return answers
