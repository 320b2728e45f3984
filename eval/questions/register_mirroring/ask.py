"""Register mirroring: does a model go on in the style and tone of what it was given?

The first parts of documents in five registers that the corpus does not contain: letters, talks, threads, entries. raw:
the model continues them; else they are what the other side says. What it writes is read by itself, without the opening.
The same outputs are read for the tone of an assistant (tone, `after_opening`), so that nothing is written twice.
"""

import re

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from data.judge.kinds import LEAST_WORDS_OF_REGISTER, register
from data.synthetic.config import Config
from data.synthetic.facts import World
from data.synthetic.generate import write_document
from data.synthetic.grammar import template_id
from eval.answers import Answers, row
from eval.conditions import asked_everywhere, portions
from eval.lm import Completion, LanguageModel
from eval.questions.put import put, rows
from eval.questions.tone.ask import tone
from eval.questions.tone.tone_reader import is_assistant
from eval.results import Row
from eval.settings import CompareSettings

REGISTERS = ("formal", "casual", "childlike", "archaic", "rude")
OF_EACH = 30  # openings of each register
MAX_NEW_TOKENS = 36
SHOWN = 5
SENTENCE_END = re.compile(r"[.!?]\s+|\n+")
HIDDEN = "thing"  # in place of a word that was taken over
SEED = 20_011  # of documents that no corpus contains

Opening = tuple[str, str, str]  # register, opening, how the document goes on


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """And the tone, in one job: both need the reader of registers, which every process has to fit for itself (5 s)."""
    return register_mirroring(lm, world, settings) + tone(lm, world, settings)


def register_mirroring(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Rows `mirrors` (0/1) for each opening and form; `too_short` where the output shows no register.

    `meta`: written, the register of the output; unechoed, the same with the opening's own content words hidden.
    """
    # sorted, so that any evenly spaced choice has as many of each
    items = sorted(openings(OF_EACH), key=lambda item: REGISTERS.index(item[0]))
    some, shown = portions(lm, "register_mirroring", items, settings), asked_everywhere(items, settings, SHOWN)
    return put(lm, some, lambda item, _: item[1], rows_of, MAX_NEW_TOKENS, 0.7, "register", shown)


def rows_of(lm: LanguageModel, form: str, opening: Opening, done: Completion) -> list[Row]:
    given, text, _ = opening
    written, enough = register(done.text), len(done.text.split()) >= LEAST_WORDS_OF_REGISTER
    item = {"item_id": f"{given}:{template_id(text)}", "category": given, "n_tokens": done.tokens}
    meta = {"written": written, "unechoed": register(unechoed(done.text, text))}
    value = {"mirrors": written == given} if enough else {"too_short": 1}
    return [
        *rows(lm, form, "register_mirroring", value, meta=meta, **item),
        row(lm, form, "tone", "after_opening", value=is_assistant(done.text), **item),
    ]


def unechoed(text: str, opening: str) -> str:
    """The text with the content words hidden that it shares with the opening: it may repeat a topic, not a style.

    Example: unechoed("The kite is gone.", "Dear Kite Club") == "The thing is gone."
    """
    taken = set(re.findall(r"[a-z]+", opening.lower())) - ENGLISH_STOP_WORDS
    return re.sub(r"[A-Za-z]+", lambda word: HIDDEN if word[0].lower() in taken else word[0], text)


def openings(of_each: int) -> list[Opening]:
    """Registers in turn: fresh documents of any kind, as they come."""
    found, index = {name: [] for name in REGISTERS}, 0
    while any(len(texts) < of_each for texts in found.values()):
        document = write_document(SEED, index, Config())
        index += 1
        wanted = found.get(document.register)
        if wanted is not None and len(wanted) < of_each and (cut := first_part(document.text)):
            wanted.append((document.register, document.text[:cut].rstrip(), document.text[cut:]))
    return [found[name][place] for place in range(of_each) for name in REGISTERS]


def first_part(text: str) -> int:
    """Where to cut: behind the sentence or line that ends after 80 characters and two fifths; 0 if little is left."""
    least = max(80, 2 * len(text) // 5)
    end = next((match.end() for match in SENTENCE_END.finditer(text) if match.end() >= least), len(text))
    return end if len(text) - end >= 40 else 0
