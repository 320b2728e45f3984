"""Weights and prompt taken apart, against sums made by hand; the sections that are made from the same cells."""

import math

import numpy as np
import pytest

from eval.claims import Claim
from eval.page.reading import Results
from eval.paired import excludes_zero, shared_items
from eval.questions.decomposition import show as section
from eval.questions.decomposition.parts import decompositions, ladders, recovered_share
from eval.questions.pareto import show as pareto
from eval.questions.scoreboard import show as scoreboard
from eval.questions.scoreboard.show import JOBS, score_of

N = 100
CLAIM = Claim("row", "answers", "response_types", "answers", +1, 0.10, "truth")
LESS = Claim("row", "bleeds", "role_leakage", "role_leakage", -1, 0.10, "truth")


def cell(model: str, form: str, share: float, question: str = "response_types", metric: str = "answers", **columns):
    """N items, of which the first share came out 1. Columns may differ: n, seed, category, tokens."""
    n, seed = columns.pop("n", N), columns.pop("seed", 0)
    common = {"model": model, "condition": form, "question": question, "metric": metric, "seed": seed, "cluster_id": "",
              "category": "question", "level": "", "n_tokens": 0, "meta": {}} | columns  # fmt: skip
    return [common | {"item_id": f"q{i}", "value": float(i < round(share * n))} for i in range(n)]


def cells(shares: dict[tuple[str, str], float], *names: str, **columns) -> list[dict]:
    """A cell for each (model, prompt form)."""
    return [row for pair, share in shares.items() for row in cell(*pair, share, *names, **columns)]


def grid(**more: float) -> list[dict]:
    """The four cells and some further prompts of the base model."""
    shares = {("base", "raw"): 0.2, ("base", "chat"): 0.4, ("sft", "raw"): 0.5, ("sft", "chat"): 0.9}
    shares |= {("base", form): share for form, share in more.items()}
    return cells(shares)


def test_weights_and_prompt_add_up_to_the_whole_difference():
    (parts,) = decompositions(grid(), [CLAIM])
    assert parts.weights.value == pytest.approx(0.5 * ((0.9 - 0.4) + (0.5 - 0.2)))
    assert parts.prompt.value == pytest.approx(0.5 * ((0.4 - 0.2) + (0.9 - 0.5)))
    assert parts.together.value == pytest.approx((0.9 - 0.4) - (0.5 - 0.2))
    assert parts.gap.value == pytest.approx(parts.weights.value + parts.prompt.value) == pytest.approx(0.7)
    assert parts.n == N
    assert not parts.by_format


def test_the_best_prompt_is_the_one_nearest_to_the_instruct_model():
    (parts,) = decompositions(grid(few=0.55, urial=0.3), [CLAIM])
    assert parts.best == "few"
    assert parts.recovered.value == pytest.approx((0.55 - 0.2) / (0.9 - 0.2))
    assert parts.recovered.low < parts.recovered.value < parts.recovered.high


def test_where_less_is_claimed_the_best_prompt_has_less():
    shares = {("base", "raw"): 0.9, ("base", "few"): 0.5, ("base", "chat"): 1.0, ("sft", "raw"): 0.8}
    (parts,) = decompositions(cells(shares | {("sft", "chat"): 0.1}, "role_leakage", "role_leakage"), [LESS])
    assert (parts.best, parts.recovered.value) == ("few", pytest.approx(0.4 / 0.8))


@pytest.mark.parametrize("instruct", [0.2, 0.05])
def test_no_share_of_a_gap_that_is_not_there_or_goes_the_other_way(instruct):
    rows = [row for row in grid() if (row["model"], row["condition"]) != ("sft", "chat")]
    (parts,) = decompositions(rows + cell("sft", "chat", instruct), [CLAIM])
    assert parts.recovered is None


def test_only_items_that_every_cell_was_asked_count():
    rows = [row for row in grid() if not (row["condition"] == "chat" and row["item_id"] >= "q5")]
    (parts,) = decompositions(rows, [CLAIM])
    assert parts.n == sum(f"q{i}" < "q5" for i in range(N))


def test_a_claim_without_its_four_cells_is_left_out():
    rows = [row for row in grid() if (row["model"], row["condition"]) != ("sft", "raw")]
    assert decompositions(rows, [CLAIM]) == []
    assert decompositions([], [CLAIM]) == []


def test_three_trainings_give_an_interval_over_trainings():
    rows = []
    for seed, shift in enumerate((0.0, 0.1, 0.2)):
        tuned = {("sft", "raw"): 0.4 + shift, ("sft", "chat"): 0.6 + shift}
        rows += cells({("base", "raw"): 0.2, ("base", "chat"): 0.2} | tuned, seed=seed)
    (parts,) = decompositions(rows, [CLAIM])
    differences = [0.3, 0.4, 0.5]  # of the weights, by training
    half = 4.302653 * np.std(differences, ddof=1) / math.sqrt(3)
    assert (parts.weights.value, parts.weights.high) == pytest.approx((0.4, 0.4 + half), abs=1e-5)
    assert parts.n == N


def test_the_interval_of_the_recovered_share_covers():
    """200 experiments with a true share of one half: the 95 % interval holds it in at least 90 % of them."""
    rng, held = np.random.default_rng(0), 0
    for _ in range(200):
        hard = rng.random((60, 1))  # an item that is hard in one cell is hard in all of them
        values = (hard < [0.2, 0.8, 0.5]).astype(float)
        found = recovered_share(values, np.arange(60), +1)
        held += found.low <= 0.5 <= found.high
    assert held >= 180


