"""What a model is taught by: how much each token counts in the loss, under every objective.

`loss_share`: the share of a conversation's tokens that count, by objective (train/objectives.py); no model is asked.
For the eye, one pretraining document and one conversation token by token. `dft` counts a token as much as the model
already expects it, so there the base model is asked: these are the weights of the first step of tuning.
"""

from collections.abc import Callable
from itertools import islice

import torch

from data.synthetic.config import Config
from data.synthetic.conversations.generate import pairs
from data.synthetic.facts import World
from data.synthetic.generate import documents
from eval.answers import Answers, row, transcript
from eval.beside import Written, logits
from eval.lm import Completion, LanguageModel
from eval.questions.token_shift.ask import texts
from eval.settings import CompareSettings
from train.objectives import OBJECTIVES, of_conversations, weighed_by_probability

CONVERSATIONS = 150  # at 300 items
LONGEST, TURNS = 110, 4  # the example: the first conversation of so many turns that is no longer (tokens)
GROUP, PRETRAINING = "loss mask", "next_token"


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Rows `loss_share` and transcripts with tokens {text, weight}, for a base model."""
    answers = Answers()
    if lm.stage != "base":
        return answers
    told = [pair.messages for pair in pairs(0, max(2, settings.items * CONVERSATIONS // 300))]
    for objective in of_conversations():
        for number, messages in enumerate(told):
            labels = OBJECTIVES[objective].row(messages, lm.tokenizer)["labels"]
            value = sum(label != -100 for label in labels[1:]) / max(1, len(labels) - 1)
            answers.rows.append(
                row(lm, "chat", "loss_mask", "loss_share", f"pair:{number}", value, category=objective,
                    n_tokens=len(labels) - 1)
            )  # fmt: skip
    shown = [(PRETRAINING, example_document(lm))]
    shown += [(name, OBJECTIVES[name].row(example(lm), lm.tokenizer)) for name in of_conversations()]
    for index, (name, one) in enumerate(shown):
        done = Completion("", None, len(one["input_ids"]))
        line = transcript(lm, "raw" if name == PRETRAINING else "chat", GROUP, index, "", done)
        answers.transcripts.append(line | {"title": name, "tokens": weighted(lm, one, OBJECTIVES[name].loss)})
    return answers


def example(lm: LanguageModel) -> list[dict]:
    """The first conversation that goes back and forth and is short enough to be read at a glance."""
    for pair in islice(pairs(0, 2000), 2000):
        size = len(OBJECTIVES["all_tokens"].row(pair.messages, lm.tokenizer)["input_ids"])
        if len(pair.messages) >= TURNS and size <= LONGEST:
            return pair.messages
    return pair.messages


def example_document(lm: LanguageModel) -> dict:
    """The first document of the world that is short enough."""
    for document in documents(0, 0, 500, Config()):
        one = OBJECTIVES[PRETRAINING].row(document.text, lm.tokenizer)
        if len(one["input_ids"]) <= LONGEST:
            break
    return one


def weighted(lm: LanguageModel, one: dict, loss: str | Callable) -> list[dict]:
    """[{text, weight}]; nothing predicts the first token of a text, so it never counts."""
    ids, labels = one["input_ids"], one["labels"]
    weights = [0.0] + [float(label != -100) for label in labels[1:]]
    if loss is weighed_by_probability:
        expected = logits(lm, [Written(ids[:1], ids[1:])])[0].softmax(-1)
        probable = expected.gather(1, torch.tensor(ids[1:], device=expected.device)[:, None])[:, 0].tolist()
        weights = [0.0] + [weight * p for weight, p in zip(weights[1:], probable, strict=True)]
    pieces = ["" if token in lm.tokenizer.all_special_ids else piece
              for token, piece in zip(ids, texts(lm, ids), strict=True)]  # fmt: skip
    return [{"text": text, "weight": round(weight, 4)} for text, weight in zip(pieces, weights, strict=True)]
