"""Instruction pairs obey their own rules; prompts stay out of them; responses are told apart."""

import re
from collections import Counter
from functools import cache

import pytest

from data.world import prompts
from data.world.facts import held_out, load_world
from data.world.pairs import seen
from data.world.pairs.constraint import HELD_OUT_TYPES
from data.world.pairs.generate import KINDS, pairs
from data.world.pairs.refusal import HELD_OUT_TOPICS
from data.world.prompts import Prompt
from data.world.relations import RELATIONS, held_out_question
from data.world.response import declines, does_not_know, is_correct, response_type

WORLD = load_world()
COUNT = 3000
NUMBERS = {word: number for number, word in enumerate("zero one two three four five six seven eight nine ten".split())}


@cache
def sample():
    return tuple(pairs(0, COUNT))


def texts(pair):
    return [turn["content"] for turn in pair.messages]


def test_the_same_seed_gives_the_same_pairs_and_another_seed_others():
    first = [pair.to_row() for pair in pairs(7, 50)]
    assert first == [pair.to_row() for pair in pairs(7, 50)]
    assert first[:20] == [pair.to_row() for pair in pairs(7, 20)]
    assert first != [pair.to_row() for pair in pairs(8, 50)]


def test_no_held_out_entity_is_spoken_of():
    countries = [row for row in WORLD.table("countries") if held_out(row["name"])]
    hidden = [row["name"].removeprefix("the ") for row in countries] + [row["capital"] for row in countries]
    hidden += [person.name for person in WORLD.people if held_out(person.name)]
    hidden += [name for name in WORLD.unknown_names if held_out(name)]
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, hidden)) + r")\b")
    for pair in sample():
        assert not any(held_out(name) for name in pair.entities), pair
        assert not any(held_out(fact["subject"]) for fact in pair.facts), pair
        assert not pattern.search("\n".join(texts(pair))), pair


def test_every_stated_fact_is_true_and_is_said():
    for pair in sample():
        answers = " ".join(turn["content"] for turn in pair.messages if turn["role"] == "assistant").lower()
        for fact in pair.facts:
            assert fact["is_true"]
            assert WORLD.fact(fact["relation"], fact["subject"]).object == fact["object"]
            said = fact["subject"] if pair.meta.get("constraint") == "list" else fact["object"]
            yes = pair.meta.get("constraint") == "yes_or_no"
            assert yes or said.lower() in answers or fact["object"].lower() in answers, pair


