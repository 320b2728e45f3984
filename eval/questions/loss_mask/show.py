"""What is taught? Which tokens count in the loss under each objective, and how much of each stage's text does."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import of_first_run, sentence
from eval.page.reading import Results, is_base, listed, mapping
from eval.page.section import Section, Table, picture
from eval.page.words import percent, plural, words
from eval.results import group
from eval.stats import Estimate, ratio_difference
from train.objectives import of_conversations


def section(results: Results) -> Section | None:
    rows = results.of("loss_mask", metric="loss_share")
    if not rows:
        return None
    mine = of_first_run(rows, "base") or list(rows)
    found = {name: weighted_share(some) for (name,), some in group(mine, "category").items()}
    return Section(
        question="loss_mask",
        row="Training data",
        title="What is taught, token by token?",
        says=sentence(
            "Pretraining learns from every token of its documents, instruction tuning with loss on the assistant's "
            "words from {answers} of the tokens of a conversation.",
            answers=found["assistant_only"].value if "assistant_only" in found else None,
        ),
        pictures=picture("mask", "Share of a conversation's tokens that receive loss, by objective", drawn(found)),
        how_to_read="The same conversation under each objective: tokens on a tinted ground with a line under them "
        "count in the loss, grey ones are only read. The fainter the tint, the less a token counts. Point at a token, "
        "or go there with Tab and the arrow keys, to see its weight. In the figure: how much of a conversation counts.",
        n=plural(len({row["item_id"] for row in mine}), "conversation"),
        test="None: a description. Bootstrap over conversations.",
        pitfall="Cross-entropy is the loss of every stage: what changes is the text and which of its tokens count. The "
        "weights of dft are those of the base model, at the first step of tuning; they change as it learns.",
        tables=[card(results, found)] if results.summary.get("models") else [],
    )


def weighted_share(rows: Sequence[dict]) -> Estimate:
    """Of all tokens; a long conversation has more of them."""
    sizes = [row["n_tokens"] for row in rows]
    counted = [row["value"] * row["n_tokens"] for row in rows]
    return ratio_difference(counted, [0] * len(rows), sizes, [row["item_id"] for row in rows], resamples=1000)


def drawn(found: dict[str, Estimate]) -> Figure:
    names = [name for name in of_conversations() if name in found]
    drawing, axes = figures.panel(0.7 + 0.33 * len(names), figures.WIDE)
    for y, name in enumerate(names):
        figures.whisker(axes, y, found[name], figures.INK, "o")
    figures.named_lines(axes, names)
    figures.percent_axis(axes.xaxis)
    return drawing


def card(results: Results, found: dict[str, Estimate]) -> Table:
    """A column for each model of the first seed: what it was taught with, and at what price."""
    models = listed(results.summary.get("models"))
    first = min((model.get("seed", 0) for model in models), default=0)
    made = [model for model in models if model.get("seed", 0) == first]
    facts = [facts_of(model, results, found) for model in made]
    lines = [(name, *(one[name] for one in facts)) for name in (facts[0] if facts else ())]
    return Table(("Stage", *(figures.model_name(str(model.get("name"))) for model in made)), lines, "Data card")


def facts_of(model: dict, results: Results, found: dict[str, Estimate]) -> dict[str, str]:
    config, objective = mapping(model.get("config")), str(model.get("objective"))
    base = is_base(model)
    count = results.corpus.get("documents") if base else mapping(results.summary.get("pairs")).get("count")
    replayed = None if base else config.get("replay_share")
    loss_on = f"{percent(found[objective].value)} ({objective})" if objective in found else objective

    def fact(name: str, unit: str = "") -> str:
        return "–" if model.get(name) is None else words(model[name]) + unit

    return {
        "Text": (f"{words(count)} {'documents' if base else 'conversations'}" if count else "–")
        + (f", {percent(replayed)} replayed" if replayed else ""),
        "Tokens read": fact("train_tokens"),
        "Tokens that receive loss": "100 %" if base else loss_on + "; of replayed documents all" * bool(replayed),
        "Passes over the text": str(config.get("num_train_epochs", "set by the tokens")),
        "Parameters": fact("parameters"),
        "Of them trained": fact("trained_parameters"),
        "Peak learning rate": words(config.get("learning_rate", "–")),
        "Wall time": fact("train_seconds", " s"),
    }
