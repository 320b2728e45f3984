"""The user's own files: every form and outline of the field is taken, every kind of damage named by file and row."""

import codecs
import csv
import gzip
import io
import json
import os

import pytest
from conftest import SHARED, write_lines
from hypothesis import given, settings
from hypothesis import strategies as st

from configs.pipeline.errors import UserError
from data.corpus import place_of, sources
from data.settings import CorpusSettings
from data.sources.files import TABLES, TEXTS, choose_files
from data.sources.reading import Reading, boundary, read_pairs, read_texts
from data.synthetic.config import Config


def texts(path, column="text", characters=1000, **how) -> list[str]:
    return list(read_texts(Reading(str(path), "corpus", **how), column, characters))


def pairs(path, **how) -> list:
    return [row["messages"] for row in read_pairs(Reading(str(path), "pairs", **how))]


def said(question="Hi", answer="Hello") -> list[dict]:
    return [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]


PAIR = said()
SYSTEM = {"role": "system", "content": "Be brief."}


# --- which files


def test_text_comes_from_every_kind_of_file(tmp_path):
    from datasets import Dataset

    (tmp_path / "a.txt").write_text("one paragraph")
    write_lines(tmp_path / "b.jsonl", [{"text": "two"}, {"text": "three"}])
    (tmp_path / "c.json").write_text(json.dumps([{"text": "four"}]))
    Dataset.from_list([{"text": "five"}]).to_parquet(tmp_path / "d.parquet")
    (tmp_path / "e.md").write_text("# six")
    (tmp_path / "f.csv").write_text('text,by\n"seven, or so",me\n')
    (tmp_path / "g.tsv").write_text("by\ttext\nme\teight\n")
    (tmp_path / "h.txt.gz").write_bytes(gzip.compress(b"nine", mtime=0))
    assert texts(tmp_path) == [
        "one paragraph",
        "two",
        "three",
        "four",
        "five",
        "# six",
        "seven, or so",
        "eight",
        "nine",
    ]
    assert texts(tmp_path / "d.parquet") == ["five"]


def test_what_a_folder_holds_and_what_of_it_is_left_out_is_said(tmp_path, capsys):
    for name in ("train.txt", "notes/one.md", "test.txt", "._train.txt", ".git/log.txt", "cover.jpg", "empty.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("" if name == "empty.txt" else f"text of {name}")
    os.symlink(tmp_path / "train.txt", tmp_path / "train-again.txt")
    os.symlink(tmp_path / "nowhere.txt", tmp_path / "lost.txt")
    assert texts(tmp_path) == ["text of notes/one.md", "text of train.txt"] or texts(tmp_path) == [
        "text of notes/one.md",
        "text of train-again.txt",
    ]
    told = capsys.readouterr().out.splitlines()[0]
    assert told.startswith(f"{tmp_path}: read 2 files (.md 1, .txt 1); left out ")
    for part in (
        "2 hidden (._train.txt, .git/log.txt)",
        "1 of another kind than",
        "1 set aside for tests by their name (test.txt)",
        "1 second names of a file",
        "1 links that lead nowhere (lost.txt)",
        "1 empty (empty.txt)",
    ):
        assert part in told


def test_a_file_named_test_is_a_text_where_none_is_named_train(tmp_path):
    (tmp_path / "test.md").write_text("a note on tests")
    assert texts(tmp_path) == ["a note on tests"]


def test_the_page_about_a_table_is_no_text(tmp_path):
    (tmp_path / "README.md").write_text("# A data set")
    write_lines(tmp_path / "rows.jsonl", [{"text": "one"}])
    assert texts(tmp_path) == ["one"]


def test_a_source_that_does_not_exist_is_no_hub_name_unless_online(tmp_path, monkeypatch):
    monkeypatch.delenv("ONLINE", raising=False)
    with pytest.raises(UserError, match="no such file or folder .*ONLINE=1"):
        texts(tmp_path / "roneneldan" / "TinyStories")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="the folder holds no"):
        texts(tmp_path / "empty")
    (tmp_path / "empty" / "a.pdf").write_text("x")
    with pytest.raises(UserError, match=r"the folder holds no .*; it holds 1 of another kind than .* \(a.pdf\)"):
        texts(tmp_path / "empty")
    (tmp_path / "book.pdf").write_text("x")
    with pytest.raises(UserError, match=r"\.pdf is not read"):
        texts(tmp_path / "book.pdf")
    os.symlink(tmp_path / "gone.txt", tmp_path / "link.txt")
    with pytest.raises(UserError, match="a link that leads nowhere"):
        texts(tmp_path / "link.txt")
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(UserError, match="a.txt: pairs come as .jsonl"):
        pairs(tmp_path / "a.txt")


