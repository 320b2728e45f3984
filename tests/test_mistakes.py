"""Whoever extends the world and makes a mistake gets one line: file, line, what is wrong, what to do."""

import re
import shutil
from pathlib import Path

import pytest

from configs.pipeline.errors import UserError
from data.synthetic import facts, relations
from data.synthetic.draw import Draw
from data.synthetic.facts import COLUMNS, TABLES, load_world
from data.synthetic.grammar import Phrase, beside, read_sections
from data.synthetic.mistakes import or_leave, raised_in, read_text
from data.synthetic.slots import Slots
from data.synthetic.tables import read_table, read_tables
from data.synthetic.writers import encyclopedia, story

HEADER = "name,country,population_millions\n"


def message(work, *arguments) -> str:
    with pytest.raises(UserError) as error:
        work(*arguments)
    assert "\n" not in str(error.value)
    return str(error.value)


# tables of facts


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (HEADER + "Lima,Peru\n", 2, "2 cells, but 3 columns (name, country, population_millions); an empty cell needs"),
        (HEADER + "Lima,Peru,11,big\n", 2, "4 cells, but 3 columns"),
        (HEADER + "Lima,Peru,11\n\nOslo,,1\n", 4, "country is empty; fill it, or take out the row"),
        (HEADER + ",Peru,11\n", 2, "name is empty"),
        (HEADER + "Lima,Peru,11\nOslo,Norway,1\nLima,Chile,7\n", 4, "Lima stands in line 2 already"),
        (HEADER + "Lima,Peru,eleven\n", 2, "population_millions is 'eleven'; write a whole number"),
        (HEADER + "Lima, Peru,11\n", 2, "country is ' Peru'; take out the spaces"),
        (HEADER + "São Paulo,Brazil,22\n", 2, "name is 'São Paulo'; write it with plain letters"),
        (HEADER + 'Lima,Peru,11\nOslo,"Norway,1\nRome,Italy,4\n', 3, "close the quotation mark"),
        ("name,contry,population_millions\n", 1, "unknown column 'contry'; did you mean country?; the columns are"),
        ("name,population_millions\n", 1, "column country stands there 0 times"),
        ("name,country,country,population_millions\n", 1, "column country stands there 2 times"),
        ("", 1, "column name stands there 0 times"),
    ],
)
def test_a_mistake_in_a_table_names_its_row(tmp_path, text, line, said):
    path = tmp_path / "cities.csv"
    path.write_text(text, encoding="utf-8")
    assert message(read_table, path, COLUMNS).startswith(f"{path}:{line}: ")
    assert said in message(read_table, path, COLUMNS)


def test_an_empty_cell_makes_no_fact_and_quotation_marks_are_read(tmp_path):
    path = tmp_path / "jobs.csv"
    path.write_text('job,tool,place,work\nspy,,"a dark, cold street",looks\n', encoding="utf-8-sig")
    (row,) = read_table(path, COLUMNS).values()
    assert row == {"job": "spy", "tool": "", "place": "a dark, cold street", "work": "looks"}


@pytest.fixture
def tables(tmp_path) -> Path:
    return Path(shutil.copytree(TABLES, tmp_path / "facts"))


@pytest.mark.parametrize(
    ("table", "row", "said"),
    [
        ("cities", "Lyon,Frence,2", "country is 'Frence'; it has to be one of countries.csv; did you mean France?"),
        ("calendar", "moth,13,Smarch", "kind is 'moth'; it has to be day or month"),
        ("planets", "Pluto,9,dwarf,248 years,ice,the last", "order is '9'; it has to be a number from 1 to 8"),
        ("planets", "Vulcan,1,dwarf,9 days,heat,the first", "1 stands in line 2 already"),
        ("opposites", "chilly,hot", "hot stands in line 2 already"),
    ],
)
def test_a_row_has_to_fit_the_others(tables, table, row, said):
    path = tables / f"{table}.csv"
    last = path.read_text().count("\n") + 1
    path.write_text(path.read_text() + row + "\n")
    assert message(read_tables, tables, COLUMNS).startswith(f"{path}:{last}: {said}")


