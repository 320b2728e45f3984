"""What an arm comes down to: every setting of every stage that leads to its models, and what of it differs."""

from itertools import combinations

from configs.pipeline.errors import UserError
from configs.pipeline.settings import identity_of, read_settings
from configs.pipeline.stages import STAGES, settings_of
from eval.settings import StudySettings
from eval.study.plan import OF_AN_ARM, Study, stage_flags

Resolved = dict[str, dict[str, object]]  # stage -> setting -> value


def resolved(study: Study, settings: StudySettings, arm: str) -> Resolved:
    """The settings of its stages and of those that it starts from, each as the stage will read it."""
    of_lineage = {stage for one in study.lineage(arm) for stage in study.stages(one)}
    found = {}
    for stage in (one for one in OF_AN_ARM if one in of_lineage):
        name = OF_AN_ARM[stage]
        flags = stage_flags(settings.size, stage, study.settings(arm, stage))
        *read, more = read_settings(settings_of(name), STAGES[name].trainer, flags, STAGES[name].reserved)
        found[stage] = identity_of(*read, trainer_flags=more)
    return found


def differences(one: Resolved, other: Resolved) -> str:
    """What the other changes, in words. Example: "sft: objective assistant_only -> plain_lm; dpo: as it is"."""
    told = []
    for stage, settings in other.items():
        before = one.get(stage, settings)
        changed = [f"{key} {before.get(key)} -> {value}" for key, value in settings.items() if before.get(key) != value]
        if changed or stage not in one:
            told.append(f"{stage}: {', '.join(changed) or 'as it is'}")
    return "; ".join(told + [f"no {stage}" for stage in one if stage not in other])


def check_arms_differ(study: Study, settings: StudySettings) -> dict[str, Resolved]:
    """Each arm, resolved. Raises UserError where two are the same, whatever their names and titles say."""
    found = {arm: resolved(study, settings, arm) for arm in study.arms}
    for one, other in combinations(found, 2):
        if found[one] == found[other]:
            raise UserError(
                f"configs/studies/{settings.name}.yaml: arm {other}: with configs/{settings.size} it is arm {one} "
                "again, setting by setting; change something in it, or leave it out"
            )
    return found
