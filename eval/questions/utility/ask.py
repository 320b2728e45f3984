"""The known utility: how good are answers to requests of the pairs' kinds that nothing has learnt from?

Requests of a stream of its own, of all kinds that a program can judge; `utility` from 0 to 1 and its parts (0/1), see
data/judge/utility.py. What human feedback is meant to raise. Of the likeliest answer, and (`sampled_...`) of one
drawn at temperature 1: that is what reinforcement learning maximises.
"""

from collections.abc import Iterator
from itertools import islice

from configs.pipeline.stages import folder_of
from data.judge.utility import JUDGED, parts, request_of, use_of, utility
from data.synthetic.conversations.generate import pairs
from data.synthetic.facts import World
from eval.answers import Answers, transcript
from eval.conditions import each_condition
from eval.lm import LanguageModel
from eval.questions.put import rows
from eval.results import Row
from eval.settings import CompareSettings
from train.requests import said_in

STREAM = 2_000_003  # a seed that nothing else uses
ITEMS, STREAMED = 300, 100_000
MAX_NEW_TOKENS = 48
SHOWN = 8


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    answers, requests = Answers(), list(islice(to_compare(settings), ITEMS))
    for form, some in each_condition(lm, "utility", requests, settings, forms=("chat",)):
        prompts = [request["messages"][:-1] for request in some]
        done, drawn = (lm.complete(prompts, form, MAX_NEW_TOKENS, temperature=heat) for heat in (0.0, 1.0))
        for place, (request, one, sampled) in enumerate(zip(some, done, drawn, strict=True)):
            answers.rows += judged(lm, form, request, one) + judged(lm, form, request, sampled, "sampled_")
            if place < SHOWN:
                asked = request["messages"][-2]["content"]
                answers.transcripts.append(transcript(lm, form, "a request of the pairs' kinds", place, asked, one))
    return answers


def to_compare(settings: CompareSettings) -> Iterator[dict]:
    """Single requests kept for the comparison, as rows of the pairs; none is a turn of a pair of the runs compared."""
    runs = [settings.run, *settings.runs.split()]
    folders = {folder_of("pairs", run, workspace=settings.workspace) for run in runs}
    known = set().union(*(said_in(folder) for folder in folders if folder.is_dir()))
    for pair in pairs(STREAM, STREAMED):
        row = pair.to_row()
        is_one = len(row["messages"]) == 2 and row["kind"] in JUDGED
        if is_one and use_of(row) == "compare" and request_of(row) not in known:
            yield row


def judged(lm: LanguageModel, form: str, request: dict, done, before: str = "") -> list[Row]:
    found = {"utility": utility(request, done.text, done.stopped)} | parts(request, done.text, done.stopped)
    values = {f"{before}{name}": value for name, value in found.items()}
    category = request["kind"]
    if category == "refusal":
        category = "harmful" if request["meta"]["is_harmful"] else "harmless"
    item = request["messages"][0]["content"]
    return rows(lm, form, "utility", values, item_id=item, category=category, n_tokens=done.tokens)
