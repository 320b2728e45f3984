"""A reward model, asked."""

from pathlib import Path

import torch

from data.chats import encode_prompt
from train.engine.held_out import batches_by_length
from train.model import open_reward_model

SCORED_AT_ONCE = 64


class Judge:
    """A reward model that is asked about answers as token ids, so that it sees whether they stopped."""

    def __init__(self, folder: Path):
        self.model, self.tokenizer = open_reward_model(folder)

    @torch.no_grad()
    def scores(self, prompts: list[list[dict]], completion_ids: list[list[int]]) -> list[float]:
        padding, done = self.model.config.pad_token_id, {}
        both = zip(prompts, completion_ids, strict=True)
        rows = [encode_prompt(self.tokenizer, prompt) + ids for prompt, ids in both]
        for places in batches_by_length(rows, SCORED_AT_ONCE):
            longest = max(len(rows[place]) for place in places)
            ids = torch.tensor([rows[place] + [padding] * (longest - len(rows[place])) for place in places])
            lengths = torch.tensor([len(rows[place]) for place in places])
            mask = torch.arange(longest) < lengths[:, None]
            found = self.model(input_ids=ids, attention_mask=mask.long()).logits[:, 0]
            done |= dict(zip(places, found.tolist(), strict=True))
        return [done[place] for place in range(len(rows))]
