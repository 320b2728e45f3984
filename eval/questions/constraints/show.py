"""Conditions that a program can check: kept or not, and how often by luck?"""

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from eval import figures
from eval.page.counting import WHICH_MARK, asked, by_combination, models, of_first_run, rate_cells, sentence, share
from eval.page.reading import Results
from eval.page.section import Section, Table, picture
from eval.page.words import percent
from eval.questions.register_mirroring.show import shades
from eval.results import group, select
from eval.stats import rate

SEEN = ("words_exactly", "words_at_most", "sentences", "start_with", "include_word", "yes_or_no", "repeat_question",
        "closing_line", "list")  # fmt: skip
UNSEEN = ("end_with", "avoid_word", "lower_case", "upper_case")
SPLITS = {
    "seen": "type and words of the pairs",
    "paraphrased": "type of the pairs, other words",
    "unseen": "type that no pair has",
}
LUCK = "by luck"
METRICS = ("obeys", "obeys_loosely", "obeys_by_luck", "empty")


def section(results: Results) -> Section | None:
    rows = [row | {"negative": bool(row["meta"].get("negative"))} for row in results.of("constraints")]
    strict = select(rows, metric="obeys")
    if not strict:
        return None
    return Section(
        question="constraints",
        row="Use cases",
        title="Does it keep a condition that a program can check?",
        says=said(rows),
        pictures=[
            *picture("constraints", "Rate of conditions kept, by type of condition and prompt form", heatmaps(rows),
                     themed=False),
            *picture(
                "constraints-split", "Rate of conditions kept, by what the pairs know of them", splits(rows),
                caption=f"{WHICH_MARK}; hollow with a dotted line: raw text. The mark is the strict rate with its 95 % "
                "interval, a small cross the loose one where that differs, a stroke what answers to other conditions "
                "would reach. What must be left out stands apart.", columns=2,
            ),
        ],
        how_to_read="A cell is the share of answers that keep a condition, in percent; only what lies above luck, the "
        "last column, follows the instruction. A row is a type of condition, a column a form of the prompt; luck: "
        "answers to other conditions, put to the same check (the mean of all forms; each is in the table). A minus "
        "marks conditions on what must be left out; the types below the gap occur in no pair. Forms that carry no "
        "claim are asked a quarter of the requests.",
        n=asked(strict, "request"),
        test="Wilson intervals; exact sign test (McNemar's).",
        pitfall="Nonsense leaves out any word: conditions on what must not be there are met by luck and tell little, "
        "so look at the others. Types that no pair has are other types as well: compare each with its luck. Nothing is "
        "said here about whether an answer is true.",
        tables=[
            numbers(rows), numbers(rows, "by what must be there", "negative"), numbers(rows, "by type", "category"),
        ],
        shown="constraint",
    )  # fmt: skip


def said(rows: Sequence[dict]) -> str:
    strict, luck = (select(rows, metric=metric) for metric in ("obeys", "obeys_by_luck"))
    tuned = of_first_run(strict, "sft", condition="chat", negative=False)
    return " ".join(filter(None, [
        sentence(
            "The instruct model keeps {sft} of the conditions in chat, the base model {base} after model answers; by "
            "luck they would keep {sft_luck} and {base_luck}.",
            sft=share(of_first_run(strict, "sft", condition="chat")),
            base=share(of_first_run(strict, "base", condition="urial")),
            sft_luck=share(of_first_run(luck, "sft", condition="chat")),
            base_luck=share(of_first_run(luck, "base", condition="urial")),
        ),
        sentence(
            "Where something must be there, the instruct model keeps {seen} of what the pairs ask for in such words, "
            "{paraphrased} in other words, and {unseen} of the types that no pair has.",
            **{split: share(select(tuned, level=split)) for split in SPLITS},
        ),
    ]))  # fmt: skip


def heatmaps(rows: Sequence[dict]) -> dict[str, Figure]:
    return {figures.model_name(model): heatmap(model, select(rows, model=model)) for model in models(rows)}


