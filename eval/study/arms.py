"""What an arm comes down to: every setting of every stage that leads to its models, and what of it differs."""

from itertools import combinations
from pathlib import Path

from configs.pipeline.errors import UserError
from configs.pipeline.settings import identity_of, read_settings
from configs.pipeline.stages import STAGES, settings_of
from data.sources.files import TABLES, TEXTS, choose_files
from eval.claims import CLAIMS
from eval.prompt_formats import CONDITIONS
from eval.questions import MECHANISM, QUESTIONS
from eval.settings import StudySettings
from eval.study.measures import MEASURES
from eval.study.plan import DATA, OF_AN_ARM, Study, stage_flags, unknown

Resolved = dict[str, dict[str, object]]  # stage -> setting -> value
OWN = ("corpus", "pairs", "preferences", "chat_template")  # settings that may name files of the user


def resolved(study: Study, settings: StudySettings, arm: str) -> Resolved:
    """The settings of its stages and of those that it starts from, each as the stage will read it."""
    of_lineage = {stage for one in study.lineage(arm) for stage in study.stages(one)}
    return {stage: read(study, settings, arm, stage) for stage in OF_AN_ARM if stage in of_lineage}


def read(study: Study, settings: StudySettings, arm: str, stage: str) -> dict[str, object]:
    name = OF_AN_ARM[stage]
    flags = stage_flags(settings.size, stage, study.settings(arm, stage))
    *found, more = read_settings(settings_of(name), STAGES[name].trainer, flags, STAGES[name].reserved)
    places = {key: hashes_of(value) for part in found for key, value in vars(part).items() if key in OWN and value}
    return identity_of(*found, trainer_flags=more) | places


def hashes_of(value: object) -> object:
    """Of files their content, whatever they are called; another value as it is."""
    there = isinstance(value, str) and Path(value).exists()
    return sorted(choose_files(value, TEXTS + TABLES + (Path(value).suffix,)).hashes().values()) if there else value


def differences(one: Resolved, other: Resolved) -> str:
    """What the other changes, in words. Example: "sft: objective assistant_only -> plain_lm; dpo: as it is"."""
    told = []
    for stage, settings in other.items():
        before = one.get(stage, settings)
        changed = [f"{key} {before.get(key)} -> {value}" for key, value in settings.items() if before.get(key) != value]
        if changed or stage not in one:
            told.append(f"{stage}: {', '.join(changed) or 'as it is'}")
    return "; ".join(told + [f"no {stage}" for stage in one if stage not in other])


def check_arms(study: Study, settings: StudySettings) -> dict[str, Resolved]:
    """Each arm, resolved. Raises UserError for two that are the same, and for one that would learn the exam."""
    found, path = {arm: resolved(study, settings, arm) for arm in study.arms}, f"configs/studies/{settings.name}.yaml"
    for one, other in combinations(found, 2):
        if found[one] == found[other]:
            raise UserError(
                f"{path}: arm {other}: with configs/{settings.size} it is arm {one} again, setting by setting; change "
                "something in it, or leave it out"
            )
    check_expectations(study, path)
    first = next(iter(found.values()))
    for arm, mine in found.items():
        if mine.get("pairs", {}).get("count", 0) > first["pairs"]["count"]:
            raise UserError(
                f"{path}: arm {arm}: it has more pairs than the first arm, and all are held against the pairs held out "
                "there, which would be among its own; let the first arm have the most"
            )
    return found


def check_expectations(study: Study, path: str) -> None:
    """Raise UserError for a check that no row can answer: of an unknown question or form, of a model of another arm."""
    questions = {*QUESTIONS, *MECHANISM, *(one.question for one in (*CLAIMS, *MEASURES))}
    for number, check in enumerate(study.checks, start=1):
        for side in (check, check.other) if check.than else (check,):
            models = [stage for stage in study.makes(side.arm) if STAGES[stage].model == "causal"]
            for name, known, what in (
                (side.question, sorted(questions), "unknown question"), (side.form, CONDITIONS, "unknown form"),
                (side.model, models, f"arm {side.arm} makes no model"),
            ):  # fmt: skip
                if name not in known:
                    raise UserError(unknown(name, known, f"{path}: check {number}: {what}"))


def exam(study: Study, settings: StudySettings) -> Resolved:
    """What the text and the pairs are made of that all arms are held against: those of the first."""
    first = next(iter(study.arms))
    return {stage: read(study, settings, first, stage) for stage in OF_AN_ARM if stage in DATA}
