"""How the models and their text were made, and what limits the numbers: from summary.json."""

from collections.abc import Sequence

from eval import figures
from eval.page.reading import mapping
from eval.page.transcripts import css_name
from eval.page.words import decimals, percent, words
from eval.results import role

CARD = (
    ("seed", "seed", ""), ("parent", "starts from", ""), ("objective", "loss on", ""),
    ("parameters", "parameters", ""), ("trained_parameters", "of them trained", ""),
    ("train_tokens", "tokens read", ""), ("train_seconds", "time", " s"),
    ("tokens_per_second", "speed", " tokens/s"),
    ("held_out_loss", "held-out loss", " nats/token"), ("held_out_bits_per_byte", "held out", " bits/byte"),
)  # fmt: skip


def told(about: dict, named: Sequence[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """What is known of it, each by its label and in its unit."""
    return [(label, words(about[key]) + unit) for key, label, unit in named if about.get(key) is not None]


def card(model: dict) -> dict:
    """How one model was made."""
    name = str(model.get("name") or model.get("stage") or "model")
    return {
        "name": figures.model_name(name), "role": css_name(role(name)), "facts": told(model, CARD),
        "config": [(key, words(value)) for key, value in mapping(model.get("config")).items()],
    }  # fmt: skip


def limits(summary: dict) -> list[str]:
    """What was cut or mixed, and therefore limits what the numbers say."""
    lines = [f"{name.replace('_', ' ')}: {words(value)}" for name, value in summary.items()
             if name.startswith("truncated") and value]  # fmt: skip
    own = mapping(summary.get("corpus")).get("own_text_share")
    if own:
        lines.append(f"{percent(own)} of the corpus is the user's own text, whose truth is not known")
    return lines


def corpus_lines(summary: dict) -> list[tuple[str, str]]:
    corpus, pairs = mapping(summary.get("corpus")), mapping(summary.get("pairs"))
    named = (("megabytes", "corpus", " MB"), ("documents", "documents", ""),
             ("entropy_bound_nats_per_token", "entropy bound", " nats/token"))  # fmt: skip
    return told(corpus, named) + told(pairs, [("count", "instruction pairs", "")])


def knob_lines(summary: dict) -> list[tuple[str, str]]:
    """How the writers of the corpus were set."""
    config = mapping(mapping(summary.get("corpus")).get("config"))
    return [(name.replace("_", " "), words(value)) for name, value in config.items()]


def type_lines(by_type: dict) -> list[dict]:
    """The text by type of document, with the bound on its entropy where the program that wrote it is known."""
    return [
        {"name": name, "documents": words(line.get("documents")), "share": percent(line.get("share_of_bytes")),
         "bits": decimals(line.get("bits_per_byte")), "nats": decimals(line.get("nats_per_token"))}
        for name, line in by_type.items()
    ]  # fmt: skip


def share_lines(parts: dict) -> list[dict]:
    """Parts of a whole, largest first, given as shares or as counts."""
    parts = {name: part for name, part in parts.items() if isinstance(part, int | float)}
    whole = sum(parts.values())
    ordered = sorted(parts.items(), key=lambda item: -item[1])
    return [{"name": name, "share": percent(part / whole), "width": round(100 * part / whole, 1)}
            for name, part in ordered if whole]  # fmt: skip
