"""Settings of the trainings, a meaning and a unit under each. The trainers' own fields (learning_rate, ...) are theirs.

A number is said once: context length, vocabulary and special tokens come from the tokenizer and the checkpoint.
"""

from dataclasses import dataclass

from configs.pipeline.schema import ROW_LENGTH, DeviceSettings, SeededSettings, check_seeds, setting
from train.objectives import of_conversations


@dataclass
class TrainingSettings(DeviceSettings):
    """What computes, and in which precision."""

    precision: str = setting(
        "auto", "auto takes bf16 where the processor has it, else fp32", choices=["auto", "bf16", "fp32"]
    )
    compile: bool = setting(False, "fuse the model's operations with a C++ compiler first: 20 s, then much faster")


@dataclass
class TrainedStageSettings(SeededSettings, TrainingSettings):
    """A training that is repeated for several seeds, on one process or on several."""

    seeds: str = setting("", 'seeds, trained one after the other, for example "0 1"; in place of `seed`')
    launch: str = setting("", 'what starts the processes of a training, for example "torchrun --nproc-per-node 2"')

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.seeds:
            check_seeds(self.seeds)
            self.seed = int(self.seeds.split()[0])

    @property
    def several(self) -> list[str]:
        """The seeds, where each needs a process of its own."""
        seeds = self.seeds.split() or [str(self.seed)]
        return seeds if len(seeds) > 1 or self.launch else []


def optimizer(default: str):
    told = "muon: Muon for the matrices, AdamW for the rest; normuon: with rows of one size; adamw: AdamW for all"
    return setting(default, told, choices=["muon", "normuon", "adamw"])


@dataclass
class OptimizerSettings:
    """What takes the steps. Its learning rate, weight decay and betas are the trainer's own fields."""

    optimizer: str = optimizer("muon")
    embedding_rate: float = setting(
        1.0, "with muon: rate of embeddings, norms and convolutions, as a multiple of learning_rate", low=0.0
    )
    muon_momentum: float = setting(
        0.95, "of Muon: less of it suits few steps, since old gradients point elsewhere", low=0.0, high=0.999
    )

    @property
    def muon(self) -> dict[str, float]:
        """What MuonAdamW is given beside its rates."""
        return {"embedding_rate": self.embedding_rate, "momentum": self.muon_momentum}


@dataclass
class PretrainSettings(OptimizerSettings, TrainedStageSettings):
    """The base model: shape, budget and optimizer."""

    model_type: str = setting("llama", "any causal model type of transformers' AutoConfig: llama, gpt2, qwen3, ...")
    hidden_size: int = setting(192, "width of the residual stream", low=8, high=65_536)
    num_hidden_layers: int = setting(4, "number of transformer blocks", low=1, high=1000)
    num_attention_heads: int = setting(3, "attention heads per block; must divide hidden_size", low=1, high=1024)
    model_kwargs: str = setting("{}", "further fields of the model's own config, as a mapping")
    train_tokens: int = setting(
        4_000_000, "tokens to train on; a smaller corpus is read several times", low=1, high=10**13
    )
    row_length: int = setting(0, ROW_LENGTH, low=0)
    held_out_tokens: int = setting(60_000, "validation text for the loss curve (tokens)", low=100)
    curve_points: int = setting(10, "log-spaced checkpoints kept for learning curves", low=0, high=100)
    expected_low: float = setting(0.0, "held-out loss below this is suspicious for this size (nats per token)")
    expected_high: float = setting(100.0, "held-out loss above this is suspicious for this size (nats per token)")


@dataclass
class SftSettings(OptimizerSettings, TrainedStageSettings):
    """Supervised fine-tuning of a base on instruction-response pairs."""

    base: str | None = setting(
        None,
        "parent model folder; default: the base of this run, else of `parent_run`. It gets no replay unless "
        "`replay_share` is given beside it",
        implies={"replay_share": 0.0, "expected_low": 0.0, "expected_high": 100.0},
    )
    parent_run: str | None = setting(None, "run whose base and data are used where this run has none of its own")
    objective: str = setting("assistant_only", f"which tokens receive loss: {', '.join(of_conversations())}")
    replay_share: float = setting(0.1, "share of pretraining documents among the training rows", low=0.0, high=0.9)
    optimizer: str = optimizer("adamw")
    weights: str = setting(
        "full", "full trains all weights, lora a low-rank adapter beside them", choices=["full", "lora"]
    )
    lora_rank: int = setting(16, "rank of the LoRA adapter", low=1, high=4096)
    lora_alpha: int = setting(32, "scale of the LoRA update: alpha / rank", low=1)
    pack: bool = setting(False, "several pairs end to end in a row, none of which sees another")
    row_length: int = setting(0, ROW_LENGTH, low=0)
    long_rows: str = setting(
        "skip",
        "rows over the context length: skip (counted and reported) or error",
        choices=["skip", "error"],
    )
    expected_low: float = setting(0.0, "held-out loss below this is suspicious for this size (nats per token)")
    expected_high: float = setting(100.0, "held-out loss above this is suspicious for this size (nats per token)")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.objective not in of_conversations():
            known = ", ".join(of_conversations())
            raise ValueError(f"objective: {self.objective!r} is none of {known}, see train/objectives.py")

    @property
    def unread(self) -> tuple[str, ...]:
        """Stages that it could read and does not."""
        return () if self.replay_share else ("corpus",)

    @property
    def stage_name(self) -> str:
        return "sft-lora" if self.weights == "lora" else "sft"
