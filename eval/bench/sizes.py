"""A size of configs/ without its corpus: how fast a model learns does not depend on what the words say."""

from dataclasses import dataclass, replace

import numpy as np

from configs import ROOT
from configs.pipeline.settings import read_settings
from configs.pipeline.stages import TRAINING_ARGUMENTS
from data.settings import TokenizerSettings
from train.settings import PretrainSettings

NOTHING_ELSE = ["--eval_strategy", "no", "--save_strategy", "no"]  # a training that only trains
DOCUMENT = 128  # tokens; the corpus has documents of about this length


@dataclass(frozen=True)
class Words:
    """All that a new model asks of its tokenizer."""

    vocabulary: int
    model_max_length: int
    bos_token_id: int | None = 0
    eos_token_id: int | None = 1
    pad_token_id: int | None = 2

    def __len__(self) -> int:
        return self.vocabulary


@dataclass(frozen=True)
class Size:
    settings: PretrainSettings
    trainer_flags: list[str]
    words: Words

    def with_(self, **changes: object) -> "Size":
        return replace(self, settings=replace(self.settings, **changes))


def configuration(size: str, stage: str) -> list[str]:
    """Example: configuration("tiny", "sft") -> ["--config", ".../configs/tiny/sft.yaml"]."""
    return ["--config", str(ROOT / "configs" / size / f"{stage}.yaml")]


def open_size(name: str) -> Size:
    """The settings of a size; its training neither saves nor evaluates."""
    settings, flags = read_settings(
        [PretrainSettings], TRAINING_ARGUMENTS, configuration(name, "pretrain") + NOTHING_ELSE
    )
    tokenizer, _ = read_settings([TokenizerSettings], argv=configuration(name, "tokenizer"))
    return Size(settings, flags, Words(tokenizer.vocabulary, tokenizer.context_length))


def packed_rows(words: Words, count: int, length: int) -> list[dict]:
    """Full rows of random words, packed from documents of one length."""
    lengths = [DOCUMENT] * (length // DOCUMENT) + ([rest] if (rest := length % DOCUMENT) else [])
    ids = np.random.default_rng(0).integers(3, words.vocabulary, (count, length))
    return [{"input_ids": row, "seq_lengths": lengths} for row in ids.tolist()]
