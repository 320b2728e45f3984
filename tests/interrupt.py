"""Runs a stage and dies at a chosen moment, as a machine does: `python tests/interrupt.py MOMENT NUMBER module args...`

MOMENT NUMBER says when: the n-th call of one of the functions below kills the process with SIGKILL, halfway through
its work where it has a halfway.
"""

import os
import runpy
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
calls = 0


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying(function, number: int, halfway=None):
    """`function`, that kills the process at its n-th call: before it, or after `halfway(*arguments)`."""

    def wrapped(*args, **kwargs):
        global calls
        calls += 1
        if calls == number:
            if halfway:
                function(*args, **kwargs)
                halfway(*args)
            kill()
        return function(*args, **kwargs)

    return wrapped


def cut_file(_object, path, *_) -> None:
    """Leave half of the file that was just written."""
    data = Path(path).read_bytes()
    Path(path).write_bytes(data[: len(data) // 2])


def arrange(moment: str, number: int) -> None:
    import torch
    import transformers

    import configs.pipeline.stage
    import train.engine.saving

    trainer = transformers.Trainer
    if moment == "step":  # inside the optimizer's n-th step
        torch.optim.AdamW.step = dying(torch.optim.AdamW.step, number)
    elif moment == "weights":  # before the model of the n-th save is written
        trainer.save_model = dying(trainer.save_model, number)
    elif moment == "half an optimizer":
        torch.save = dying(torch.save, number, halfway=cut_file)
    elif moment == "rng":
        trainer._save_rng_state = dying(trainer._save_rng_state, number)
    elif moment == "manifest":
        train.engine.saving.write_manifest = dying(train.engine.saving.write_manifest, number)
    elif moment == "rename":
        os.replace = dying(os.replace, number)
    elif moment == "publish":
        configs.pipeline.stage.Stage.publish = dying(configs.pipeline.stage.Stage.publish, number)
    elif moment == "nan":  # not a death: the n-th loss is not a number
        compute = trainer.compute_loss

        def poisoned(self, *args, **kwargs):
            global calls
            calls += 1
            return compute(self, *args, **kwargs) * (float("nan") if calls == number else 1.0)

        trainer.compute_loss = poisoned
    else:
        raise SystemExit(f"no such moment: {moment}")


if __name__ == "__main__":
    moment, number, module, *arguments = sys.argv[1:]
    if moment != "never":
        arrange(moment, int(number))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__")
