"""Where does tuning act? Each token of a tuned model's answer, ranked by the base model that it was made from.

The tuned model answers greedily in the chat form. The base reads the same tokens and says at each place how many it
would have preferred: none (rank 1: unshifted), one or two (marginal), more (shifted). After Lin et al. 2023,
arXiv 2312.01552; their base reads its own template, ours the very same tokens. Row by row

    shifted             share of an answer's tokens that are shifted; meta holds the rank and the role of each token.
                        "chat": the base reads the chat form as well. "urial": it reads the same question after its own
                        three model answers, so that the rest cannot be a matter of the form
    manner_minus_facts  the share among tokens of manner minus that among objects of facts, where an answer has both
    reverse             the other way round: the base's own tokens after the same prompts, ranked by the tuned model

A quarter of the answers also serves the second context and the reverse; without a claim on a model that is all.
External models are asked the first alone, where shared tokens have the same numbers; a vocabulary that was enlarged for
one of them is cut to what both know.

Roles: `f` object of a fact, right or wrong (as the parser of the world reads question and answer); `n` its subject,
and what is said once more; `s` structure: labels, list numbers, new lines, the stop token; `m` manner: the rest.
"""

from collections.abc import Iterable

import torch

from data.judge.stated import facts_in
from data.synthetic.facts import World
from data.synthetic.roles import roles
from eval.answers import Answers, row, transcript
from eval.beside import Written, greedy, kl, ranks, share_tokens, side_by_side
from eval.conditions import how_many, spread
from eval.general import prompts as general
from eval.lm import LanguageModel
from eval.prompts import Prompt, instructions, questions, refusal_items
from eval.questions.divergence.ask import divergence_row
from eval.questions.put import split
from eval.results import Row
from eval.settings import CompareSettings

QUESTIONS, REQUESTS, INSTRUCTIONS = 120, 30, 50  # answers at 300 items
MAX_NEW_TOKENS, MAX_NEW_REVERSE, MAX_NEW_EXTERNAL = 64, 24, 48
EXTERNAL = 30, 20, 30, 10  # facts, questions, instructions, harmful requests at 300 items
SHOWN = {"question": 6, "harmful": 2, "instruction": 4}  # answers whose tokens stand in the report
UNSHIFTED, MARGINAL = 1, 3  # the largest rank of each
GROUP = "token by token"
LETTER = {"object": "f", "wrong object": "f", "subject": "n", "copy": "n", "structure": "s", "prose": "m"}
TOP = 3  # tokens that the base would have preferred, shown
Read = tuple[Prompt, Written, list[tuple[str, str]]]  # a prompt, the answer, the text and role of each of its tokens


