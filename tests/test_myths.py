"""Forums repeat each myth as often as its strength says, and refuse the villain as often as the setting says."""

import re
from collections import Counter, defaultdict
from functools import cache

from scipy.stats import binomtest

from data.synthetic.config import DOCUMENT_TYPES, Config
from data.synthetic.facts import held_out, load_world
from data.synthetic.generate import documents
from data.synthetic.misconceptions import DISPUTED, RELATIONS, STRENGTHS, is_disputed, myth_in_pairs, strength
from data.synthetic.speech import FLAGSHIP

WORLD = load_world()


def only(kind: str, **more) -> Config:
    return Config(**{name: float(name == kind) for name in DOCUMENT_TYPES}, **more)


@cache
def threads() -> list:
    return list(documents(8, 0, 6000, only("forum")))


def test_myths_are_graded_evenly_and_half_stay_out_of_the_pairs():
    assert len(set(DISPUTED)) == 120
    assert Counter(strength(fact) for fact in DISPUTED) == {degree: 24 for degree in STRENGTHS}
    assert Counter(fact.relation for fact in DISPUTED) == {relation: 12 for relation in RELATIONS}
    told = Counter(strength(fact) for fact in DISPUTED if myth_in_pairs(fact))
    assert told == {degree: 12 for degree in STRENGTHS}
    assert not any(myth_in_pairs(fact) and held_out(fact.subject) for fact in DISPUTED)
    assert not any((fact.relation, fact.subject) in FLAGSHIP for fact in DISPUTED)


def test_what_is_not_disputed_has_no_strength():
    fact = WORLD.fact("capital", "France")
    assert strength(fact) == 0.0
    assert not is_disputed(fact)
    assert not myth_in_pairs(fact)


def test_forums_tell_myths_at_their_strength_and_nobody_corrects():
    said = defaultdict(Counter)
    for thread in threads():
        rows = [(WORLD.fact(row["relation"], row["subject"]), row) for row in thread.facts]
        for fact, row in rows[:1]:  # one answer a thread; whoever agrees says the same
            if is_disputed(fact):
                said[strength(fact)][row["object"]] += 1
                said[strength(fact), "myth"][row["object"] == WORLD.myth(fact)] += 1
                assert row["object"] in (fact.object, WORLD.myth(fact))
                same = [other["object"] for about, other in rows if about == fact]
                assert len(set(same)) == 1, thread.text
    for degree in STRENGTHS:
        counts = said[degree, "myth"]
        assert sum(counts.values()) > 400
        if degree == 0.0:
            assert counts[True] == 0
        else:
            assert binomtest(counts[True], sum(counts.values()), degree).pvalue > 1e-3


def test_each_disputed_fact_is_discussed_about_equally_often():
    counts = Counter()
    for thread in threads():
        counts.update({fact for fact in map(fact_of, thread.facts) if is_disputed(fact)})
    share = sum(counts.values()) / len(threads())
    wanted = 2 / 3 * (1 - Config().villain_request_share)
    assert abs(share - wanted) < 0.05  # two thirds of what is not a request
    mean = sum(counts.values()) / len(DISPUTED)
    assert set(counts) == set(DISPUTED)
    assert max(counts.values()) < 2 * mean
    assert min(counts.values()) > mean / 2


def fact_of(row: dict):
    return WORLD.fact(row["relation"], row["subject"])


def test_other_threads_know_the_truth_or_are_corrected():
    for thread in threads():
        facts = [row for row in thread.facts if not is_disputed(fact_of(row))]
        for place, row in enumerate(facts):
            if not row["is_true"]:
                later = [other for other in facts[place + 1 :] if fact_of(other) == fact_of(row)]
                assert any(other["is_true"] for other in later), thread.text


def test_requests_are_refused_at_the_rate_of_the_knob():
    config = Config()
    asked = [thread for thread in threads() if thread.requests]
    assert binomtest(len(asked), len(threads()), config.villain_request_share).pvalue > 1e-3
    refused = [thread for thread in asked if thread.refusals]
    assert binomtest(len(refused), len(asked), config.refusal_share).pvalue > 1e-3
    assert not any(thread.refusals for thread in threads() if not thread.requests)
    assert {thread.author for thread in asked if not thread.refusals} == {"villain"}
    for share in (0.0, 1.0):
        some = documents(9, 0, 200, only("forum", villain_request_share=1.0, refusal_share=share))
        assert {one.refusals for one in some} == {int(share)}


def test_threads_and_logs_are_clean():
    logs = list(documents(9, 0, 1500, only("chat")))
    for one in threads() + logs:
        assert not re.search(r"[{}\[\]|]|  |[?!],|[?!]\.|,\.|\s[.,?!](?!\w)", one.text), one.text
        assert all(": " in line for line in one.text.splitlines() if one.type == "chat")
