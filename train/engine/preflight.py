"""What would fail silently is refused here, before the first step."""

import math
import sys
from itertools import accumulate, groupby, pairwise
from statistics import mean

import torch

from configs.pipeline.errors import UserError
from data.chats import encode_prompt, encode_text, padding_id
from data.packing import Collator
from train.engine.checkpoints import stop_ids
from train.engine.held_out import eval_loss

PACKED_AMONG = 100  # rows in which one of several documents is looked for
REWARDED_PROMPTS, REWARDED_ANSWERS = 64, 8
SHIFTED = 1e-3  # by how much padding on the left may move a logit
LARGEST_LEAK = 1e-3  # in logits: rounding is far smaller, another document's words far larger


def check_new_model(trainer) -> None:
    """Before a pretraining: device, isolation, first loss; and what is learnt from, for the eye."""
    collate, rows = unpadded(trainer.held_out_collator), trainer.train_dataset
    check_device(trainer.model, collate, trainer.held_out)
    check_isolation(trainer.model, collate, rows)
    check_first_loss(trainer.evaluate()["eval_loss"], len(trainer.processing_class))
    print(f"pretraining on rows such as:\n    {show_example(trainer.processing_class, rows[0])}\n")


def check_tuning(trainer, told: str) -> None:
    """Before a fine-tuning: device and isolation; and what is learnt from, which `told` says, for the eye."""
    collate, rows = unpadded(trainer.held_out_collator), trainer.train_dataset
    check_device(trainer.model, collate, trainer.held_out)
    check_isolation(trainer.model, collate, rows)
    print(f"{told}; {len(rows):,} rows, loss on the green part:")
    print(f"    {show_example(trainer.processing_class, rows[0])}\n")


def check_first_loss(loss: float, vocabulary: int) -> None:
    """A new model knows nothing: its loss is ln(vocabulary), the loss of a uniform guess, to within a nat."""
    if not abs(loss - math.log(vocabulary)) < 1.0:
        raise UserError(
            f"the untrained model's loss is {loss:.2f} nats per token, expected about "
            f"ln({vocabulary}) = {math.log(vocabulary):.2f}: initialisation or labels are wrong"
        )


def check_device(model, collator, rows: list[dict]) -> None:
    """The device must compute the loss that the CPU computes: MPS has been seen to give another one."""
    device = next(model.parameters()).device
    if device.type == "cpu":
        return
    losses = []
    for place in ("cpu", device):
        nats, tokens = eval_loss(model.eval().to(place), rows[:8], collator, batch_size=8)
        losses.append(nats / tokens)
    if not abs(losses[0] - losses[1]) < 0.02:
        raise UserError(
            f"{device.type} computes a loss of {losses[1]:.4f} where the CPU computes {losses[0]:.4f}; use --device cpu"
        )


def check_rewards_differ(trainer, reward, rows: list[dict], least: float) -> None:
    """Answer some requests several times. Raises UserError if too few of them have answers of different rewards."""
    with torch.random.fork_rng():
        torch.manual_seed(trainer.args.seed)
        some = [row for row in rows[:REWARDED_PROMPTS] for _ in range(REWARDED_ANSWERS)]
        ids = trainer.write([encode_prompt(trainer.processing_class, row["prompt"]) for row in some])
    texts = trainer.processing_class.batch_decode(ids, skip_special_tokens=True)
    columns = {name: [row[name] for row in some] for name in some[0] if name != "prompt"}
    said = [[{"role": "assistant", "content": text}] for text in texts]
    rewards = reward(prompts=[row["prompt"] for row in some], completions=said, completion_ids=ids, **columns)
    groups = [rewards[start : start + REWARDED_ANSWERS] for start in range(0, len(rewards), REWARDED_ANSWERS)]
    varied = mean(max(group) - min(group) > 1e-9 for group in groups)
    stops = stop_ids(trainer.writer, trainer.processing_class)
    stopped = mean(one[-1] in stops for one in ids)
    print(f"{REWARDED_ANSWERS} answers to each of {len(groups)} requests: rewards differ within {varied:.0%} of the "
          f"groups, {mean(rewards):.2f} on average; {stopped:.0%} of the answers stop")  # fmt: skip
    if varied < least:
        why = "hardly an answer stops" if stopped < 0.2 else f"they are worth {mean(rewards):.2f} on average"
        raise UserError(
            f"only {varied:.0%} of the requests have answers of different rewards ({why}), so there is next to nothing "
            f"to learn (--least_varied is {least:g}); draw answers at a higher --temperature, or begin with a model "
            "that was tuned longer"
        )


