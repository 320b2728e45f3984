"""A study: what of it is trained, which mistakes get one line, what is expected of an arm and what it shows."""

import re
import sys

import pytest
from conftest import run_module

from configs.pipeline.errors import UserError
from configs.pipeline.stage import Stage
from eval.claims import CLAIMS
from eval.page.reading import Results
from eval.questions.controls import show as controls
from eval.report import contents
from eval.settings import StudySettings
from eval.study import running
from eval.study.__main__ import refuse_losing_seeds, tell_of_misses
from eval.study.arms import check_arms, differences
from eval.study.checks import Check, outcome_of
from eval.study.kept import judge
from eval.study.new import write_new
from eval.study.plan import STUDIES, read_study, steps
from eval.study.running import carry_out, described, hand_out

SETTINGS = StudySettings(name="s", size="smoke", workspace="there")
ARMS = """
title: Sample
arms:
  as-is: {}
  truthful:
    corpus: {careless_share: 0.0}
  plain:
    sft: {objective: plain_lm}
  plain-slow:
    parent: plain
    sft: {learning_rate: 1e-4}
  fewer:
    parent: truthful
    pairs: {count: 100}
"""
CHECK = """
checks:
  - {arm: truthful, claim: c, expected: e, question: p, metric: m, model: base, form: raw, below: 0.1}
"""


def planned(study, settings: StudySettings = SETTINGS) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for step in steps(study, settings):
        found.setdefault(step.arm, []).append(step.stage)
    return found


def test_an_arm_trains_only_what_its_changes_reach_and_models_once_for_every_seed(study):
    everything = ["corpus", "tokenizer", "pretrain", "pairs", "sft"]
    wanted = {"as-is": everything, "truthful": everything, "plain": ["sft"], "plain-slow": ["sft"],
              "fewer": ["pairs", "sft"]}  # fmt: skip
    assert planned(study(ARMS)) == wanted
    seeds = StudySettings(name="s", size="smoke", seeds="0 1 2")
    models = {"pretrain", "sft"}
    assert planned(study(ARMS, seeds), seeds) == {
        arm: [stage for stage in stages for _ in range(3 if stage in models else 1)] for arm, stages in wanted.items()
    }
    assert planned(study(FED, seeds), seeds)["noisy"] == ["preferences"] * 3 + ["dpo"] * 3


def test_the_unchanged_arm_is_the_ordinary_run_lends_its_base_and_changes_are_inherited(study):
    flags = {(one.arm, one.stage): dict(zip(one.command[1::2], one.command[2::2], strict=True))
             for one in steps(study(ARMS), SETTINGS)}  # fmt: skip
    assert flags["as-is", "pretrain"]["--run"] == "smoke"
    assert (flags["plain", "sft"]["--run"], flags["plain", "sft"]["--parent_run"]) == ("study-s-smoke-plain", "smoke")
    assert flags["fewer", "sft"]["--parent_run"] == "study-s-smoke-truthful"
    assert {flag["--workspace"] for flag in flags.values()} == {"there"}
    last = flags["plain-slow", "sft"]
    assert (last["--objective"], last["--learning_rate"]) == ("plain_lm", "1e-4")


def test_force_makes_the_arms_anew_but_not_the_run_that_they_start_from(study):
    forced = StudySettings(name="s", size="smoke", force=True)
    found = {step.arm for step in steps(study(ARMS), forced) if "--force" in step.command}
    assert found == {"truthful", "plain", "plain-slow", "fewer"}


