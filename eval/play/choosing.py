"""Pairs of answers between which a person chooses: two models of the user's, the same prompt, sampled beforehand."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import torch

from configs.pipeline.errors import UserError
from data.judge.utility import utility
from eval.play.packing import open_to_talk
from train.engine.origin import WEB, source
from train.engine.writing import write_answers
from train.requests import fresh_requests

MORE = 3  # times as many requests as pairs: many answers are equal


def pairs_to_label(
    folders: dict[str, Path], pairs: Path, count: int, seed: int, temperature: float, max_new_tokens: int
) -> list[dict]:
    """`count` rows {prompt, kind, answers: [{model, text, stopped, utility}, ...]}; utility is None of own pairs.

    folders: the two stages, each with its model. Raises UserError if their answers hardly ever differ.
    """
    requests = list(islice(requests_from(pairs, seed), MORE * count))
    prompts = [request["messages"][:-1] for request in requests]
    written = {}
    for number, (stage, folder) in enumerate(folders.items()):
        model, tokenizer, _ = open_to_talk(folder)
        torch.manual_seed(seed * 1_000_003 + number)
        written[stage] = write_answers(model.eval(), tokenizer, prompts, max_new_tokens, temperature)
    made = []
    for place, request in enumerate(requests):
        both = {stage: answers[place] for stage, answers in written.items()}
        if len({one.text for one in both.values()}) == len(both) and all(one.text for one in both.values()):
            answers = [{"model": stage, "text": one.text, "stopped": one.stopped, "utility": worth(request, one)}
                       for stage, one in both.items()]  # fmt: skip
            made.append({"prompt": prompts[place], "kind": request["kind"], "answers": answers})
    if len(made) < count:
        raise UserError(
            f"{' and '.join(folders)} gave {len(made)} pairs of different answers to {len(requests)} requests, and "
            f"{count} are wanted; raise --temperature or lower --label"
        )
    return made[:count]


def requests_from(pairs: Path, seed: int) -> Iterator[dict]:
    """Requests of the pairs' stream that nothing was tuned on; of own pairs those that it was, never held-out ones."""
    if source(pairs) == WEB:
        yield from fresh_requests(pairs, seed)
    else:
        with open(pairs / "train.jsonl", encoding="utf-8") as lines:
            yield from ({"kind": "own"} | json.loads(line) for line in lines)


def worth(request: dict, answer) -> float | None:
    return None if request["kind"] == "own" else round(utility(request, answer.text, answer.stopped), 4)
