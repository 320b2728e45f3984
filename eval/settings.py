"""Settings of the evaluation, a meaning and a unit under each."""

import difflib
from dataclasses import dataclass
from pathlib import Path

from configs.pipeline.errors import UserError
from configs.pipeline.schema import (
    ENCODING,
    LARGEST_SEED,
    DeviceSettings,
    RunSettings,
    SeededSettings,
    check_seeds,
    setting,
)
from eval.prompt_formats import CONDITIONS
from eval.questions import MECHANISM, QUESTIONS
from train.settings import TrainingSettings


@dataclass
class CompareSettings(RunSettings, DeviceSettings):
    """The comparison of a base model and what was tuned from it."""

    runs: str = setting("", "runs to set side by side, separated by spaces; default: this run")
    seeds: str = setting("0", "seeds to compare, separated by spaces")
    items: int = setting(300, "items per question, where a claim rests on them; elsewhere a quarter", low=1)
    full: bool = setting(False, "all items everywhere")
    questions: str = setting("", "which questions are asked, separated by spaces; default: all (eval/questions)")
    forms: str = setting("", "prompt forms that are asked, each with all items: chat raw few urial; default: all forms")
    documents: int = setting(40, "held-out documents per text type for the loss matrix", low=1)
    batch_size: int = setting(64, "sequences generated or scored at once", low=1)
    workers: int = setting(
        0, "processes that ask; 0: one for each core, at most four, and one on a GPU", low=0, high=1024
    )
    precision: str = setting(
        "auto", "of what models write: bf16 where that is fast; scores are fp32", choices=["auto", "bf16", "fp32"]
    )
    base: str | None = setting(None, "compare any two models: the base, a local folder or (ONLINE=1) a Hub name")
    instruct: str | None = setting(None, "and what was tuned from it")
    corpus: str | None = setting(
        None, "of such a pair: own text for the loss, a file or folder; default: bundled pages"
    )
    text_column: str = setting("text", "column or key that holds the text of a row of own text")
    encoding: str = setting("", ENCODING)
    skip_bad_rows: bool = setting(False, "skip and count damaged rows of own text instead of stopping at the first")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_seeds(self.seeds)
        for name in self.questions.split():
            if name not in (known := (*QUESTIONS, *MECHANISM)):
                near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
                remedy = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
                raise UserError(f"questions: there is no question {name}; {remedy}")
        for form in self.forms.split():
            if form not in CONDITIONS:
                raise UserError(f"forms: there is no prompt form {form}; there are: {', '.join(CONDITIONS)}")

    @property
    def results(self) -> Path:
        """eval/results/<run>, or eval/results/<a>-vs-<b> when runs are set side by side."""
        return Path(self.workspace) / "eval" / "results" / ("-vs-".join(self.runs.split()) or self.run)


@dataclass
class StudySettings(RunSettings):
    """Several trainings that differ in named ways, compared in one report."""

    name: str = setting("", "which study: a file of configs/studies, without its ending")
    size: str = setting("tiny", "folder of configs/ that every arm starts from")
    seeds: str = setting("0", "seeds of every arm, separated by spaces")
    arm: str = setting("", "train and ask this arm alone, and what it starts from")
    launch_arms: str = setting("", 'a program that runs commands, a line each, for example "xargs -P 2 -I{} sh -c {}"')
    report_to: str = setting("", "where the trainings of all arms log besides: tensorboard, trackio, ...")
    publish: bool = setting(False, "keep of each arm what its page shows, as soon as it is asked; then write the page")
    new: str = setting("", "name of a study to begin: writes its file, with two arms and comments")

    def __post_init__(self) -> None:
        self.run = self.run or self.size  # the unchanged arm is the ordinary run
        super().__post_init__()
        check_seeds(self.seeds)
        if self.arm and self.launch_arms:
            raise UserError("arm: one arm alone is not handed out; leave out LAUNCH_ARMS")
        if self.force and self.launch_arms:
            raise UserError("force: arms that are handed out are not forced; FORCE=1 ARM=name makes one anew")

    @property
    def page(self) -> str:
        """What its page and its runs are called. Example: "lora", of another size "lora-smoke"."""
        return self.name if self.run == "tiny" else f"{self.name}-{self.run}"

    @property
    def results(self) -> Path:
        return self.results_of("")

    def results_of(self, arm: str) -> Path:
        """Of one arm; "" of all together."""
        name = f"study-{self.page}-{arm}" if arm else f"study-{self.page}"
        return Path(self.workspace) / "eval" / "results" / name


