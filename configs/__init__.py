"""The room of settings: what a user may set, and what a stage of the pipeline is.

In: nothing. Out: checked settings and the folder a stage writes to. Every other room imports this one first,
which is why the environment is prepared here: these variables are read when the libraries are imported.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Nothing touches the network after installation. ONLINE=1 is the user's word that Hub names may be looked up.
if os.environ.get("ONLINE") != "1":
    os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ.setdefault("HF_HOME", str(ROOT / ".cache" / "hf"))
os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
# one process drives one GPU, the first that it may; torchrun and accelerate, which start several, set WORLD_SIZE
GPUS = os.environ.get("CUDA_VISIBLE_DEVICES")  # as the user, or a queue, named them
if "WORLD_SIZE" not in os.environ:
    os.environ["CUDA_VISIBLE_DEVICES"] = "0" if GPUS is None else GPUS.split(",")[0]
# without it, MKL's matrix products may differ in the last bit from run to run, and resuming would not be bit-exact
os.environ.setdefault("MKL_CBWR", "AUTO,STRICT")
# accelerate would let these silently replace what a configuration says
for name in ("ACCELERATE_MIXED_PRECISION", "ACCELERATE_USE_CPU", "ACCELERATE_USE_FSDP"):
    os.environ.pop(name, None)
