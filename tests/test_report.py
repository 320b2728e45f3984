"""The verdict rule by hand, and the report on a sample small enough to read."""

import base64
import hashlib
import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from configs.errors import UserError
from eval.compare import knobs_of
from eval.page.reading import Results
from eval.page.section import Picture
from eval.page.sections import PROBES, bias, exposure, kinds, registers, wrong_answers
from eval.report import contents, fenced, markdown_text, percent, read_results, visible, write_report
from eval.results import Row, read_rows, select, write_rows
from eval.stats import bayes_wrong
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


KNOBS = {"careless_share": 0.5, "careless_error": 0.95, "careful_error": 0.05, "refusal_share": 0.25}
MODELS = (("base", "raw"), ("base", "chat"), ("sft", "raw"), ("sft", "chat"))


def cell(probe: str, metric: str, item: str, value: float, model="base", condition="raw", meta=None, **columns) -> Row:
    return Row(
        run_id="t",
        model=model,
        stage=model.rpartition("/")[2],
        seed=0,
        condition=condition,
        probe=probe,
        metric=metric,
        item_id=item,
        value=value,
        meta=json.dumps(meta or {}),
        **columns,
    )


# sections of a probe of their own in few_of_each; the others are tested beside their probes
SIMPLE = [
    make for make in PROBES
    if make.__module__.rpartition(".")[2] in
    "census kinds capitals recall exposure registers manners speakers stopping patterns wrong_answers".split()
]  # fmt: skip


def few_of_each(model: str = "base", condition: str = "raw") -> list[Row]:
    """A few rows of every probe, for one model in one prompt form."""
    rows = []

    def add(*arguments, **columns):
        rows.append(cell(*arguments, model=model, condition=condition, **columns))

    for i in range(3):
        add("census", "answers", f"q{i}", float(i > 0), arm="question")
        add("census", "response_type", f"q{i}", 1.0, arm="question", meta={"response_type": "answers"})
        add("stopping", "stopped", f"q{i}", float(i > 1), arm="question")
        add("bleed", "bleed", f"chat:{i}", float(i > 1))
        add(
            "facts",
            "correct",
            f"capital:{i}",
            1.0,
            cluster_id=f"{i}",
            arm="capital",
            x=("known", "held_out")[i % 2],
            meta={"candidates": 9},
        )
        add("recall", "correct", f"legs:{i}", 1.0, cluster_id=f"{i}", arm="legs", x="held_out", meta={"candidates": 4})
        add("recall", "correct", f"sum:{i}", 0.0, arm="sum", x=("seen", "unseen")[i % 2])
        add("register_mirroring", "mirrors", f"opening:{i}", 1.0, arm="rude", meta={"written": "rude"})
        add("corpus_rates", "sample", f"sample:{i}", 0.0, x=("quiz", "story", "unreadable")[i])
        add("corpus_rates", "refuses", f"thread:{i}", float(i == 0), meta={"expected": 0.25})
        for arm in ("right", "wrong"):
            for k in (0, 1):
                item = {"cluster_id": f"sheet:{i}", "arm": arm, "x": str(k)}
                add("wrong_answers", "p_wrong", f"sheet:{i}:{k}", 0.1 + 0.6 * (arm == "wrong"), **item)
        add("wrong_answers", "wrong", f"analogous:{i}", 1.0, arm="analogous")
    for level in (1, 16):
        for words in ("1 phrasing", "12 phrasings"):
            add("recall", "correct", f"job:{level}{words}", 1.0, arm="person_job", x=f"level {level}, {words}")
    for k in (0, 4):
        item = {"cluster_id": "list", "x": str(k), "meta": {"task": "swap", "operands": "seen"}}
        for arm in ("native", "alien", "shuffled"):
            for metric in ("exact", "header", "continues"):
                add("task_patterns", metric, f"list:{k}", 1.0, arm=arm, **item)
    for pair, expected in (("mood", 0.5), ("courage", 0.8), ("patience", 0.9)):
        item = {"cluster_id": f"hill folk:{pair}", "arm": pair, "x": "known", "meta": {"expected": expected}}
        add("bias", "first_attribute", f"hill folk:{pair}:0", expected, **item)
    return rows