def test_the_identity_of_a_source_is_the_content_of_what_is_read(tmp_path):
    (tmp_path / "a.txt").write_text("one")
    first = choose_files(str(tmp_path), TEXTS + TABLES).hashes()
    (tmp_path / ".hidden.txt").write_text("two")
    assert choose_files(str(tmp_path), TEXTS + TABLES).hashes() == first
    (tmp_path / "a.txt").write_text("three")
    assert choose_files(str(tmp_path), TEXTS + TABLES).hashes() != first


# --- bytes to text

MARKED = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
]


@pytest.mark.parametrize(("mark", "encoding"), MARKED, ids=[name for _, name in MARKED])
def test_a_byte_order_mark_says_how_a_file_is_read(tmp_path, mark, encoding):
    (tmp_path / "a.txt").write_bytes(mark + "café “two”".encode(encoding))
    (tmp_path / "b.jsonl").write_bytes(mark + '{"text": "café"}\n{"text": "“two”"}\n'.encode(encoding))
    (tmp_path / "c.csv").write_bytes(mark + "text\ncafé\n".encode(encoding))
    assert texts(tmp_path) == ["café “two”", "café", "“two”", "café"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_there_is_one_line_end_inside_whatever_stands_outside(tmp_path, end):
    (tmp_path / "a.txt").write_bytes(end.join(["one", "two", "", "three"]).encode())
    write_lines(tmp_path / "b.jsonl", [{"text": end.join(["one", "two"])}])
    assert texts(tmp_path) == ["one\ntwo\n\nthree", "one\ntwo"]
    write_lines(tmp_path / "c.jsonl", [{"prompt": "Hi", "completion": f"a{end}b"}])
    assert pairs(tmp_path / "c.jsonl") == [said("Hi", "a\nb")]


# text, encoding, what is said of it
FOREIGN = [
    ("He said “hello” and left. " * 40, "cp1252", "as windows-1252 it reads “st. He said “hello"),
    ("Где книга? Она в школе. " * 40, "koi8-r", "as koi8-r it reads “ords first. Где книга"),
    ("今天天气很好,我们去公园散步。" * 40, "gbk", "as gb18030 it reads “ords first. 今天天气"),
    ("今日はとても良い天気です。" * 40, "shift_jis", "as shift_jis it reads “ords first. 今日はとても"),
]


@pytest.mark.parametrize(("text", "encoding", "message"), FOREIGN, ids=[name for _, name, _ in FOREIGN])
def test_an_encoding_is_named_only_if_it_fits_and_then_it_is_taken(tmp_path, text, encoding, message):
    (tmp_path / "a.txt").write_bytes(("Plain words first. " + text).encode(encoding))
    with pytest.raises(UserError, match="not UTF-8 at byte") as error:
        texts(tmp_path / "a.txt")
    assert message in str(error.value)
    assert "latin1" not in str(error.value)
    named = str(error.value).split("--encoding ")[1].split()[0]
    assert "".join(texts(tmp_path / "a.txt", encoding=named)).rstrip().endswith(text.strip()[-20:])


def test_an_encoding_that_nobody_knows_is_said_to_be_that(tmp_path):
    (tmp_path / "a.txt").write_bytes(bytes(range(128, 256)) * 40)
    with pytest.raises(UserError, match="its encoding is not known; ask whoever made it, or look with `file -i a.txt`"):
        texts(tmp_path / "a.txt")
    with pytest.raises(UserError, match="nothing is known by the name 'klingon'"):
        texts(tmp_path / "a.txt", encoding="klingon")


def test_the_place_of_a_fault_is_right_beyond_the_first_piece(tmp_path):
    (tmp_path / "a.txt").write_bytes(("é" * 1_500_000).encode() + b"\xe9 et cetera, voil\xe0 tout. " * 30)
    with pytest.raises(UserError, match="not UTF-8 at byte 3000000"):
        texts(tmp_path / "a.txt")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"   \n \n", "is empty"),
        (b"abc\0def", r"looks binary \(byte 3 is zero\)"),
        ("Without a mark.".encode("utf-16-le"), "UTF-16 without a mark; pass --encoding utf-16-le"),
        ("Without a mark.".encode("utf-16-be"), "UTF-16 without a mark; pass --encoding utf-16-be"),
        (codecs.BOM_UTF16_LE + b"a\0b", "is not UTF-16 throughout"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a Git LFS pointer.*git lfs pull"),
        (b"PK\x03\x04rest", "a ZIP archive"),
        (b"%PDF-1.7", "a PDF"),
        (b"SQLite format 3\0", "an SQLite database"),
        (gzip.compress(b"a text " * 1000, mtime=0)[:30], "cannot be unpacked"),
        (gzip.compress(b"%PDF-1.7", mtime=0), "a PDF"),
    ],
)
def test_a_text_file_that_is_no_text_is_named(tmp_path, content, message):
    (tmp_path / "my text.txt").write_bytes(content)
    with pytest.raises(UserError, match=message) as error:
        texts(tmp_path / "my text.txt")
    assert "my text.txt" in str(error.value)


