"""The page and its Markdown twin, from a sample small enough to read."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys

import pytest
from matplotlib.figure import Figure
from sample import Page, answers, loss

from configs.pipeline.errors import UserError
from eval.compare import config_of, print_verdicts
from eval.page.reading import Results, read_results, visible
from eval.page.section import Section, picture
from eval.page.words import percent
from eval.page.writing import fenced, markdown_text
from eval.pool import make_sections
from eval.readme import figures
from eval.report import contents, write_report
from eval.results import Row, write_rows

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "a\u202eb\x1b[2J",
    r"$\nomath{",
]


def write_sample(folder, word: str = "plain") -> None:
    """Five lines of results, two transcripts, and a summary; `word` stands wherever data reaches."""
    name = f"{word}/sft" if word != "plain" else "sft"
    base = name.replace("sft", "base")
    rows = answers(base, "raw", 1, total=2) + answers(name, "chat", 2, total=2)
    shown = Row(run_id=word, model=name, stage="sft", seed=0, condition=word, question="response_types",
                metric="response_type", item_id="q0", category=word, value=1.0,
                meta=json.dumps({"response_type": word}))  # fmt: skip
    write_rows(folder / "results.csv", [*rows, shown, *loss(base, word, 2.0), *loss(name, word, 1.0)])
    said = {"index": 0, "group": word, "title": word, "prompt": f"prompt {word}", "output": f"output {word}"}
    lines = [said | {"model": base, "condition": "raw", "stopped": False},
             said | {"model": name, "condition": "chat", "stopped": True}]  # fmt: skip
    (folder / "transcripts.jsonl").write_text("\n".join(map(json.dumps, lines)))
    claim = {"question": "response_types", "metric": "answers", "estimate": 0.5, "low": None, "high": None, "n": 2,
             "seeds": 1} | dict.fromkeys(("claim", "row", "verdict", "truth", "rule", "suffix"), word)  # fmt: skip
    (folder / "verdicts.json").write_text(json.dumps([claim]))
    model = {"name": name, "stage": word, "parent": word, "config": {word: word}, "loss_curve": [[1, 10, 3.0]]}
    summary = {"run": word, "created": word, "machine": {word: word}, "models": [model], "not_measured": [word],
               "corpus": {"types": {word: 1.0}}, "truncated_pairs": word}  # fmt: skip
    (folder / "summary.json").write_text(json.dumps(summary))


def test_a_small_sample_becomes_a_page_and_its_markdown_twin(tmp_path):
    write_sample(tmp_path)
    page = Page(write_report(tmp_path).read_text(encoding="utf-8"))
    assert "output plain" in page.text
    assert "it stopped by itself" in page.text
    assert page.tags.count("svg") >= 3
    markdown = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "output plain" in markdown
    for name in ("response_types", "loss-matrix", "loss-curves"):
        assert f"figures/{name}.png" in markdown
        assert (tmp_path / "figures" / f"{name}.png").exists()


@pytest.mark.parametrize("word", HOSTILE)
def test_nothing_that_a_model_wrote_is_interpreted(tmp_path, word):
    write_sample(tmp_path, word)
    html = write_report(tmp_path).read_text(encoding="utf-8")
    page = Page(html)
    assert page.tags.count("script") == 1  # ours, whose hash stands in the page's policy
    assert not {"img", "iframe", "object", "link"} & set(page.tags)
    assert not [name for _, name, _ in page.attributes if name.startswith("on") or name in ("src", "srcset")]
    links = {value for _, name, value in page.attributes if name == "href"}
    links = {link for link in links if not link.startswith(("#", "data:text/csv;charset=utf-8,"))}
    assert links <= {"results.csv", "transcripts.jsonl", "verdicts.json", "summary.json", "tokens.json", "report.md"}
    assert visible(word) in page.text
    assert not {"\u202e", "\x1b"} & set(html + (tmp_path / "report.md").read_text(encoding="utf-8"))


def test_a_live_page_beside_the_report_is_linked(tmp_path):
    write_sample(tmp_path)
    assert "make play" in write_report(tmp_path).read_text(encoding="utf-8")
    (tmp_path / "play.html").write_text("")
    assert '<a href="play.html">Talk to both</a>' in write_report(tmp_path).read_text(encoding="utf-8")


def test_the_page_needs_no_network_and_runs_no_script_but_its_own(tmp_path):
    write_sample(tmp_path)
    html = write_report(tmp_path).read_text(encoding="utf-8")
    assert "default-src 'none'" in html
    script = re.search(r"<script>(.*)</script>", html, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in html
    assert not re.search(r"https?://|@import|url\(http", html)
    ids = [value for _, name, value in Page(html).attributes if name == "id"]
    assert len(ids) == len(set(ids))


def test_the_report_is_a_pure_function_of_its_files_in_any_number_of_processes(tmp_path):
    write_sample(tmp_path)
    files = [tmp_path / name for name in ("report.html", "report.md", "figures/response_types.png")]
    write_report(tmp_path)
    first = [file.read_bytes() for file in files]
    write_report(tmp_path, count=2)
    assert first == [file.read_bytes() for file in files]


def who(results: Results) -> Section:
    """A section that says which process made it."""
    return Section(
        question="p", title="t", says=str(os.getpid()), n="n", test="t", pitfall="p", how_to_read="h",
        pictures=picture("a", "alt", Figure()),
    )  # fmt: skip


def dies_elsewhere(results: Results) -> Section:
    if os.getpid() != results.summary["parent"]:
        os._exit(1)
    return who(results)


def test_sections_are_made_in_other_processes_and_by_one_alone_if_those_are_ended(capsys):
    results = Results(summary={"parent": os.getpid()})
    (made,) = make_sections([who], results, 2)
    assert int(made.says) != os.getpid()
    assert made.pictures[0].panels[0].png.startswith(b"\x89PNG")
    (made,) = make_sections([dies_elsewhere], results, 2)
    assert int(made.says) == os.getpid()
    assert "goes on alone" in capsys.readouterr().out


@pytest.mark.parametrize("missing", ["results.csv", "verdicts.json", "transcripts.jsonl", "summary.json"])
def test_a_missing_file_leaves_its_part_out(tmp_path, missing):
    write_sample(tmp_path)
    (tmp_path / missing).unlink()
    assert "<h1>" in write_report(tmp_path).read_text(encoding="utf-8")


def test_an_empty_summary_and_bare_verdicts_are_enough(tmp_path):
    (tmp_path / "summary.json").write_text("{}")
    (tmp_path / "verdicts.json").write_text('[{"claim": "a claim", "verdict": "WEAK"}]')
    assert "a claim" in write_report(tmp_path).read_text(encoding="utf-8")


def test_base_comes_first_and_in_the_form_it_was_made_for(tmp_path):
    lines = [
        {"index": 3, "group": "question", "model": m, "condition": c, "prompt": "p", "output": m + c}
        for m, c in (("sft-lora", "chat"), ("sft", "raw"), ("sft", "chat"), ("base", "chat"), ("base", "raw"))
    ]
    (tmp_path / "transcripts.jsonl").write_text("\n".join(map(json.dumps, lines)))
    ((item,),) = [group["items"] for group in contents(read_results(tmp_path))["transcripts"]]
    assert [pane["output"] for pane in item["panes"]] == ["baseraw", "sftchat", "sft-lorachat"]
    assert [pane["output"] for pane in item["more"]] == ["basechat", "sftraw"]


def test_hidden_characters_and_markup_are_written_out_and_rates_near_the_ends_keep_a_digit():
    assert visible("a\u202eb\u2066c\x00\r\n\t") == "a⟦U+202E⟧b⟦U+2066⟧c⟦U+0000⟧⟦U+000D⟧\n\t"
    assert visible("Zürich 東京 ★") == "Zürich 東京 ★"
    assert visible({"k": ["\ud800"]}) == {"k": ["⟦U+D800⟧"]}
    assert markdown_text("a|b\n<i> `x` [y](z)") == "a\\|b \\<i\\> \\`x\\` \\[y\\](z)"
    assert fenced("```\nend") == "````text\n```\nend\n````"
    assert [percent(p) for p in (0, 0.004, 0.5, 0.996, 1)] == ["0 %", "0.4 %", "50 %", "99.6 %", "100 %"]


def test_missing_and_damaged_results_are_answered_in_one_line(tmp_path):
    with pytest.raises(UserError, match="make compare"):
        write_report(tmp_path / "nowhere")
    (tmp_path / "summary.json").write_text('{"run": ')
    with pytest.raises(UserError, match=r"summary\.json"):
        write_report(tmp_path)


def test_the_command_prints_the_page_and_never_loads_torch(tmp_path):
    (tmp_path / "tiny").mkdir()
    write_sample(tmp_path / "tiny")
    code = "import sys; from eval.report import main; main(); assert 'torch' not in sys.modules"
    command = [sys.executable, "-c", code, "--run", "tiny", "--results", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("report.html")
    command[command.index("tiny")] = "none"
    refused = subprocess.run([sys.executable, "-m", "eval.report", *command[3:]], capture_output=True, text=True)
    assert refused.returncode == 2
    assert len(refused.stderr.strip().splitlines()) == 1


def test_the_terminal_says_which_run_a_verdict_is_about(tmp_path, capsys):
    one = {"claim": "it answers", "verdict": "WEAK", "n": 40, "estimate": 0.1, "low": 0.05, "high": 0.2, "run": ""}
    (tmp_path / "verdicts.json").write_text(json.dumps([one | {"low": None, "high": None}]))
    print_verdicts(tmp_path)
    assert capsys.readouterr().out.splitlines()[0].split() == ["WEAK", "n=40", "it", "answers"]
    (tmp_path / "verdicts.json").write_text(json.dumps([one | {"run": run} for run in ("tiny", "tiny", "hot")]))
    print_verdicts(tmp_path)
    first = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line]
    assert first[:5] == ["tiny", "WEAK", "WEAK", "hot", "WEAK"]


def test_more_trainings_are_not_more_questions_in_the_readme():
    rows = [vars(row) | {"model": row.model} for seed in range(3) for row in answers("base", "chat", 10, seed=seed)]
    rows += [vars(row) for row in answers("sft", "chat", 9, total=10)]
    summary = {"models": [{"name": "base"}, {"name": "sft"}]}
    (line,) = [line for line in figures(rows, summary) if line.startswith("| answers questions")]
    assert line.endswith("| 25 % | 90 % | 10 to 40 |")


def test_the_summary_takes_the_knobs_of_the_writers_from_the_settings_of_the_corpus():
    settings = {"careless_share": 0.3, "quiz": 0.2, "megabytes": 24.0}
    assert config_of(settings) == {"careless_share": 0.3}
