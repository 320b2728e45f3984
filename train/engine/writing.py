"""Models write: batches of token ids in, new token ids out, from a cache with room (cache.py)."""

from dataclasses import dataclass

import torch

from data.chats import encode_prompt, padding_id
from train.engine.cache import cache_with_room
from train.engine.checkpoints import stop_ids
from train.engine.held_out import batches_by_length

BATCH = 256  # answers written at once
LEG = 16  # tokens after which those that have ended leave the batch: most answers are shorter


@dataclass(frozen=True)
class Completion:
    text: str
    # what the model wrote, control tokens left out
    stopped: bool
    # the model ended it by itself, before the limit
    tokens: int
    # tokens it wrote, the stop token included


@torch.no_grad()
def generate(
    model, rows: list[list[int]], max_new_tokens: int, temperature: float, stops: list[int], padding: int
) -> list[list[int]]:
    """New token ids for each row, uncut; temperature 0 is greedy. Rows are padded on the left, so all begin at once."""
    longest, device = max(map(len, rows)), next(model.parameters()).device
    ids = torch.full((len(rows), longest), padding)
    seen = torch.zeros_like(ids)
    for place, row in enumerate(rows):
        ids[place, longest - len(row) :] = torch.tensor(row)
        seen[place, longest - len(row) :] = 1
    # whatever the model's own configuration asks for: what is written is what the model thinks
    plain = {"repetition_penalty": 1.0, "no_repeat_ngram_size": 0} | ({"min_p": 0.0} if own_min_p(model) else {})
    sampling = {"do_sample": True, "temperature": temperature, "top_k": 0, "top_p": 1.0}
    out = model.generate(
        ids.to(device), attention_mask=seen.to(device), past_key_values=cache_with_room(model, max_new_tokens),
        max_new_tokens=max_new_tokens, eos_token_id=stops, pad_token_id=padding, **plain,
        **(sampling if temperature else {"do_sample": False}),
    )  # fmt: skip
    return out[:, longest:].tolist()


def own_min_p(model) -> float | None:
    return getattr(model.generation_config, "min_p", None)


def cut(new: list[int], stops: list[int]) -> tuple[list[int], bool]:
    """(what was written before the first stop token, whether there was one)."""
    end = next((place for place, token in enumerate(new) if token in stops), None)
    return (new, False) if end is None else (new[:end], True)


def with_stop(new: list[int], stops: list[int]) -> list[int]:
    """What was written, up to its first stop token and with it."""
    kept, stopped = cut(new, stops)
    return new[: len(kept) + stopped]


def write_rows(
    model, rows: list[list[int]], max_new_tokens: int, temperature: float, stops: list[int], padding: int
) -> list[list[int]]:
    """New token ids for each of any number of rows, up to the stop token and with it.

    In legs: a batch runs until its last answer ends, so what has ended makes room for the rest of other batches.
    """
    done, going, left = [[] for _ in rows], list(range(len(rows))), max_new_tokens
    while going and left:
        leg = min(LEG, left)
        so_far = [rows[place] + done[place] for place in going]
        for batch in batches_by_length(so_far, BATCH):
            written = generate(model, [so_far[i] for i in batch], leg, temperature, stops, padding)
            for i, new in zip(batch, written, strict=True):
                done[going[i]] += with_stop(new, stops)
        going, left = [place for place in going if done[place][-1] not in stops], left - leg
    return done


def write_answers(
    model, tokenizer, prompts: list[list[dict]], max_new_tokens: int, temperature: float = 0.0
) -> list[Completion]:
    """One answer to each prompt, which is a list of turns, in the chat form. Draws from torch's own random state."""
    stops, rows = stop_ids(model, tokenizer), [encode_prompt(tokenizer, prompt) for prompt in prompts]
    answers = []
    for new in write_rows(model, rows, max_new_tokens, temperature, stops, padding_id(tokenizer)):
        kept, stopped = cut(new, stops)
        text = tokenizer.decode(kept, skip_special_tokens=True).strip()
        answers.append(Completion(text, stopped, len(kept) + stopped))
    return answers
