"""How well each model predicts text: bits per byte, which two tokenizers share, and nats where they share tokens, too.

Rows `bits_per_byte` / `bits` for every page by kind (raw), and for model answers in the chat form (`instruct answer`);
the same as `loss_matrix` / `nll` where both models count in the same tokens.
"""

import math

from configs.pipeline.errors import UserError
from data.chats import encode_text
from eval.answers import Answers, row
from eval.bundled.prompts import asks, pages
from eval.bundled.scored import in_chat, plain, with_places
from eval.bundled.stranger import Stranger
from eval.lm import shortened
from eval.results import Row
from eval.settings import CompareSettings

Text = tuple[str, str]  # (kind, text)
WORDS_BEFORE = 16  # tokens of a question that must fit before its answer


def predicted(lm: Stranger, settings: CompareSettings, texts: list[Text]) -> Answers:
    """texts: pages that fit into the context of both models."""
    rows = [before(lm) + encode_text(lm.tokenizer, text) for _, text in texts]
    answers = Answers()
    for (kind, text), (nats, _) in zip(texts, plain(lm, rows), strict=True):
        answers.rows += both(lm, "raw", kind, f"{kind}:{text[:60]}", text, nats)
    return answers + of_answers(lm)


def both(lm: Stranger, form: str, kind: str, item: str, text: str, nats: list[float]) -> list[Row]:
    """The rows of one text from the nats of its tokens."""
    size = len(text.encode())
    columns = {"category": kind, "n_tokens": len(nats), "meta": {"bytes": size}}
    per_byte = row(lm, form, "bits_per_byte", "bits", item, sum(nats) / math.log(2) / size, **columns)
    return [per_byte, *([row(lm, form, "loss_matrix", "nll", item, sum(nats), **columns)] * lm.same_tokens)]


def before(lm: Stranger) -> list[int]:
    """Something must stand before the first token, or it has no probability: start-of-text, else end-of-text."""
    marks = (lm.tokenizer.bos_token_id, lm.tokenizer.eos_token_id)
    return lm.start or [next(mark for mark in marks if mark is not None)]


def of_answers(lm: Stranger) -> Answers:
    """The model answers of the bundled questions and instructions, after the same prompts in the chat form."""
    answers, told = Answers(), told_in_chat(lm)
    rows = [shortened(context, lm.context - len(said)) + said for _, context, said in told]
    for (prompt, _, said), (nats, _) in zip(told, plain(lm, rows), strict=True):
        answers.rows += both(lm, "chat", "instruct answer", prompt.text, prompt.meta["answer"], nats[-len(said) :])
    return answers


def told_in_chat(lm: Stranger) -> list[tuple]:
    """(prompt, tokens before the answer, tokens of the answer) of every bundled model answer."""
    asked = [*asks("question"), *asks("instruction")]
    told = [in_chat(lm, [{"role": "user", "content": one.text}], [one.meta["answer"]]) for one in asked]
    return [(prompt, context, branches[0].tokens) for prompt, (context, branches) in zip(asked, told, strict=True)]


def check_room(lm: Stranger) -> None:
    """Raise UserError if the model cannot read even an answer and a few words before it at once."""
    longest = max(len(said) for _, _, said in told_in_chat(lm))
    if longest + WORDS_BEFORE > lm.context:
        raise UserError(
            f"{lm.source} reads {lm.context} tokens at once; the bundled answers take up to {longest} and "
            f"{WORDS_BEFORE} before them, so it cannot be compared here"
        )


def fitted(texts: list[Text], doors: list[Stranger]) -> list[Text]:
    """The texts, each cut so that every model reads the whole of it at once."""
    return [(kind, text[: min(room(lm, text) for lm in doors)]) for kind, text in texts]


def room(lm: Stranger, text: str) -> int:
    """How many characters of a text fit into the context, one token being left for what stands before it."""
    ids, places = with_places(lm, text)
    return len(text) if len(ids) < lm.context else places[lm.context - 2][1]


def bundled_pages() -> list[Text]:
    return list(pages())