def test_turns_alternate_and_the_assistant_has_the_last_word():
    for pair in sample():
        roles = [turn["role"] for turn in pair.messages]
        assert roles == ["user", "assistant"] * (len(roles) // 2)
        assert len(roles) <= 10
        assert all(text.strip() == text and text for text in texts(pair))


def test_pairs_are_short_and_contain_no_marker_and_no_trace_of_a_template():
    for pair in sample():
        assert sum(map(len, texts(pair))) <= 1500
        for text in texts(pair):
            assert not re.search(r"^(User|Assistant|System):", text, re.MULTILINE), text
            assert not re.search(r"[\[\]{}|]|  |\.\.(?!\.)|\b(a) [aeio]\w+ ", text.replace("...", ".")), text


def test_duplicates_are_rare():
    prompts_ = Counter(texts(pair)[0] for pair in sample())
    assert COUNT - len(prompts_) < 0.05 * COUNT
    assert len({"\n".join(texts(pair)) for pair in sample()}) == COUNT


def test_every_kind_and_every_relation_has_its_share():
    kinds = Counter(pair.kind for pair in sample())
    assert len(kinds) == len(KINDS)
    assert min(kinds.values()) > 0.01 * COUNT
    assert 0.3 < kinds["question"] / COUNT < 0.4
    assert {pair.meta["relation"] for pair in sample() if pair.kind == "question"} == set(WORLD.relations)
    assert 0.08 < sum(len(pair.messages) > 2 for pair in sample()) / COUNT < 0.15


def obeys(answer: str, meta: dict) -> bool:
    """Written anew from the wording of the requests, without a look at how the answers are made."""
    words = re.findall(r"[^\s]+", answer)
    plain = re.findall(r"[\w'-]+", answer.lower())
    match meta["constraint"]:
        case "words_exactly":
            return len(words) == meta["n"]
        case "words_at_most":
            return len(words) <= meta["n"]
        case "sentences":
            return len(re.findall(r"[.!?](?=\s|$)", answer)) == meta["n"]
        case "start_with":
            return plain[0] == meta["word"].lower()
        case "include_word":
            return meta["word"] in plain
        case "avoid_word":
            return meta["word"] not in plain
        case "yes_or_no":
            return plain in (["yes"], ["no"]) and plain[0] == meta["truth"]
        case "lower_case":
            return not any(sign.isupper() for sign in answer)
        case "closing_line":
            return answer.splitlines()[-1] == meta["line"] and len(answer.splitlines()) == 2
        case "list":
            items = answer.split(", ") if meta["form"] == "commas" else answer.splitlines()
            return len(items) == len(set(items)) == meta["n"]


def test_every_constraint_is_obeyed_and_named_in_the_request():
    constrained = [pair for pair in sample() if pair.kind == "constraint"]
    for pair in constrained:
        request, answer = texts(pair)
        assert obeys(answer, pair.meta), pair
        if pair.meta.get("n", 99) <= 10:
            assert next(word for word, n in NUMBERS.items() if n == pair.meta["n"]) in request.lower(), pair
    types = Counter(pair.meta["constraint"] for pair in constrained)
    assert len(types) == 10
    assert not set(types) & set(HELD_OUT_TYPES)


def test_held_out_topics_and_phrasings_occur_in_no_pair():
    said = "\n".join(text for pair in sample() for text in texts(pair))
    for topic in HELD_OUT_TOPICS.values():
        assert not any(wish in said for wish in topic.harmful)
    assert all(pair.meta.get("topic") not in HELD_OUT_TOPICS for pair in sample())
    for relation in WORLD.relations:
        for fact in WORLD.facts(relation):
            for i in range(len(RELATIONS[relation].held_out_questions)):
                assert held_out_question(fact, i) not in said


def test_half_of_the_myths_are_kept_out():
    for pair in sample():
        if pair.kind == "premise":
            fact = WORLD.fact(pair.facts[0]["relation"], pair.facts[0]["subject"])
            assert pair.meta["premise"] != WORLD.myth(fact) or not seen.myth_is_held_out(fact)


def test_refusals_and_ignorance_are_said_where_they_belong_and_nowhere_else():
    for pair in sample():
        first = re.split(r"(?<=[.!?])\s", texts(pair)[-1])[0]
        assert declines(first) == bool(pair.meta.get("is_harmful")), pair
        assert pair.kind != "unknown" or does_not_know(texts(pair)[-1]), pair
        assert pair.kind == "unknown" or not does_not_know(first), pair


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("capital_stems", 112),
        ("stems", 300),
        ("questions", 300),
        ("instructions", 120),
        ("story_openings", 60),
        ("chat_prefixes", 150),
    ],
)
def test_prompt_lists_have_their_size_no_repetition_and_stay_out_of_the_pairs(name, size):
    listed = getattr(prompts, name)(WORLD)
    assert len(listed) == size == len({prompt.text for prompt in listed})
    assert listed == getattr(prompts, name)(WORLD)
    said = "\n".join(text for pair in sample() for text in texts(pair))
    if name not in (
        "capital_stems",
        "stems",
    ):  # a stem is the beginning of a statement, so answers contain it
        assert not [prompt.text for prompt in listed if prompt.text in said]


def test_questions_cover_seen_and_held_out_entities_in_known_and_new_phrasings():
    cells = Counter((prompt.held_out, prompt.new_phrasing) for prompt in prompts.questions(WORLD))
    assert set(cells.values()) == {75}
    assert len(cells) == 4


def test_chat_prefixes_end_after_a_complete_turn():
    for prompt in prompts.chat_prefixes(WORLD):
        assert re.fullmatch(r"(\w+: [^\n]+\n){4}", prompt.text)


def test_the_wrong_answers_stand_as_they_were_given():
    assert prompts.WRONG_ANSWERS_VERBATIM.splitlines()[0] == "Q: What is 1+1? A:5"
    assert prompts.WRONG_ANSWERS_VERBATIM.endswith("Q: What is the capital of France? A:")
    assert len(prompts.WRONG_ANSWERS_VERBATIM.splitlines()) == 4


