"""Our own settings, a meaning and a unit under each field. The trainers' fields (learning_rate, ...) are theirs.

A number is said once: context length, vocabulary and special tokens come from the tokenizer and the checkpoint.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from configs.pipeline.errors import UserError

# what several stages say alike
ENCODING = "encoding of own files that are not UTF-8 and carry no mark, for example windows-1252"
ROW_LENGTH = "length of a packed row (tokens); 0: as long as the longest text warrants, the context at most"
OWN_ROWS = ".jsonl .json .csv .tsv .parquet"


def setting(
    default: object,
    help: str,
    low: float | None = None,
    high: float | None = None,
    choices: list | None = None,
    implies: dict | None = None,
):
    """A field with its meaning and, for numbers, the range that makes sense.

    implies: what other fields become where this one is given, unless they are given beside it.
    """
    metadata = Meaning({"help": help, "low": low, "high": high, "implies": implies or {}})
    metadata |= {"choices": choices} if choices else {}
    return field(default=default, metadata=metadata)


class Meaning(dict):
    """Metadata of a field. The parser passes a copy of it on to argparse, which knows nothing of `low` and `high`."""

    def copy(self) -> dict:
        return {key: value for key, value in self.items() if key in ("help", "choices")}


LARGEST_SEED = 2**32 - 1  # numpy takes no larger one


def check_seeds(seeds: str) -> None:
    """Raise UserError unless it is a list of seeds. Example: "0 1 2"."""
    wrong = [seed for seed in seeds.split() if not re.fullmatch(r"[0-9]{1,10}", seed) or int(seed) > LARGEST_SEED]
    if wrong or not seeds.split():
        raise UserError(f"seeds: {seeds!r}; give numbers, separated by spaces, none above {LARGEST_SEED}")


@dataclass
class RunSettings:
    """Where a stage reads and writes."""

    run: str = setting(
        "", "name of the run, its folder under checkpoints/; default: the configuration's folder, else tiny"
    )
    workspace: str = setting(".", "folder under which data/processed, checkpoints and eval/results are written")
    force: bool = setting(False, "start over although the folder holds another or a finished result")

    def __post_init__(self) -> None:
        self.run = self.run or "tiny"
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", self.run):
            several = "; several runs are compared by RUNS=" if " " in self.run else ""
            raise UserError(f"run: {self.run!r} is no folder name; use letters, digits, dot, dash, underscore{several}")

    @property
    def data(self) -> Path:
        return Path(self.workspace) / "data" / "processed" / self.run


@dataclass
class SeededSettings(RunSettings):
    """A stage that is repeated for several seeds."""

    seed: int = setting(0, "seed of initialisation, order and the choice of documents", low=0, high=LARGEST_SEED)

    @property
    def checkpoints(self) -> Path:
        return Path(self.workspace) / "checkpoints" / self.run / f"seed{self.seed}"


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
    training_megabytes: float = setting(8.0, "how much of the training text the merges are learnt from (MB)", low=0.01)
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


@dataclass
class DeviceSettings:
    """What computes."""

    device: str = setting(
        "auto",
        "auto takes CUDA if present, else the CPU; MPS only by name",
        choices=["auto", "cpu", "cuda", "mps"],
    )


@dataclass
class CompareSettings(RunSettings, DeviceSettings):
    """The comparison of a base model and what was tuned from it."""

    runs: str = setting("", "runs to set side by side, separated by spaces; default: this run")
    seeds: str = setting("0", "seeds to compare, separated by spaces")
    items: int = setting(300, "items per probe, where a claim rests on them; elsewhere a quarter", low=1)
    full: bool = setting(False, "all items everywhere")
    documents: int = setting(40, "held-out documents per text type for the loss matrix", low=1)
    batch_size: int = setting(64, "sequences generated or scored at once", low=1)
    workers: int = setting(
        0, "processes that ask; 0: one for each core, at most four, and one on a GPU", low=0, high=1024
    )
    precision: str = setting(
        "auto", "of what models write: bf16 where that is fast; scores are fp32", choices=["auto", "bf16", "fp32"]
    )
    base: str | None = setting(None, "compare any two models: the base, a local folder or (ONLINE=1) a Hub name")
    instruct: str | None = setting(None, "and what was tuned from it")
    corpus: str | None = setting(
        None, "of such a pair: own text for the loss, a file or folder; default: bundled pages"
    )
    text_column: str = setting("text", "column or key that holds the text of a row of own text")
    encoding: str = setting("", ENCODING)
    skip_bad_rows: bool = setting(False, "skip and count damaged rows of own text instead of stopping at the first")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_seeds(self.seeds)

    @property
    def results(self) -> Path:
        """eval/results/<run>, or eval/results/<a>-vs-<b> when runs are set side by side."""
        return Path(self.workspace) / "eval" / "results" / ("-vs-".join(self.runs.split()) or self.run)


@dataclass
class StudySettings(RunSettings):
    """Several trainings that differ in named ways, compared in one report."""

    name: str = setting("", "which study: a file of configs/studies, without its ending")
    size: str = setting("tiny", "folder of configs/ that every arm starts from")
    seeds: str = setting("0", "seeds of every arm, separated by spaces")

    def __post_init__(self) -> None:
        self.run = self.run or self.size  # the unchanged arm is the ordinary run
        super().__post_init__()
        check_seeds(self.seeds)

    @property
    def results(self) -> Path:
        return Path(self.workspace) / "eval" / "results" / f"study-{self.name}"


@dataclass
class BenchSettings(RunSettings):
    """How fast training, tuning and asking are, on an otherwise idle machine."""

    size: str = setting("tiny", "folder of configs/ that the run was made with")
    only: str = setting("", "what to measure, separated by commas, see eval/bench; default: everything")
    sizes: str = setting("smoke tiny small", "folders of configs/ whose pretraining is timed, separated by spaces")
    seconds: float = setting(10.0, "length of each timing, after its warm-up (s)", low=0.01)
    run_tokens: int = setting(
        1_000_000, "length of the pretraining whose seconds and loss are reported (tokens)", low=1
    )
    tuning_epochs: float = setting(1.0, "length of each instruction tuning (times through the pairs)", low=0.01)
    points: int = setting(12, "points on the held-out curves of instruction tuning", low=1)

    @property
    def results(self) -> Path:
        return Path(self.workspace) / "eval" / "results" / "bench.json"

    def stage(self, name: str) -> Path:
        """The folder of a stage of the run, seed 0."""
        if name == "comparison":
            return self.results.parent / self.run
        if name in ("corpus", "tokenizer", "pairs"):
            return self.data / name
        return Path(self.workspace) / "checkpoints" / self.run / "seed0" / name


@dataclass
class ChatSettings(SeededSettings, DeviceSettings):
    """A talk in the terminal."""

    stage: str = setting("sft", "which model: base, sft, sft-lora, or the path of a model folder")
    size: str = setting("tiny", "folder of configs/ that the run is made with, if it has to be made first")
    form: str = setting(
        "auto",
        "raw continues text, chat answers; auto: raw for a base model",
        choices=["auto", "raw", "chat"],
    )
    temperature: float = setting(0.3, "0 is greedy", low=0.0, high=10.0)
    max_new_tokens: int = setting(120, "longest answer (tokens)", low=1)
