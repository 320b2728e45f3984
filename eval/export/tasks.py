"""The items as tasks that lm-eval reads from a folder: one YAML and one JSON Lines file each.

Start-of-text stands in the text itself, and the model is to be opened with `add_bos_token=False`: otherwise lm-eval
writes it a second time before whole documents.
"""

import json
from pathlib import Path

import yaml

from configs.pipeline.files import write_whole

PREFIX = "miniweb_"  # of the names of our tasks
# paths are relative, so lm-eval is to be started in the folder
COMMON = {"dataset_path": "json", "test_split": "test", "num_fewshot": 0, "metadata": {"version": 1.0}}
CHOICE = {
    "output_type": "multiple_choice",
    "doc_to_choice": "{{choices}}",
    "doc_to_target": "{{answer}}",
    "metric_list": [{"metric": "acc", "aggregation": "mean", "higher_is_better": True}],
}
WHOLE = {
    "output_type": "loglikelihood_rolling",
    "doc_to_text": "",
    "doc_to_target": "{{text}}",
    "metric_list": [{"metric": "bits_per_byte", "aggregation": "bits_per_byte", "higher_is_better": False}],
}
KINDS = {
    "facts": CHOICE | {"doc_to_text": "{{start}}{{text}}", "target_delimiter": " "},
    "grammar": CHOICE | {"doc_to_text": "{{start}}", "target_delimiter": ""},
    "text": WHOLE,
}


def write_tasks(folder: Path, items: dict[str, list[dict]], start: str) -> None:
    """items: {"facts": [...], "grammar": [...], "text": [...]}; start: the start-of-text token as it is written."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, records in items.items():
        task = {"task": PREFIX + kind} | COMMON | {"dataset_kwargs": {"data_files": {"test": f"{kind}.jsonl"}}}
        write_whole(folder / f"{kind}.yaml", yaml.safe_dump(task | KINDS[kind], sort_keys=False))
        lines = (json.dumps(record | {"start": start}, ensure_ascii=False) + "\n" for record in records)
        write_whole(folder / f"{kind}.jsonl", "".join(lines))


def command(model: Path) -> str:
    """What to type in the folder of the tasks."""
    names = ",".join(PREFIX + kind for kind in KINDS)
    return (
        f"lm_eval run --model hf --model_args pretrained={model},dtype=float32,add_bos_token=False "
        f"--include_path . --tasks {names} --device cpu --batch_size 64"
    )
