"""Write our closed-set questions and held-out text as tasks of lm-eval; with --check, score them both ways.

python -m eval.export --run tiny --to tasks
python -m eval.export --run tiny --to tasks --check base
"""

import argparse
from pathlib import Path

import numpy as np

from configs.pipeline.commands import make_command
from configs.pipeline.errors import UserError, exit_cleanly
from configs.pipeline.stage import MANIFEST, open_finished
from configs.pipeline.stages import causal_models, folder_of
from configs.pipeline.summary import print_summary

CLOSE = 1e-3  # nats that two orders of summing may differ by


def main() -> None:
    options = parsed()
    name = options.check or "base"
    model = folder_of(name, options.run, options.seed, options.workspace)
    corpus = folder_of("corpus", options.run, workspace=options.workspace)
    if not (model / MANIFEST).is_file():
        command = make_command("all", options.run, str(options.seed), options.workspace)
        raise UserError(f"no model at {model}; run `{command}`")
    open_finished(corpus, "corpus")
    # a missing run is answered without torch
    from eval.export import items, tasks
    from eval.lm import open_language_model

    lm = open_language_model(name, model, batch_size=64, device="cpu")
    asked = {
        "facts": items.facts(options.facts),
        "grammar": items.grammar(options.pairs),
        "text": items.text(corpus, lm.tokenizer, lm.context, options.documents),
    }
    tasks.write_tasks(options.to, asked, lm.tokenizer.bos_token or "")
    print_summary("tasks", {kind: f"{len(some)} items" for kind, some in asked.items()} | {"folder": options.to})
    if options.check:
        check(lm, model, asked, options.to)
    else:
        print(f"  cd {options.to} && {tasks.command(model.resolve())}")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Write our questions as tasks of lm-eval.")
    parser.add_argument("--run", default="tiny", help="run whose tokenizer and held-out text are used (default: tiny)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the model (default: 0)")
    parser.add_argument("--to", type=Path, required=True, help="folder to write into")
    parser.add_argument("--check", choices=causal_models(), help="score that model with both programs")
    parser.add_argument("--facts", type=int, default=20, help="facts of each relation (default: 20)")
    parser.add_argument("--pairs", type=int, default=50, help="pairs of sentences of each phenomenon (default: 50)")
    parser.add_argument("--documents", type=int, default=10, help="documents of each type (default: 10)")
    parser.add_argument("--workspace", type=Path, default=Path("."), help="folder of the run (default: this one)")
    return parser.parse_args()


def check(lm, model: Path, asked: dict, folder: Path) -> None:
    """Print both results. Raises UserError if they disagree on an item."""
    from eval.export import ours, theirs

    mine = ours.scored(lm, asked)
    others, metrics = theirs.scored(folder, model)
    rows = {}
    for kind in ("facts", "grammar"):
        rows[kind] = f"{ours.accuracy(asked[kind], mine[kind]):.4f} ours, {metrics[kind]['acc,none']:.4f} lm-eval"
    bits = ours.bits_per_byte(asked["text"], mine["text"])
    rows["bits per byte"] = f"{bits:.5f} ours, {metrics['text']['bits_per_byte,none']:.5f} lm-eval"
    apart = disagreements(asked, mine, others)
    rows["items that differ"] = len(apart)
    print_summary("both programs", rows)
    if apart:
        raise UserError(f"our scores and lm-eval's differ on {len(apart)} items, {apart[0]} among them")


def disagreements(asked: dict, mine: dict, others: dict) -> list[str]:
    """Items whose scores differ, or of which another choice is taken where the two best are not equal."""
    return [
        f"{kind} {item['id']}" for kind, some in asked.items() for item in some
        if differ(np.array(mine[kind][item["id"]]), np.array(others[kind][item["id"]]))
    ]  # fmt: skip


def differ(one: np.ndarray, other: np.ndarray) -> bool:
    far = abs(one - other).max() > CLOSE * max(1.0, abs(one[0]) / 100)
    is_tie = len(one) > 1 and np.ptp(np.sort(one)[-2:]) < CLOSE
    return bool(far or (one.argmax() != other.argmax() and not is_tie))


if __name__ == "__main__":
    exit_cleanly(main)
