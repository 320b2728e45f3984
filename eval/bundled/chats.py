"""Given a conversation, does the model speak for the others as well?

raw: a log between named people. chat: the same turns in the chat template, the user's last. No stop strings.
Rows `bleed` / `bleed` (0/1: it writes turns of more than one speaker) and `turns` (how many it begins).
"""

from eval.answers import Answers, row, transcript
from eval.bundled.prompts import chats
from eval.bundled.reading import speakers
from eval.bundled.stranger import PLAIN, Stranger
from eval.conditions import spread
from eval.questions.chat_continuation.ask import as_messages
from eval.settings import CompareSettings

MAX_NEW_TOKENS = 80
SHOWN = 4


def chat_continuation(lm: Stranger, settings: CompareSettings, texts: list) -> Answers:
    answers, logs = Answers(), [prompt.text for prompt in spread(chats(), settings.items)]
    for form in ("raw", "chat", *(form for form in lm.extra_forms if form == PLAIN)):
        prompts = logs if form == "raw" else [as_messages(log) for log in logs]
        completions = lm.complete(prompts, form, MAX_NEW_TOKENS)
        for index, (log, completion) in enumerate(zip(logs, completions, strict=True)):
            # in the chat form the assistant's first turn has its header in the prompt already
            begun = [] if form == "raw" else ["Assistant"]
            found = begun + speakers(completion.text)
            item = {"item_id": f"chat:{log}", "n_tokens": completion.tokens}
            answers.rows += [
                row(lm, form, "role_leakage", "role_leakage", value=len({name.lower() for name in found}) > 1, **item),
                row(lm, form, "role_leakage", "turns", value=len(found), **item),
            ]
            if index < SHOWN:
                answers.transcripts.append(transcript(lm, form, "chat log", index, log, completion))
    return answers
