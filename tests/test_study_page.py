"""The page of a study: what is kept of its arms, and what is made of that."""

import json
import re
from dataclasses import replace

import pytest
from conftest import write_lines
from test_study import ARMS, CHECK, FED, SETTINGS, rows

from configs.pipeline.errors import UserError
from eval.results import Row, write_rows
from eval.settings import StudySettings
from eval.study.arms import check_arms
from eval.study.checks import Check
from eval.study.kept import PAGES, has_learnt_nothing, identity, keep, kept, missing_seeds, starts_elsewhere
from eval.study.measures import measured, named, shown
from eval.study.page import (
    in_cells,
    measured_on,
    of_what,
    publish,
    read_table,
    steps_of,
    text_of,
    whose,
    write_page,
)
from eval.study.plan import read_study

SHOWN = [["stopping", "stopped", "chat"]]
IDENTITY = {"study": "s", "size": "smoke", "seeds": "0", "shown": SHOWN}


def settings_in(folder) -> StudySettings:
    return StudySettings(name="s", size="smoke", workspace=str(folder))


def ask_by_hand(settings, arm: str, values: list[float], seeds: tuple[int, ...] = (0,)) -> None:
    """What asking an arm leaves behind: the same values for each of these seeds."""
    folder = settings.results_of(arm)
    folder.mkdir(parents=True, exist_ok=True)
    more = {"condition": "chat", "category": "question", "meta": "{}", "run_id": "s", "stage": "sft"}
    some = rows(f"{arm}/sft", values, question="stopping", metric="stopped", n_tokens=7)
    some += rows(f"{arm}/sft", values, question="nobody", metric="asked")
    write_rows(folder / "results.csv", [Row(**one | more | {"seed": seed}) for seed in seeds for one in some])
    said = {"group": "question", "index": 0, "condition": "chat", "prompt": "What is `x`?", "stopped": False,
            "model": f"{arm}/sft", "output": "```<b>x"}  # fmt: skip
    write_lines(folder / "transcripts.jsonl", [said | {"seed": seed} for seed in seeds])
    models = [{"stage": "sft", "seed": seed, "held_out_curve": [[1, 1, float(seed)]]} for seed in seeds]
    (folder / "summary.json").write_text(json.dumps({"models": models}))
    record = {"machine": {"processor": "A <b>chip", "cores": 2}, "finished_at": f"2026-11-2{seeds[0]}", "seconds": 5}
    (folder / "record.json").write_text(json.dumps(record))


def published(study, tmp_path):
    """The page of two arms, of which the second stops less often."""
    settings = settings_in(tmp_path)
    check = CHECK.replace("question: p, metric: m", "question: stopping, metric: stopped")
    text = ARMS.split("  plain")[0] + check.replace("model: base, form: raw", "model: sft, form: chat")
    for arm, values in {"as-is": [1.0] * 40, "truthful": [0.0, 1.0] * 20}.items():
        ask_by_hand(settings, arm, values)
    read = study(text, settings)
    for arm in ("as-is", "truthful"):
        keep(read, settings, arm, IDENTITY, tmp_path / "pages")
    return publish(read, settings, tmp_path / "pages"), read


def test_a_page_says_what_each_arm_changes_and_what_was_expected(study, tmp_path):
    path, read = published(study, tmp_path)
    page = path.read_text()
    assert re.search(r"\| stops by itself \| \*\*1.00\*\* \| 0.50 \(−0.6\d to −0.3\d\) ▼ \|", page)
    assert "| tokens an answer | 7.00 | 7.00 |" in page
    assert "**otherwise** · `truthful`, stopping, stopped: 0.50 (0.35 to 0.65), expected below 0.10. e." in page
    assert "- *stops by itself* (40 items): within 96 tokens" in page
    assert "One training of each" in page
    assert "`make study NAME=s SIZE=smoke PUBLISH=1` makes this page anew" in page
    assert "````text\n```<b>x …\n````" in page
    table = read_table(tmp_path / "pages" / "s-smoke.csv")
    found = [(line["arm"], line["value"], line["difference"]) for line in table if "stops" in line["measure"]]
    assert found == [("as-is", 1.0, 0.0), ("truthful", 0.5, -0.5)]
    assert (tmp_path / "pages" / "s-smoke-effects.png").stat().st_size > 1000
    html = (tmp_path / "eval/results/study-s-smoke.html").read_text()
    assert "<table>" in html
    assert "<b>" not in html
    assert html.count("data:image/png;base64,") == 2


