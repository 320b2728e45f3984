"""Where does tuning act? The tuned model's answers to bundled questions and instructions, token by token.

The rows and transcripts of eval/questions/token_shift and .../divergence. Only for models whose shared
tokens have the same numbers; a vocabulary that was enlarged for one of them is cut to what both know.
"""

from eval.answers import Answers
from eval.beside import greedy, kl, ranks, side_by_side
from eval.bundled.prompts import asked, asks, facts, requests
from eval.bundled.stranger import Stranger
from eval.conditions import spread
from eval.questions.divergence.ask import divergence_row
from eval.questions.token_shift.ask import chosen, in_tokens, mark, shift_rows
from eval.settings import CompareSettings

MAX_NEW_TOKENS = 48
PARTS = {"fact": 30, "question": 20, "instruction": 30, "harmful": 10}  # answers, at 300 items


def shift(lm: Stranger, base: Stranger, settings: CompareSettings) -> Answers:
    answers, prompts = Answers(), asked_here(settings)
    longest = min(MAX_NEW_TOKENS, lm.context // 2, base.context // 2)
    written = greedy(lm, [prompt.text for prompt in prompts], "chat", longest)
    known = min(lm.model.get_input_embeddings().num_embeddings, base.model.get_input_embeddings().num_embeddings)
    both = [
        (prompt, each)
        for prompt, each in zip(prompts, written, strict=True)
        if max(each.before + each.tokens) < known and len(each.before + each.tokens) <= base.context
    ]
    prompts, written = [prompt for prompt, _ in both], [each for _, each in both]
    marked = [mark(lm, prompt, each) for prompt, each in both]
    shown = {place: index for index, place in enumerate(chosen(prompts))}
    for place, of_tuned, of_base in side_by_side(lm, base, written):
        prompt, tokens = prompts[place], written[place].tokens
        answers.rows += shift_rows(lm, "chat", prompt, ranks(of_base, tokens), marked[place])
        kind = "own answer to a forbidden request" if prompt.kind == "harmful" else "own answer"
        answers.rows.append(divergence_row(lm, kind, prompt, kl(of_tuned, of_base)))
        if place in shown:
            answers.transcripts.append(in_tokens(lm, shown[place], prompt, written[place], marked[place], of_base))
    answers.transcripts.sort(key=lambda line: line["index"])
    return answers


def asked_here(settings: CompareSettings) -> list:
    pools = {
        "fact": [asked(fact, 2) for fact in facts()],
        "question": list(asks("question")),
        "instruction": list(asks("instruction")),
        "harmful": [prompt for prompt in requests() if prompt.kind == "harmful"],
    }
    return [p for name, pool in pools.items() for p in spread(pool, max(2, settings.items * PARTS[name] // 300))]


def share_numbers(one: Stranger, other: Stranger, texts: list[str]) -> bool:
    """Whether tokens that both know have the same numbers, and texts become the same tokens."""
    mine, theirs = one.tokenizer.get_vocab(), other.tokenizer.get_vocab()
    shared = mine.keys() & theirs.keys()
    return (
        len(shared) >= 0.9 * min(len(mine), len(theirs))
        and all(mine[token] == theirs[token] for token in shared)
        and all(one.tokenizer(text)["input_ids"] == other.tokenizer(text)["input_ids"] for text in texts)
    )