def test_tables_and_columns_belong_together(tables):
    assert read_tables(tables, COLUMNS)["cities"] == load_world().table("cities")
    (tables / "rivers.csv").write_text("name,sea\nNile,Mediterranean\nVolga,Mediterranean\n")
    assert message(read_tables, tables, COLUMNS) == (
        f"{tables}/rivers.csv: nothing uses this table; name its columns in COLUMNS of data/synthetic/facts.py"
    )
    rivers = {"mouth": ("rivers", "name", "sea")}
    said = message(read_tables, tables, COLUMNS | rivers)
    assert "rivers.csv: column sea holds no two different answers, so mouth has no wrong one (a myth)" in said
    (tables / "rivers.csv").unlink()
    assert "rivers.csv: the table is missing" in message(read_tables, tables, COLUMNS | rivers)


def test_a_relation_needs_its_sayings(tables, monkeypatch):
    (tables / "rivers.csv").write_text("name,sea\nNile,Mediterranean\nVolga,Caspian\n")
    monkeypatch.setattr(facts, "TABLES", tables)
    monkeypatch.setitem(COLUMNS, "mouth", ("rivers", "name", "sea"))
    assert "nothing says mouth; add its sections to data/synthetic/templates.txt" in message(load_world.__wrapped__)


def test_a_bad_table_is_one_line_even_while_a_program_imports_it(tables, monkeypatch, capsys):
    (tables / "cities.csv").write_text(HEADER + "Lima,Peru\n")
    monkeypatch.setattr(facts, "TABLES", tables)
    with pytest.raises(SystemExit) as left:
        or_leave(load_world.__wrapped__)
    assert left.value.code == 2
    assert re.fullmatch(r"error: \S+cities.csv:2: 2 cells, .*\n", capsys.readouterr().err)


# phrases


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("# title\nA [song|tune\n", 2, "`[` is not closed, in 'A [song|tune'"),
        ("# title\nA song]\n", 2, "`]` closes nothing"),
        ("# title\nA song|A tune\n", 2, "`|` stands outside of brackets"),
        ("# title\nA {song\n", 2, "a brace is not closed"),
        ("# title\n{} sings\n", 2, "{} is no slot; write {name}, {Name}, {a name} or {A name}"),
        ("# title\n{the animal} sings\n", 2, "{the animal} is no slot"),
        ("# title\nA [song] for you\n", 2, "brackets hold two alternatives at least"),
        ("# title\nA song[|]\n", 2, "brackets hold two alternatives at least"),
        ("# title\nA [song||tune]\n", 2, "nothing stands between two bars; an empty alternative comes first or last"),
        ("#title\nA song\n", 1, "first of all a header is needed"),
        ("A song\n# title\n", 1, "first of all a header is needed"),
        ("# title\nA song\n\n# call\n\n# again\nOnce more\n", 4, "no phrase follows `# call`"),
    ],
)
def test_a_mistake_in_a_file_of_phrases_names_its_line(tmp_path, text, line, said):
    path = tmp_path / "song.txt"
    path.write_text(text)
    assert message(read_sections, path).startswith(f"{path}:{line}: {said}")


@pytest.mark.parametrize("text", ["[very |]old", "[|very ]old", "[|||very ]old", "[very |[ |]]old"])
def test_empty_alternatives_are_allowed_at_the_ends(text):
    drawn = {Phrase(text).write(Draw(0, index), {}).strip() for index in range(20)}
    assert drawn == {"old", "very old"}


@pytest.fixture
def song(tmp_path):
    path = tmp_path / "song.txt"
    path.write_text("# title\nThe {animal}\n\n# line\n{Anmal}, sing!\n")
    return read_sections(path)


def test_an_unknown_slot_and_an_unknown_section_are_named(song):
    scene = Slots(Draw(0, 0), load_world())
    said = "nothing fills {anmal}; did you mean animal?, in '{Anmal}, sing!'"
    assert message(song["line"][0].write, Draw(0, 0), scene) == f"{song.path}:5: {said}"
    assert message(song["line"][0].plain, {}) == f"{song.path}:5: {said}"
    said = "a writer asks for a section `# titel`, which is not here; is it `# title`?"
    assert message(lambda: song["titel"]) == f"{song.path}: {said}"


@pytest.mark.parametrize(
    ("line", "said"),
    [("make tea: Boil water.", "write `name = phrase`"), ("knit = Take wool.", "the name stands here twice")],
)
def test_a_mistake_in_a_section_of_entries_names_its_line(tmp_path, line, said):
    path = tmp_path / "howto.txt"
    path.write_text(f"# task\nknit = Take [wool|yarn].\n{line}\n")
    assert message(read_sections(path).entries, "task").startswith(f"{path}:3: {said}, in '{line}'")


