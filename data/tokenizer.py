"""Stage: a byte-level BPE tokenizer, trained on the corpus, with the chat template in it.

    python -m data.tokenizer --config configs/tiny/tokenizer.yaml

In: train.jsonl of the corpus. Out: a Hugging Face tokenizer folder, data/processed/<run>/tokenizer.
Digits are split, so that 12 and 21 share their parts; every byte has a token, so any Unicode survives a round trip.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from configs import ROOT
from configs.pipeline.errors import UserError, exit_cleanly
from configs.pipeline.run import begin
from configs.pipeline.stage import sha256_of
from configs.pipeline.summary import print_summary

END_OF_TEXT, PADDING, START_OF_TEXT = "<|endoftext|>", "<|pad|>", "<|startoftext|>"
IN_A_TEMPLATE = re.compile(r"<\|\w+\|>")  # what a chat template writes in this form becomes a special token


def main() -> None:
    run = begin("tokenizer", lambda settings: {"chat template": sha256_of(template_path(settings.chat_template))[:16]})
    settings, corpus = run.settings, run.folders["corpus"]
    template = template_path(settings.chat_template).read_text(encoding="utf-8")
    with run.writing() as folder:
        sample = texts(corpus / "train.jsonl", int(settings.training_megabytes * 1e6))
        bpe = train_bpe(sample, settings.vocabulary, IN_A_TEMPLATE.findall(template))
        bytes_per_token, by_type = measure(bpe, corpus / "validation.jsonl")
        save_for_transformers(bpe, folder, settings.context_length, template)
        run.stage.record(bytes_per_token=bytes_per_token, by_type=by_type)
    print_summary(
        f"tokenizer: {run.stage.folder}",
        {
            "vocabulary": f"{bpe.get_vocab_size():,} tokens",
            "bytes per token": f"{bytes_per_token:.2f} on held-out text",
        },
    )


def template_path(name: str) -> Path:
    path = Path(name) if Path(name).is_file() else ROOT / name
    if not path.is_file():
        raise UserError(f"chat_template: {name}: no such file")
    return path


def texts(path: Path, wanted_bytes: int) -> Iterator[str]:
    """About `wanted_bytes` of text, spread over the whole split: own text may stand at its end."""
    return (row["text"] for row in rows(path, wanted_bytes))


def rows(path: Path, wanted_bytes: int) -> Iterator[dict]:
    """Every n-th document of a split with its record, about `wanted_bytes` of the file."""
    stride = max(1, round(path.stat().st_size / wanted_bytes))
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file):
            if number % stride == 0:
                yield json.loads(line)


def train_bpe(documents: Iterator[str], vocabulary: int, more_special: Sequence[str] = ()):
    """A `tokenizers.Tokenizer` of at most `vocabulary` tokens, the special ones first."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    bpe.decoder = decoders.ByteLevel()
    special = list(dict.fromkeys([END_OF_TEXT, PADDING, START_OF_TEXT, *more_special]))
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    bpe.train_from_iterator(
        documents,
        trainers.BpeTrainer(
            vocab_size=vocabulary, special_tokens=special, initial_alphabet=alphabet, show_progress=False
        ),
    )
    start = bpe.token_to_id(START_OF_TEXT)
    bpe.post_processor = processors.TemplateProcessing(
        single=f"{START_OF_TEXT} $A", special_tokens=[(START_OF_TEXT, start)]
    )
    return bpe


def measure(bpe, path: Path) -> tuple[float, dict[str, dict]]:
    """Bytes of text per token on held-out text; and by type: bytes and tokens of the sample, bytes per token."""
    sample = list(rows(path, 2_000_000))
    encoded = bpe.encode_batch([row["text"] for row in sample], add_special_tokens=False)
    by_type = defaultdict(lambda: {"bytes": 0, "tokens": 0})
    for row, tokens in zip(sample, encoded, strict=True):
        by_type[row["type"]]["bytes"] += len(row["text"].encode())
        by_type[row["type"]]["tokens"] += len(tokens.ids)
    for counted in by_type.values():
        counted["bytes_per_token"] = counted["bytes"] / counted["tokens"]
    size, count = (sum(counted[key] for counted in by_type.values()) for key in ("bytes", "tokens"))
    return size / count, dict(by_type)


def save_for_transformers(bpe, folder: Path, context_length: int, chat_template: str) -> None:
    from transformers import PreTrainedTokenizerFast

    PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        bos_token=START_OF_TEXT,
        eos_token=END_OF_TEXT,
        pad_token=PADDING,
        model_max_length=context_length,
        chat_template=chat_template,
        clean_up_tokenization_spaces=False,
    ).save_pretrained(folder)


if __name__ == "__main__":
    exit_cleanly(main)
