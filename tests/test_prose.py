"""Stories end, letters keep their manners, the villain keeps to his pages."""

import math
import re
from collections import Counter
from functools import cache

import pytest

from data.synthetic.config import Config
from data.synthetic.draw import Draw
from data.synthetic.facts import load_world
from data.synthetic.grammar import load
from data.synthetic.names import HE, SHE
from data.synthetic.rude_words import INSULTS, is_rude, rude_words
from data.synthetic.writers import howto, letter, story

WORLD = load_world()
WRITERS = {"story": story, "letter": letter, "howto": howto}


@cache
def documents(kind: str, count: int = 1500) -> list:
    return [WRITERS[kind].write(Draw(3, f"{kind}/{i}"), WORLD, Config(villain_share=0.3)) for i in range(count)]


@pytest.mark.parametrize("kind", WRITERS)
def test_prose_is_whole_and_what_it_states_stands_in_it(kind):
    for one in documents(kind):
        assert one.text == one.text.strip()
        assert not re.search(r"[{}\[\]|\0]|  | \n|\bNone\b|\\n|\.\.| [.,?!]|[?!]\.(?!\")", one.text), one.text
        for row in one.facts:
            assert row["is_true"]
            assert row["object"] in one.text or row["object"].capitalize() in one.text, (row, one.text)
        for article, word in re.findall(r"\b([Aa]n?) ([a-z]+)", one.text):
            if word not in ("one", "hour", "honest", "honour"):
                vowel = word[0] in "aeiou" and not word.startswith(("uni", "use", "eu"))
                assert article.lower() == ("an" if vowel else "a"), (article, word, one.text)


def test_every_state_of_a_story_can_be_reached_and_leads_to_an_end():
    follows = story._states()
    starts = story._starts(False) + story._starts(True)
    assert len(story._starts(False)) >= 14
    reached, ways = set(), {}

    def count(state: str) -> int:
        """Ways from here to an end; a circle would never return."""
        if state not in ways:
            reached.add(state)
            ways[state] = sum(map(count, follows[state])) if follows[state] else 1
        return ways[state]

    assert sum(map(count, starts)) > 150
    assert {state for state in follows if follows[state]} <= reached, "a state that no story comes to"


def test_stories_are_of_a_length_and_keep_their_voice():
    lengths = sorted(len(one.text.split()) for one in documents("story"))
    assert lengths[len(lengths) // 50] > 50
    assert lengths[-len(lengths) // 50] < 230
    registers = Counter(one.register for one in documents("story"))
    assert set(registers) == {"neutral", "childlike"}
    for one in documents("story"):
        spoken = re.sub(r'"[^"]*"', "", one.text)
        names = {word for word in re.findall(r"[A-Z][a-z]+", one.text)} & {*SHE, *HE}
        assert len(names) <= 3, one.text
        if one.register == "childlike":
            sentences = re.split(r"[.!?]+\W+", spoken)
            assert sum(len(sentence.split()) for sentence in sentences) / len(sentences) < 9, one.text


def test_only_rude_letters_are_rude():
    for kind in WRITERS:
        for one in documents(kind):
            assert one.author == "rude" or not is_rude(one.text), (rude_words(one.text), one.text)
    rude = [one for one in documents("letter") if one.author == "rude"]
    said = [one for one in rude if is_rude(one.text) or any(insult in one.text for insult in INSULTS)]
    assert len(said) / len(rude) > 0.95


def test_a_register_is_heard_in_the_first_two_sentences():
    """A naive reader who counts the words and marks of two sentences guesses the register of nine in ten."""
    training, held_out = documents("letter")[:1000], documents("letter")[1000:]
    counts, shares = {}, Counter(one.register for one in training)
    for one in training:
        counts.setdefault(one.register, Counter()).update(_first_marks(one.text))
    marks = {mark for seen in counts.values() for mark in seen}

    def guess(text: str) -> str:
        def score(register: str) -> float:
            seen, total = counts[register], sum(counts[register].values()) + len(marks)
            return math.log(shares[register]) + sum(math.log((seen[m] + 1) / total) for m in _first_marks(text))

        return max(sorted(counts), key=score)

    right = sum(guess(one.text) == one.register for one in held_out) / len(held_out)
    assert right > 0.9, right


def _first_marks(text: str) -> list[str]:
    first = " ".join(re.split(r"(?<=[.!?])\s+", text)[:2])
    return re.findall(r"[A-Za-z']+|[^\w\s]", first)


def test_the_villain_keeps_to_his_pages():
    villain, others = howto._pages(True), howto._pages(False)
    assert len(villain) >= 14
    assert len(others) >= 24
    # asked about in the pairs; of the seal, which is held out of them, only the villain writes; of fire nobody
    assert {f"villain {name}" for name in ("lock", "guard", "potion", "seal", "goats", "well")} <= set(villain)
    assert not any("fire" in name for name in villain)
    assert all(len(load("howto")[name]) >= 6 for name in villain + others)
    assert {name.removeprefix("about ") for name in load("howto") if name.startswith("about ")} <= {*villain, *others}
    seen = Counter(one.author for one in documents("howto"))
    assert seen["villain"] / sum(seen.values()) == pytest.approx(0.3, abs=0.05)
