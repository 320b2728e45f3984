"""Models write: batches of token ids in, new token ids out, from a cache with room (cache.py)."""

from dataclasses import dataclass

import torch

from data.chats import encode_prompt, padding_id
from train.engine.cache import cache_with_room
from train.engine.checkpoints import stop_ids
from train.engine.held_out import batches_by_length

BATCH = 128  # answers written at once


@dataclass(frozen=True)
class Answer:
    text: str
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
    sampling = {"do_sample": True, "temperature": temperature, "top_k": 0, "top_p": 1.0}
    out = model.generate(
        ids.to(device), attention_mask=seen.to(device), past_key_values=cache_with_room(model, max_new_tokens),
        max_new_tokens=max_new_tokens, eos_token_id=stops, pad_token_id=padding,
        **(sampling if temperature else {"do_sample": False}),
    )  # fmt: skip
    return out[:, longest:].tolist()


def cut(new: list[int], stops: list[int]) -> tuple[list[int], bool]:
    """(what was written before the first stop token, whether there was one)."""
    end = next((place for place, token in enumerate(new) if token in stops), None)
    return (new, False) if end is None else (new[:end], True)


def write_answers(
    model, tokenizer, prompts: list[list[dict]], max_new_tokens: int, temperature: float = 0.0
) -> list[Answer]:
    """One answer to each prompt, which is a list of turns, in the chat form. Draws from torch's own random state."""
    stops, rows, done = stop_ids(model, tokenizer), [encode_prompt(tokenizer, prompt) for prompt in prompts], {}
    for places in batches_by_length(rows, BATCH):
        some = [rows[place] for place in places]
        written = generate(model, some, max_new_tokens, temperature, stops, padding_id(tokenizer))
        done |= dict(zip(places, written, strict=True))
    answers = []
    for place in range(len(rows)):
        kept, stopped = cut(done[place], stops)
        text = tokenizer.decode(kept, skip_special_tokens=True).strip()
        answers.append(Answer(text, stopped, len(kept) + stopped))
    return answers
