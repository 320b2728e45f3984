"""What preference tuning and reinforcement learning did step by step: worth of the answers, and how far they went."""

from collections.abc import Sequence
from statistics import mean

from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import sentence
from eval.page.reading import Results, listed
from eval.page.section import Section, picture, tables
from eval.page.words import decimals, plural
from eval.results import select

# column of the record -> (title of its panel, what stands beside the axis)
PANELS = {
    "utility": ("Worth of the answers", "known utility"),
    "greedy": ("Worth of the likeliest answers", "known utility"),
    "reward": ("Reward while training", "mean of the sampled answers"),
    "kl": ("Distance from the tuned model", "KL (nats an answer)"),
    "stops": ("Answers that end", "share"),
    "tokens": ("Length of the answers", "tokens"),
    "rewards/accuracies": ("Choices foretold", "share of held-out preferences"),
    "rewards/margins": ("Margin of chosen over rejected", "beta x nats"),
    "logps/chosen": ("The chosen answer", "log-probability (nats)"),
    "logps/rejected": ("The rejected answer", "log-probability (nats)"),
    "logps/greedy": ("What was likeliest before", "log-probability (nats)"),
}


def section(results: Results) -> Section | None:
    models = [model for model in listed(results.summary.get("models")) if model.get("examination")]
    if not models:
        return None
    facts = listed(results.summary.get("feedback"))
    last = {model["stage"]: model["examination"][-1] for model in models}
    told = {name: last.get(name, {}).get("kl") for name in ("dpo", "rl")}
    return Section(
        question="feedback",
        row="Human feedback",
        title="How do the answers change while feedback is learnt?",
        says=sentence("DPO ends {kl} nats an answer away from the tuned model.", kl=number(told["dpo"]))
        + sentence(" Reinforcement learning goes {kl}.", kl=number(told["rl"])),
        pictures=picture("feedback", "Answers to the same requests, step by step", panels(models), columns=2),
        how_to_read="Each point is an examination: answers to requests that nothing learns from, drawn at "
        "temperature 1 and (likeliest) greedy, judged by a program, and the distance of what is drawn from the model "
        "that training began with. A log-probability of the chosen answer that falls while choices are foretold better "
        "is known as displacement (Razin et al. 2024, arXiv 2410.08847).",
        n=plural(len(models), "training"),
        test="None: a description.",
        tables=[*tables(*preference_table(facts), caption="What was learnt from"), *likelihoods(results)],
        pitfall="The distance is estimated from answers that the model samples; it may come out slightly below 0.",
    )


def preference_table(facts: Sequence[dict]) -> tuple[list[str], list[list[str]]]:
    """A column for each training: what its card says, and how well the reward model foretells choices held out."""
    names = list(dict.fromkeys(name for one in facts for name in one["preferences"]))
    lines = [[name, *(str(one["preferences"].get(name, "")) for one in facts)] for name in names]
    foretold = [decimals(one["reward"].get("accuracy")) for one in facts]
    if any(one["reward"] for one in facts):
        lines.append(["choices held out that the reward model foretells", *foretold])
    return ["Preferences", *(f"seed {one['seed']}" for one in facts)], lines


def likelihoods(results: Results) -> list:
    """Of each model, the mean log-probability of the answers of preferences held out."""
    sides = [select(results.of("feedback"), metric=f"logp_{side}") for side in ("chosen", "rejected")]
    names = list(dict.fromkeys(row["model"] for rows in sides for row in rows))
    found = {name: [mean(row["value"] for row in select(rows, model=name)) for rows in sides] for name in names}
    lines = [[figures.model_name(name), *map(decimals, both)] for name, both in found.items()]
    return tables(["Model", "chosen", "rejected"], lines, caption="Log-probability of answers held out (nats)")


def number(value: float | None) -> str | None:
    return None if value is None else decimals(value)


def panels(models: Sequence[dict]) -> dict[str, Figure]:
    return {title: panel(models, column, title, beside) for column, (title, beside) in PANELS.items()
            if any(column in point for model in models for point in model["examination"])}  # fmt: skip


def panel(models: Sequence[dict], column: str, title: str, beside: str) -> Figure:
    drawing, axes = figures.panel(3.0, title=title, xlabel="steps", ylabel=beside)
    for model in models:
        if points := [(point["step"], point[column]) for point in model["examination"] if column in point]:
            name = model["name"]
            axes.plot(*zip(*points, strict=True), color=figures.colour(name), marker=figures.marker(name),
                      markersize=4, linewidth=1.6, label=figures.model_name(name))  # fmt: skip
    axes.grid(axis="y")
    figures.legend_below(drawing, axes, 2)
    return drawing
