"""A study's file, checked before anything is trained; and what has to be run for it.

    title: Controls beside the claims
    arms:
      as-is:                                  # the first arm: unchanged, it is the ordinary run
      truthful:
        corpus: {careless_share: 0.0}         # its own text, therefore its own tokenizer, base and tuning
      plain-lm:
        sft: {objective: plain_lm}            # only its own tuning, of the base of the arm above
      dpo:
        dpo: {}                               # what comes after tuning, of the tuned model of the arm above
    checks: [...]                             # see checks.py

An arm is its parent (the first arm, unless it names another above it) with some settings of some stages changed, and is
held against it (or against the arm that it names as `than`).
What takes long is shared: an arm that changes nothing before the tuning starts from the base of its parent, one that
only learns from feedback from its tuned model. What takes seconds is written again where it is needed: an arm that
trains a base has text, tokenizer and pairs of its own. A stage of feedback is run in the arms that name it.
"""

import difflib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, BeforeValidator, StringConstraints, ValidationError, create_model, model_validator

from configs import ROOT
from configs.pipeline.errors import UserError
from configs.pipeline.settings import StrictLoader, flag, read_settings
from configs.pipeline.stages import STAGES, config_of, settings_of
from configs.pipeline.trainer_fields import check_trainer_flags
from eval.results import COLUMNS
from eval.settings import StudySettings
from eval.study.checks import AS_WRITTEN, OR_EMPTY, Check, Than

STUDIES = ROOT / "configs" / "studies"
# the stages of an arm, as their files in configs/ are called -> as the registry calls them
OF_AN_ARM = {config_of(stage): stage for stage, spec in STAGES.items() if spec.home != "results"}
MAKES_A_BASE = {"corpus", "tokenizer", "pretrain"}
DATA = {"corpus", "tokenizer", "pairs"}
# what comes after tuning, and can start from the tuned model of another run
FEEDBACK = {name for name, stage in OF_AN_ARM.items()
            if "sft" in STAGES[stage].reads and hasattr(settings_of(stage)[0], "parent_run")}  # fmt: skip
WITHOUT_ANSWERS = {name for name in FEEDBACK if STAGES[OF_AN_ARM[name]].model != "causal"}
CHOSEN_HERE = "run runs workspace force seed seeds launch base tuned parent_run".split()  # places: the study decides

Changes = Annotated[dict[str, object], OR_EMPTY]  # field -> value
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,31}$")]
Arm = create_model(
    "Arm", __config__=AS_WRITTEN, **dict.fromkeys(("title", "parent", "than"), (str, "")),
    **dict.fromkeys(OF_AN_ARM, (Changes, {})),
)


