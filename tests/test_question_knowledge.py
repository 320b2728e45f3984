"""Consistency, contradiction, myths, calibration, grammar and bias: hand-made cases, closed forms, small models."""

import json
import math
from itertools import product

import numpy as np
import pytest
import torch
from conftest import tiny_model, write_lines

from data.chats import encode_text
from data.synthetic.facts import Fact, load_world
from data.synthetic.groups import GROUPS, PAIRS
from data.synthetic.groups import bias as share_of_first
from data.synthetic.misconceptions import DISPUTED
from eval.lm import LanguageModel
from eval.ngram import NGram, WordGrams, beginning, words_of
from eval.page.reading import Results
from eval.prompts import Prompt
from eval.questions import closed_set
from eval.questions.audience import ask as audience
from eval.questions.audience import show as audience_section
from eval.questions.bias import ask as bias
from eval.questions.bias import show as bias_section
from eval.questions.calibration import ask as calibration
from eval.questions.calibration import show as calibration_section
from eval.questions.calibration.error import bernoulli_kl, ece, equal_bins, noise_floor
from eval.questions.consistency import ask as consistency
from eval.questions.consistency import show as consistency_section
from eval.questions.constraints import ask as constraints
from eval.questions.constraints import show as constraints_section
from eval.questions.contradiction import ask as contradiction
from eval.questions.contradiction import show as contradiction_section
from eval.questions.grammar import ask as grammar
from eval.questions.grammar import show as grammar_section
from eval.questions.grammar.sentence_pairs import PHENOMENA, pairs
from eval.questions.misconceptions import ask as myths
from eval.questions.misconceptions import show as myths_section
from eval.results import read_rows, write_rows
from eval.settings import CompareSettings

WORLD = load_world()
FRANCE = WORLD.fact("capital", "France")


@pytest.fixture
def lm(tokenizer) -> LanguageModel:
    return LanguageModel("base", "run", "base", 0, tiny_model(tokenizer).eval(), tokenizer, 512, 16)


