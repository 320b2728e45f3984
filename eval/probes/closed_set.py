"""Which of a closed set of answers does a model expect? An answer may be said in several ways, which are summed.

    capital = Choice("What is the capital of France?", ("Paris", "Rome"), ("", "The capital of France is"))
    probabilities(likelihoods(door, "chat", [capital])[0])  # of Paris and Rome, given that it is one of the two

P(answer) = sum over beginnings of P(beginning) P(answer | beginning): by itself (the empty beginning, which covers every
sentence that starts with the answer) and behind all plain beginnings of a sentence that end with it. A form that leads
to short answers or to sentences is then not marked down for it. Each beginning is one tree of eval/scoring.py: what it
begins with is computed once for all answers.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp, softmax

from data.chats import encode_text
from data.world.facts import Fact
from data.world.phrase import Slot, capital
from data.world.relations import RELATIONS, statement
from eval.models import Door, Prompt
from eval.probes.wrong_answers import answer_tokens
from eval.scoring import Branch, Scores, Tree, score

BATCH = 8  # trees at once: a hundred answers are a long row


@dataclass(frozen=True)
class Choice:
    """A prompt, the answers to choose from, and what may stand before any of them."""

    prompt: Prompt
    answers: tuple[str, ...]
    beginnings: tuple[str, ...] = ("",)


def likelihoods(door: Door, form: str, choices: list[Choice], end: str = "") -> list[np.ndarray]:
    """Log-likelihood of each answer of each choice, in nats (negative), all beginnings together.

    end: what must stand behind an answer; without it an answer that is the beginning of another is told from it by
    taking away what belongs to the longer one.
    """
    lead = first_sign(door, form)
    words = dict.fromkeys(word for choice in choices for word in written(choice, form, lead, end))
    encoded = door.tokenizer(list(words), add_special_tokens=False, split_special_tokens=True)["input_ids"]
    tokens = dict(zip(words, encoded, strict=True))
    trees = [tree for choice in choices for tree in plant(door, form, choice, tokens, lead, end)]
    found = iter(zip(trees, score(door, trees, BATCH), strict=True))
    return [
        without_longer(
            logsumexp([nats_of(*next(found), len(prompt)) for _ in choice.beginnings], axis=0),
            [tokens[said(answer, "", form, lead, end)] for answer in choice.answers],
        )
        for choice in choices
        for prompt in [door.encode(choice.prompt, form)]
    ]


def probabilities(nats) -> np.ndarray:
    """P(answer | one of the answers)."""
    return softmax(np.asarray(nats, float))


def first_sign(door: Door, form: str) -> str:
    """What stands between a prompt and an answer: a space, unless the chat template says otherwise."""
    if form != "chat":
        return " "
    turn = answer_tokens(door, "Paris.")
    fits = (sign for sign in (" ", "", "\n") if starts_with(turn, encode_text(door.tokenizer, f"{sign}Paris.")))
    return next(fits, "")


def said(answer: str, beginning: str, form: str, lead: str, end: str) -> str:
    """An answer as it stands behind its beginning. A turn begins with a capital."""
    if beginning:
        return f" {answer}{end}"
    return lead + (capital(answer) if form == "chat" else answer) + end


def written(choice: Choice, form: str, lead: str, end: str) -> list[str]:
    return [said(answer, beginning, form, lead, end) for beginning in choice.beginnings for answer in choice.answers]


def plant(door: Door, form: str, choice: Choice, tokens: dict[str, list[int]], lead: str, end: str) -> list[Tree]:
    """A tree for each beginning: the prompt and the beginning are its path, the answers its branches."""
    prompt = door.encode(choice.prompt, form)
    trees = []
    for beginning in choice.beginnings:
        path = prompt + (encode_text(door.tokenizer, lead + beginning) if beginning else [])
        rows = (tokens[said(answer, beginning, form, lead, end)] for answer in choice.answers)
        trees.append(Tree(path, [Branch(len(path), row) for row in rows]))
    return trees


def nats_of(tree: Tree, scores: Scores, prompt: int) -> np.ndarray:
    """Log-likelihood of each branch and what leads to it, behind the first `prompt` tokens."""
    return -np.array(scores.branches) - sum(scores.nats[prompt - 1 :])


def without_longer(nats: np.ndarray, rows: list[list[int]]) -> np.ndarray:
    """P(N) less P(Ne) where the tokens of "Ne" begin with those of "N", so that no belief counts for both."""
    rest = np.exp(nats)
    for place, row in enumerate(rows):
        rest[place] -= sum(np.exp(nats[i]) for i, other in enumerate(rows) if other != row and starts_with(other, row))
    return np.log(np.maximum(rest, 1e-300))


def starts_with(row: list[int], beginning: list[int]) -> bool:
    return row[: len(beginning)] == beginning


def beginnings(fact: Fact) -> tuple[str, ...]:
    """Nothing, and the sentences about a fact up to its object, where that stands last.

    Example: ("", "The capital of France is", "The capital city of France is", "In France the capital is")
    """
    last = [place for place, clause in enumerate(RELATIONS[fact.relation].clauses) if ends_with_object(clause.parts)]
    shown = Fact(fact.subject, fact.relation, "...")
    return "", *(statement(shown, place).removesuffix(" ....") for place in last)


def ends_with_object(parts: tuple) -> bool:
    return isinstance(parts[-1], Slot) and parts[-1].name == "object" and not parts[-1].article
