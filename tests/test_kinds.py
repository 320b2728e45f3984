"""Kinds of text: a line of shares.yaml and a file each; whoever adds one and makes a mistake gets one line."""

import re
import sys
from pathlib import Path

import pytest

from configs.pipeline.errors import UserError
from configs.pipeline.settings import read_settings
from data.synthetic import conversations, generate, kinds, writers
from data.synthetic.config import DOCUMENT_TYPES, Config, taken
from data.synthetic.conversations.config import Weights
from data.synthetic.conversations.generate import pairs
from data.synthetic.draw import Draw
from data.synthetic.facts import load_world
from data.synthetic.mistakes import or_leave

WEATHER = """'''Weather reports, 50 % of them true.'''

from data.synthetic.document import Document


def write(draw, world, config):
    return Document("Rain.", "weather")
"""
TOAST = """'''Toasts.'''

from data.synthetic.conversations.pair import pair


def write(draw, world):
    return pair("toast", "A toast!", "To us.")
"""


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A world of one kind of document and one of conversation."""
    monkeypatch.setattr(kinds, "FOLDER", tmp_path)
    monkeypatch.setattr(kinds, "SHARES", tmp_path / "shares.yaml")
    (tmp_path / "shares.yaml").write_text("documents:\n  weather: 0.02\nconversations:\n  toast: 3\n")
    for package, name, text in ((writers, "weather", WEATHER), (conversations, "toast", TOAST)):
        place = tmp_path / package.__name__.rpartition(".")[2]
        place.mkdir()
        (place / f"{name}.py").write_text(text)
        monkeypatch.setattr(package, "__path__", [str(place)])
    yield tmp_path
    for package, name in ((writers, "weather"), (conversations, "toast")):
        sys.modules.pop(f"{package.__name__}.{name}", None)
        vars(package).pop(name, None)


kinds_of = kinds.kinds_of.__wrapped__  # not from the cache, which holds the real world


def message(work, *arguments) -> str:
    with pytest.raises(UserError) as error:
        work(*arguments)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_kind_is_a_line_and_a_file(folder):
    (weather,) = kinds_of("documents").values()
    assert (weather.share, weather.help) == (0.02, "Weather reports, 50 % of them true.")
    assert weather.write(Draw(0, 0), load_world(), Config()).text == "Rain."
    (toast,) = kinds_of("conversations").values()
    assert toast.write(Draw(0, 0), load_world()).messages[-1]["content"] == "To us."


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("weather: 0.02", "weather: 2 %", "documents: weather: '2 %'; give its relative share, for example 0.02"),
        ("weather: 0.02", "weather: -1", "documents: weather: -1; give"),
        ("weather: 0.02", "weather: .nan", "documents: weather: nan; give"),
        ("weather: 0.02", "weather: yes", "documents: weather: True; give"),
        ("weather: 0.02", "weather:", "documents: weather: None; give"),
        ("weather: 0.02", "wether: 0.02", "documents: wether: there is no "),
        ("weather: 0.02", "my-weather: 1", "documents: my-weather: the name of a kind is a setting, so it has to be"),
        ("weather: 0.02", "Weather: 1", "documents: Weather: the name of a kind"),
        ("weather: 0.02", "2weather: 1", "documents: 2weather: the name of a kind"),
        ("weather: 0.02", "class: 1", "documents: class: the name of a kind"),
        ("weather: 0.02", "weather: 1\n  weather: 2", "not valid YAML: "),
        ("documents:", "documents: [", "not valid YAML: "),
        ("documents:", "pages:", "expected `documents:` and under it lines of the form `kind: share`"),
    ],
)
def test_a_bad_line_of_the_shares_is_named(folder, old, new, said):
    shares = folder / "shares.yaml"
    shares.write_text(shares.read_text().replace(old, new))
    assert message(kinds_of, "documents").startswith(f"{shares}: {said}")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("'''Weather reports, 50 % of them true.'''", "", ": has no docstring; its first line explains the setting"),
        ("'''Weather reports, 50 % of them true.'''", "''' '''", ": has no docstring"),
        ("def write(", "def writes(", ": has no function write(draw, world, config)"),
        ("draw, world, config", "draw, world", ": its function is write(draw, world); it is called as write(draw, wor"),
        ("def write(", "SOME = 1 +\n\n\ndef write(", ":6: SyntaxError: invalid syntax"),
        ("def write(", "SOME = OTHER\n\n\ndef write(", ":6: NameError: name 'OTHER' is not defined"),
        ("synthetic.document", "synthetic.documents", ":3: ModuleNotFoundError: No module named"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_named_with_its_line(folder, old, new, said):
    path = folder / "writers" / "weather.py"
    path.write_text(WEATHER.replace(old, new))
    assert message(kinds_of, "documents").startswith(f"{path}{said}")


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        ('Document("Rain.", "songs")', "write returned a text of the kind 'songs'; the kind is the name of the file"),
        ('"Rain."', "write returned str; the kind is"),
        ("None", "write returned NoneType; the kind is"),
        ('Document(" ", "weather")', "write returned a document without text"),
        ('Document(None, "weather")', "write returned a document without text"),
    ],
)
def test_a_text_is_of_the_kind_of_its_file_and_not_empty(folder, returned, said):
    (folder / "writers" / "weather.py").write_text(WEATHER.replace('Document("Rain.", "weather")', returned))
    weather = kinds_of("documents")["weather"]
    assert message(weather.write, Draw(0, 0), load_world(), Config()).startswith(f"{folder}/writers/weather.py: {said}")


def test_a_conversation_is_held_to_the_same(folder):
    (folder / "conversations" / "toast.py").write_text(TOAST.replace('pair("toast"', 'pair("cheers"'))
    said = message(kinds_of("conversations")["toast"].write, Draw(0, 0), load_world())
    assert said.startswith(f"{folder}/conversations/toast.py: write returned a text of the kind 'cheers'")


def test_a_writer_that_raises_names_its_line_and_the_document(folder, monkeypatch):
    path = folder / "writers" / "weather.py"
    path.write_text(WEATHER.replace('"Rain."', 'world.fact("capital", "Atlantis").object'))
    monkeypatch.setattr(generate, "WRITE", (kinds_of("documents")["weather"].write,))
    monkeypatch.setattr(Config, "shares", lambda self: [1.0])
    said = message(generate.write_document, 3, 17, Config())
    assert said.startswith(f"{path}:7: KeyError: ('capital', 'Atlantis') (in data/synthetic/facts.py:")
    assert said.endswith("(document 17; with the same config again: python -m data.synthetic.show --seed 3 --index 17)")


@pytest.mark.parametrize(
    "name", ["rude_share", "megabytes", "seed", "run", "index", "config", "shares", "instructions", "own"]
)
def test_no_kind_has_the_name_of_another_setting(monkeypatch, name):
    kinds.refuse_taken("documents", taken())
    monkeypatch.setattr(kinds, "kinds_of", lambda group: (*DOCUMENT_TYPES, name))
    said = message(kinds.refuse_taken, "documents", taken())
    assert said == (
        f"data/synthetic/writers/{name}.py: something else has the name {name};"
        " rename the file, and its line in shares.yaml"
    )


def test_a_percent_sign_in_the_first_line_of_a_writer_does_not_break_the_help(folder, monkeypatch, capsys):
    monkeypatch.setattr(kinds, "kinds_of", kinds_of)
    with pytest.raises(SystemExit):
        read_settings([kinds.settings_class("Shares", "documents")], argv=["--help"])
    assert "Weather reports, 50 % of them true." in " ".join(capsys.readouterr().out.split())


def test_a_bad_kind_is_one_line_before_a_program_has_begun(folder, capsys):
    (folder / "writers" / "weather.py").unlink()
    with pytest.raises(SystemExit) as left:
        or_leave(kinds_of, "documents")
    assert left.value.code == 2
    error = capsys.readouterr().err
    assert re.fullmatch(r"error: .*weather: there is no .*weather.py; write it, or remove the line\n", error)


def test_shares_of_pairs_are_settings():
    only = Weights(**{name: float(name == "story") for name in kinds.kinds_of("conversations")})
    assert {pair.kind for pair in pairs(0, 20, only)} == {"story"}
    with pytest.raises(UserError, match="every share of the conversations is 0, so there is nothing to write"):
        Weights(**dict.fromkeys(kinds.kinds_of("conversations"), 0.0))
