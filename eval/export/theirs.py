"""How lm-eval scores the exported items: its own loading, tokenizing, batching and arithmetic."""

from contextlib import chdir
from pathlib import Path

from configs.pipeline.errors import UserError
from eval.export.tasks import KINDS, PREFIX


def scored(folder: Path, model: Path, batch_size: int = 64) -> tuple[dict[str, dict[str, list[float]]], dict]:
    """({kind: {id: log-probabilities}}, {kind: lm-eval's own metrics}). Raises UserError without lm-eval."""
    try:
        from lm_eval import simple_evaluate
        from lm_eval.models.huggingface import HFLM
        from lm_eval.tasks import TaskManager
    except ImportError:
        raise UserError("lm-eval is not installed; `pip install lm-eval`, pinned in pyproject.toml") from None
    opened = HFLM(
        pretrained=str(model.resolve()), dtype="float32", device="cpu", batch_size=batch_size, add_bos_token=False
    )
    with chdir(folder):  # the tasks name their data by relative paths
        tasks = TaskManager(include_path=".", include_defaults=False)
        done = simple_evaluate(
            model=opened,
            tasks=[PREFIX + kind for kind in KINDS],
            task_manager=tasks,
            log_samples=True,
            bootstrap_iters=0,
        )
    return (
        {kind: {one["doc"]["id"]: logp(one) for one in done["samples"][PREFIX + kind]} for kind in KINDS},
        {kind: done["results"][PREFIX + kind] for kind in KINDS},
    )


def logp(sample: dict) -> list[float]:
    """One number for each choice, or one for the whole text; lm-eval adds whether it was the greedy answer."""
    return [one[0] if isinstance(one, list | tuple) else one for one in sample["filtered_resps"]]
