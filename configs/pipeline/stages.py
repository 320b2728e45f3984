"""The stages of the pipeline, in their order: the only list of them.

    python -m configs.pipeline.stages      # prints it

What a stage reads, writes and is called stands here, and nowhere else. To add one: its line here, its module with a
`main` that begins with `begin(name)`, its settings, its YAML in configs/<size>/, its line in the Makefile.
"""

import re
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from configs.pipeline.trainer_fields import COMPILING

TRAINING_ARGUMENTS, SFT_ARGUMENTS = "transformers:TrainingArguments", "trl:SFTConfig"
DPO_ARGUMENTS, REWARD_ARGUMENTS, RL_ARGUMENTS = "trl:DPOConfig", "trl:RewardConfig", "trl:RLOOConfig"
HOMES = {"data": "data/processed/{run}", "checkpoints": "checkpoints/{run}/seed{seed}", "results": "eval/results/{run}"}


@dataclass(frozen=True)
class StageSpec:
    module: str
    # what `python -m` runs
    settings: tuple[str, ...]
    # its dataclasses of settings, each as "package.module:Name"
    help: str
    reads: dict[str, str] = field(default_factory=dict)
    # the stages that it reads -> what else may be done where one is missing
    target: str = ""
    # of make, where it is not the stage's name
    home: str = "data"
    # under which of HOMES its folder stands
    trainer: str = ""
    # the library's arguments class, whose fields may be given as well
    reserved: dict[str, str] = field(default_factory=dict)
    # fields of that class which the stage decides -> what to use instead
    model: str = ""
    # what it makes, if that is a model: "causal", which can be asked and compared, or "reward"
    label: str = ""
    # of that model in figures and sentences
    colour: str = ""
    marker: str = ""

    @property
    def has_seed(self) -> bool:
        """Whether each training has its own."""
        return self.home == "checkpoints"


BUDGET = {
    **dict.fromkeys(("max_steps", "num_train_epochs"), "it follows from the budget; set --train_tokens"),
    "auto_find_batch_size": "the steps of the budget are counted by the batch; set --per_device_train_batch_size",
}
DRAWN = "answers are drawn by this program, from all that the model thinks possible; set --temperature"
UNCOMPILED = dict.fromkeys(COMPILING, "only the base model and its tuning are compiled; leave it out here")
ANSWERS = UNCOMPILED | {
    **dict.fromkeys("top_p top_k min_p repetition_penalty generation_kwargs use_vllm".split(), DRAWN),
    "shuffle_dataset": "requests come in an order that seed and epoch alone decide, so that a killed run can go on",
}
STAGES: dict[str, StageSpec] = {
    "corpus": StageSpec(
        "data.corpus", ("data.settings:CorpusSettings", "data.synthetic.config:Config"),
        "write the text to learn from: the synthetic web, or CORPUS=path",
    ),
    "tokenizer": StageSpec(
        "data.tokenizer", ("data.settings:TokenizerSettings",),
        "train the tokenizer on the corpus", reads={"corpus": ""},
    ),
    "base": StageSpec(
        "train.pretrain", ("train.settings:PretrainSettings",),
        "train the base model: next-token prediction", reads={"corpus": "", "tokenizer": ""}, target="pretrain",
        home="checkpoints", trainer=TRAINING_ARGUMENTS, reserved=BUDGET,
        model="causal", label="base", colour="#0072B2", marker="o",
    ),
    "pairs": StageSpec(
        "data.pairs", ("data.settings:PairsSettings", "data.synthetic.conversations.config:Weights"),
        "write the instruction-response pairs, or take PAIRS=path",
    ),
    "sft": StageSpec(
        "train.sft", ("train.settings:SftSettings",),
        "tune all weights of the base on the pairs (TRL); BASE=path starts elsewhere", target="sft-full",
        reads={"base": "or name one with BASE=", "pairs": "", "corpus": "or set --replay_share 0"},
        home="checkpoints", trainer=SFT_ARGUMENTS, model="causal", label="instruct", colour="#D55E00", marker="s",
    ),
    "sft-lora": StageSpec(
        "train.sft", ("train.settings:SftSettings",),
        "the same with a LoRA adapter beside the frozen base",
        reads={"base": "or name one with BASE=", "pairs": "", "corpus": "or set --replay_share 0"},
        home="checkpoints", trainer=SFT_ARGUMENTS,
        model="causal", label="instruct (LoRA)", colour="#CC79A7", marker="D",
    ),
    "preferences": StageSpec(
        "train.preferences", ("train.settings:PreferencesSettings",),
        "choose between answers of the tuned model, or take PREFERENCES=path", reads={"sft": "", "pairs": ""},
        home="checkpoints",
    ),
    "dpo": StageSpec(
        "train.dpo", ("train.settings:DpoSettings",),
        "direct preference optimisation of the tuned model (TRL); INSTRUCT=path starts elsewhere",
        reads={"sft": "", "preferences": "", "pairs": ""},
        home="checkpoints", trainer=DPO_ARGUMENTS,
        reserved=UNCOMPILED | {"loss_type": "use --loss", "loss_weights": "use --sft_weight"},
        model="causal", label="DPO", colour="#009E73", marker="^",
    ),
    "reward": StageSpec(
        "train.reward", ("train.settings:RewardSettings",),
        "a reward model of the preferences (TRL)", reads={"sft": "", "preferences": ""},
        home="checkpoints", trainer=REWARD_ARGUMENTS, reserved=UNCOMPILED, model="reward",
    ),
    "rl": StageSpec(
        "train.rl", ("train.settings:RlSettings",),
        "reinforcement learning (TRL's RLOO), rewarded by a program's checks", target="rl-checks",
        reads={"sft": "", "pairs": "", "reward": ""}, home="checkpoints", trainer=RL_ARGUMENTS, reserved=ANSWERS,
        model="causal", label="RL", colour="#56B4E9", marker="v",
    ),
    "rl-learnt": StageSpec(
        "train.rl", ("train.settings:RlSettings",),
        "the same, rewarded by the reward model", reads={"sft": "", "pairs": "", "reward": ""},
        home="checkpoints", trainer=RL_ARGUMENTS, reserved=ANSWERS,
        model="causal", label="RL (learnt reward)", colour="#E69F00", marker="P",
    ),
    "comparison": StageSpec(
        "eval.compare", ("eval.settings:CompareSettings",),
        "ask all models the same questions and write the report", target="compare", home="results",
    ),
}  # fmt: skip


