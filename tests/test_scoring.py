"""Branches scored in one pass against plain passes; the questions that use them against hand-made models."""

import math

import pytest
import torch
from conftest import tiny_model

from data.chats import encode_text
from data.synthetic.facts import load_world
from eval.lm import LanguageModel
from eval.questions.task_patterns import ask as task_patterns
from eval.questions.wrong_answers import ask as wrong_answers
from eval.scoring import Branch, Tree, score

WORLD = load_world()


@pytest.fixture(params=["llama", "gpt2", "qwen3", "lfm2"])
def door(tokenizer, request):
    model = tiny_model(tokenizer, request.param).eval()
    return LanguageModel("base", "run", "base", 0, model, tokenizer, tokenizer.model_max_length, 4)


def plain_nats(door, ids: list[int]) -> torch.Tensor:
    logits = door.model(torch.tensor([ids])).logits[0, :-1].log_softmax(-1)
    return -logits.gather(1, torch.tensor(ids[1:])[:, None])[:, 0]


def test_a_branch_is_scored_as_if_it_stood_alone_after_its_part_of_the_path(door):
    path = [2, *encode_text(door.tokenizer, "The capital of France is Paris.")]
    branches = [Branch(4, [7, 8, 9]), Branch(len(path), [5]), Branch(1, [6, 6])]
    long, short = score(door, [Tree(path, branches), Tree(path[:3])])
    for branch, found in zip(branches, long.branches, strict=True):
        alone = plain_nats(door, path[: branch.start] + branch.tokens)[branch.start - 1 :].sum()
        assert found == pytest.approx(float(alone.detach()), abs=1e-4)
    assert long.nats == pytest.approx(plain_nats(door, path).tolist(), abs=1e-4)
    assert short.nats == pytest.approx(long.nats[:2], abs=1e-4)


def test_likeliest_is_what_greedy_decoding_writes(door):
    start = [2, *encode_text(door.tokenizer, "The capital")]
    written = door.model.generate(
        torch.tensor([start]), attention_mask=torch.ones(1, len(start)), max_new_tokens=3, do_sample=False,
        eos_token_id=None, pad_token_id=1,
    )[0].tolist()  # fmt: skip
    assert score(door, [Tree(written)])[0].span(len(start), len(start) + 3)[1]
    other = written[:-1] + [5 if written[-1] != 5 else 6]
    assert not score(door, [Tree(other)])[0].span(len(start), len(start) + 3)[1]


def test_no_answer_of_a_sheet_can_be_copied_from_another_question():
    for sheet in wrong_answers.sheets(WORLD, 20):
        assert len({item.fact.relation for item in sheet}) == wrong_answers.LENGTH
        said = [answer for item in sheet for answer in {*item.candidates, item.said_wrong}]
        assert len(said) == len(set(said))
        assert all(item.said_wrong != item.fact.object == item.candidates[0] for item in sheet)


def test_a_uniform_reader_believes_every_candidate_alike():
    sheet = wrong_answers.sheets(WORLD, 1)[0]
    nats = [1.0] * sum(3 * len(item.candidates) for item in sheet)
    assert wrong_answers.shares(nats, sheet) == pytest.approx([1 / len(item.candidates) for item in sheet])
    nats[0:3] = [1.0 + math.log(2)] * 3  # the truth of the first question half as probable as each other answer
    others = len(sheet[0].candidates) - 1
    assert wrong_answers.shares(nats, sheet)[0] == pytest.approx(0.5 / (0.5 + others))


def test_sheet_and_history_hold_the_same_answers(door):
    sheet = wrong_answers.sheets(WORLD, 1)[0][:2]
    for grow in (wrong_answers.sheet_tree, wrong_answers.history_tree):
        right, wrong = (door.tokenizer.decode(grow(door, sheet, category).path).lower() for category in (False, True))
        for item in sheet:
            for text, said in ((right, item.fact.object), (wrong, item.said_wrong)):
                assert item.asked.lower() in text
                assert said.lower() in text
        tree = grow(door, sheet, False)
        first = door.tokenizer.decode(tree.path[: tree.branches[0].start] + tree.branches[0].tokens)
        assert first.rstrip().removesuffix("<|endoftext|>").endswith(sheet[0].fact.object)


def test_a_task_list_is_laid_out_as_the_corpus_writes_it(door):
    tasks = task_patterns.TaskList("opposite", "native", "seen", 0, [("hot", "cold"), ("in", "out")])
    ids, spans = task_patterns.lay_out(door, tasks)
    assert door.tokenizer.decode(ids[1:]) == "Task: hot\nExecution: cold\n\nTask: in\nExecution: out\n"
    read = [(metric, k, door.tokenizer.decode(ids[start:stop])) for metric, k, start, stop in spans]
    assert read == [
        ("header", 0, "\nExecution:"), ("exact", 0, " cold\n"),
        ("continues", 1, "\nTask:"), ("header", 1, "\nExecution:"), ("exact", 1, " out\n"),
    ]  # fmt: skip


def test_shuffled_lists_keep_every_answer_but_its_own_place():
    lists = task_patterns.task_lists(WORLD, 1)
    native = {(each.task, each.operands): each.items for each in lists if each.category == "native"}
    for each in lists:
        if each.category == "shuffled":
            items = native[each.task, each.operands]
            assert sorted(result for _, result in each.items) == sorted(result for _, result in items)
            assert [given for given, _ in each.items] == [given for given, _ in items]
            assert each.items != items
