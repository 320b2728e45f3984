"""Settings of corpus, tokenizer and pairs, a meaning and a unit under each."""

from dataclasses import dataclass

from configs.pipeline.schema import ENCODING, LARGEST_SEED, OWN_ROWS, RunSettings, setting


@dataclass
class CorpusSettings(RunSettings):
    """The text a base model learns from: the embedded world, the user's own text, or both."""

    world_seed: int = setting(0, "seed of the embedded world's documents", low=0, high=LARGEST_SEED)
    megabytes: float = setting(20.0, "size of the embedded world's text (MB)", low=0.01, high=100_000)
    validation_share: float = setting(0.02, "share of documents, by hash, for the loss curve", low=0.001, high=0.4)
    test_share: float = setting(0.02, "share of documents, by hash, for the comparison", low=0.001, high=0.4)
    corpus: str | None = setting(None, f"own text: a file or folder of .txt .md {OWN_ROWS}, or a Hub name")
    corpus_share: float = setting(
        1.0, "share of own text in the corpus; below 1 the world fills the rest", low=0.01, high=1.0
    )
    text_column: str = setting("text", "column or key that holds the text of a row")
    own_megabytes: float | None = setting(None, "read at most this much own text (MB)", low=0.001)
    document_characters: int = setting(
        1200, "a longer text is cut into documents of about this many characters", low=50
    )
    encoding: str = setting("", ENCODING)
    skip_bad_rows: bool = setting(False, "skip and count damaged rows instead of stopping at the first")


@dataclass
class TokenizerSettings(RunSettings):
    """A byte-level BPE tokenizer, trained on the corpus."""

    vocabulary: int = setting(2048, "number of tokens, special ones included", low=300, high=200_000)
    context_length: int = setting(
        512, "longest sequence any model with this tokenizer reads (tokens)", low=32, high=131_072
    )
    training_megabytes: float = setting(8.0, "of train.jsonl, from which the merges are learnt (MB of lines)", low=0.01)
    chat_template: str = setting("data/chat_template.jinja", "the written form of a chat (a Jinja file)")


@dataclass
class PairsSettings(RunSettings):
    """Instruction-response pairs for supervised fine-tuning."""

    world_seed: int = setting(0, "seed of the embedded pairs", low=0, high=LARGEST_SEED)
    count: int = setting(3000, "number of embedded pairs", low=10, high=100_000_000)
    held_out: int = setting(300, "pairs kept aside for the held-out loss", low=1)
    pairs: str | None = setting(None, f"own pairs: a file or folder of {OWN_ROWS}, or a Hub name")
    own_pairs: int | None = setting(None, "read at most this many own pairs", low=2)
    ignore_keys: str = setting("", "keys of own rows to leave aside, whatever they mean, separated by spaces")
    encoding: str = setting("", ENCODING)
    skip_bad_rows: bool = setting(False, "skip and count damaged rows instead of stopping at the first")
