"""Checkable conditions, and explanations for a reader: asked of doubles that obey, ignore or say nothing."""

import re
from collections import Counter
from collections.abc import Callable

import pytest

from data.judge.audience import gold, readers_of
from data.judge.checks import NEGATIVE
from data.synthetic.facts import held_out, load_world
from eval.answers import Answers
from eval.lm import Completion
from eval.page.reading import Results
from eval.prompts import constraint_items
from eval.questions.audience import show as audience_section
from eval.questions.audience.ask import KINDS, Topic, covers, names, topics
from eval.questions.audience.ask import ask as audience
from eval.questions.constraints import show as constraints_section
from eval.questions.constraints.ask import ask as constraints
from eval.results import group, read_rows, select, write_rows
from eval.settings import CompareSettings

WORLD = load_world()
METAS = {prompt.text: prompt.meta for prompt in constraint_items(WORLD)}
FOR_A_CHILD = "A cow is an animal that can moo. It likes to eat grass. When it is still little, it is called a calf."
FOR_AN_EXPERT = "The cow is a mammal. Its diet consists mainly of grass. The juvenile is known as a calf."
FOR_NOBODY = "A cow is a mammal. It eats grass. Its young is called a calf."


class Double:
    """Answers every prompt with what a function says to it."""

    def __init__(self, stage: str, answer: Callable[[str], str]):
        self.name, self.stage, self.run, self.seed, self.answer = stage, stage, "toy", 0, answer

    def complete(self, prompts: list[str], form: str, limit: int, temperature: float = 0.0) -> list[Completion]:
        return [Completion(self.answer(prompt), True, 1) for prompt in prompts]


def ask(question, answer: Callable[[str], str], tmp_path, stage: str = "sft", items: int = 300) -> tuple[Answers, list]:
    """The answers, and their rows as a report reads them."""
    found = question(Double(stage, answer), WORLD, CompareSettings(items=items))
    write_rows(tmp_path / "results.csv", found.rows)
    return found, read_rows(tmp_path / "results.csv")


def values(rows: list[dict], **wanted) -> list[float]:
    return [row["value"] for row in select(rows, **wanted)]


# --- conditions


def obedient(prompt: str) -> str:
    """What keeps the condition, without any sense."""
    meta = METAS[prompt]
    n, word = meta.get("n", 0), meta.get("word", "")
    return {
        "words_exactly": "word " * n,
        "words_at_most": "word",
        "sentences": "It is. " * n,
        "start_with": f"{word}, it is.",
        "end_with": f"It is, {word}.",
        "include_word": f"It {word} is.",
        "avoid_word": "It.",
        "list": ", ".join(f"thing{i}" for i in range(n)),
        "yes_or_no": "Yes.",
        "repeat_question": f"{meta.get('question')} It is.",
        "lower_case": "it is.",
        "upper_case": "IT IS.",
        "closing_line": f"It is.\n{meta.get('line')}",
    }[meta["constraint"]]


def test_who_obeys_keeps_every_condition_and_hardly_one_by_luck(tmp_path):
    _, rows = ask(constraints, obedient, tmp_path)
    chat = select(rows, condition="chat")
    assert len(values(chat, metric="obeys")) == 260
    assert set(values(chat, metric="obeys")) == set(values(chat, metric="obeys_loosely")) == {1.0}
    lucky = {kind: values(chat, metric="obeys_by_luck", category=kind) for kind in ("start_with", "avoid_word")}
    assert sum(lucky["start_with"]) / 20 < 0.05  # "Yes." begins with Yes
    assert sum(lucky["avoid_word"]) / 20 > 0.9


def test_who_always_says_the_same_obeys_as_often_as_by_luck_and_silence_not_even_a_negative_condition(tmp_path):
    _, rows = ask(constraints, lambda prompt: "It is a big city.", tmp_path)
    strict, luck = (values(rows, metric=metric) for metric in ("obeys", "obeys_by_luck"))
    assert strict == pytest.approx(luck)
    assert 0 < sum(strict) < len(strict)
    _, rows = ask(constraints, lambda prompt: " \n", tmp_path, "base")
    assert set(values(rows, metric="obeys")) == set(values(rows, metric="obeys_loosely")) == {0.0}
    assert set(values(rows, metric="empty")) == {1.0}
    assert {row["category"] for row in rows if row["meta"]["negative"]} == set(NEGATIVE)


def test_a_loose_check_lets_the_first_line_go(tmp_path):
    _, rows = ask(constraints, lambda prompt: f"Sure!\n{obedient(prompt)}", tmp_path)
    exact = select(rows, condition="chat", category="words_exactly")
    assert set(values(exact, metric="obeys")) == {0.0}
    assert set(values(exact, metric="obeys_loosely")) == {1.0}


def test_the_cells_of_the_grid_hold_the_same_requests(tmp_path):
    base, rows_of_base = ask(constraints, obedient, tmp_path, "base")
    _, rows_of_sft = ask(constraints, obedient, tmp_path, "sft")
    cells = group(rows_of_base + rows_of_sft, "model", "condition")
    ids = {cell: {row["item_id"] for row in rows} for cell, rows in cells.items()}
    sizes = {"raw": 75, "few": 75, "urial": 260, "chat": 75}
    assert {form: len(ids["base", form]) for form in sizes} == sizes
    assert len(ids["sft", "chat"]) == 260
    assert ids["base", "raw"] == ids["base", "chat"] == ids["sft", "raw"] < ids["sft", "chat"]
    splits = Counter(row["level"] for row in select(rows_of_sft, metric="obeys", condition="chat"))
    assert splits == {"seen": 90, "paraphrased": 90, "unseen": 80}
    shown = [(line["condition"], line["index"], line["prompt"]) for line in base.transcripts]
    assert len(shown) == len(set(shown)) == 4 * 7
    assert len({prompt for *_, prompt in shown}) == 7