B = "arms:\n  a: {}\n  b: "  # a study of two arms; what follows is the second
MISTAKES = {
    "unknown stage": (B + "{pretrian: {seed: 1}}", "arm b: unknown key pretrian; did you mean pretrain?"),
    "unknown field": (B + "{corpus: {carless_share: 0}}", "arm b, corpus: unknown field carless_share; did you mean"),
    "out of range": (B + "{corpus: {careless_share: 2}}", "arm b, corpus: careless_share: 2.0 is out of range"),
    "no value": (B + "{sft: {objective: }}", "arm b, sft: objective has no value"),
    "wrong choice": (B + "{sft: {objective: magic}}", "arm b, sft: objective: 'magic' is none of"),
    "a place": (B + "{sft: {run: mine}}", "arm b, sft: run is chosen by the study itself"),
    "missing arm": (B + "{parent: c, sft: {seed: 1}}", "arm b: unknown parent c"),
    "no model": (B + "{preferences: {noise: 0.5}}", "arm b: it makes no model that answers; name dpo, rl"),
    "a learnt reward": (B + "{rl: {reward: learnt}}", "arm b, rl: with a learnt reward its stage is called rl-learnt"),
    "a form": (ARMS + "compare: {forms: chatt}\n", "compare: forms: there is no prompt form chatt"),
    "no change": (B + "{}", "arm b: it changes no stage"),
    "a bad name": ("arms:\n  a b: {}\n", "arm a b: a name is of letters"),
    "no arms": ("title: nothing\n", "no arm stands under `arms:`"),
    "twice": ("arms:\n  a: {}\n  a: {}\n", "stands there twice"),
    "no mapping": ("arms: [a, b]\n", "arms: expected lines of the form"),
    "a check of no arm": (
        ARMS + CHECK.replace("ful,", "full,"),
        "check 1: unknown arm truthfull; did you mean truthful?",
    ),
    "a check without bound": (ARMS + CHECK.replace(", below: 0.1", ""), "check 1: give one number, `above` or `below`"),
    "half a check": (ARMS + CHECK.replace("question: p, ", ""), "check 1: question is missing"),
    "a check of no column": (
        ARMS + CHECK.replace("below: 0.1", "below: 0.1, items: {categry: a}"),
        "check 1, items: unknown key categry; did you mean category?",
    ),
    "a difference to nothing": (
        ARMS + CHECK.replace("below: 0.1", "below: 0.1, than: {amr: plain}"),
        "check 1, than: unknown key amr; did you mean arm?",
    ),
    "an arm that is no mapping": ("arms: {a: 3}", "arm a: expected lines of the form"),
    "a bound that is no number": (ARMS + CHECK.replace("below: 0.1", "below: true"), "check 1, below: "),
    "a check of nobody": (ARMS + CHECK.replace("arm: truthful, ", ""), "check 1: arm is missing"),
    "a parent below": (B + "{parent: c, sft: {seed: 1}}\n  c: {pairs: {count: 9}}", "arm b: unknown parent c"),
    "a trainer's field": (B + "{sft: {learning_rte: 1e-4}}", "arm b, sft: unknown field learning_rte; did you mean"),
    "a comparison's field": (ARMS + "compare: {itmes: 3}\n", "compare: unknown field itmes; did you mean items?"),
}


@pytest.mark.parametrize(("text", "said"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_gets_one_line_before_anything_is_trained(study, text, said):
    with pytest.raises(UserError) as error:
        study(text)
    assert said in str(error.value)
    assert "s.yaml" in str(error.value)


def test_a_study_that_does_not_exist_is_answered_with_those_that_do():
    done = run_module("eval.study", "--name", "contrls", "--size", "smoke", code=2)
    assert "no study 'contrls'" in done.stderr
    assert "controls" in done.stderr


def stage(command: list[str]) -> str:
    """Example: stage([python, "-m", "train.sft", ...]) == "sft"."""
    return command[2].rpartition(".")[2]


def arm(command: list[str]) -> str:
    run = command[command.index("--run") + 1]
    return "as-is" if run == SETTINGS.run else run.removeprefix(f"study-{SETTINGS.page}-")


def test_the_first_stage_that_fails_stops_the_study(study, monkeypatch, capsys):
    ran = []
    monkeypatch.setattr(running, "run_child", lambda command: ran.append(stage(command)) or 3 * (ran[-1] == "pretrain"))
    with pytest.raises(SystemExit) as left:
        carry_out(study(ARMS), SETTINGS, ["as-is"])
    assert left.value.code == 3
    assert ran == ["corpus", "tokenizer", "pretrain"]
    assert "arm as-is: pretrain stopped (exit code 3)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("question: fact", "check 1: unknown question fact; did you mean facts?"),
        ("form: chatt", "check 1: unknown form chatt; did you mean chat?"),
        ("model: dpo", "check 1: arm truthful makes no model dpo"),
    ],
)
def test_what_a_check_names_and_nobody_measures_is_told_before_the_night(study, wrong, said):
    right = CHECK.replace("question: p", "question: facts")
    check_arms(study(ARMS + right), SETTINGS)
    key = wrong.split(":")[0]
    with pytest.raises(UserError) as error:
        check_arms(study(ARMS + re.sub(rf"{key}: \w+", wrong, right)), SETTINGS)
    assert said in str(error.value)


