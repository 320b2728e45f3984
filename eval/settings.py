"""Settings of the evaluation, a meaning and a unit under each."""

from dataclasses import dataclass

from configs.pipeline.schema import LARGEST_SEED, RunSettings, setting
from train.settings import TrainingSettings


@dataclass
class ShakespeareSettings(RunSettings, TrainingSettings):
    """Time to loss on characters of one text: windows of it, a run whose length is fixed beforehand."""

    text: str = setting("", "the text, a .txt file; its first 90 % are trained on")
    seed: int = setting(0, "seed of the weights and the windows", low=0, high=LARGEST_SEED)
    model_type: str = setting("llama", "any causal model type of transformers' AutoConfig")
    hidden_size: int = setting(128, "width of the residual stream", low=8, high=65_536)
    num_hidden_layers: int = setting(4, "number of transformer blocks", low=1, high=1000)
    num_attention_heads: int = setting(4, "attention heads per block", low=1, high=1024)
    model_kwargs: str = setting("{}", "further fields of the model's own config, as a mapping")
    attention: str = setting("sdpa", "torch's attention kernel, or plain matrix products", choices=["sdpa", "eager"])
    context: int = setting(64, "length of a window in training (characters)", low=2)
    rows: int = setting(12, "windows a step", low=1)
    steps: int = setting(2000, "steps of the run", low=1)
    optimizer: str = setting(
        "adamw", "muon for the matrices and AdamW for the rest, or adamw", choices=["muon", "adamw"]
    )
    learning_rate: float = setting(1e-3, "peak, after the warm-up", low=1e-12)
    final_share: float = setting(0.1, "share of the peak at the end", low=0.0, high=1.0)
    decay: str = setting("cosine", "way from the peak to the end", choices=["cosine", "linear"])
    warmup_steps: int = setting(100, "steps of linear warm-up", low=0)
    weight_decay: float = setting(0.1, "on the matrices", low=0.0)
    adam_beta2: float = setting(0.99, "second moment of AdamW", low=0.0, high=1.0)
