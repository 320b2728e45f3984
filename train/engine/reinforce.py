"""`trl.RLOOTrainer` with our habits: fast answers, whole blocks in a checkpoint, and the best weights kept."""

from pathlib import Path
from statistics import mean

import torch
import trl
from safetensors.torch import load_file, save_file
from torch.nn.functional import pad
from torch.utils.data import Sampler
from transformers import TrainerCallback

from configs.pipeline.errors import UserError
from configs.pipeline.files import write_json
from configs.pipeline.stage import read_json
from data.chats import encode_prompt, encode_text, padding_id
from train.engine.checkpoints import stop_ids
from train.engine.convolutions import keep_convolutions_apart
from train.engine.examine import weights_of
from train.engine.held_out import batches_by_length
from train.engine.trainers import CarefulTrainer, examined
from train.engine.writing import write_rows
from train.model import open_reward_model

BEST, BEST_FIGURES = "best.safetensors", "best.json"  # in a checkpoint
PREFLIGHT_PROMPTS, PREFLIGHT_ANSWERS = 64, 8
SCORED_AT_ONCE = 64
LIKE_LENGTHS = 32  # answers whose log-probabilities are taken at once
SHIFTED = 1e-3  # by how much padding on the left may move a logit


class WholeBlocks(TrainerCallback):
    """Answers are written for several steps at once, and no checkpoint holds them: so no save, and no end, between."""

    def __init__(self, steps: int):
        self.steps = steps

    def on_step_end(self, args, state, control, **_):
        if state.global_step % self.steps and state.global_step < state.max_steps:
            control.should_save = control.should_training_stop = False


class Reinforcer(CarefulTrainer, trl.RLOOTrainer):
    """Rows: {prompt, ...}, whose further columns the reward is given."""

    examine, kl_budget, best, went_too_far = None, float("inf"), None, False

    def __init__(self, model, arguments, *args, **options):
        super().__init__(model, arguments, *args, **options)
        self.writer = type(model)(model.config)  # writes in bf16 where that is fast, with the weights of the moment
        keep_convolutions_apart(self.writer)
        self.writer.to(self.args.device, torch.bfloat16 if self.args.bf16 else torch.float32).eval()
        self.writer.generation_config = model.generation_config
        self.block = self.args.steps_per_generation * self.num_iterations / self.args.gradient_accumulation_steps

    def fit(self, name: str) -> None:
        if self.block % 1 and 1 / self.block % 1:
            raise UserError(
                f"steps_per_generation: answers last for {self.block:g} steps; choose a multiple of "
                f"--gradient_accumulation_steps {self.args.gradient_accumulation_steps}"
            )
        if self.args.save_steps % self.block and self.args.save_strategy == "steps":
            raise UserError(
                f"save_steps: {self.args.save_steps:g} is no multiple of the {self.block:g} steps that share their "
                "answers; a checkpoint between them could not be continued"
            )
        super().fit(name)

    def train(self, *args, **kwargs):
        self.add_callback(WholeBlocks(self.block))  # after the one that stops on a signal
        return super().train(*args, **kwargs)

    # --- answers

    def _tokenize_prompts(self, prompts: list):
        return [encode_prompt(self.processing_class, prompt) for prompt in prompts], None, {}

    def _generate_single_turn(self, prompt_ids, images, multimodal_fields):
        return self.write(prompt_ids)

    def write(self, prompts: list[list[int]]) -> list[list[int]]:
        """An answer to each, sampled with the weights of the moment; its stop token included."""
        self.writer.load_state_dict(weights_of(self.model))
        stops, padding = stop_ids(self.writer, self.processing_class), padding_id(self.processing_class)
        return write_rows(self.writer, prompts, self.max_completion_length, self.temperature, stops, padding)

    def _get_per_token_logps_and_entropies(self, model, input_ids, attention_mask, logits_to_keep, *args, **how):
        """As the library's, rows of like length together, without the padding that all of them share."""
        order, logps, entropies = attention_mask.sum(1).argsort(), [], []
        for rows in order.split(LIKE_LENGTHS):
            here = attention_mask[rows].any(0).nonzero()
            first, end = int(here[0]), int(here[-1]) + 1
            cut = min(input_ids.shape[1] - end, logits_to_keep - 1)  # where all are cut off and left out, one is kept
            end = input_ids.shape[1] - cut
            found, entropy, auxiliary = super()._get_per_token_logps_and_entropies(
                model, input_ids[rows, first:end], attention_mask[rows, first:end], logits_to_keep - cut, *args, **how
            )
            logps.append(pad(found, (0, cut)))
            entropies += [] if entropy is None else [pad(entropy, (0, cut))]
        back = order.argsort()
        return torch.cat(logps)[back], torch.cat(entropies)[back] if entropies else None, auxiliary

    def _get_train_sampler(self, dataset=None):
        return OfEpoch(self, super()._get_train_sampler(dataset))

    def get_train_dataloader(self):
        return trl.RLOOTrainer.get_train_dataloader(self)

    def get_batch_samples(self, *args, **kwargs):
        return trl.RLOOTrainer.get_batch_samples(self, *args, **kwargs)

    def _generate(self, prompts: list):
        found = super()._generate(prompts)
        self.tokens_here += sum(map(len, found[0])) + sum(map(len, found[1]))
        return found

    # --- the best weights

    def has_ended(self, state) -> bool:
        """Also where it had left its budget, and was killed before it was published."""
        far = max((entry.get("eval_kl", 0.0) for entry in state.log_history), default=0.0)
        return super().has_ended(state) or far > self.kl_budget

    def evaluate(self, *_, **__) -> dict[str, float]:
        metrics = CarefulTrainer.evaluate(self) | examined(self)
        step, kl = self.state.global_step, metrics["eval_kl"]
        if kl > self.kl_budget:
            print(f"stopped at step {step}: {kl:.1f} nats an answer from the tuned model, and --kl_budget is "
                  f"{self.kl_budget:g}; the best weights before are kept")  # fmt: skip
            self.control.should_training_stop = self.went_too_far = True
        elif self.best is None or metrics["eval_utility"] > self.best[0]["utility"]:
            named = {"utility": "eval_utility", "kl": "eval_kl", "held_out_loss": "eval_loss"}
            figures = {"step": step, **{name: metrics[key] for name, key in named.items()}}
            self.best = figures, {name: value.clone() for name, value in weights_of(self.model).items()}
        return metrics

    def take_best(self) -> dict[str, float]:
        """Put the weights of the best examination into the model; returns its figures.

        Raises UserError if every examination found it beyond the budget.
        """
        if self.best is None and not self.went_too_far:  # never examined along the way
            self.evaluate()
        if self.best is None:
            raise UserError(
                "the first examination found the model beyond --kl_budget already, so there are no weights to keep; "
                "use a lower --learning_rate, a higher --beta, or examine earlier with --eval_steps"
            )
        figures, weights = self.best
        self.model.load_state_dict({name: value.to(self.args.device) for name, value in weights.items()})
        return figures

    def note_spent(self, folder: Path) -> None:
        super().note_spent(folder)
        if self.best is not None and self.is_world_process_zero():
            write_json(folder / BEST_FIGURES, self.best[0])
            save_file({name: value.clone().contiguous() for name, value in self.best[1].items()}, folder / BEST)

    def begin_spending(self, checkpoint: Path | None) -> None:
        super().begin_spending(checkpoint)
        told = read_json(checkpoint / BEST_FIGURES) if checkpoint and (checkpoint / BEST).is_file() else {}
        if "held_out_loss" in told:  # it was not, once
            self.best = told, load_file(checkpoint / BEST)


