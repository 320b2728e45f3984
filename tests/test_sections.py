"""The sections of the report, made from a few rows of each question."""

import json

import pytest
from sample import Page, answers

from eval.page.dots import Dot, Line, dot_lines
from eval.page.reading import Results
from eval.page.section import Picture
from eval.questions import parts
from eval.questions.bias import show as bias
from eval.questions.corpus_rates import show as kinds
from eval.questions.diversity import show as diversity
from eval.questions.exposure import show as exposure
from eval.questions.register_mirroring import show as registers
from eval.questions.wrong_answers import show as wrong_answers
from eval.report import contents, read_results, write_report
from eval.results import Row, read_rows, write_rows
from eval.stats import Estimate, bayes_wrong

KNOBS = {"careless_share": 0.5, "careless_error": 0.95, "careful_error": 0.05, "refusal_share": 0.25}
MODELS = (("base", "raw"), ("base", "chat"), ("sft", "raw"), ("sft", "chat"))


def cell(
    question: str, metric: str, item: str, value: float, model="base", condition="raw", meta=None, **columns
) -> Row:
    return Row(
        run_id="t",
        model=model,
        stage=model.rpartition("/")[2],
        seed=0,
        condition=condition,
        question=question,
        metric=metric,
        item_id=item,
        value=value,
        meta=json.dumps(meta or {}),
        **columns,
    )


# sections of a question of their own in few_of_each; the others are tested beside their questions
SIMPLE = [
    parts("show")[name].section
    for name in "response_types corpus_rates facts recall exposure register_mirroring rude_words chat_continuation "
    "stopping task_patterns wrong_answers".split()
]


def few_of_each(model: str = "base", condition: str = "raw") -> list[Row]:
    """A few rows of every question, for one model in one prompt form."""
    rows = []

    def add(*arguments, **columns):
        rows.append(cell(*arguments, model=model, condition=condition, **columns))

    for i in range(3):
        add("response_types", "answers", f"q{i}", float(i > 0), category="question")
        add("response_types", "response_type", f"q{i}", 1.0, category="question", meta={"response_type": "answers"})
        add("stopping", "stopped", f"q{i}", float(i > 1), category="question")
        add("role_leakage", "role_leakage", f"chat:{i}", float(i > 1))
        add(
            "facts",
            "correct",
            f"capital:{i}",
            1.0,
            cluster_id=f"{i}",
            category="capital",
            level=("known", "held_out")[i % 2],
            meta={"candidates": 9},
        )
        add(
            "recall",
            "correct",
            f"legs:{i}",
            1.0,
            cluster_id=f"{i}",
            category="legs",
            level="held_out",
            meta={"candidates": 4},
        )
        add("recall", "correct", f"sum:{i}", 0.0, category="sum", level=("seen", "unseen")[i % 2])
        add("register_mirroring", "mirrors", f"opening:{i}", 1.0, category="rude", meta={"written": "rude"})
        add("corpus_rates", "sample", f"sample:{i}", 0.0, level=("quiz", "story", "unreadable")[i])
        add("corpus_rates", "refuses", f"thread:{i}", float(i == 0), meta={"expected": 0.25})
        for category in ("right", "wrong"):
            for k in (0, 1):
                item = {"cluster_id": f"sheet:{i}", "category": category, "level": str(k)}
                add("wrong_answers", "p_wrong", f"sheet:{i}:{k}", 0.1 + 0.6 * (category == "wrong"), **item)
        add("wrong_answers", "wrong", f"analogous:{i}", 1.0, category="analogous")
    for level in (1, 16):
        for words in ("1 phrasing", "12 phrasings"):
            add("recall", "correct", f"job:{level}{words}", 1.0, category="person_job", level=f"level {level}, {words}")
    for k in (0, 4):
        item = {"cluster_id": "list", "level": str(k), "meta": {"task": "swap", "operands": "seen"}}
        for category in ("native", "alien", "shuffled"):
            for metric in ("exact", "header", "continues"):
                add("task_patterns", metric, f"list:{k}", 1.0, category=category, **item)
    for pair, expected in (("mood", 0.5), ("courage", 0.8), ("patience", 0.9)):
        item = {"cluster_id": f"hill folk:{pair}", "category": pair, "level": "known", "meta": {"expected": expected}}
        add("bias", "first_attribute", f"hill folk:{pair}:0", expected, **item)
    return rows


def report_of(folder, *rows: list[Row], config: dict | None = None) -> tuple[dict, str, str]:
    """(contents, HTML, Markdown) of the report of some rows."""
    write_rows(folder / "results.csv", [row for some in rows for row in some])
    by_type = {"quiz": {"documents": 60}, "story": {"documents": 40}}
    summary = {"corpus": {"by_type": by_type, "rude_share": 0.05, "config": config or {}}}
    (folder / "summary.json").write_text(json.dumps(summary))
    html = write_report(folder).read_text(encoding="utf-8")
    return contents(read_results(folder)), html, (folder / "report.md").read_text(encoding="utf-8")


def test_a_few_rows_of_each_question_become_a_section_each(tmp_path):
    page, html, markdown = report_of(tmp_path, *(few_of_each(*pair) for pair in MODELS), config=KNOBS)
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
    rows = {(row.question, row.metric, row.category, row.level): row for row in reversed(few_of_each())}
    write_rows(tmp_path / "results.csv", rows.values())
    assert make(Results(rows=read_rows(tmp_path / "results.csv"))).pictures


