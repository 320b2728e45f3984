"""The verdict rule by hand, and the report on a sample small enough to read."""

import json
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from configs.errors import UserError
from eval.report import contents, fenced, markdown_text, percent, read_results, visible, write_report
from eval.results import Row, read_rows, select, write_rows
from eval.verdicts import CLAIMS, judge, verdicts

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "a\u202eb\x1b[2J",
    r"$\nomath{",
]


def answers(model: str, condition: str, count: int, total: int = 40, seed: int = 0) -> list[Row]:
    """`total` questions, of which a model answered the first `count`."""
    common = dict(run_id="t", model=model, stage=model, seed=seed, condition=condition, probe="census")
    return [
        Row(**common, metric="answers", item_id=f"q{i}", arm="question", value=float(i < count)) for i in range(total)
    ]


def loss(model: str, arm: str, nats: float, condition: str = "raw", texts: int = 20) -> list[Row]:
    return [
        Row(
            run_id="t",
            model=model,
            stage=model,
            seed=0,
            condition=condition,
            probe="loss_matrix",
            metric="nll",
            item_id=f"{arm}{i}",
            arm=arm,
            value=nats * (90 + i),
            n_tokens=90 + i,
            meta='{"bytes": 400}',
        )
        for i in range(texts)
    ]


@pytest.fixture
def judged(tmp_path):
    """Judge rows as a comparison does: through the file."""

    def judge_rows(*rows: list[Row]) -> list[dict]:
        write_rows(tmp_path / "results.csv", [row for some in rows for row in some])
        return verdicts(read_rows(tmp_path / "results.csv"))

    return judge_rows


def write_sample(folder, word: str = "plain") -> None:
    """Five lines of results, two transcripts, and a summary; `word` stands wherever data reaches."""
    name = f"{word}/sft" if word != "plain" else "sft"
    base = name.replace("sft", "base")
    rows = answers(base, "raw", 1, total=2) + answers(name, "chat", 2, total=2)
    shown = Row(
        run_id=word,
        model=name,
        stage="sft",
        seed=0,
        condition=word,
        probe="census",
        metric="response_type",
        item_id="q0",
        arm=word,
        value=1.0,
        meta=json.dumps({"response_type": word}),
    )
    write_rows(folder / "results.csv", [*rows, shown, *loss(base, word, 2.0), *loss(name, word, 1.0)])
    said = {"index": 0, "group": word, "title": word, "prompt": f"prompt {word}", "output": f"output {word}"}
    lines = [
        said | {"model": base, "condition": "raw", "stopped": False},
        said | {"model": name, "condition": "chat", "stopped": True},
    ]
    (folder / "transcripts.jsonl").write_text("\n".join(map(json.dumps, lines)))
    claim = {
        "claim": word,
        "row": word,
        "probe": "census",
        "metric": "answers",
        "verdict": word,
        "estimate": 0.5,
        "low": None,
        "high": None,
        "n": 2,
        "seeds": 1,
        "truth": word,
        "rule": word,
        "suffix": word,
    }
    (folder / "verdicts.json").write_text(json.dumps([claim]))
    model = {
        "name": name,
        "stage": word,
        "parent": word,
        "config": {word: word},
        "loss_curve": [[1, 10, 3.0]],
    }
    summary = {
        "run": word,
        "created": word,
        "machine": {word: word},
        "models": [model],
        "not_measured": [word],
        "corpus": {"types": {word: 1.0}},
        "truncated_pairs": word,
    }
    (folder / "summary.json").write_text(json.dumps(summary))


# --- the rule


@pytest.mark.parametrize(
    ("low", "high", "direction", "verdict"),
    [
        (0.11, 0.30, +1, "CONFIRMED"),
        (0.10, 0.30, +1, "WEAK"),  # must lie beyond .10, not on it
        (0.01, 0.30, +1, "WEAK"),
        (0.00, 0.30, +1, "INCONCLUSIVE"),
        (-0.05, 0.30, +1, "INCONCLUSIVE"),
        (-0.30, -0.01, +1, "REVERSED"),
        (-0.30, -0.11, -1, "CONFIRMED"),
        (-0.30, -0.05, -1, "WEAK"),
        (0.01, 0.30, -1, "REVERSED"),
        (float("nan"), float("nan"), +1, "INCONCLUSIVE"),
    ],
)
def test_the_verdict_follows_from_the_interval(low, high, direction, verdict):
    assert judge((low + high) / 2, low, high, direction, 0.10) == verdict


