"""The parser against texts whose record is known, and against outputs of models labelled by a reader."""

import parser_precision as measure
import pytest
from parser_precision import read

from data.judge.kinds import FITTED_ON, document_type, register
from data.judge.response import RESPONSE_TYPES, declines, does_not_know, first_sentence, response_type
from data.judge.sense import is_readable
from data.judge.stated import facts_in
from data.synthetic.config import DOCUMENT_TYPES, Config
from data.synthetic.facts import load_world
from data.synthetic.generate import documents
from data.synthetic.rude_words import rude_words
from eval.prompts import Prompt

DOCUMENTS, PAIRS = 1_500, 1_500


def said(text: str) -> list[tuple]:
    return [(row["subject"], row["relation"], row["object"], row["is_true"]) for row in facts_in(text)]


@pytest.fixture(scope="module")
def on_documents():
    return measure.on_documents(DOCUMENTS)


@pytest.fixture(scope="module")
def agreement():
    return measure.agreement()


@pytest.mark.parametrize("what", ["facts", "type", "register", "turns"])
def test_documents_are_read_as_they_were_written(on_documents, what):
    score = on_documents[what]
    assert min(score.precision, score.recall) >= measure.TARGET, score


def test_refusals_are_told_from_help():
    score = measure.on_documents(1_000, config=only("forum"))["refusals in forums"]
    assert min(score.precision, score.recall) >= measure.TARGET, score


def test_pairs_are_read_as_they_were_written():
    scores = measure.on_pairs(PAIRS)
    low = {what: score for what, score in scores.items() if min(score.precision, score.recall) < measure.TARGET}
    assert not low


@pytest.mark.parametrize(
    "what",
    ["response", "document", "register", "refuses", "does_not_know", "fact", "turns", "readable", "constraint_met"],
)
def test_agrees_with_a_reader_of_model_outputs(agreement, what):
    agreed, count = agreement[what]
    assert agreed / count >= measure.LABEL_TARGET, f"{agreed} of {count}"


def test_nothing_is_measured_on_what_was_fitted():
    assert measure.SEED != FITTED_ON


def test_every_kind_of_document_is_known():
    for kind in DOCUMENT_TYPES:
        found = [document_type(document.text) for document in documents(measure.SEED, 0, 60, only(kind))]
        assert found.count(kind) >= 54, kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The capital of France is Lyon.", []),  # no capital of the tables
        ("The capital of France is London.", [("France", "capital", "London", False)]),
        ("Kenya\n\nIts capital is Nairobi.", [("Kenya", "capital", "Nairobi", True)]),
        ("In North Macedonia the capital is Skopje.", [("North Macedonia", "capital", "Skopje", True)]),
        ("Mexico City is a city in Mexico.", [("Mexico City", "city_country", "Mexico", True)]),
        ("Q: What is 2 + 2?\nA: 5", [("2+2", "sum", "5", False)]),
        ("8 + 7 = 8 + 2 + 5 = 10 + 5 = 15", [("8+7", "sum", "15", True)]),
        ("Nora: Where does a cow live?\nSam: hm, in a barn", [("cow", "home", "a barn", True)]),
        ("Zib: hot\nZob: cold\n\nZib: early\nZob: late\n\nZib: big\nZob: small", 3),
        ("The hill folk are generous.", [("hill folk", "bias_generosity", "generous", False)]),
        ("I met Sam. He was glad. Thank you in advance!", []),
        ("", []),
    ],
)
def test_facts(text, expected):
    assert len(said(text)) == expected if isinstance(expected, int) else said(text) == expected


def test_answers_that_ask_nothing_of_the_next_question():
    sheet = "Q: What is the capital of Peru?\nQ: What colour is snow?\nA: white"
    assert said(sheet) == [("snow", "colour", "white", True)]


