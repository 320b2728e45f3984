"""A study's file, checked before anything is trained; and what has to be run for it.

    title: Controls beside the claims
    arms:
      as-is:                                  # the first arm: unchanged, it is the ordinary run
      truthful:
        corpus: {careless_share: 0.0}         # its own text, therefore its own tokenizer, base and tuning
      plain-lm:
        sft: {objective: plain_lm}            # only its own tuning, of the base of the arm above
    checks: [...]                             # see checks.py

An arm is its parent (the first arm, unless it names another above it) with some settings of some stages changed.
What takes long is shared: an arm that changes nothing before the tuning starts from the base of its parent. What
takes seconds is written again where it is needed: an arm that trains a base has text, tokenizer and pairs of its own.
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path

import yaml

from configs import ROOT
from configs.pipeline.errors import UserError
from configs.pipeline.settings import StrictLoader, flag, read_settings
from configs.pipeline.stages import SFT_ARGUMENTS, TRAINING_ARGUMENTS
from data.settings import CorpusSettings, PairsSettings, TokenizerSettings
from data.synthetic.config import Config
from eval.settings import CompareSettings, StudySettings
from eval.study.checks import Check
from train.settings import PretrainSettings, SftSettings

STUDIES = ROOT / "configs" / "studies"


@dataclass(frozen=True)
class Kind:
    """A stage: its module, what its settings are, and whether it is repeated for every seed."""

    module: str
    settings: list
    trainer: str = ""
    seeded: bool = False


STAGES = {
    "corpus": Kind("data.corpus", [CorpusSettings, Config]),
    "tokenizer": Kind("data.tokenizer", [TokenizerSettings]),
    "pretrain": Kind("train.pretrain", [PretrainSettings], TRAINING_ARGUMENTS, seeded=True),
    "pairs": Kind("data.pairs", [PairsSettings]),
    "sft": Kind("train.sft", [SftSettings], SFT_ARGUMENTS, seeded=True),
}
MAKES_A_BASE = ("corpus", "tokenizer", "pretrain")
CHOSEN_HERE = ("run", "workspace", "force", "seed", "base", "parent_run")  # places, which the study decides


@dataclass(frozen=True)
class Arm:
    name: str
    title: str
    parent: "Arm | None"
    changes: dict[str, dict]
    # stage -> field -> value

    def settings(self, stage: str) -> dict:
        """What differs from the size's own configuration of a stage, the changes of its parents included."""
        return (self.parent.settings(stage) if self.parent else {}) | self.changes.get(stage, {})

    @property
    def trains_a_base(self) -> bool:
        return self.parent is None or any(stage in self.changes for stage in MAKES_A_BASE)

    @property
    def home_of_base(self) -> "Arm":
        """The arm whose base model it starts from."""
        return self if self.trains_a_base else self.parent.home_of_base

    @property
    def stages(self) -> list[str]:
        """What has to be run for it."""
        if self.trains_a_base:
            return list(STAGES)
        has_own_pairs = self.settings("pairs") != self.home_of_base.settings("pairs")
        return ["pairs", "sft"] if has_own_pairs else ["sft"]


@dataclass(frozen=True)
class Study:
    name: str
    title: str
    about: str
    arms: dict[str, Arm]
    checks: list[Check]
    compare: dict = field(default_factory=dict)
    # settings of the comparison

    def run_of(self, arm: Arm, ordinary: str) -> str:
        """The run of an arm; the unchanged first one is the ordinary run."""
        return ordinary if arm.parent is None and not arm.changes else f"study-{self.name}-{arm.name}"


@dataclass(frozen=True)
class Step:
    """One command to run."""

    arm: str
    stage: str
    command: list[str]
    # module and its flags, as after `python -m`


def steps(study: Study, settings: StudySettings) -> Iterator[Step]:
    """Every stage of every arm, parents before those that start from them."""
    for arm in study.arms.values():
        run, home = (study.run_of(each, settings.run) for each in (arm, arm.home_of_base))
        forced = ["--force", "true"] if settings.force and run != settings.run else []
        for stage in arm.stages:
            kind, lent = STAGES[stage], ["--parent_run", home] if stage == "sft" else []
            for seed in settings.seeds.split() if kind.seeded else [""]:
                flags = [*stage_flags(settings.size, stage, arm.settings(stage)), *lent, *forced]
                flags += ["--run", run, "--workspace", settings.workspace, *(["--seed", seed] if seed else [])]
                yield Step(arm.name, stage, [kind.module, *flags])


def stage_flags(size: str, stage: str, changes: dict, source: str = "") -> list[str]:
    config = ROOT / "configs" / size / f"{stage}.yaml"
    return ["--config", str(config), *(part for key, value in changes.items() for part in flag(source, key, value))]


# --- reading