def heatmap(model: str, rows: Sequence[dict]) -> Figure:
    """Conditions by prompt forms; types that no pair has stand apart."""
    forms = [form for (_, form), _ in by_combination(rows)]
    kept, luck = select(rows, metric="obeys"), select(rows, metric="obeys_by_luck")
    drawing, axes = figures.panel(4.6, title=figures.model_name(model))
    for y, kind in zip(heights(), (*SEEN, *UNSEEN), strict=True):
        found = [share(select(kept, category=kind, condition=form)) for form in forms]
        for x, part in [*enumerate(found), (len(forms) + 0.15, share(select(luck, category=kind)))]:
            draw_cell(axes, x, y, part)
    negative = {row["category"] for row in rows if row["negative"]}
    names = [f"− {kind}" if kind in negative else kind for kind in (*SEEN, *UNSEEN)]
    axes.set_yticks([y + 0.5 for y in heights()], [name.replace("_", " ") for name in names])
    places = [*(x + 0.5 for x in range(len(forms))), len(forms) + 0.65]
    labels = [figures.FORMS.get(form, form).removeprefix("with ") for form in forms]
    axes.set_xticks(places, [*labels, LUCK], rotation=35, ha="right", rotation_mode="anchor")
    axes.set(xlim=(0, len(forms) + 1.15), ylim=(heights()[-1] + 1, 0))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return drawing


def heights() -> list[float]:
    """Top of each row: a gap before the types that no pair has."""
    return [y + 0.35 * (y >= len(SEEN)) for y in range(len(SEEN) + len(UNSEEN))]


def draw_cell(axes, x: float, y: float, part: float | None) -> None:
    """A coloured cell with its percentage; nothing where nothing was asked."""
    if part is None:
        return
    axes.add_patch(Rectangle((x, y), 1, 1, facecolor=shades()(part), edgecolor="white", linewidth=1.5))
    ink = "white" if part > 0.55 else "#1d1d1f"
    axes.text(x + 0.5, y + 0.5, f"{100 * part:.0f}", ha="center", va="center", color=ink, fontsize=9)


def splits(rows: Sequence[dict]) -> dict[str, Figure]:
    """A panel for what the pairs know of a condition; what must be left out in a panel of its own."""
    positive = {name: select(rows, level=split, negative=False) for split, name in SPLITS.items()}
    panels = positive | {"what must be left out, all of it": select(rows, negative=True)}
    return {title: split_panel(title, some) for title, some in panels.items() if select(some, metric="obeys")}


def split_panel(title: str, rows: Sequence[dict]) -> Figure:
    loose, luck = (group(select(rows, metric=metric), "model", "condition") for metric in METRICS[1:3])
    drawing = figures.rates(select(rows, metric="obeys"),
                            reference=lambda row: share(luck.get((row["model"], row["condition"]), [])))  # fmt: skip
    axes = drawing.axes[0]
    for y, (pair, some) in enumerate(by_combination(select(rows, metric="obeys"))):
        if (found := share(loose.get(pair, []))) not in (None, share(some)):
            axes.plot(found, y, "x", color=figures.colour(pair[0]), markersize=6, markeredgewidth=1.3)
    axes.set_title(title)
    return drawing


def numbers(rows: Sequence[dict], caption: str = "all together", column: str = "") -> Table:
    """Strict, loose and lucky rates of each model and prompt form, for each value of a column."""
    columns = ("model", "condition", *filter(None, [column]))
    by_metric = {metric: group(select(rows, metric=metric), *columns) for metric in METRICS}
    lines = []
    for key, strict in by_metric["obeys"].items():
        found = rate(strict)
        others = (percent(share(by_metric[metric].get(key, []))) for metric in METRICS[1:])
        lines.append((*map(of_what, key[2:]), figures.label(*key[:2]), *rate_cells(found)[:2], *others, str(found.n)))
    header = ("Model and prompt", "Strict", "95 % interval", "Loose", "By luck", "Empty", "n")
    lines = sorted(lines, key=lambda line: line[0]) if column else lines
    return Table(("Condition", *header) if column else header, lines, f"The numbers: {caption}")


def of_what(value: str | bool) -> str:
    if isinstance(value, bool):
        return "something must be left out" if value else "something must be there"
    return value.replace("_", " ")
