"""Autocomplete or answer? What kind of text follows each kind of prompt."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import asked, by_combination, of_first_run, rate_table, sentence, share
from eval.page.reading import Results
from eval.page.section import Section, picture
from eval.page.words import percent
from eval.results import group, select

# Blue for carrying a text on, orange for answering it: the colours of the models that are claimed to do so.
KINDS = {
    "answers": "#E69F00", "refuses": "#CC79A7", "continues document": "#0072B2",
    "asks another question": "#56B4E9",
    "other speaker replies": "#009E73", "repeats": "#A8A8A8", "unparseable": "#6B6B6B",
}  # fmt: skip
LIGHT = ("answers", "asks another question", "repeats", "refuses")  # kinds that dark figures stand out on
ASKS = ("question", "instruction")
PROMPTS = ("question", "instruction", "stem", "capital stem", "story opening", "chat log")


def section(results: Results) -> Section | None:
    rows = results.of("response_types", metric="response_type")
    if not rows:
        return None
    answers = results.of("response_types", metric="answers")
    due = select(answers, category=ASKS)
    return Section(
        question="response_types",
        row="Definition",
        title="Autocomplete or answer?",
        says=sentence(
            "Given a bare question or instruction the base model answers {base} of the time; the instruct model "
            "answers {raw} of the same raw texts and {chat} in the chat form.",
            base=share(of_first_run(due, "base", condition="raw")),
            raw=share(of_first_run(due, "sft", condition="raw")),
            chat=share(of_first_run(due, "sft", condition="chat")),
        ),
        pictures=picture("response_types", "Kinds of output by prompt, model and prompt form", panels(rows),
                         themed=False,
                         columns=2, front=1),
        how_to_read="Each bar divides the outputs of one model under one prompt form by what kind of text they are: "
        "blue and green carry the text on, orange answers it. Shares under 14 % carry no number.",
        n=asked(rows),
        test="Paired by prompt; exact sign test (McNemar's) on answering, bootstrap interval of the difference.",
        pitfall="How often the training text follows a question by its answer decides what a base model does: one "
        "that answers has read question-and-answer sheets, it has not understood a wish.",
        tables=[rate_table(answers, "category", of="Prompt", what="Answers")],
    )  # fmt: skip


def panels(rows: Sequence[dict]) -> dict[str, Figure]:
    """What asks for something, and the beginnings of texts."""
    asks = {"asked for something": select(rows, category=ASKS), "given the beginning of a text":
            [row for row in rows if row["category"] not in ASKS]}  # fmt: skip
    return {title: figure(some) for title, some in asks.items() if some}


def figure(rows: Sequence[dict]) -> Figure:
    """A row for each kind of prompt; in it a bar for each model and prompt form, divided by kind of output."""
    by_prompt = group(rows, "category")
    prompts = sorted((prompt for (prompt,) in by_prompt), key=figures.placed(PROMPTS))
    bars = {prompt: by_combination(by_prompt[(prompt,)]) for prompt in prompts}
    heights = [len(bars[prompt]) + 0.9 for prompt in prompts]
    drawing = Figure(figsize=(figures.width_for(figures.combinations(rows)), 0.9 + 0.3 * sum(heights)))
    lines = drawing.subplots(len(prompts), 1, squeeze=False, sharex=True, height_ratios=heights)[:, 0]
    for axes, prompt in zip(lines, prompts, strict=True):
        draw_bars(axes, bars[prompt])
        axes.set_title(prompt)
    lines[-1].set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    seen = dict(pair for axes in lines for pair in zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    shown = sorted(seen, key=figures.placed(list(KINDS)))
    drawing.legend([seen[kind] for kind in shown], shown, loc="outside lower center", ncols=2, fontsize=9)
    return drawing


def shares(rows: Sequence[dict]) -> dict[str, float]:
    """Share of each kind among some rows, in the order of the legend; unknown kinds come last."""
    kinds = [str(row["meta"].get("response_type", "unparseable")) for row in rows]
    return {kind: kinds.count(kind) / len(kinds) for kind in sorted(set(kinds), key=figures.placed(list(KINDS)))}


def draw_bars(axes, bars: list[tuple[tuple[str, str], list[dict]]]) -> None:
    for y, (_, rows) in enumerate(bars):
        left = 0.0
        for kind, part in shares(rows).items():
            paint = KINDS.get(kind, "#333333")
            axes.barh(y, part, left=left, height=0.74, color=paint, edgecolor="white", linewidth=0.8, label=kind)
            if part >= 0.14:
                ink = "#1d1d1f" if kind in LIGHT else "white"
                axes.text(left + part / 2, y, percent(part), ha="center", va="center", fontsize=8.5, color=ink)
            left += part
    axes.set_yticks(range(len(bars)), [figures.label(*pair) for pair, _ in bars])
    axes.set(xlim=(0, 1), ylim=(len(bars) - 0.5, -0.5))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