def test_a_number_is_called_what_the_table_calls_it(study):
    read = study(FED)

    def check(**more):
        about = {"claim": "c", "expected": "e", "question": "refusal", "metric": "refuses", "form": "chat"}
        return Check(**about | {"arm": "dpo", "model": "dpo", "below": 0.0} | more)

    assert named(check(items={"category": "harmless"})) == "harmless refused"
    assert named(check(items={"category": ["harmful", "harmless"]})) == "refusal, refuses, harmful or harmless"
    assert named(check(form="few")) == "refusal, refuses, few"  # of all items, which no line of the table is about
    assert whose(read, check()) == "`dpo`"
    assert whose(read, check(model="sft")) == "`dpo` (sft)"


def test_of_an_arm_what_its_page_shows_is_kept_and_then_it_is_done_wherever_it_ran(study, tmp_path):
    _, read = published(study, tmp_path)
    some, facts = kept("s-smoke", list(read.arms), tmp_path / "pages")
    assert {row["question"] for row in some} == {"stopping"}
    assert facts["truthful"]["sessions"][0]["machine"]["processor"] == "A <b>chip"
    pages, more = tmp_path / "pages", IDENTITY | {"seeds": "0 1"}
    assert missing_seeds("s-smoke", "truthful", IDENTITY, pages) == []
    assert missing_seeds("s-smoke", "truthful", more, pages) == ["1"]
    assert missing_seeds("s-smoke", "truthful", more | {"size": "tiny"}, pages) == ["0", "1"]
    assert missing_seeds("s-smoke", "plain", IDENTITY, pages) == ["0"]
    resolved = check_arms(read, SETTINGS)
    mine, other = (identity(read, SETTINGS, resolved[arm], shown(read)) for arm in ("as-is", "truthful"))
    assert mine != other
    assert json.loads(json.dumps(mine)) == mine
    assert {"exam", "asked", "world", "seeds", "shown"} <= mine.keys()  # what else changes a result


def test_seeds_of_another_session_stand_beside_the_first(study, tmp_path, monkeypatch):
    _, read = published(study, tmp_path)
    pages = tmp_path / "pages"

    def session(arm: str, values: list[float], seeds: str) -> dict:
        settings = replace(settings_in(tmp_path), seeds=seeds)
        ask_by_hand(settings, arm, values, tuple(map(int, seeds.split())))
        keep(read, settings, arm, IDENTITY, pages)
        return kept("s-smoke", [arm], pages)[1][arm]

    def seen(arm: str) -> dict[int, list[float]]:
        some = kept("s-smoke", [arm], pages)[0]
        return {seed: [row["value"] for row in some if row["seed"] == seed] for seed in {row["seed"] for row in some}}

    facts = session("as-is", [0.0] * 40, "1 2")
    assert facts["identity"]["seeds"] == "0 1 2"
    assert [one["seeds"] for one in facts["sessions"]] == ["0", "1 2"]
    assert list(facts["curves"]) == ["sft 0", "sft 1", "sft 2"]
    assert seen("as-is") == {0: [1.0] * 40, 1: [0.0] * 40, 2: [0.0] * 40}
    assert missing_seeds("s-smoke", "as-is", IDENTITY | {"seeds": "0 1 2 3"}, pages) == ["3"]

    page = write_page("s-smoke", read, pages).read_text()  # the other arm has one seed, so the page is of that
    assert "One training of each" in page
    assert re.search(r"\| stops by itself \| \*\*1.00\*\* \| 0.50", page)

    facts = session("as-is", [0.5] * 40, "2")  # one of them again
    assert [(one["seeds"], one["asked_seconds"]) for one in facts["sessions"]] == [("0", 5), ("1", 2.5), ("2", 5)]
    assert seen("as-is") == {0: [1.0] * 40, 1: [0.0] * 40, 2: [0.5] * 40}
    assert measured_on(facts).endswith("2026-11-22 (seed 2)")

    monkeypatch.setattr("eval.study.kept.judge", lambda: "another")  # what one judge read is not joined to the other's
    assert missing_seeds("s-smoke", "as-is", IDENTITY | {"seeds": "0 1 2 3"}, pages) == ["0", "1", "2", "3"]
    assert missing_seeds("s-smoke", "as-is", IDENTITY | {"seeds": "0 1 2"}, pages) == []
    assert session("as-is", [0.0] * 40, "3")["identity"]["seeds"] == "3"
    with pytest.raises(UserError, match=r"no seed is kept of all arms: as-is \(3\), truthful \(0\)"):
        write_page("s-smoke", read, pages)


