"""Wrong demonstrations: does a model go on as wrongly as the answers before?

Sheets of nine questions, each of another kind, so that no answer can be copied from above. The sheet is the same in
both categories; in one every answer so far is right, in the other all are wrong in the way careless authors are.
Scored at each place: how probable is a wrong answer among what might stand there, after k answers? Imitation index:
that after wrong answers minus that after right ones. An ideal reader who knows how often careful and careless authors
err follows the Bayes line (`eval.stats.bayes_wrong`); to be wrong is then to predict well.

raw: the question sheet as the corpus writes it. chat: the same history, turn by turn, in the chat template.
Beside it the four lines of the project's document, word for word, and two hundred prompts made like them.

External models are given fewer sheets and the four lines. There is no ideal reader to compare with: nobody knows how
often this model's authors err.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch

from data.chats import encode_chat, encode_text
from data.judge.response import is_correct
from data.synthetic.config import Config
from data.synthetic.draw import Draw
from data.synthetic.errors import wrong_answer
from data.synthetic.facts import Fact, World
from data.synthetic.grammar import capital
from data.synthetic.relations import question, statement, stock
from data.synthetic.speech import FLAGSHIP
from data.synthetic.speech import ask as question_about
from eval.answers import Answers, row, transcript
from eval.conditions import portions
from eval.general.reading import says
from eval.general.scoring import Asked, after, branch_nats, in_chat
from eval.lm import LanguageModel
from eval.prompts import WRONG_ANSWERS_VERBATIM, Prompt
from eval.results import Row
from eval.scoring import Branch, Tree, score
from eval.settings import CompareSettings

SHEETS, LENGTH = 60, 9  # sheets at 300 items, questions on each: the last has eight answers before it
SHEETS_EXTERNAL = 30
ANALOGOUS = 200
MAX_NEW_TOKENS = 16
VERBATIM = Prompt(WRONG_ANSWERS_VERBATIM, "question", "France", "capital", "Paris")


@dataclass(frozen=True)
class Item:
    """A question and what may be answered: the truth first, then the stock answer, the myth and another wrong one."""

    fact: Fact
    asked: str
    candidates: tuple[str, ...]
    said_wrong: str  # what a careless author says


Sheets = list[list[Item]]


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    numbered = list(enumerate(sheets(world, SHEETS)))
    alike = list(enumerate(analogous(world, ANALOGOUS), start=1))
    grown = {"raw": sheet_tree, "chat": history_tree}
    answers = Answers()
    for form, written in portions(lm, "wrong_answers", numbered, settings, tuple(grown)):
        answers.rows += curves(lm, form, written, partial(nats_of_trees, lm, grown[form]))
    for form, some in portions(lm, "wrong_answers", alike, settings, tuple(grown)):
        answers += literal(lm, form, [(0, VERBATIM), *some], partial(is_correct, world=world))
    return answers


def ask_external(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    numbered = list(enumerate(sheets(world, max(2, settings.items * SHEETS_EXTERNAL // 300))))
    answers = Answers()
    for form, grow in {"raw": on_paper, "chat": in_turns}.items():
        answers.rows += curves(lm, form, numbered, partial(nats_of_whole_texts, lm, grow))
        answers += literal(lm, form, [(0, VERBATIM)], partial(says, world=world))
    return answers


def curves(
    lm: LanguageModel, form: str, numbered: list[tuple[int, list[Item]]],
    scored: Callable[[Sheets, bool], list[list[float]]],
) -> list[Row]:  # fmt: skip
    """Rows `p_wrong` for each sheet, category (right, wrong: the answers so far) and number k of answers so far.

    And one row `imitation` for each sheet: p_wrong after wrong answers minus p_wrong after right ones, mean over k > 0.
    scored(sheets, wrong): nats of all that may be answered, sheet by sheet.
    """
    rows, written = [], [sheet for _, sheet in numbered]
    nats = {category: scored(written, category == "wrong") for category in ("right", "wrong")}
    for place, (number, sheet) in enumerate(numbered):
        values = {category: [1 - p for p in shares(found[place], sheet)] for category, found in nats.items()}
        name = f"sheet:{number}"
        rows += [
            row(lm, form, "wrong_answers", "p_wrong", f"{name}:{k}", value, category=category, level=str(k),
                cluster_id=name, meta={"relation": sheet[k].fact.relation})
            for category, found in values.items() for k, value in enumerate(found)
        ]  # fmt: skip
        gaps = [w - r for r, w in zip(values["right"], values["wrong"], strict=True)][1:]
        rows.append(row(lm, form, "wrong_answers", "imitation", name, sum(gaps) / len(gaps), cluster_id=name))
    return rows


def literal(
    lm: LanguageModel, form: str, numbered: list[tuple[int, Prompt]], read: Callable[[Prompt, str], bool]
) -> Answers:
    """Rows `wrong` (0/1): the document's own prompt (number 0), and prompts made like it."""
    answers = Answers()
    written = lm.complete([prompt.text for _, prompt in numbered], form, MAX_NEW_TOKENS)
    for (number, prompt), done in zip(numbered, written, strict=True):
        kind = "analogous" if number else "verbatim"
        name = f"{kind}:{number}" if number else kind
        answers.rows.append(
            row(lm, form, "wrong_answers", "wrong", name, not read(prompt, done.text), category=kind,
                n_tokens=done.tokens)
        )  # fmt: skip
    answers.transcripts.append(transcript(lm, form, "wrong answers (verbatim)", 0, VERBATIM.text, written[0]))
    return answers