def report_of(folder, *rows: list[Row], knobs: dict | None = None) -> tuple[dict, str, str]:
    """(contents, HTML, Markdown) of the report of some rows."""
    write_rows(folder / "results.csv", [row for some in rows for row in some])
    by_type = {"quiz": {"documents": 60}, "story": {"documents": 40}}
    summary = {"corpus": {"by_type": by_type, "rude_share": 0.05, "knobs": knobs or {}}}
    (folder / "summary.json").write_text(json.dumps(summary))
    html = write_report(folder).read_text(encoding="utf-8")
    return contents(read_results(folder)), html, (folder / "report.md").read_text(encoding="utf-8")


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
            arm="analogous",
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
    for claim in CLAIMS:
        assert claim.truth
        assert claim.direction in (-1, 1)
        assert claim.smallest_interesting > 0 or claim.compare == "level"


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
    assert page.tags.count("script") == 1  # ours, whose hash stands in the page's policy
    assert not {"img", "iframe", "object", "link"} & set(page.tags)
    assert not [name for _, name, _ in page.attributes if name.startswith("on") or name in ("src", "srcset")]
    links = {value for _, name, value in page.attributes if name == "href"}
    links = {link for link in links if not link.startswith(("#", "data:text/csv;charset=utf-8,"))}
    assert links <= {"results.csv", "transcripts.jsonl", "verdicts.json", "summary.json", "tokens.json", "report.md"}
    assert visible(word) in page.text
    assert not {"\u202e", "\x1b"} & set(html + (tmp_path / "report.md").read_text(encoding="utf-8"))


