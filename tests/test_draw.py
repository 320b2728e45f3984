"""Chance: what is drawn is counted, a trace changes nothing, and text is the same on every machine."""

import hashlib
import json
import math
import os
import subprocess
import sys

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from data.corpus import by_share, split_of
from data.synthetic.config import Config
from data.synthetic.draw import Draw, Tracer
from data.synthetic.generate import write_document
from data.synthetic.grammar import FOLDER, Phrase, load, template_id
from data.synthetic.mixed import document_at
from data.synthetic.show import page

WITH_HASH = """
import hashlib, json
from data.synthetic.config import Config
from data.synthetic.mixed import document_at
rows = [document_at(0, index, Config())[0].to_row() for index in range(300)]
print(hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest())
"""


def test_text_depends_on_nothing_but_seed_index_and_knobs():
    """Neither on Python's hash seed nor on the locale; the code itself uses nothing but Random.random()."""

    def hash_in(**env):
        done = subprocess.run(
            [sys.executable, "-c", WITH_HASH],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, **env},
        )
        return done.stdout.strip()

    rows = [document_at(0, index, Config())[0].to_row() for index in range(300)]
    here = hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()
    assert hash_in(PYTHONHASHSEED="1") == hash_in(PYTHONHASHSEED="2", LC_ALL="C") == here


@given(st.lists(st.sampled_from([0, 1, 2, 0.1, 7.5]), min_size=1, max_size=6).filter(any), st.integers(0, 1000))
def test_weighted_draws_cost_what_they_should_and_never_give_what_weighs_nothing(weights, key):
    draw = Draw(0, key)
    index = draw.choice(range(len(weights)), weights)
    assert weights[index] > 0
    assert draw.logp == pytest.approx(math.log(weights[index] / sum(weights)))


def test_a_choice_among_very_many_is_counted_too():
    draw = Draw(0, "many")
    draw.choice(range(10_000)), draw.integer(1, 5000), draw.sample(range(4096), 1)
    assert draw.logp == pytest.approx(-math.log(10_000) - math.log(5000) - math.log(4096))


def test_a_sample_never_repeats_itself():
    assert Draw(0, 0).sample("a", 2) == ["a"]
    assert sorted(Draw(0, 0).sample(range(9), 9)) == list(range(9))


def test_a_trace_changes_nothing_and_adds_up():
    for index in range(200):
        plain, (drawn,) = document_at(0, index, Config())
        traced, (tracer,) = document_at(0, index, Config(), Tracer)
        assert plain == traced
        assert len(tracer.trace) == drawn.choices == plain.choices
        assert sum(choice.nats for choice in tracer.trace) == pytest.approx(-plain.logp)


def test_the_recorded_document_is_the_one_that_the_world_writes():
    for index in range(100):
        recorded, written = document_at(3, index, Config())[0], write_document(3, index, Config())
        assert (recorded.text, recorded.logp, recorded.facts) == (written.text, written.logp, written.facts)


def test_templates_name_phrases_of_the_files_and_no_two_share_a_name():
    texts = {
        phrase.text
        for path in sorted(FOLDER.glob("*.txt"))
        for section in load(path.stem).values()
        for phrase in section
    }
    ids = {template_id(text) for text in texts}
    assert len(ids) == len(texts)
    documents = [document_at(0, index, Config())[0] for index in range(400)]
    assert ids.issuperset(name for one in documents for name in one.templates)
    told = [one for one in documents if one.type in ("story", "letter", "chat", "forum", "howto")]
    assert all(one.templates for one in told)


def test_a_phrase_notes_itself_but_not_what_it_is_made_of():
    draw = Draw(0, 0)
    Phrase("[a|b] {x}", "id").write(draw, {"x": Phrase("[c|d]").write(draw, {})})
    assert draw.templates == ["id"]


def test_a_page_shows_text_record_and_every_choice(tmp_path):
    from data.settings import CorpusSettings

    document = document_at(0, 5, Config())[0]
    shown = page(0, 5, Config(), CorpusSettings())
    assert shown.startswith(document.text)
    assert f'split: "{split_of(document.text, by_share(CorpusSettings()))}"' in shown
    assert f"{document.choices} choices, {-document.logp:.2f} nats" in shown