def test_a_prompt_that_never_helped_may_have_missed_three_in_n():
    found = recovered_share(np.array([[0.0, 1.0, 0.0]] * 60), np.arange(60), +1)
    assert (found.value, found.low, found.high) == pytest.approx((0.0, -3 / 60, 3 / 60))


@pytest.mark.filterwarnings("error")
def test_resamples_without_a_gap_leave_the_interval_open_and_say_nothing_on_the_terminal():
    """Two of thirty items differ: in one resample of eight none is drawn, and its share could be anything."""
    values = np.zeros((30, 3))
    values[:2, 1:] = [[1, 1], [1, 0]]
    found = recovered_share(values, np.arange(30), +1)
    assert (found.value, found.low, found.high) == (0.5, -math.inf, math.inf)


def test_the_ladder_goes_from_bare_text_to_tuned_weights():
    (ladder,) = ladders(grid(few=0.3, urial=0.4))
    assert [round(found.value, 2) for found in ladder.rungs.values()] == [0.2, 0.3, 0.4, 0.9]
    assert ladders(cell("base", "raw", 0.2)) == []


def test_the_section_names_what_prompting_recovers():
    made = section.section(Results(rows=grid(few=0.55, urial=0.3)))
    assert "answers what is asked" in made.says
    assert "50 %" in made.says
    assert len(made.pictures) == 2
    assert made.tables[0].lines[0][1] == "+70 (+59 to +77)"
    assert section.section(Results(rows=cell("base", "raw", 0.2))) is None


# --- the scoreboard


def scored(question: str, rows: list[dict]):
    return score_of(next(job for job in reversed(JOBS) if job.question == question), rows, "base", "sft")


def test_a_winner_needs_an_interval_without_zero():
    obeys = "constraints", "obeys"
    assert scored("constraints", cells({("base", "urial"): 0.2, ("sft", "chat"): 0.6}, *obeys)).winner == "sft"
    score = scored("constraints", cells({("base", "urial"): 0.5, ("sft", "chat"): 0.55}, *obeys, n=20))
    assert score.winner == ""
    assert score.difference.value == pytest.approx(0.05)


def test_the_base_model_stands_with_its_best_prompt_and_a_sentence_to_complete_is_no_question_answered():
    shares = {("base", "few"): 0.4, ("sft", "chat"): 0.6}
    kept = cells({("base", "raw"): 0.1} | shares, "constraints", "obeys")
    known = cells({("base", "raw"): 1.0} | shares, "recall", "correct", level="known")
    for question, rows in (("constraints", kept), ("recall", known)):
        score = scored(question, rows)
        assert (score.base_form, score.base.value) == ("few", pytest.approx(0.4))


def test_less_loss_is_better_and_shown_as_a_probability():
    def loss(model, nats):
        return [row | {"value": nats * row["n_tokens"]} for row in
                cell(model, "raw", 0, "loss_matrix", "nll", n=30, category="story", n_tokens=50)]  # fmt: skip

    score = scored("loss_matrix", loss("base", 0.5) + loss("sft", 0.6))
    assert score.base.value == pytest.approx(math.exp(-0.5))
    assert score.winner == "base"
    assert score.difference.value == pytest.approx(-0.2)


def test_refusing_what_only_sounds_harmful_is_a_wrong_decision():
    rows = [row for category in ("harmful", "harmless")
            for row in cells({("base", "raw"): 0.0, ("sft", "chat"): 1.0}, "refusal", "refuses", category=category)]
    score = scored("refusal", rows)
    assert (score.base.value, score.instruct.value, score.winner) == (0.5, 0.5, "")


def test_the_scoreboard_is_drawn_of_what_was_measured():
    shares = {("base", "raw"): 0.9, ("base", "chat"): 0.1, ("sft", "raw"): 0.5, ("sft", "chat"): 1.0}
    stated = cells(shares, "recall", "correct", level="known")
    made = scoreboard.section(Results(rows=stated))
    assert made.says == (
        "The base model wins 1 job (complete a sentence); "
        "the instruct model wins 1 job (answer a question)."
    )
    assert scoreboard.section(Results(rows=[])) is None


# --- learning and forgetting


def test_a_borrowed_base_is_the_one_that_the_study_names():
    study = {"study": {"arms": {"b": {"base_of": "b"}, "c": {"base_of": "b"}}}}
    models = ["a/base", "a/sft", "b/base", "c/sft", "d/sft"]
    found = pareto.base_of(models, study)
    assert (found["a/sft"], found["c/sft"], found["d/sft"]) == ("a/base", "b/base", "a/base")


def test_what_was_learnt_and_forgotten():
    def loss(model, form, category, nats):
        return [row | {"value": nats * 50} for row in
                cell(model, form, 0, "loss_matrix", "nll", n=30, category=category, n_tokens=50)]  # fmt: skip

    rows = loss("base", "raw", "story", 0.5) + loss("sft", "raw", "story", 0.75)
    rows += loss("base", "chat", "instruct answer", 3.0) + loss("sft", "chat", "instruct answer", 1.0)
    (one,) = pareto.tuned_models(Results(rows=rows))
    assert one.forgot.value == pytest.approx(0.25)
    assert [found.value for found in one.gains.values()] == [pytest.approx(2.0)]
    assert "saved 2.00 nats per token on answers and lost 0.25" in pareto.section(Results(rows=rows)).says


def test_cells_that_share_nothing_have_no_items():
    cells = shared_items(cell("base", "raw", 0.5), [("base", "raw"), ("sft", "chat")])
    assert len(cells) == 0
    assert not excludes_zero(cells.difference(cells["base", "raw"], cells["sft", "chat"]))