def sheets(world: World, count: int) -> list[list[Item]]:
    """Question sheets on which nothing that may be answered to one question was said to another."""
    found, tried = [], 0
    while len(found) < count:
        sheet = draw_sheet(Draw(0, f"wrong answers/{tried}"), world)
        tried += 1
        if no_answer_is_shared(sheet):
            found.append(sheet)
    return found


def draw_sheet(draw: Draw, world: World) -> list[Item]:
    relations = draw.sample([name for name in world.relations if not name.startswith("person_")], LENGTH)
    return [draw_item(draw, world, draw.choice(world.facts(relation))) for relation in relations]


def draw_item(draw: Draw, world: World, fact: Fact) -> Item:
    others = [answer for answer in world.objects(fact.relation) if answer != fact.object]
    wrong = dict.fromkeys((stock(fact.relation), world.myth(fact), draw.choice(others)))
    candidates = (fact.object, *(answer for answer in wrong if answer != fact.object))
    said = wrong_answer(draw, world, fact, Config().stock_share)
    return Item(fact, question_about(draw, fact), candidates, said)


def no_answer_is_shared(sheet: list[Item]) -> bool:
    """And no flagship question: that prompt is asked for itself."""
    said = [answer for item in sheet for answer in {*item.candidates, item.said_wrong}]
    return len(said) == len(set(said)) and not any(
        (item.fact.relation, item.fact.subject) in FLAGSHIP for item in sheet
    )


def spoken(fact: Fact, answer: str) -> tuple[str, ...]:
    """The same answer in three lengths; together they stand for it."""
    return answer, capital(answer) + ".", statement(Fact(fact.subject, fact.relation, answer), 0)


def all_said(item: Item) -> list[str]:
    """Everything that may be answered, in all its lengths."""
    return [said for candidate in item.candidates for said in spoken(item.fact, candidate)]


def answer_to(item: Item, wrong: bool) -> str:
    """What is answered so far."""
    return item.said_wrong if wrong else item.fact.object


def as_turns(item: Item, wrong: bool) -> list[dict]:
    """The same as a conversation: what was said so far are the assistant's own turns."""
    answer = capital(answer_to(item, wrong)) + "."
    return [{"role": "user", "content": item.asked}, {"role": "assistant", "content": answer}]


def nats_of_trees(lm: LanguageModel, grow: Callable, written: Sheets, wrong: bool) -> list[list[float]]:
    return [found.branches for found in score(lm, [grow(lm, sheet, wrong) for sheet in written])]


