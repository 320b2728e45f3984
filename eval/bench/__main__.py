"""The command: which measurements there are, what each needs, and the file that they end up in."""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from configs import ROOT
from configs.pipeline.commands import make_command
from configs.pipeline.errors import UserError, exit_cleanly, fail
from configs.pipeline.settings import identity_of, read_settings
from configs.pipeline.stage import MANIFEST, git_commit, library_versions, machine, read_json, write_json
from eval.bench.alone import alone
from eval.bench.measurements import MEASUREMENTS
from eval.bench.table import BUSY, page
from eval.settings import BenchSettings


def main() -> None:
    settings, _ = read_settings([BenchSettings])
    chosen = [name.strip() for name in settings.only.split(",")] if settings.only else list(MEASUREMENTS)
    check(settings, chosen)
    load = load_of_others()
    results = read_json(settings.results) if settings.results.is_file() and not settings.force else {}
    settings.results.parent.mkdir(parents=True, exist_ok=True)
    try:
        for name in chosen:
            begun = f"{name}, unfinished"  # a whole measurement stands until there is another
            for so_far in measured(name, settings, results.get(begun, {}), load):
                results[begun if so_far["is_unfinished"] else name] = so_far
                if not so_far["is_unfinished"]:
                    results.pop(begun, None)
                write_json(settings.results, results)
    except KeyboardInterrupt:
        fail(f"interrupted; what was measured before stands in {settings.results}", code=130)
    print(f"\n{page(results)}\n\n{settings.results}")
    complain(results, chosen)


def check(settings: BenchSettings, chosen: list[str]) -> None:
    """Raise UserError for what cannot be measured, before minutes are spent on what can."""
    if not hasattr(os, "wait4"):
        raise UserError("speed and memory are measured on Linux and macOS only")
    for name in chosen:
        if name not in MEASUREMENTS:
            raise UserError(f"only: there is no measurement {name!r}; there are {', '.join(MEASUREMENTS)}")
    for size in [settings.size, *settings.sizes.split()]:
        if not (ROOT / "configs" / size / "pretrain.yaml").is_file():
            raise UserError(f"sizes: there is no configs/{size}/pretrain.yaml")
    for name in chosen:
        for stage in MEASUREMENTS[name].needs:
            if not (settings.folder_of(stage) / MANIFEST).is_file():
                free = ",".join(other for other in MEASUREMENTS if not MEASUREMENTS[other].needs)
                first = make_command("all", settings.run, workspace=settings.workspace)
                where = f"{name}: no {stage} at {settings.folder_of(stage)}"
                raise UserError(f"{where}; run `{first}` first, or measure --only {free}")


def load_of_others() -> float:
    """The load average before we begin, with a warning if somebody else computes."""
    if (load := round(os.getloadavg()[0], 2)) > BUSY:
        print(f"warning: load average {load}: something else is computing, and the figures will be too low")
    return load


def here() -> dict:
    """The machine with its memory, and the threads that torch takes."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    threads = int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count())
    return machine() | {"memory_gb": round(memory / 1e9, 1), "threads": threads}


def measured(name: str, settings: BenchSettings, begun: dict, load: float) -> Iterator[dict]:
    """One measurement after each of its parts: its rows, and how they were made.

    begun: what was interrupted; it goes on where it would be made in the same way now, by code that a commit names.
    """
    how = {"machine": here(), "versions": library_versions(), "commit": git_commit(),
           "settings": identity_of(settings) | {"only": "", "run": settings.run}}  # fmt: skip
    goes_on = all(begun.get(key) == value for key, value in how.items()) and "+" not in (how["commit"] or "+")
    rows = [row for row in begun["rows"] if "failed" not in row] if goes_on else []
    load = max(load, begun["load"]) if goes_on else load
    parts = MEASUREMENTS[name].parts(settings)
    for place, part in enumerate(parts, start=1):
        if any(part.items() <= row.items() for row in rows):
            continue
        print(name, *part.values(), end=" ", flush=True)
        found, seconds = alone(MEASUREMENTS[name].function, {"settings": asdict(settings), **part})
        rows += [part | row for row in found]
        print(f"... {seconds:.0f} s{''.join(': ' + row['failed'] for row in found if 'failed' in row)}", flush=True)
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        yield how | {"at": at, "load": load, "rows": rows, "is_unfinished": place < len(parts)}


def complain(results: dict, chosen: Sequence[str]) -> None:
    """Leave with an error if a measurement failed; not fitting into memory is an answer, not a failure."""
    failed = [name for name in chosen if any("failed" in row for row in results.get(name, {}).get("rows", []))]
    if failed:
        raise UserError(f"not everything could be measured: {', '.join(failed)} (the reason stands in the table)")


if __name__ == "__main__":
    exit_cleanly(main)
