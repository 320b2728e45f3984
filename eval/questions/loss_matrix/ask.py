"""Objective signature: how well each model predicts each type of text (nats per token, document by document).

Web text: held-out documents of the corpus, by type. Instruct answer, instruct prompt: the assistant's and the user's
side of held-out pairs, in the chat template. Both models read the same tokens.
"""

import json
from collections import defaultdict
from pathlib import Path

from data.chats import encode_chat, encode_documents
from data.synthetic.facts import World
from eval.answers import Answers, row
from eval.entries import find_data
from eval.lm import LanguageModel
from eval.settings import CompareSettings


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Rows `nll` for `settings.documents` documents of each type and as many held-out pairs."""
    answers, data = Answers(), find_data(settings)
    for kind, texts in texts_by_type(data["corpus"] / "test.jsonl", settings.documents).items():
        rows = [{"input_ids": ids[: lm.context]} for ids in encode_documents(lm.tokenizer, texts)]
        sizes = [len(text.encode()) for text in texts]
        add(answers, lm, "raw", kind, rows, sizes)
    with open(data["pairs"] / "held_out.jsonl", encoding="utf-8") as file:
        chats = [json.loads(line)["messages"] for line, _ in zip(file, range(3 * settings.documents), strict=False)]
    encoded = [both for both in (encode_chat(lm.tokenizer, chat) for chat in chats) if len(both[0]) <= lm.context]
    for kind, wanted in (("instruct answer", 1), ("instruct prompt", 0)):
        rows = [
            {
                "input_ids": ids,
                "labels": [t if m == wanted else -100 for t, m in zip(ids, assistant_mask, strict=True)],
            }
            for ids, assistant_mask in encoded
        ]
        add(answers, lm, "chat", kind, rows, [0] * len(rows))
    return answers


def add(answers: Answers, lm: LanguageModel, condition: str, kind: str, rows: list[dict], sizes: list[int]) -> None:
    for place, ((nats, tokens), size) in enumerate(zip(lm.nats(rows), sizes, strict=True)):
        answers.rows.append(
            row(
                lm,
                condition,
                "loss_matrix",
                "nll",
                f"{kind}:{place}",
                nats,
                category=kind,
                n_tokens=tokens,
                meta={"bytes": size},
            )
        )


def texts_by_type(path: Path, count: int) -> dict[str, list[str]]:
    """The first `count` documents of each type in a split of the corpus."""
    found = defaultdict(list)
    with open(path, encoding="utf-8") as file:
        for line in file:
            document = json.loads(line)
            if len(found[document["type"]]) < count:
                found[document["type"]].append(document["text"])
    return dict(sorted(found.items()))
