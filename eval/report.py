"""The report of a comparison: one HTML page that opens without a network, and its Markdown twin.

    python -m eval.report --run tiny     # reads eval/results/tiny/*, writes report.html, report.md, figures/

A pure function of four files: results.csv (the long table), verdicts.json, transcripts.jsonl, summary.json.
Numbers live there; the words are made here. Whatever is missing is left out. What models wrote is shown as
text: markup is escaped, invisible and direction-changing characters are written out.
"""

import argparse
import json
import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from configs.errors import UserError, exit_cleanly
from eval import figures
from eval.results import group, in_order, read_rows, role, select
from eval.verdicts import CLAIMS

TEMPLATES = Path(__file__).parent / "templates"


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the report of a comparison (report.html and report.md).")
    parser.add_argument("--run", default="tiny", help="name of the run (default: tiny)")
    parser.add_argument("--results", type=Path, default=Path("eval/results"),
                        help="folder with one folder for each run (default: eval/results)")  # fmt: skip
    options = parser.parse_args()
    print(write_report(options.results / options.run))


def write_report(results_dir: Path) -> Path:
    """Write both forms of the report into the folder of its numbers; the path of the HTML page."""
    results = read_results(Path(results_dir))
    page = contents(results)
    (results_dir / "report.md").write_text(render_markdown(page, results_dir), encoding="utf-8")
    html = results_dir / "report.html"
    html.write_text(render_html(page), encoding="utf-8")
    return html


# --- reading


@dataclass
class Results:
    rows: list[dict] = field(default_factory=list)
    verdicts: list[dict] = field(default_factory=list)
    transcripts: list[dict] = field(default_factory=list)
    summary: dict = field(default_factory=dict)


def read_results(folder: Path) -> Results:
    names = ("results.csv", "verdicts.json", "transcripts.jsonl", "summary.json")
    if not any((folder / name).is_file() for name in names):
        raise UserError(f"{folder}: no results of a comparison here; run `make compare` first")
    found = Results(
        rows=read_or(folder / "results.csv", [], read_rows),
        verdicts=read_or(folder / "verdicts.json", [], read_json),
        transcripts=read_or(folder / "transcripts.jsonl", [], read_json_lines),
        summary=read_or(folder / "summary.json", {}, read_json),
    )
    return Results(**visible(vars(found)))


def read_or(path: Path, missing, reader):
    if not path.is_file():
        return missing
    try:
        return reader(path)
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: cannot be read ({error}); run `make compare` again") from error


def read_json(path: Path):
    return json.loads(path.read_text(encoding="utf-8"))


