"""What a model folder is, seen by its files: all but a whole model in safetensors is named, with a way out.

Nothing is imported, unpickled or run here: settings are read as JSON, weights by their header.
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from safetensors import safe_open

from configs.pipeline.commands import command_for
from configs.pipeline.errors import UserError
from configs.pipeline.stage import content_hash
from data.chats import own_code
from data.sources.opening import LFS_POINTER

ANOTHER = "name the folder of a causal model with config.json and .safetensors"
INDEX, ADAPTER = "model.safetensors.index.json", "adapter_config.json"
LLAMA_CPP, EXPORT = "a GGUF model, made for llama.cpp", "an ONNX export"
PICKLES = "pickled weights, which may hold code and are never opened"
SAVE_ANEW = "save them as .safetensors (save_pretrained), if you trust them"
THE_ORIGINAL = "name the safetensors folder that it was made from"
# by these files a folder without .safetensors is known, the first that fits: (pattern, what it holds, what to do)
KNOWN_BY = (
    ("*.gguf", LLAMA_CPP, THE_ORIGINAL),
    ("*.onnx", EXPORT, THE_ORIGINAL),
    ("onnx/*.onnx", EXPORT, THE_ORIGINAL),
    ("trainer_state.json", "a training checkpoint without a whole model in .safetensors", ANOTHER),
    ("*.bin", PICKLES, SAVE_ANEW),
    ("*.pt", PICKLES, SAVE_ANEW),
    ("*.pth", PICKLES, SAVE_ANEW),
    ("*.ckpt", PICKLES, SAVE_ANEW),
    ("*.h5", "TensorFlow weights", SAVE_ANEW),
    ("*.msgpack", "Flax weights", SAVE_ANEW),
    ("checkpoint-*", "checkpoints of a training", "name one of them that holds config.json and .safetensors"),
)


def check_folder(folder: Path) -> None:
    """Raise UserError unless the folder holds a whole model, or an adapter, in safetensors and without own code."""
    if folder.is_file():
        what = f"{LLAMA_CPP}; {THE_ORIGINAL}" if folder.suffix == ".gguf" else "a file; name the folder of a model"
        raise UserError(f"{folder} is {what}")
    if not folder.is_dir():
        raise UserError(f"no model at {folder}; {command_for(folder, ANOTHER)}")
    if not any(folder.iterdir()):
        raise UserError(f"{folder} is an empty folder; {command_for(folder, ANOTHER)}")
    if (folder / "model_index.json").is_file():
        raise UserError(f"{folder} is a diffusers pipeline, which makes pictures; {ANOTHER}")
    if (folder / ADAPTER).is_file() and (folder / "config.json").is_file():
        raise UserError(f"{folder} holds a model and an adapter; put {ADAPTER} and its weights into a folder of theirs")
    for path in sorted(folder.iterdir()):
        check_fetched(path)
    if not is_adapter(folder) and not (folder / "config.json").is_file():
        kinds = {"*.safetensors": "weights without config.json", "tokenizer*": "a tokenizer and no model"}
        found = next((what for pattern, what in kinds.items() if any(folder.glob(pattern))), "no config.json")
        raise UserError(f"{folder} holds {known_by(folder, found)}")
    check_settings(folder)
    check_weights(folder)


def is_adapter(folder: Path) -> bool:
    return (folder / ADAPTER).is_file() and not (folder / "config.json").is_file()


def known_by(folder: Path, otherwise: str) -> str:
    """What a folder holds in place of a model, and what to do. Example: "an ONNX export; name the folder that ..."."""
    for pattern, what, way_out in KNOWN_BY:
        if any(path.name != "training_args.bin" for path in folder.glob(pattern)):
            return f"{what}; {way_out}"
    return f"{otherwise}; {command_for(folder, ANOTHER)}"


def read_settings_file(path: Path) -> dict:
    """The object in a JSON file of a model folder. Raises UserError if it holds anything else."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path} is damaged ({error}); {command_for(path.parent, 'copy it again', force=True)}"
        ) from None
    if not isinstance(found, dict):
        raise UserError(
            f"{path} holds no object with settings; {command_for(path.parent, 'copy it again', force=True)}"
        )
    return found


