"""Where does tuning act? The tuned model's tokens, ranked by the base model."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import asked, models, of_first_run, rate_cells, sentence
from eval.page.reading import Results
from eval.page.section import Section, Table, picture, tables
from eval.page.strips import MARGINAL, UNSHIFTED
from eval.page.words import hundreds, percent, percents
from eval.results import group, select
from eval.stats import Estimate, paired_difference, ratio_difference

ROLES = {"f": "objects of facts", "n": "subjects, repetitions", "m": "manner: all other words", "s": "structure, end"}
CONTEXTS = {"chat": "after the same chat prompt", "urial": "after its own model answers"}
BINS = ((1, 1), (2, 2), (3, 4), (5, 8), (9, 16), (17, 32), (33, 64))
Token = tuple[int, str, bool]  # rank, role, whether it begins a word
FEWEST = 5  # tokens behind a mark


def section(results: Results) -> Section | None:
    rows = ranked(results, "shifted")
    if not rows:
        return None
    chat = select(rows, condition="chat")
    return Section(
        question="token_shift",
        row="Training data",
        title="Which tokens does tuning change?",
        says=said(chat, results.of("token_shift", metric="manner_minus_facts", condition="chat")),
        pictures=picture(
            "token-shift", "Share of shifted tokens, by what they are for and by position", drawn(rows), front=1
        ),
        how_to_read="The tuned model's answers, token by token, as the base model ranks them in the same place: its "
        "own first choice (unshifted), its second or third (marginal), below that (shifted). In the text a solid line "
        "under a token says shifted, a dotted one marginal; point at it, or go there with Tab and the arrow keys, to "
        f"see what the base would rather have written. In the figure: {marks(rows)}bars are 95 % intervals.",
        n=f"{asked(chat, 'answer')}, {sum(row['n_tokens'] for row in chat)} tokens",
        test="Bootstrap over answers.",
        pitfall="Most tokens only finish a word that has begun, and hardly any model errs there; long names make facts "
        "look unshifted, so the table also counts words by their worst token. And a token far down the base's list may "
        "merely stand in another form of text: the hollow marks show the same answers after model answers that the "
        "base reads as its own.",
        tables=[by_role(rows), *reverse(results)],
    )


def ranked(results: Results, metric: str) -> list[dict]:
    return [row for row in results.of("token_shift", metric=metric) if row["meta"].get("ranks")]


def said(chat: Sequence[dict], differences: Sequence[dict]) -> str:
    mine, pairs = of_first_run(chat, "sft"), of_first_run(differences, "sft")
    of = {role: shifted(mine, of_role(role)) for role in "mf"}
    manner, facts = (percent(of[role].value) for role in "mf")
    split = f": {manner} of those of manner, {facts} of those that name the object of a fact"
    told = sentence(
        "Of the tokens that the instruct model writes, {all} are below the base's third choice{split}.",
        all=shifted(mine).value if mine else None,
        split=split if of["m"].n and of["f"].n else "",
    )
    if not pairs:
        return told
    found = [between([row["value"] for row in pairs], pairs)]
    by_word = [(value, row) for row in mine if (value := manner_minus_facts(words(row))) is not None]
    found += [between(*zip(*by_word, strict=True))] if by_word else []
    ahead = " (counted by whole words: ".join(map(points, found)) + ")" * bool(by_word)
    return f"{told} Within an answer manner is ahead of facts by {ahead}."


def between(values: Sequence[float], rows: Sequence[dict]) -> Estimate:
    """The mean difference, interval over what the answers are about."""
    return paired_difference(values, [0.0] * len(values), [row["cluster_id"] or row["item_id"] for row in rows])


def points(found: Estimate) -> str:
    """Example: "15 points, 10 to 20"."""
    numbers = [hundreds(value, 0).lstrip("+") for value in (found.value, found.low, found.high)]
    return f"{numbers[0]} points, {numbers[1]} to {numbers[2]}"


def manner_minus_facts(row: dict) -> float | None:
    """Share of shifted manner minus that of shifted facts in one answer; None where it lacks one of them."""
    flags = {role: [rank > MARGINAL for rank, one, _ in tokens_of(row) if one == role] for role in "mf"}
    return float(np.mean(flags["m"]) - np.mean(flags["f"])) if all(flags.values()) else None


def tokens_of(row: dict) -> list[Token]:
    meta = row["meta"]
    starts = meta.get("starts") or "1" * len(meta["ranks"])
    return [(rank, role, one == "1") for rank, role, one in zip(meta["ranks"], meta["roles"], starts, strict=True)]


def of_role(role: str) -> Callable[[Token], bool]:
    """Which tokens; "": all."""
    return lambda token: role in ("", token[1])


def shifted(rows: Sequence[dict], wanted: Callable[[Token], bool] = lambda token: True, above=MARGINAL) -> Estimate:
    """Share of the wanted tokens whose rank is above `above`; interval over answers."""
    kept = [([t[0] > above for t in tokens_of(row) if wanted(t)], row["item_id"]) for row in rows]
    kept = [(flags, item) for flags, item in kept if flags]
    if not kept:
        return Estimate(np.nan, np.nan, np.nan, 0)
    sizes = [len(flags) for flags, _ in kept]
    found = ratio_difference([sum(flags) for flags, _ in kept], [0] * len(kept), sizes, [item for _, item in kept],
                             resamples=1000)  # fmt: skip
    return replace(found, n=sum(sizes))


def at_position(rows: Sequence[dict], first: int, last: int) -> Estimate:
    """Of the tokens first..last of each answer, counted from 1."""
    cut = [row | {"meta": {name: row["meta"][name][first - 1 : last] for name in ("ranks", "roles")}} for row in rows]
    return shifted([row for row in cut if row["meta"]["ranks"]])


def drawn(rows: Sequence[dict]) -> dict[str, Figure]:
    return {"by role": role_panel(rows), "by position": position_panel(select(rows, condition="chat"))}


def role_panel(rows: Sequence[dict]) -> Figure:
    drawing, axes = figures.panel(3.4, title="Shifted, by what it is for")
    pairs = [(m, c) for c in CONTEXTS for m in models(rows) if select(rows, model=m, condition=c)]
    for place, (model, context) in enumerate(pairs):
        mine = select(rows, model=model, condition=context)
        look = {"hollow": context != "chat", "label": read_how(model, context)}
        for y, role in enumerate(ROLES):
            found = shifted(mine, of_role(role))
            if found.n < FEWEST:
                continue
            at = y + 0.6 * (place / max(1, len(pairs) - 1) - 0.5)
            figures.whisker(axes, at, found, figures.colour(model), figures.marker(model), **look)
    names = [name.replace(": ", ":\n").replace(", ", ",\n") for name in ROLES.values()]
    figures.named_lines(axes, names, margin=0.55)
    figures.percent_axis(axes.xaxis, 3)
    figures.legend_below(drawing, axes, 1)
    return drawing


def read_how(model: str, context: str) -> str:
    return f"{figures.model_name(model)}, base {CONTEXTS.get(context, context)}"


def position_panel(rows: Sequence[dict]) -> Figure:
    drawing, axes = figures.rate_curve_panel("Shifted, by position", "share of tokens", "token of the answer", 3.4)
    for model in models(rows):
        found = [at_position(select(rows, model=model), *ends) for ends in BINS]
        kept = [(x, one) for x, one in enumerate(found) if one.n >= FEWEST]
        figures.curve(axes, [x for x, _ in kept], [one for _, one in kept], model, label=figures.model_name(model))
    axes.set_xticks(range(len(BINS)), [str(a) if a == b else f"{a}–{b}" for a, b in BINS], fontsize=8)
    figures.legend_below(drawing, axes, 1)
    return drawing


def marks(rows: Sequence[dict]) -> str:
    return "squares are full tuning, diamonds LoRA; " if len(models(rows)) > 1 else ""


def by_role(rows: Sequence[dict]) -> Table:
    lines = []
    for (model, context), mine in group(rows, "model", "condition").items():
        by_word, whose = [words(row) for row in mine], read_how(model, context)
        for role, name in {"": "all", **ROLES}.items():
            far, either = shifted(mine, of_role(role)), shifted(mine, of_role(role), UNSHIFTED).value
            if far.n >= FEWEST:
                shares = 1 - either, either - far.value, far.value
                lines.append((name, whose, *map(percent, shares), percents(far),
                              percent(shifted(by_word, of_role(role)).value), str(far.n)))  # fmt: skip
    header = ("Tokens", "Whose, read how", "Unshifted", "Marginal", "Shifted", "95 % interval", "Words shifted", "n")
    return Table(header, sorted(lines, key=lambda line: line[1]), "By what the tokens are for")


def words(row: dict) -> dict:
    """The same answer by words: a word has the role of its first token and the rank of its worst."""
    found: list[list] = []
    for rank, role, begins in tokens_of(row):
        if begins or not found:
            found.append([rank, role])
        else:
            found[-1][0] = max(found[-1][0], rank)
    return row | {"meta": {"ranks": [rank for rank, _ in found], "roles": "".join(role for _, role in found)}}


def reverse(results: Results) -> list[Table]:
    """The base's own tokens, ranked by the tuned models."""
    rows = ranked(results, "reverse")
    lines = [
        (figures.model_name(model), *rate_cells(shifted(mine))) for (model,), mine in group(rows, "model").items()
    ]
    caption = "The other way round: the base's own tokens after the same prompts, ranked by the tuned model"
    return tables(("Ranked by", "Shifted", "95 % interval", "Tokens"), lines, caption)
