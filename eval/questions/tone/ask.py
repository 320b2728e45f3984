"""Tone: does the reply sound like an assistant, in whatever register the request is made?

Thirty wishes, each as five kinds of people would put it (requests.yaml). tone_reader.py reads the replies. The same
requests show whether a reply takes over their register (`meta`: written). Asked together with register_mirroring.
"""

from pathlib import Path

import yaml

from data.judge.kinds import register
from data.synthetic.facts import World
from data.synthetic.grammar import capital
from eval.answers import Answers, row
from eval.conditions import asked_everywhere, portions
from eval.lm import Completion, LanguageModel
from eval.questions.put import put
from eval.questions.tone.tone_reader import LEAST_WORDS, accuracy, is_assistant
from eval.results import Row
from eval.settings import CompareSettings

MAX_NEW_TOKENS = 24
SHOWN = 5

Request = tuple[str, str, str]  # register, wish, the wish as somebody of that register puts it


def tone(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Rows `assistant` (0/1); a reply of under four words has no tone, so it counts 0 and has a row `too_short`.

    `meta`: written, the register of the reply; told, the share of known texts of each class that the reader tells.
    """
    items = requests()
    some, shown = portions(lm, "tone", items, settings), asked_everywhere(items, settings, SHOWN)
    return put(lm, some, lambda item, _: item[-1], rows_of, MAX_NEW_TOKENS, 0.7, "tone", shown)


def rows_of(lm: LanguageModel, form: str, request: Request, done: Completion) -> list[Row]:
    manner, wish, _ = request
    item = {"item_id": f"{manner}:{wish}", "cluster_id": wish, "category": manner, "n_tokens": done.tokens}
    meta = {"written": register(done.text), "told": accuracy()}
    return [
        row(lm, form, "tone", "assistant", value=is_assistant(done.text), meta=meta, **item),
        row(lm, form, "tone", "too_short", value=len(done.text.split()) < LEAST_WORDS, **item),
    ]


def requests() -> list[Request]:
    """Every wish in every register; sorted by register, so that any evenly spaced choice has as many of each."""
    said = yaml.safe_load(Path(__file__).with_name("requests.yaml").read_text(encoding="utf-8"))
    return [
        (manner, wish, frames[place % len(frames)].format(wish=wish, Wish=capital(wish)))
        for manner, frames in said["manners"].items()
        for place, wish in enumerate(said["wishes"])
    ]
