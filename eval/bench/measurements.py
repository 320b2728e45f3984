"""What is measured, and in which ways. Imported by the process that starts the others, so it needs no torch."""

from collections.abc import Callable
from dataclasses import dataclass

from eval.settings import BenchSettings

SQUARE = "2048 x 2048 x 2048"  # the plain product whose rate a training's share is a share of
OURS, PLAIN = "ours", "plain TRL"
# ways of instruction tuning -> what each changes in TRL's arguments
WAYS = {OURS: {}, PLAIN: {"activation_checkpointing": True}, "plain TRL, keeping activations": {}}
VARIANTS = {  # what each changes in the settings of the size
    "as configured": lambda settings: {},
    "in fp32": lambda settings: {"precision": "fp32"},
    "compilation switched": lambda settings: {"compile": not settings.compile},
}
THE_RECIPE, SEEDS = "the recipe", (0, 1, 2)
ATTENTION_ALONE = {"intermediate_size": 512, "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0}}
# what is taken from the recipe of pretraining -> flags of tokenizer and base that do so
WITHOUT = {
    THE_RECIPE: {},
    "all that is NorMuon's: AdamW at 4e-3": {"base": {"optimizer": "adamw", "learning_rate": 4e-3}},
    "even rows: plain Muon": {"base": {"optimizer": "muon"}},
    "short memory: momentum .95": {"base": {"muon_momentum": 0.95}},
    "a rate of their own for embeddings": {"base": {"embedding_rate": 1}},
    "rows of 256: 512": {"base": {"row_length": 512, "per_device_train_batch_size": 8}},
    "short convolutions: attention alone": {"base": {"model_type": "qwen3", "model_kwargs": ATTENTION_ALONE}},
    "4,096 words: 2,048": {"tokenizer": {"vocabulary": 2048}},
}


@dataclass(frozen=True)
class Measurement:
    function: str  # module:name in this package; gets the settings and one entry of `parts`, returns a list of rows
    needs: tuple[str, ...] = ()  # stages of the run that must be finished
    parts: Callable[[BenchSettings], list[dict]] = lambda settings: [{}]
    # one process for each of these; the row begins with them


def recipes(settings: BenchSettings) -> list[dict]:
    """The tricks are those of configs/tiny; other sizes have other numbers."""
    return [{"without": name, "seed": seed} for seed in SEEDS for name in WITHOUT if settings.size == "tiny"]


def pretrainings(settings: BenchSettings) -> list[dict]:
    return [{"size": size, "variant": variant} for size in settings.sizes.split() for variant in VARIANTS]


MEASUREMENTS = {
    "matmul": Measurement("matmul:products", parts=lambda settings: [{"precision": one} for one in ("fp32", "bf16")]),
    "training": Measurement("training:training", parts=pretrainings),
    "run": Measurement("commands:fixed_run", ("corpus", "tokenizer")),
    "recipe": Measurement("commands:recipe", ("corpus",), recipes),
    "sft": Measurement("tuning:tuning", ("corpus", "pairs", "base"), lambda settings: [{"way": way} for way in WAYS]),
    "generation": Measurement("asking:generation", ("pairs", "sft")),
    "scoring": Measurement("asking:scoring", ("corpus", "sft")),
    "comparison": Measurement("commands:comparison", ("corpus", "pairs", "base")),
    "stages": Measurement("commands:stages", ("corpus", "base")),
}
