"""What is committed of an arm: the rows that its page shows, and where, when and how it was made.

    eval/studies/objectives/dft.csv.gz      rows of the long table
    eval/studies/objectives/dft.json        settings, sessions (seeds, machine, seconds), curves, examples

The page is made of these alone. The seeds of an arm that have them, with the settings and the world of now, are done:
wherever they ran. Others may be added in another session, on another machine.
"""

import gzip
import hashlib
import json
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path

from configs import ROOT
from configs.pipeline.errors import UserError
from configs.pipeline.files import write_json, write_whole
from configs.pipeline.settings import identity_of, read_settings
from configs.pipeline.stage import RECORD, content_hash, read_json
from configs.pipeline.stages import STAGES, folder_of
from data.synthetic import fingerprint
from data.synthetic.config import Config
from eval.page.reading import listed, read_results
from eval.results import Row, read_rows, table_of
from eval.settings import CompareSettings, StudySettings
from eval.study.arms import Resolved, exam
from eval.study.plan import STUDIES, Study, stage_flags

PAGES = STUDIES.parents[1] / "eval" / "studies"
# groups of examples, and the form they are asked in
SHOWN = {"question": "chat", "instruction": "chat", "a request of the pairs' kinds": "chat"}
Shown = Collection[tuple[str, str, str]]


def identity(study: Study, settings: StudySettings, found: Resolved, shown: Shown) -> dict:
    """What makes the results of an arm what they are, but for the code.

    shown: (question, metric, form) of the rows that are kept.
    """
    asked = identity_of(compare_settings(study, settings, runs=[]))
    world = [fingerprint.of_documents(0, Config()), fingerprint.of_pairs(0)]
    made = {"study": settings.name, "size": settings.size, "seeds": settings.seeds, "settings": found,
            "exam": exam(study, settings), "asked": asked, "shown": sorted(shown), "world": world}  # fmt: skip
    return json.loads(json.dumps(made))


def compare_settings(study: Study, settings: StudySettings, runs: Sequence[str]) -> CompareSettings:
    """How an arm is asked, beside those that it starts from; held against text and pairs of the first."""
    first = study.run_of(next(iter(study.arms)), settings)
    return read_settings([CompareSettings], argv=[
        *stage_flags(settings.size, "compare", study.compare), "--run", first, "--runs", " ".join(runs),
        "--seeds", settings.seeds, "--workspace", settings.workspace,
    ])[0]  # fmt: skip


def missing_seeds(page: str, arm: str, wanted: dict, folder: Path = PAGES) -> list[str]:
    """Those of its identity that are not kept.

    All of them where what is kept was made otherwise, and where others would join that the judge of now has not read.
    """
    path, seeds = folder / page / f"{arm}.json", wanted["seeds"].split()
    facts = read_json(path) if path.is_file() else None
    if not facts or not is_same(facts["identity"], wanted):
        return seeds
    missing = [seed for seed in seeds if seed not in facts["identity"]["seeds"].split()]
    return missing if not missing or can_join(facts, wanted) else seeds


def can_join(facts: dict, wanted: dict) -> bool:
    """Whether other seeds may stand beside those that are kept: of the same arm, read by the judge of now."""
    return is_same(facts["identity"], wanted) and all(one.get("judge") == judge() for one in facts["sessions"])


@cache
def judge() -> str:
    """The programs that read answers, in sixteen digits: seeds of an arm are joined where the same have read them."""
    files = [*sorted((ROOT / "data" / "judge").glob("*.py")), ROOT / "eval" / "questions" / "talk" / "judge.py"]
    return hashlib.sha256(b"".join(one.read_bytes() for one in files)).hexdigest()[:16]


def is_same(one: dict, other: dict) -> bool:
    """Whether two identities differ in their seeds at most."""
    return one | {"seeds": ""} == other | {"seeds": ""}


def keep(study: Study, settings: StudySettings, arm: str, identity: dict, folder: Path = PAGES) -> None:
    """Write what the page needs of an arm that was asked here, beside what is kept of other seeds."""
    asked = settings.results_of(arm)
    results, place, first_seed = read_results(asked), folder / settings.page, int(settings.seeds.split()[0])
    place.mkdir(parents=True, exist_ok=True)
    shown, blank = {tuple(one) for one in identity["shown"]}, {"run_id": "", "meta": "{}"}
    rows = [Row(**row | blank) for row in results.rows
            if (row["question"], row["metric"], row["condition"]) in shown]  # fmt: skip
    said = [{key: row[key] for key in ("model", "group", "prompt", "output", "stopped")}
            for row in results.transcripts if row.get("index") == 0 and row.get("seed") == first_seed
            and row.get("condition") == SHOWN.get(row.get("group"))]  # fmt: skip
    record = read_json(asked / RECORD)
    session = {
        "seeds": settings.seeds, "finished_at": record["finished_at"], "machine": record["machine"],
        "seconds": seconds(study, settings, arm), "asked_seconds": record["seconds"], "results": content_hash(asked),
        "judge": judge(),
    }  # fmt: skip
    curves = {f"{one['stage']} {one['seed']}": one.get("held_out_curve")
              for one in listed(results.summary.get("models"))}  # fmt: skip
    facts = {"identity": identity | {"seeds": settings.seeds}, "sessions": [session],
             "models": models(study, settings, arm), "curves": curves, "said": said}  # fmt: skip
    earlier_rows, earlier = kept(settings.page, [arm], folder)
    if earlier and is_same(earlier[arm]["identity"], identity):
        rows, facts = with_earlier([Row(**row) for row in earlier_rows], earlier[arm], rows, facts)
    # without the time in its head: the same rows are the same file
    write_whole(place / f"{arm}.csv.gz", gzip.compress(table_of(rows).encode(), mtime=0))
    write_json(place / f"{arm}.json", facts)


