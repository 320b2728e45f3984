"""Talk card: would a stranger who talks to the model be content with its answers?

Forty single requests of seventeen kinds, and four conversations of ten turns each, in which the model reads its own
earlier answers. They were written without a look at the pairs. steer.yaml is there to be looked at while a recipe is
changed; sealed.yaml, of the same kinds, is asked with FULL=1 only, and a test knows its hash.

right           all of the following (judge.py)
subject         the answer names what was asked about
true            it says what had to be said, and nothing that is false in this world
form            as many words, items or sentences as were asked for; refused, or not, as it should be
no_repetition   no sentence and no entry twice
ends            the model stopped by itself

level: `request`, or `turn 1` to `turn 10`. Fields of an item: `says` (any of these), `says_too`, `never`; `about` and
`facts` (so many cells of its table); `list`, `condition` (data/judge/checks.py), `sentences` (from, to), `refuses`,
`unknown`.
"""

from functools import cache
from pathlib import Path

import yaml

from data.synthetic.facts import World
from data.synthetic.mixed import plain_chat
from eval.answers import Answers, transcript
from eval.lm import Completion, LanguageModel
from eval.questions.put import rows
from eval.questions.talk.judge import judge
from eval.results import Row
from eval.settings import CompareSettings

MAX_NEW_TOKENS = 80  # a short story takes sixty
FORM = "chat"


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    answers = Answers()
    for half in ("steer", "sealed") if settings.full else ("steer",):
        answers += requests(lm, half) + conversations(lm, half)
    return answers


@cache
def card(half: str) -> dict[str, list]:
    """{"requests": [item], "conversations": [[item] * 10]}."""
    return yaml.safe_load(Path(__file__).with_name(f"{half}.yaml").read_text(encoding="utf-8"))


def requests(lm: LanguageModel, half: str) -> Answers:
    asked = card(half)["requests"]
    written = lm.complete([item["ask"] for item in asked], FORM, MAX_NEW_TOKENS)
    answers = Answers()
    for place, (item, done) in enumerate(zip(asked, written, strict=True)):
        answers.rows += judged(lm, item, done, f"{half}:{place}", f"{half}:{place}", "request")
        answers.transcripts.append(transcript(lm, FORM, "a stranger asks", place, item["ask"], done))
    return answers if half == "steer" else Answers(answers.rows)


def conversations(lm: LanguageModel, half: str) -> Answers:
    """All conversations at once, turn by turn."""
    talks, answers = card(half)["conversations"], Answers()
    histories = [[] for _ in talks]
    for turn, items in enumerate(zip(*talks, strict=True)):
        for history, item in zip(histories, items, strict=True):
            history.append({"role": "user", "content": item["ask"]})
        done = lm.complete(histories, FORM, MAX_NEW_TOKENS)
        for place, (item, one) in enumerate(zip(items, done, strict=True)):
            histories[place].append({"role": "assistant", "content": one.text})
            of = f"{half}:talk {place}"
            answers.rows += judged(lm, item, one, f"{of}:{turn}", of, f"turn {turn + 1}")
    if half == "steer":
        answers.transcripts = [
            transcript(lm, FORM, "a stranger talks", place, plain_chat(history[:-1]), last)
            for place, (history, last) in enumerate(zip(histories, done, strict=True))
        ]
    return answers


def judged(lm: LanguageModel, item: dict, done: Completion, item_id: str, cluster: str, level: str) -> list[Row]:
    values = judge(item, done.text, done.stopped)
    return rows(lm, FORM, "talk", values, item_id=item_id, cluster_id=cluster, category=item["kind"], level=level,
                n_tokens=done.tokens, meta={"asked": item["ask"], "said": done.text})  # fmt: skip
