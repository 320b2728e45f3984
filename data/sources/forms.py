"""A row to a conversation. Each form of the field is a line of FORMS; a key that changes what a row means is used or
refused, any other is counted, so that nothing of a row is dropped in silence.

>>> to_turns({"instruction": "Name a colour.", "input": "", "output": "Red."}, Keys())
[{'role': 'user', 'content': 'Name a colour.'}, {'role': 'assistant', 'content': 'Red.'}]
"""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from configs.pipeline.commands import with_setting

Turn = dict  # role and content; weight 0 where an answer is not to be learnt
TALKS = ("messages", "conversations", "conversation", "dialogue")  # a key that holds all the turns


@dataclass(frozen=True)
class Form:
    """A row of a question and its answer."""

    asks: str
    answers: str
    below: str = ""
    # what stands below the question, where a row has it

    @property
    def needs(self) -> tuple[str, str]:
        return self.asks, self.answers


FORMS = (
    Form("prompt", "completion"),
    Form("instruction", "output", below="input"),
    Form("instruction", "response", below="context"),
    Form("prompt", "response", below="context"),
    Form("question", "answer", below="context"),
    Form("question", "response", below="context"),
    Form("input", "output", below="context"),
)
SYSTEM = ("system", "system_prompt", "system_message")  # keys of any row
NAMES = "messages, conversations, " + ", ".join("/".join(form.needs) for form in FORMS)

SPEAKERS = {
    **dict.fromkeys(("system", "developer"), "system"),
    **dict.fromkeys(("user", "human", "prompter"), "user"),
    **dict.fromkeys(("assistant", "gpt", "model", "bot", "chatbot", "ai"), "assistant"),
}
PRINTED_TALK = re.compile(rf"\s*\[\s*\{{\s*'(role|from)'\s*:\s*'({'|'.join(SPEAKERS)})'", re.IGNORECASE)  # by Python
SAID = {"role": ("role", "from"), "content": ("content", "value", "text")}  # ours: theirs
LEARNT = ("weight", "train", "training")  # of a turn: whether its answer is learnt
ROW_MARKS = ("weight", "label")
MARKS = {"0": False, "0.0": False, "false": False, "1": True, "1.0": True, "true": True}
# what would change the meaning of a row, and is not read here
UNREADABLE = (
    "tools available_tools functions tool_calls tool_call_id function_call reasoning reasoning_content "
    "reasoning_details thinking thought cot rationale documents loss mask train_on_turn image images audio audios "
    "video videos chosen rejected"
).split()


class BadForm(Exception):
    """A row that cannot be used; the message says why, and whoever knows the place puts it in front."""


@dataclass
class Keys:
    """Keys of rows: those to be left aside, whatever they mean, and a count of those that said nothing here."""

    ignored: frozenset[str] = frozenset()
    unused: Counter = field(default_factory=Counter)
    can_ignore: bool = True

    def aside(self, key: str) -> str:
        """The remedy for a key that is refused."""
        leave = f", or leave it aside with {with_setting('pairs', 'ignore_keys', key)}" if self.can_ignore else ""
        return f"take it out{leave}"

    def count(self, what: str, keys: set[str]) -> None:
        self.unused.update((what, key[:60] or "(without a name)") for key in sorted(keys))

    def sentences(self) -> list[str]:
        """Example: ["column notes not used (54 rows)"]."""
        units = {"column": "rows", "key of turns": "turns", "key of parts": "parts"}
        return [f"{what} {key} not used ({count} {units[what]})" for (what, key), count in self.unused.items()]

    def kept(self, row: dict) -> dict:
        return {str(key): value for key, value in row.items() if str(key) not in self.ignored}


def is_row(value: object) -> bool:
    """Whether a value is a conversation or a row of any form, and not something that holds rows."""
    if not isinstance(value, dict):
        return is_talk(value)
    held = [value[key] for key in TALKS if key in value]
    form = form_of(value)
    return bool(held or form) and not any(map(is_column, held or [value[key] for key in form.needs]))


def is_talk(value: object) -> bool:
    return isinstance(value, list) and any(
        isinstance(turn, dict) and all(set(turn) & set(names) for names in SAID.values()) for turn in value
    )