def with_earlier(earlier_rows: list[Row], earlier: dict, rows: list[Row], mine: dict) -> tuple[list[Row], dict]:
    """(rows, facts) of all sessions, the lowest seed first; of earlier ones without the seeds of mine.

    What another judge has read goes.
    """
    anew = mine["identity"]["seeds"].split()
    same = [one for one in earlier["sessions"] if one.get("judge") == mine["sessions"][0]["judge"]]
    left = [rest for one in same if (rest := without_seeds(one, anew))["seeds"]]
    sessions = sorted(left + mine["sessions"], key=lambda one: int(one["seeds"].split()[0]))
    seeds = sorted({seed for one in sessions for seed in one["seeds"].split()}, key=int)

    def of_all(what: str) -> dict:
        there = of_seeds(earlier[what], seeds) | mine[what]
        return dict(sorted(there.items(), key=lambda pair: int(pair[0].split()[1])))

    rows = [row for row in earlier_rows if str(row.seed) in seeds and str(row.seed) not in anew] + rows
    return sorted(rows, key=lambda row: row.seed), {
        "identity": mine["identity"] | {"seeds": " ".join(seeds)}, "sessions": sessions,
        "models": of_all("models"), "curves": of_all("curves"),
        "said": (mine if seeds[0] in anew else earlier)["said"],
    }  # fmt: skip


def of_seeds(found: dict[str, object], seeds: Collection[str]) -> dict[str, object]:
    """Those of them whose name ends in one of the seeds. Example of a name: "sft 0"."""
    return {name: one for name, one in found.items() if name.split()[1] in seeds}


def without_seeds(session: dict, seeds: Collection[str]) -> dict:
    """The session as one of its other seeds, with their share of its seconds."""
    of_it = session["seeds"].split()
    left = [seed for seed in of_it if seed not in seeds]
    share = len(left) / len(of_it)
    return session | {"seeds": " ".join(left), "seconds": round(share * session["seconds"]),
                      "asked_seconds": round(share * session["asked_seconds"], 1)}  # fmt: skip


def models(study: Study, settings: StudySettings, arm: str) -> dict[str, list[str]]:
    """model and seed -> hash of its content, and of the models that it started from."""
    found = {}
    for stage, seed, folder in folders(study, settings, arm):
        if STAGES[stage].model == "causal":
            inputs = read_json(folder / RECORD)["identity"]["inputs"]
            parents = [inputs[one] for one in ("base", "sft") if one in inputs]
            found[f"{stage} {seed}"] = [content_hash(folder), *parents]
    return found


def seconds(study: Study, settings: StudySettings, arm: str) -> int:
    """What its own stages took, over all seeds."""
    return round(sum(read_json(one / RECORD)["seconds"] for _, _, one in folders(study, settings, arm)))


def folders(study: Study, settings: StudySettings, arm: str) -> list[tuple[str, str, Path]]:
    """(stage, seed, folder) of what it has made; what has no seed stands there once."""
    run, seeds = study.run_of(arm, settings), settings.seeds.split()
    every = [(stage, seed, folder_of(stage, run, seed, settings.workspace)) for stage in study.makes(arm)
             for seed in (seeds if STAGES[stage].has_seed else seeds[:1])]  # fmt: skip
    return [one for one in every if (one[2] / RECORD).is_file()]


def kept(page: str, arms: Sequence[str], folder: Path = PAGES) -> tuple[list[dict], dict[str, dict]]:
    """(rows of all arms, what is known of each)."""
    there = [arm for arm in arms if (folder / page / f"{arm}.json").is_file()]
    rows = [row for arm in there for row in read_rows(folder / page / f"{arm}.csv.gz")]
    return rows, {arm: read_json(folder / page / f"{arm}.json") for arm in there}


def of_common_seeds(rows: list[dict], facts: dict[str, dict]) -> tuple[list[dict], dict[str, dict]]:
    """The same of those seeds alone that every arm has: a column of others would be held against other trainings.

    Raises UserError where there are none.
    """
    seeds = [set(one["identity"]["seeds"].split()) for one in facts.values()]
    common = sorted(set.intersection(*seeds), key=int) if seeds else []
    if seeds and not common:
        told = ", ".join(f"{arm} ({one['identity']['seeds']})" for arm, one in facts.items())
        raise UserError(f"no seed is kept of all arms: {told}; ask them with the same SEEDS")
    cut = {arm: one | {
        "identity": one["identity"] | {"seeds": " ".join(common)},
        "models": of_seeds(one["models"], common), "curves": of_seeds(one["curves"], common),
    } for arm, one in facts.items()}  # fmt: skip
    return [row for row in rows if str(row["seed"]) in common], cut


def has_learnt_nothing(study: Study, facts: dict[str, dict], arm: str) -> bool:
    """Whether each of its last models is, bit for bit, what it started from."""
    mine = [found for name, found in facts[arm]["models"].items() if name.split()[0] == study.model_of(arm)]
    return bool(mine) and all(found[0] in found[1:] for found in mine)


def starts_elsewhere(study: Study, facts: dict[str, dict], arm: str) -> bool:
    """Whether it started from a twin of its lender's models: made by the same settings, in another training."""
    lenders = {one for one in study.lineage(arm) if one != arm and one in facts}
    lent = {found[0] for one in lenders for found in facts[one]["models"].values()}
    own = {found[0] for found in facts[arm]["models"].values()}
    return bool(lent) and not all(set(found[1:]) <= lent | own for found in facts[arm]["models"].values())