def test_a_claim_is_judged_on_the_same_items_of_both_models(judged):
    (verdict,) = judged(answers("base", "raw", 4), answers("sft", "chat", 36))
    assert verdict["verdict"] == "CONFIRMED"
    assert verdict["n"] == 40
    assert verdict["seeds"] == 1
    assert verdict["estimate"] == pytest.approx(0.8)
    assert verdict["low"] < 0.8 < verdict["high"]
    assert verdict["base"] == {"model": "base", "condition": "raw", "value": 0.1}
    assert verdict["suffix"] == "these checkpoints"


def test_base_predicting_web_text_better_means_a_higher_loss_of_the_instruct_model(judged):
    (verdict,) = judged(loss("base", "story", 2.0), loss("sft", "story", 2.5))
    assert verdict["row"] == "Training objective"
    assert verdict["verdict"] == "CONFIRMED"
    assert verdict["estimate"] == pytest.approx(0.25)
    (verdict,) = judged(loss("base", "instruct answer", 2.0, "chat"), loss("sft", "instruct answer", 2.5, "chat"))
    assert verdict["verdict"] == "REVERSED"


def test_fewer_than_ten_items_are_an_observation(judged):
    rows = [
        Row(
            run_id="t",
            model=model,
            stage=model,
            seed=0,
            condition=condition,
            probe="wrong_answers",
            metric="wrong",
            item_id="seed prompt",
            arm="verbatim",
            value=value,
        )
        for model, condition, value in (("base", "raw", 1.0), ("sft", "chat", 0.0))
    ]
    (verdict,) = judged(rows)
    assert verdict["verdict"] == "INCONCLUSIVE"
    assert verdict["suffix"].startswith("observation, n = 1")


def test_no_worse_is_judged_against_the_margin(judged):
    def facts(model, condition, right, total=200):
        return [
            Row(
                run_id="t",
                model=model,
                stage=model,
                seed=0,
                condition=condition,
                probe="facts",
                metric="correct",
                item_id=f"f{i}",
                cluster_id=f"f{i}",
                arm="people",
                x="held_out",
                value=float(i < right),
            )
            for i in range(total)
        ]

    def kept(right):
        found = judged(facts("base", "raw", 180), facts("sft", "chat", right))
        return next(v["verdict"] for v in found if v["row"] == "Training approach")

    assert [kept(178), kept(160), kept(100)] == ["CONFIRMED", "INCONCLUSIVE", "REVERSED"]


def test_the_form_of_the_prompt_gets_the_credit_it_is_due(judged):
    """Both models answer in chat and neither does in raw text: the prompt explains it, not the weights."""
    cells = [answers("base", "raw", 2), answers("base", "chat", 34), answers("sft", "raw", 4)]
    (verdict,) = judged(*cells, answers("sft", "chat", 38))
    assert verdict["verdict"] == "CONFIRMED"
    assert verdict["suffix"].startswith("(format)")


def test_three_trainings_speak_for_the_method(judged):
    rows = [answers("base", "raw", 4, seed=s) + answers("sft", "chat", 30 + s, seed=s) for s in range(3)]
    (verdict,) = judged(*rows)
    assert verdict["seeds"] == 3
    assert verdict["n"] == 40
    assert verdict["suffix"] == ""
    half = 4.302653 * 0.025 / 3**0.5
    assert (verdict["low"], verdict["high"]) == pytest.approx((0.675 - half, 0.675 + half), abs=1e-5)


def test_two_runs_are_judged_apart(judged):
    cells = [answers(f"{run}/{m}", c, n) for run, n in (("a", 38), ("b", 4)) for m, c in (("sft", "chat"),)]
    found = judged(*cells, answers("a/base", "raw", 2), answers("b/base", "raw", 2))
    assert [(v["run"], v["verdict"]) for v in found] == [("a", "CONFIRMED"), ("b", "INCONCLUSIVE")]


