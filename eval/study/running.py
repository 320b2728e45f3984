"""A study, carried out: the stages of each arm as ordinary commands, then its questions; at last all arms together.

A stage that is up to date does not run again and an interrupted one continues, because the commands are those that a
user types. So an interrupted study continues as well, and arms may be carried out elsewhere.
"""

import json
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from itertools import groupby
from pathlib import Path

from configs import ROOT
from configs.pipeline.children import all_gpus, run_child
from configs.pipeline.errors import fail
from configs.pipeline.files import write_json
from configs.pipeline.settings import identity_of
from configs.pipeline.stage import RECORD, Stage, content_hash, read_json
from configs.pipeline.stages import folder_of
from eval.compare import ask, conclude, inputs_of
from eval.entries import find_data, find_models
from eval.page.words import plural
from eval.settings import StudySettings
from eval.study.arms import Resolved, differences
from eval.study.kept import compare_settings
from eval.study.plan import OF_AN_ARM, Study, steps


def carry_out(
    study: Study, settings: StudySettings, arms: Sequence[str], then: Callable[[str], None] = lambda arm: None
) -> None:
    """Train these arms and ask each as soon as it is trained; stop at the first stage that fails and has said why.

    then: called with each arm that has been asked.
    """
    every = list(enumerate(steps(study, settings, arms), start=1))
    for arm, some in groupby(every, key=lambda numbered: numbered[1].arm):
        for number, step in some:
            print(f"[{number}/{len(every)}] {step.arm}: {step.stage}", flush=True)
            if code := run_child([sys.executable, "-m", *step.command]):
                command = shlex.join(["python", "-m", *step.command])
                is_own = study.run_of(arm, settings) != settings.run
                anew = f" (an arm that was edited is made anew by ARM={arm} FORCE=1)" if is_own else ""
                fail(
                    f"study {settings.name}, arm {step.arm}: {step.stage} stopped (exit code {code}) and said why "
                    f"above; once that is mended, the study continues from here{anew}.\n  {command}",
                    code=code if code > 0 else 128 - code,
                )
        if arm in arms:
            print(f"[{number}/{len(every)}] {arm}: its questions", flush=True)
            ask_arm(study, settings, arm)
            then(arm)


def hand_out(study: Study, settings: StudySettings, arms: Sequence[str]) -> None:
    """Give the arms to the program LAUNCH_ARMS, a command a line on its input; those that lend go first.

    What all are held against, text and pairs of the first, is written here before.
    """
    carry_out(study, settings, [])
    same = [part for name in ("size", "run", "seeds", "workspace", "report_to") if getattr(settings, name)
            for part in (f"--{name}", getattr(settings, name))]  # fmt: skip
    for wave in waves(study, arms):
        print(f"handing out: {', '.join(wave)}", flush=True)
        lines = [shlex.join([sys.executable, "-m", "eval.study", "--name", settings.name, "--arm", arm, *same,
                             *(["--publish", "true"] if settings.publish and arm in arms else [])])
                 for arm in wave]  # fmt: skip
        try:
            done = subprocess.run(
                shlex.split(settings.launch_arms), input="\n".join(lines) + "\n", text=True, cwd=ROOT, env=all_gpus()
            )
        except OSError as error:
            fail(f"launch_arms: {settings.launch_arms}: {error.strerror}")
        if done.returncode:
            fail(f"launch_arms: {settings.launch_arms} ended with exit code {done.returncode}; what stopped said why "
                 "above, what is finished is kept, and the same command continues")  # fmt: skip


def waves(study: Study, arms: Sequence[str]) -> list[list[str]]:
    """Arms that can be made at the same time, each wave after those that it starts from."""
    needed = [arm for arm in study.arms if any(arm in study.lineage(one) for one in arms)]
    depths = {arm: len(study.lineage(arm)) for arm in needed}
    return [[arm for arm in needed if depths[arm] == depth] for depth in sorted(set(depths.values()))]


