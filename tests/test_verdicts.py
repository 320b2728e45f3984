"""The rule of the verdicts by hand, and the long table that it reads."""

import pytest
from sample import answers, loss, measured

from eval.results import Row, read_rows, select, write_rows
from eval.verdicts import CLAIMS, judge, verdicts


@pytest.fixture
def judged(tmp_path):
    """Judge rows as a comparison does: through the file."""

    def judge_rows(*rows: list[Row]) -> list[dict]:
        write_rows(tmp_path / "results.csv", [row for some in rows for row in some])
        return verdicts(read_rows(tmp_path / "results.csv"))

    return judge_rows


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
    rows = [measured(model, form, "wrong_answers", "wrong", {"seed prompt": value}, category="analogous")
            for model, form, value in (("base", "raw", 1.0), ("sft", "chat", 0.0))]  # fmt: skip
    (verdict,) = judged(*rows)
    assert verdict["verdict"] == "INCONCLUSIVE"
    assert verdict["suffix"].startswith("observation, n = 1")


@pytest.mark.parametrize(
    ("base", "tuned", "verdict", "reason"),
    [
        (180, 178, "CONFIRMED", ""),
        (180, 160, "INCONCLUSIVE", ""),
        (180, 100, "REVERSED", ""),
        (0, 0, "INCONCLUSIVE", "nothing to keep: the base model is at 0 %, chance at 0 %"),
        (20, 20, "INCONCLUSIVE", "nothing to keep: the base model is at 10 %, chance at 0 %"),
        (26, 26, "INCONCLUSIVE", "perhaps nothing to keep: the base model is at 13 %, chance at 0 %"),
        (60, 60, "CONFIRMED", ""),
        (44, 0, "REVERSED", ""),  # a loss that was seen is one
    ],
)
def test_no_worse_is_judged_against_the_margin_and_nothing_is_kept_where_there_was_nothing(
    judged, base, tuned, verdict, reason
):
    rows = [measured(model, form, "facts", "correct", {f"f{i}": i < right for i in range(200)}, category="people",
                     level="held_out")
            for model, form, right in (("base", "raw", base), ("sft", "chat", tuned))]  # fmt: skip
    found = next(v for v in judged(*rows) if v["row"] == "Training approach")
    assert found["verdict"] == verdict
    assert found["suffix"] == "; ".join(filter(None, (reason, "these checkpoints")))


def test_of_two_sentences_a_guess_keeps_half(judged):
    def kept(right):
        rows = [measured(m, "raw", "grammar", "prefers_good", {f"s{i}": i < right for i in range(400)})
                for m in ("base", "sft")]  # fmt: skip
        (found,) = judged(*rows)
        return found["verdict"], found["suffix"].partition(":")[0]

    assert kept(210) == ("INCONCLUSIVE", "nothing to keep")
    assert kept(320) == ("CONFIRMED", "these checkpoints")


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
    over_trainings, over_items = 4.302653 * 0.025 / 3**0.5, 1.96 * (0.675 * 0.325 / 40) ** 0.5
    assert (verdict["high"] - verdict["low"]) / 2 == pytest.approx(over_items, abs=0.02)  # the wider of both
    assert over_items > 2 * over_trainings


def test_trainings_that_differ_more_than_questions_do_decide(judged):
    rows = [answers("base", "raw", 4, seed=s) + answers("sft", "chat", 15 + 10 * s, seed=s) for s in range(3)]
    (verdict,) = judged(*rows)
    assert (verdict["high"] - verdict["low"]) / 2 == pytest.approx(4.302653 * 0.25 / 3**0.5, abs=1e-5)


def test_two_runs_are_judged_apart(judged):
    cells = [answers(f"{run}/{m}", c, n) for run, n in (("a", 38), ("b", 4)) for m, c in (("sft", "chat"),)]
    found = judged(*cells, answers("a/base", "raw", 2), answers("b/base", "raw", 2))
    assert [(v["run"], v["verdict"]) for v in found] == [("a", "CONFIRMED"), ("b", "INCONCLUSIVE")]


def test_other_items_are_an_error_not_a_silence_but_for_a_form_that_gave_nothing(judged):
    """As where every answer in the chat form was too short to read, and the other form was asked other items."""
    for form in ("chat", "few"):
        others = [Row(**(vars(row) | {"item_id": f"other {row.item_id}"})) for row in answers("sft", form, 9)]
        if form == "few":
            assert judged(answers("base", "raw", 9), others) == []
            continue
        with pytest.raises(ValueError, match="share no item"):
            judged(answers("base", "raw", 9), others)
        assert judged(answers("base", "raw", 9), others[:3]) == []  # the models wrote too badly to be read


def test_every_claim_says_what_it_is_held_against():
    for claim in CLAIMS:
        assert claim.truth
        assert claim.direction in (-1, 1)
        assert claim.smallest_interesting > 0 or claim.compare == "level"


def test_the_long_table_survives_the_file(tmp_path):
    row = Row(run_id="t", model="sft", stage="sft", seed=1, condition="chat", question="facts", metric="correct",
              item_id='a,"b"\nc', level="3", value=0.1, meta='{"k": "ä"}')  # fmt: skip
    write_rows(tmp_path / "new" / "results.csv", [row])
    (read,) = read_rows(tmp_path / "new" / "results.csv")
    assert read == vars(row) | {"meta": {"k": "ä"}}
    assert select([read], model=("base", "sft"), level="3") == [read]
    assert not select([read], model="base")
