"""Two models on the same tokens: what one wrote, and what the other would have written at every place of it.

    written = greedy(instruct, ["What is the capital of France?"], "chat", 48)
    for place, log_p, log_q in side_by_side(instruct, base, written):  # each (tokens of the answer, vocabulary)
        ranks(log_q, written[place].tokens)                            # 1: base would have written it, too

Only models that read text in the same tokens can be laid beside each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from eval.lm import LanguageModel, Prompt
from train.engine.held_out import batches_by_length

LARGEST_BATCH = 16_000_000  # logits held at once, of each model


@dataclass(frozen=True)
class Written:
    """What stands before an answer, and the answer, both as token ids; a stop token belongs to the answer."""

    before: list[int]
    tokens: list[int]


def share_tokens(one: LanguageModel, other: LanguageModel) -> bool:
    """Whether both read text in the same tokens."""
    return one.tokenizer.get_vocab() == other.tokenizer.get_vocab()


def greedy(lm: LanguageModel, prompts: list[Prompt], form: str, max_new_tokens: int) -> list[Written]:
    """What a model writes after each prompt at temperature 0, its stop token included."""
    written = lm.write(prompts, form, max_new_tokens)
    return [Written(before, up_to_stop(new, lm.stop_ids)) for before, new in written]


def up_to_stop(tokens: list[int], stop_ids: list[int]) -> list[int]:
    """Example: up_to_stop([7, 8, 0, 0], [0]) == [7, 8, 0]."""
    stops = [place for place, token in enumerate(tokens) if token in stop_ids]
    return tokens[: stops[0] + 1] if stops else tokens


def side_by_side(
    tuned: LanguageModel, base: LanguageModel, written: list[Written], before_base: list[list[int]] | None = None
) -> Iterator[tuple[int, torch.Tensor, torch.Tensor]]:
    """(place, log-probabilities of the tuned model, of the base), each of shape (tokens of the answer, vocabulary).

    before_base: what the base reads before the answers, where that is not what the tuned model reads. A vocabulary
    that was enlarged for one of them is cut to what both know.
    """
    told = [Written(b, w.tokens) for b, w in zip(before_base, written, strict=True)] if before_base else written
    lengths = [w.before + w.tokens for w in written]
    largest = LARGEST_BATCH // (max(map(len, lengths), default=1) * tuned.model.config.vocab_size)
    for batch in batches_by_length(lengths, max(1, min(tuned.batch_size, largest))):
        of_tuned, of_base = (logits(lm, [some[i] for i in batch]) for lm, some in ((tuned, written), (base, told)))
        for place, one, other in zip(batch, of_tuned, of_base, strict=True):
            known = min(one.shape[-1], other.shape[-1])
            yield place, one[:, :known].log_softmax(-1), other[:, :known].log_softmax(-1)


@torch.no_grad()
def logits(lm: LanguageModel, written: list[Written]) -> list[torch.Tensor]:
    """What the model expects at each place of each answer: (tokens of the answer, vocabulary), in fp32."""
    rows = [w.before + w.tokens for w in written]
    longest = max(map(len, rows))
    ids, seen = torch.full((len(rows), longest), lm.padding_id), torch.zeros(len(rows), longest, dtype=torch.long)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = torch.tensor(row)
        seen[place, : len(row)] = 1
    out = lm.model(input_ids=ids.to(lm.device), attention_mask=seen.to(lm.device), use_cache=False).logits
    return [out[place, len(w.before) - 1 : len(rows[place]) - 1].float() for place, w in enumerate(written)]


def ranks(log_probabilities: torch.Tensor, tokens: list[int]) -> list[int]:
    """The place of each token among all, 1 for the likeliest; equally likely ones share the better place."""
    at = torch.tensor(tokens, device=log_probabilities.device)[:, None]
    return ((log_probabilities > log_probabilities.gather(1, at)).sum(-1) + 1).tolist()


def kl(log_p: torch.Tensor, log_q: torch.Tensor) -> list[float]:
    """KL(p || q) at each place, in nats."""
    return (log_p.exp() * (log_p - log_q)).sum(-1).tolist()
