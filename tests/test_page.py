"""The report to its reader: numbers in their own unit, the short of it first, all the rest within reach."""

import doctest
import json
import re
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import pytest
from sample import Page, answers, loss
from test_sections import MODELS, cell, few_of_each, report_of

from data.synthetic.facts import load_world
from eval import figures, questions
from eval.claims import ALONE, CLAIMS
from eval.lm import Completion
from eval.page import drawing, units, words
from eval.page.claims import claim_line, not_measured
from eval.page.reading import Results
from eval.page.rows import ROWS, row_name
from eval.page.section import Section, picture
from eval.questions.audience import ask as question
from eval.questions.controls import show as controls
from eval.questions.corpus_rates import show as kinds
from eval.questions.pareto import show as pareto
from eval.questions.register_mirroring import show as registers
from eval.results import read_rows, write_rows
from eval.settings import CompareSettings
from eval.stats import Estimate
from eval.verdicts import rule, verdicts

WORLD = load_world()
SOURCES = sorted(Path(questions.__file__).parent.glob("*/show.py"))


class Talker:
    """Says the same to everybody."""

    run, seed = "toy", 0

    def __init__(self, stage: str):
        self.stage = self.name = stage

    def complete(self, prompts: list[str], form: str, max_new_tokens: int) -> list[Completion]:
        return [Completion("A cow is a mammal. It eats grass all day.", True, 9) for _ in prompts]


@pytest.mark.parametrize("items", [2, 8, 13, 100])
@pytest.mark.parametrize("stage", ["base", "sft"])
def test_however_few_are_asked_each_form_is_asked_what_is_shown(items, stage, monkeypatch):
    monkeypatch.setattr(question, "gold_scores", lambda: ())
    found = question.ask(Talker(stage), WORLD, CompareSettings(items=items))
    shown, by_form = defaultdict(set), defaultdict(set)
    for line in found.transcripts:
        shown[line["condition"]].add(line["index"])
    for row in found.rows:
        by_form[row.condition].add(row.cluster_id)
    assert len(shown) > 1
    assert all(places == set(range(question.SHOWN * len(question.AUDIENCES))) for places in shown.values())
    fewest, *others = sorted(by_form.values(), key=len)
    assert all(fewest <= more for more in others)


# --- units


@pytest.mark.parametrize("module", [words, units, drawing], ids=lambda module: module.__name__)
def test_the_examples_in_the_docstrings_are_true(module):
    found = doctest.testmod(module)
    assert found.attempted
    assert not found.failed


def judged(folder, *rows) -> dict:
    """The line of the only claim that some rows bear on."""
    write_rows(folder / "results.csv", [row for some in rows for row in some])
    (verdict,) = verdicts(read_rows(folder / "results.csv"))
    return claim_line(verdict)


def many(question, metric, value, model, condition, category="", level="") -> list:
    return [cell(question, metric, f"i{i}", value(i), model, condition, category=category, level=level)
            for i in range(40)]  # fmt: skip


def test_a_brier_score_is_a_number_and_no_percentage(tmp_path):
    line = judged(
        tmp_path,
        many("calibration", "brier", lambda i: 0.25 + i % 2 / 100, "base", "few", level="well known"),
        many("calibration", "brier", lambda i: 0.40 + i % 3 / 100, "sft", "chat", level="well known"),
    )
    assert (line["base"], line["instruct"], line["difference"]) == ("0.26", "0.41", "+0.15")
    assert re.fullmatch(r"\+0\.1\d to \+0\.1\d", line["interval"])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (loss("base", "story", 2.0) + loss("sft", "story", 2.5), ("2.00 nats", "2.50 nats", "+25.0 %")),
        (answers("base", "raw", 4) + answers("sft", "chat", 36), ("10 %", "90 %", "+80 points")),
    ],
    ids=["a loss in nats and its change in percent", "a rate in percent and its change in points"],
)
def test_a_number_is_told_in_its_unit(tmp_path, rows, said):
    line = judged(tmp_path, rows)
    assert (line["base"], line["instruct"], line["difference"]) == said


def test_a_claim_about_one_model_shows_what_was_measured_and_what_was_wanted(tmp_path):
    line = judged(tmp_path, many("refusal", "refuses", lambda i: float(i < 25), "sft", "chat", "harmless"))
    assert (line["base"], line["base_label"], line["instruct"]) == ("–", "the claim is about the other alone", "62 %")
    assert line["outcome"] == "62 % of harmless requests refused (47 % to 76 %); below 5 % wanted"
    assert line["strip"]["value"] == pytest.approx(4 + 92 * (0.625 + 1) / 2, abs=0.01)
    assert line["strip"]["goal"] == pytest.approx(4 + 92 * (0.05 + 1) / 2, abs=0.01)
    line = judged(tmp_path, many("wrong_answers", "imitation", lambda i: 0.6 + i % 2 / 10, "base", "raw"))
    assert line["base"] == "0.65"
    assert line["difference"] == "above 0.10 wanted"
    line = judged(tmp_path, many("task_patterns", "gain", lambda i: 0.25, "base", "raw", "alien"))
    assert (line["base"], line["difference"]) == ("25 points", "above 10 points wanted")
    line = judged(tmp_path, many("facts", "correct", lambda i: 1.0, "base", "raw", "capital"))
    assert line["difference"] == "above 12 % wanted"  # .10 over chance, which is one in 40
    assert line["interval"].endswith("of the capitals named; chance is 2.5 %")