class Study(BaseModel):
    """The file. An arm is known by its name; the first has no parent, "" as a name."""

    model_config = AS_WRITTEN
    title: str = ""
    about: str = ""
    arms: Annotated[dict[Name, Annotated[Arm, OR_EMPTY]], OR_EMPTY] = {}
    checks: Annotated[list[Check], BeforeValidator(lambda value: value or [])] = []
    compare: Changes = {}  # settings of the comparison

    @model_validator(mode="after")
    def is_whole(self) -> Self:
        """Parents stand above their arms, arms differ, checks are about arms."""
        names = list(self.arms)
        if not names:
            raise ValueError("no arm stands under `arms:`")
        for place, name in enumerate(names):
            for key in ("parent", "than"):
                if other := getattr(self.arms[name], key):
                    one_of(other, names[:place], f"arm {name}: unknown {key}")
            if place and not any(changes or stage in FEEDBACK for stage, changes in self.own(name).items()):
                stages = ", ".join(OF_AN_ARM)
                raise ValueError(f"arm {name}: it changes no stage; name one of {stages} and what differs there")
            if place and self.own(name) and self.own(name).keys() <= WITHOUT_ANSWERS:
                raise ValueError(f"arm {name}: it makes no model that answers; name dpo, rl or rl-learnt as well")
            if self.settings(name, "rl").get("reward") == "learnt":
                raise ValueError(f"arm {name}, rl: with a learnt reward its stage is called rl-learnt")
        for number, check in enumerate(self.checks, start=1):
            if not check.arm:
                raise ValueError(f"check {number}: arm is missing")
            for name in (check.arm, check.than.get("arm", check.arm)):
                one_of(name, names, f"check {number}: unknown arm")
        return self

    def own(self, arm: str) -> dict[str, dict]:
        """What an arm changes itself: stage -> field -> value."""
        return self.arms[arm].model_dump(include=set(OF_AN_ARM), exclude_unset=True)

    def parent_of(self, arm: str) -> str:
        first = next(iter(self.arms))
        return "" if arm == first else self.arms[arm].parent or first

    def held_against(self, arm: str) -> str:
        return self.arms[arm].than or self.parent_of(arm)

    def settings(self, arm: str, stage: str) -> dict:
        """What differs from the size's own configuration of a stage, the changes of its parents included."""
        return self.settings(self.parent_of(arm), stage) | self.own(arm).get(stage, {}) if arm else {}

    def home_of_base(self, arm: str) -> str:
        """The arm whose base model it starts from."""
        parent = self.parent_of(arm)
        return self.home_of_base(parent) if parent and not MAKES_A_BASE & self.own(arm).keys() else arm

    def home_of_tuning(self, arm: str) -> str:
        """The arm whose tuned model it has: its own, unless it only names stages of feedback."""
        parent = self.parent_of(arm)
        return self.home_of_tuning(parent) if parent and self.own(arm).keys() <= FEEDBACK else arm

    def lender(self, arm: str) -> str:
        """The arm whose models and data it starts from, where it has none of its own."""
        tuned = self.home_of_tuning(arm)
        return self.home_of_base(arm) if tuned == arm else tuned

    def lineage(self, arm: str) -> list[str]:
        """The arms whose models it starts from, the farthest first, and itself."""
        lender = self.lender(arm)
        return [arm] if lender == arm else [*self.lineage(lender), arm]

    def stages(self, arm: str) -> list[str]:
        """What has to be run for it."""
        home, tuned = self.home_of_base(arm), self.home_of_tuning(arm)
        wanted = self.feedback(arm)
        if tuned == arm:
            has_own_pairs = self.settings(arm, "pairs") != self.settings(home, "pairs")
            tunings = {stage for name in self.arms for stage in self.own(name)} - MAKES_A_BASE - FEEDBACK - {"pairs"}
            wanted |= {"sft"} | tunings
            wanted |= MAKES_A_BASE | {"pairs"} if home == arm else {"pairs"} if has_own_pairs else set()
        elif "pairs" not in self.stages(tuned):  # who lends the tuned model has none to lend
            wanted |= {"pairs"}
        return [name for name in OF_AN_ARM if name in wanted]

    def feedback(self, arm: str) -> set[str]:
        """The stages after tuning that it names, with those that they read, unless it is lent them."""
        tuned, named = self.home_of_tuning(arm), self.own(arm).keys() & FEEDBACK
        lent = self.feedback(tuned) if tuned != arm else set()
        return with_what_they_read(named) - (lent - named)

    def makes(self, arm: str) -> list[str]:
        """The stages, as the registry calls them, whose results are of this arm; its run may happen to hold others."""
        lora = self.settings(arm, "sft").get("weights") == "lora"
        return ["sft-lora" if stage == "sft" and lora else OF_AN_ARM[stage] for stage in self.stages(arm)]

    def model_of(self, arm: str) -> str:
        """What an arm is about: the model that is made last in it. Example: "dpo", "sft"."""
        return ([stage for stage in self.makes(arm) if STAGES[stage].model == "causal"] or ["sft"])[-1]

    def run_of(self, arm: str, settings: StudySettings) -> str:
        """The run of an arm; the unchanged first one is the ordinary run."""
        is_ordinary = not self.parent_of(arm) and not any(self.own(arm).values())
        return settings.run if is_ordinary else f"study-{settings.page}-{arm}"


@dataclass(frozen=True)
class Step:
    """One command to run."""

    arm: str
    stage: str
    command: list[str]  # module and its flags, as after `python -m`


def steps(study: Study, settings: StudySettings, arms: Collection[str] | None = None) -> Iterator[Step]:
    """Every stage of the arms (default: all) and of those that they start from; models once for every seed.

    Text and pairs of the first arm are written in any case: all arms are held against them.
    """
    needed = {one for arm in (study.arms if arms is None else arms) for one in study.lineage(arm)}
    for arm in study.arms:
        run, home = (study.run_of(each, settings) for each in (arm, study.lender(arm)))
        is_asked = arms is None or arm in arms
        forced = ["--force", "true"] if settings.force and is_asked and run != settings.run else []
        of_all = DATA if arm == next(iter(study.arms)) else set()
        for stage in (one for one in study.stages(arm) if arm in needed or one in of_all):
            spec, can_borrow = STAGES[OF_AN_ARM[stage]], hasattr(settings_of(OF_AN_ARM[stage])[0], "parent_run")
            lent = ["--parent_run", home] if can_borrow else []
            lent += ["--report_to", *settings.report_to.split()] if settings.report_to and spec.trainer else []
            for seed in settings.seeds.split() if spec.has_seed else [""]:
                flags = [*stage_flags(settings.size, stage, study.settings(arm, stage)), *lent, *forced]
                flags += ["--run", run, "--workspace", settings.workspace, *(["--seed", seed] if seed else [])]
                yield Step(arm, stage, [spec.module, *flags])


