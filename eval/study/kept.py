"""What is committed of an arm: the rows that its page shows, and where, when and how it was made.

    eval/studies/objectives/dft.csv.gz      rows of the long table
    eval/studies/objectives/dft.json        settings, machine, seconds, curves, examples

The page is made of these alone. An arm that has them, with the settings and the world of now, is done: wherever it ran.
"""

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from configs.pipeline.files import write_json, write_whole
from configs.pipeline.stage import RECORD, read_json
from configs.pipeline.stages import STAGES, folder_of
from data.synthetic import fingerprint
from data.synthetic.config import Config
from eval.page.reading import listed, read_results
from eval.results import Row, read_rows, table_of
from eval.settings import StudySettings
from eval.study.arms import Resolved
from eval.study.plan import OF_AN_ARM, STUDIES, Study

PAGES = STUDIES.parents[1] / "eval" / "studies"
# groups of examples, and the form they are asked in
SHOWN = {"question": "chat", "instruction": "chat", "a request of the pairs' kinds": "chat"}
CURVES = ("stage", "seed", "held_out_curve")


def identity(study: Study, settings: StudySettings, found: Resolved) -> dict:
    """What makes the results of an arm what they are, but for the code."""
    world = [fingerprint.of_documents(0, Config()), fingerprint.of_pairs(0)]
    made = {"settings": found, "seeds": settings.seeds, "compare": study.compare, "world": world}
    return json.loads(json.dumps(made))


def is_kept(name: str, arm: str, wanted: dict, folder: Path = PAGES) -> bool:
    facts = folder / name / f"{arm}.json"
    return facts.is_file() and read_json(facts)["identity"] == wanted


def keep(
    study: Study, settings: StudySettings, arm: str, identity: dict, is_shown: Callable[[dict], bool],
    folder: Path = PAGES,
) -> None:  # fmt: skip
    """Write what the page needs of an arm that was asked here."""
    results, place = read_results(settings.results_of(arm)), folder / settings.name
    place.mkdir(parents=True, exist_ok=True)
    blank = {"run_id": "", "meta": "{}"}
    rows = [Row(**row | blank) for row in results.rows if is_shown(row)]
    # without the time in its head: the same rows are the same file
    write_whole(place / f"{arm}.csv.gz", gzip.compress(table_of(rows).encode(), mtime=0))
    said = [{key: row[key] for key in ("model", "group", "prompt", "output", "stopped")}
            for row in results.transcripts if row.get("index") == 0 and row.get("seed") == 0
            and row.get("condition") == SHOWN.get(row.get("group"))]  # fmt: skip
    write_json(place / f"{arm}.json", {
        "identity": identity,
        **{key: results.summary.get(key) for key in ("created", "machine")},
        "seconds": seconds(study, settings, arm),
        "models": [{key: one.get(key) for key in CURVES} for one in listed(results.summary.get("models"))],
        "said": said,
    })  # fmt: skip


def seconds(study: Study, settings: StudySettings, arm: str) -> int:
    """What its own stages took, over all seeds."""
    run = study.run_of(arm, settings)
    folders = [folder_of(OF_AN_ARM[stage], run, seed, settings.workspace)
               for stage in study.stages(arm) for seed in settings.seeds.split()]  # fmt: skip
    folders += [one.with_name("sft-lora") for one in folders if one.name == "sft"]
    records = {one for one in folders if (one / RECORD).is_file()}
    return round(sum(read_json(one / RECORD)["seconds"] for one in records))


def kept(name: str, arms: Sequence[str], folder: Path = PAGES) -> tuple[list[dict], dict[str, dict]]:
    """(rows of all arms, what is known of each)."""
    there = [arm for arm in arms if (folder / name / f"{arm}.json").is_file()]
    rows = [row for arm in there for row in read_rows(folder / name / f"{arm}.csv.gz")]
    return rows, {arm: read_json(folder / name / f"{arm}.json") for arm in there}


def model_of(study: Study, arm: str) -> str:
    """What an arm is about: the model that is made last in it. Example: "dpo/dpo", "plain-lm/sft"."""
    made = [OF_AN_ARM[stage] for stage in study.stages(arm) if STAGES[OF_AN_ARM[stage]].model == "causal"]
    last = made[-1] if made else "sft"
    return "sft-lora" if last == "sft" and study.settings(arm, "sft").get("weights") == "lora" else last
