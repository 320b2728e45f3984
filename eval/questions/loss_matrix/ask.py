"""Objective signature: how well each model predicts each type of text (nats per token, document by document).

Web text: held-out documents of the corpus, by type. Instruct answer, instruct prompt: the assistant's and the user's
side of held-out pairs, in the chat template. Both models read the same tokens.

External models: short pages of several kinds or text of the user's own, and model answers. Bits per byte are what two
tokenizers share; nats are told where both models count in the same tokens, too.
"""

import json
import math
from collections import defaultdict
from pathlib import Path

from data.chats import encode_chat, encode_documents, encode_text
from data.synthetic.facts import World
from eval.answers import Answers, row
from eval.entries import find_data
from eval.general.scoring import plain, told_in_chat
from eval.lm import LanguageModel, shortened
from eval.results import Row
from eval.settings import CompareSettings


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Rows `nll` for `settings.documents` documents of each type and as many held-out pairs."""
    data, rows = find_data(settings), []
    for kind, texts in texts_by_type(data["corpus"] / "test.jsonl", settings.documents).items():
        encoded = [{"input_ids": ids[: lm.context]} for ids in encode_documents(lm.tokenizer, texts)]
        rows += of_kind(lm, "raw", kind, encoded, [len(text.encode()) for text in texts])
    with open(data["pairs"] / "held_out.jsonl", encoding="utf-8") as file:
        chats = [json.loads(line)["messages"] for line, _ in zip(file, range(3 * settings.documents), strict=False)]
    pairs = [both for both in (encode_chat(lm.tokenizer, chat) for chat in chats) if len(both[0]) <= lm.context]
    for kind, wanted in (("instruct answer", 1), ("instruct prompt", 0)):
        encoded = [
            {"input_ids": ids, "labels": [t if on == wanted else -100 for t, on in zip(ids, mask, strict=True)]}
            for ids, mask in pairs
        ]
        rows += of_kind(lm, "chat", kind, encoded, [0] * len(encoded))
    return Answers(rows)


def of_kind(lm: LanguageModel, condition: str, kind: str, encoded: list[dict], sizes: list[int]) -> list[Row]:
    return [
        row(lm, condition, "loss_matrix", "nll", f"{kind}:{place}", nats, category=kind, n_tokens=tokens,
            meta={"bytes": size})
        for place, ((nats, tokens), size) in enumerate(zip(lm.nats(encoded), sizes, strict=True))
    ]  # fmt: skip


def texts_by_type(path: Path, count: int) -> dict[str, list[str]]:
    """The first `count` documents of each type in a split of the corpus."""
    found = defaultdict(list)
    with open(path, encoding="utf-8") as file:
        for line in file:
            document = json.loads(line)
            if len(found[document["type"]]) < count:
                found[document["type"]].append(document["text"])
    return dict(sorted(found.items()))


def ask_external(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Rows `bits` of the question bits_per_byte and, where tokens are shared, `nll`: raw pages, answers in chat."""
    rows = []
    pages = plain(lm, [lm.before + encode_text(lm.tokenizer, text) for _, text in lm.texts])
    for (kind, text), (nats, _) in zip(lm.texts, pages, strict=True):
        rows += of_text(lm, "raw", kind, f"{kind}:{text[:60]}", text, nats)
    told = told_in_chat(lm)
    answers = plain(lm, [shortened(context, lm.context - len(said)) + said for _, context, said in told])
    for (prompt, _, said), (nats, _) in zip(told, answers, strict=True):
        rows += of_text(lm, "chat", "instruct answer", prompt.text, prompt.meta["answer"], nats[-len(said) :])
    return Answers(rows)


def of_text(lm: LanguageModel, form: str, kind: str, item: str, text: str, nats: list[float]) -> list[Row]:
    """The rows of one text from the nats of its tokens."""
    size = len(text.encode())
    values = {("bits_per_byte", "bits"): sum(nats) / math.log(2) / size}
    values |= {("loss_matrix", "nll"): sum(nats)} if lm.same_tokens else {}
    return [
        row(lm, form, question, metric, item, value, category=kind, n_tokens=len(nats), meta={"bytes": size})
        for (question, metric), value in values.items()
    ]