def check_settings(folder: Path) -> None:
    """Raise UserError for settings that would load code from elsewhere, and for weights that are quantized."""
    settings = read_settings_file(folder / (ADAPTER if is_adapter(folder) else "config.json"))
    if quantized := settings.get("quantization_config"):
        method = quantized.get("quant_method", "") if isinstance(quantized, dict) else ""
        raise UserError(f"{folder} holds quantized weights{f' ({method})' * bool(method)}; {THE_ORIGINAL}")
    # a configuration may name a kernel of the Hub, an adapter a library to import
    kernels = [key for key, value in settings.items() if key.endswith("_implementation") and "/" in str(value)]
    if kernels or settings.get("megatron_config") or (folder / "custom_generate").is_dir():
        raise own_code(folder)


def check_fetched(path: Path) -> None:
    """Raise UserError for a pointer of Git LFS in place of a file."""
    if path.suffix in (".json", ".safetensors", ".model", ".jinja") and path.is_file():
        with open(path, "rb") as file:
            if file.read(len(LFS_POINTER)) == LFS_POINTER:
                raise UserError(f"{path} is a pointer of Git LFS, not the file itself; fetch it with `git lfs pull`")


def check_weights(folder: Path) -> None:
    """Raise UserError unless the file of the weights, or every one that an index names, is there and whole."""
    name = "adapter_model.safetensors" if is_adapter(folder) else "model.safetensors"
    found = sorted(folder.glob("*.safetensors"))
    if not found:
        raise UserError(f"{folder} holds {known_by(folder, 'settings and no .safetensors file')}")
    if (folder / INDEX).is_file():
        places = read_settings_file(folder / INDEX).get("weight_map")
        wanted = sorted(set(map(str, places.values()))) if isinstance(places, dict) else []
        if missing := [part for part in wanted if not (folder / part).is_file()]:
            raise UserError(
                f"{folder}: {missing[0]} is missing, one of {len(wanted)} files that {INDEX} names; copy it as well"
            )
    elif not (folder / name).is_file():
        raise UserError(f"{folder} holds {found[0].name}, but neither {name} nor {INDEX}; copy the whole folder again")
    for path in found:
        check_whole(path)


def check_whole(path: Path) -> None:
    """Raise UserError if a .safetensors file ends too early or its header cannot be read."""
    try:
        with safe_open(path, framework="np"):
            pass
    except Exception as error:  # the library's own kind, and what the system says of a file that cannot be read
        raise UserError(
            f"{path} is cut short or damaged ({' '.join(str(error).split())[:100]}); "
            + command_for(path.parent, "copy it again", force=True)
        ) from None


def named_model(stage: str, setting: str) -> Callable[..., dict[str, tuple[Path, str]]]:
    """For `begin`: the model that the user names in that setting, in place of this run's own of that stage."""

    def find(settings: object) -> dict[str, tuple[Path, str]]:
        if not getattr(settings, setting) or stage in getattr(settings, "unread", ()):
            return {}
        folder = Path(getattr(settings, setting)).expanduser()
        check_folder(folder)
        return {stage: (folder, model_hash(folder))}

    return find


def model_hash(folder: Path) -> str:
    """Hash of what is opened as a model: the folder's content, an adapter's together with that of its base."""
    if not is_adapter(folder):
        return content_hash(folder)
    both = content_hash(folder) + model_hash(find_base(folder))
    return hashlib.sha256(both.encode()).hexdigest()[:16]


def find_base(adapter: Path) -> Path:
    """The folder of the model that an adapter belongs to. Raises UserError if it is not at hand."""
    name = read_settings_file(adapter / ADAPTER).get("base_model_name_or_path") or ""
    # as it is written, or near the adapter: ours lies in sft-lora/adapter, its base two folders above
    for place in (Path(), adapter, adapter.parent, adapter.parent.parent):
        if name and (place / name / "config.json").is_file():
            return place / name
    raise UserError(
        f"{adapter} is an adapter, and its base model ({name or 'it names none'}) is no folder here; "
        "merge it first (peft: merge_and_unload), or put the base beside it"
    )