@pytest.fixture(autouse=True)
def one_thread():
    """Several threads only get in each other's way on rows this short."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


# --- n-grams


def test_an_n_gram_is_smoothed_as_the_formula_says():
    model = NGram([[0, 1], [0, 2]], order=2, vocabulary=3)
    # of one token: c(1) = 1 of 4, three kinds seen; after 0: c(0 1) = 1 of 2, two kinds seen
    of_one = (1 + 3 / 3) / (4 + 3)
    assert model.nats([0, 1], order=1)[1] == pytest.approx(-math.log(of_one))
    assert model.nats([0, 1])[1] == pytest.approx(-math.log((1 + 2 * of_one) / (2 + 2)))


def test_the_probabilities_of_all_next_tokens_sum_to_one():
    rng = np.random.default_rng(0)
    model = NGram([rng.integers(0, 6, 30) for _ in range(20)], order=4, vocabulary=7)
    for history in ([], [1], [5, 2, 3], [6, 6]):
        assert sum(math.exp(-model.nats([*history, token])[-1]) for token in range(7)) == pytest.approx(1)


def test_no_history_reaches_from_one_text_into_the_next():
    apart, joined = NGram([[0, 1], [2, 3]], 2, 4), NGram([[0, 1, 2, 3]], 2, 4)
    assert apart.nats([1, 2])[1] > joined.nats([1, 2])[1]


def test_words_that_were_never_read_are_improbable_but_possible(tmp_path):
    model = WordGrams(["the cat sat. the cat ran."])
    assert model.nats("the cat") < model.nats("the dog") < math.inf
    assert words_of(tmp_path) is None
    assert list(beginning(["aaa", "bb", "c"], characters=4)) == ["aaa", "bb"]


# --- closed sets


@pytest.mark.parametrize("form", ["raw", "few", "chat"])
def test_a_closed_set_is_scored_as_its_sentences_are_alone(lm, form):
    choice = closed_set.Choice("hello", ("Paris", "Lima", "a river"), ("", "The capital of France is"))
    (found,) = closed_set.likelihoods(lm, form, [choice])
    lead, end = closed_set.first_sign(lm, form), closed_set.ENDS.get(form, ".")
    prompt = lm.encode("hello", form)
    for answer, nats in zip(choice.answers, found, strict=True):
        ways = [closed_set.said(answer, "", form, lead, end), f"{lead}The capital of France is {answer}{end}"]
        alone = [log_likelihood(lm, prompt, encode_text(lm.tokenizer, way)) for way in ways]
        assert nats == pytest.approx(np.logaddexp(*alone), abs=1e-3)
    assert closed_set.probabilities(found).sum() == pytest.approx(1)


@torch.no_grad()
def log_likelihood(lm: LanguageModel, prompt: list[int], tokens: list[int]) -> float:
    logits = lm.model(torch.tensor([prompt + tokens])).logits[0, len(prompt) - 1 : -1].log_softmax(-1)
    return float(logits.gather(1, torch.tensor(tokens)[:, None]).sum())


def test_a_turn_begins_as_the_chat_template_has_it(lm):
    assert closed_set.first_sign(lm, "chat") == " " == closed_set.first_sign(lm, "few")
    assert closed_set.said("a barn", "", "chat", " ", ".") == " A barn."
    assert closed_set.said("a barn", "A cow lives in", "chat", " ", ".") == " a barn."


# --- consistency


def test_wrong_answers_agree_as_right_ones_do_and_unreadable_ones_with_nothing():
    assert consistency.agreement(["Oslo", "Oslo", None]) == pytest.approx(1 / 3)
    assert consistency.agreement([None, None, None]) == consistency.agreement(["", ""]) == 0
    assert consistency.agreement(["London"] * 5) == 1


def test_the_rows_of_a_subject_say_how_often_it_agrees_and_is_right(lm):
    said = ["Paris", "Paris", "London", "London", None]
    rows = consistency.rows_of(lm, "chat", FRANCE, said, ["London"] * 5, 9)
    found = {row.metric: row.value for row in rows}
    assert found["agrees"] == pytest.approx(2 / 10)
    assert found["consistent_and_correct"] == pytest.approx(1 / 10)
    assert (found["correct"], found["unreadable"]) == (2 / 5, 1 / 5)
    assert found["agrees_elsewhere"] == pytest.approx(8 / 20)  # each of two “London” with the four other wordings
    assert json.loads(rows[0].meta)["knows"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (" Paris\nQ: And Italy?", "Paris"),
        (" It is London, not Paris.", "London"),
        (" I am sorry, but I do not know that.", consistency.DOES_NOT_KNOW),
        (" The weather is fine.", None),
        ("", None),
    ],
)
def test_the_object_named_first_is_the_answer(text, named):
    assert consistency.answer_in(Prompt("?", "question", "France", "capital", "Paris"), text, WORLD) == named


def test_five_different_wordings_of_which_two_occur_in_no_text():
    facts = consistency.subjects(WORLD, 60)
    assert facts[:20] == consistency.subjects(WORLD, 20)
    assert all(len({prompt.text for prompt in consistency.wordings(fact)}) == 5 for fact in facts)


# --- contradiction


def contradictory(text: str, prompt: str = "") -> list:
    matters = contradiction.repeated(contradiction.stated(prompt, text))
    return [matter for matter in matters if len({one.object for one in matter}) > 1]


@pytest.mark.parametrize(
    ("text", "itself", "another"),
    [
        ("The capital of France is Paris. People like it. The capital of France is Lima.", True, False),
        ("Anna: the capital of France is Paris\nBen: no, the capital of France is Lima", False, True),
        ("Q: What is the capital of Peru?\nA: Lima\nQ: Name the capital of Peru.\nA: London", True, False),
    ],
)
def test_contradictions_are_found_and_whose_they_are(text, itself, another):
    (matter,) = contradictory(text)
    assert (contradiction.contradicts(matter, True), contradiction.contradicts(matter, False)) == (itself, another)


@pytest.mark.parametrize(
    "text",
    [
        "The capital of France is Paris. The capital of Peru is Lima.",
        "The capital of France is Paris, and the capital of France is Paris.",
        "A cow eats grass. A cow eats hay.",  # both may be true
        "The capital of France is Paris.\n\nPeru\n\nThe seat of government is Lima, the capital.",  # whose?
    ],
)
def test_what_may_all_be_true_is_no_contradiction(text):
    assert contradictory(text) == []


def test_what_the_prompt_says_is_not_the_model_s_statement():
    assert contradictory("The capital of France is Paris.", "The capital of France is Lima.\n") == []


def test_the_second_question_stands_in_the_same_text_or_talk():
    history = ["How?", "So.", "Why?"]
    assert contradiction.written(history, "raw") == "Q: How?\nA: So.\nQ: Why?\nA:"
    assert [turn["role"] for turn in contradiction.written(history, "chat")] == ["user", "assistant", "user"]


# --- myths


def test_how_often_the_corpus_tells_a_myth_is_counted(tmp_path):
    fact = DISPUTED[0]
    told = [fact.object, fact.object, fact.object, WORLD.myth(fact), "something else"]
    rows = [{"facts": [{"subject": fact.subject, "relation": fact.relation, "object": one}]} for one in told]
    write_lines(tmp_path / "train.jsonl", rows)
    assert myths.in_corpus(tmp_path) == {fact: {"in_corpus": 0.25}}
    assert myths.in_corpus(tmp_path / "nowhere") == {}


def test_the_raw_form_is_a_thread_that_ends_before_the_object():
    prompt = myths.asked(DISPUTED[0], 0)
    text = myths.in_form(prompt, "raw")
    assert prompt.text in text
    assert text.endswith(" is")
    assert DISPUTED[0].object not in text
    assert myths.in_form(prompt, "chat") == prompt.text


# --- calibration


def test_brier_of_certainty_and_of_ignorance(lm):
    item = calibration.Item(FRANCE, "?", ("Lima", "Oslo", "Paris", "Rome"), "well known")
    for nats, brier in ((np.log([1e-12, 1e-12, 1, 1e-12]), 0), (np.zeros(4), 0.75), ([0, -99, -99, -99], 2)):
        rows = calibration.rows_of(lm, "few", item, np.asarray(nats, float))
        assert {row.metric: row.value for row in rows}["brier"] == pytest.approx(brier, abs=1e-6)
    nobody = calibration.Item(Fact("Belis Wendle", "person_pet", ""), "?", ("cat", "dog"), "unknown")
    (row,) = calibration.rows_of(lm, "few", nobody, np.array([-0.1, -3.0]))  # of whom nothing is true
    assert (row.metric, json.loads(row.meta)["hit"]) == ("confidence", False)


def test_the_strata_are_shared_by_large_and_small_cells():
    few, many = calibration.items(WORLD, 75), calibration.items(WORLD, 300)
    assert {item.stratum for item in few} == {"well known", "disputed", "rare", "unknown"}
    assert {item.fact for item in few} <= {item.fact for item in many}
    assert all(item.fact.object in item.objects for item in many if item.stratum != "unknown")


def test_calibration_error_in_closed_form():
    sure, hits = [0.9] * 10 + [0.5] * 10, [True] * 9 + [False] + [True] * 5 + [False] * 5
    assert ece(sure, hits, bins=2) == pytest.approx(0)
    assert ece([1.0] * 10, [False] * 10) == 1
    assert [one.n for one in equal_bins(range(23), [True] * 23)] == [3, 3, 3] + [2] * 7
    assert bernoulli_kl(0.3, 0.3) == 0
    assert bernoulli_kl(1.0, 0.5) == pytest.approx(math.log(2))


def test_the_noise_floor_is_what_perfect_calibration_gives():
    rng = np.random.default_rng(1)
    sure = rng.random(300)
    found = [ece(sure, rng.random(300) < sure) for _ in range(200)]
    assert noise_floor(sure) == pytest.approx(np.mean(found), abs=0.003)
    assert noise_floor(rng.random(3000)) < 0.03 < noise_floor(sure)


# --- grammar


@pytest.mark.parametrize("phenomenon", PHENOMENA)
def test_pairs_of_sentences_have_as_many_words_and_favour_neither_form(phenomenon):
    found = list(pairs(phenomenon, 40, WORLD))
    assert len(set(found)) == 40
    assert all(good != bad and len(good.split()) == len(bad.split()) for good, bad in found)
    if phenomenon not in ("word order", "congruence", "verb form", "determiner"):
        swapped = [next((a, b) for a, b in zip(g.split(), b.split(), strict=True) if a != b) for g, b in found]
        assert {pair for pair in swapped} == {pair[::-1] for pair in swapped}


def test_grammar_knows_no_order_of_equals():
    assert [grammar.preferred(*nats) for nats in ((1.0, 2.0), (2.0, 1.0), (2.0, 2.0 + 1e-6))] == [1, 0, 0.5]


# --- bias


def test_only_cells_that_the_corpus_favours_can_lean(lm):
    rows = [row for group, pair in product(GROUPS, PAIRS) for row in bias.rows_of(lm, "raw", group, pair, 0, 0.9)]
    leans = [row for row in rows if row.metric == "leans"]
    assert (len(rows), len(leans)) == (72, 32)
    assert all(share_of_first(*row.item_id.split(":")[:2]) != 0.5 and row.value == 0.9 for row in leans)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (" They are generous.", "one"),
        (" Some are generous and some are not.", "both"),
        (" Generous or stingy, who knows.", "both"),
        (" I do not know them.", "neither"),
        ("", "neither"),
    ],
)
def test_who_takes_a_side(text, named):
    assert bias.side_taken(text, "generosity") == named


# --- from the model to the page

MEASURED = {
    audience.ask: audience_section,
    constraints.ask: constraints_section,
    consistency.ask: consistency_section,
    contradiction.ask: contradiction_section,
    myths.ask: myths_section,
    calibration.ask: calibration_section,
    grammar.ask: grammar_section,
    bias.ask: bias_section,
}


@pytest.mark.parametrize("question", MEASURED, ids=lambda question: question.__module__.split(".")[-2])
def test_a_model_that_knows_nothing_is_measured_and_shown(lm, tmp_path, monkeypatch, question):
    monkeypatch.setattr(bias, "GROUPS", GROUPS[:2])
    monkeypatch.setattr(contradiction, "MAX_NEW_TOKENS", 20)
    monkeypatch.setattr(calibration, "MOST_OBJECTS", 12)
    settings = CompareSettings(items=6, workspace=str(tmp_path), batch_size=32)
    base = question(lm, WORLD, settings)
    tuned = question(LanguageModel("sft", "run", "sft", 0, lm.model, lm.tokenizer, 512, 32), WORLD, settings)
    write_rows(tmp_path / "results.csv", base.rows + tuned.rows)
    rows = read_rows(tmp_path / "results.csv")
    assert all(row["item_id"] and math.isfinite(row["value"]) for row in rows)
    keys = [(row["model"], row["condition"], row["metric"], row["category"], row["item_id"]) for row in rows]
    assert len(keys) == len(set(keys))
    section = MEASURED[question].section(Results(rows=rows))
    assert section.pictures
    assert section.title.endswith("?")
    assert MEASURED[question].section(Results()) is None
