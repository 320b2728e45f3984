"""Best of n: of n answers the one that a learnt reward likes most, and what it is truly worth.

Sampled from the tuned model, with every reward model that there is: the run's own and those that `make rewards` trains
on fewer and noisier preferences. The distance from the tuned model is known exactly: at most ln n - (n - 1)/n nats
(Beirami et al. 2024, arXiv 2401.01879). From N answers the mean of the best of n is estimated over all subsets (Nakano
et al. 2021, arXiv 2112.09332). Where the learnt reward goes on rising and the true worth falls, it is over-optimised
(Gao et al. 2022, arXiv 2210.10760). Random of n is the control: the mean of all answers, whatever n.
"""

from itertools import islice
from math import comb
from statistics import mean, pstdev

import torch

from data.chats import encode_prompt
from data.judge.utility import utility
from data.synthetic.facts import World
from eval.answers import Answers, row
from eval.entries import reward_models
from eval.lm import LanguageModel
from eval.questions.utility.ask import MAX_NEW_TOKENS, to_compare
from eval.results import Row, role
from eval.settings import CompareSettings
from train.engine.judge import Judge
from train.engine.writing import write_rows

PROMPTS = 100
ANSWERS, ANSWERS_IN_FULL = 64, 256  # to each
EARLY = 8
RANDOM = "random"


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    judges = reward_models(settings, lm.seed) if role(lm.stage) == "sft" else {}
    if not judges:
        return Answers()
    count = ANSWERS_IN_FULL if settings.full else ANSWERS
    requests = list(islice(to_compare(settings), PROMPTS))
    prompts = [request["messages"][:-1] for request in requests for _ in range(count)]
    torch.manual_seed(0)
    ids = write_rows(
        lm.writer or lm.model, [encode_prompt(lm.tokenizer, prompt) for prompt in prompts], MAX_NEW_TOKENS, 1.0,
        lm.stop_ids, lm.padding_id,
    )  # fmt: skip
    texts = lm.tokenizer.batch_decode(ids, skip_special_tokens=True)
    worth = [utility(requests[place // count], text, ids[place][-1] in lm.stop_ids) for place, text in enumerate(texts)]
    answers = Answers(best_of(lm, RANDOM, requests, worth, None))
    for name, folder in judges.items():
        answers.rows += best_of(lm, name, requests, worth, Judge(folder).scores(prompts, ids))
    return answers


def best_of(
    lm: LanguageModel, name: str, requests: list[dict], worth: list[float], scores: list[float] | None
) -> list[Row]:
    """For n = 1, 2, 4, ... the true worth (`gold`) and the learnt reward (`proxy`) of the best of n, for each request.

    The learnt reward is told in its own standard deviations, from the mean of all answers; without one: random of n.
    `late_gain`: what the last n is worth more than the best of eight.
    """
    count = len(worth) // len(requests)
    middle, spread = (mean(scores), pstdev(scores) or 1.0) if scores else (0.0, 1.0)
    sizes = [2**power for power in range(count.bit_length())]
    rows = []
    for place, request in enumerate(requests):
        mine = worth[place * count : (place + 1) * count]
        if scores is None:
            found = {("gold", n): mean(mine) for n in sizes}
        else:
            proxy = [(score - middle) / spread for score in scores[place * count : (place + 1) * count]]
            found = {("gold", n): expected_best(proxy, mine, n) for n in sizes}
            found |= {("proxy", n): expected_best(proxy, proxy, n) for n in sizes}
            found["late_gain", ""] = found["gold", sizes[-1]] - found["gold", min(EARLY, sizes[-1])]
        known = {"item_id": request["messages"][0]["content"], "category": name}
        rows += [row(lm, "chat", "best_of_n", metric, value=value, level=str(n), **known)
                 for (metric, n), value in found.items()]  # fmt: skip
    return rows


def expected_best(scores: list[float], values: list[float], n: int) -> float:
    """The mean, over all subsets of n, of the value of that with the highest score.

    Sorted by score, the i-th of N (from 0) is the best of C(i, n - 1) subsets (Nakano et al. 2021).
    """
    ordered = [value for _, value in sorted(zip(scores, values, strict=True), key=lambda pair: pair[0])]
    return sum(comb(i, n - 1) * value for i, value in enumerate(ordered)) / comb(len(ordered), n)
