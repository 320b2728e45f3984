"""The report of a comparison: one HTML page that opens without a network, and its Markdown twin.

    python -m eval.report --run tiny     # reads eval/results/tiny/*, writes report.html, report.md, figures/

A pure function of four files: results.csv (the long table), verdicts.json, transcripts.jsonl, summary.json.
Numbers live there; the words are made here, in the files of page/. Whatever is missing is left out. What models
wrote is shown as text: markup is escaped, invisible and direction-changing characters are written out.
"""

import argparse
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from configs.pipeline.errors import exit_cleanly
from configs.pipeline.files import write_whole
from eval import questions
from eval.page.claims import claim_line, lead, not_measured, tally
from eval.page.making import card, corpus_lines, knob_lines, limits, share_lines, type_lines
from eval.page.opening import box, heading, opening
from eval.page.reading import Results, listed, mapping, read_results
from eval.page.section import Section
from eval.page.strips import strips
from eval.page.transcripts import transcript_groups
from eval.page.writing import render_html, render_markdown
from eval.pool import make_sections, processes

LIVE = "play.html"  # of eval/play, where it was written before the report
FILES = (
    ("results.csv", "one row for each number"),
    ("verdicts.json", "the claims as they were judged"),
    ("transcripts.jsonl", "what the models wrote, some of it token by token"),
    ("summary.json", "how the models were made, and on what machine"),
    ("report.md", "this report in Markdown, its figures as pictures"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the report of a comparison (report.html and report.md).")
    parser.add_argument("--run", default="tiny", help="name of the run (default: tiny)")
    parser.add_argument("--results", type=Path, default=Path("eval/results"),
                        help="folder with one folder for each run (default: eval/results)")  # fmt: skip
    options = parser.parse_args()
    print(write_report(options.results / options.run, processes()))


def write_report(results_dir: Path, count: int = 1) -> Path:
    """Write both forms of the report into the folder of its numbers; the path of the HTML page.

    count: of processes that make its sections; it changes nothing but the time that it takes.
    """
    results = read_results(Path(results_dir))
    page = contents(results, count) | {"live": (results_dir / LIVE).is_file()}
    html = results_dir / "report.html"
    write_whole(html, render_html(page))
    write_whole(results_dir / "report.md", render_markdown(page, results_dir))
    return html


def contents(results: Results, count: int = 1) -> dict:
    """Everything the two templates show, in plain values."""
    summary, rows = results.summary, results.rows
    claims = [claim_line(v) | {"contested": v.get("contested", "")} for v in results.verdicts]
    shown = questions.parts("show")
    made = make_sections([one.section for one in shown.values()], results, count)
    asked = [section for name, section in zip(shown, made, strict=True) if name in questions.QUESTIONS]
    transcripts = {shown["name"]: shown for shown in transcript_groups(results.transcripts)}
    return {
        "run": summary.get("run") or (rows[0]["run_id"] if rows else "comparison"),
        "created": summary.get("created"),
        "heading": heading(summary),
        "opening": opening(summary),
        "preflight": box(summary),
        "lead": [*outcome_of_study(summary, made), *lead(results.verdicts, "arm" if summary.get("study") else "run")],
        "tally": tally(results.verdicts),
        "claims": [line for line in claims if not line["exploratory"]],
        "exploratory": [line for line in claims if line["exploratory"]],
        "transcripts": list(transcripts.values()),
        "transcripts_of": transcripts,
        "strips_of": strips(results.transcripts),
        "sections": with_claims(asked, claims),
        "mechanism": with_claims(made[len(asked) :], claims),
        "unconfirmed": [line for line in claims if line["verdict"] != "CONFIRMED" and not line["exploratory"]],
        "not_measured": not_measured(results),
        "limits": limits(summary),
        "cards": [card(model) for model in listed(summary.get("models"))],
        "corpus": corpus_lines(summary),
        "knobs": knob_lines(summary),
        "shares": share_lines(mapping(results.corpus.get("types"))),
        "text_types": type_lines(mapping(results.corpus.get("by_type"))),
        "pairs": share_lines(mapping(mapping(summary.get("pairs")).get("kinds"))),
        "machine": [*mapping(summary.get("machine")).items(), *mapping(summary.get("versions")).items()],
        "files": FILES,
    }


def outcome_of_study(summary: dict, made: list[Section | None]) -> list[str]:
    """What came of the controls, which is what a study is read for."""
    return [one.says for one in made if one and one.question == "controls"] if summary.get("study") else []


def with_claims(sections: Iterable[Section | None], claims: list[dict]) -> list[Section]:
    """What was measured of some sections, each with the claims that its question bears on."""
    return [replace(one, claims=[line for line in claims if bears_on(line, one)]) for one in sections if one]


def bears_on(claim: dict, section: Section) -> bool:
    return claim["question"] == section.question and (not section.metrics or claim["metric"] in section.metrics)


if __name__ == "__main__":
    exit_cleanly(main)