@dataclass
class BenchSettings(RunSettings):
    """How fast training, tuning and asking are, on an otherwise idle machine."""

    size: str = setting("tiny", "folder of configs/ that the run was made with")
    only: str = setting("", "what to measure, separated by commas, see eval/bench; default: everything")
    sizes: str = setting("smoke tiny small", "folders of configs/ whose pretraining is timed, separated by spaces")
    seconds: float = setting(10.0, "length of each timing, after its warm-up (s)", low=0.01)
    run_tokens: int = setting(
        1_000_000, "length of the pretraining whose seconds and loss are reported (tokens)", low=1
    )
    tuning_epochs: float = setting(1.0, "length of each instruction tuning (times through the pairs)", low=0.01)
    points: int = setting(12, "points on the held-out curves of instruction tuning", low=1)

    @property
    def results(self) -> Path:
        return Path(self.workspace) / "eval" / "results" / "bench.json"


@dataclass
class ChatSettings(SeededSettings, DeviceSettings):
    """A talk in the terminal."""

    stage: str = setting("sft", "which model: base, sft, sft-lora, dpo, rl, rl-learnt, or the path of a folder")
    size: str = setting("tiny", "folder of configs/ that the run is made with, if it has to be made first")
    form: str = setting(
        "auto",
        "raw continues text, chat answers; auto: raw for a base model",
        choices=["auto", "raw", "chat"],
    )
    temperature: float = setting(0.3, "0 is greedy", low=0.0, high=10.0)
    max_new_tokens: int = setting(120, "longest answer (tokens)", low=1)


@dataclass
class PlaySettings(SeededSettings):
    """The live page: models inside one HTML file."""

    stages: str = setting("", "whose models, separated by spaces; default: every one that the run has")
    size: str = setting("tiny", "folder of configs/ that the run is made with, if it has to be made first")
    weights: str = setting(
        "auto", "of the page; auto: bf16, int8 where that grows too large", choices=["auto", "bf16", "int8"]
    )
    base: str | None = setting(None, "any two models that the page can compute: the base, a folder")
    instruct: str | None = setting(None, "and what was tuned from it")
    label: int = setting(0, "pairs of answers for the second tab, where a person chooses", low=0, high=5000)
    label_stages: str = setting("", "two stages whose answers they are; default: the two that were made last")
    temperature: float = setting(0.8, "of these answers", low=0.0, high=10.0)
    max_new_tokens: int = setting(48, "longest of these answers (tokens)", low=1)
    live: bool = setting(False, "put it into the report of the run as well, which grows by as much")
    page: str = setting("", "file to write; default: play.html beside the report of the run")
    rewrite: str = setting("", "a page that was written before: put its models into the page of now")
    open_page: bool = setting(True, "open it in the browser")

    @property
    def results(self) -> Path:
        return Path(self.workspace) / "eval" / "results" / self.run


@dataclass
class ShakespeareSettings(RunSettings, TrainingSettings):
    """Time to loss on characters of one text: windows of it, a run whose length is fixed beforehand."""

    text: str = setting("", "the text, a .txt file; its first 90 % are trained on")
    seed: int = setting(0, "seed of the weights and the windows", low=0, high=LARGEST_SEED)
    model_type: str = setting("llama", "any causal model type of transformers' AutoConfig")
    hidden_size: int = setting(128, "width of the residual stream", low=8, high=65_536)
    num_hidden_layers: int = setting(4, "number of transformer blocks", low=1, high=1000)
    num_attention_heads: int = setting(4, "attention heads per block", low=1, high=1024)
    model_kwargs: str = setting("{}", "further fields of the model's own config, as a mapping")
    attention: str = setting("sdpa", "torch's attention kernel, or plain matrix products", choices=["sdpa", "eager"])
    context: int = setting(64, "length of a window in training (characters)", low=2)
    rows: int = setting(12, "windows a step", low=1)
    steps: int = setting(2000, "steps of the run", low=1)
    optimizer: str = setting(
        "adamw", "muon for the matrices and AdamW for the rest, or adamw", choices=["muon", "adamw"]
    )
    learning_rate: float = setting(1e-3, "peak, after the warm-up", low=1e-12)
    final_share: float = setting(0.1, "share of the peak at the end", low=0.0, high=1.0)
    decay: str = setting("cosine", "way from the peak to the end", choices=["cosine", "linear"])
    warmup_steps: int = setting(100, "steps of linear warm-up", low=0)
    weight_decay: float = setting(0.1, "on the matrices", low=0.0)
    adam_beta2: float = setting(0.99, "second moment of AdamW", low=0.0, high=1.0)
