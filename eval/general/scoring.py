"""Closed-set scores for any tokenizer and any architecture.

An external tokenizer may join the end of a question to its answer, or put a mark of its own before every piece, so text
is always tokenized whole and the places are found by characters. Most architectures score all that may be answered in
one pass (eval/scoring.py); for one that cannot keep branches apart each is a row of its own.
"""

from functools import lru_cache

import torch

from data.chats import encode_prompt, encode_text, encode_turns
from eval.beside import Written, logits
from eval.general.prompts import asks
from eval.lm import LanguageModel, shortened
from eval.scoring import Branch, Scores, Tree, score
from train.engine.held_out import batches_by_length

CLOSE = 1e-2  # nats between the two ways of scoring that rounding explains
Asked = tuple[list[int], list[Branch]]  # the tokens before an answer, and all that may be answered


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


def after(lm: LanguageModel, before: str, candidates: list[str]) -> Asked:
    """(tokens before, a branch for each candidate), all from the same place: where the first of them parts."""
    context, *wholes = (lm.start + encode_text(lm.tokenizer, before + said) for said in ("", *candidates))
    start = min(common(context, whole) for whole in wholes)
    return context[:start], [Branch(start, whole[start:]) for whole in wholes]


def in_chat(lm: LanguageModel, messages: list[dict], candidates: list[str]) -> Asked:
    """The same for what the assistant might say after these turns, up to the end of its turn."""
    context = encode_prompt(lm.tokenizer, messages)
    pieces = [answer_piece(lm.tokenizer, said, lm.stop_ids[0]) for said in candidates]
    start = len(context) - max(joined for joined, _ in pieces)
    return context[:start], [
        Branch(start, context[start : len(context) - joined] + tokens) for joined, tokens in pieces
    ]


def told_in_chat(lm: LanguageModel) -> list[tuple]:
    """(prompt, tokens before the answer, tokens of the answer) of every model answer."""
    asked = [*asks("question"), *asks("instruction")]
    told = [in_chat(lm, [{"role": "user", "content": one.text}], [one.meta["answer"]]) for one in asked]
    return [(prompt, context, branches[0].tokens) for prompt, (context, branches) in zip(asked, told, strict=True)]


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


def common(left: list[int], right: list[int]) -> int:
    """Length of the beginning that two lists share; at most one less than the right one has."""
    limit = min(len(left), len(right) - 1)
    return next((place for place in range(limit) if left[place] != right[place]), limit)


def branch_nats(lm: LanguageModel, asked: list[list[Asked]]) -> list[list[float]]:
    """Nats of every branch, list by list of questions, in their order."""
    trees = [trees_of(lm, each) for each in asked]
    found = iter(scores(lm, [tree for some in trees for tree in some]))
    return [[nats for _ in some for nats in next(found).branches] for some in trees]


def trees_of(lm: LanguageModel, asked: list[Asked]) -> list[Tree]:
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


def scores(lm: LanguageModel, trees: list[Tree]) -> list[Scores]:
    """As eval.scoring.score, whatever the architecture."""
    if lm.one_pass:
        return score(lm, trees)
    found = iter(plain(lm, [row for tree in trees for row in rows_of(tree)]))
    return [
        Scores(*next(found), [sum(next(found)[0][branch.start - 1 :]) for branch in tree.branches]) for tree in trees
    ]


def rows_of(tree: Tree) -> list[list[int]]:
    """The path, and each branch behind its part of the path."""
    return [tree.path] + [tree.path[: branch.start] + branch.tokens for branch in tree.branches]


def plain(lm: LanguageModel, rows: list[list[int]], batch_size: int = 16) -> list[tuple[list[float], list[bool]]]:
    """(nats, whether it was the likeliest) of each token after the first, row by row, without any tree."""
    done = {}
    for places in batches_by_length(rows, batch_size):
        expected = logits(lm, [Written(rows[place][:1], rows[place][1:]) for place in places])
        for place, each in zip(places, expected, strict=True):
            predicted, wanted = each.log_softmax(-1), torch.tensor(rows[place][1:], device=each.device)
            nats = -predicted.gather(1, wanted[:, None])[:, 0]
            done[place] = nats.tolist(), (predicted.argmax(-1) == wanted).tolist()
    return [done[place] for place in range(len(rows))]


def keeps_branches_apart(lm: LanguageModel) -> bool:
    """Whether scoring in one pass gives what scoring each row by itself gives; not every architecture can."""
    ids = lm.start + encode_text(lm.tokenizer, "One two three four five six seven eight nine ten.")
    tree = Tree(ids[:6], [Branch(3, ids[2:4]), Branch(5, ids[4:6])])
    try:
        together = score(lm, [tree])[0]
    except (TypeError, ValueError, RuntimeError):
        return False
    apart = plain(lm, rows_of(tree))[1:]
    expected = [sum(nats[branch.start - 1 :]) for branch, (nats, _) in zip(tree.branches, apart, strict=True)]
    return all(abs(a - b) < CLOSE for a, b in zip(together.branches, expected, strict=True))
