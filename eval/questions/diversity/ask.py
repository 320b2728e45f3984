"""Diversity: how many different right answers come out of sixteen samples of one prompt?

Every right answer is known (open_prompts.py), so a sample that is merely odd does not count as variety. A base model
meets each prompt as text to go on with, and like the others as a request.
"""

import math
from collections import Counter

import numpy as np
from scipy.special import logsumexp
from scipy.stats import entropy

from data.chats import encode_text
from data.synthetic.facts import World
from eval.answers import Answers, transcript
from eval.conditions import asked_everywhere, portions
from eval.lm import Completion, LanguageModel
from eval.questions.diversity.open_prompts import GAMES, LISTS, STORIES, OpenPrompt, number_words, open_prompts
from eval.questions.put import rows, sample
from eval.results import Row
from eval.scoring import fork, score
from eval.settings import CompareSettings

SAMPLES = 16  # of each prompt, at T = 1
MAX_NEW_TOKENS = {LISTS: 8, GAMES: 6, STORIES: 16}
LONGEST_GRAM = 5
SHOWN = 12


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Rows for each prompt; samples are 16, right ones are valid.

    effective  distinct valid samples / 16          valid   share of samples that are valid
    coverage   distinct valid samples / as many as there could be
    number     exp(entropy) of the valid answers: as many equally likely ones would be as varied
    ead        distinct runs of tokens among all samples, valid or not, as a share of those to be expected
    tvd, mass  of games, by their probabilities: distance from the true chances; how probable any outcome is at all
    """
    answers, items = Answers(), open_prompts(world)
    shown = asked_everywhere(items, settings, SHOWN)
    for form, some in portions(lm, "diversity", items, settings):
        for kind, length in MAX_NEW_TOKENS.items():
            asked = [prompt for prompt in some if prompt.kind == kind]
            drawn = sample(lm, form, [prompt.text(form) for prompt in asked], SAMPLES, length)
            for prompt, written in zip(asked, drawn, strict=True):
                answers.rows += of_samples(lm, form, prompt, written)
                if prompt in shown:
                    answers.transcripts.append(sampled(lm, form, shown.index(prompt), prompt, written))
        answers.rows += chances(lm, form, [prompt for prompt in some if prompt.kind == GAMES])
    return answers


def of_samples(lm: LanguageModel, form: str, prompt: OpenPrompt, drawn: list[Completion]) -> list[Row]:
    """The rows of one prompt."""
    found = [prompt.answer(completion.text) for completion in drawn]
    counts = Counter(answer for answer in found if answer is not None)
    possible = min(SAMPLES, len(prompt.support) or SAMPLES)
    values = {
        "valid": counts.total() / SAMPLES,
        "coverage": len(counts) / possible,
        "ead": distinct_runs(tokens_of(lm, drawn), len(lm.tokenizer)),
    }
    values |= {"number": float(np.exp(entropy(list(counts.values()))))} if counts else {}
    item = {"item_id": prompt.name, "cluster_id": prompt.of if prompt.kind == LISTS else prompt.name,
            "category": prompt.kind, "level": prompt.of, "n_tokens": sum(done.tokens for done in drawn)}  # fmt: skip
    meta = {} if prompt.kind == STORIES else {"counts": dict(counts.most_common())}
    effective = {"effective": len(counts) / SAMPLES}
    return rows(lm, form, "diversity", effective, meta=meta, **item) + rows(lm, form, "diversity", values, **item)


def tokens_of(lm: LanguageModel, drawn: list[Completion]) -> list[list[int]]:
    return lm.tokenizer([completion.text for completion in drawn], add_special_tokens=False)["input_ids"]


def distinct_runs(samples: list[list[int]], vocabulary: int) -> float:
    """Expectation-adjusted distinct n-grams, mean over n = 1..5: N / (V (1 - ((V - 1) / V)^C)).

    N distinct ones among C n-grams, V the size of the vocabulary; the divisor is how many distinct ones C uniform draws
    would give, so that long samples lose nothing. Source: Liu et al. 2022, ACL, "Rethinking and refining the Distinct
    metric"; over all samples of a prompt as in Kirk et al. 2023, arXiv 2310.06452. 0 where nothing was written.
    """
    values = []
    for n in range(1, LONGEST_GRAM + 1):
        grams = [tuple(ids[start : start + n]) for ids in samples for start in range(len(ids) - n + 1)]
        if grams:
            expected = vocabulary * -math.expm1(len(grams) * math.log1p(-1 / vocabulary))
            values.append(len(set(grams)) / expected)
    return float(np.mean(values)) if values else 0.0


def chances(lm: LanguageModel, form: str, games: list[OpenPrompt]) -> list[Row]:
    """How probable each outcome of a game is to the model, however it is spelt, against how the game falls."""
    found = []
    spelt = [[(name, text) for name in game.chances for text in spellings(name)] for game in games]
    trees = [
        fork(lm.encode(game.text(form), form), [encode_text(lm.tokenizer, text) for _, text in texts])
        for game, texts in zip(games, spelt, strict=True)
    ]
    for game, texts, scores in zip(games, spelt, score(lm, trees), strict=True):
        names = np.array([name for name, _ in texts])
        logp = np.array([logsumexp(-np.array(scores.branches)[names == name]) for name in game.chances])
        shares = np.exp(logp - logsumexp(logp))
        distance = np.abs(shares - list(game.chances.values())).sum() / 2
        known = {"shares": dict(zip(game.chances, shares.round(4).tolist(), strict=True)), "expected": game.chances}
        item = {"item_id": game.name, "cluster_id": game.name, "category": GAMES, "level": game.of}
        mass = {"mass": min(1.0, np.exp(logsumexp(logp)))}
        found += rows(lm, form, "diversity", {"tvd": distance}, meta=known, **item)
        found += rows(lm, form, "diversity", mass, **item)
    return found


def spellings(outcome: str) -> tuple[str, ...]:
    """Example: spellings("6") == (" 6", " six", " Six", " a six")."""
    word = number_words().get(outcome, outcome)
    return tuple(dict.fromkeys((f" {outcome}", f" {word}", f" {word.capitalize()}", f" a {word}")))


def sampled(lm: LanguageModel, form: str, place: int, prompt: OpenPrompt, drawn: list[Completion]) -> dict:
    """All samples of a prompt as one exchange, a line each."""
    lines = "\n".join(" ".join(completion.text.split()) for completion in drawn)
    shown = Completion(lines, all(completion.stopped for completion in drawn), 0)
    return transcript(lm, form, "sixteen samples", place, prompt.text(form), shown)
