"""A stage at work: what it was told, what it reads, where it writes.

    run = begin("base")              # leaves where there is nothing to do; torch is not needed for that
    with run.writing():
        ...                          # run.settings, run.folders["corpus"], run.stage.partial
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path

from configs.pipeline.children import run_each_seed
from configs.pipeline.errors import UserError
from configs.pipeline.settings import flags_by_source, flags_without, identity_of, read_settings
from configs.pipeline.stage import Stage, content_hash, open_finished
from configs.pipeline.stages import STAGES, folder_of, settings_of
from configs.pipeline.trainer_fields import check_trainer_flags

Found = str | tuple[Path, str]  # the hash of an input's content, for a model before it its folder


class UpToDate(SystemExit):
    """There is nothing to do: leaves with exit code 0."""


@dataclass
class Run:
    stage: Stage
    settings: object
    # of the stage; `more_settings` those of its further dataclasses
    folders: dict[str, Path] = field(default_factory=dict)
    # of the stages that it reads, those left out that it is told not to read
    trainer_flags: list[str] = field(default_factory=list)
    # fields of the library's arguments class, as flags
    more_settings: tuple = ()

    @contextmanager
    def writing(self) -> Iterator[Path]:
        """The folder to write into, published if the body succeeds. A training may be continued after a kill."""
        trains = STAGES[self.stage.name].trainer
        with self.stage.writing(keep="resume/checkpoint-*" if trains else None) as folder:
            yield folder
        if trains:
            leave_process_group()


def leave_process_group() -> None:
    """Part from the other processes of torchrun: one that ends with its group open may be aborted at the very end.

    Only after success: where a process has failed, the others wait for it (pytorch/torchtitan#1342).
    """
    import torch.distributed

    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def begin(name: str, find: Callable[..., dict[str, Found]] | None = None, argv: list[str] | None = None) -> Run:
    """Read the settings of a stage, find and check what it reads, and leave (exit code 0) if its result is there.

    find: what the stage finds by itself, given its settings: files of the user, a model from elsewhere.
    Raises UserError for bad settings, for an input that is missing or damaged, and for a finished result of others.
    """
    spec = STAGES[name]
    kinds = settings_of(name)
    settings, *more, flags = read_settings(kinds, spec.trainer, argv, spec.reserved)
    if several := getattr(settings, "several", ()):
        run_each_seed(spec.module, flags_without(("--seeds", "--launch"), argv), several, settings.launch)
        raise SystemExit(0)
    name = getattr(settings, "stage_name", name)
    found = find(settings, *more) if find else {}
    found |= find_inputs(name, settings, [one for one in STAGES[name].reads if one not in found])
    hashes = {one: what if isinstance(what, str) else what[1] for one, what in found.items()}
    folders = {one: what[0] for one, what in found.items() if not isinstance(what, str)}
    folder = folder_of(name, settings.run, getattr(settings, "seed", 0), settings.workspace)
    identity = identity_of(settings, *more, trainer_flags=flags)
    stage = Stage(name, folder, identity, hashes, settings.force)
    differs = None
    try:
        if stage.is_finished():
            raise UpToDate(0)
    except UserError as error:
        differs = error
    for source, some in flags_by_source(argv) if spec.trainer else ():  # a misspelt field explains a difference
        check_trainer_flags(spec.trainer, some, {field.name for kind in kinds for field in fields(kind)}, source)
    if differs:
        raise differs
    return Run(stage, settings, folders, flags, tuple(more))


def find_inputs(name: str, settings: object, wanted: list[str]) -> dict[str, Found]:
    """The finished stages that a stage reads: this run's, else those of the run that lends its own (`parent_run`)."""
    found = {}
    for one in (one for one in wanted if one not in getattr(settings, "unread", ())):
        seed, lender = getattr(settings, "seed", 0), getattr(settings, "parent_run", None) or settings.run
        own, lent = (folder_of(one, run, seed, settings.workspace) for run in (settings.run, lender))
        if not own.exists() and lent.exists() and STAGES[one].model:
            print(f"run {settings.run} has no {one} of its own; starting from {lent}")
        or_else = STAGES[name].reads[one]
        what = f"{one} model" if STAGES[one].model else one
        folder = open_finished(own if own.exists() else lent, what, or_else and f", {or_else}")
        found[one] = folder, content_hash(folder)
    return found