def test_the_prose_of_a_module_stands_beside_it_and_a_mistake_ends_the_program(tmp_path, capsys):
    (tmp_path / "howto.txt").write_text("## help\n# task: knit\nTake wool.\nTake {what}.\n\n# wish\n[Please]\n")
    with pytest.raises(SystemExit):
        beside(str(tmp_path / "howto.py"))
    assert capsys.readouterr().err.startswith(f"error: {tmp_path}/howto.txt:7: brackets hold two alternatives")
    (tmp_path / "howto.txt").write_text("# task: knit\nTake wool.\n\n# wish\nPlease {do}.\n")
    prose = beside(str(tmp_path / "howto.py"))
    assert {name: [one.text for one in said] for name, said in prose.under("task: ").items()} == {
        "knit": ["Take wool."]
    }
    draw = Draw(0, 0)
    assert prose.write("wish", draw, {"do": "knit"}) == "Please knit."
    assert (draw.choices, draw.templates) == (0, [])  # of one phrase nothing is drawn, and no record names it


def test_a_phrase_within_a_program_leaves_its_place_to_python():
    with pytest.raises(ValueError, match=re.escape("`[` is not closed, in '[Hello'")):
        Phrase("[Hello")
    with pytest.raises(ValueError, match=re.escape("nothing fills {anmal}; did you mean animal?")):
        Phrase("{anmal}").write(Draw(0, 0), {"animal": "owl"})


def test_a_saying_has_no_alternatives():
    said = Phrase("[the|a] capital", where=(Path("templates.txt"), 7))
    assert message(said.plain, {}).startswith("templates.txt:7: no alternatives are drawn here; write each")


MOUTH = """## Where rivers end.
# mouth
the mouth of {subject} is in {object}

# mouth: questions
Where does {subject} end?

# mouth: held-out questions
Which water drinks {subject}?

# mouth: stock answer
the Styx
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("is in {object}", "is {object} itself", ":3: the first statement of a relation ends with its {object}"),
        ("# mouth: questions", "# mouth: question", ": a writer asks for a section `# mouth: questions`"),
        ("the Styx", "the Styx\nthe sea", ":13: a relation has one stock answer"),
        ("{subject} end", "{subject end", ":6: a brace is not closed"),
    ],
)
def test_a_mistake_in_a_relation_names_its_line(tmp_path, monkeypatch, old, new, said):
    def read(text: str):
        path.write_text(text)
        monkeypatch.setattr(relations, "TEMPLATES", read_sections(path))
        return relations.read_relation("mouth")

    path = tmp_path / "templates.txt"
    assert read(MOUTH).stem.text == "the mouth of {subject} is in"
    assert message(read, MOUTH.replace(old, new)).startswith(f"{path}{said}")


def test_what_a_slot_itself_misses_is_not_blamed_on_the_phrase(song):
    class Broken(dict):
        def __missing__(self, name):
            return {}["something else"]

    with pytest.raises(KeyError, match="something else"):
        song["line"][0].write(Draw(0, 0), Broken())


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("opning: legs @neutral", "write `# place: fact+fact @register`"),
        ("opening: leg @neutral", "unknown name leg; did you mean legs?"),
        ("compare: legs=other_leg", "unknown name other_leg; did you mean other_legs?"),
        ("closing: @childish", "unknown name @childish; did you mean @childlike?"),
    ],
)
def test_a_header_of_the_encyclopedia_has_to_be_asked_for(header, said):
    assert f"data/synthetic/phrases/animal.txt: `# {header}`" in message(encyclopedia._header, "animal", header)
    assert said in message(encyclopedia._header, "animal", header)


def test_a_story_goes_on_only_where_there_is_a_section(monkeypatch):
    monkeypatch.setattr(
        story, "_headers", lambda: {"lost": "lost -> serches, asks", "searches": "searches", "asks": "asks"}
    )
    said = "`# lost -> serches, asks`: there is no section serches; did you mean searches?"
    assert message(story._states.__wrapped__) == f"data/synthetic/phrases/story.txt: {said}"


def test_an_encoding_that_is_not_utf8_is_named(tmp_path):
    path = tmp_path / "song.txt"
    path.write_bytes(b"# title\nCaf\xe9\n")
    assert message(read_text, path) == f"{path}:2: not UTF-8; save the file with that encoding"


def test_an_error_without_words_is_told_too():
    assert str(raised_in(Path("/x.py"), AssertionError())) == "/x.py: AssertionError"
