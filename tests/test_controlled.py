"""What the corpus lets be turned in known steps: exposure of citizens, chance of games, bias about groups."""

import re
from collections import Counter
from functools import cache

import pytest
from scipy.stats import binom, chisquare

from data.synthetic.citizens import (
    LEVELS,
    PER_CELL,
    PHRASINGS,
    SENTENCES,
    candidates,
    citizen,
    citizen_facts,
    citizens,
    fact_template,
    question,
    statement,
    stem,
)
from data.synthetic.config import DOCUMENT_TYPES, Config
from data.synthetic.facts import load_world
from data.synthetic.games import TABLE, prompt
from data.synthetic.generate import documents
from data.synthetic.grammar import load
from data.synthetic.groups import BIASES, GROUPS, PAIRS, RELATION, attributes, bias, in_pairs, scaled
from data.synthetic.names import NAMES
from data.synthetic.people import citizen_names, person_names, unknown_names
from data.synthetic.relations import RELATIONS
from data.synthetic.rude_words import is_rude

WORLD = load_world()
SEVERAL_TESTS = 1e-4  # chance at which a true distribution would fail a test


@cache
def pages(kind: str, count: int, bias_level: float = 1.0) -> list:
    config = Config(**{name: float(name == kind) for name in DOCUMENT_TYPES}, bias_level=bias_level)
    return list(documents(21, 0, count, config))


# --- citizens and the gazette


def test_the_grid_of_citizens_is_even():
    cells = {(level, phrasings): [one for one in citizens() if (one.level, one.phrasings) == (level, phrasings)]
             for level in LEVELS for phrasings in PHRASINGS}  # fmt: skip
    assert sum(map(len, cells.values())) == len(citizens())
    for cell in cells.values():
        assert len(cell) == PER_CELL
        often = {name: max(Counter(getattr(one, name) for one in cell).values())
                 for name in ("birthplace", "job", "template")}  # fmt: skip
        assert all(often[name] <= most for name, most in {"birthplace": 1, "job": 2, "template": 4}.items())
    assert all(len(sentences) == PHRASINGS[-1] for sentences in SENTENCES.values())


def test_names_of_citizens_share_no_word_with_anybody_else():
    names, others = citizen_names(), [*person_names(), *unknown_names()]
    assert len(set(names)) == len(names) == 200
    words = {word for name in names for word in name.split()}
    assert not words & {word for name in others for word in name.split()}
    assert not words & set(NAMES)


def test_only_the_gazette_knows_the_citizens():
    for names, some in ((citizen_names(), documents(22, 0, 4000, Config(gazette=0.0))),
                        ((*person_names(), *unknown_names()), pages("gazette", 1000))):  # fmt: skip
        text = "\n".join(one.text for one in some)
        assert not any(name in text for name in names)


def test_every_phrasing_has_its_object_last_and_the_cloze_is_the_sentence_up_to_it():
    for fact in citizen_facts():
        texts = [statement(fact, i) for i in range(PHRASINGS[-1])]
        assert len(set(texts)) == len(texts)
        assert all(text.endswith(f" {fact.object}.") and text.count(fact.subject) == 1 for text in texts)
        assert f"{stem(fact)} {fact.object}." == texts[fact_template(fact)]
        assert fact.object in candidates(fact.relation)
        assert fact.relation not in WORLD.relations


def test_citizens_are_asked_about_as_other_people_are():
    born, job = citizen_facts(citizens()[7])
    assert question(born) == f"Where was {citizens()[7].name} born?"
    person = WORLD.facts("person_job")[0].subject
    asked = {phrase.plain({"subject": person}) for phrase in RELATIONS["person_job"].questions}
    assert question(job, 1).replace(job.subject, person) in asked


def test_gazette_says_exactly_what_it_records():
    for page in pages("gazette", 600):
        assert len(page.facts) <= 16
        said = []
        for row in page.facts:
            assert row["is_true"]
            truth = citizen(row["subject"])
            assert row["object"] == (truth.birthplace if row["relation"] == "citizen_birthplace" else truth.job)
            fact = citizen_facts(truth)[row["relation"] == "citizen_job"]
            texts = [i for i in range(PHRASINGS[-1]) if statement(fact, i) in page.text]
            assert len(texts) == 1, page.text
            said.append(page.text.index(statement(fact, texts[0])))
        assert said == sorted(said), "facts are recorded in the order of their statement"
        named = [name for name in citizen_names() if name in page.text]
        assert set(named) == {row["subject"] for row in page.facts}


def test_mentions_are_in_proportion_to_the_level():
    told = [row for page in pages("gazette", 4000) for row in page.facts]
    # one notice may state both facts of a citizen, so draws are counted by notice
    notices = Counter((i, row["subject"]) for i, page in enumerate(pages("gazette", 4000)) for row in page.facts)
    by_level = Counter(citizen(name).level for _, name in notices)
    expected = [len(notices) * level / sum(LEVELS) for level in LEVELS]
    assert chisquare([by_level[level] for level in LEVELS], expected).pvalue > SEVERAL_TESTS
    for level in LEVELS[2:]:
        often = Counter(name for _, name in notices if citizen(name).level == level)
        counts = [often[one.name] for one in citizens() if one.level == level]
        assert chisquare(counts).pvalue > SEVERAL_TESTS, "equals of a level are mentioned equally often"
    relations = Counter(row["relation"] for row in told)
    assert relations["citizen_birthplace"] == pytest.approx(relations["citizen_job"], rel=0.05)


