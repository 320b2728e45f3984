"""Chat continuation and role leakage: who speaks next in a conversation, and does the model speak for others too?

raw: a chat log between named people, as the corpus has them. chat: the same turns in the chat template, ending with
the user's turn. Leakage: the model goes on to write a turn of somebody else. No stop strings, which would hide it.
"""

from collections.abc import Callable, Iterable

from data.judge.parse import speaker_turns
from data.synthetic.facts import World
from eval.answers import Answers, transcript
from eval.conditions import asked_everywhere, portions, spread
from eval.general import prompts as general
from eval.general.model import PLAIN
from eval.general.reading import speakers
from eval.lm import LanguageModel
from eval.prompts import chat_prefixes
from eval.questions.put import rows
from eval.settings import CompareSettings

MAX_NEW_TOKENS, MAX_NEW_EXTERNAL = 100, 80
FORMS = ("raw", "chat")
SHOWN = 4


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Rows `role_leakage` (0/1) and `turns` (turns written) for both forms."""
    logs = [(f"chat:{index}", prompt.text) for index, prompt in enumerate(chat_prefixes(world))]
    conditions, shown = portions(lm, "role_leakage", logs, settings, FORMS), asked_everywhere(logs, settings, SHOWN)
    return go_on(lm, conditions, MAX_NEW_TOKENS, as_parsed, shown)


def ask_external(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """The same rows, the speakers found by plain rules."""
    logs = [(f"chat:{prompt.text}", prompt.text) for prompt in spread(general.chats(), settings.items)]
    forms = (*FORMS, *(form for form in lm.extra_forms if form == PLAIN))
    return go_on(lm, [(form, logs) for form in forms], MAX_NEW_EXTERNAL, by_rules, logs[:SHOWN])


def as_parsed(begun: str, text: str) -> list[str]:
    """Who speaks in a text, and in what the prompt ends with."""
    return [speaker for speaker, _ in speaker_turns(begun + text)]


def by_rules(begun: str, text: str) -> list[str]:
    return [speaker.lower() for speaker in [*speakers(begun), *speakers(text)]]


def go_on(
    lm: LanguageModel, conditions: Iterable, limit: int, who_speaks: Callable[[str, str], list[str]], shown: list
) -> Answers:
    """The logs (id, text) of each condition, continued."""
    answers = Answers()
    for form, logs in conditions:
        # in the chat form the assistant's first turn has its header in the prompt already
        begun = "" if form == "raw" else "Assistant:"
        written = lm.complete([log if form == "raw" else as_messages(log) for _, log in logs], form, limit)
        for (name, log), completion in zip(logs, written, strict=True):
            found = who_speaks(begun, completion.text)
            values = {"role_leakage": len(set(found)) > 1, "turns": len(found)}
            answers.rows += rows(lm, form, "role_leakage", values, item_id=name, n_tokens=completion.tokens)
            if (name, log) in shown:
                place = shown.index((name, log))
                answers.transcripts.append(transcript(lm, form, "chat log", place, log, completion))
    return answers


def as_messages(text: str) -> list[dict]:
    """The turns of a chat log as user, assistant, user, ...; the last one is always the user's."""
    turns = [content for _, content in speaker_turns(text)]
    turns = turns if len(turns) % 2 else turns[:-1]
    return [{"role": "assistant" if place % 2 else "user", "content": content} for place, content in enumerate(turns)]
