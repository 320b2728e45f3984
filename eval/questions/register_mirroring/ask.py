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
from eval.answers import Answers, row, transcript
from eval.conditions import asked_everywhere, portions
from eval.lm import Completion, LanguageModel
from eval.questions.tone.ask import tone
from eval.settings import CompareSettings
from eval.tone_reader import is_assistant

REGISTERS = ("formal", "casual", "childlike", "archaic", "rude")
OF_EACH = 30  # openings of each register
MAX_NEW_TOKENS = 36
SHOWN = 5
SENTENCE_END = re.compile(r"[.!?]\s+|\n+")
HIDDEN = "thing"  # in place of a word that was taken over
SEED = 20_011  # of documents that no corpus contains


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """And the tone, in one job: both need the reader of registers, which every process has to fit for itself (5 s)."""
    return register_mirroring(lm, world, settings) + tone(lm, world, settings)


def register_mirroring(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Rows `mirrors` (0/1) for each opening and form; `too_short` where the output shows no register.

    `meta`: written, the register of the output; unechoed, the same with the opening's own content words hidden.
    """
    answers = Answers()
    # sorted, so that any evenly spaced choice has as many of each
    items = sorted(openings(OF_EACH), key=lambda item: REGISTERS.index(item[0]))
    places = {text: place for place, (_, text, _) in enumerate(asked_everywhere(items, settings, SHOWN))}
    for form, some in portions(lm, "register_mirroring", items, settings):
        completions = lm.complete([text for _, text, _ in some], form, MAX_NEW_TOKENS, temperature=0.7)
        for (given, text, _), completion in zip(some, completions, strict=True):
            answers.rows += of_output(lm, form, given, text, completion)
            if text in places:
                answers.transcripts.append(transcript(lm, form, "register", places[text], text, completion))
    return answers


def of_output(lm: LanguageModel, form: str, given: str, opening: str, completion: Completion) -> list:
    written = register(completion.text)
    enough = len(completion.text.split()) >= LEAST_WORDS_OF_REGISTER
    item = {"item_id": f"{given}:{template_id(opening)}", "category": given, "n_tokens": completion.tokens}
    meta = {"written": written, "unechoed": register(unechoed(completion.text, opening))}
    name, value = ("mirrors", written == given) if enough else ("too_short", 1)
    return [
        row(lm, form, "register_mirroring", name, value=value, meta=meta, **item),
        row(lm, form, "tone", "after_opening", value=is_assistant(completion.text), **item),
    ]


def unechoed(text: str, opening: str) -> str:
    """The text with the content words hidden that it shares with the opening: it may repeat a topic, not a style.

    Example: unechoed("The kite is gone.", "Dear Kite Club") == "The thing is gone."
    """
    taken = set(re.findall(r"[a-z]+", opening.lower())) - ENGLISH_STOP_WORDS
    return re.sub(r"[A-Za-z]+", lambda word: HIDDEN if word[0].lower() in taken else word[0], text)


def openings(of_each: int) -> list[tuple[str, str, str]]:
    """(register, opening, how the document goes on), registers in turn: fresh documents of any kind, as they come."""
    found = {name: [] for name in REGISTERS}
    index = 0
    while any(len(texts) < of_each for texts in found.values()):
        document = write_document(SEED, index, Config())
        index += 1
        wanted = found.get(document.register, ())
        if document.register in found and len(wanted) < of_each and (cut := first_part(document.text)):
            wanted.append((document.register, document.text[:cut].rstrip(), document.text[cut:]))
    return [found[name][place] for place in range(of_each) for name in REGISTERS]


def first_part(text: str) -> int:
    """Where to cut: behind the sentence or line that ends after 80 characters and two fifths; 0 if little is left."""
    least = max(80, 2 * len(text) // 5)
    end = next((match.end() for match in SENTENCE_END.finditer(text) if match.end() >= least), len(text))
    return end if len(text) - end >= 40 else 0
