"""Write and open the live page of a run, or of any two models that the page can compute.

    python -m eval.play --run tiny                       # make play
    python -m eval.play --run tiny --label 60            # make label: the second tab has 60 pairs to choose between
    python -m eval.play --base folder --instruct folder  # make play BASE=... INSTRUCT=...
    python -m eval.play --rewrite docs/index.html        # the same models in the page of now, after it was changed

In: model folders; of a run also its comparison, for the measured rates. Out: eval/results/<run>/play.html.
"""

import webbrowser
from pathlib import Path

from configs.pipeline.commands import make_command
from configs.pipeline.errors import UserError, exit_cleanly
from configs.pipeline.files import write_whole
from configs.pipeline.settings import read_settings
from configs.pipeline.stage import open_finished
from configs.pipeline.stages import causal_models, folder_of
from eval.settings import PlaySettings


def main() -> None:
    settings, _ = read_settings([PlaySettings])
    if settings.rewrite:
        from eval.play.writing import rewritten

        page = Path(settings.rewrite)
        write_whole(page, rewritten(page.read_text(encoding="utf-8")))
        print(f"{page}: written anew, its models and figures as they were")
        return
    folders = models_of(settings)
    page = Path(settings.page) if settings.page else settings.results / "play.html"
    from eval.play.writing import embed, live_page  # torch takes seconds to import

    write_whole(page, live_page(settings, folders))
    print(f"{page}: {', '.join(folders)}, {page.stat().st_size / 1e6:.1f} MB; it opens without a network")
    if settings.live:
        print(f"{embed(page, settings.results / 'report.html')}: the same inside the report")
    if settings.open_page:
        webbrowser.open(page.resolve().as_uri() + ("#label" if settings.label else ""))


def models_of(settings: PlaySettings) -> dict[str, Path]:
    """stage -> model folder, the base first. Raises UserError where one is missing."""
    if settings.base or settings.instruct:
        if not (settings.base and settings.instruct):
            raise UserError("BASE= and INSTRUCT= go together: name both models")
        return {"base": Path(settings.base).expanduser(), "sft": Path(settings.instruct).expanduser()}
    wanted = settings.stages.split() or causal_models()
    for stage in wanted:
        if stage not in causal_models():
            raise UserError(f"stages: there is no stage {stage} with a model; there are {', '.join(causal_models())}")
    folders = {one: folder_of(one, settings.run, settings.seed, settings.workspace) for one in wanted}
    if settings.stages:
        return {one: open_finished(folder, f"{one} model") for one, folder in folders.items()}
    found = {one: open_finished(folder, f"{one} model") for one, folder in folders.items() if folder.exists()}
    if not found:
        command = make_command("all", settings.run, str(settings.seed), settings.workspace)
        raise UserError(f"no model at {folders['base'].parent}; run `{command}`")
    return found


if __name__ == "__main__":
    exit_cleanly(main)