# --- files to rows

ROWS = [{"text": "one"}, {"text": "two"}]
OUTLINES = {
    "an object a line": '{"text": "one"}\n\n{"text": "two"}\n',
    "objects over several lines": "\n".join(json.dumps(row, indent=2) for row in ROWS),
    "objects in one line": '{"text": "one"} {"text": "two"}',
    "an array": json.dumps(ROWS),
    "an array over several lines": json.dumps(ROWS, indent=1),
    "an array, an object a line": '[\n{"text": "one"},\n{"text": "two"}\n]\n',
    "rows inside an object": json.dumps({"version": "1.0", "data": ROWS}),
    "rows inside an object over several lines": json.dumps({"version": "1.0", "data": ROWS}, indent=2),
    "columns": json.dumps({"text": ["one", "two"], "by": [1, 2]}),
    "columns as pandas writes them": json.dumps({"text": {"0": "one", "1": "two"}}),
    "texts": json.dumps(["one", "two"]),
    "a text a line": '"one"\n"two"\n',
    "old line ends": '{"text": "one"}\r{"text": "two"}\r',
}


@pytest.mark.parametrize("ending", [".jsonl", ".json"])
@pytest.mark.parametrize("outline", OUTLINES)
def test_every_outline_of_json_is_read_whatever_the_ending(tmp_path, outline, ending):
    (tmp_path / f"a{ending}").write_bytes(OUTLINES[outline].encode())
    assert texts(tmp_path / f"a{ending}") == ["one", "two"]


@pytest.mark.parametrize(
    "written",
    [
        json.dumps(PAIR) + "\n" + json.dumps(PAIR),
        json.dumps([PAIR, PAIR]),
        json.dumps([PAIR, PAIR], indent=1),
        "\n".join(json.dumps({"messages": PAIR}, indent=2) for _ in range(2)),
        "\n".join(json.dumps({"messages": PAIR}, indent=0) for _ in range(2)),
        json.dumps({"data": [{"messages": PAIR}] * 2}),
        json.dumps({"messages": [PAIR, PAIR]}),
        json.dumps({"prompt": ["Hi", "Hi"], "completion": ["Hello", "Hello"]}),
    ],
)
def test_conversations_come_in_every_outline_too(tmp_path, written):
    (tmp_path / "a.json").write_text(written)
    assert pairs(tmp_path / "a.json") == [PAIR, PAIR]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"text": "a"', "not valid JSON"),
        (b"[1, 2]x", "not valid JSON"),
        (b'{"text": "a"},', "not valid JSON .a comma stands behind the row"),
        (b"3", "no JSON; one object a line|is 3, where an object was expected"),
        (b"{'text': 'a'}", "written as Python prints it, with single quotes"),
        (b"<p>text</p>", "looks like HTML"),
        (b'{"txt": "a"}', "no text under 'text' .the row has: txt"),
        (b'{"txt": "a few words"}', "name its column, --text_column txt"),
        (b'{"text": 3}', "key 'text' is 3, where text was expected"),
        (b'{"text": {"a": 1}}', "key 'text' is {\"a\": 1}, where text was expected"),
        (b'{"text": "  "}', "key 'text' has no text"),
        (b'{"text": null}', "key 'text' has no text"),
        (b'{"text": NaN}', "key 'text' has no text"),
        (b'{"text": "caf\xe9"}', "not UTF-8"),
        (b'{"text": "half \\ud83d"}', "half a character"),
        (b'{"prompt": "a b", "completion": "c"}', "these are conversations, which `make sft PAIRS=...` reads"),
        (b"[" * 100_000, "nested too deep"),
    ],
)
def test_a_damaged_row_is_named_or_skipped_and_counted(tmp_path, line, message, capsys):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"text": "good"}\n\n' + line + b'\n{"text": "also good"}\n')
    with pytest.raises(UserError, match=message) as error:
        texts(path)
    assert f"{path}:3" in str(error.value)
    assert 'ARGS_corpus="--skip_bad_rows true"' in str(error.value)
    assert texts(path, skip_bad_rows=True) == ["good", "also good"]
    assert "skipped 1 bad rows" in capsys.readouterr().out