def test_sections_whose_rows_were_not_measured_are_left_out(tmp_path):
    page, html, _ = report_of(tmp_path, answers("base", "raw", 3), answers("sft", "chat", 9))
    assert page["sections"] == []
    assert "questions" not in [value for _, name, value in Page(html).attributes if name == "id"]
    page, _, _ = report_of(tmp_path, [cell("wrong_answers", "wrong", "seed prompt", 1.0, category="verbatim")])
    (section,) = page["sections"]
    assert [picture.name for picture in section.pictures] == ["wrong-answers"]


def test_two_runs_stand_side_by_side_in_every_section(tmp_path):
    named = [few_of_each(f"{run}/{model}", form) for run in ("a", "b") for model, form in MODELS]
    page, html, _ = report_of(tmp_path, *named)
    assert len(page["sections"]) >= len(SIMPLE)
    assert "b: instruct" in Page(html).text


def test_histograms_of_several_runs_show_the_first():
    rows = [
        {"model": model, "condition": form, "category": "list", "level": "a job", "metric": "effective",
         "question": "diversity",
         "item_id": "job", "value": 0.5, "seed": 0, "meta": {"counts": {"baker": 2, "smith": 1}}}
        for model, form in (("a/base", "raw"), ("a/sft", "chat"), ("b/base", "raw"), ("b/sft", "chat"))
    ]  # fmt: skip
    (drawn,) = diversity.histograms(Results(rows=rows)).values()
    assert [text.get_text() for text in drawn.legends[0].get_texts()] == [
        "a: base · raw text", "a: instruct · chat form"
    ]  # fmt: skip


def test_a_long_heading_is_broken_before_it_leaves_the_figure():
    heading = "next-token training on the bare text of the pairs"
    lines = [Line(heading), Line("x", [Dot(Estimate(0, -1, 1, 9), "x", "blue", "o")])]
    drawn = dot_lines(lines, -1, 1, (-1, 0, 1))
    (written,) = [text.get_text() for text in drawn.axes[0].texts if text.get_text().startswith("next")]
    assert written.split() == heading.split()
    assert max(map(len, written.split("\n"))) <= 36


def test_a_claim_stands_with_the_section_that_measured_it(tmp_path):
    claim = {"claim": "copies", "verdict": "WEAK", "question": "bias", "metric": "first_attribute"}
    (tmp_path / "verdicts.json").write_text(json.dumps([claim]))
    page, _, _ = report_of(tmp_path, [row for row in few_of_each() if row.question == "bias"])
    assert [section.title for section in page["sections"] if section.claims] == ["Does it copy the biases of its text?"]


def sheets_of(p_wrong) -> list[dict]:
    """Rows as a file gives them: p_wrong(category, k) on ten sheets of nine questions."""
    return [
        {"model": "base", "condition": "raw", "seed": 0, "category": category, "k": k, "value": p_wrong(category, k),
         "cluster_id": f"sheet:{sheet}", "item_id": f"sheet:{sheet}:{k}"}
        for category in ("right", "wrong") for sheet in range(10) for k in range(9)
    ]  # fmt: skip


def test_the_imitation_index_is_the_mean_over_one_to_eight_answers():
    line = wrong_answers.Line.of(
        ("base", "raw"), sheets_of(lambda category, k: 0.9 if category == "wrong" and k else 0.2)
    )
    assert line.index.value == pytest.approx(0.7)
    assert line.mean("right") == pytest.approx(0.2)
    assert line.curves["wrong"][0].value == pytest.approx(0.2)
    assert line.curves["wrong"][8].n == 10


def test_an_ideal_reader_has_no_distance_to_the_line():
    ideal = wrong_answers.Ideal.of(KNOBS)
    line = wrong_answers.Line.of(
        ("base", "raw"), sheets_of(lambda category, k: bayes_wrong(k, k * (category == "wrong"), 0.5, 0.95, 0.05))
    )
    assert line.distance(ideal, "wrong") == pytest.approx(0)
    assert ideal.wrong(0, "wrong") == ideal.wrong(0, "right") == pytest.approx(0.5)
    off = wrong_answers.Line.of(("base", "raw"), sheets_of(lambda category, k: ideal.wrong(k, category) + 0.1))
    assert off.distance(ideal, "right") == pytest.approx(0.1)


def test_the_ideal_reader_stays_away_where_the_writers_are_unknown(tmp_path):
    write_rows(tmp_path / "results.csv", few_of_each())
    rows = read_rows(tmp_path / "results.csv")
    known, unknown = (wrong_answers.section(Results(rows, summary={"corpus": {"config": k}})) for k in (KNOBS, {}))
    assert "ideal reader" in str(known.tables) + known.how_to_read
    assert "ideal" not in str(unknown.tables) + unknown.how_to_read + unknown.says


def test_registers_outside_the_five_count_as_other():
    rows = [{"category": "rude", "meta": {"written": name}} for name in ("rude", "neutral", "", "casual")]
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
    assert kinds.distance([{"level": "quiz"}] * 75 + [{"level": "story"}] * 25, corpus)[0] == pytest.approx(0)
    assert kinds.distance([{"level": "unreadable"}] * 9, corpus)[0] == pytest.approx(1)


@pytest.mark.parametrize("level", [1.0, 0.5])
def test_a_model_that_copies_the_biases_of_its_corpus_has_slope_one(level):
    shares = (0.5, 0.6, 0.7, 0.8, 0.9)
    told = [{"cluster_id": str(p), "category": "mood", "value": 0.5 + (p - 0.5) * level, "level": "known",
             "meta": {"expected": p}} for p in shares]  # fmt: skip
    found, start = bias.fit(bias.cells_of(told, level))
    assert (found.value, start) == pytest.approx((1, 0))


def test_panels_have_names_of_their_own():
    picture = Picture("exposure", [None, None], "rate", ["base", "instruct"])
    assert picture.names() == ["exposure", "exposure-2"]
    assert picture.alts() == ["rate: base", "rate: instruct"]
