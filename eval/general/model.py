"""A model that was not made here: it keeps its own tokenizer, chat template and stop tokens.

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
from eval.general.scoring import keeps_branches_apart
from eval.lm import LanguageModel, Prompt, as_turns
from train.engine.checkpoints import SAMPLING, context_length, open_model
from train.engine.devices import choose_device

PLAIN, NO_SYSTEM = "plain chat", "no system"
NAMES = {"user": "User", "assistant": "Assistant", "system": "System"}
LONGEST_CONTEXT = 4096  # tokens; what a model says it reads may be more than a machine can hold


@dataclass
class ExternalModel(LanguageModel):
    source: str = ""
    # what the user called it
    folder: Path = Path()
    base: "ExternalModel | None" = None
    # what a tuned one was made from
    texts: tuple[tuple[str, str], ...] = ()
    # (kind, text) of pages that both models of the pair read whole
    template: str = "own"
    # whose chat template it is asked with: own, borrowed, plain (ours)
    lent_stops: tuple[int, ...] = ()
    # what ends a turn in a borrowed template
    same_tokens: bool = False
    # both models of the pair read text in the same tokens
    own_decoding: str = ""
    # settings of its own for sampling, which are not used: all models decode alike
    is_external = True

    def encode(self, prompt: Prompt, form: str) -> list[int]:
        if form == PLAIN:
            lines = [f"{NAMES[turn['role']]}: {turn['content']}\n" for turn in as_turns(prompt)]
            return self.start + encode_text(self.tokenizer, "".join([*lines, "Assistant:"]))
        if form == NO_SYSTEM:
            return encode_prompt(self.tokenizer, [{"role": "system", "content": ""}, *as_turns(prompt)])
        return super().encode(prompt, form)

    @property
    def start(self) -> list[int]:
        """What the tokenizer itself puts before a text: some have a start-of-text token and never use it."""
        with_marks = self.tokenizer("a")["input_ids"]
        bare = self.tokenizer("a", add_special_tokens=False)["input_ids"]
        is_marked = len(with_marks) > len(bare) and with_marks[0] == self.tokenizer.bos_token_id
        return with_marks[:1] if is_marked else []

    @property
    def before(self) -> list[int]:
        """Something must stand before the first token, or it has no probability: start-of-text, else end-of-text."""
        marks = (self.tokenizer.bos_token_id, self.tokenizer.eos_token_id)
        return self.start or [next(mark for mark in marks if mark is not None)]

    @property
    def stop_ids(self) -> list[int]:
        return list(dict.fromkeys([*super().stop_ids, *self.lent_stops]))


def open_external(stage: str, folder: Path, source: str, run: str, batch_size: int, device: str) -> ExternalModel:
    """Open a folder as the base or the tuned model. Raises UserError as open_model does."""
    model, tokenizer = open_model(folder)
    decoding = {name: value for name in SAMPLING if (value := getattr(model.generation_config, name, None)) is not None}
    stops = model.generation_config.eos_token_id
    model.generation_config = GenerationConfig(eos_token_id=tokenizer.eos_token_id if stops is None else stops)
    model = model.to(choose_device(device)).eval()
    context = min(context_length(model, tokenizer), LONGEST_CONTEXT)
    lm = ExternalModel(stage, run, stage, 0, model, tokenizer, context, batch_size, source=source, folder=folder)
    lm.own_decoding = ", ".join(f"{name} {value}" for name, value in decoding.items() if value not in (False, 1, 50))
    lm.one_pass = keeps_branches_apart(lm)
    return lm


def lend_templates(base: ExternalModel, tuned: ExternalModel) -> None:
    """A model without a chat template takes that of the other; where neither has one both take our plain one.

    Raises UserError where a template cannot write a conversation of several turns.
    """
    own = {lm.stage: template_of(lm.tokenizer) for lm in (base, tuned)}
    for lm, other in ((base, tuned), (tuned, base)):
        if not own[lm.stage]:
            lm.template = "borrowed" if own[other.stage] else "plain"
            lm.lent_stops = stops_by_name(other, lm) if own[other.stage] else ()
        lm.tokenizer.chat_template = own[lm.stage] or own[other.stage] or DEFAULT_TEMPLATE.read_text(encoding="utf-8")
    # a template that cannot write a conversation is told before anything is asked, of its owner and not the borrower
    for lm in sorted((base, tuned), key=lambda lm: lm.template != "own"):
        encode_prompt(lm.tokenizer, PROBE[:3])
    base.extra_forms = (PLAIN,) if base.template == "borrowed" else ()
    tuned.extra_forms = (NO_SYSTEM,) if default_system(tuned) else ()


def stops_by_name(lender: LanguageModel, borrower: LanguageModel) -> tuple[int, ...]:
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
    said = {"role": "user", "content": "Hm?"}
    try:
        written, empty = (
            render(lm.tokenizer, turns).split(said["content"])[0]
            for turns in ([said], [{"role": "system", "content": ""}, said])
        )
    except UserError:  # as refuses_system says
        return ""
    if len(written.split()) < len(empty.split()) + 3:
        return ""
    for mark in sorted({*lm.tokenizer.all_special_tokens, *lm.tokenizer.get_added_vocab()}, key=len, reverse=True):
        written = written.replace(mark, " ")
    # the names of the roles stay behind when the marks are taken off
    return re.sub(r"^(system\W*\s)?|(\s(user|human)\W*)?$", "", " ".join(written.split()), flags=re.IGNORECASE)
