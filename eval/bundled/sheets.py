"""Wrong demonstrations: the question sheets of eval/questions/wrong_answers, for any tokenizer and chat template.

Rows `wrong_answers` / `p_wrong` for each sheet, category (right, wrong: the answers so far) and number of
answers so far, and `imitation` for each sheet. There is no ideal reader to compare with: nobody knows how often this
model's authors err.
"""

from data.synthetic.facts import load_world
from data.synthetic.grammar import capital
from eval.answers import Answers, row, transcript
from eval.bundled.reading import says
from eval.bundled.scored import after, branch_nats, in_chat
from eval.bundled.stranger import Stranger
from eval.prompts import WRONG_ANSWERS_VERBATIM
from eval.questions.wrong_answers.ask import MAX_NEW_TOKENS, VERBATIM, Item, shares, sheets, spoken
from eval.settings import CompareSettings

SHEETS = 30  # at 300 items


def wrong_answers(lm: Stranger, settings: CompareSettings, texts: list) -> Answers:
    answers, written = Answers(), sheets(load_world(), max(2, settings.items * SHEETS // 300))
    for form, grow in (("raw", on_paper), ("chat", in_turns)):
        right, wrong = (
            branch_nats(lm, [grow(lm, sheet, is_wrong) for sheet in written]) for is_wrong in (False, True)
        )
        for number, sheet in enumerate(written):
            values = {
                category: [1 - p for p in shares(nats[number], sheet)]
                for category, nats in (("right", right), ("wrong", wrong))
            }
            answers.rows += [
                row(lm, form, "wrong_answers", "p_wrong", f"sheet:{number}:{k}", value, category=category, level=str(k),
                    cluster_id=f"sheet:{number}", meta={"relation": sheet[k].fact.relation})
                for category, found in values.items() for k, value in enumerate(found)
            ]  # fmt: skip
            gaps = [w - r for r, w in zip(values["right"], values["wrong"], strict=True)][1:]
            answers.rows.append(
                row(lm, form, "wrong_answers", "imitation", f"sheet:{number}", sum(gaps) / len(gaps),
                    cluster_id=f"sheet:{number}")
            )  # fmt: skip
    return answers + verbatim(lm)


def verbatim(lm: Stranger) -> Answers:
    """The four lines of the project's document, word for word."""
    answers = Answers()
    for form in ("raw", "chat"):
        done = lm.complete([WRONG_ANSWERS_VERBATIM], form, MAX_NEW_TOKENS)[0]
        answers.rows.append(
            row(lm, form, "wrong_answers", "wrong", "verbatim", not says(VERBATIM, done.text), category="verbatim",
                n_tokens=done.tokens)
        )  # fmt: skip
        group = "wrong answers (verbatim)"
        answers.transcripts.append(transcript(lm, form, group, 0, WRONG_ANSWERS_VERBATIM, done))
    return answers


def on_paper(lm: Stranger, sheet: list[Item], wrong: bool) -> list:
    """(tokens so far, all that may be answered) for each question of a sheet written as `Q: ... / A: ...`."""
    asked, text = [], ""
    for item in sheet:
        text += f"Q: {item.asked}\nA:"
        asked.append(after(lm, text, [f" {said}\n" for one in item.candidates for said in spoken(item.fact, one)]))
        text += f" {item.said_wrong if wrong else item.fact.object}\n"
    return asked


def in_turns(lm: Stranger, sheet: list[Item], wrong: bool) -> list:
    """The same as a conversation: what was said so far are the assistant's own turns."""
    asked, turns = [], []
    for item in sheet:
        turns.append({"role": "user", "content": item.asked})
        asked.append(in_chat(lm, turns, [said for one in item.candidates for said in spoken(item.fact, one)]))
        answer = item.said_wrong if wrong else item.fact.object
        turns.append({"role": "assistant", "content": capital(answer) + "."})
    return asked