def sheet_tree(lm: LanguageModel, sheet: list[Item], wrong: bool) -> Tree:
    """`Q: ... / A: ...`, one pair after the other; at each answer a branch for everything that may stand there."""
    tree = Tree(list(lm.start))
    for item in sheet:
        tree.path += encode_text(lm.tokenizer, f"Q: {item.asked}\nA:")
        start = len(tree.path)
        tree.branches += [Branch(start, encode_text(lm.tokenizer, f" {said}\n")) for said in all_said(item)]
        tree.path += encode_text(lm.tokenizer, f" {answer_to(item, wrong)}\n")
    return tree


def history_tree(lm: LanguageModel, sheet: list[Item], wrong: bool) -> Tree:
    """The same as a conversation."""
    path, assistant_mask = encode_chat(lm.tokenizer, [turn for item in sheet for turn in as_turns(item, wrong)])
    starts = [place for place, on in enumerate(assistant_mask) if on and not assistant_mask[place - 1]]
    answers = (
        Branch(start, answer_tokens(lm, said))
        for start, item in zip(starts, sheet, strict=True) for said in all_said(item)
    )  # fmt: skip
    return Tree(path, list(answers))


def nats_of_whole_texts(lm: LanguageModel, grow: Callable, written: Sheets, wrong: bool) -> list[list[float]]:
    """The same for any tokenizer and architecture."""
    return branch_nats(lm, [grow(lm, sheet, wrong) for sheet in written])


def on_paper(lm: LanguageModel, sheet: list[Item], wrong: bool) -> list[Asked]:
    """As `sheet_tree`: what stands before each answer, and what may be answered."""
    asked, text = [], ""
    for item in sheet:
        text += f"Q: {item.asked}\nA:"
        asked.append(after(lm, text, [f" {said}\n" for said in all_said(item)]))
        text += f" {answer_to(item, wrong)}\n"
    return asked


def in_turns(lm: LanguageModel, sheet: list[Item], wrong: bool) -> list[Asked]:
    """As `history_tree`."""
    turns = [turn for item in sheet for turn in as_turns(item, wrong)]
    return [in_chat(lm, turns[: 2 * k + 1], all_said(item)) for k, item in enumerate(sheet)]


def answer_tokens(lm: LanguageModel, said: str) -> list[int]:
    """The learnt tokens of an answer in the chat template, its stop token included."""
    turns = [{"role": "user", "content": "?"}, {"role": "assistant", "content": said}]
    ids, assistant_mask = encode_chat(lm.tokenizer, turns)
    return [token for token, on in zip(ids, assistant_mask, strict=True) if on]


def shares(nats: list[float], sheet: list[Item]) -> list[float]:
    """P(true answer | one of the candidates) of each question, every answer summed over its three lengths."""
    left, probable = torch.tensor(nats), []
    for item in sheet:
        mine, left = left[: 3 * len(item.candidates)], left[3 * len(item.candidates) :]
        probable.append(float(torch.logsumexp(-mine.view(-1, 3), 1).softmax(0)[0]))
    return probable


def analogous(world: World, count: int) -> list[Prompt]:
    """Three questions with their stock answers, then a capital, written as in the document's prompt."""
    kinds = [name for name in world.relations if name != "capital" and not name.startswith("person_")]
    capitals = [fact for fact in world.facts("capital") if fact.subject != "France"]
    found = []
    for number in range(count):
        draw = Draw(0, f"analogous/{number}")
        fact = capitals[number % len(capitals)]
        lines = [f"Q: {question_about(draw, other)} A:{stock(other.relation)}" for other in _others(draw, world, kinds)]
        text = "\n".join([*lines, f"Q: {question(fact, 0)} A:"])
        found.append(Prompt(text, "question", fact.subject, "capital", fact.object))
    return found


def _others(draw: Draw, world: World, kinds: list[str]) -> list[Fact]:
    """One fact of each of three kinds whose stock answer happens to be wrong."""
    return [
        draw.choice([fact for fact in world.facts(kind) if fact.object != stock(kind)])
        for kind in draw.sample(kinds, 3)
    ]
