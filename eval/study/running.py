"""A study, carried out: its stages as ordinary commands, then one comparison of all its arms.

A stage that is up to date does not run again and an interrupted one continues, because the commands are those that a
user types. So an interrupted study continues as well.
"""

import json
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from configs import ROOT
from configs.pipeline.errors import fail
from configs.pipeline.settings import identity_of, read_settings
from configs.pipeline.stage import RECORD, Stage, content_hash, read_json
from configs.pipeline.stages import folder_of
from eval.compare import compare
from eval.entries import find_data, find_models
from eval.page.words import plural
from eval.settings import CompareSettings, StudySettings
from eval.study.plan import OF_AN_ARM, Step, Study, stage_flags, steps


def train(study: Study, settings: StudySettings) -> None:
    """Run every stage; stop at the first that fails, which has then said why."""
    every = list(steps(study, settings))
    for number, step in enumerate(every, start=1):
        print(f"[{number}/{len(every)}] {step.arm}: {step.stage}", flush=True)
        if code := run(step):
            command = shlex.join(["python", "-m", *step.command])
            fail(
                f"study {settings.name}, arm {step.arm}: {step.stage} stopped (exit code {code}) and said why above; "
                f"once that is mended, the study continues from here.\n  {command}",
                code=code if code > 0 else 128 - code,
            )


def tell_plan(study: Study, settings: StudySettings) -> None:
    """Print what will be run for each arm, what differs in it, and how long that took in the ordinary run."""
    seeds, total = settings.seeds.split(), 0.0
    for arm, told in described(study, settings)["arms"].items():
        known = [took(stage, settings) for stage in study.stages(arm)]
        each = sum(seconds or 0 for seconds in known) * len(seeds)
        total += each
        changes = "; ".join(f"{stage}: {', '.join(f'{key} {value}' for key, value in fields.items()) or 'as it is'}"
                            for stage, fields in told["changes"].items())  # fmt: skip
        about = f"about {each / 60:.0f} min" if any(known) else "nobody knows how long"
        print(f"  {arm}: {', '.join(study.stages(arm)) or 'nothing'} ({about}){f'; {changes}' if changes else ''}")
    print(f"  {plural(len(study.arms), 'arm')}, {plural(len(seeds), 'seed')}: about {total / 60:.0f} min of training "
          "by what the ordinary run took, less what is finished; then the comparison\n", flush=True)  # fmt: skip


def took(stage: str, settings: StudySettings) -> float | None:
    """Seconds of a stage in the ordinary run; None if it has none."""
    record = folder_of(OF_AN_ARM[stage], settings.run, settings.seeds.split()[0], settings.workspace) / RECORD
    return read_json(record)["seconds"] if record.is_file() else None


def run(step: Step) -> int:
    """The exit code of one command, run from the root of the repository."""
    process = subprocess.Popen([sys.executable, "-m", *step.command], cwd=ROOT)
    with left_to(process):
        return process.wait()


@contextmanager
def left_to(process: subprocess.Popen) -> Iterator[None]:
    """Signals are for the stage, which saves and leaves. Ctrl-C reaches it by itself, SIGTERM is passed on."""
    handlers = {signal.SIGINT: lambda *_: None, signal.SIGTERM: lambda number, _: process.send_signal(number)}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def compare_arms(study: Study, settings: StudySettings) -> Path:
    """One comparison of all models of all arms, under the names of the arms. The folder of its results."""
    arms = {study.run_of(arm, settings): arm for arm in study.arms}
    asked, _ = read_settings([CompareSettings], argv=[
        *stage_flags(settings.size, "compare", study.compare), "--run", next(iter(arms)), "--runs", " ".join(arms),
        "--seeds", settings.seeds, "--workspace", settings.workspace,
    ])  # fmt: skip
    entries = [replace(entry, name=f"{arms[entry.run]}/{entry.stage}") for entry in find_models(asked)
               if study.makes(arms[entry.run], entry.stage)]  # fmt: skip
    data = find_data(asked)
    inputs = {f"{e.run}/seed{e.seed}/{e.stage}": content_hash(e.folder) for e in entries}
    inputs |= {name: content_hash(folder) for name, folder in data.items()}
    identity = identity_of(asked) | {"study": described(study, settings)}
    stage = Stage("comparison", settings.results, identity, inputs, settings.force)
    # made from the arms and the study's file alone, so an outdated one is replaced without being asked
    stage.force = stage.force or is_outdated(stage)
    if stage.is_finished():
        return settings.results
    with stage.writing() as folder:
        compare(asked, entries, data, folder, {"run": f"study {settings.name}", "study": identity["study"]})
        stage.record()
    return settings.results


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