def tell_plan(
    study: Study, settings: StudySettings, found: dict[str, Resolved], missing: dict[str, list[str]]
) -> None:
    """Print what will be run for each arm, what differs in it, and how long that took in the ordinary run."""
    seeds, total, first = settings.seeds.split(), 0.0, next(iter(found.values()))
    for arm, mine in found.items():
        known = [took(stage, settings) for stage in study.stages(arm)]
        each = sum(seconds or 0 for seconds in known) * len(missing[arm])
        total += each
        told = f"about {each / 60:.0f} min" if any(known) else "nobody knows how long"
        if 0 < len(missing[arm]) < len(seeds):
            told += f", seed {' and '.join(missing[arm])} alone"
        changes = differences(first, mine)
        print(f"  {arm}: {', '.join(study.stages(arm)) or 'nothing'} ({told if missing[arm] else 'done'})"
              f"{f'; {changes}' if changes else ''}")  # fmt: skip
    print(f"  {plural(len(study.arms), 'arm')}, {plural(len(seeds), 'seed')}: about {total / 60:.0f} min of training "
          "by what the ordinary run took, less what is finished; then the questions\n", flush=True)  # fmt: skip


def took(stage: str, settings: StudySettings) -> float | None:
    """Seconds of a stage in the ordinary run, of whichever seed; None if it has none."""
    for seed in (*settings.seeds.split(), "0", "1", "2"):
        if (record := folder_of(OF_AN_ARM[stage], settings.run, seed, settings.workspace) / RECORD).is_file():
            return read_json(record)["seconds"]
    return None


def ask_arm(study: Study, settings: StudySettings, arm: str) -> None:
    """Ask the models that it makes, under its name, into a folder of its own."""
    lineage = {study.run_of(one, settings): one for one in study.lineage(arm)}
    asked = compare_settings(study, settings, list(lineage))
    entries = [replace(entry, name=f"{arm}/{entry.stage}") for entry in find_models(asked)
               if lineage[entry.run] == arm and entry.stage in study.makes(arm)]  # fmt: skip
    data = find_data(asked)
    inputs = inputs_of(asked, entries, data)
    stage = Stage("comparison", settings.results_of(arm), identity_of(asked), inputs, settings.force)
    with written_anew(stage) as folder:
        if folder:
            ask(asked, entries, data, folder)


def join(study: Study, settings: StudySettings, arms: Sequence[str]) -> Path:
    """One report of all arms that were asked here. The folder of its results."""
    parts = [settings.results_of(arm) for arm in arms]
    told, inputs = described(study, settings), {arm: content_hash(part) for arm, part in zip(arms, parts, strict=True)}
    stage = Stage("comparison", settings.results, {"study": told}, inputs, settings.force)
    with written_anew(stage) as folder:
        if folder:
            heads, tables = zip(*((part / "results.csv").read_bytes().split(b"\n", 1) for part in parts), strict=True)
            (folder / "results.csv").write_bytes(heads[0] + b"\n" + b"".join(tables))
            said = b"".join((part / "transcripts.jsonl").read_bytes() for part in parts)
            (folder / "transcripts.jsonl").write_bytes(said)
            summaries = [read_json(part / "summary.json") for part in parts]
            models = [model for summary in summaries for model in summary["models"]]
            whole = summaries[0] | {"models": models, "run": f"study {settings.name}", "study": told}
            write_json(folder / "summary.json", whole)
            conclude(folder, workers=0)
    return settings.results


@contextmanager
def written_anew(stage: Stage) -> Iterator[Path | None]:
    """The folder to write the stage into; None where it is up to date.

    It is made from the arms and the study's file alone, so an outdated one is replaced without being asked.
    """
    stage.force = stage.force or is_outdated(stage)
    if stage.is_finished():
        yield None
        return
    with stage.writing() as folder:
        yield folder
        stage.record()


def is_outdated(stage: Stage) -> bool:
    record = stage.folder / RECORD
    return record.is_file() and bool(stage.difference(read_json(record).get("identity", {})))


def described(study: Study, settings: StudySettings) -> dict:
    """The study in plain values, for the report."""
    arms = {
        name: {
            "title": arm.title or name,
            "run": study.run_of(name, settings),
            "base_of": study.home_of_base(name),
            "changes": {stage: changes for stage in study.stages(name)
                        if (changes := study.settings(name, stage)) or stage in study.own(name)},
        }
        for name, arm in study.arms.items()
    }
    checks = [{key: value for key, value in asdict(check).items() if value not in ("", {}, None)}
              for check in study.checks]  # fmt: skip
    told = {"name": settings.name, "title": study.title or settings.name, "about": study.about}
    return json.loads(json.dumps(told | {"arms": arms, "checks": checks}))
