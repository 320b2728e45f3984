"""Closed-set scores for any tokenizer and any architecture.

A stranger's tokenizer may join the end of a question to its answer, or put a mark of its own before every piece, so
text is always tokenized whole and the places are found by characters. Most architectures score all that may be
answered in one pass (eval/scoring.py); for one that cannot keep branches apart each is a row of its own.
"""

from functools import lru_cache

import torch

from data.chats import encode_prompt, encode_text, encode_turns
from eval.lm import LanguageModel, shortened
from eval.scoring import Branch, Scores, Tree, score
from train.engine.held_out import batches_by_length

CLOSE = 1e-2  # nats between the two ways of scoring that rounding explains


def with_places(lm: LanguageModel, text: str) -> tuple[list[int], list[tuple[int, int]]]:
    """Token ids of raw text and, for each, the characters (from, to) that it stands for."""
    encoded = lm.tokenizer(text, add_special_tokens=False, split_special_tokens=True, return_offsets_mapping=True)
    before = [(0, 0)] * len(lm.start)
    return lm.start + encoded["input_ids"], before + [tuple(pair) for pair in encoded["offset_mapping"]]


def tokens_of(places: list[tuple[int, int]], start: int, stop: int) -> tuple[int, int]:
    """(first, last + 1) of the tokens that overlap characters start to stop.

    Example: tokens_of([(0, 1), (1, 4), (4, 6)], 2, 5) == (1, 3)
    """
    found = [place for place, (a, b) in enumerate(places) if a < stop and b > start]
    return (found[0], found[-1] + 1) if found else (0, 0)


def after(lm: LanguageModel, before: str, candidates: list[str]) -> tuple[list[int], list[Branch]]:
    """(tokens before, a branch for each candidate), all from the same place: where the first of them parts."""
    context = lm.start + encode_text(lm.tokenizer, before)
    wholes = [lm.start + encode_text(lm.tokenizer, before + candidate) for candidate in candidates]
    return parted(context, wholes)


def in_chat(lm: LanguageModel, messages: list[dict], candidates: list[str]) -> tuple[list[int], list[Branch]]:
    """The same for what the assistant might say after these turns, up to the end of its turn."""
    context = encode_prompt(lm.tokenizer, messages)
    pieces = [answer_piece(lm.tokenizer, said, lm.stop_ids[0]) for said in candidates]
    start = len(context) - max(joined for joined, _ in pieces)
    return context[:start], [
        Branch(start, context[start : len(context) - joined] + tokens) for joined, tokens in pieces
    ]


@lru_cache(maxsize=20_000)
def answer_piece(tokenizer, said: str, stop: int) -> tuple[int, list[int]]:
    """(last tokens of the prompt that the answer is joined to, its tokens): the same after every question."""
    turns = [{"role": "user", "content": "Well?"}]
    context = encode_prompt(tokenizer, turns)
    whole = encode_turns(tokenizer, [*turns, {"role": "assistant", "content": said}])
    shared = common(context, whole)
    if shared < len(context) - 1:  # the template writes a past answer otherwise than the place where one is to be given
        return 0, [*encode_text(tokenizer, said), stop]
    return len(context) - shared, whole[shared:]


def parted(context: list[int], wholes: list[list[int]]) -> tuple[list[int], list[Branch]]:
    start = min(common(context, whole) for whole in wholes)
    return context[:start], [Branch(start, whole[start:]) for whole in wholes]


def common(left: list[int], right: list[int]) -> int:
    """Length of the beginning that two lists share; at most one less than the right one has."""
    limit = min(len(left), len(right) - 1)
    return next((place for place in range(limit) if left[place] != right[place]), limit)


def trees_of(lm: LanguageModel, asked: list[tuple[list[int], list[Branch]]]) -> list[Tree]:
    """One tree where every question's context begins the next one's and all of it fits, else one for each question."""
    path = asked[-1][0]
    branches = [branch for _, some in asked for branch in some]
    fits = max(branch.start + len(branch.tokens) for branch in branches) <= lm.context
    if fits and all(path[: len(context)] == context for context, _ in asked):
        return [Tree(path, branches)]
    return [cut(context, some, lm.context) for context, some in asked]


def cut(context: list[int], branches: list[Branch], longest: int) -> Tree:
    """A tree that fits: of a context that is too long its first token and its end."""
    kept = shortened(context, longest - max(len(branch.tokens) for branch in branches))
    return Tree(kept, [Branch(len(kept), branch.tokens) for branch in branches])


def branch_nats(lm: LanguageModel, asked: list[list[tuple[list[int], list[Branch]]]]) -> list[list[float]]:
    """Nats of every branch, list by list of questions, in their order."""
    trees = [trees_of(lm, each) for each in asked]
    found = iter(scores(lm, [tree for some in trees for tree in some]))
    return [[nats for _ in some for nats in next(found).branches] for some in trees]


def scores(lm: LanguageModel, trees: list[Tree]) -> list[Scores]:
    """As eval.scoring.score, whatever the architecture."""
    if getattr(lm, "one_pass", True):
        return score(lm, trees)
    rows = [row for tree in trees for row in rows_of(tree)]
    found = iter(plain(lm, rows))
    done = []
    for tree in trees:
        nats, likeliest = next(found)
        done.append(Scores(nats, likeliest, [sum(next(found)[0][branch.start - 1 :]) for branch in tree.branches]))
    return done


def rows_of(tree: Tree) -> list[list[int]]:
    """The path, and each branch behind its part of the path."""
    return [tree.path] + [tree.path[: branch.start] + branch.tokens for branch in tree.branches]


@torch.no_grad()
def plain(lm: LanguageModel, rows: list[list[int]], batch_size: int = 16) -> list[tuple[list[float], list[bool]]]:
    """(nats, whether it was the likeliest) of each token but the first, row by row; ids and a padding mask alone."""
    done = {}
    for places in batches_by_length(rows, batch_size):
        longest = max(2, *(len(rows[place]) for place in places))
        ids = torch.full((len(places), longest), lm.padding_id)
        seen = torch.zeros_like(ids)
        for line, place in enumerate(places):
            ids[line, : len(rows[place])] = torch.tensor(rows[place])
            seen[line, : len(rows[place])] = 1
        logits = lm.model(input_ids=ids.to(lm.device), attention_mask=seen.to(lm.device)).logits
        for line, place in enumerate(places):
            count = len(rows[place]) - 1
            predicted, wanted = logits[line, :count].float().log_softmax(-1), ids[line, 1 : count + 1].to(lm.device)
            nats = -predicted.gather(1, wanted[:, None])[:, 0]
            done[place] = (nats.tolist(), (predicted.argmax(-1) == wanted).tolist())
    return [done[place] for place in range(len(rows))]


def keeps_branches_apart(lm: LanguageModel) -> bool:
    """Whether scoring in one pass gives what scoring each row by itself gives; not every architecture can."""
    ids = lm.start + encode_text(lm.tokenizer, "One two three four five six seven eight nine ten.")
    path, left, right = ids[:6], ids[2:4], ids[4:6]
    tree = Tree(path, [Branch(3, left), Branch(5, right)])
    try:
        together = score(lm, [tree])[0]
    except (TypeError, ValueError, RuntimeError):
        return False
    apart = plain(lm, rows_of(tree))
    expected = [sum(nats[branch.start - 1 :]) for branch, (nats, _) in zip(tree.branches, apart[1:], strict=True)]
    return all(abs(a - b) < CLOSE for a, b in zip(together.branches, expected, strict=True))
