"""The report to its reader: numbers in their own unit, the short of it first, all the rest within reach."""

import pytest

from configs.schema import CompareSettings
from data.world.facts import load_world
from eval.models import Completion
from eval.page.section import average
from eval.probes import audience as probe

WORLD = load_world()


class Talker:
    """Says the same to everybody."""

    run, seed = "toy", 0

    def __init__(self, stage: str):
        self.stage = self.name = stage

    def complete(self, prompts: list[str], form: str, max_new_tokens: int) -> list[Completion]:
        return [Completion("A cow is a mammal. It eats grass all day.", True, 9) for _ in prompts]


@pytest.mark.parametrize("items", [2, 8, 12, 13, 37, 100])
@pytest.mark.parametrize("stage", ["base", "sft"])
def test_however_few_are_asked_each_form_is_asked_what_is_shown(items, stage, monkeypatch):
    monkeypatch.setattr(probe, "gold_scores", lambda: ())
    found = probe.audience(Talker(stage), WORLD, CompareSettings(items=items))
    shown = {line["condition"]: set() for line in found.transcripts}
    for line in found.transcripts:
        shown[line["condition"]].add(line["index"])
    assert len(shown) > 1
    assert all(places == set(range(probe.SHOWN * len(probe.AUDIENCES))) for places in shown.values())
    by_form = {row.condition: set() for row in found.rows}
    for row in found.rows:
        by_form[row.condition].add(row.cluster_id)
    fewest, *others = sorted(by_form.values(), key=len)
    assert all(fewest <= more for more in others)


def test_an_average_of_nothing_is_nothing():
    assert average([]) is None
    assert average([{"value": 1.0}, {"value": 0.0}]) == 0.5
    assert average(["a", "bcd"], of=len) == 2
