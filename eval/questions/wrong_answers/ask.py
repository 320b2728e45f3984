"""Wrong demonstrations: does a model go on as wrongly as the answers before?

Sheets of nine questions, each of another kind, so that no answer can be copied from above. The sheet is the same in
both categories; in one every answer so far is right, in the other all are wrong in the way careless authors are.
Scored at each place: how probable is a wrong answer among what might stand there, after k answers? Imitation index:
that after wrong answers minus that after right ones. An ideal reader who knows how often careful and careless authors
err follows the Bayes line (`eval.stats.bayes_wrong`); to be wrong is then to predict well.

raw: the question sheet as the corpus writes it. chat: the same history, turn by turn, in the chat template.
Beside it the four lines of the project's document, word for word, and two hundred prompts made like them.
"""

from dataclasses import dataclass

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
from eval.lm import LanguageModel
from eval.prompts import WRONG_ANSWERS_VERBATIM, Prompt
from eval.scoring import Branch, Tree, score
from eval.settings import CompareSettings

SHEETS, LENGTH = 60, 9  # sheets at 300 items, questions on each: the last has eight answers before it
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


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    return curves(lm, world, settings) + literal(lm, world, settings)


def curves(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Rows `p_wrong` for each sheet, category (right, wrong: the answers so far) and number k of answers so far.

    And one row `imitation` for each sheet: p_wrong after wrong answers minus p_wrong after right ones, mean over k > 0.
    """
    answers, numbered = Answers(), list(enumerate(sheets(world, SHEETS)))
    grown = {"raw": sheet_tree, "chat": history_tree}
    for condition, written in portions(lm, "wrong_answers", numbered, settings, tuple(grown)):
        after_right, after_wrong = (
            score(lm, [grown[condition](lm, sheet, wrong) for _, sheet in written]) for wrong in (False, True)
        )
        for (number, sheet), *both in zip(written, after_right, after_wrong, strict=True):
            right, wrong = ([1 - probable for probable in shares(scores.branches, sheet)] for scores in both)
            of_sheet = {"cluster_id": f"sheet:{number}"}
            answers.rows += [
                row(lm, condition, "wrong_answers", "p_wrong", f"sheet:{number}:{k}", value, category=category,
                    level=str(k),
                    meta={"relation": sheet[k].fact.relation}, **of_sheet)
                for category, values in (("right", right), ("wrong", wrong)) for k, value in enumerate(values)
            ]  # fmt: skip
            imitated = [w - r for r, w in zip(right, wrong, strict=True)][1:]
            answers.rows.append(
                row(lm, condition, "wrong_answers", "imitation", f"sheet:{number}", sum(imitated) / len(imitated),
                    **of_sheet)
            )  # fmt: skip
    return answers


def literal(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Rows `wrong` (0/1): the document's own prompt, and prompts made like it; each as it is and as a user's turn."""
    answers = Answers()
    numbered = list(enumerate(analogous(world, ANALOGOUS), start=1))
    for condition, some in portions(lm, "wrong_answers", numbered, settings, ("raw", "chat")):
        prompts = [(0, VERBATIM), *some]
        completions = lm.complete([prompt.text for _, prompt in prompts], condition, MAX_NEW_TOKENS)
        for (number, prompt), completion in zip(prompts, completions, strict=True):
            answers.rows.append(
                row(
                    lm,
                    condition,
                    "wrong_answers",
                    "wrong",
                    f"analogous:{number}" if number else "verbatim",
                    not is_correct(prompt, completion.text, world),
                    category="analogous" if number else "verbatim",
                    n_tokens=completion.tokens,
                )
            )
        group = "wrong answers (verbatim)"
        answers.transcripts.append(transcript(lm, condition, group, 0, VERBATIM.text, completions[0]))
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


def draw_item(draw: Draw, world: World, fact: Fact, asked: str = "") -> Item:
    others = [answer for answer in world.objects(fact.relation) if answer != fact.object]
    wrong = dict.fromkeys((stock(fact.relation), world.myth(fact), draw.choice(others)))
    candidates = (fact.object, *(answer for answer in wrong if answer != fact.object))
    said = wrong_answer(draw, world, fact, Config().stock_share)
    return Item(fact, asked or question_about(draw, fact), candidates, said)


def no_answer_is_shared(sheet: list[Item]) -> bool:
    """And no flagship question: that prompt is asked for itself."""
    said = [answer for item in sheet for answer in {*item.candidates, item.said_wrong}]
    return len(said) == len(set(said)) and not any(
        (item.fact.relation, item.fact.subject) in FLAGSHIP for item in sheet
    )


def spoken(fact: Fact, answer: str) -> tuple[str, ...]:
    """The same answer in three lengths; together they stand for it."""
    return answer, capital(answer) + ".", statement(Fact(fact.subject, fact.relation, answer), 0)


def sheet_tree(lm: LanguageModel, sheet: list[Item], wrong: bool) -> Tree:
    """`Q: ... / A: ...`, one pair after the other; at each answer a branch for everything that may stand there."""
    tree = Tree(list(lm.start))
    for item in sheet:
        tree.path += encode_text(lm.tokenizer, f"Q: {item.asked}\nA:")
        for candidate in item.candidates:
            tree.branches += [
                Branch(len(tree.path), encode_text(lm.tokenizer, f" {said}\n"))
                for said in spoken(item.fact, candidate)
            ]
        tree.path += encode_text(lm.tokenizer, f" {item.said_wrong if wrong else item.fact.object}\n")
    return tree


def history_tree(lm: LanguageModel, sheet: list[Item], wrong: bool) -> Tree:
    """The same as a conversation: what was said so far are the assistant's own turns."""
    turns = []
    for item in sheet:
        answer = item.said_wrong if wrong else item.fact.object
        turns += [{"role": "user", "content": item.asked}, {"role": "assistant", "content": capital(answer) + "."}]
    path, assistant_mask = encode_chat(lm.tokenizer, turns)
    starts = [place for place, on in enumerate(assistant_mask) if on and not assistant_mask[place - 1]]
    tree = Tree(path)
    for start, item in zip(starts, sheet, strict=True):
        for candidate in item.candidates:
            tree.branches += [Branch(start, answer_tokens(lm, said)) for said in spoken(item.fact, candidate)]
    return tree


def answer_tokens(lm: LanguageModel, said: str) -> list[int]:
    """The learnt tokens of an answer in the chat template, its stop token included."""
    turns = [{"role": "user", "content": "?"}, {"role": "assistant", "content": said}]
    ids, assistant_mask = encode_chat(lm.tokenizer, turns)
    return [token for token, on in zip(ids, assistant_mask, strict=True) if on]


def shares(nats: list[float], sheet: list[Item]) -> list[float]:
    """P(true answer | one of the candidates) of each question, every answer summed over its three lengths."""
    import torch

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
