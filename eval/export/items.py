"""What both programs are asked, as plain records; every item has an id.

facts     a sentence up to its object, and all objects of the same kind to choose from
grammar   a good and a bad sentence
text      held-out documents that fit into the context whole
"""

import json
from collections import defaultdict
from pathlib import Path

from data.chats import encode_text
from data.synthetic.facts import load_world, share
from data.synthetic.relations import stem
from eval.questions.grammar.sentence_pairs import PHENOMENA, pairs


def facts(of_each: int) -> list[dict]:
    """{id, relation, text, choices, answer: the place of the true one}, some facts of each relation."""
    world, found = load_world(), []
    for relation in world.relations:
        known = sorted(world.facts(relation), key=lambda fact: share(f"export/{fact.relation}/{fact.subject}"))
        choices = world.objects(relation)
        found += [
            {"id": f"{relation}:{fact.subject}", "relation": relation, "text": stem(fact), "choices": choices,
             "answer": choices.index(fact.object)}
            for fact in known[:of_each]
        ]  # fmt: skip
    return found


def grammar(of_each: int) -> list[dict]:
    """{id, phenomenon, choices: good and bad sentence, answer: 0}."""
    return [
        {"id": f"{name}:{good}|{bad}", "phenomenon": name, "choices": [good, bad], "answer": 0}
        for name in PHENOMENA
        for good, bad in pairs(name, of_each, load_world())
    ]


def text(corpus: Path, tokenizer, context: int, of_each: int) -> list[dict]:
    """{id, type, text}: the first documents of each type of the test split that the model reads in one piece."""
    found = defaultdict(list)
    with open(corpus / "test.jsonl", encoding="utf-8") as file:
        for line in file:
            document = json.loads(line)
            kind = document["type"]
            if len(found[kind]) < of_each and len(encode_text(tokenizer, document["text"])) < context:
                name = f"{kind}:{len(found[kind])}"
                found[kind].append({"id": name, "type": kind, "text": document["text"]})
    return [record for kind in sorted(found) for record in found[kind]]