def test_claims_that_pair_nothing_are_an_error_not_a_silence(judged):
    strangers = [Row(**(vars(row) | {"item_id": f"other {row.item_id}"})) for row in answers("sft", "chat", 9)]
    with pytest.raises(ValueError, match="share no item"):
        judged(answers("base", "raw", 9), strangers)


def test_every_claim_says_what_it_is_held_against():
    assert all(claim.truth and claim.direction in (-1, 1) and claim.smallest_interesting > 0 for claim in CLAIMS)


# --- the table


def test_the_long_table_survives_the_file(tmp_path):
    row = Row(
        run_id="t",
        model="sft",
        stage="sft",
        seed=1,
        condition="chat",
        probe="facts",
        metric="correct",
        item_id='a,"b"\nc',
        x="3",
        value=0.1,
        meta='{"k": "ä"}',
    )
    write_rows(tmp_path / "new" / "results.csv", [row])
    (read,) = read_rows(tmp_path / "new" / "results.csv")
    assert read == vars(row) | {"meta": {"k": "ä"}}
    assert select([read], model=("base", "sft"), x="3") == [read]
    assert not select([read], model="base")


# --- the page


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, html: str):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attributes]

    def handle_data(self, data):
        self.text += data


def test_a_small_sample_becomes_a_page_and_its_markdown_twin(tmp_path):
    write_sample(tmp_path)
    page = Page(write_report(tmp_path).read_text(encoding="utf-8"))
    assert "output plain" in page.text
    assert "it stopped by itself" in page.text
    assert page.tags.count("svg") >= 3
    markdown = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "output plain" in markdown
    for picture in ("census", "loss-matrix", "loss-curves"):
        assert f"figures/{picture}.png" in markdown
        assert (tmp_path / "figures" / f"{picture}.png").exists()


@pytest.mark.parametrize("word", HOSTILE)
def test_nothing_that_a_model_wrote_is_interpreted(tmp_path, word):
    write_sample(tmp_path, word)
    html = write_report(tmp_path).read_text(encoding="utf-8")
    page = Page(html)
    assert not {"script", "img", "iframe", "object", "link"} & set(page.tags)
    assert not [name for _, name, _ in page.attributes if name.startswith("on") or name in ("src", "srcset")]
    assert all(value.startswith("#") for _, name, value in page.attributes if name == "href")
    assert visible(word) in page.text
    assert not {"\u202e", "\x1b"} & set(html + (tmp_path / "report.md").read_text(encoding="utf-8"))


def test_the_page_needs_no_network_and_runs_no_script(tmp_path):
    write_sample(tmp_path)
    html = write_report(tmp_path).read_text(encoding="utf-8")
    assert "default-src 'none'" in html
    assert "http://" not in html
    assert "https://" not in html
    assert "@import" not in html
    assert "url(http" not in html
    ids = [value for _, name, value in Page(html).attributes if name == "id"]
    assert len(ids) == len(set(ids))


def test_the_report_is_a_pure_function_of_its_files(tmp_path):
    write_sample(tmp_path)
    files = [tmp_path / name for name in ("report.html", "report.md", "figures/census.png")]
    write_report(tmp_path)
    first = [file.read_bytes() for file in files]
    write_report(tmp_path)
    assert first == [file.read_bytes() for file in files]


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


def test_hidden_characters_are_written_out():
    assert visible("a\u202eb\u2066c\x00\r\n\t") == "a⟦U+202E⟧b⟦U+2066⟧c⟦U+0000⟧⟦U+000D⟧\n\t"
    assert visible("Zürich 東京 ★") == "Zürich 東京 ★"
    assert visible({"k": ["\ud800"]}) == {"k": ["⟦U+D800⟧"]}


def test_markdown_shows_markup_as_text():
    assert markdown_text("a|b\n<i> `x` [y](z)") == "a\\|b \\<i\\> \\`x\\` \\[y\\](z)"
    assert fenced("```\nend") == "````text\n```\nend\n````"


def test_rates_near_the_ends_keep_a_digit():
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
