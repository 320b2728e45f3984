"""Chat continuation and role bleed: given a conversation, who speaks next, and does the model speak for others too?

raw: a chat log between named people, as the corpus has them. chat: the same turns in the chat template, ending with
the user's turn. Bleed: the model goes on to write a turn of somebody else.
"""

from data.judge.parse import speaker_turns
from data.synthetic.facts import World
from eval.answers import Answers, row, transcript
from eval.conditions import asked_everywhere, portions
from eval.lm import LanguageModel
from eval.prompts import chat_prefixes
from eval.settings import CompareSettings

MAX_NEW_TOKENS = 100
SHOWN = 4


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Rows `bleed` (0/1) and `turns` (turns written) for both forms."""
    answers, numbered = Answers(), list(enumerate(prompt.text for prompt in chat_prefixes(world)))
    in_report = {index: place for place, (index, _) in enumerate(asked_everywhere(numbered, settings, SHOWN))}
    for condition, some in portions(lm, "role_leakage", numbered, settings, ("raw", "chat")):
        prompts = [text if condition == "raw" else as_messages(text) for _, text in some]
        completions = lm.complete(prompts, condition, MAX_NEW_TOKENS)
        for (index, text), completion in zip(some, completions, strict=True):
            # in the chat form the assistant's first turn has its header in the prompt already
            written = completion.text if condition == "raw" else "Assistant:" + completion.text
            speakers = [speaker for speaker, _ in speaker_turns(written)]
            item = {"item_id": f"chat:{index}", "n_tokens": completion.tokens}
            answers.rows += [
                row(lm, condition, "role_leakage", "role_leakage", value=len(set(speakers)) > 1, **item),
                row(lm, condition, "role_leakage", "turns", value=len(speakers), **item),
            ]
            if index in in_report:
                place = in_report[index]
                answers.transcripts.append(transcript(lm, condition, "chat log", place, text, completion))
    return answers


def as_messages(text: str) -> list[dict]:
    """The turns of a chat log as user, assistant, user, ...; the last one is always the user's."""
    turns = [content for _, content in speaker_turns(text)]
    turns = turns if len(turns) % 2 else turns[:-1]
    return [{"role": "assistant" if place % 2 else "user", "content": content} for place, content in enumerate(turns)]
