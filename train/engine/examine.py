"""What a model is worth that learns from preferences or rewards, measured while it learns.

utility   of its greedy answers to requests kept aside, by the known utility (data/judge/utility.py)
right     the share of them that do what was asked; stops, the share that end by themselves
logps/greedy  log-probability (nats) of the answers that were the likeliest before it learnt: where chosen and rejected
          both become less likely, is it these that become likelier, or others?
kl        how far it went from the model that it began as: nats per answer, of answers that it samples itself,
          KL(now || before) = E[log p_now - log p_before]; an estimate, which may come out below 0
"""

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from statistics import mean

import torch

from data.chats import encode_prompt, padding_id
from data.judge.utility import parts, utility
from data.packing import Collator
from train.engine.checkpoints import open_model, stop_ids
from train.engine.devices import has_fast_bf16
from train.engine.held_out import answer_row, row_nats
from train.engine.writing import write_answers, write_rows

SAMPLED = 64  # answers for the distance
NATS_AT_ONCE = 32


class Examination:
    """Asks the same requests again and again. before: the folder of the first model; requests: rows of the pairs.

    prompts: token ids in their place, where no program can judge the answers, so that their worth is not known.
    """

    def __init__(
        self, before: Path, requests: list[dict], max_new_tokens: int, seed: int, in_bf16: bool,
        prompts: Sequence[list[int]] = (),
    ):  # fmt: skip
        self.before, self.tokenizer = open_model(before)
        self.now = deepcopy(self.before)  # its weights follow those of the trainer's model, which is not touched
        in_bf16 = in_bf16 and has_fast_bf16("cpu")  # where it is examined, whatever trains
        self.writer = deepcopy(self.now).to(torch.bfloat16) if in_bf16 else self.now
        self.requests, self.max_new_tokens, self.seed = requests, max_new_tokens, seed
        asked = [encode_prompt(self.tokenizer, request["messages"][:-1]) for request in requests[:SAMPLED]]
        self.prompts = asked or list(prompts[:SAMPLED])
        self.stops, self.padding = stop_ids(self.before, self.tokenizer), padding_id(self.tokenizer)
        self.likeliest = self.written(self.before, 0.0)

    def __call__(self, model) -> dict[str, float]:
        """The figures of a model; torch's random state is the same afterwards."""
        weights = weights_of(model)
        for one in (self.now, self.writer):
            one.load_state_dict(weights)
            one.eval()
        with torch.random.fork_rng():
            torch.manual_seed(self.seed)
            worth = self.worth() if self.requests else {}
            now = mean(self.nats(self.now, self.likeliest))
            return worth | {"kl": self.distance(), "logps/greedy": -now}

    def worth(self) -> dict[str, float]:
        """Of an answer sampled at temperature 1, which is what training raises; `greedy`: utility of the likeliest."""
        prompts = [request["messages"][:-1] for request in self.requests]
        sampled, greedy = (
            write_answers(self.writer, self.tokenizer, prompts, self.max_new_tokens, heat) for heat in (1.0, 0.0)
        )
        worth, right = self.judged(sampled)
        likeliest, likeliest_right = self.judged(greedy)
        return {
            "utility": worth, "right": right, "stops": mean(answer.stopped for answer in sampled),
            "tokens": mean(answer.tokens for answer in sampled), "greedy": likeliest, "greedy_right": likeliest_right,
        }  # fmt: skip

    def judged(self, answers: list) -> tuple[float, float]:
        """(mean utility, share that is right) of an answer to each request."""
        both = [(one, answer.text, answer.stopped) for one, answer in zip(self.requests, answers, strict=True)]
        return mean(utility(*one) for one in both), mean(parts(*one)["right"] for one in both)

    def distance(self) -> float:
        drawn = self.written(self.writer, 1.0)
        now, before = (self.nats(one, drawn) for one in (self.now, self.before))
        return mean(b - a for a, b in zip(now, before, strict=True))

    def written(self, model, temperature: float) -> list[list[int]]:
        """An answer to each prompt, as token ids, its stop token included."""
        return write_rows(model, self.prompts, self.max_new_tokens, temperature, self.stops, self.padding)

    def nats(self, model, answers: list[list[int]]) -> list[float]:
        """Negative log-probability (nats) of each answer to its prompt."""
        rows = [answer_row(*both) for both in zip(self.prompts, answers, strict=True)]
        return [nats for nats, _ in row_nats(model, rows, Collator(self.padding), NATS_AT_ONCE)]


def weights_of(model) -> dict[str, torch.Tensor]:
    """The weights of a model in training, an adapter merged into them; on the CPU, where another model takes them."""
    model = getattr(model, "module", model)
    if hasattr(model, "merge_and_unload"):
        model = deepcopy(model).merge_and_unload()
    return {name: value.detach().cpu() for name, value in model.state_dict().items()}


def examinations(history: list[dict]) -> list[dict]:
    """What was measured along the way, a row a time: step, figures, the mean reward since the row before."""
    kept = ("utility", "right", "stops", "tokens", "greedy", "greedy_right", "kl", "rewards/accuracies",
            "rewards/margins", "logps/chosen", "logps/rejected", "logps/greedy")  # fmt: skip
    found: dict[int, dict] = {}
    rewards = []
    for entry in history:
        rewards += [entry["reward"]] if "reward" in entry else []
        if some := {name: entry[f"eval_{name}"] for name in kept if f"eval_{name}" in entry}:
            some |= {"reward": mean(rewards)} if rewards else {}
            found.setdefault(entry["step"], {"step": entry["step"]}).update(some)
            rewards.clear()
    return list(found.values())
