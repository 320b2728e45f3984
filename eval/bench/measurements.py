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


@dataclass(frozen=True)
class Measurement:
    function: str  # module:name in this package; gets the settings and one entry of `parts`, returns a list of rows
    needs: tuple[str, ...] = ()  # stages of the run that must be finished
    parts: Callable[[BenchSettings], list[dict]] = lambda settings: [{}]
    # one process for each of these; the row begins with them


def pretrainings(settings: BenchSettings) -> list[dict]:
    return [{"size": size, "variant": variant} for size in settings.sizes.split() for variant in VARIANTS]


MEASUREMENTS = {
    "matmul": Measurement("matmul:products", parts=lambda settings: [{"precision": one} for one in ("fp32", "bf16")]),
    "training": Measurement("training:training", parts=pretrainings),
    "run": Measurement("commands:fixed_run", ("corpus", "tokenizer")),
    "sft": Measurement("tuning:tuning", ("corpus", "pairs", "base"), lambda settings: [{"way": way} for way in WAYS]),
    "generation": Measurement("asking:generation", ("pairs", "sft")),
    "scoring": Measurement("asking:scoring", ("corpus", "sft")),
    "comparison": Measurement("commands:comparison", ("corpus", "pairs", "base")),
    "stages": Measurement("commands:stages", ("corpus", "base")),
}