def test_what_was_wanted_is_said_of_every_claim_that_was_not_confirmed(tmp_path):
    line = judged(tmp_path, answers("base", "raw", 20), answers("sft", "chat", 21))
    assert line["outcome"].endswith("; above +10 points wanted")
    line = judged(tmp_path, loss("base", "story", 2.0), loss("sft", "story", 2.1))
    assert line["outcome"].endswith("; a loss: lower is better; above +10 % wanted")


def test_no_interval_of_rates_reaches_beyond_what_a_rate_can_be(tmp_path):
    three = [answers("base", "raw", 0, seed=s) + answers("sft", "chat", right, seed=s)
             for s, right in enumerate((8, 36, 40))]  # fmt: skip
    line = judged(tmp_path, *three)
    assert line["interval"].endswith(" to +100")
    assert words.percents(Estimate(0.9, 0.7, 1.1, 3)) == "70 % to 100 %"


def test_what_was_not_measured_does_not_hang_on_the_words_of_a_claim(tmp_path):
    write_rows(tmp_path / "results.csv", [*answers("base", "raw", 4), *answers("sft", "chat", 36)])
    (verdict,) = verdicts(read_rows(tmp_path / "results.csv"))
    fixed = [claim.claim for claim in CLAIMS if not claim.exploratory]
    assert not_measured(Results()) == fixed
    assert not_measured(Results(verdicts=[verdict | {"claim": "in older words"}])) == fixed[1:]
    assert all(bool(claim.counted) == (claim.compare in ALONE) for claim in CLAIMS)


# --- the short of it first


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """(contents, HTML, Markdown) of a page with a few rows of many questions."""
    return report_of(tmp_path_factory.mktemp("report"), *(few_of_each(*pair) for pair in MODELS))


def test_every_section_and_every_claim_stands_under_a_row_of_the_table():
    named = {row for source in SOURCES for row in re.findall(r'\brow="([^"]+)"', source.read_text(encoding="utf-8"))}
    assert named <= set(ROWS)
    assert {row_name(claim.row) for claim in CLAIMS if not claim.exploratory} <= set(ROWS)


def test_how_to_read_it_begins_with_one_short_sentence(report):
    page, html, markdown = report
    for section in page["sections"]:
        assert section.how_to_read in (section.in_short, f"{section.in_short} {section.further}")
        assert len(section.in_short) < 170, section.title
    assert len(page["sections"]) > 8


def shown(html: str) -> str:
    """The text of a page outside of everything that is folded."""
    while (less := re.sub(r"<details(?![^>]* open)(?:(?!<details).)*?</details>", " ", html, flags=re.DOTALL)) != html:
        html = less
    return Page(html).text


def test_the_head_of_a_section_is_seen_and_the_rest_is_folded(report):
    page, html, markdown = report
    seen, everything = shown(html), Page(html).text
    for section in page["sections"]:
        assert section.title in seen
        assert section.in_short.replace(" %", "\u00a0%") in seen
        for told in (section.n, section.test, section.pitfall):
            assert told in everything
        assert section.pitfall not in seen
        for told in (section.how_to_read, section.n, section.pitfall):
            assert " ".join(told.split()[:4]) in markdown
    assert html.count('<details class="more"><summary>') == len(page["sections"])
    drawn = sum(len(picture.panels) for section in page["sections"] for picture in section.pictures)
    assert html.count("<svg role=") == drawn


def test_a_percentage_has_its_blank_everywhere(report):
    page, html, markdown = report
    text = Page(re.sub(r"<(style|script)>.*?</\1>", "", html, flags=re.DOTALL)).text
    assert re.search(r"\d[ \u00a0]%", text)
    assert not re.findall(r"\d%", text + markdown)
    assert not [claim for claim in CLAIMS if re.search(r"\d%", rule(claim))]


def report_on_leaning(folder, **verdict) -> tuple[str, str]:
    claim = {"claim": "leans", "question": "bias", "metric": "leans"} | verdict
    (folder / "verdicts.json").write_text(json.dumps([claim]))
    return report_of(folder, few_of_each())[1:]


def test_a_section_says_of_its_claims_what_qualifies_them(tmp_path):
    html, markdown = report_on_leaning(tmp_path, verdict="CONFIRMED", suffix="(format)")
    section = html[html.index('id="question-bias"') :]
    assert "(format)" in section[: section.index("</ul>")]
    assert re.search(r"\*\*CONFIRMED\*\* leans.*\(format\)", markdown)


