"""Which of a closed set of answers does a model expect? An answer may be said in several ways, which are summed.

    capital = Choice("What is the capital of France?", ("Paris", "Rome"), ("", "The capital of France is"))
    probabilities(likelihoods(lm, "chat", [capital])[0])  # of Paris and Rome, given that it is one of the two

P(answer) = sum over beginnings of P(beginning) P(answer and its end | beginning): by itself (the empty beginning) and
behind plain beginnings of a sentence. A form that leads to short answers or to sentences is then not marked down for
it. Each beginning is one tree of eval/scoring.py: what stands before the answers is computed once for all of them.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp, softmax

from data.chats import encode_text
from data.synthetic.facts import Fact
from data.synthetic.grammar import capital
from data.synthetic.relations import stem
from eval.lm import LanguageModel, Prompt
from eval.questions.wrong_answers.ask import answer_tokens
from eval.scoring import Scores, Tree, fork, score

ENDS = {"few": "\n"}  # elsewhere a full stop: raw text is within a sentence
BATCH = 8  # trees at once: a hundred answers are a long row


@dataclass(frozen=True)
class Choice:
    """A prompt, the answers to choose from, and what may stand before any of them."""

    prompt: Prompt
    answers: tuple[str, ...]
    beginnings: tuple[str, ...] = ("",)


def likelihoods(lm: LanguageModel, form: str, choices: list[Choice]) -> list[np.ndarray]:
    """Log-likelihood of each answer of each choice, in nats (negative), all beginnings together."""
    lead, end = first_sign(lm, form), ENDS.get(form, ".")
    words = dict.fromkeys(
        said(answer, beginning, form, lead, end)
        for choice in choices for beginning in choice.beginnings for answer in choice.answers
    )  # fmt: skip
    encoded = lm.tokenizer(list(words), add_special_tokens=False, split_special_tokens=True)["input_ids"]
    tokens = dict(zip(words, encoded, strict=True))
    prompts = [lm.encode(choice.prompt, form) for choice in choices]
    trees = [
        plant(lm, prompt, beginning, [tokens[said(one, beginning, form, lead, end)] for one in choice.answers], lead)
        for prompt, choice in zip(prompts, choices, strict=True)
        for beginning in choice.beginnings
    ]
    found = iter(zip(trees, score(lm, trees, BATCH), strict=True))
    return [
        logsumexp([nats_of(*next(found), len(prompt)) for _ in choice.beginnings], axis=0)
        for prompt, choice in zip(prompts, choices, strict=True)
    ]


def probabilities(nats) -> np.ndarray:
    """P(answer | one of the answers)."""
    return softmax(np.asarray(nats, float))


def first_sign(lm: LanguageModel, form: str) -> str:
    """What stands between a prompt and an answer: a space, unless the chat template says otherwise."""
    if form != "chat":
        return " "
    turn = answer_tokens(lm, "Paris.")
    ways = {sign: encode_text(lm.tokenizer, f"{sign}Paris.") for sign in (" ", "", "\n")}
    return next((sign for sign, tokens in ways.items() if turn[: len(tokens)] == tokens), "")


def said(answer: str, beginning: str, form: str, lead: str, end: str) -> str:
    """An answer as it stands behind its beginning. A turn begins with a capital."""
    if beginning:
        return f" {answer}{end}"
    return lead + (capital(answer) if form == "chat" else answer) + end


def plant(lm: LanguageModel, prompt: list[int], beginning: str, answers: list[list[int]], lead: str) -> Tree:
    """The prompt and a beginning are the path, the answers its branches."""
    path = prompt + (encode_text(lm.tokenizer, lead + beginning) if beginning else [])
    return fork(path, answers)


def nats_of(tree: Tree, scores: Scores, prompt: int) -> np.ndarray:
    """Log-likelihood of each branch and what leads to it, behind the first `prompt` tokens."""
    return -np.array(scores.branches) - sum(scores.nats[prompt - 1 :])


def beginnings(fact: Fact, form: str) -> tuple[str, ...]:
    """In a conversation an answer may be a sentence; elsewhere it stands alone. Example: "The capital of France is"."""
    return ("", stem(fact)) if form == "chat" else ("",)