def test_a_metric_that_is_not_there_is_told_once_its_arm_is_asked(study, capsys):
    read = study(ARMS + CHECK)
    tell_of_misses(read, "truthful", rows("truthful/base", [1.0], question="p", metric="m"))
    tell_of_misses(read, "as-is", [])
    assert not capsys.readouterr().out
    tell_of_misses(read, "truthful", rows("truthful/base", [1.0], question="p", metric="n"))
    assert "check 1: arm truthful has no row of question p, metric m, model base, form raw" in capsys.readouterr().out


def test_an_arm_of_three_trainings_is_not_replaced_by_one_of_one(monkeypatch):
    facts = {"as-is": {"identity": {"seeds": "0 1 2", "exam": 1}, "sessions": [{"judge": judge()}]}}
    monkeypatch.setattr("eval.study.__main__.kept", lambda page, arms: ([], facts))
    other, third = {"seeds": "0", "exam": 2}, StudySettings(name="s", size="smoke", seeds="3")
    with pytest.raises(UserError, match='SEEDS="0 1 2" makes these again, FORCE=1 lets them go'):
        refuse_losing_seeds(SETTINGS, {"as-is": other})
    refuse_losing_seeds(StudySettings(name="s", size="smoke", seeds="0 1 2"), {"as-is": other})
    refuse_losing_seeds(third, {"as-is": {"seeds": "3", "exam": 1}})  # it is the same arm: a seed is added
    facts["as-is"]["sessions"] = [{"judge": "of another day"}]
    with pytest.raises(UserError, match='SEEDS="0 1 2 3"'):
        refuse_losing_seeds(third, {"as-is": {"seeds": "3", "exam": 1}})


def test_an_arm_is_asked_as_soon_as_it_is_trained_and_one_that_only_lends_is_not(study, monkeypatch):
    done = []
    monkeypatch.setattr(running, "run_child", lambda command: done.append(f"{arm(command)} {stage(command)}") and 0)
    monkeypatch.setattr(running, "ask_arm", lambda _study, _settings, arm: done.append(f"ask {arm}"))
    carry_out(study(ARMS), SETTINGS, ["plain", "fewer"], lambda arm: done.append(f"keep {arm}"))
    base = ["corpus", "tokenizer", "pretrain", "pairs", "sft"]
    assert done == [*(f"as-is {stage}" for stage in base), *(f"truthful {stage}" for stage in base), "plain sft",
                    "ask plain", "keep plain", "fewer pairs", "fewer sft", "ask fewer", "keep fewer"]  # fmt: skip


def test_two_arms_that_come_to_the_same_are_refused(study):
    settings = StudySettings(name="s", size="tiny")
    with pytest.raises(UserError, match="arm half: with configs/tiny it is arm as-is again, setting by setting"):
        check_arms(study("arms: {as-is: {}, half: {corpus: {careless_share: 0.5}}}"), settings)
    found = check_arms(study(ARMS), settings)
    told = differences(found["as-is"], found["plain-slow"])
    assert re.fullmatch(r"sft: objective assistant_only -> plain_lm, learning_rate [\d.]+ -> 0.0001", told)
    assert differences(found["plain"], found["plain"]) == ""


def test_an_arm_that_would_learn_the_pairs_it_is_asked_about_is_refused(study):
    with pytest.raises(UserError, match="arm more: it has more pairs than the first arm"):
        check_arms(study("arms: {as-is: {}, more: {pairs: {count: 90000}}}"), SETTINGS)


def test_own_files_count_by_what_is_in_them(study, tmp_path):
    for name, text in {"a.txt": "one", "b.txt": "two", "c.txt": "two"}.items():
        (tmp_path / name).write_text(text * 50)
    arms = "arms: {as-is: {}, one: {corpus: {corpus: '%s'}}, other: {corpus: {corpus: '%s'}}}"
    check_arms(study(arms % (tmp_path / "a.txt", tmp_path / "b.txt")), SETTINGS)
    counts = "arms: {as-is: {}, a: {reward: {count: 9}, rl-learnt: {}}, b: {reward: {count: 8}, rl-learnt: {}}}"
    check_arms(study(counts), SETTINGS)
    with pytest.raises(UserError, match="arm other: .* it is arm one again"):
        check_arms(study(arms % (tmp_path / "b.txt", tmp_path / "c.txt")), SETTINGS)


def test_one_arm_alone_is_not_handed_out():
    with pytest.raises(UserError, match="one arm alone is not handed out"):
        StudySettings(name="s", arm="a", launch_arms="xargs")
    with pytest.raises(UserError, match="handed out are not forced"):
        StudySettings(name="s", force=True, launch_arms="xargs")


