"""Stage: reinforcement learning (TRL's RLOO): answers are sampled, and those above their siblings become likelier.

    python -m train.rl --config configs/tiny/rl.yaml
    python -m train.rl --config configs/tiny/rl-learnt.yaml

In: the tuned model, requests of the pairs' stream that it never saw; with `reward: learnt`, the reward model. Out:
checkpoints/<run>/seed<k>/rl (or rl-learnt). Of k answers y to a request (Ahmadian et al. 2024, arXiv 2402.14740)

    R(y)  =  reward(y) - beta * (log p(y) - log p0(y))                   p0: the tuned model, as it was
    A(y)  =  R(y) - mean of R over the k - 1 others
    loss  =  -mean of min(r A, clip(r, 1 - epsilon, 1 + epsilon) A)      r: p(y) over what it was when y was sampled

Each answer is used for one step, so r is 1, and the A of a request sum to 0: the loss reads 0, its gradient does not
vanish, and the reward is what to watch. The library opens p0 anew from the folder that the model came from. Published
are the weights of that examination along the way, within `kl_budget`, which found the highest true utility.
"""

import json
import math
from functools import wraps
from itertools import islice

from configs.pipeline.errors import UserError, exit_cleanly
from configs.pipeline.run import Run, begin
from data.chats import padding_id
from data.judge.utility import utility
from train.engine.folders import named_model
from train.requests import fresh_requests

CONSTANT = 0.5  # the reward of the control


def main() -> None:
    run = begin("rl", named_model("sft", "tuned"))
    with run.writing():
        reinforce(run)


def reinforce(run: Run) -> None:
    """Train the parent on its own rewarded answers and write its best weights into the stage's folder."""
    # torch: only once everything that is cheap to check is in order
    from trl import RLOOConfig

    from data.packing import Collator
    from train.engine.arguments import trainer_arguments
    from train.engine.checkpoints import context_length, open_tuned_model, stop_ids
    from train.engine.examine import Examination, examinations
    from train.engine.preflight import check_positions, check_rewards_differ
    from train.engine.publish import publish
    from train.engine.reinforce import Reinforcer
    from train.objectives import rows_of_pairs

    settings, parent, pairs = run.settings, run.folders["sft"], run.folders["pairs"]
    model, tokenizer = open_tuned_model(parent)
    check_positions(model, tokenizer)
    requests = list(islice(fresh_requests(pairs, settings.seed), settings.prompts))
    kept_aside = list(islice(fresh_requests(pairs, settings.seed, use="examine"), settings.held_out))
    held_out = rows_of_pairs("assistant_only", pairs, tokenizer, context_length(model, tokenizer), "skip")[1]
    arguments = trainer_arguments(RLOOConfig, run)
    rows = [{"prompt": request["messages"][:-1], "request": json.dumps(request)} for request in requests]
    reward = finite(reward_of(settings, run.folders, tokenizer, stop_ids(model, tokenizer)))
    # no collator: rows are drawn answers to; what the library evaluates on is not read, since `examine` stands for it
    trainer = Reinforcer(
        model, arguments, None, rows, held_out, tokenizer, optimizer=settings.optimizer, muon=settings.muon,
        held_out_collator=Collator(padding_id(tokenizer)), evaluated=rows[:1], reward_funcs=reward,
    )  # fmt: skip
    trainer.examine = Examination(
        parent, kept_aside, arguments.max_completion_length, settings.seed, arguments.bf16
    )
    trainer.kl_budget = settings.kl_budget
    check_rewards_differ(trainer, reward, rows, settings.least_varied if settings.reward != "constant" else 0.0)
    before = {"step": 0} | trainer.examine(model)
    trainer.fit(run.stage.name)
    best = trainer.take_best()
    if best["utility"] < before["utility"]:
        print(f"nothing was gained on what it was examined on: {best['utility']:.3f} at step {best['step']}, its best, "
              f"and {before['utility']:.3f} before")  # fmt: skip
    publish(
        run, trainer, f"A model tuned by reinforcement learning ({settings.reward}), from an instruction-tuned model.",
        pairs, parent, learnt_from=f"its own answers to {answered(trainer, arguments):,} requests",
        examination=[before, *examinations(trainer.state.log_history)], published=best,
        held_out_loss=best["held_out_loss"], must_learn=settings.reward != "constant",
    )  # fmt: skip


def answered(trainer, arguments) -> int:
    """Requests that its steps have read: each is answered `num_generations` times for `num_iterations` steps."""
    from train.engine.arguments import rows_a_step

    answers = trainer.state.global_step * rows_a_step(arguments) // arguments.num_iterations
    return min(len(trainer.train_dataset), answers // arguments.num_generations)


def reward_of(settings, folders: dict, tokenizer, stops: list[int]):
    """The function that TRL asks: what each answer is worth. An answer that does not stop loses `stop_penalty`.

    Raises UserError for a reward model that reads other tokens than the tuned model writes.
    """

    def penalty(ids: list[int]) -> float:
        return 0.0 if ids[-1] in stops else settings.stop_penalty

    def checks(completions, completion_ids, request, **_) -> list[float]:
        return [
            utility(json.loads(one), said[0]["content"], ids[-1] in stops) - penalty(ids)
            for one, said, ids in zip(request, completions, completion_ids, strict=True)
        ]

    def constant(completions, **_) -> list[float]:
        return [CONSTANT] * len(completions)

    if settings.reward != "learnt":
        return checks if settings.reward == "checks" else constant

    from train.engine.judge import Judge

    judge = Judge(folders["reward"])
    if judge.tokenizer.get_vocab() != tokenizer.get_vocab():
        raise UserError(
            f"{folders['reward']} was made from a model with another tokenizer than {folders['sft']}; make a reward "
            "model of this one first, with make reward"
        )

    def learnt(prompts, completion_ids, **_) -> list[float]:
        scores = judge.scores(prompts, completion_ids)
        return [score - penalty(ids) for score, ids in zip(scores, completion_ids, strict=True)]

    return learnt


def finite(reward):
    """The same function; raises UserError for a reward that is no number, or that fails."""

    @wraps(reward)
    def asked(**what) -> list[float]:
        try:
            rewards = reward(**what)
        except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
            raise UserError(
                f"the reward {reward.__name__} fails on an answer: {type(error).__name__}: {error}; mend it, then the "
                "same command goes on from the last checkpoint"
            ) from error
        for value in rewards:
            if value is None or not math.isfinite(value):
                raise UserError(
                    f"the reward {reward.__name__} of an answer is {value}; it has to be a finite number: mend it, or "
                    "make the reward model anew (make reward FORCE=1)"
                )
        return rewards

    return asked


if __name__ == "__main__":
    exit_cleanly(main)