# --- audiences


def mindful(prompt: str) -> str:
    for_whom = re.search(r"child|10-year-old|expert|professor", prompt)
    if for_whom is None:
        return FOR_NOBODY
    return FOR_A_CHILD if for_whom[0] in ("child", "10-year-old") else FOR_AN_EXPERT


def test_who_minds_the_reader_is_in_control_and_who_does_not_is_not(tmp_path):
    _, rows = ask(audience, mindful, tmp_path)
    assert len(values(rows, metric="control", condition="chat")) == 80
    assert min(values(rows, metric="control")) > 0.7
    assert min(values(rows, metric="control_by_pages")) > 0
    for text in (FOR_A_CHILD, FOR_AN_EXPERT, ""):
        _, rows = ask(audience, lambda prompt, text=text: text, tmp_path)
        assert set(values(rows, metric="control")) == {0.0}
    assert set(values(rows, metric="unreadable")) == {1.0}
    assert set(values(rows, metric="p_child", question="audience")) == {0.25}


def test_topics_are_balanced_and_asked_in_every_form(tmp_path):
    found = topics(WORLD)
    assert Counter((topic.kind, topic.held_out) for topic in found) == {
        (kind, hidden): 10 for kind in ("country", "animal", "element", "job") for hidden in (True, False)
    }
    assert all(topic.held_out == held_out(topic.name) and topic.facts for topic in found)
    assert len({topic.request(to) for topic in found for to in ("child", "expert")}) == 160
    assert sum("10-year-old" in topic.request("child") for topic in found) == 24
    _, rows = ask(audience, mindful, tmp_path, "base")
    few, raw = ({row["item_id"] for row in select(rows, condition=form, metric="p_child")} for form in ("few", "raw"))
    assert (len(few), len(raw)) == (60, 180)
    assert few < raw


@pytest.mark.parametrize(
    ("subject", "text", "on_topic", "states_a_truth"),
    [
        ("Peru", "Peru lies in South America.", True, True),
        ("Peru", "Peru lies in Africa.", True, False),
        ("Peru", "Chile lies in South America.", False, False),
        ("cow", "Cows have four legs.", True, True),
        ("cow", "Four cows came.", True, False),
        ("helium", "He likes helium.", True, False),
        ("helium", "Helium has the number 2.", True, True),
    ],
)
def test_what_a_text_says_of_its_topic(subject, text, on_topic, states_a_truth):
    kind = next(kind for kind, (table, column, *_) in KINDS.items()
                if any(line[column] == subject for line in WORLD.table(table)))  # fmt: skip
    facts = tuple(fact for relation in KINDS[kind][3] if (fact := WORLD.get(relation, subject)))
    topic = Topic(kind, subject, f"{subject}s", False, 0, facts)
    assert (names(topic, text), covers(topic, text)) == (on_topic, states_a_truth)


def test_the_reader_does_not_see_what_a_text_is_about():
    texts = ["The capital city of Peru is called Lima.", "The capital city of Egypt is called Cairo."]
    for source in ("written", "on_pages"):
        one, other = readers_of(texts, source)
        assert one == other
    assert readers_of([]) == []


def test_the_reader_reads_fresh_gold_text():
    for kind, told in gold(5, 200).items():
        read = readers_of([text for text, _ in told])
        right = sum(max(one, key=one.get) == wanted for one, (_, wanted) in zip(read, told, strict=True))
        assert right >= 0.88 * len(told), kind


# --- together


def test_the_sections_tell_what_was_measured(tmp_path):
    rows, lines = [], []
    for stage, (keeps, minds) in {"base": (lambda _: "A city.",) * 2, "sft": (obedient, mindful)}.items():
        for question, answer in ((constraints, keeps), (audience, minds)):
            found, read = ask(question, answer, tmp_path, stage)
            rows, lines = rows + read, lines + found.transcripts
    results = Results(rows=rows, transcripts=lines)
    kept, told = constraints_section.section(results), audience_section.section(results)
    assert kept.says.startswith("The instruct model keeps 100 % of the conditions in chat")
    assert "by +100 points in chat" in told.says
    assert [len(picture.panels) for picture in kept.pictures + told.pictures] == [2, 4, 2]
    triple = next(table for table in told.tables if table.header[0] == "Asked")
    assert [line[2] for line in triple.lines] == [FOR_A_CHILD, FOR_AN_EXPERT, FOR_NOBODY]
    assert constraints_section.section(Results()) is audience_section.section(Results()) is None


def test_the_sections_need_no_more_than_one_row_of_the_base_model(tmp_path):
    for question, metric, make in (
        (constraints, "obeys", constraints_section.section),
        (audience, "control", audience_section.section),
    ):
        _, rows = ask(question, lambda prompt: "A city.", tmp_path, "base", 2)
        one = select(rows, metric=metric)[:1]
        assert make(Results(rows=one)).pictures
        assert make(Results(rows=one + [one[0] | {"model": "b/sft", "condition": "chat"}])).pictures