def test_a_damaged_first_row_does_not_change_how_the_others_are_read(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "o\n{"text": "two"}\n{"text": "three"}\n')
    with pytest.raises(UserError, match="a.jsonl:1: not valid JSON"):
        texts(tmp_path / "a.jsonl")
    assert texts(tmp_path / "a.jsonl", skip_bad_rows=True) == ["two", "three"]


def test_a_damaged_array_and_a_damaged_parquet_are_named(tmp_path):
    (tmp_path / "a.json").write_text('[{"text": "x"},\n {]')
    with pytest.raises(UserError, match=r"a.json:2: not valid JSON"):
        texts(tmp_path / "a.json")
    (tmp_path / "b.parquet").write_bytes(b"PAR1 nonsense")
    with pytest.raises(UserError, match=r"b.parquet: no Parquet file that can be read"):
        texts(tmp_path / "b.parquet")
    (tmp_path / "c.parquet").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(UserError, match=r"c.parquet is a Git LFS pointer"):
        texts(tmp_path / "c.parquet")
    (tmp_path / "d.jsonl").write_bytes((tmp_path / "b.parquet").read_bytes())
    with pytest.raises(UserError, match=r"d.jsonl is a Parquet file; give it the ending .parquet"):
        texts(tmp_path / "d.jsonl")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip), min_size=1))
def test_a_table_gives_back_the_cells_that_another_program_wrote(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("table") / "a.csv"
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["n", "text"], *([number, cell] for number, cell in enumerate(cells))])
    assert texts(path, characters=100_000) == cells


def test_tables_of_other_programs_are_read(tmp_path):
    (tmp_path / "a.csv").write_text('question;answer\n"Who; me?";"a ""quoted"" word\nand a line"\n')
    assert pairs(tmp_path / "a.csv") == [said("Who; me?", 'a "quoted" word\nand a line')]
    (tmp_path / "b.csv").write_text(f"messages\n{quoted(json.dumps(PAIR))}\n")
    assert pairs(tmp_path / "b.csv") == [PAIR]
    (tmp_path / "c.csv").write_text("text\n" + "long " * 100_000)  # a cell above the library's own limit
    assert len(" ".join(texts(tmp_path / "c.csv"))) > 499_000


def quoted(cell: str) -> str:
    file = io.StringIO()
    csv.writer(file).writerow([cell])
    return file.getvalue().strip()


def test_a_row_of_a_table_with_too_many_or_too_few_cells_is_named(tmp_path):
    (tmp_path / "a.csv").write_text("prompt,completion\nHi,Hello\nHi,Hello, you\nHi\n")
    with pytest.raises(UserError, match="a.csv:3: 3 cells, but 2 columns; a text that holds ','"):
        pairs(tmp_path / "a.csv")
    assert pairs(tmp_path / "a.csv", skip_bad_rows=True) == [PAIR]
    (tmp_path / "d.csv").write_text("\n \nprompt,completion\nHi,Hello\nHi\n")  # blank lines before the names
    with pytest.raises(UserError, match="d.csv:5: 1 cells"):
        pairs(tmp_path / "d.csv")
    (tmp_path / "b.csv").write_text('prompt,completion\nHi,"Hello\n')
    with pytest.raises(UserError, match="b.csv:2: no row of a table"):
        pairs(tmp_path / "b.csv")


