"""The command: train what a study needs, ask its arms, say what came out."""

from collections.abc import Sequence

from configs.pipeline.errors import UserError, exit_cleanly
from configs.pipeline.settings import read_settings
from configs.pipeline.stage import content_hash
from configs.pipeline.summary import print_summary
from eval.results import read_rows
from eval.settings import StudySettings
from eval.study.arms import check_arms
from eval.study.checks import outcome_of
from eval.study.kept import PAGES, identity, is_kept, keep, kept
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
    done = [] if settings.force else [arm for arm, mine in identities.items() if is_kept(settings.page, arm, mine)]
    wanted = [settings.arm] if settings.arm else [arm for arm in found if arm not in done]

    def tell_and_keep(arm: str) -> None:
        tell_of_misses(study, arm, read_rows(settings.results_of(arm) / "results.csv"))
        if settings.publish:
            keep(study, settings, arm, identities[arm])

    if settings.publish and not settings.force:
        refuse_fewer_seeds(settings, wanted)
    if settings.arm:
        carry_out(study, settings, wanted, tell_and_keep)
        return
    tell_plan(study, settings, found, done)
    if wanted:
        if settings.launch_arms:
            hand_out(study, settings, wanted)
        carry_out(study, settings, wanted, tell_and_keep)
        say_outcomes(study, settings, wanted, done)
    if settings.publish:
        print(f"{publish(study, settings)}: to be committed, with what stands beside it")
    elif not wanted:
        print(f"every arm is done; see {PAGES / settings.page}.md")


def refuse_fewer_seeds(settings: StudySettings, arms: Sequence[str]) -> None:
    """Raise UserError where an arm is kept of more trainings than it would be replaced by."""
    for arm, facts in kept(settings.page, arms)[1].items():
        seeds = facts["identity"]["seeds"]
        if len(seeds.split()) > len(settings.seeds.split()):
            raise UserError(
                f"{PAGES / settings.page / arm}.json is of seeds {seeds}, and seeds {settings.seeds} would replace it; "
                f'SEEDS="{seeds}" trains as many, FORCE=1 replaces it all the same'
            )


def tell_of_misses(study: Study, arm: str, rows: Sequence[dict]) -> None:
    """A misspelt metric is told as soon as its arm is asked, not at the end of the night."""
    for number, check in enumerate(study.checks, start=1):
        for side in (check, check.other) if check.than else (check,):
            if side.arm == arm and not side.rows(rows):
                print(f"check {number}: arm {arm} has no row of question {side.question}, metric {side.metric}, model "
                      f"{side.model}, form {side.form}, items {side.items}")  # fmt: skip


def say_outcomes(study: Study, settings: StudySettings, wanted: Sequence[str], done: Sequence[str]) -> None:
    """What came of each check, and a report of the arms that were asked here."""
    facts = kept(settings.page, done)[1]
    here = [arm for arm in study.arms if arm in wanted or is_asked_here(settings, arm, facts)]
    results = join(study, settings, here)
    rows = read_rows(results / "results.csv") + kept(settings.page, [arm for arm in done if arm not in here])[0]
    for check in study.checks:
        outcome = outcome_of(check, rows)
        word, found = (outcome.word, outcome.found) if outcome else ("NOT MEASURED", None)
        interval = f"{found.value:+.2f} [{found.low:+.2f}, {found.high:+.2f}]" if found else ""
        print(f"  {word:<12} {interval:<23} {check.arm}: {check.expected}")
    print_summary("study", {"report": results / "report.html", "numbers": results / "results.csv"})


def is_asked_here(settings: StudySettings, arm: str, facts: dict[str, dict]) -> bool:
    asked = settings.results_of(arm)
    return arm in facts and asked.is_dir() and content_hash(asked) == facts[arm]["results"]


if __name__ == "__main__":
    exit_cleanly(main)