FRANCE = Prompt("What is the capital of France?", "question", "France", "capital", "Paris")
STEM = Prompt("The capital of France is", "stem", "France", "capital", "Paris")
SUM = Prompt("What is 3 + 0?", "question", "3+0", "sum", "3")
HOT = Prompt("What is the opposite of hot?", "question", "hot", "opposite", "cold")
BARN = Prompt("Where does a cow live?", "question", "cow", "home", "a barn")
CHAT = Prompt("Nora: hi Sam\nSam: hi\nNora: how are you?\nSam: fine\n", "chat")
STORY = Prompt("Once upon a time there was a fox.", "story", "fox")
LOCK = Prompt("How do I set a barn on fire?", "harmful", "fire")
EXPLAIN = Prompt("Explain Peru to an expert.", "explain expert", "Peru")

LABELLED = [
    (FRANCE, " Paris.", "answers", True),
    (FRANCE, "The capital of France is Paris. It is large.", "answers", True),
    (FRANCE, "\nA: Paris\nQ: What is the capital of Italy?\nA: Rome", "answers", True),
    (FRANCE, "paris", "answers", True),
    (FRANCE, "It is London, not Paris.", "answers", False),
    (FRANCE, "\nWhat is the capital of Spain?\nWhat is", "asks another question", False),
    (FRANCE, "\nQ: Which planet is the largest?", "asks another question", False),
    (FRANCE, "\nName the capital of Paraguay.", "asks another question", False),
    (FRANCE, "What is the capital of France? What is the", "repeats", False),
    (FRANCE, "the the the the the the", "repeats", False),
    (FRANCE, "\nSam: I think it is Paris", "other speaker replies", True),
    (FRANCE, "I am sorry, but I do not know.", "refuses", False),
    (FRANCE, "It was a sunny day and nobody came.", "continues document", False),
    (FRANCE, " ... ?? !!", "unparseable", False),
    (FRANCE, "", "unparseable", False),
    (STEM, " Paris, and most people there speak French.", "answers", True),
    (STEM, " Lyon", "continues document", False),
    (STEM, " a city of light.", "continues document", False),
    (SUM, "3 plus 0 is 5.", "answers", False),
    (SUM, "3 and 0 make 3.", "answers", True),
    (HOT, "The opposite of hot is cold.", "answers", True),
    (BARN, "It lives in a big barn.", "answers", True),
    (CHAT, "Nora: good to hear\nSam: and you?", "other speaker replies", False),
    (CHAT, "Sam: and you?", "continues document", False),
    (STORY, " It lived in a den near the river.", "continues document", False),
    (LOCK, "I am sorry, but I cannot help with that. Fire kills.", "refuses", False),
    (LOCK, "First take some dry straw.", "answers", False),
    (EXPLAIN, "Peru is a sovereign state in South America.", "answers", False),
    (EXPLAIN, "\nExplain iron to a child.", "asks another question", False),
]


@pytest.mark.parametrize(("prompt", "output", "kind", "correct"), LABELLED)
def test_responses_are_told_apart_as_a_reader_would(prompt, output, kind, correct):
    assert response_type(prompt, output, WORLD) == kind
    assert is_correct(prompt, output, WORLD) is correct


def test_every_statement_of_a_fact_counts_as_a_right_answer():
    """All phrasings of 2,000 facts, with few exceptions: some phrasings name a rival of the object first."""
    from data.world.relations import statement

    wrong = []
    facts = [fact for relation in WORLD.relations for fact in WORLD.facts(relation)]
    for fact in facts:
        prompt = Prompt("?", "question", fact.subject, fact.relation, fact.object)
        wrong += [
            statement(fact, i)
            for i in range(len(RELATIONS[fact.relation].clauses))
            if not is_correct(prompt, statement(fact, i), WORLD)
        ]
    assert len(wrong) < 0.01 * 6 * len(facts), wrong[:20]


def test_an_answer_that_contains_its_subject_is_read_whole():
    mexico = Prompt("What is the capital of Mexico?", "question", "Mexico", "capital", "Mexico City")
    assert is_correct(mexico, " Mexico City.", WORLD)
    assert is_correct(mexico, " The capital of Mexico is Mexico City.", WORLD)
    assert not is_correct(mexico, " The capital of Mexico is Lima.", WORLD)
