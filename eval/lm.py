"""The one door to every model: base, instruct, LoRA; asked in any prompt form; always in batches.

    lm = open_language_model("sft", Path("checkpoints/tiny/seed0/sft"), batch_size=64)
    lm.complete(["What is the capital of France?"], form="chat", max_new_tokens=40)

A prompt is the same text for all models; eval/prompt_formats.py says in which forms it is put to them.
"""

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import torch

from configs.pipeline.errors import UserError
from data.chats import encode_prompt, encode_text, padding_id
from data.packing import Collator
from data.templates import with_chat_template
from eval.prompt_formats import CONDITIONS, PATTERNS
from train.engine.checkpoints import context_length, open_model
from train.engine.devices import choose_device, choose_precision
from train.engine.held_out import batches_by_length, row_nats
from train.engine.writing import Completion, cut, generate

Prompt = str | list[dict]


@dataclass
class LanguageModel:
    """A model that can be asked. `run`, `stage` and `seed` say where it comes from.

    Scores are taken in fp32. Where the processor is fast in bf16, a copy in bf16 writes: twice as many tokens a second.
    """

    name: str
    run: str
    stage: str
    seed: int
    model: torch.nn.Module
    tokenizer: object
    context: int
    batch_size: int
    writer: torch.nn.Module | None = None  # the copy that writes; none: the model itself
    lacks_template: bool = False  # it has no chat template of its own and is asked in ours
    extra_forms: tuple[str, ...] = ()  # forms that it alone is asked in
    one_pass: bool = True  # its architecture scores the branches of a tree in one pass
    is_external = False  # whether it was made elsewhere, of text and pairs that nobody knows

    def encode(self, prompt: Prompt, form: str) -> list[int]:
        """Token ids of a prompt in a form. Raises UserError for an unknown form."""
        if form == "chat":
            return encode_prompt(self.tokenizer, as_turns(prompt))
        if form not in CONDITIONS:
            raise UserError(f"prompt form {form!r} is not one of {', '.join(CONDITIONS)}")
        text = PATTERNS[form].written(prompt) if form in PATTERNS else prompt
        return self.start + encode_text(self.tokenizer, text)

    def complete(
        self, prompts: list[Prompt], form: str, max_new_tokens: int, temperature: float = 0.0, seed: int = 0
    ) -> list[Completion]:
        """One completion for each prompt, in order; temperature 0 is greedy. No stop strings: they hide run-on."""
        torch.manual_seed(seed)
        return [self.completion(new, form) for _, new in self.write(prompts, form, max_new_tokens, temperature)]

    def write(
        self, prompts: list[Prompt], form: str, max_new_tokens: int, temperature: float = 0.0
    ) -> list[tuple[list[int], list[int]]]:
        """(what the model reads, what it writes after that, uncut) of each prompt, as token ids."""
        max_new_tokens = min(max_new_tokens, self.context // 2)
        ids = [shortened(self.encode(prompt, form), self.context - max_new_tokens) for prompt in prompts]
        done = {}
        for batch in batches_by_length(ids, self.batch_size):
            done |= zip(batch, self.generate([ids[i] for i in batch], max_new_tokens, temperature), strict=True)
        return [(before, done[place]) for place, before in enumerate(ids)]

    def generate(self, rows: list[list[int]], max_new_tokens: int, temperature: float) -> list[list[int]]:
        """New token ids for each row, uncut."""
        model = self.writer or self.model
        return generate(model, rows, max_new_tokens, temperature, self.stop_ids, self.padding_id)

    def completion(self, new: list[int], form: str = "raw") -> Completion:
        """Cut what was written at the first stop token and, in a pattern, where its next question begins."""
        kept, stopped = cut(new, self.stop_ids)
        text = self.tokenizer.decode(kept, skip_special_tokens=True)
        text = PATTERNS[form].answer(text) if form in PATTERNS else text
        return Completion(text, stopped, len(kept) + stopped)

    def nats(self, rows: list[dict]) -> list[tuple[float, int]]:
        """(negative log-likelihood in nats, scored tokens) of each row {input_ids, labels}, in fp32."""
        # more rows at once would leave the processor's cache: 64 instead of 32 take half as long again
        return row_nats(self.model, rows, Collator(self.padding_id), min(self.batch_size // 2 or 1, 32))

    @property
    def start(self) -> list[int]:
        """What every text begins with: the start-of-text token, if the tokenizer has one."""
        return [] if self.tokenizer.bos_token_id is None else [self.tokenizer.bos_token_id]

    @property
    def device(self):
        return next(self.model.parameters()).device

    @property
    def padding_id(self) -> int:
        return padding_id(self.tokenizer)

    @property
    def stop_ids(self) -> list[int]:
        ids = self.model.generation_config.eos_token_id
        return [self.tokenizer.eos_token_id] if ids is None else [ids] if isinstance(ids, int) else list(ids)


def open_language_model(
    name: str, folder: Path, batch_size: int, run: str = "", stage: str = "", seed: int = 0, device: str = "auto",
    precision: str = "fp32",
) -> LanguageModel:  # fmt: skip
    """Open a model folder. precision: fp32, bf16 or auto, of what it writes. Raises UserError as open_model does."""
    model, tokenizer = open_model(folder)
    tokenizer, lacks_template = with_chat_template(tokenizer)
    model = model.to(choose_device(device)).eval()
    in_bf16 = choose_precision(precision, model.device.type) == "bf16"
    writer = deepcopy(model).to(torch.bfloat16) if in_bf16 else None
    context = context_length(model, tokenizer)
    return LanguageModel(name, run, stage or name, seed, model, tokenizer, context, batch_size, writer, lacks_template)


def as_turns(prompt: Prompt) -> list[dict]:
    """A prompt as messages: a text is what the user says."""
    return [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt


def shortened(ids: list[int], length: int) -> list[int]:
    """The first token (start of text) and the end of a prompt that is longer than `length` tokens."""
    return ids if len(ids) <= length else ids[:1] + ids[len(ids) - length + 1 :]
