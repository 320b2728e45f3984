"""The command: train what a study needs, compare its arms, say what came out."""

from configs.pipeline.errors import exit_cleanly
from configs.pipeline.settings import read_settings
from configs.pipeline.summary import print_summary
from eval.results import read_rows
from eval.settings import StudySettings
from eval.study.checks import outcomes
from eval.study.new import write_new
from eval.study.page import publish
from eval.study.plan import read_study
from eval.study.running import compare_arms, tell_plan, train


def main() -> None:
    settings, _ = read_settings([StudySettings])
    if settings.new:
        print(f"{write_new(settings.new)}: two arms to change; then make study NAME={settings.new}")
        return
    study = read_study(settings)
    tell_plan(study, settings)
    train(study, settings)
    results = compare_arms(study, settings)
    for outcome in outcomes(study.checks, read_rows(results / "results.csv")):
        found, check = outcome.found, outcome.check
        interval = f"{found.value:+.2f} [{found.low:+.2f}, {found.high:+.2f}]"
        print(f"  {outcome.word:<12} {interval:<23} {check.arm}: {check.expected}")
    if settings.publish:
        print(f"{publish(study, settings)}: to be committed with what stands beside it")
    print_summary(f"study {settings.name}", {"report": results / "report.html", "numbers": results / "results.csv"})


if __name__ == "__main__":
    exit_cleanly(main)