def test_what_was_not_confirmed_says_of_which_run(tmp_path):
    html, markdown = report_on_leaning(tmp_path, verdict="WEAK", run="hot")
    assert "leans (hot):" in html[html.index('id="limits"') :]
    assert "leans (hot):" in markdown[markdown.index("## What was not confirmed") :]


def test_more_trainings_are_not_more_pages_or_items(tmp_path):
    rows = [vars(row) | {"seed": seed, "meta": {}} for seed in range(3) for row in
            [*loss("base", "story", 2.0), *loss("sft", "story", 2.5), *loss("base", "instruct answer", 3.0, "chat"),
             *loss("sft", "instruct answer", 1.0, "chat"), *many("task_patterns", "gain", lambda i: i % 2 / 10, "base",
             "raw", "shuffled")]]  # fmt: skip
    assert pareto.section(Results(rows=rows)).n == "1 tuned model, 20 web pages"
    assert controls.section(Results(rows=rows)).n == "40 items or more for each control"


def test_what_cannot_be_read_is_said_beside_the_share_of_the_rest():
    rows = [row for model, form in (("base", "raw"), ("sft", "raw"), ("sft", "chat"))
            for row in many("register_mirroring", "mirrors", lambda i: i % 2, model, form, "rude")]  # fmt: skip
    short = many("register_mirroring", "too_short", lambda i: 1, "sft", "chat", "rude")
    rows, short = ([vars(row) | {"meta": {}} for row in some] for some in (rows, short))
    told = registers.said(rows, short)
    assert told.endswith("left out: 0 % of the base model's texts, 50 % of the instruct model's replies.")
    assert "left out" not in registers.said(rows, [])


def test_a_fit_is_only_said_where_there_is_one():
    corpus = {"quiz": 0.5, "story": 0.5}
    texts = [{"model": "base", "level": name} for name in ("quiz", "story") * 50]
    assert kinds.said(texts, corpus).endswith("no more than chance gives.")
    assert "where chance gives up to" in kinds.said([row | {"level": "quiz"} for row in texts], corpus)


def test_the_contents_lead_to_every_section(report):
    page, html, markdown = report
    contents = html[html.index('id="contents"') :]
    contents = contents[: contents.index("</details>")]
    for section in page["sections"]:
        assert f'href="#{section.anchor}"' in contents
        assert section.row in contents
    links = {value[1:] for _, name, value in Page(html).attributes if name == "href" and value.startswith("#")}
    assert links <= {value for _, name, value in Page(html).attributes if name == "id"}
    headings = {re.sub(r"[^\w\- ]", "", line[4:].lower()).replace(" ", "-") for line in markdown.splitlines()
                if line.startswith("### ")}  # fmt: skip
    assert set(re.findall(r"\]\(#([^)]+)\)", markdown)) <= headings


def test_a_folded_figure_is_counted():
    panels = {"level": figures.Figure(), "y": figures.Figure()}
    section = Section(question="p", title="t", says="s", n="n", test="t", pitfall="p",
                      how_to_read="First, 3.5 of it. Then more. And.",
                      pictures=picture("a", "alt", panels, front=1))  # fmt: skip
    assert section.folded == "how it was measured, 1 figure more"
    assert (section.in_short, section.further) == ("First, 3.5 of it.", "Then more. And.")


# --- drawings


def test_a_small_drawing_has_all_the_words_and_marks_of_the_large_one():
    panel = figures.rates([vars(row) | {"meta": {}} for row in answers("base", "raw", 9)])
    large = figures.svg(panel, "a rate", themed=True)
    looks: dict[str, str] = {}
    found = drawing.small(large, "d0_0", looks)
    assert len(found) < len(large) / 2
    trees = [ElementTree.fromstring(text) for text in (large, found)]
    told = [[one.text.strip() for one in tree.iter() if one.tag.endswith("text")] for tree in trees]
    assert told[0] == told[1] != []
    assert len({len(list(tree.iter("use"))) for tree in trees}) == 1
    assert "var(--base)" in drawing.style_sheet(looks)
    ids = set(re.findall(r'id="([^"]+)"', found))
    assert set(re.findall(r'(?<=href="#)[^"]+|(?<=url\(#)[^)]+', found)) == ids
    assert all(name in looks.values() for name in re.findall(r'class="([^"]+)"', found))


# --- strangers


def test_no_controls_are_shown_of_two_strangers():
    rows = [row for category in ("shuffled", "alien")
            for row in many("task_patterns", "gain", lambda i: i % 2 / 10, "base", "raw", category)]  # fmt: skip
    rows = [vars(row) | {"meta": {}} for row in rows]
    found = {"preflight": [{"name": "Vocabulary", "found": "the same", "level": "good"}]}
    assert controls.section(Results(rows=rows)).title
    assert controls.section(Results(rows=rows, summary=found)) is None
