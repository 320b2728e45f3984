"""Chat templates, ours and those of other models: which one is used, and what it makes of a conversation.

A template is a program that somebody else wrote. The library runs it in a sandbox, where it can neither read files nor
reach Python; how long it runs and how much it writes is not limited.
"""

import re
from functools import cache

from configs import ROOT
from configs.pipeline.errors import UserError

DEFAULT_TEMPLATE = ROOT / "data" / "chat_template.jinja"
MARK = re.compile(r"\{%-?\s*generation\s*-?%\}")
PROBE = [
    {"role": "user", "content": "Is it raining?"},
    {"role": "assistant", "content": "It is."},
    {"role": "user", "content": "And now?"},
    {"role": "assistant", "content": "No longer."},
]


def template_of(tokenizer) -> str:
    """Its own chat template; of several named ones the default, else the first; "" if there is none."""
    found = tokenizer.chat_template
    return (found.get("default") or next(iter(found.values()), "")) if isinstance(found, dict) else found or ""


def with_chat_template(tokenizer):
    """The tokenizer with one template: its own, ours where it has none. Returns it and whether it took ours."""
    own = template_of(tokenizer)
    tokenizer.chat_template = own or DEFAULT_TEMPLATE.read_text(encoding="utf-8")
    return tokenizer, not own


def with_learnable_template(tokenizer):
    """The same for tuning, where it must be plain which part is an answer. Returns why it took ours; "" if it did not.

    A template without generation marks serves if what it writes only grows from turn to turn. Raises UserError if it
    cannot write a conversation at all.
    """
    tokenizer, replaced = with_chat_template(tokenizer)
    if replaced:
        return tokenizer, "no chat template"
    if marks_answers(tokenizer) or spans(tokenizer, PROBE) is not None:
        return tokenizer, ""
    tokenizer.chat_template = DEFAULT_TEMPLATE.read_text(encoding="utf-8")
    return tokenizer, "answers cannot be told apart in what its chat template writes"


def marks_answers(tokenizer) -> bool:
    """Whether the template says itself, by generation marks, what is learnt."""
    return bool(MARK.search(template_of(tokenizer)))


def render(tokenizer, messages: list[dict], **how) -> str:
    """The conversation as the template writes it. Raises UserError with the template's own words if it refuses."""
    try:
        return written(tokenizer, messages, takes_parts(tokenizer, template_of(tokenizer)), **how)
    except UserError:
        raise
    except Exception as error:  # a broken template, one that refuses, and whatever else happens in somebody's program
        raise refused(tokenizer, error) from None


def written(tokenizer, messages: list[dict], parts: bool, **how):
    if parts:
        messages = [{**turn, "content": [{"type": "text", "text": turn["content"]}]} for turn in messages]
    return tokenizer.apply_chat_template(messages, **{"tokenize": False, **how})


def refused(tokenizer, error: Exception) -> UserError:
    words = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return UserError(
        f"{tokenizer.name_or_path}: its chat template cannot write this conversation ({words}); "
        "mend the template, or leave out what it refuses"
    )


@cache
def takes_parts(tokenizer, template: str) -> bool:
    """Whether content is given as parts, [{"type": "text", ...}], because as a string it would not be written.

    Raises UserError if the text of a turn is written in neither form.
    """
    asked, errors = PROBE[:1], []
    for parts in (False, True):
        try:
            said = written(tokenizer, asked, parts, add_generation_prompt=True)
        except Exception as error:  # as in render
            errors.append(error)
            continue
        if asked[0]["content"] in said and "'type'" not in said:
            return parts
    if errors:
        raise refused(tokenizer, errors[0])
    raise UserError(f"{tokenizer.name_or_path}: its chat template leaves out what the user says; mend the template")


@cache
def writes_system(tokenizer, template: str) -> bool:
    """Whether what a system turn says stands in what is written; a template that refuses one says so by itself."""
    said = [{"role": "system", "content": "Be kind to owls."}, *PROBE[:2]]
    return said[0]["content"] in render(tokenizer, said)


def spans(tokenizer, messages: list[dict]) -> list[tuple[int, int]] | None:
    """(from, to) in characters of each answer in what a template without marks writes, the stop token included.

    An answer is what its turn adds to all before it, white space behind it left out. None where the text before a turn
    is written otherwise once the turn has followed, or the answer is not in what was added.
    """
    whole, found = render(tokenizer, messages), []
    for place, turn in enumerate(messages):
        if turn["role"] != "assistant":
            continue
        if not place:  # nothing stands before it that would show where it begins
            return None
        before = render(tokenizer, messages[:place], add_generation_prompt=True)
        after = render(tokenizer, messages[: place + 1])
        if not (after.startswith(before) and whole.startswith(after)):
            return None
        answer = whole[len(before) : len(after.rstrip())]
        if "".join(turn["content"].split()) not in "".join(answer.split()):
            return None
        found.append((len(before), len(before) + len(answer)))
    return found
