"""Settings of the trainings, a meaning and a unit under each. The trainers' own fields (learning_rate, ...) are theirs.

A number is said once: context length, vocabulary and special tokens come from the tokenizer and the checkpoint.
"""

from dataclasses import dataclass

from configs.pipeline.schema import ENCODING, ROW_LENGTH, DeviceSettings, SeededSettings, check_seeds, setting
from train.objectives import of_conversations


@dataclass
class TrainingSettings(DeviceSettings):
    """What computes, and in which precision."""

    precision: str = setting(
        "auto", "auto takes bf16 where it is faster, else fp32", choices=["auto", "bf16", "fp32"]
    )
    compile: bool = setting(False, "torch.compile: half a minute at first, then faster; needs a C++ compiler")


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
class ExpectedLoss:
    """The card warns where the held-out loss leaves it."""

    expected_low: float = setting(0.0, "held-out loss below this is suspicious for this size (nats per token)")
    expected_high: float = setting(100.0, "held-out loss above this is suspicious for this size (nats per token)")


@dataclass
class AdapterSettings:
    """All weights, or few beside them."""

    weights: str = setting(
        "full", "full trains all weights, lora a low-rank adapter beside them", choices=["full", "lora"]
    )
    lora_rank: int = setting(16, "rank of the LoRA adapter", low=1, high=4096)
    lora_alpha: int = setting(32, "scale of the LoRA update: alpha / rank", low=1)


@dataclass
class LabelNoise:
    """The control of everything that learns from preferences."""

    label_noise: float = setting(
        0.0, "share of the pairs in which a coin decides what was chosen; 1: the control", low=0.0, high=1.0
    )


@dataclass
class PretrainSettings(ExpectedLoss, OptimizerSettings, TrainedStageSettings):
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


@dataclass
class SftSettings(AdapterSettings, ExpectedLoss, OptimizerSettings, TrainedStageSettings):
    """Supervised fine-tuning of a base on instruction-response pairs."""

    base: str | None = setting(
        None,
        "parent model folder; default: the base of this run, else of `parent_run`. It gets no replay unless "
        "`replay_share` is given beside it",
        implies={"replay_share": 0.0, "expected_low": 0.0, "expected_high": 100.0},
    )
    parent_run: str | None = setting(None, "run whose base and data are used where this run has none of its own")
    objective: str = setting("assistant_only", f"which tokens receive loss: {', '.join(of_conversations())}")
    replay_share: float = setting(
        0.1, "share of pretraining documents among the rows, before these are packed", low=0.0, high=0.9
    )
    optimizer: str = optimizer("adamw")
    pack: bool = setting(False, "several pairs end to end in a row, none of which sees another")
    row_length: int = setting(0, ROW_LENGTH, low=0)
    long_rows: str = setting(
        "skip",
        "rows over the context length: skip (counted and reported) or error",
        choices=["skip", "error"],
    )

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


@dataclass
class FeedbackSettings(TrainedStageSettings):
    """What comes after instruction tuning."""

    parent_run: str | None = setting(None, "run whose tuned model and data are used where this run has none of its own")
    tuned: str | None = setting(None, "tuned model folder from elsewhere, in place of this run's own")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.compile:
            raise ValueError("compile: only the base model and its tuning are compiled; leave it out here")


@dataclass
class PreferencesSettings(FeedbackSettings):
    """Which of two answers a rater prefers: own answers of the tuned model, or a file."""

    preferences: str | None = setting(None, "own file or folder of preferences in place of the simulated rater")
    skip_bad_rows: bool = setting(False, "leave out rows of own preferences that cannot be used, and count them")
    encoding: str = setting("", ENCODING)
    count: int = setting(4000, "pairs of answers to train on", low=1)
    held_out: int = setting(400, "pairs kept aside", low=1)
    samples: int = setting(4, "answers of the model to a request; the best and the worst are rated", low=2, high=64)
    temperature: float = setting(1.0, "of these answers", low=0.01)
    max_new_tokens: int = setting(48, "tokens of an answer", low=4)
    controlled_share: float = setting(
        0.25, "share of pairs of a right answer and one that is spoilt on purpose", low=0.0, high=1.0
    )
    believing_share: float = setting(0.1, "share of requests whose user believes something false", low=0.0, high=1.0)
    noise: float = setting(0.0, "share of the rater's choices that a coin makes", low=0.0, high=1.0)
    length_liking: float = setting(0.0, "what ten more words are worth to the rater, in utility")
    agreement_liking: float = setting(0.0, "what it is worth to the rater that the user is agreed with, in utility")
    sharpness: float = setting(12.0, "log-odds with which a difference in utility of 1 is chosen", low=0.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.launch = ""  # answers are drawn by one process

    @property
    def unread(self) -> tuple[str, ...]:
        return ("sft", "pairs") if self.preferences else ()


@dataclass
class DpoSettings(AdapterSettings, LabelNoise, ExpectedLoss, OptimizerSettings, FeedbackSettings):
    """Direct preference optimisation (Rafailov et al. 2023, arXiv 2305.18290)."""

    optimizer: str = optimizer("adamw")
    loss: str = setting("sigmoid", "one of TRL's losses: sigmoid, ipo, hinge, robust, ...")
    sft_weight: float = setting(0.1, "weight of the chosen answer's own loss beside it, against its fall", low=0.0)


@dataclass
class RewardSettings(LabelNoise, OptimizerSettings, FeedbackSettings):
    """A reward model: a number for each answer (Bradley and Terry 1952; Ouyang et al. 2022, arXiv 2203.02155)."""

    optimizer: str = optimizer("adamw")
    count: int = setting(0, "preferences to learn from; 0: all", low=0)


@dataclass
class RlSettings(ExpectedLoss, OptimizerSettings, FeedbackSettings):
    """Reinforcement learning from a reward for whole answers (RLOO, Ahmadian et al. 2024, arXiv 2402.14740)."""

    optimizer: str = optimizer("adamw")
    reward: str = setting(
        "checks",
        "checks: the known utility, by a program; learnt: the reward model; constant: a control that moves nothing",
        choices=["checks", "learnt", "constant"],
    )
    stop_penalty: float = setting(0.5, "taken from the reward of an answer that does not stop", low=0.0)
    kl_budget: float = setting(20.0, "nats per answer from the tuned model beyond which the run stops", low=0.0)
    prompts: int = setting(2048, "requests to learn from, none of which the tuning has seen", low=1)
    held_out: int = setting(256, "requests kept aside: their true utility chooses the weights to publish", low=8)
    least_varied: float = setting(
        0.2, "share of the requests whose answers have to differ in reward, or nothing can be learnt", low=0.0, high=1.0
    )

    @property
    def unread(self) -> tuple[str, ...]:
        return () if self.reward == "learnt" else ("reward",)

    @property
    def stage_name(self) -> str:
        return "rl-learnt" if self.reward == "learnt" else "rl"
