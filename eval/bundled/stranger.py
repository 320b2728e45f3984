"""The lm to a model that was not made here: it keeps its own tokenizer, chat template and stop tokens.

Beside the forms of eval/prompt_formats.py there may be two more, named in `extra_forms`:

plain chat   `User: ... / Assistant:` as bare text, for a base whose chat template is borrowed
no system    the chat form with an empty system turn, where the template writes a system prompt of its own
"""

import re
from dataclasses import dataclass
from pathlib import Path

from transformers import GenerationConfig

from configs.pipeline.errors import UserError
from data.chats import encode_prompt, encode_text
from data.templates import DEFAULT_TEMPLATE, PROBE, render, template_of
from eval.bundled.scored import keeps_branches_apart
from eval.lm import LanguageModel, Prompt
from train.engine.checkpoints import SAMPLING, context_length, open_model
from train.engine.devices import choose_device

PLAIN, NO_SYSTEM = "plain chat", "no system"
LONGEST_CONTEXT = 4096  # tokens; what a model says it reads may be more than a machine can hold


@dataclass
class Stranger(LanguageModel):
    source: str = ""
    # what the user called it
    template: str = "own"
    # whose chat template it is asked with: own, borrowed, plain (ours)
    lent_stops: tuple[int, ...] = ()
    # what ends a turn in a borrowed template
    extra_forms: tuple[str, ...] = ()
    same_tokens: bool = False
    # both models of the pair read text in the same tokens
    one_pass: bool = True
    # its architecture scores branches in one pass
    own_decoding: str = ""
    # settings of its own for sampling, which are not used: all models decode alike

    def encode(self, prompt: Prompt, form: str) -> list[int]:
        if form == PLAIN:
            return self.start + encode_text(self.tokenizer, as_plain_chat(prompt))
        if form == NO_SYSTEM:
            turns = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
            return encode_prompt(self.tokenizer, [{"role": "system", "content": ""}, *turns])
        return super().encode(prompt, form)

    @property
    def start(self) -> list[int]:
        """What the tokenizer itself puts before a text: some have a start-of-text token and never use it."""
        with_marks = self.tokenizer("a")["input_ids"]
        bare = self.tokenizer("a", add_special_tokens=False)["input_ids"]
        count = len(with_marks) - len(bare)
        return with_marks[:1] if count > 0 and with_marks[0] == self.tokenizer.bos_token_id else []

    @property
    def stop_ids(self) -> list[int]:
        return list(dict.fromkeys([*super().stop_ids, *self.lent_stops]))


def as_plain_chat(prompt: Prompt) -> str:
    turns = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
    names = {"user": "User", "assistant": "Assistant", "system": "System"}
    return "".join(f"{names[turn['role']]}: {turn['content']}\n" for turn in turns) + "Assistant:"


def open_stranger(stage: str, folder: Path, source: str, run: str, batch_size: int, device: str) -> Stranger:
    """Open a folder as the base or the tuned model. Raises UserError as open_model does."""
    model, tokenizer = open_model(folder)
    decoding = {name: value for name in SAMPLING if (value := getattr(model.generation_config, name, None)) is not None}
    stops = model.generation_config.eos_token_id
    model.generation_config = GenerationConfig(eos_token_id=tokenizer.eos_token_id if stops is None else stops)
    model = model.to(choose_device(device)).eval()
    context = min(context_length(model, tokenizer), LONGEST_CONTEXT)
    lm = Stranger(stage, run, stage, 0, model, tokenizer, context, batch_size, source=source)
    lm.own_decoding = ", ".join(f"{name} {value}" for name, value in decoding.items() if value not in (False, 1, 50))
    lm.one_pass = keeps_branches_apart(lm)
    return lm


def lend_templates(base: Stranger, tuned: Stranger) -> None:
    """A model without a chat template takes that of the other; where neither has one both take our plain one.

    Raises UserError where a template cannot write a conversation of several turns.
    """
    own = {lm.stage: template_of(lm.tokenizer) for lm in (base, tuned)}
    ours = DEFAULT_TEMPLATE.read_text(encoding="utf-8")
    for lm, other in ((base, tuned), (tuned, base)):
        lent = own[other.stage]
        if own[lm.stage]:
            lm.tokenizer.chat_template = own[lm.stage]
        elif lent:
            lm.tokenizer.chat_template, lm.template = lent, "borrowed"
            lm.lent_stops = same_tokens(other, lm)
        else:
            lm.tokenizer.chat_template, lm.template = ours, "plain"
    # a template that cannot write a conversation is told before anything is asked, of its owner and not the borrower
    for lm in sorted((base, tuned), key=lambda lm: lm.template != "own"):
        encode_prompt(lm.tokenizer, PROBE[:3])
    base.extra_forms = (PLAIN,) if base.template == "borrowed" else ()
    tuned.extra_forms = (NO_SYSTEM,) if default_system(tuned) else ()


def same_tokens(lender: LanguageModel, borrower: LanguageModel) -> tuple[int, ...]:
    """The lender's stop tokens, where the borrower has tokens of the same name."""
    known = borrower.tokenizer.get_vocab()
    names = [lender.tokenizer.convert_ids_to_tokens(stop) for stop in lender.stop_ids]
    return tuple(known[name] for name in names if name in known)


def refuses_system(lm: LanguageModel) -> bool:
    """Whether its template cannot write a system turn."""
    try:
        render(lm.tokenizer, [{"role": "system", "content": "Be kind."}, *PROBE[:1]])
    except UserError:
        return True
    return False


def default_system(lm: LanguageModel) -> str:
    """The system prompt that its template writes although nobody gave one; "" if none."""
    said = "Hm?"
    try:
        written = render(lm.tokenizer, [{"role": "user", "content": said}])
        empty = render(lm.tokenizer, [{"role": "system", "content": ""}, {"role": "user", "content": said}])
    except UserError:  # as refuses_system says
        return ""
    before, without = (text.split(said)[0] for text in (written, empty))
    if len(before.split()) < len(without.split()) + 3:
        return ""
    for mark in sorted({*lm.tokenizer.all_special_tokens, *lm.tokenizer.get_added_vocab()}, key=len, reverse=True):
        before = before.replace(mark, " ")
    # the names of the roles stay behind when the marks are taken off
    return re.sub(r"^(system\W*\s)?|(\s(user|human)\W*)?$", "", " ".join(before.split()), flags=re.IGNORECASE)