def with_what_they_read(stages: set[str]) -> set[str]:
    """Stages of feedback, and those that they need. Example: with_what_they_read({"dpo"}) == {"preferences", "dpo"}."""
    reads = {(stage, config_of(read)) for stage in stages for read in STAGES[OF_AN_ARM[stage]].reads}
    reads.discard(("rl", "reward"))  # it may read one, and by checks it does not
    more = {read for _, read in reads} & FEEDBACK - stages
    return with_what_they_read(stages | more) if more else stages


def stage_flags(size: str, stage: str, changes: dict, source: str = "") -> list[str]:
    config = ROOT / "configs" / size / f"{stage}.yaml"
    own = ["--config", str(config)] if config.is_file() else []  # a stage that somebody adds may do without
    return [*own, *(part for key, value in changes.items() for part in flag(source, key, value))]


# --- reading


def read_study(settings: StudySettings, folder: Path = STUDIES) -> Study:
    """The study of that name. Raises UserError for whatever would stop it later."""
    path, there = folder / f"{settings.name}.yaml", sorted(one.stem for one in folder.glob("*.yaml"))
    if settings.name not in there:
        raise UserError(f"name: no study {settings.name!r} in {folder}; choose one with NAME=: {', '.join(there)}")
    if not (ROOT / "configs" / settings.size).is_dir():
        raise UserError(f"size: there is no configs/{settings.size}")
    try:
        study = Study.model_validate(yaml.load(path.read_text(encoding="utf-8"), Loader=StrictLoader) or {})
    except ValidationError as error:
        raise UserError(f"{path}: {told(error)}") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"{path}: not a study that can be read: {' '.join(str(error).split())}") from None
    try_settings(study, settings, f"{path}")
    return study


def told(error: ValidationError) -> str:
    """The first mistake in one line: where it stands, what it is and what to do."""
    loc, kind, message = (error.errors()[0][key] for key in ("loc", "type", "msg"))
    *place, key = [part for part in loc if part != "[key]"] or [""]
    if kind == "string_pattern_mismatch":
        return f"arm {key}: a name is of letters, digits and dashes, at most 32 of them"
    if kind in ("extra_forbidden", "unexpected_keyword_argument") or "[key]" in loc:
        return unknown(key, keys_at(place), f"{where(*place)}unknown key")
    if kind.startswith("missing"):
        return f"{where(*place)}{key} is missing"
    if kind.startswith(("dict_type", "model_type", "dataclass_type")):
        message = "expected lines of the form `key: value`"
    return f"{where(*place, key)}{message.removeprefix('Value error, ')}"


def where(*place: str | int) -> str:
    """Example: where("checks", 0, "than") == "check 1, than: "; where("arms") == "arms: "."""
    parts = [str(part + 1) if isinstance(part, int) else part for part in place if part != ""]
    if len(parts) > 1 and parts[0] in ("arms", "checks"):
        parts[:2] = [f"{parts[0].removesuffix('s')} {parts[1]}"]
    return f"{', '.join(parts)}: " if parts else ""


def keys_at(place: Sequence[str | int]) -> Collection[str]:
    """What may stand there."""
    if place[:1] == ["checks"]:
        return COLUMNS if "items" in place else Than.__annotations__ if "than" in place else Check.__annotations__
    return (Arm if place[:1] == ["arms"] else Study).model_fields


def try_settings(study: Study, settings: StudySettings, path: str) -> None:
    """Hand every change to the reader of its stage's settings, which knows fields, types and ranges."""
    every = [(f"{path}: arm {arm}, {stage}", stage, changes)
             for arm in study.arms for stage, changes in study.own(arm).items()]  # fmt: skip
    for here, stage, changes in [*every, (f"{path}: compare", "compare", study.compare)]:
        name = OF_AN_ARM.get(stage, "comparison")
        spec, kinds = STAGES[name], settings_of(name)
        if taken := [name for name in changes if name in CHOSEN_HERE]:
            raise UserError(f"{here}: {taken[0]} is chosen by the study itself")
        try:
            flags = stage_flags(settings.size, stage, changes, here)
            read_settings(kinds, spec.trainer, flags, spec.reserved)
            ours = {one.name for kind in kinds for one in fields(kind)}
            if spec.trainer and not ours >= changes.keys():  # looking at the trainer's takes importing torch
                check_trainer_flags(spec.trainer, flags[2:], ours, here)
        except UserError as error:
            said = re.sub(r"^(command line|\S+\.yaml): ", "", str(error)).removeprefix(f"{here}: ")
            raise UserError(f"{here}: {said}") from None


def one_of(name: str, names: Collection[str], what: str) -> None:
    if name not in names:
        raise ValueError(unknown(name, names, what))


def unknown(name: str, names: Collection[str], what: str) -> str:
    """That nobody knows the name, with the nearest that there is."""
    near = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
    remedy = f"did you mean {near[0]}?" if near else f"there are: {', '.join(names) or '(none above it)'}"
    return f"{what} {name}; {remedy}"