def test_an_encoding_is_for_the_files_that_need_it(tmp_path):
    (tmp_path / "a.txt").write_text("café", encoding="utf-8")
    (tmp_path / "b.txt").write_bytes("café".encode("cp1252"))
    (tmp_path / "c.txt").write_text("café", encoding="utf-8-sig")
    (tmp_path / "d.txt").write_bytes("déjà".encode("utf-16-le"))
    assert texts(tmp_path / "d.txt", encoding="utf-16-le") == ["déjà"]
    (tmp_path / "d.txt").unlink()
    assert texts(tmp_path, encoding="cp1252") == ["café"] * 3
    with pytest.raises(UserError, match="nothing is known by the name 'rot13'"):
        texts(tmp_path, encoding="rot13")


def test_a_line_in_another_encoding_gets_the_same_help_as_a_text(tmp_path):
    for name, content in (("a.jsonl", '{"text": "He said “hello”."}\n' * 20), ("a.csv", "text\n" + "“hello”\n" * 20)):
        (tmp_path / name).write_bytes(content.encode("cp1252"))
        with pytest.raises(UserError, match="as windows-1252 it reads .*pass --encoding windows-1252"):
            texts(tmp_path / name)


def test_columns_that_stand_there_twice_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("text,text\na,b\n")
    with pytest.raises(UserError, match="a.csv:1: the column 'text' stands there twice"):
        texts(tmp_path / "a.csv")


def test_a_table_with_line_ends_of_old_macs_is_read(tmp_path):
    (tmp_path / "a.csv").write_bytes(b'text,by\r"one\rtwo",me\rthree,you\r')
    assert texts(tmp_path / "a.csv") == ["one\ntwo", "three"]


def test_a_blank_file_beside_others_is_said_and_passed_over(tmp_path, capsys):
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "b.txt").write_text(" \n\n")
    assert texts(tmp_path) == ["one"]
    assert "b.txt holds nothing but white space" in capsys.readouterr().out


def test_a_sentence_is_never_named_as_a_column(tmp_path):
    (tmp_path / "a.csv").write_text("This is the first sentence.\nThis is the second sentence.\n")
    with pytest.raises(UserError, match="--text_column NAME"):
        texts(tmp_path / "a.csv")


# --- texts to documents


def test_a_share_of_own_text_needs_own_text():
    with pytest.raises(UserError, match="corpus_share: 0.3 of no own text; name the text with CORPUS=path"):
        sources(CorpusSettings(corpus_share=0.3), Config())


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ab \n", min_size=1, max_size=600).filter(str.strip))
def test_cutting_a_text_loses_no_word_whether_it_is_a_file_or_a_row(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("cut")
    (folder / "a.txt").write_text(text, newline="\n")
    write_lines(folder / "a.jsonl", [{"text": text}])
    for path in folder.iterdir():
        pieces = texts(path, characters=50)
        assert "".join("".join(pieces).split()) == "".join(text.split())
        assert all(len(piece) <= 3 * 50 for piece in pieces)


def test_a_text_is_cut_at_the_end_of_a_paragraph():
    text = "a" * 30 + "\n\n" + "b" * 30
    assert boundary(text, 0, 20) == 32
    assert boundary("word " * 20, 0, 22) == 25
    assert boundary("x" * 90, 10, 20) == 50


def test_a_number_from_the_hash_is_spread_evenly():
    places = [place_of(str(number)) for number in range(4000)]
    assert sum(place < 0.25 for place in places) == pytest.approx(1000, abs=100)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data is not here")
def test_real_files_are_read():
    plays = texts(SHARED / "tinyshakespeare.txt")
    assert "".join("".join(plays).split()) == "".join((SHARED / "tinyshakespeare.txt").read_text().split())
    assert len(pairs(SHARED / "instruction-pairs.json")) == 1100
