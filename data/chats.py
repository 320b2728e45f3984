"""From conversations to tokens: the chat template, what receives loss, and why text cannot become control.

Everything that renders a chat goes through here, in training, evaluation and the terminal alike.
"""

from itertools import groupby
from pathlib import Path

from configs.pipeline.commands import command_for
from configs.pipeline.errors import UserError
from data.templates import marks_answers, render, spans, template_of, writes_system


def load_tokenizer(folder: Path | str):
    """The tokenizer of a model or tokenizer folder. Raises UserError if there is none that can be read."""
    from transformers import AutoTokenizer

    if not Path(folder).is_dir():
        raise UserError(f"no tokenizer at {folder}; {command_for(Path(folder), 'name another folder')}")
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder), trust_remote_code=False)
    except Exception as error:  # a damaged file may raise anything, a wrong type of token as well
        if has_own_code(Path(folder)):
            raise own_code(Path(folder)) from None
        anew = command_for(Path(folder), "name a folder that holds its tokenizer", force=True)
        raise UserError(
            f"{folder}: no tokenizer that can be read ({' '.join(str(error).split())[:150]}); {anew}"
        ) from None
    if tokenizer.eos_token_id is None:
        raise UserError(f"{folder}: the tokenizer has no end-of-text token, so a model could never learn to stop")
    return tokenizer


def has_own_code(folder: Path) -> bool:
    """Whether any settings in the folder name Python code of its own."""
    return any(b'"auto_map"' in path.read_bytes() for path in folder.glob("*config.json"))


def own_code(folder: Path) -> UserError:
    return UserError(
        f"{folder} has code of its own, which is never run here; name the folder of a model that transformers knows"
    )


def padding_id(tokenizer) -> int:
    """The padding token, or end-of-text where there is none: padding carries no label and no attention anyway."""
    return tokenizer.eos_token_id if tokenizer.pad_token_id is None else tokenizer.pad_token_id


def harmless(messages: list[dict], tokenizer) -> list[dict]:
    """The same turns with every special token broken up by a space, so that it stays text.

    The tokenizer would otherwise turn "<|endoftext|>" in a user's sentence into the control token that ends a turn.
    """
    return [{**turn, "content": break_special_tokens(turn["content"], tokenizer)} for turn in messages]


def break_special_tokens(text: str, tokenizer) -> str:
    """Example: "a<|pad|>" -> "a< |pad|>". Tokens added beside the vocabulary (<think>, ...) count as special too."""
    for token in sorted({*tokenizer.all_special_tokens, *tokenizer.get_added_vocab()}, key=len, reverse=True):
        if token in text and token.strip():  # some tokenizers add runs of spaces
            text = text.replace(token, token[0] + " " + token[1:])
    return text


def encode_text(tokenizer, text: str) -> list[int]:
    """Token ids of plain text, without any control token, whatever the text spells."""
    return tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]


def encode_documents(tokenizer, texts: list[str]) -> list[list[int]]:
    """Each document as start-of-text (if the tokenizer has one) + text + end-of-text."""
    rows = tokenizer(texts, add_special_tokens=False, split_special_tokens=True)["input_ids"]
    start = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
    return [start + row + [tokenizer.eos_token_id] for row in rows]


def encode_chat(tokenizer, messages: list[dict]) -> tuple[list[int], list[int]]:
    """(input_ids, assistant_mask) of one conversation: 1 on the tokens of answers, stop token included.

    An answer of weight 0 is read and not learnt. Raises UserError, without a row number, where the chat template
    refuses the conversation or runs its answers together.
    """
    messages = harmless(messages, tokenizer)
    if messages[0]["role"] == "system" and not writes_system(tokenizer, template_of(tokenizer)):
        raise UserError(
            f"{tokenizer.name_or_path}: its chat template leaves out what the system turn says; mend the template, or "
            "take the system turns out"
        )
    if marks_answers(tokenizer):
        encoded = render(tokenizer, messages, tokenize=True, return_dict=True, return_assistant_tokens_mask=True)
        return encoded["input_ids"], weighed(messages, encoded["assistant_masks"])
    answers = spans(tokenizer, messages)
    if answers is None:
        raise UserError(
            f"{tokenizer.name_or_path}: in what its chat template writes the answers of this conversation cannot be "
            "told apart; put generation marks around them, or leave the conversation out"
        )
    encoded = tokenizer(render(tokenizer, messages), add_special_tokens=False, return_offsets_mapping=True)
    assistant_mask = [int(any(a < stop and b > start for start, stop in answers)) for a, b in encoded["offset_mapping"]]
    return encoded["input_ids"], weighed(messages, assistant_mask)


def weighed(messages: list[dict], assistant_mask: list[int]) -> list[int]:
    """`assistant_mask` without the answers of weight 0."""
    weights = [turn.get("weight", 1) for turn in messages if turn["role"] == "assistant"]
    if all(weights):
        return assistant_mask
    runs = [(mark, len(list(run))) for mark, run in groupby(assistant_mask)]
    if len(weights) != sum(mark for mark, _ in runs):
        raise UserError("the chat template does not part one answer from the next, so weight 0 cannot be kept")
    answers = iter(weights)
    return [kept for mark, size in runs for kept in [next(answers) if mark else 0] * size]


def without_weights(messages: list[dict]) -> list[dict]:
    return [{key: value for key, value in turn.items() if key != "weight"} for turn in messages]


def encode_turns(tokenizer, messages: list[dict], **how) -> list[int]:
    """Token ids of a conversation as it stands. Raises UserError where the chat template refuses it."""
    return render(tokenizer, harmless(messages, tokenizer), tokenize=True, return_dict=True, **how)["input_ids"]


def encode_prompt(tokenizer, messages: list[dict]) -> list[int]:
    """Token ids of a conversation up to the place where the assistant speaks. Raises UserError as encode_turns."""
    return encode_turns(tokenizer, messages, add_generation_prompt=True)