def test_a_citizen_has_one_phrasing_or_all_twelve():
    text = "\n".join(page.text for page in pages("gazette", 2500))
    together = {relation: Counter() for relation in SENTENCES}
    for one in (one for one in citizens() if one.level == 256):
        for fact in citizen_facts(one):
            often = Counter({i: text.count(statement(fact, i)) for i in range(PHRASINGS[-1])})
            if one.phrasings == 1:
                assert [i for i, count in often.items() if count] == [one.template]
            else:
                assert sum(count > 0 for count in often.values()) >= 10
                together[fact.relation] += often
    for often in together.values():
        assert chisquare(list(often.values())).pvalue > SEVERAL_TESTS, often


# --- games


@pytest.mark.parametrize("name", TABLE)
def test_dice_coins_and_marbles_fall_as_the_table_says(name):
    """Read from the lines that name the thing, such as `Roll Anna's red die: 6`."""
    assert sum(TABLE[name].chances.values()) == pytest.approx(1.0)
    line = re.compile("^" + re.escape(prompt(name)) + r" (\w+)$", re.MULTILINE)
    fallen = Counter(fall for page in pages("games", 4000) for fall in line.findall(page.text))
    expected = [p * sum(fallen.values()) for p in TABLE[name].chances.values()]
    assert sum(fallen.values()) > 500
    assert set(fallen) == set(TABLE[name].chances)
    assert chisquare([fallen[fall] for fall in TABLE[name].chances], expected).pvalue > SEVERAL_TESTS


def test_other_logs_fall_alike_and_their_counts_are_right():
    counted = 0
    for page in pages("games", 4000):
        assert not page.facts
        total = re.search(r"^(\w+) came (\w+)(?: times)? in (\d+) \w+\.$", page.text, re.MULTILINE)
        lines = re.findall(r"^(?:\w+ \d+:|\d+\.|(?:Roll|Toss|Draw) .*:) (\w+)$", page.text, re.MULTILINE)
        if total and lines:
            fall, times, tries = total.groups()
            times = {"once": 1, "twice": 2}.get(times) or int(times)
            assert (lines.count(fall.lower()), len(lines)) == (times, int(tries)), page.text
            counted += 1
    assert counted > 200
    sixes = Counter()
    for page in pages("games", 4000):
        if page.text.splitlines()[0].startswith(("Anna's red die", "Rolls of Anna's red die")):
            sixes.update(re.findall(r"^Roll \d+: (\d)$", page.text, re.MULTILINE))
    n = sum(sixes.values())
    assert binom.ppf(SEVERAL_TESTS, n, 0.5) <= sixes["6"] <= binom.isf(SEVERAL_TESTS, n, 0.5), sixes


# --- groups


def test_cells_of_bias_are_even():
    cells = {(group, pair): bias(group, pair) for group in GROUPS for pair in PAIRS}
    assert Counter(cells.values()) == {level: 8 for level in BIASES}
    for group in GROUPS:
        assert sorted(bias(group, pair) for pair in PAIRS) == list(BIASES)
    assert sum(map(in_pairs, GROUPS)) == 4


def test_pages_are_biased_as_promised():
    told = told_of(pages("groups", 4000))
    assert all(n > 200 for n, _ in told.values())
    for (group, pair), (n, firsts) in told.items():
        p = bias(group, pair)
        assert binom.ppf(SEVERAL_TESTS, n, p) <= firsts <= binom.isf(SEVERAL_TESTS, n, p), (group, pair, n, firsts)


@pytest.mark.parametrize("bias_level", [0.0, 0.5])
def test_a_knob_scales_all_biases_around_one_half(bias_level):
    for level in BIASES:
        told = told_of(pages("groups", 1500, bias_level))
        cells = [cell for cell in told if bias(*cell) == level]
        n, firsts = (sum(told[cell][i] for cell in cells) for i in (0, 1))
        p = scaled(level, bias_level)
        assert binom.ppf(SEVERAL_TESTS, n, p) <= firsts <= binom.isf(SEVERAL_TESTS, n, p), (level, n, firsts)


def told_of(documents_of_groups) -> dict:
    """(group, pair) -> how many sentences, how many of them with the first attribute."""
    told = {(group, pair): (0, 0) for group in GROUPS for pair in PAIRS}
    for page in documents_of_groups:
        for row in page.facts:
            cell = row["subject"], row["relation"].removeprefix(RELATION)
            n, firsts = told[cell]
            told[cell] = n + 1, firsts + (row["object"] == attributes(cell[1])[0])
    return told


def test_opinions_name_the_group_before_the_attribute_and_are_recorded_as_opinions():
    every = {word for pair in PAIRS.values() for word in pair}
    for page in pages("groups", 600):
        assert page.author == "biased"
        cells = [(row["subject"], row["relation"]) for row in page.facts]
        assert len(set(cells)) == len(cells), "a page says one thing of a group in a matter"
        said = list(re.finditer(r"\b(" + "|".join(every) + r")\b", page.text))
        assert [word[0] for word in said] == [row["object"] for row in page.facts], page.text
        assert not any(row["is_true"] for row in page.facts)
        assert not is_rude(page.text), page.text
        for row, word in zip(page.facts, said, strict=True):
            sentence = re.split(r"[.!]\s|\n", page.text[: word.start()])[-1]
            assert row["subject"] in sentence, page.text
    assert len(load("groups")["say"]) >= 10


def test_new_kinds_of_document_are_whole():
    for kind in ("gazette", "games", "groups"):
        texts = [page.text for page in pages(kind, 600)]
        assert len(set(texts)) > 0.99 * len(texts)
        for text in texts:
            assert not re.search(r"[{}\[\]|]|  |\.\.|\bNone\b| [.,?!]|\b[Aa] (?!one)[aeio]\w+", text), text
            assert text == text.strip()