def read_json_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def visible(value):
    """Write out the characters that a reader cannot see or that reorder the line; looks into lists and dicts.

    Example: visible("a\\u202eb") == "a⟦U+202E⟧b". New lines and tabs stay.
    """
    if isinstance(value, dict):
        return {visible(key): visible(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [visible(item) for item in value]
    if not isinstance(value, str) or value.isascii() and value.isprintable():
        return value
    return "".join(f"⟦U+{ord(c):04X}⟧" if is_hidden(c) else c for c in value)


def is_hidden(character: str) -> bool:
    """Control, format (bidirectional marks among them), surrogate, line and paragraph separators."""
    return character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


# --- what stands on the page


def contents(results: Results) -> dict:
    """Everything the two templates show, in plain values."""
    summary, rows = results.summary, results.rows
    claims = [claim_line(verdict) for verdict in results.verdicts]
    models = listed(summary.get("models"))
    return {
        "run": summary.get("run") or (rows[0]["run_id"] if rows else "comparison"),
        "created": summary.get("created"),
        "lead": lead(results.verdicts),
        "tally": tally(results.verdicts),
        "claims": [line for line in claims if not line["exploratory"]],
        "exploratory": [line for line in claims if line["exploratory"]],
        "transcripts": transcript_groups(results.transcripts),
        "sections": [section for made in SECTIONS if (section := section_of(made, results))],
        "losses": losses(rows, summary),
        "unconfirmed": [line for line in claims if line["verdict"] != "CONFIRMED" and not line["exploratory"]],
        "not_measured": not_measured(results),
        "limits": limits(summary),
        "cards": [card(model) for model in models],
        "corpus": corpus_lines(summary),
        "shares": share_lines(mapping(mapping(summary.get("corpus")).get("types"))),
        "text_types": type_lines(mapping(mapping(summary.get("corpus")).get("by_type"))),
        "pairs": share_lines(mapping(mapping(summary.get("pairs")).get("kinds"))),
        "machine": [*mapping(summary.get("machine")).items(), *mapping(summary.get("versions")).items()],
    }


def mapping(value) -> dict:
    return value if isinstance(value, dict) else {}


def listed(value) -> list[dict]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


# --- the claims


def claim_line(verdict: dict) -> dict:
    """One line of the table of claims; keys that a verdict lacks leave their cell empty."""
    relative = verdict.get("compare") == "relative" or verdict.get("metric") == "nll"
    base, instruct = mapping(verdict.get("base")), mapping(verdict.get("instruct"))
    return {
        "row": verdict.get("row", ""), "claim": verdict.get("claim", ""), "run": verdict.get("run", ""),
        "probe": verdict.get("probe", ""), "verdict": verdict.get("verdict", "INCONCLUSIVE"),
        "suffix": verdict.get("suffix", ""), "exploratory": bool(verdict.get("exploratory")),
        "base": side(base, relative), "base_label": who(base),
        "instruct": side(instruct, relative), "instruct_label": who(instruct),
        "difference": signed(verdict.get("estimate"), relative),
        "interval": interval(verdict.get("low"), verdict.get("high"), relative),
        "strip": strip(verdict), "n": verdict.get("n"), "seeds": verdict.get("seeds"),
        "truth": verdict.get("truth", ""), "rule": verdict.get("rule", ""), "test": test_words(verdict),
    }  # fmt: skip


def side(cell: dict, is_loss: bool) -> str:
    value = cell.get("value")
    if value is None:
        return "–"
    return f"{value:.2f} nats" if is_loss else percent(value)


def who(cell: dict) -> str:
    return figures.label(str(cell["model"]), str(cell.get("condition", ""))) if cell.get("model") else ""


def percent(share: float | None) -> str:
    """Rates close to 0 and 1 keep a digit. Example: percent(.004) == "0.4 %"."""
    if share is None or not math.isfinite(share):
        return "–"
    close = 0 < share < 0.0995 or 0.9905 < share < 1
    return f"{100 * share:.1f} %" if close else f"{100 * share:.0f} %"


def hundreds(value: float, digits: int) -> str:
    """Example: hundreds(-.125, 0) == "−12"; a rounded zero has no sign."""
    text = f"{100 * value:+.{digits}f}"
    return text.replace("-", "−") if float(text) else text[1:]


def signed(value: float | None, relative: bool) -> str:
    if value is None:
        return "–"
    return f"{hundreds(value, 1)} %" if relative else f"{hundreds(value, 0)} points"


def interval(low: float | None, high: float | None, relative: bool) -> str:
    if low is None or high is None:
        return ""
    return f"{hundreds(low, int(relative))} to {hundreds(high, int(relative))}"


def test_words(verdict: dict) -> str:
    p, q = verdict.get("p"), verdict.get("q")
    if p is None:
        return ""
    exact = "exact binomial test" if verdict.get("compare") == "chance" else "exact sign test"
    return f"{exact} {p_words('p', p)}" + (f", {p_words('q', q)} over all claims" if q is not None else "")


def p_words(letter: str, p: float) -> str:
    return f"{letter} < .001" if p < 0.001 else f"{letter} = {p:.3f}".replace("0.", ".")


def strip(verdict: dict) -> dict | None:
    """The interval drawn small, from -100 to +100: positions in percent of the width."""
    value, low, high = (verdict.get(name) for name in ("estimate", "low", "high"))
    if value is None:
        return None
    sesoi = (verdict.get("smallest_interesting") or 0) * (-1 if verdict.get("compare") == "no worse" else 1)
    goal = sesoi * (verdict.get("direction") or 1)
    low, high = (value if end is None else end for end in (low, high))
    return {name: place(number) for name, number in
            {"value": value, "low": low, "high": high, "goal": goal, "zero": 0.0}.items()}  # fmt: skip


def place(value: float) -> float:
    return round(4 + 92 * (min(1.0, max(-1.0, value)) + 1) / 2, 2)


def tally(verdicts: Sequence[dict]) -> dict[str, int]:
    counted = [v.get("verdict") for v in verdicts if not v.get("exploratory")]
    return {name: counted.count(name) for name in VERDICTS if name in counted}


VERDICTS = {
    "CONFIRMED": "the interval lies wholly beyond the smallest interesting effect, in the claimed direction",
    "WEAK": "the interval excludes zero, but reaches into effects too small to be interesting",
    "INCONCLUSIVE": "the interval includes zero (or the allowed loss), or there were under ten items",
    "REVERSED": "the interval lies wholly on the other side of zero",
}
HEADLINES = {
    ("census", "difference"): (
        "Given a question or an instruction, the base model answers {base} of the time, the instruct model {instruct}."
    ),
    ("facts", "chance"): "The base model completes {base} of “The capital of X is” with the right capital.",
    ("facts", "difference"): (
        "Asked about subjects that its tuning never mentioned, the instruct model is right in {instruct} of "
        "cases, the base model, asked the same way, in {base}."
    ),
    ("bleed", "difference"): (
        "Shown a chat, the base model goes on to write someone else's turn in {base} of cases, the instruct "
        "model in {instruct}."
    ),
    ("stopping", "difference"): ("The base model ends by itself in {base} of cases, the instruct model in {instruct}."),
}


def lead(verdicts: Sequence[dict]) -> list[str]:
    """The paragraph under the title, a list of sentences made from the first run's verdicts."""
    first_run = [v for v in verdicts if v.get("run") == verdicts[0].get("run")]
    judged = [v for v in first_run if not v.get("exploratory")]
    run = first_run[0].get("run") if first_run else ""
    sentences = [f"In run {run}:"] if run else []
    for verdict in judged:
        words = HEADLINES.get((verdict.get("probe"), verdict.get("compare")))
        sides = {name: mapping(verdict.get(name)).get("value") for name in ("base", "instruct")}
        if words and None not in sides.values():
            sentences.append(words.format(**{name: percent(value) for name, value in sides.items()}))
    return sentences + ([standing(judged)] if judged else [])


def standing(judged: Sequence[dict]) -> str:
    counts = ", ".join(f"{count} {name.lower()}" for name, count in tally(judged).items())
    seeds = min((v.get("seeds") or 1 for v in judged), default=1)
    about = "models made this way" if seeds >= 3 else "these checkpoints, not every model made this way"
    return f"Of {len(judged)} claims whose rule was fixed beforehand: {counts}. They describe {about}."


# --- transcripts


def transcript_groups(transcripts: Sequence[dict]) -> list[dict]:
    """[{"name", "items": [{"title", "panes", "more"}]}]: panes side by side, other prompt forms in more."""
    for line in transcripts:
        line.setdefault("group", "")
        line.setdefault("index", 0)
    names = dict.fromkeys(line["group"] for line in transcripts)
    return [{"name": name, "items": transcript_items(select(transcripts, group=name))} for name in names]


def transcript_items(lines: Sequence[dict]) -> list[dict]:
    items = []
    for (index,), same in group(lines, "index").items():
        panes = [pane(line) for line in sorted(same, key=pane_order(same))]
        main = {pane["model"]: pane for pane in reversed(panes)}
        front = [pane for pane in panes if main[pane["model"]] is pane]
        title = next((line["title"] for line in same if line.get("title")), "")
        more = [pane for pane in panes if pane not in front]
        items.append({"index": index, "title": title, "panes": front, "more": more})
    return items


def pane_order(lines: Sequence[dict]):
    """Base first; of each model first the form it was made for: raw text for base, chat for tuned models."""
    models = in_order(str(line.get("model", "")) for line in lines)

    def key(line: dict) -> tuple:
        model, form = str(line.get("model", "")), line.get("condition", "")
        made_for = "raw" if role(model) == "base" else "chat"
        return models.index(model), form != made_for, form

    return key


def pane(line: dict) -> dict:
    model, form = str(line.get("model", "")), str(line.get("condition", ""))
    return {
        "model": model, "role": css_name(role(model)), "name": figures.model_name(model),
        "form": figures.FORMS.get(form, form), "prompt": str(line.get("prompt", "")),
        "output": str(line.get("output", "")), "stopped": line.get("stopped"),
    }  # fmt: skip


def css_name(name: str) -> str:
    """Only names that the style sheet knows become class names."""
    return name if name in figures.COLOURS else "other"


# --- the probes


@dataclass(frozen=True)
class Section:
    probe: str
    title: str
    metric: str
    # the rows that the figure shows
    question: str
    how_to_read: str
    test: str
    pitfall: str
    by: str = ""
    # column that divides the figure into headed blocks
    panels: str = ""
    # column that divides it into panels side by side


RATE_FIGURE = (
    "Each mark is a rate with its 95 % interval. Circles are the base model, squares the instruct model, "
    "diamonds its LoRA form; hollow with a dotted line: raw text, filled: the chat form."
)
SECTIONS = (
    Section(
        "census", "Autocomplete or answer?", "response_type",
        "What kind of text follows a question, an instruction, a stem or the opening of a story?",
        "Each bar divides the outputs of one model under one prompt form by what kind of text they are. Blue "
        "and green carry the text on, orange answers it.",
        "Paired by prompt; exact sign test (McNemar's) on answering, bootstrap interval of the difference.",
        "How often the training text follows a question by its answer decides what a base model does: one "
        "that answers has read question-and-answer sheets, it has not understood a wish.",
    ),
    Section(
        "facts", "What is known, and in which form", "correct",
        "Does the model know a fact when it completes a sentence, and when it is asked?",
        RATE_FIGURE + " Held out: subjects that no instruction pair mentions. A grey stroke is chance.",
        "Wilson intervals; differences by a paired bootstrap over subjects.",
        "A wrong answer to a question is not a missing fact: the base model may know the fact and not read "
        "the question as a request for it.", by="arm", panels="x",
    ),
    Section(
        "stopping", "Stopping", "stopped",
        "Does the model end its text by itself, before the limit on new tokens?",
        RATE_FIGURE,
        "Wilson intervals; exact sign test (McNemar's).",
        "A low limit on new tokens makes every model look like one that cannot stop.", by="arm",
    ),
    Section(
        "bleed", "Writing the other speaker's turn", "bleed",
        "Shown a chat, does the model keep to its own turn?",
        RATE_FIGURE,
        "Wilson intervals; exact sign test (McNemar's).",
        "Libraries add stop strings that hide this; none are used here.", by="arm",
    ),
    Section(
        "wrong_answers", "After wrong answers", "wrong",
        "After a list of wrong answers, is the next answer wrong as well?",
        RATE_FIGURE + " One prompt was asked, word for word; its transcripts are shown above.",
        "None: one prompt is an observation, the interval spans almost everything.",
        "One greedy continuation of one prompt can turn on a single token.", by="arm",
    ),
)  # fmt: skip


def section_of(made: Section, results: Results) -> dict | None:
    """A probe with its figure, its numbers and its words; None where it was not run."""
    rows = select(results.rows, probe=made.probe)
    counted = select(rows, metric=made.metric)
    figure = probe_figure(made, counted)
    if figure is None:
        return None
    note = next((s for s in listed(results.summary.get("sections")) if s.get("probe") == made.probe), {})
    return {
        "made": made, "figure": figure, "n": len({(row["arm"], row["item_id"]) for row in counted}),
        "seeds": len({row["seed"] for row in counted}), "note": note.get("note", ""),
        "numbers": numbers(made, rows),
        "claims": [claim_line(v) for v in results.verdicts if v.get("probe") == made.probe],
    }  # fmt: skip


def probe_figure(made: Section, rows: Sequence[dict]) -> dict | None:
    if made.metric == "response_type":
        drawn = figures.drawn(figures.census, rows)
    else:
        drawn = figures.drawn(figures.rates, rows, useful(rows, made.by), useful(rows, made.panels))
    return figure_of(drawn, made.probe, f"{made.title}: the numbers are in the table below the figure")


def useful(rows: Sequence[dict], column: str) -> str:
    """A column that divides the rows; "" where all rows have the same value."""
    return column if column and len({row[column] for row in rows}) > 1 else ""


def figure_of(drawn, name: str, alt: str) -> dict | None:
    # Numbers are printed on the cells and bars of these two, so their colours must not change with the page.
    themed = name not in ("census", "loss-matrix")
    return drawn and {"drawn": drawn, "name": name.replace("_", "-"), "alt": alt, "themed": themed}


def numbers(made: Section, rows: Sequence[dict]) -> list[dict]:
    """The table behind a figure: rate, interval and n of each model under each prompt form."""
    metric = "answers" if made.metric == "response_type" else made.metric
    lines = figures.rate_lines(select(rows, metric=metric), "arm", "x")
    return [
        {"of": line["of"].replace("_", " "), "who": line["who"], "rate": percent(line["rate"].value),
         "interval": f"{percent(line['rate'].low)} to {percent(line['rate'].high)}", "n": line["rate"].n}
        for line in lines
    ]  # fmt: skip


def losses(rows: Sequence[dict], summary: dict) -> dict:
    """Loss curves and loss matrix."""
    bound = mapping(summary.get("corpus")).get("entropy_bound_nats_per_token")
    curves = figures.drawn(figures.loss_curves, listed(summary.get("models")), bound)
    matrix = figures.drawn(figures.loss_matrix, select(rows, probe="loss_matrix"))
    return {
        "curves": figure_of(curves, "loss-curves", "Loss while training, against tokens"),
        "bound": bound,
        "matrix": figure_of(matrix, "loss-matrix", "Loss of each model on each type of text, against base"),
        "numbers": loss_numbers(select(rows, probe="loss_matrix", metric="nll")),
    }


def loss_numbers(rows: Sequence[dict]) -> list[dict]:
    lines = []
    for (arm, model), cell in sorted(group(rows, "arm", "model").items()):
        nats, tokens = sum(row["value"] for row in cell), sum(row["n_tokens"] for row in cell)
        size = sum(row["meta"].get("bytes", 0) for row in cell)
        lines.append({
            "of": arm, "who": figures.model_name(model), "n": len({row["item_id"] for row in cell}),
            "nats": f"{nats / tokens:.3f}" if tokens else "–",
            "bits": f"{nats / np.log(2) / size:.3f}" if size else "–",
        })  # fmt: skip
    return lines


# --- limits, models, machine


def not_measured(results: Results) -> list[str]:
    judged = {verdict.get("claim") for verdict in results.verdicts}
    unjudged = [claim.claim for claim in CLAIMS if claim.claim not in judged and not claim.exploratory]
    told = results.summary.get("not_measured")
    return [*(str(line) for line in told or []), *unjudged] if isinstance(told, list | None) else unjudged


def limits(summary: dict) -> list[str]:
    """What was cut or mixed, and therefore limits what the numbers say."""
    lines = [f"{name.replace('_', ' ')}: {words(value)}" for name, value in summary.items()
             if name.startswith("truncated") and value]  # fmt: skip
    own = mapping(summary.get("corpus")).get("own_text_share")
    if own:
        lines.append(f"{percent(own)} of the corpus is the user's own text, whose truth is not known")
    return lines


def words(value) -> str:
    """A value as a reader would write it."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {words(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(words(item) for item in value)
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}".replace(",", "\u202f") if isinstance(value, int) and not isinstance(value, bool) else str(value)


def card(model: dict) -> dict:
    """How one model was made."""
    name = str(model.get("name") or model.get("stage") or "model")
    facts = [(label, words(model[key]) + unit) for key, label, unit in CARD if model.get(key) is not None]
    return {
        "name": figures.model_name(name), "role": css_name(role(name)), "facts": facts,
        "config": [(key, words(value)) for key, value in mapping(model.get("config")).items()],
    }  # fmt: skip


CARD = (
    ("seed", "seed", ""), ("parent", "starts from", ""), ("objective", "loss on", ""),
    ("parameters", "parameters", ""), ("trained_parameters", "of them trained", ""),
    ("train_tokens", "tokens read", ""), ("train_seconds", "time", " s"),
    ("tokens_per_second", "speed", " tokens/s"),
    ("held_out_loss", "held-out loss", " nats/token"), ("held_out_bits_per_byte", "held out", " bits/byte"),
)  # fmt: skip


def corpus_lines(summary: dict) -> list[tuple[str, str]]:
    corpus, pairs = mapping(summary.get("corpus")), mapping(summary.get("pairs"))
    named = (("megabytes", "corpus", " MB"), ("documents", "documents", ""),
             ("entropy_bound_nats_per_token", "entropy bound", " nats/token"))  # fmt: skip
    lines = [(label, words(corpus[key]) + unit) for key, label, unit in named if corpus.get(key) is not None]
    return lines + ([("instruction pairs", words(pairs["count"]))] if pairs.get("count") is not None else [])


def type_lines(by_type: dict) -> list[dict]:
    """The text by type of document, with the bound on its entropy where the program that wrote it is known."""
    return [
        {"name": name, "documents": words(line.get("documents")), "share": percent(line.get("share_of_bytes")),
         "bits": decimals(line.get("bits_per_byte")), "nats": decimals(line.get("nats_per_token"))}
        for name, line in by_type.items()
    ]  # fmt: skip


def decimals(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def share_lines(parts: dict) -> list[dict]:
    """Parts of a whole, largest first, given as shares or as counts."""
    parts = {name: part for name, part in parts.items() if isinstance(part, int | float)}
    whole = sum(parts.values())
    ordered = sorted(parts.items(), key=lambda item: -item[1])
    return [{"name": name, "share": percent(part / whole), "width": round(100 * part / whole, 1)}
            for name, part in ordered if whole]  # fmt: skip


# --- writing


def render_html(page: dict) -> str:
    loader = FileSystemLoader(TEMPLATES)
    room = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    room.globals |= {"svg": svg, "VERDICTS": VERDICTS}
    return room.get_template("report.html.jinja").render(page)


def svg(figure: dict) -> Markup:
    return Markup(figures.svg(figure["drawn"], figure["name"], figure["alt"], figure["themed"]))


def render_markdown(page: dict, folder: Path) -> str:
    """As above; every value is escaped unless a template marks it as its own text."""
    loader = FileSystemLoader(TEMPLATES)
    room = Environment(loader=loader, trim_blocks=True, lstrip_blocks=True, finalize=markdown_text)
    room.globals |= {"VERDICTS": VERDICTS}
    room.filters |= {"fenced": fenced, "own": Markup, "picture": lambda figure: picture(figure, folder)}
    return room.get_template("report.md.jinja").render(page)


def markdown_text(value):
    """Escape what Markdown or HTML would read as markup, in one line, so that it also fits a table cell."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    text = "".join(f"\\{c}" if c in "\\`*_[]<>|#~$" else c for c in value.replace("&", "&amp;"))
    return " ".join(text.split())


def fenced(text: str) -> Markup:
    """A code block whose fence is longer than any run of backticks within."""
    longest = max((len(run) for run in "".join(c if c == "`" else " " for c in text).split()), default=0)
    fence = "`" * max(3, longest + 1)
    return Markup(f"{fence}text\n{text}\n{fence}")  # noqa: S704 - Markdown: a code block is shown as it is


def picture(figure: dict, folder: Path) -> Markup:
    figures.png(figure["drawn"], folder / "figures" / f"{figure['name']}.png")
    return Markup(f"![{figure['alt']}](figures/{figure['name']}.png)")  # noqa: S704 - both are our own words


if __name__ == "__main__":
    exit_cleanly(main)
