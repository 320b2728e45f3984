"""The registry of questions: a folder and its name in the list are all that a new question needs."""

from pathlib import Path

import pytest

from eval import questions
from eval.entries import Entry
from eval.page.reading import Results
from eval.page.rows import by_row
from eval.report import contents, write_report
from eval.results import Row, write_rows
from eval.runner import ask_everything, ask_external
from eval.settings import CompareSettings

ASK = """
from eval.answers import Answers
from eval.results import Row


def ask(lm, world, settings):
    return Answers([Row(run_id="t", model=lm, stage=lm, seed=0, condition="raw", question="toy", metric="plays",
                        item_id="q", value=1.0)])


def ask_beside(lm, base, world, settings):
    return Answers([Row(run_id="t", model=lm, stage=lm, seed=0, condition="raw", question="toy", metric="beside",
                        item_id=base, value=0.0)])


ask_external = ask
"""
SHOW = """
from eval import figures
from eval.page.counting import asked
from eval.page.section import Section, picture


def section(results):
    rows = results.of("toy", metric="plays")
    if not rows:
        return None
    return Section(question="toy", row="Use cases", title="Does it play?", says="It plays.", n=asked(rows),
                   test="None.",
                   pictures=picture("toy", "Toys", figures.panel()[0]), how_to_read="Look.", pitfall="It may not.")
"""


@pytest.fixture
def toy(tmp_path, monkeypatch) -> None:
    """Two folders of which one has everything, the other nothing to ask."""
    for name, files in {"toy": {"ask": ASK, "show": SHOW}, "toy_text": {"ask": ASK + "OF_OUR_TEXT = True\n"}}.items():
        (tmp_path / name).mkdir()
        for file, text in files.items():
            (tmp_path / name / f"{file}.py").write_text(text)
    monkeypatch.setattr(questions, "__path__", [*questions.__path__, str(tmp_path)])
    monkeypatch.setattr(questions, "QUESTIONS", ("stopping", "toy", "toy_text"))
    monkeypatch.setattr(questions, "MECHANISM", ())


def asked(tmp_path, monkeypatch, own_alone: bool, external: bool = False) -> list[Row]:
    monkeypatch.setattr("eval.runner.opened", lambda entry, *how: entry.name)
    monkeypatch.setattr("eval.runner.is_own_alone", lambda corpus: own_alone)
    base = Entry("base", "t", "base", 0, tmp_path, "b")
    entries = [base, Entry("sft", "t", "sft", 0, tmp_path, "s", base)]
    settings = CompareSettings(workers=1, device="cpu")
    answers = ask_external(entries, settings) if external else ask_everything(entries, settings, {"corpus": tmp_path})
    return answers.rows


def test_a_new_question_is_asked_of_every_model_and_of_the_tuned_one_beside_its_base(toy, tmp_path, monkeypatch):
    rows = asked(tmp_path, monkeypatch, own_alone=True)
    assert [(row.model, row.metric, row.item_id) for row in rows] == [
        ("base", "plays", "q"),
        ("sft", "plays", "q"),
        ("sft", "beside", "base"),
    ]


def test_external_models_are_asked_what_a_question_has_for_them(toy, tmp_path, monkeypatch):
    rows = asked(tmp_path, monkeypatch, own_alone=False, external=True)
    assert [(row.model, row.metric) for row in rows] == [("base", "plays")] * 2 + [("sft", "plays")] * 2


def test_what_is_held_against_our_text_is_asked_where_it_was_read(toy, tmp_path, monkeypatch):
    assert len(asked(tmp_path, monkeypatch, own_alone=False)) == 6


def test_a_new_question_stands_in_the_contents_and_in_both_forms_of_the_report(toy, tmp_path, monkeypatch):
    write_rows(tmp_path / "results.csv", asked(tmp_path, monkeypatch, own_alone=True))
    html = write_report(tmp_path).read_text(encoding="utf-8")
    page = contents(Results([vars(row) for row in asked(tmp_path, monkeypatch, own_alone=True)]))
    assert [(row["name"], [one.title for one in row["sections"]]) for row in by_row(page)] == [
        ("Use cases", ["Does it play?"])
    ]
    assert 'id="question-toy"' in html
    assert "Does it play?" in (tmp_path / "report.md").read_text(encoding="utf-8")


def test_every_folder_is_a_question_and_every_question_has_something_to_show():
    folders = {path.parent.name for path in Path(questions.__file__).parent.glob("*/*.py")}
    assert folders == {*questions.QUESTIONS, *questions.MECHANISM} == set(questions.parts("show"))