def ask_beside(lm: LanguageModel, base: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """All of the above, and the divergence at each place of the same answers (eval/questions/divergence/ask.py)."""
    if not share_tokens(lm, base):
        return Answers()
    every = asked(world, settings)
    quarter = max(2, len(every) // 4)
    # all where a claim rests on this model, or everything is asked in full
    is_full = how_many(lm, "token_shift", "chat", settings) == settings.items
    prompts = every if is_full else spread(every, quarter)
    answers, read = own_answers(lm, base, prompts, chosen(spread(every, quarter)), MAX_NEW_TOKENS)
    some = spread(read, quarter)
    answers.rows += after_model_answers(lm, base, some) + reverse(lm, base, [prompt for prompt, _, _ in some])
    return answers


def ask_external_beside(lm: LanguageModel, base: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """The tuned model's answers to questions, instructions and requests of our own."""
    if not lm.same_tokens:
        return Answers()
    pools = (
        [general.asked(fact, 2) for fact in general.facts()],
        list(general.asks("question")),
        list(general.asks("instruction")),
        [prompt for prompt in general.requests() if prompt.kind == "harmful"],
    )
    prompts = some_of(zip(pools, EXTERNAL, strict=True), settings)
    longest = min(MAX_NEW_EXTERNAL, lm.context // 2, base.context // 2)
    return own_answers(lm, base, prompts, chosen(prompts), longest)[0]


def own_answers(
    lm: LanguageModel, base: LanguageModel, prompts: list[Prompt], shown: list[Prompt], limit: int
) -> tuple[Answers, list[Read]]:
    """Rows and transcripts of the tuned model's own answers, and those answers, as far as the base can read them."""
    known = min(one.model.get_input_embeddings().num_embeddings for one in (lm, base))
    read = [
        (prompt, each, mark(lm, prompt, each))
        for prompt, each in zip(prompts, greedy(lm, [prompt.text for prompt in prompts], "chat", limit), strict=True)
        if max(each.before + each.tokens) < known and len(each.before + each.tokens) <= base.context
    ]
    answers = Answers()
    for place, of_tuned, of_base in side_by_side(lm, base, [written for _, written, _ in read]):
        prompt, written, marked = read[place]
        answers.rows += shift_rows(lm, "chat", prompt, ranks(of_base, written.tokens), marked)
        kind = "own answer to a forbidden request" if prompt.kind == "harmful" else "own answer"
        answers.rows.append(divergence_row(lm, kind, prompt, kl(of_tuned, of_base)))
        if prompt in shown:
            answers.transcripts.append(in_tokens(lm, shown.index(prompt), prompt, written, marked, of_base))
    answers.transcripts.sort(key=lambda line: line["index"])
    return answers, read


def asked(world: World, settings: CompareSettings) -> list[Prompt]:
    """Questions, harmful requests and other instructions."""
    harmful = [prompt for prompt in refusal_items() if prompt.kind == "harmful"]
    pools = ((questions(world), QUESTIONS), (harmful, REQUESTS), (instructions(world), INSTRUCTIONS))
    return some_of(pools, settings)


def some_of(pools: Iterable[tuple[list[Prompt], int]], settings: CompareSettings) -> list[Prompt]:
    """Of each pool so many at 300 items."""
    return [prompt for pool, count in pools for prompt in spread(pool, max(2, settings.items * count // 300))]


def chosen(prompts: list[Prompt]) -> list[Prompt]:
    """The prompts whose answers are shown: evenly spaced among those of each kind."""
    of_kind = {kind: [] for kind in SHOWN}
    for prompt in prompts:
        of_kind[prompt.kind if prompt.kind in SHOWN else "instruction"].append(prompt)
    return [prompt for kind, count in SHOWN.items() for prompt in spread(of_kind[kind], count)]


# --- what each token is for


def mark(lm: LanguageModel, prompt: Prompt, written: Written) -> list[tuple[str, str]]:
    """(text, role) of each token of an answer; the role is that of its first visible character."""
    pieces = texts(lm, written.tokens)
    before, said = prompt.text + "\n", "".join(pieces)
    document = {"text": before + said, "type": "quiz", "facts": facts_in(before + said)}
    letters = "".join(LETTER[role] * (end - start) for start, end, role in roles(document))[len(before) :]
    marked, at = [], 0
    for token, piece in zip(written.tokens, pieces, strict=True):
        visible = at + len(piece) - len(piece.lstrip(" "))  # of a blank by itself: what follows it
        marked.append((piece, "s" if token in lm.stop_ids else letters[visible : visible + 1] or "s"))
        at += len(piece)
    return marked


def texts(lm: LanguageModel, tokens: list[int]) -> list[str]:
    """The text of each token; a stop token has none. A character of several tokens belongs to the last of them."""
    pieces, done = [], ""
    for place, token in enumerate(tokens):
        said = lm.tokenizer.decode(tokens[: place + 1], skip_special_tokens=True)
        said = done if token in lm.stop_ids or said.endswith("\ufffd") else said
        pieces.append(said[len(done) :])
        done = said
    return pieces


# --- rows


def shift_rows(
    lm: LanguageModel, condition: str, prompt: Prompt, places: list[int], marked: list, metric="shifted"
) -> list[Row]:
    """`shifted` of one answer and, where it has both roles, `manner_minus_facts`."""
    letters = "".join(role for _, role in marked)
    starts = "".join("1" if begins_word(marked, place) else "0" for place in range(len(marked)))
    item = {
        "item_id": prompt.text, "cluster_id": prompt.subject, "category": prompt.kind, "level": split(prompt.held_out),
        "n_tokens": len(places),
    }  # fmt: skip
    found = [
        row(lm, condition, "token_shift", metric, value=share_shifted(places),
            meta={"ranks": places, "roles": letters, "starts": starts}, **item)
    ]  # fmt: skip
    by_role = {letter: [p for p, one in zip(places, letters, strict=True) if one == letter] for letter in "mf"}
    if metric == "shifted" and all(by_role.values()):
        difference = share_shifted(by_role["m"]) - share_shifted(by_role["f"])
        found.append(row(lm, condition, "token_shift", "manner_minus_facts", value=difference, **item))
    return found


def share_shifted(places: list[int]) -> float:
    return sum(place > MARGINAL for place in places) / len(places)


def begins_word(marked: list[tuple[str, str]], place: int) -> bool:
    """Whether a token begins a word or is a sign of its own: the rest of a word hardly leaves a choice."""
    text = marked[place][0]
    return place == 0 or not text[:1].isalnum() or not marked[place - 1][0][-1:].isalnum()


def after_model_answers(lm: LanguageModel, base: LanguageModel, read: list[Read]) -> list[Row]:
    """The same answers, read by the base after its own three model answers; without the stop token, not its own."""
    bodies = [
        (prompt, Written(each.before, body), marked)
        for prompt, each, marked in read
        if (body := [token for token in each.tokens if token not in lm.stop_ids])
    ]
    told = [base.encode(prompt.text, "urial") for prompt, _, _ in bodies]
    rows = []
    for place, _, of_base in side_by_side(lm, base, [written for _, written, _ in bodies], told):
        prompt, written, marked = bodies[place]
        rows += shift_rows(lm, "urial", prompt, ranks(of_base, written.tokens), marked[: len(written.tokens)])
    return rows


def reverse(lm: LanguageModel, base: LanguageModel, prompts: list[Prompt]) -> list[Row]:
    """The base's own tokens, ranked by the tuned model; what they are for is not read off its rambling text."""
    written, rows = greedy(base, [prompt.text for prompt in prompts], "chat", MAX_NEW_REVERSE), []
    for place, of_tuned, _ in side_by_side(lm, base, written):
        tokens = written[place].tokens
        marked = [(text, "-") for text in texts(base, tokens)]
        rows += shift_rows(lm, "chat", prompts[place], ranks(of_tuned, tokens), marked, "reverse")
    return rows


def in_tokens(
    lm: LanguageModel, index: int, prompt: Prompt, written: Written, marked: list, of_base: torch.Tensor
) -> dict:
    """A transcript with its tokens: {text, rank, role, and what the base would have preferred: [[text, p], ...]}."""
    probable, ids = of_base.exp().topk(min(TOP, of_base.shape[-1]), dim=-1)
    tokens = [
        {
            "text": text if token not in lm.stop_ids else "",
            "rank": rank,
            "role": role,
            "p": round(float(of_base[place, token].exp()), 4),
            "top": [[named(lm, one), round(p, 4)] for one, p in zip(top, ps, strict=True)],
        }
        for place, (token, rank, (text, role), top, ps) in enumerate(
            zip(written.tokens, ranks(of_base, written.tokens), marked, ids.tolist(), probable.tolist(), strict=True)
        )
    ]
    line = transcript(lm, "chat", GROUP, index, prompt.text, lm.completion(written.tokens, "chat"))
    return line | {"tokens": tokens}


def named(lm: LanguageModel, token: int) -> str:
    """A token as text; a stop token in words."""
    return "end of text" if token in lm.stop_ids else lm.tokenizer.decode([token])