def test_the_page_needs_no_network_and_runs_no_script_but_its_own(tmp_path):
    write_sample(tmp_path)
    html = write_report(tmp_path).read_text(encoding="utf-8")
    assert "default-src 'none'" in html
    script = re.search(r"<script>(.*)</script>", html, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in html
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


# --- the sections


def test_a_few_rows_of_each_probe_become_a_section_each(tmp_path):
    page, html, markdown = report_of(tmp_path, *(few_of_each(*pair) for pair in MODELS), knobs=KNOBS)
    assert len(page["sections"]) >= len(SIMPLE)
    ids = [value for _, name, value in Page(html).attributes if name == "id"]
    assert len(ids) == len(set(ids))
    for section in page["sections"]:
        for words in (section.title, section.says, section.how_to_read, section.n, section.test, section.pitfall):
            assert words, section.title
        assert f'id="{section.anchor}"' in html
        assert f'href="#{section.anchor}"' in html
        assert section.title in markdown
        for name in (name for picture in section.pictures for name in picture.names()):
            assert f"(figures/{name}.png)" in markdown
            assert (tmp_path / "figures" / f"{name}.png").exists()


@pytest.mark.parametrize("make", SIMPLE, ids=lambda make: make.__module__.rpartition(".")[2])
def test_a_section_needs_only_the_base_model_and_only_one_row_of_a_kind(tmp_path, make):
    rows = {(row.probe, row.metric, row.arm, row.x): row for row in reversed(few_of_each())}
    write_rows(tmp_path / "results.csv", rows.values())
    assert make(Results(rows=read_rows(tmp_path / "results.csv"))).pictures


def test_sections_whose_rows_were_not_measured_are_left_out(tmp_path):
    page, html, _ = report_of(tmp_path, answers("base", "raw", 3), answers("sft", "chat", 9))
    assert page["sections"] == []
    assert "probes" not in [value for _, name, value in Page(html).attributes if name == "id"]
    page, _, _ = report_of(tmp_path, [cell("wrong_answers", "wrong", "seed prompt", 1.0, arm="verbatim")])
    (section,) = page["sections"]
    assert [picture.name for picture in section.pictures] == ["wrong-answers"]


def test_two_runs_stand_side_by_side_in_every_section(tmp_path):
    named = [few_of_each(f"{run}/{model}", form) for run in ("a", "b") for model, form in MODELS]
    page, html, _ = report_of(tmp_path, *named)
    assert len(page["sections"]) >= len(SIMPLE)
    assert "b: instruct" in Page(html).text


def test_a_claim_stands_with_the_section_that_measured_it(tmp_path):
    claim = {"claim": "copies", "verdict": "WEAK", "probe": "bias", "metric": "first_attribute"}
    (tmp_path / "verdicts.json").write_text(json.dumps([claim]))
    page, _, _ = report_of(tmp_path, [row for row in few_of_each() if row.probe == "bias"])
    assert [section.title for section in page["sections"] if section.claims] == ["Does it copy the biases of its text?"]


def sheets_of(p_wrong) -> list[dict]:
    """Rows as a file gives them: p_wrong(arm, k) on ten sheets of nine questions."""
    return [
        {"model": "base", "condition": "raw", "seed": 0, "arm": arm, "k": k, "value": p_wrong(arm, k),
         "cluster_id": f"sheet:{sheet}", "item_id": f"sheet:{sheet}:{k}"}
        for arm in ("right", "wrong") for sheet in range(10) for k in range(9)
    ]  # fmt: skip


def test_the_imitation_index_is_the_mean_over_one_to_eight_answers():
    line = wrong_answers.Line.of(("base", "raw"), sheets_of(lambda arm, k: 0.9 if arm == "wrong" and k else 0.2))
    assert line.index.value == pytest.approx(0.7)
    assert line.mean("right") == pytest.approx(0.2)
    assert line.curves["wrong"][0].value == pytest.approx(0.2)
    assert line.curves["wrong"][8].n == 10


def test_an_ideal_reader_has_no_distance_to_the_line():
    ideal = wrong_answers.Ideal.of(KNOBS)
    line = wrong_answers.Line.of(
        ("base", "raw"), sheets_of(lambda arm, k: bayes_wrong(k, k * (arm == "wrong"), 0.5, 0.95, 0.05))
    )
    assert line.distance(ideal, "wrong") == pytest.approx(0)
    assert ideal.wrong(0, "wrong") == ideal.wrong(0, "right") == pytest.approx(0.5)
    off = wrong_answers.Line.of(("base", "raw"), sheets_of(lambda arm, k: ideal.wrong(k, arm) + 0.1))
    assert off.distance(ideal, "right") == pytest.approx(0.1)


def test_the_ideal_reader_stays_away_where_the_writers_are_unknown(tmp_path):
    write_rows(tmp_path / "results.csv", few_of_each())
    rows = read_rows(tmp_path / "results.csv")
    known, unknown = (wrong_answers.section(Results(rows, summary={"corpus": {"knobs": k}})) for k in (KNOBS, {}))
    assert "ideal reader" in str(known.tables) + known.how_to_read
    assert "ideal" not in str(unknown.tables) + unknown.how_to_read + unknown.says


def test_registers_outside_the_five_count_as_other():
    rows = [{"arm": "rude", "meta": {"written": name}} for name in ("rude", "neutral", "", "casual")]
    table = registers.shares(rows)
    assert table[registers.REGISTERS.index("rude")].tolist() == [0, 0.25, 0, 0, 0.25, 0.5]
    assert table[0].tolist() != table[0].tolist()  # formal was not given: nan


def test_levels_are_read_from_the_table():
    assert exposure.cell_of("level 16, 12 phrasings") == (16, 12)
    assert exposure.cell_of("level 1, 1 phrasing") == (1, 1)
    assert exposure.cell_of("held_out") is None


def test_kinds_are_compared_with_the_documents_of_the_corpus():
    results = Results(summary={"corpus": {"by_type": {"quiz": {"documents": 3}, "story": {"documents": 1}}}})
    corpus = kinds.corpus_shares(results)
    assert corpus == {"quiz": 0.75, "story": 0.25}
    assert kinds.distance([{"x": "quiz"}] * 75 + [{"x": "story"}] * 25, corpus)[0] == pytest.approx(0)
    assert kinds.distance([{"x": "unreadable"}] * 9, corpus)[0] == pytest.approx(1)


@pytest.mark.parametrize("level", [1.0, 0.5])
def test_a_model_that_copies_the_biases_of_its_corpus_has_slope_one(level):
    shares = (0.5, 0.6, 0.7, 0.8, 0.9)
    told = [{"cluster_id": str(p), "arm": "mood", "value": 0.5 + (p - 0.5) * level, "x": "known",
             "meta": {"expected": p}} for p in shares]  # fmt: skip
    found, start = bias.fit(bias.cells_of(told, level))
    assert (found.value, start) == pytest.approx((1, 0))


def test_panels_have_names_of_their_own():
    picture = Picture("exposure", [None, None], "rate", ["base", "instruct"])
    assert picture.names() == ["exposure", "exposure-2"]
    assert picture.alts() == ["rate: base", "rate: instruct"]


def test_the_summary_takes_the_knobs_of_the_writers_from_the_settings_of_the_corpus():
    settings = {"careless_share": 0.3, "quiz": 0.2, "megabytes": 24.0}
    assert knobs_of(settings) == {"careless_share": 0.3}
