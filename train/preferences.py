"""Stage: preferences. The tuned model answers requests that it never saw, and a rater chooses between two answers.

    python -m train.preferences --config configs/tiny/preferences.yaml

In: the tuned model, the pairs that it has seen; or a file of the user's own (PREFERENCES=path). Out: train.jsonl and
held_out.jsonl under checkpoints/<run>/seed<k>/preferences, rows of {prompt, chosen, rejected}. The two are the best
and the worst of `samples`; for `controlled_share` of the requests a right answer and one spoilt on purpose.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from statistics import mean

from configs.pipeline.errors import UserError, exit_cleanly
from configs.pipeline.progress import progress_bar
from configs.pipeline.run import Run, begin
from configs.pipeline.summary import print_summary
from data.judge.rater import Rater, ceiling
from data.judge.utility import reference, utility
from data.pairs import write_rows
from data.preferences import read_preferences
from data.sources.files import TABLES, choose_files
from data.sources.reading import Reading
from data.synthetic import fingerprint
from data.synthetic.draw import Draw
from train.engine.folders import named_model
from train.requests import FRESH, believing, fresh_requests, spoilt
from train.settings import PreferencesSettings

AT_ONCE = 512  # requests answered before it is counted how many pairs they gave
TRIES = 12  # times as many requests as pairs are wanted, and still too few: the answers do not differ


def main() -> None:
    run = begin("preferences", lambda settings: sources(settings) | named_model("sft", "tuned")(settings))
    settings = run.settings
    with run.writing() as folder:
        rows, left_out = own_preferences(settings) if settings.preferences else rated_answers(run)
        train, held_out = split(rows, settings.held_out)
        write_rows(folder / "train.jsonl", train)
        write_rows(folder / "held_out.jsonl", held_out)
        card = card_of(train, held_out, left_out)
        run.stage.record(statistics=card)
    print_summary(f"preferences: {run.stage.folder}", {name: str(told) for name, told in card.items()})


def sources(settings: PreferencesSettings) -> dict[str, str]:
    if settings.preferences:
        return choose_files(settings.preferences, TABLES).hashes()
    return {"world": fingerprint.of_pairs(FRESH)}


def own_preferences(settings: PreferencesSettings) -> tuple[list[dict], Counter]:
    return read_preferences(Reading(settings.preferences, "preferences", settings.skip_bad_rows, settings.encoding))


def rated_answers(run: Run) -> tuple[list[dict], Counter]:
    """As many pairs as wanted, and how many requests gave none."""
    settings, rows, left_out = run.settings, [], Counter()
    wanted, requests = settings.count + settings.held_out, fresh_requests(run.folders["pairs"], settings.seed)
    requests = (believing(request, place, settings) for place, request in enumerate(requests))
    model, tokenizer = open_writer(run)
    rater = Rater(settings.noise, settings.length_liking, settings.agreement_liking, settings.sharpness)
    with progress_bar(total=wanted, desc="preferences") as bar:
        for block in range(1, 1 + TRIES * wanted // AT_ONCE + TRIES):
            some = list(islice(requests, AT_ONCE))
            for request, answers in zip(some, answered(model, tokenizer, some, settings, block), strict=True):
                if len(rows) == wanted:
                    break
                row = rated(Draw(settings.seed, f"rate/{len(rows)}/{sum(left_out.values())}"), request, answers, rater)
                if row is None:
                    left_out["ties: two answers of the same worth"] += 1
                else:
                    rows.append(row)
                    bar.update()
            if len(rows) == wanted:
                return rows, left_out
    raise UserError(
        f"{run.folders['sft']}: {TRIES * wanted} requests gave {len(rows)} pairs of answers that differ in worth, and"
        f" {wanted} are wanted; raise --temperature or --controlled_share, or lower --count"
    )


def rated(draw: Draw, request: dict, answers: list[tuple[str, bool]], rater: Rater) -> dict | None:
    """The best and the worst of the answers, as the rater chooses between them; None if they are worth the same."""
    known = [(utility(request, text, stopped), text, stopped) for text, stopped in answers if text]
    worth = [(rater.value(request, text, value), text, stopped, value) for value, text, stopped in known]
    if len(worth) < 2 or min(worth)[0] == max(worth)[0]:
        return None
    best, worst = max(worth), min(worth)
    chance = rater.chance(best[0], worst[0])
    chosen, rejected = (best, worst) if draw.flag(chance) else (worst, best)
    return {
        "prompt": request["messages"][:-1],
        "chosen": [{"role": "assistant", "content": chosen[1]}],
        "rejected": [{"role": "assistant", "content": rejected[1]}],
        "kind": request["kind"],
        "chance": round(max(chance, 1 - chance), 6),
        "stopped": [chosen[2], rejected[2]],
        "utility": [round(chosen[3], 4), round(rejected[3], 4)],
    }


def open_writer(run: Run):
    """(the tuned model, as it writes fastest here, its tokenizer)."""
    import torch

    from train.engine.checkpoints import open_tuned_model
    from train.engine.devices import choose_device, choose_precision

    device = choose_device(run.settings.device)
    model, tokenizer = open_tuned_model(run.folders["sft"])
    precision = choose_precision(run.settings.precision, device)
    return model.to(device, torch.bfloat16 if precision == "bf16" else torch.float32).eval(), tokenizer


def answered(
    model, tokenizer, requests: list[dict], settings: PreferencesSettings, block: int
) -> list[list[tuple[str, bool]]]:
    """Answers to each request, as (text, whether it stopped): samples of the model, or a right and a spoilt one."""
    import torch

    from train.engine.writing import write_answers

    torch.manual_seed(settings.seed * 1_000_003 + block)
    draws = [Draw(settings.seed, f"controlled/{block}/{place}") for place in range(len(requests))]
    controlled = [draw.flag(settings.controlled_share) for draw in draws]
    prompts = [request["messages"][:-1] for request, is_controlled in zip(requests, controlled, strict=True)
               if not is_controlled for _ in range(settings.samples)]  # fmt: skip
    written = iter(write_answers(model, tokenizer, prompts, settings.max_new_tokens, settings.temperature))
    return [
        [(reference(request), True), (spoilt(draw, request), True)] if is_controlled
        else [(answer.text, answer.stopped) for answer in islice(written, settings.samples)]
        for request, draw, is_controlled in zip(requests, draws, controlled, strict=True)
    ]  # fmt: skip


def split(rows: list[dict], count: int) -> tuple[list[dict], list[dict]]:
    """(train, held out) in an order given by the hash of the prompt, so that a prompt stands on one side alone."""

    def place(row: dict) -> str:
        return hashlib.sha256(json.dumps(row["prompt"], sort_keys=True).encode()).hexdigest()

    rows = sorted(rows, key=place)
    count = min(count, max(1, len(rows) // 10))
    while count < len(rows) and place(rows[count - 1]) == place(rows[count]):
        count += 1
    if count >= len(rows):
        raise UserError(f"{len(rows)} preferences are too few: some to train on and some held out, of other prompts")
    return rows[count:], rows[:count]


def card_of(train: list[dict], held_out: list[dict], left_out: Counter) -> dict:
    """What is known of the preferences: for the record, and for the screen."""
    rows = [*train, *held_out]
    card = {"pairs": f"{len(train):,} to train on, {len(held_out):,} held out"}
    if left_out:
        every = len(rows) + left_out.total()
        card["left out"] = ", ".join(f"{count:,} {why} ({count / every:.0%})" for why, count in left_out.items())
    chances = [row["chance"] for row in rows if "chance" in row]
    if chances:
        card["best possible accuracy"] = f"{ceiling(chances):.3f}"
    card["words of an answer"] = ", ".join(f"{side} {words(rows, side):.1f}" for side in ("chosen", "rejected"))
    kinds = Counter(row["kind"] for row in rows if "kind" in row)
    if kinds:
        card["kinds"] = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
    return card


def words(rows: Iterable[dict], side: str) -> float:
    return mean(len(row[side][-1]["content"].split()) for row in rows)


if __name__ == "__main__":
    exit_cleanly(main)