def read_study(settings: StudySettings, folder: Path = STUDIES) -> Study:
    """The study of that name. Raises UserError for whatever would stop it later."""
    path, there = folder / f"{settings.name}.yaml", sorted(one.stem for one in folder.glob("*.yaml"))
    if settings.name not in there:
        raise UserError(f"name: no study {settings.name!r} in {folder}; choose one with NAME=: {', '.join(there)}")
    if not (ROOT / "configs" / settings.size).is_dir():
        raise UserError(f"size: there is no configs/{settings.size}")
    values = mapping(load(path), f"{path}")
    known(values, ("title", "about", "arms", "checks", "compare"), f"{path}")
    arms = read_arms(mapping(values.get("arms"), f"{path}: arms"), f"{path}")
    compare = mapping(values.get("compare"), f"{path}: compare")
    study = Study(
        settings.name, str(values.get("title", settings.name)), str(values.get("about", "")), arms,
        read_checks(values.get("checks") or [], arms, f"{path}"), compare,
    )  # fmt: skip
    try_settings(study, settings, f"{path}")
    return study


def load(path: Path) -> object:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=StrictLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"{path}: not a study that can be read: {' '.join(str(error).split())}") from None


def read_arms(values: dict, where: str) -> dict[str, Arm]:
    arms: dict[str, Arm] = {}
    if not values:
        raise UserError(f"{where}: no arm stands under `arms:`")
    for name, parts in values.items():
        here = f"{where}: arm {name}"
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,31}", str(name)):
            raise UserError(f"{here}: a name is of letters, digits and dashes, at most 32 of them")
        parts = dict(mapping(parts, here))
        known(parts, ("title", "parent", *STAGES), here)
        parent = arms[one_of(parts.pop("parent"), arms, here, "parent")] if "parent" in parts else None
        title = str(parts.pop("title", name))
        changes = {stage: mapping(changed, f"{here}, {stage}") for stage, changed in parts.items()}
        if arms and not any(changes.values()):
            raise UserError(f"{here}: it changes no stage; name one of {', '.join(STAGES)} and what differs there")
        arms[name] = Arm(name, title, parent or next(iter(arms.values()), None), changes)
    return arms


def read_checks(values: list, arms: dict, where: str) -> list[Check]:
    """Each check complete, about arms that exist, with exactly one bound."""
    found, names = [], [one.name for one in fields(Check)]
    needed = [one.name for one in fields(Check) if one.default is MISSING and one.default_factory is MISSING]
    for number, value in enumerate(values, start=1):
        here = f"{where}: check {number}"
        value = mapping(value, here)
        known(value, names, here)
        if missing := [name for name in [*needed, "arm"] if name not in value]:
            raise UserError(f"{here}: {', '.join(missing)} is missing")
        known(mapping(value.get("than"), f"{here}, than"), ("arm", "model", "form", "items"), f"{here}, than")
        for arm in filter(None, (value["arm"], mapping(value.get("than"), here).get("arm"))):
            one_of(arm, arms, here, "arm")
        bounds = [value[name] for name in ("above", "below") if name in value]
        if len(bounds) != 1 or isinstance(bounds[0], bool) or not isinstance(bounds[0], int | float):
            raise UserError(f"{here}: give one number, `above` or `below`")
        found.append(Check(**value))
    return found


def try_settings(study: Study, settings: StudySettings, where: str) -> None:
    """Hand every change to the reader of its stage's settings, which knows fields, types and ranges."""
    every = [(f"{where}: arm {arm.name}, {stage}", stage, arm.changes[stage])
             for arm in study.arms.values() for stage in STAGES if stage in arm.changes]  # fmt: skip
    for here, stage, changes in [*every, (f"{where}: compare", "compare", study.compare)]:
        kind = STAGES.get(stage) or Kind("eval.compare", [CompareSettings])
        if taken := [name for name in changes if name in CHOSEN_HERE]:
            raise UserError(f"{here}: {taken[0]} is chosen by the study itself")
        try:
            read_settings(kind.settings, kind.trainer, stage_flags(settings.size, stage, changes, here))
        except UserError as error:
            raise UserError(re.sub(r"^(command line|\S+\.yaml)(?=:)", here, str(error))) from None


def mapping(value: object, where: str) -> dict:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UserError(f"{where}: expected lines of the form `key: value`")
    return value


def known(values: dict, names, where: str) -> None:
    for name in values:
        one_of(name, names, where, "key")


def one_of(name: object, names, where: str, what: str) -> object:
    """The name itself, if it is one of the names; else the nearest is offered."""
    if name in names:
        return name
    near = difflib.get_close_matches(str(name), [str(one) for one in names], n=1, cutoff=0.5)
    remedy = f"did you mean {near[0]}?" if near else f"there are: {', '.join(map(str, names)) or '(none above it)'}"
    raise UserError(f"{where}: unknown {what} {name}; {remedy}")
