"""The command: train what a study needs, ask its arms, say what came out."""

from pathlib import Path

from configs.pipeline.errors import UserError, exit_cleanly
from configs.pipeline.settings import read_settings
from configs.pipeline.stage import content_hash
from configs.pipeline.summary import print_summary
from eval.results import read_rows
from eval.settings import StudySettings
from eval.study.arms import check_arms
from eval.study.checks import outcome_of
from eval.study.kept import PAGES, identity, is_kept, kept
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
    if settings.arm:
        if settings.arm not in found:
            raise UserError(unknown(settings.arm, list(found), "arm: no arm"))
        carry_out(study, settings, [settings.arm])
        return
    identities = {arm: identity(study, settings, mine, shown(study)) for arm, mine in found.items()}
    done = [] if settings.force else [arm for arm, mine in identities.items() if is_kept(settings.page, arm, mine)]
    wanted = [arm for arm in found if arm not in done]
    tell_plan(study, settings, found, done)
    if not wanted:
        print(f"every arm is done; see {PAGES / settings.page}.md")
        return
    if settings.launch_arms:
        hand_out(study, settings, wanted)
    carry_out(study, settings, wanted)
    facts = kept(settings.page, done)[1]
    asked_here = {arm: content_hash(settings.results_of(arm)) for arm in done if settings.results_of(arm).is_dir()}
    here = [arm for arm in found if arm in wanted or asked_here.get(arm) == facts[arm]["results"]]
    say_outcomes(study, join(study, settings, here))
    if settings.publish:
        page = publish(study, settings, {arm: identities[arm] for arm in wanted})
        print(f"{page}: to be committed, with what stands beside it")


def say_outcomes(study: Study, results: Path) -> None:
    rows = read_rows(results / "results.csv")
    for check in study.checks:
        outcome = outcome_of(check, rows)
        word, found = (outcome.word, outcome.found) if outcome else ("NOT MEASURED", None)
        interval = f"{found.value:+.2f} [{found.low:+.2f}, {found.high:+.2f}]" if found else ""
        print(f"  {word:<12} {interval:<23} {check.arm}: {check.expected}")
    print_summary("study", {"report": results / "report.html", "numbers": results / "results.csv"})


if __name__ == "__main__":
    exit_cleanly(main)