def test_the_index_says_what_each_study_took():
    lines = (PAGES / "README.md").read_text(encoding="utf-8").splitlines()
    told = {name: int(minutes) for name, minutes in re.findall(r"^\| \[(\w+)\].*?\| (\d+) \|", "\n".join(lines), re.M)}
    assert told.keys() == {path.stem for path in PAGES.glob("*.csv")}
    for name, minutes in told.items():
        arms = list(read_study(StudySettings(name=name)).arms)
        _, facts = kept(name, arms)
        spent = [(arm, one) for arm in arms for one in facts[arm]["sessions"]]
        seconds = sum(one["asked_seconds"] + (arm != arms[0] and one["seconds"]) for arm, one in spent)
        assert minutes == round(seconds / 60), name


def test_an_arm_is_held_against_its_parent_and_bases_stand_by_themselves(study):
    """Ten items each: of the tuned models 1, .5 and 0 right, of the bases 0 and 1."""
    read = study("arms: {one: {}, two: {corpus: {megabytes: 1}}, three: {parent: two, sft: {max_steps: 1}}}")
    asked = {"one/base": 0.0, "one/sft": 1.0, "two/base": 1.0, "two/sft": 0.5, "three/sft": 0.0}
    some = [row for model, value in asked.items() for row in
            rows(model, [value] * 10, question="stopping", metric="stopped", condition="chat", category="question",
                 n_tokens=3)]  # fmt: skip
    lines = [line for line in measured(read, some) if line["measure"] == "stops by itself"]
    found = [(line["of"], line["arm"], line["against"], line["difference"]) for line in lines]
    assert found == [
        ("last", "base", "one", -1.0), ("last", "one", "one", 0.0), ("last", "two", "one", -0.5),
        ("last", "three", "two", -0.5), ("base", "one", "one", 0.0), ("base", "two", "one", 1.0),
    ]  # fmt: skip
    assert of_what(lines, "last")["heads"]["three"] == "three, against two"


def test_losses_are_told_to_the_thousandth():
    line = {"measure": "loss on the web", "better": -1.0, "arm": "a", "value": 0.2563}
    none, some = ({"difference": one, "low": one, "high": 4 * one} for one in (0.0, 0.0012))
    shown = in_cells([line | none, line | some | {"arm": "b", "value": 0.2575}])["loss on the web"]
    assert shown == {"a": "**0.256**", "b": "0.258 (+0.001 to +0.005) ▼"}


def test_the_page_tells_of_weights_that_no_step_has_moved_and_of_the_steps(study):
    read = study(FED)
    curves = {"dpo 0": [[0, 0, 2.0], [90, 5, 1.0]], "sft 0": [[7, 1, 1]]}
    facts = {"models": {"dpo 0": ["same", "same"]}, "curves": curves}
    assert has_learnt_nothing(read, {"dpo": facts}, "dpo")
    assert not has_learnt_nothing(read, {"dpo": {"models": {"dpo 0": ["new", "same"]}}}, "dpo")
    assert steps_of(read, "dpo", facts) == 90
    assert steps_of(read, "dpo", {"curves": {}}) is None


def test_an_arm_that_started_from_a_twin_of_the_models_of_now_is_marked(study):
    read = study(FED)
    facts = {"as-is": {"models": {"sft 0": ["a", "base"]}}, "dpo": {"models": {"dpo 0": ["d", "a"]}}}
    assert not starts_elsewhere(read, facts, "dpo")
    facts["as-is"]["models"]["sft 0"] = ["trained-again", "base"]
    assert starts_elsewhere(read, facts, "dpo")
    assert not starts_elsewhere(read, facts, "as-is")


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.csv")), ids=lambda path: path.stem)
def test_a_shipped_page_is_what_is_kept_of_its_arms(path):
    made = json.loads(next(path.with_suffix("").glob("*.json")).read_text())["identity"]
    read = read_study(StudySettings(name=made["study"], size=made["size"]))
    some, facts = kept(path.stem, list(read.arms))
    page = path.with_suffix(".md").read_text(encoding="utf-8")
    assert page == text_of(path.stem, read, read_table(path), some, facts)
    first = next(iter(facts))
    told = {line["measure"]: line["value"] for line in read_table(path) if line["arm"] == first
            and line["of"] == "last"}  # fmt: skip
    known = {"answers": ("response_types", "answers"), "stops by itself": ("stopping", "stopped")}
    for measure, (question, metric) in known.items():
        asked = [row["value"] for row in some if (row["question"], row["metric"]) == (question, metric)
                 and (row["model"], row["condition"]) == (f"{first}/sft", "chat")
                 and row["category"] in ("question", "instruction")]  # fmt: skip
        assert (measure in told) == bool(asked)
        assert not asked or told[measure] == pytest.approx(sum(asked) / len(asked), abs=1e-4)