def causal_models() -> list[str]:
    """The stages whose models can be asked and compared, in the order in which they are made."""
    return [name for name, spec in STAGES.items() if spec.model == "causal"]


def target_of(stage: str) -> str:
    """What make calls it. Example: target_of("base") == "pretrain"."""
    return STAGES[stage].target or stage if stage in STAGES else stage


def config_of(stage: str) -> str:
    """Its file in configs/<size>/. Example: config_of("base") == "pretrain", config_of("sft") == "sft"."""
    return target_of(stage).removesuffix("-full").removesuffix("-checks")


def folder_of(stage: str, run: str, seed: int | str = 0, workspace: str | Path = ".") -> Path:
    """Example: folder_of("base", "hot", 1) == Path("checkpoints/hot/seed1/base")."""
    home = Path(workspace) / HOMES[STAGES[stage].home].format(run=run, seed=seed)
    return home if STAGES[stage].home == "results" else home / stage


def place_of(folder: Path) -> tuple[str, str, str, str] | None:
    """(stage, run, seed, workspace) that a path says; None for any other folder. The inverse of `folder_of`."""
    for stage, spec in STAGES.items():
        path = HOMES[spec.home].format(run="(?P<run>[^/]+)", seed=r"(?P<seed>\d+)")
        path += "" if spec.home == "results" else f"/{stage}(?:/curve/.+)?"
        if found := re.fullmatch(f"(?:(?P<workspace>.+)/)?{path}", folder.as_posix()):
            parts = found.groupdict()
            return stage, parts["run"], parts.get("seed") or "0", parts["workspace"] or "."
    return None


def settings_of(stage: str) -> list[type]:
    """The dataclasses of a stage's settings."""
    return [getattr(import_module(module), name) for module, name in (one.split(":") for one in STAGES[stage].settings)]


def main() -> None:
    width = max(map(len, map(target_of, STAGES)))
    for stage, spec in STAGES.items():
        print(f"  {target_of(stage):<{width}}  python -m {spec.module:<15} {spec.help}")


if __name__ == "__main__":
    main()