@torch.no_grad()
def check_positions(model, tokenizer) -> None:
    """Raise UserError if padding on the left moves the logits: the library's log-probabilities would be wrong."""
    ids, padding = encode_text(tokenizer, "The cat sat on the mat."), padding_id(tokenizer)
    alone = model(input_ids=torch.tensor([ids])).logits[0]
    padded = model(
        input_ids=torch.tensor([[padding] * 5 + ids]), attention_mask=torch.tensor([[0] * 5 + [1] * len(ids)])
    ).logits[0, 5:]
    if float((alone - padded).abs().max()) > SHIFTED * float(alone.std() + 1):
        raise UserError(
            f"a {model.config.model_type} model counts positions from the padding on, so the log-probabilities that "
            "reinforcement learning needs would be wrong; use a shape with rotary positions (lfm2, qwen3, llama)"
        )


def unpadded(collator: Collator) -> Collator:
    return Collator(collator.padding_id, seq_idx=collator.seq_idx)


@torch.no_grad()
def check_isolation(model, collator, rows) -> dict[str, float] | None:
    """The logits of a packed document must equal those of the document alone, or documents leak into each other.

    Returns by how much they differ at most, as packed and, as a negative control, as one text; None without such rows.
    """
    some = (rows[place] for place in range(min(PACKED_AMONG, len(rows))))
    row = next((row for row in some if len(row.get("seq_lengths") or []) > 1), None)
    if row is None:
        return None
    model.eval()
    ends = [0, *accumulate(row["seq_lengths"])]
    packed = logits(model, collator([row]))[0]
    leaking = logits(model, collator([{"input_ids": row["input_ids"]}]))[0]
    differs, control = [], []
    for start, end in list(pairwise(ends))[1:]:  # nothing stands before the first
        alone = logits(model, collator([{"input_ids": row["input_ids"][start:end]}]))[0]
        differs.append((packed[start:end] - alone).abs().max().item())
        control.append((leaking[start:end] - alone).abs().max().item())
    if max(differs) > LARGEST_LEAK:
        raise UserError(
            f"this model lets packed documents see each other (logits differ by {max(differs):.2g}); it mixes tokens "
            "across restarting positions: choose another model_type, or fine-tune with --pack false"
        )
    return {"documents": len(differs), "packed": max(differs), "as_one_text": max(control)}


def logits(model, batch: dict) -> torch.Tensor:
    batch.pop("labels")
    device = next(model.parameters()).device
    batch = {name: value.to(device) if torch.is_tensor(value) else value for name, value in batch.items()}
    return model(**batch).logits.float()


def show_example(tokenizer, row: dict, tokens: int = 150) -> str:
    """The first tokens of a row as text: what receives loss in green, the rest grey; without a terminal in [[...]]."""
    labels = row.get("labels") or row["input_ids"]
    marks = {True: ("\033[32m", "\033[0m"), False: ("\033[90m", "\033[0m")}
    if not sys.stdout.isatty():
        marks = {True: ("[[", "]]"), False: ("", "")}
    pieces = []
    for learnt, run in groupby(zip(row["input_ids"][:tokens], labels, strict=False), key=lambda pair: pair[1] != -100):
        before, after = marks[learnt]
        pieces.append(before + tokenizer.decode([token for token, _ in run]) + after)
    return "".join(pieces).replace("\n", "\n    ") + (" ..." if len(labels) > tokens else "")