class OfEpoch(Sampler):
    """The requests in an order that seed and epoch alone decide; the library saves no state of its own."""

    def __init__(self, trainer: Reinforcer, sampler):
        self.trainer, self.sampler = trainer, sampler

    def __iter__(self):
        epoch = int((self.trainer.state.epoch or 0) + 1e-6)
        self.sampler.generator.manual_seed(self.trainer.args.seed * 10_007 + epoch)
        return iter(self.sampler)

    def __len__(self):
        return len(self.sampler)


class Judge:
    """A reward model that is asked about answers as token ids, so that it sees whether they stopped."""

    def __init__(self, folder: Path):
        self.model, self.tokenizer = open_reward_model(folder)

    @torch.no_grad()
    def scores(self, prompts: list[list[dict]], completion_ids: list[list[int]]) -> list[float]:
        padding, done = padding_id(self.tokenizer), {}
        both = zip(prompts, completion_ids, strict=True)
        rows = [encode_prompt(self.tokenizer, prompt) + ids for prompt, ids in both]
        for places in batches_by_length(rows, SCORED_AT_ONCE):
            longest = max(len(rows[place]) for place in places)
            ids = torch.tensor([rows[place] + [padding] * (longest - len(rows[place])) for place in places])
            lengths = torch.tensor([len(rows[place]) for place in places])
            mask = torch.arange(longest) < lengths[:, None]  # not by the token: where none is for padding, the stop is
            found = self.model(input_ids=ids, attention_mask=mask.long()).logits[:, 0]
            done |= dict(zip(places, found.tolist(), strict=True))
        return [done[place] for place in range(len(rows))]


def check_rewards_differ(trainer: Reinforcer, reward, rows: list[dict], least: float) -> None:
    """Answer some requests several times. Raises UserError if too few of them have answers of different rewards."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(trainer.args.seed)
        some = [row for row in rows[:PREFLIGHT_PROMPTS] for _ in range(PREFLIGHT_ANSWERS)]
        ids = trainer.write([encode_prompt(trainer.processing_class, row["prompt"]) for row in some])
    texts = trainer.processing_class.batch_decode(ids, skip_special_tokens=True)
    columns = {name: [row[name] for row in some] for name in some[0] if name != "prompt"}
    said = [[{"role": "assistant", "content": text}] for text in texts]
    rewards = reward(prompts=[row["prompt"] for row in some], completions=said, completion_ids=ids, **columns)
    groups = [rewards[start : start + PREFLIGHT_ANSWERS] for start in range(0, len(rewards), PREFLIGHT_ANSWERS)]
    varied = mean(max(group) - min(group) > 1e-9 for group in groups)
    stops = stop_ids(trainer.writer, trainer.processing_class)
    stopped = mean(one[-1] in stops for one in ids)
    print(f"{PREFLIGHT_ANSWERS} answers to each of {len(groups)} requests: rewards differ within {varied:.0%} of the "
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