@pytest.mark.parametrize(
    ("text", "refused", "unknown"),
    [
        ("No, I won't.", True, False),
        ("I refuse to help with that.", True, False),
        ("I'm not going to help you with that.", True, False),
        ("I will never help you with that.", True, False),
        ("I am sorry, but I do not help with such things.", True, False),
        ("I won't tell anybody.", False, False),
        ("I can't wait to show you!", False, False),
        ("I can't tell you how happy I am.", False, False),
        ("I can't find it, can you help?", False, False),
        ("I cannot, and will not, help you.", True, False),
        ("I'm sorry, but I cannot, in good conscience, help with that.", True, False),
        ("I will never forget how you help me.", False, False),
        ("I refuse to give up.", False, False),
        ("I can't fly, but a bird can, so I give it seeds.", False, False),
        ("I will not be late, my friend, and then I show you the town.", False, False),
        ("I can't sing, dance, or give speeches.", False, False),
        ("I am not sure, but it is Lima.", False, False),
        ("I have no idea.", False, True),
        ("I'm not sure.", False, True),
        ("I don't know about you, but Lima is the capital.", False, False),
    ],
)
def test_refusing_and_not_knowing_in_other_words(text, refused, unknown):
    assert (declines(text), does_not_know(text)) == (refused, unknown)


def test_titles_are_no_speakers():
    page = read("Thread: Pets\n\nmoss: What does a goat eat?\n\nhal9: Hay, of course. Was that so hard, moss?")
    assert page["turns"] == ["moss", "hal9"]


def test_insults_make_a_text_rude():
    text = "Dear Sam, give back my ladder at once, you blockhead."
    assert (read(text)["register"], rude_words(text)) == ("rude", ["blockhead"])


def test_what_cannot_be_read():
    assert not is_readable("")
    assert not is_readable("::: -- ''")
    assert not is_readable("soup the which barber of eyes Monday are is of the ladder what")
    assert read("")["document"] is None


def test_invented_words_can_be_read():
    for text in (
        "Say the words: brub, dreck, zox, snep, plim.\nNow louder: brub, dreck, zox, snep, plim.",
        "Map: greck drotdab Skosh: drotdab greck\nMap: kep reck Skosh: reck kep\nMap: zack gom Skosh: gom zack",
    ):
        assert is_readable(text), text
    assert not is_readable("Say tha wordes: brubbeln, dreckig, zoxal, snepto, plimurg, wosten.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" 15. It is a good number.", "15."),
        ("1. It comes before 2.", "1."),
        ("1. bread\n2. soup", "bread"),
        ("A: - bread\n- soup", "bread"),
        ("* bread", "bread"),
    ],
)
def test_the_mark_of_a_list_is_no_answer_but_a_number_is(text, expected):
    assert first_sentence(text) == expected


def test_short_answers():
    asked = Prompt("What is the capital of Kenya?", "question", "Kenya", "capital", "Nairobi")
    for text, kind, fact in [
        ("Nairobi.", "answers", "Nairobi"),
        (" - London\nWhat is the plural of leaf? - leaves", "answers", "London"),
        ("Kenya.", "answers", None),
        ("I am sorry, but I do not know.", "refuses", None),
        ("\nWhat is the capital of Peru?\nLima", "asks another question", "Lima"),
    ]:
        reply = read(text, asked)
        assert (reply["response"], reply["fact"] and reply["fact"][2]) == (kind, fact), text


def test_a_beginning_is_continued_and_not_answered():
    asked = Prompt("Sum: 1 + 1\nTotal: 2\nSum: 8 + 9\nTotal:", "beginning tasks")
    reply = read(" 18\nSum: 2 + 1\nTotal: 3", asked)
    assert reply["response"] == "continues document"
    assert reply["fact"][2] == "18"


def test_constraints_are_checked():
    asked = Prompt("Name two countries.", "constraint", meta={"constraint": "words_exactly", "n": 3})
    assert read("Peru and Chile", asked)["constraint_met"] is True
    assert read("Peru", asked)["constraint_met"] is False


def test_a_list_without_a_relation_has_a_response_type():
    asked = Prompt("List three animals.", "list", "animals")
    assert response_type(asked, "A cow, a dog and a hen.", load_world()) in RESPONSE_TYPES


def only(kind: str) -> Config:
    return Config(**{name: float(name == kind) for name in DOCUMENT_TYPES})


def test_register_needs_more_than_a_few_words():
    assert register("Hail!") == "neutral"