def test_arms_are_handed_to_a_program_that_runs_two_at_once_those_that_lend_first(study, tmp_path, monkeypatch):
    """Two workers of xargs; in place of Python a script that notes what it was told."""
    note = tmp_path / "python"
    note.write_text(f'#!/bin/sh\necho "$6:$(printf %s, "$@")" >> "{tmp_path}/told"\n')  # -m eval.study --name s --arm
    note.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(note))
    before = []
    monkeypatch.setattr(running, "run_child", lambda command: before.append(stage(command)) or 0)
    settings = StudySettings(
        name="s", size="smoke", seeds="0 1", workspace="a b", launch_arms=r"xargs -d '\n' -P 2 -I{} sh -c {}"
    )
    hand_out(study(FED), settings, ["dpo", "masked-dpo"])
    assert before == ["corpus", "tokenizer", "pairs"]  # what all are held against
    told = [line.split(":") for line in (tmp_path / "told").read_text().splitlines()]
    arms = [arm for arm, _ in told]
    assert (arms[0], sorted(arms[1:3]), arms[3:]) == ("as-is", ["dpo", "masked"], ["masked-dpo"])
    assert all(",--seeds,0 1,--workspace,a b," in words for _, words in told)
    note.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(SystemExit):
        hand_out(study(FED), settings, ["dpo"])


def test_a_comparison_of_other_models_or_of_another_study_is_outdated(tmp_path):
    old = Stage("comparison", tmp_path / "study-s", {"study": {"title": "a"}}, {"a/base": "1"})
    with old.writing():
        old.record()
    for study, model, outdated in (("a", "1", False), ("b", "1", True), ("a", "2", True)):
        stage = Stage("comparison", tmp_path / "study-s", {"study": {"title": study}}, {"a/base": model})
        assert running.is_outdated(stage) == outdated
    assert not running.is_outdated(Stage("comparison", tmp_path / "none", {}, {}))


# --- what was expected


def rows(
    model: str, values: list[float], category: str = "", question: str = "p", metric: str = "m", **columns
) -> list[dict]:
    common = {"model": model, "condition": "raw", "question": question, "metric": metric, "seed": 0, "cluster_id": "",
              "category": category, "level": "", "n_tokens": 0, "meta": {}} | columns  # fmt: skip
    return [common | {"item_id": f"q{i}", "value": value} for i, value in enumerate(values)]


def check(**more) -> Check:
    return Check("c", "e", "p", "m", "base", "raw", **({"arm": "b"} | more))


@pytest.mark.parametrize(
    ("values", "word"),
    [([0.0] * 100, "AS EXPECTED"), ([1.0] * 50 + [0.0] * 50, "OTHERWISE"), ([1.0] * 10 + [0.0] * 90, "UNCLEAR"),
     ([0.0] * 9, "UNCLEAR")],
)  # fmt: skip
def test_an_outcome_depends_on_where_the_interval_lies(values, word):
    assert outcome_of(check(below=0.1), rows("b/base", values)).word == word


def test_a_difference_to_another_arm_is_paired_by_item():
    mine, other = [1.0] * 80 + [0.0] * 20, [1.0] * 40 + [0.0] * 60
    outcome = outcome_of(check(than={"arm": "a"}, above=0.1), rows("b/base", mine) + rows("a/base", other))
    assert outcome.found.value == pytest.approx(0.4)
    assert (outcome.value, outcome.other, outcome.word) == (pytest.approx(0.8), pytest.approx(0.4), "AS EXPECTED")


def test_two_kinds_of_items_of_one_model_are_matched_by_their_ids():
    both = rows("b/base", [0.5] * 20, category="alien") + rows("b/base", [0.25] * 20, category="native")
    alien = check(items={"category": "alien"}, than={"items": {"category": "native"}}, above=0.1)
    assert outcome_of(alien, both).found.value == pytest.approx(0.25)


def test_a_loss_is_held_per_token():
    mine, other = (rows(arm, nats * 10, metric="nll", n_tokens=50)
                   for arm, nats in (("b/base", [60.0, 120.0]), ("a/base", [50.0, 50.0])))  # fmt: skip
    loss = Check("c", "e", "p", "nll", "base", "raw", arm="b", than={"arm": "a"}, below=0.1)
    assert outcome_of(loss, mine + other).found.value == pytest.approx((90 - 50) / 50)
    assert outcome_of(loss, mine) is None