def holds_talk(value: object) -> bool:
    """Whether a cell holds turns: a list of them, or one written out, as a table has it; other JSON is text."""
    if not isinstance(value, str) or not re.match(r"\s*\[\s*\{", value):
        return is_talk(value)
    try:
        turns = json.loads(value)
    except json.JSONDecodeError:
        return bool(PRINTED_TALK.match(value))  # which is then refused
    return is_talk(turns) and all(str(turn.get("role", turn.get("from"))).lower() in SPEAKERS for turn in turns)


def is_column(value: object) -> bool:
    """Cells of many rows, where one value was expected."""
    if isinstance(value, dict):
        return bool(value) and all(str(key).isdecimal() for key in value)
    return isinstance(value, list) and bool(value) and not any(isinstance(cell, dict) for cell in value)


def form_of(row: dict) -> Form | None:
    return next((form for form in FORMS if all(key in row for key in form.needs)), None)


def to_turns(row: object, keys: Keys) -> list[Turn]:
    """The conversation of a row, up to its last answer that is learnt; [] if none of it is to be learnt.

    Raises BadForm for a row of no known form, with a key that is not read here, or without text where it needs some.
    """
    if isinstance(row, list):
        row = {"messages": row}
    if not isinstance(row, dict):
        raise BadForm(f"is {shown(row)}, where an object was expected")
    row = keys.kept(row)
    present = {key: value for key, value in row.items() if not is_missing(value)}
    refuse_unreadable(present, keys)
    talk = next((key for key in TALKS if key in (row if form_of(row) is None else present)), None)
    if talk:
        turns, used = turns_of(row[talk], keys), {talk}
    else:
        turns, used = question_and_answer(row, present, keys)
    before = [spoken("system", key, present[key]) for key in SYSTEM if key in present]
    marks = [key for key in ROW_MARKS if key in present and (key != "label" or is_mark(present[key]))]
    keys.count("column", present.keys() - used - {*SYSTEM, *marks})
    turns = up_to_the_last_learnt([*before, *turns])
    return turns if is_learnt(present, marks, "the row", keys) else []


def question_and_answer(row: dict, present: dict, keys: Keys) -> tuple[list[Turn], set[str]]:
    """(turns, the keys they come from)."""
    form = form_of(present) or form_of(row)
    if form is None:
        raise BadForm(f"expected {NAMES}; found: {', '.join(map(repr, row))[:200] or 'no key'}")
    question, used = row[form.asks], {*form.needs, "history"}
    if form.below and form.below in present and not holds_talk(question):
        used.add(form.below)
        question = checked_text(f"key {form.asks!r}", question).rstrip("\n")
        question += "\n" + checked_text(f"key {form.below!r}", row[form.below]).strip("\n")
    asked = turns_of(question, keys) if holds_talk(question) else [spoken("user", form.asks, question)]
    answer = row[form.answers]
    answered = turns_of(answer, keys) if holds_talk(answer) else [spoken("assistant", form.answers, answer)]
    if answered[-1]["role"] != "assistant":
        raise BadForm(f"key {form.answers!r} ends in no assistant turn")
    # what stands in the question was said before; only the answer is to be learnt
    asked = [turn | {"weight": 0} if turn["role"] == "assistant" else turn for turn in asked]
    return earlier(present.get("history", ()), keys) + asked + answered, used


def spoken(role: str, key: str, text: object) -> Turn:
    return {"role": role, "content": checked_text(f"key {key!r}", text)}


def earlier(history: object, keys: Keys) -> list[Turn]:
    """Turns of a history of pairs. Example: [["Hi", "Hello"]] -> a user's turn and an answer."""
    history = as_list(history)
    if is_talk(history):
        return turns_of(history, keys)
    if not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in history):
        raise BadForm("key 'history' must be a list of [question, answer]")
    return [
        {"role": role, "content": checked_text(f"key 'history': pair {number} ({role})", text)}
        for number, pair in enumerate(history, start=1)
        for role, text in zip(("user", "assistant"), pair, strict=True)
    ]


def turns_of(talk: object, keys: Keys) -> list[Turn]:
    """Turns of a list of {role, content} or {from, value}."""
    talk = as_list(talk)
    if not talk or not all(isinstance(turn, dict) for turn in talk):
        raise BadForm("the conversation must be a list of {role, content}" + ("" if talk else ", and is empty"))
    return [turn_of(keys.kept(turn), f"turn {number}", keys) for number, turn in enumerate(talk, start=1)]


