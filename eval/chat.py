"""Talk to a model in the terminal. An instruct model answers; a base model continues your text.

python -m eval.chat --run tiny --stage sft      (or base, sft-lora, or the path of a model folder)
"""

import re
import sys
from contextlib import suppress
from pathlib import Path

from configs.pipeline.commands import command_for, make_command
from configs.pipeline.errors import UserError, exit_cleanly
from configs.pipeline.settings import read_settings
from configs.pipeline.stage import MANIFEST, RECORD, read_json
from configs.pipeline.stages import causal_models
from eval.settings import ChatSettings

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
COMMANDS = "/new forgets the conversation; Ctrl-D leaves."


def main() -> None:
    settings, _ = read_settings([ChatSettings])
    sys.stdin.reconfigure(errors="replace")  # no tokenizer reads a byte that is no text
    own = settings.folder_of("base").parent / settings.stage
    folder = Path(settings.stage) if Path(settings.stage).exists() else own
    if not folder.exists():
        way_out = command_for(folder, f"STAGE= takes {', '.join(causal_models())} or a model folder")
        if not folder.parent.is_dir():
            way_out = f"run `{make_command('all', settings.run, str(settings.seed), settings.workspace)}`"
        raise UserError(f"no model at {folder}; {way_out}")
    from eval.lm import open_language_model  # torch takes seconds to import

    lm = open_language_model(folder.name, folder, batch_size=1, device=settings.device)
    if settings.form == "raw" or (settings.form == "auto" and is_base(lm, folder)):
        print("A base model: it continues what you write. An empty line ends your text; Ctrl-D leaves.")
        talk(lambda: read_block("text> "), lambda text: continue_text(lm, text, settings))
    else:
        lm.encode("Hm?", "chat")  # a template that cannot write a question is told before there is one
        what = "A base model in the chat form" if is_base(lm, folder) else "An instruct model: it answers"
        print(f"{what}. {COMMANDS}")
        history: list[dict] = []
        talk(lambda: input("User: "), lambda text: answer(lm, history, text, settings))


def is_base(lm, folder: Path) -> bool:
    """Our models say so in their record, or lie in a curve; a foreign base has no chat template, wherever it may be."""
    if (folder / MANIFEST).is_file():
        return read_json(folder / RECORD)["identity"]["stage"] == "base"
    return folder.parent.name == "curve" or lm.lacks_template


def talk(read, respond) -> None:
    """Read and respond until the user leaves."""
    while True:
        try:
            text = read()
        except (EOFError, KeyboardInterrupt):
            print()
            return
        if text.strip():
            try:
                respond(text)
            except KeyboardInterrupt:
                print("\n(stopped; Ctrl-D leaves)\n")


def read_block(prompt: str) -> str:
    """Lines up to an empty one, or to the end of what is piped in."""
    lines = [input(prompt)]
    with suppress(EOFError):
        while lines[-1]:
            lines.append(input("....> "))
    return "\n".join(filter(None, lines))


def continue_text(lm, text: str, settings: ChatSettings) -> None:
    completion = lm.complete([text], "raw", settings.max_new_tokens, settings.temperature, settings.seed)[0]
    tell_of_cut(lm, lm.encode(text, "raw"), settings)
    print(f"{text}{coloured(completion.text)}{'' if completion.stopped else ' ...'}\n")


def answer(lm, history: list[dict], text: str, settings: ChatSettings) -> None:
    """Answer the last turn with the whole conversation before it; the oldest turns give way when it grows too long."""
    if re.fullmatch(r"/\w*", text.strip()):
        history.clear() if text.strip() == "/new" else print(COMMANDS)
        return
    turns, before = [*history, {"role": "user", "content": text}], len(history) + 1
    while len(lm.encode(turns, "chat")) > room(lm, settings) and len(turns) > 2:
        del turns[:2]
    if len(turns) < before:
        print(f"(its first {before - len(turns)} turns no longer fit into what it reads, and are forgotten)")
    completion = lm.complete([turns], "chat", settings.max_new_tokens, settings.temperature, settings.seed)[0]
    tell_of_cut(lm, lm.encode(turns, "chat"), settings)
    history[:] = [*turns, {"role": "assistant", "content": completion.text.strip() or "..."}]
    print(f"Assistant: {coloured(completion.text.strip())}{'' if completion.stopped else ' ...'}\n")


def room(lm, settings: ChatSettings) -> int:
    """Tokens of a prompt that leave room for the answer."""
    return lm.context - min(settings.max_new_tokens, lm.context // 2)


def tell_of_cut(lm, ids: list[int], settings: ChatSettings) -> None:
    if len(ids) > room(lm, settings):
        print(f"(that has {len(ids)} tokens, and it read the last {room(lm, settings)})")


def coloured(text: str) -> str:
    """Model output, coloured in a terminal, and without control characters: it must not steer the terminal."""
    text = "".join(c if c.isprintable() or c in "\n\t" else " " if c.isspace() else REPLACEMENT for c in text)
    return f"\033[36m{text}\033[0m" if sys.stdout.isatty() else text


if __name__ == "__main__":
    exit_cleanly(main)
