"""`trl.RLOOTrainer` with our habits: fast answers, whole blocks in a checkpoint, the best weights kept (best.py)."""

import torch
import trl
from torch.nn.functional import pad
from torch.utils.data import Sampler
from transformers import TrainerCallback

from configs.pipeline.errors import UserError
from data.chats import encode_prompt, padding_id
from train.engine.best import BestWeights
from train.engine.checkpoints import stop_ids
from train.engine.convolutions import keep_convolutions_apart
from train.engine.examine import weights_of
from train.engine.trainers import CarefulTrainer
from train.engine.writing import write_rows

LIKE_LENGTHS = 32  # answers whose log-probabilities are taken at once


class WholeBlocks(TrainerCallback):
    """Answers are written for several steps at once, and no checkpoint holds them: so no save, and no end, between."""

    def __init__(self, steps: int):
        self.steps = steps

    def on_step_end(self, args, state, control, **_):
        if state.global_step % self.steps and state.global_step < state.max_steps:
            control.should_save = control.should_training_stop = False


class Reinforcer(BestWeights, CarefulTrainer, trl.RLOOTrainer):
    """Rows: {prompt, ...}, whose further columns the reward is given."""

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