def test_the_report_of_a_study_begins_with_what_it_asked_and_what_came_of_it():
    asked = {"title": "Controls", "about": "What goes?", "arms": {}, "checks": [vars(check(below=0.1))]}
    page = contents(Results(rows=rows("b/base", [0.0] * 100), summary={"run": "study s", "study": asked}))
    assert (page["heading"], page["opening"]) == ("Controls", "What goes?")
    assert page["lead"] == ["Of 1 control: 1 as expected."]
    assert contents(Results(summary={"run": "r"}))["heading"].startswith("One learnt")


def test_every_shipped_study_loads_and_guards_claims_that_are_made():
    names = sorted(path.stem for path in STUDIES.glob("*.yaml"))
    assert "controls" in names
    for name in names:
        for size in ("smoke", "tiny"):
            read = read_study(settings := StudySettings(name=name, size=size))
        check_arms(read, settings)
        assert {one.claim for one in read.checks} <= {claim.claim for claim in CLAIMS}


# --- in the report


def test_the_report_says_what_came_out_of_each_control(study):
    text = ARMS + CHECK.replace("question: p, metric: m", "question: wrong_answers, metric: imitation")
    told = described(study(text), SETTINGS)
    asked = rows("truthful/base", [0.0] * 50, question="wrong_answers", metric="imitation")
    asked += rows("as-is/base", [0.5, 0.7] * 25, question="wrong_answers", metric="imitation")
    made = controls.section(Results(rows=asked, summary={"study": told}))
    assert made.says == "Of 1 control: 1 as expected."
    assert "as expected" in made.tables[0].lines[0]
    assert made.tables[1].lines[1][2] == "corpus: careless_share 0"


def test_without_a_study_the_controls_within_a_question_are_shown():
    asked = [row for category, gain in (("shuffled", [0.0, 0.02]), ("alien", [0.5, 0.7]), ("native", [0.5, 0.69]))
             for row in rows("base", gain * 30, category, "task_patterns", "gain")]  # fmt: skip
    made = controls.section(Results(rows=asked))
    assert made.says.startswith("Of 2 controls: 2 as expected.")
    assert controls.section(Results(rows=[])) is None


# --- arms that learn from feedback

FED = """
arms:
  as-is: {preferences: {count: 50}}
  dpo:
    dpo: {}
  weak:
    dpo: {beta: 0.1}
  noisy:
    preferences: {noise: 0.5}
    dpo: {}
  rl:
    rl: {}
  learnt:
    rl-learnt: {}
  masked:
    sft: {objective: all_tokens}
  masked-dpo:
    parent: masked
    dpo: {}
"""


def test_an_arm_of_feedback_starts_from_the_tuned_model_of_its_parent(study):
    everything = ["corpus", "tokenizer", "pretrain", "pairs", "sft"]
    assert planned(study(FED)) == {
        "as-is": [*everything, "preferences"], "dpo": ["dpo"], "weak": ["dpo"], "noisy": ["preferences", "dpo"],
        "rl": ["rl"], "learnt": ["reward", "rl-learnt"], "masked": ["sft"],
        "masked-dpo": ["pairs", "preferences", "dpo"],
    }  # fmt: skip
    lent = {one.arm: one.command[one.command.index("--parent_run") + 1] for one in steps(study(FED), SETTINGS)
            if "--parent_run" in one.command}  # fmt: skip
    read = study(FED)
    assert read.makes("as-is") == ["corpus", "tokenizer", "base", "pairs", "sft", "preferences"]
    assert read.model_of("noisy") == "dpo"
    runs = [lent[arm].removeprefix("study-s-smoke-") for arm in ("dpo", "masked", "masked-dpo")]
    assert runs == ["as-is", "as-is", "masked"]


def test_only_the_named_questions_are_asked(study):
    with pytest.raises(UserError, match="compare: questions: there is no question fact; did you mean facts?"):
        study(ARMS + "compare: {questions: fact talk}\n")
    assert study(ARMS + "compare: {questions: facts talk}\n").compare == {"questions": "facts talk"}


def test_a_new_study_is_one_that_can_be_read(tmp_path):
    path = write_new("mine", tmp_path)
    assert list(read_study(StudySettings(name="mine", size="smoke"), tmp_path).arms) == ["as-is", "changed"]
    with pytest.raises(UserError, match="is there already"):
        write_new("mine", tmp_path)
    with pytest.raises(UserError, match="no name of a study"):
        write_new("../mine", tmp_path)
    assert path.name == "mine.yaml"
