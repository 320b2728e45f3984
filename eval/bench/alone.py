"""One measurement in a process of its own: nothing is warm, and the peak of its memory is its own.

    rows, seconds = alone("matmul:products", {"settings": {...}, "precision": "bf16"})

The process that starts the others must stay small: Linux hands its size on as the least peak of each child. So it never
imports torch, nor a module of this package that does.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from configs import ROOT
from configs.pipeline.errors import exit_cleanly
from eval.settings import BenchSettings

SHARE_OF_MEMORY = 0.9  # beyond this a measurement is refused memory, so that it ends itself and not its neighbours
NO_ROOM = "does not fit into memory"


def alone(function: str, arguments: dict) -> tuple[list[dict], float]:
    """(rows of a function of this package, each with the peak memory of its process; seconds of the process)."""
    with tempfile.TemporaryDirectory() as folder:
        scratch, started_at = Path(folder), time.time()
        (scratch / "job.json").write_text(json.dumps({"function": function, "arguments": arguments}))
        # an empty cache: compiling counts as on the first day; no GPU: the processor is what is measured
        environment = os.environ | {"TORCHINDUCTOR_CACHE_DIR": str(scratch / "compiled"), "CUDA_VISIBLE_DEVICES": ""}
        with open(scratch / "log", "w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "eval.bench.alone", folder], cwd=ROOT, env=environment, stdout=log, stderr=log
            )
            code, peak = wait(process)
        memory = {"peak_memory_gb": round(peak / 1e9, 2)}
        if (scratch / "rows.json").is_file():
            rows = json.loads((scratch / "rows.json").read_text())
        else:
            rows = [reason(code, (scratch / "log").read_text(errors="replace"))]
        return [row | memory for row in rows], time.time() - started_at


def wait(process: subprocess.Popen) -> tuple[int, int]:
    """(exit code, bytes of its peak resident memory, or of the largest process it started itself)."""
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:  # Ctrl-C: leave nothing behind
        process.kill()
        process.wait()
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def reason(code: int, log: str) -> dict:
    """Why there are no rows. Example: exit code 2, "...\\nerror: no base" -> {"failed": "no base"}."""
    if code == -signal.SIGKILL:
        return {"note": NO_ROOM}
    return {"failed": last_line(log, code)[:300]}


def last_line(log: str, code: int) -> str:
    return (log.strip().splitlines() or [f"exit code {code}"])[-1].removeprefix("error: ")


def main() -> None:
    """The other side: do the job that stands in the folder."""
    scratch = Path(sys.argv[1])
    job = json.loads((scratch / "job.json").read_text())
    module, _, name = job["function"].partition(":")
    settings = BenchSettings(**job["arguments"].pop("settings"))
    limit_memory()
    try:
        rows = getattr(importlib.import_module(f"eval.bench.{module}"), name)(settings, **job["arguments"])
    except (RuntimeError, MemoryError) as error:  # torch's allocator raises the first kind
        if not (isinstance(error, MemoryError) or "t allocate memory" in str(error)):
            raise
        rows = [{"note": NO_ROOM}]
    (scratch / "rows.json").write_text(json.dumps(rows))


def limit_memory() -> None:
    import resource

    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (int(SHARE_OF_MEMORY * total), hard))


if __name__ == "__main__":
    exit_cleanly(main)