def turn_of(turn: dict, where: str, keys: Keys) -> Turn:
    role_key, content_key = (next((key for key in names if key in turn), names[0]) for names in SAID.values())
    role = SPEAKERS.get(str(turn.get(role_key)).lower())
    if role is None:
        raise BadForm(f"{where} has the role {turn.get(role_key)!r}; expected one of {', '.join(SPEAKERS)}")
    where = f"{where} ({role})"
    present = {key: value for key, value in turn.items() if not is_missing(value)}
    refuse_unreadable(present, keys, f"{where}: ")
    content = checked_text(where, joined_parts(turn.get(content_key), where, keys))
    keys.count("key of turns", present.keys() - {role_key, content_key, *LEARNT})
    learnt = is_learnt(present, LEARNT, where, keys)
    if role != "assistant" and learnt and present.keys() & set(LEARNT):
        raise BadForm(f"{where} is marked to be learnt; only answers are")
    return {"role": role, "content": content} | ({} if learnt or role != "assistant" else {"weight": 0})


def joined_parts(content: object, where: str, keys: Keys) -> object:
    """The text of a content in parts. Example: [{"type": "text", "text": "Hi"}] -> "Hi"."""
    if not isinstance(content, list):
        return content
    for part in content:
        if not isinstance(part, dict) or part.get("type", "text") != "text":
            raise BadForm(f"{where} holds {shown(part)}; only parts of text are read")
        refuse_unreadable(part, keys, f"{where}: a part of text: ")
        keys.count("key of parts", part.keys() - {"type", "text"})
    return "\n".join(checked_text(f"{where}: a part of text", part.get("text")) for part in content)


def as_list(value: object) -> list:
    """A list as such, as JSON in a cell of a table, or as columns: {"role": [...], "content": [...]}."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except json.JSONDecodeError:
            raise BadForm(f"{shown(value)} is no list that JSON reads; write it with json.dumps") from None
    if isinstance(value, dict) and value and all(isinstance(cells, list) for cells in value.values()):
        rows = len(next(iter(value.values())))
        if all(len(cells) == rows for cells in value.values()):
            return [{key: cells[place] for key, cells in value.items()} for place in range(rows)]
    if not isinstance(value, list | tuple):
        raise BadForm(f"{shown(value)} stands where a list of turns was expected")
    return list(value)


def is_learnt(held: dict, marks: Iterable[str], where: str, keys: Keys) -> bool:
    """What the marks of a turn or a row say; without one, yes. Raises BadForm for one that is neither 0 nor 1."""
    learnt = True
    for key in marks:
        if key not in held:
            continue
        if not is_mark(held[key]):
            raise BadForm(f"{where}: {key} {shown(held[key])} is neither 0 (no loss) nor 1; {keys.aside(key)}")
        mark = MARKS[str(held[key]).lower()]
        if key == "label" and not mark:
            raise BadForm(
                f"{where}: label {shown(held[key])} marks a bad answer, which is not learnt here; {keys.aside(key)}"
            )
        learnt &= mark
    return learnt


def is_mark(value: object) -> bool:
    """Whether a value says yes or no. A label in words, or a number of a class, does not."""
    return str(value).lower() in MARKS


def refuse_unreadable(present: dict, keys: Keys, where: str = "") -> None:
    for key in UNREADABLE:
        if key in present:
            raise BadForm(f"{where}the key {key!r} changes what the row means and is not read here; {keys.aside(key)}")


def up_to_the_last_learnt(turns: list[Turn]) -> list[Turn]:
    """What comes after the last answer that is learnt is never seen. Raises BadForm where there is no answer at all."""
    if not any(turn["role"] == "assistant" for turn in turns):
        raise BadForm("no assistant turn, so nothing to learn from")
    if [turn["role"] for turn in turns].count("system") > 1:
        raise BadForm("two system prompts")
    learnt = [number for number, turn in enumerate(turns, 1) if turn["role"] == "assistant" and "weight" not in turn]
    return turns[: max(learnt, default=0)]


def is_missing(value: object) -> bool:
    """None, NaN (a blank cell of a table), or nothing in it."""
    return value is None or value != value or isinstance(value, str | list | dict) and not value


def checked_text(where: str, text: object) -> str:
    """The text, its line ends as "\\n". Raises BadForm for no text, and for half a character, which JSON can spell."""
    if is_missing(text) or isinstance(text, str) and not text.strip():
        raise BadForm(f"{where} has no text")
    if not isinstance(text, str):
        raise BadForm(f"{where} is {shown(text)}, where text was expected")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadForm(f"{where}: character {error.start + 1} is half a character ({text[error.start]!r})") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def shown(value: object) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)[:40]
