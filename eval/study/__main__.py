"""The command: train what a study needs, ask its arms, say what came out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from configs.pipeline.errors import UserError, exit_cleanly
from configs.pipeline.settings import read_settings
from configs.pipeline.stage import content_hash
from configs.pipeline.summary import print_summary
from eval.results import read_rows
from eval.settings import StudySettings
from eval.study.arms import check_arms
from eval.study.checks import outcome_of
from eval.study.kept import PAGES, can_join, identity, is_same, keep, kept, missing_seeds
from eval.study.measures import shown
from eval.study.new import write_new
from eval.study.page import publish
from eval.study.plan import Study, read_study, unknown
from eval.study.running import carry_out, hand_out, join, tell_plan


def main() -> None:
    settings, _ = read_settings([StudySettings])
    if settings.new:
        print(f"{write_new(settings.new)}: two arms to change; then make study NAME={settings.new}")
    else:
        carry_through(settings)


def carry_through(settings: StudySettings) -> None:
    """Carry out what is not done yet; then the report, and the page if it is wanted."""
    study = read_study(settings)
    found = check_arms(study, settings)
    if settings.arm and settings.arm not in found:
        raise UserError(unknown(settings.arm, list(found), "arm: no arm"))
    identities = {arm: identity(study, settings, mine, shown(study)) for arm, mine in found.items()}
    missing = {arm: settings.seeds.split() if settings.force else missing_seeds(settings.page, arm, mine)
               for arm, mine in identities.items()}  # fmt: skip
    if settings.arm:
        missing = {settings.arm: missing[settings.arm] if settings.publish else settings.seeds.split()}
    if settings.publish and not settings.force:
        refuse_losing_seeds(settings, {arm: identities[arm] for arm, seeds in missing.items() if seeds})
    if settings.arm and not missing[settings.arm]:
        print(f"arm {settings.arm}: its seeds {settings.seeds} are kept; FORCE=1 makes them anew")
    elif not settings.arm:
        tell_plan(study, settings, found, missing)
    for seeds, arms in by_seeds(missing).items():
        carry_through_seeds(study, replace(settings, seeds=seeds), arms, identities)
    if settings.arm:
        return
    if any(missing.values()):
        say_outcomes(study, settings, missing, identities)
    if settings.publish:
        print(f"{publish(study, settings)}: to be committed, with what stands beside it")
    elif not any(missing.values()):
        print(f"every arm is done; see {PAGES / settings.page}.md")


def by_seeds(missing: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Seeds -> the arms that lack just these.

    >>> by_seeds({"as-is": ["1", "2"], "new": ["0", "1", "2"], "done": [], "old": ["1", "2"]})
    {'1 2': ['as-is', 'old'], '0 1 2': ['new']}
    """
    lacking = {arm: " ".join(seeds) for arm, seeds in missing.items() if seeds}
    return {seeds: [arm for arm in lacking if lacking[arm] == seeds] for seeds in dict.fromkeys(lacking.values())}


def carry_through_seeds(
    study: Study, settings: StudySettings, arms: Sequence[str], identities: dict[str, dict]
) -> None:
    """Train and ask these arms with these seeds, elsewhere or here; keep each as soon as it is asked."""

    def tell_and_keep(arm: str) -> None:
        tell_of_misses(study, arm, read_rows(settings.results_of(arm) / "results.csv"))
        if settings.publish:
            keep(study, settings, arm, identities[arm])

    if settings.launch_arms and not settings.arm:
        hand_out(study, settings, arms)
    carry_out(study, settings, arms, tell_and_keep)


def refuse_losing_seeds(settings: StudySettings, identities: dict[str, dict]) -> None:
    """Raise UserError where seeds that are kept would go, since others cannot stand beside them."""
    for arm, facts in kept(settings.page, list(identities))[1].items():
        seeds, asked = facts["identity"]["seeds"].split(), settings.seeds.split()
        if set(seeds) - set(asked) and not can_join(facts, identities[arm]):
            whole = " ".join(sorted({*seeds, *asked}, key=int))
            raise UserError(
                f"{PAGES / settings.page / arm}.json is of seeds {' '.join(seeds)} and was made or read otherwise than "
                f'it would be now, so it would be replaced; SEEDS="{whole}" makes these again, FORCE=1 lets them go'
            )


def tell_of_misses(study: Study, arm: str, rows: Sequence[dict]) -> None:
    """A misspelt metric is told as soon as its arm is asked, not at the end of the night."""
    for number, check in enumerate(study.checks, start=1):
        for side in (check, check.other) if check.than else (check,):
            if side.arm == arm and not side.rows(rows):
                print(f"check {number}: arm {arm} has no row of question {side.question}, metric {side.metric}, model "
                      f"{side.model}, form {side.form}, items {side.items}")  # fmt: skip


def say_outcomes(
    study: Study, settings: StudySettings, missing: dict[str, list[str]], identities: dict[str, dict]
) -> None:
    """What came of each check, by all that is known, and a report of the arms that were asked here."""
    rows, facts = kept(settings.page, list(study.arms))
    same = [arm for arm, told in facts.items() if is_same(told["identity"], identities[arm])]
    here = [arm for arm in study.arms if missing[arm] or arm in same and is_asked_here(settings, facts[arm], arm)]
    results = join(study, settings, here)
    mine = read_rows(results / "results.csv")
    asked = {(arm_of(row), row["seed"]) for row in mine}
    rows = mine + [row for row in rows if arm_of(row) in same and (arm_of(row), row["seed"]) not in asked]
    for check in study.checks:
        outcome = outcome_of(check, rows)
        word, found = (outcome.word, outcome.found) if outcome else ("NOT MEASURED", None)
        interval = f"{found.value:+.2f} [{found.low:+.2f}, {found.high:+.2f}]" if found else ""
        print(f"  {word:<12} {interval:<23} {check.arm}: {check.expected}")
    seeds = sorted({str(row["seed"]) for row in mine}, key=int)
    files = {"report": results / "report.html", "numbers": results / "results.csv"}
    print_summary("study", {"seeds here": " ".join(seeds), **files})


def arm_of(row: dict) -> str:
    return row["model"].split("/")[0]


def is_asked_here(settings: StudySettings, facts: dict, arm: str) -> bool:
    asked = settings.results_of(arm)
    return asked.is_dir() and content_hash(asked) in [one["results"] for one in facts["sessions"]]


if __name__ == "__main__":
    exit_cleanly(main)
