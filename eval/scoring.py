"""Closed-set scores in one pass: a path of tokens, and short branches off it that cannot see one another.

    Q: What is the plural of leaf? A: leaves  Q: What colour is moss? A: ...
                                   `- ox                              `- purple

One pass gives the score of what stands on the path (how well is each answer predicted after those before it?) and
of everything that might have stood there instead, so a whole curve over the number of demonstrations costs one row.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import torch

from eval.lm import LanguageModel
from train.engine.convolutions import has_convolutions
from train.engine.held_out import batches_by_length


@dataclass(frozen=True)
class Branch:
    """Tokens that might follow the first `start` tokens of the path."""

    start: int
    tokens: list[int]


@dataclass
class Tree:
    path: list[int]
    branches: list[Branch] = field(default_factory=list)

    @property
    def tokens(self) -> list[int]:
        return self.path + [token for branch in self.branches for token in branch.tokens]


def fork(path: list[int], branches: Iterable[list[int]]) -> Tree:
    """A path with all that might follow its end."""
    return Tree(path, [Branch(len(path), tokens) for tokens in branches])


@dataclass(frozen=True)
class Scores:
    """For each token of the path but the first: nats, and whether it was the likeliest. One sum for each branch."""

    nats: list[float]
    likeliest: list[bool]
    branches: list[float]  # negative log-likelihood of the whole branch, in nats

    def span(self, start: int, stop: int) -> tuple[float, bool]:
        """(nats, whether greedy decoding would write it) of path[start:stop]."""
        return sum(self.nats[start - 1 : stop - 1]), all(self.likeliest[start - 1 : stop - 1])


@torch.no_grad()
def score(lm: LanguageModel, trees: list[Tree], batch_size: int = 8) -> list[Scores]:
    """Scores of each tree, in order; rows of like length share a batch (8 of 800 tokens: what a core's cache holds)."""
    done = {}
    for places in batches_by_length([tree.tokens for tree in trees], batch_size):
        batch = [trees[place] for place in places]
        logits = lm.model(**inputs(lm, batch), use_cache=False).logits.float()
        done |= dict(zip(places, (read(tree, row) for tree, row in zip(batch, logits, strict=True)), strict=True))
    return [done[place] for place in range(len(trees))]


def inputs(lm: LanguageModel, trees: list[Tree]) -> dict[str, torch.Tensor]:
    """Padded ids, positions that restart on each branch, and who may look at whom (batch, 1, tokens, tokens)."""
    longest = max(len(tree.tokens) for tree in trees)
    ids = torch.full((len(trees), longest), lm.padding_id)
    positions, previous = torch.zeros_like(ids), torch.full_like(ids, -1)
    sees = torch.eye(longest, dtype=torch.bool).repeat(len(trees), 1, 1)
    for row, tree in enumerate(trees):
        count = len(tree.tokens)
        ids[row, :count] = torch.tensor(tree.tokens)
        place, start, branch = laid_out(tree)
        positions[row, :count] = place
        # a branch goes on from the path, and its next tokens from itself
        previous[row, :count] = torch.where((branch > 0) & (place == start), start, torch.arange(count)) - 1
        # a token sees the part of the path that its branch leaves from, and its own branch up to itself
        path = (branch == 0) & (torch.arange(count) < start[:, None])
        own = (branch == branch[:, None]) & (place <= place[:, None])
        sees[row, :count, :count] = path | own
    hidden = torch.finfo(lm.model.dtype).min
    mask = torch.zeros(sees.shape, dtype=lm.model.dtype).masked_fill(~sees, hidden)[:, None]
    mask, told = mask.to(lm.device), {"input_ids": ids, "position_ids": positions}
    if has_convolutions(lm.model):
        mask, told = {"full_attention": mask, "conv": None}, told | {"previous": previous}
    return {name: value.to(lm.device) for name, value in told.items()} | {"attention_mask": mask}


def laid_out(tree: Tree) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Of each token: its position, where its branch leaves the path, and the number of its branch (0: the path)."""
    path = len(tree.path)
    columns = [[(place, 0, 0) for place in range(path)]] + [
        [(branch.start + step, branch.start, number) for step in range(len(branch.tokens))]
        for number, branch in enumerate(tree.branches, 1)
    ]
    return tuple(torch.tensor([row for column in columns for row in column]).T)


def read(tree: Tree, logits: torch.Tensor) -> Scores:
    """What the logits (tokens, vocabulary) of one row say about its path and branches."""
    path, tokens = len(tree.path), torch.tensor(tree.tokens, device=logits.device)
    before, at = list(range(path - 1)), path  # the place whose logits predict each token after the first
    for branch in tree.branches:
        before += [branch.start - 1, *range(at, at + len(branch.tokens) - 1)]
        at += len(branch.tokens)
    predicted = logits[before].log_softmax(-1)
    nats = -predicted.gather(1, tokens[1:, None])[:, 0]
    hits = (predicted.argmax(-1) == tokens[1:]).tolist()
    of_branches = nats[path - 1 :].split([len(branch.tokens) for branch in tree.branches])
    return Scores(nats[: path - 1].tolist(), hits[: path - 1], [float(part.sum()) for part in of_branches])
