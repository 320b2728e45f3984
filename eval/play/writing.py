"""The page, put together: the models and the examples as data, our scripts, one hash that allows them."""

import base64
import hashlib
import json
import re
import zlib
from html import escape
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from configs.pipeline.errors import UserError
from configs.pipeline.files import write_whole
from configs.pipeline.stage import RECORD, open_finished, read_json
from configs.pipeline.stages import STAGES, causal_models, folder_of
from eval.page.writing import TEMPLATES, further_models
from eval.play.asking import EXAMPLES, examples
from eval.play.choosing import pairs_to_label
from eval.play.packing import pack_model, same_text
from eval.prompt_formats import PATTERNS
from eval.settings import PlaySettings

HERE = Path(__file__).parent
SCRIPTS = ("model.js", "tokenizer.js", "forms.js", "computing.js", "play.js", "label.js")
DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)
WEIGHTS = re.compile(r'<script type="text/plain" id="weights-\d+">(.*?)</script>', re.DOTALL)
FRAMED = re.compile(r"<!-- live -->.*<!-- /live -->\n", re.DOTALL)
FRAME = "width:100%;height:60rem;border:1px solid var(--line);border-radius:14px"
MOST_BYTES = 15_000_000  # of a page whose weights are bf16: beyond, `auto` takes int8


def live_page(settings: PlaySettings, folders: dict[str, Path]) -> str:
    """The whole HTML file. Raises UserError for a model that the page cannot compute."""
    kind = "bf16" if settings.weights == "auto" else settings.weights
    packed = pack(folders, kind)
    if settings.weights == "auto" and sum(len(weights) for _, weights in packed.values()) > MOST_BYTES:
        packed, kind = pack(folders, "int8"), "int8"
    are_ours = not settings.base
    data = {
        "run": settings.run,
        "weights": kind,
        "fidelity": fidelity(folders, kind),
        "labels": {name: STAGES[name].label for name in causal_models()},
        "models": [told for told, _ in packed.values()],
        "few": {"before": PATTERNS["few"].before, "frame": PATTERNS["few"].frame.split("{}")},
        "examples": examples(settings.results if are_ours else None),
        "label": to_label(settings, folders) if settings.label else None,
    }
    return render(data, [weights for _, weights in packed.values()])


def pack(folders: dict[str, Path], kind: str) -> dict[str, tuple[dict, str]]:
    """stage -> (what the page is told of a model, its weights as the text that stands in the page)."""
    made = {}
    for stage, folder in folders.items():
        told, weights = pack_model(folder, kind)
        form = ", in our chat form, since it has none" if told.pop("takes_our_form") else ""
        told |= {"stage": stage, "label": STAGES[stage].label, "made": made_of(folder) + form}
        made[stage] = told, text_of(weights)
    return made


def text_of(weights: bytes) -> str:
    """Compressed, which spares an eighth of int8 and a fifth of bf16, and in letters."""
    return base64.b64encode(zlib.compress(weights, 9)).decode()


def made_of(folder: Path) -> str:
    """A line about a model of ours, from its record; of a foreign one its name."""
    if not (folder / RECORD).is_file():
        return folder.name
    record = read_json(folder / RECORD)
    return f"{record['parameters']:,} parameters, seed {record['identity']['settings'].get('seed', 0)}"


def fidelity(folders: dict[str, Path], kind: str) -> str:
    """How many of the examples are continued alike, greedily, by the models and by their rounded weights."""
    same = sum(same_text(folder, kind, [(one.form, one.prompt) for one in EXAMPLES]) for folder in folders.values())
    return f"{same} of {len(folders) * len(EXAMPLES)}"


def to_label(settings: PlaySettings, folders: dict[str, Path]) -> dict:
    """The pairs to choose between, and between which stages. Raises UserError where there are not two of them."""
    tuned = [one for one in folders if one != "base"]
    stages = settings.label_stages.split() or (tuned if len(tuned) > 1 else list(folders))[-2:]
    if len(set(stages)) != 2 or len(stages) != 2 or any(one not in folders for one in stages):
        raise UserError(f"label_stages: name two of {', '.join(folders)}")
    pairs = open_finished(folder_of("pairs", settings.run, settings.seed, settings.workspace), "pairs")
    asked = pairs_to_label({one: folders[one] for one in stages}, pairs, settings.label, settings.seed,
                           settings.temperature, settings.max_new_tokens)  # fmt: skip
    told = {"stages": {one: STAGES[one].label for one in stages}, "pairs": asked, "seed": settings.seed}
    # choices are kept under it: pairs that are the same find theirs again
    return told | {"hash": hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]}


def render(data: dict, weights: list[str]) -> str:
    """The page of its data. Its scripts are our own files; whatever a model writes is set as text by them."""
    script = '"use strict";\n' + "\n".join((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS)
    report_style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    style = report_style + (HERE / "play.css").read_text(encoding="utf-8") + further_models(report_style)
    shared = share_tokenizers(data)
    text = json.dumps(shared, ensure_ascii=True).replace("<", "\\u003c")  # so that no text can end the element
    here = Environment(loader=FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return here.get_template("page.html.jinja").render(
        run=data["run"], labels=[model["label"] for model in data["models"]],
        style=Markup(style), script=Markup(script), data=Markup(text),  # noqa: S704 - our own files; escaped above
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        weights=weights,
    )  # fmt: skip


def rewritten(page: str) -> str:
    """The page with the scripts and looks of now, from the models and figures inside it.

    Raises UserError if it is no such page.
    """
    found = DATA.search(page)
    if not found:
        raise UserError("this is no page of make play: it holds no models")
    data = json.loads(found[1])
    tokenizers = data.pop("tokenizers")
    data["models"] = [model | {"tokenizer": tokenizers[model["tokenizer"]]} for model in data["models"]]
    return render(data, [one if is_packed(one) else text_of(base64.b64decode(one)) for one in WEIGHTS.findall(page)])


def is_packed(text: str) -> bool:
    """False for the weights of pages that were made before these were compressed."""
    try:
        zlib.decompressobj().decompress(base64.b64decode(text[:4096]))
    except zlib.error:
        return False
    return True


def share_tokenizers(data: dict) -> dict:
    """The same with each tokenizer once: models name theirs by its place."""
    kept: list[dict] = []
    models = []
    for model in data["models"]:
        if model["tokenizer"] not in kept:
            kept.append(model["tokenizer"])
        models.append(model | {"tokenizer": kept.index(model["tokenizer"])})
    return data | {"models": models, "tokenizers": kept}


def embed(page: Path, report: Path) -> Path:
    """Put the live page into a finished report, in place of an earlier one. Raises UserError if there is no report."""
    if not report.is_file():
        raise UserError(f"no report at {report} to put the page into; run `make compare`, or leave out --live")
    inside, around = page.read_text(encoding="utf-8"), report.read_text(encoding="utf-8")
    allowed = re.search(r"script-src ('sha256-[^']+')", inside)[1]
    around = FRAMED.sub("", around)
    policy = re.search(r"script-src ('sha256-[^']+')( 'sha256-[^']+')?", around)
    around = around.replace(policy[0], f"script-src {policy[1]} {allowed}", 1)
    frame = f'<iframe title="Talk to both models" style="{FRAME}" srcdoc="{escape(inside)}"></iframe>'
    framed = f"<!-- live --><section id=\"live\"><h2>Talk to both</h2>{frame}</section><!-- /live -->\n"
    write_whole(report, around.replace("</main>", framed + "</main>", 1))
    return report
