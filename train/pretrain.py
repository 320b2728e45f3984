"""Stage: the base model, by self-supervised next-token prediction on the corpus.

    python -m train.pretrain --config configs/tiny/pretrain.yaml

In: corpus and tokenizer of the run. Out: checkpoints/<run>/seed<k>/base, a plain Hugging Face folder.
"""

from configs.pipeline.errors import UserError, exit_cleanly
from configs.pipeline.schema import PretrainSettings
from configs.pipeline.settings import TRAINING_ARGUMENTS, identity_of, read_settings
from configs.pipeline.stage import Stage, content_hash, open_finished


def main() -> None:
    settings, trainer_flags = read_settings([PretrainSettings], trainer=TRAINING_ARGUMENTS)
    if {"--max_steps", "--num_train_epochs"} & set(trainer_flags):
        raise UserError("max_steps and num_train_epochs follow from the budget; set --train_tokens")
    corpus = open_finished(settings.data / "corpus", "corpus")
    tokenizer = open_finished(settings.data / "tokenizer", "tokenizer")
    stage = Stage(
        "base",
        settings.checkpoints / "base",
        identity_of(settings, trainer_flags=trainer_flags),
        {"corpus": content_hash(corpus), "tokenizer": content_hash(tokenizer)},
        settings.force,
    )
    if stage.is_finished():
        return
    with stage.writing(keep="resume/checkpoint-*"):
        from train.from_scratch import pretrain  # torch: only once everything that is cheap to check is in order

        pretrain(settings, trainer_flags, corpus, tokenizer, stage)


if __name__ == "__main__":
    exit_cleanly(main)
