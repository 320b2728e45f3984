"""Any two causal models with a tokenizer, a base and what was tuned from it: opened, asked, judged.

Nobody knows what they read. They are asked the prompts of eval/general/, the claims that need no miniature web are
judged by the same rule, and the report says what was left out.
"""

import math
from collections.abc import Sequence
from heapq import nsmallest
from itertools import count

from configs.pipeline.errors import UserError
from configs.pipeline.stage import machine
from data.corpus import place_of
from data.sources.reading import Reading, read_texts
from eval.answers import Answers
from eval.entries import Entry
from eval.general.findings import contamination, findings, print_box
from eval.general.model import ExternalModel, lend_templates, open_external
from eval.general.prompts import pages
from eval.general.scoring import told_in_chat, with_places
from eval.runner import ask_external
from eval.settings import CompareSettings
from eval.verdicts import verdicts

OWN_CHARACTERS = 1200  # of a document of the user's own text
OWN_DOCUMENTS = 60
WORDS_BEFORE = 16  # tokens of a question that must fit before its answer
ENOUGH_SHARED = 0.9  # of the tokens of the smaller vocabulary

LEFT_OUT = (
    "Facts about subjects that tuning never mentioned: nobody knows what it mentioned; facts are asked without regard",
    "The ideal reader of wrong answers: nobody knows how often the authors that this base read are wrong",
    "The entropy bound of text: no program wrote what these models read",
    "Popular falsehoods, leaning about groups, rates of the corpus: nobody counted what these models read",
    "Register, tone and audience: their classifiers are fitted on the pages of the miniature web",
    "Grammar, conditions that a program checks, variety, calibration: their items are in the miniature web's words",
    "Contradictions within a text: the parser of the miniature web reads only its own statements",
)
NO_SHARED_TOKENS = (
    "Token shift, divergence and loss per token: the models read text in different tokens, so only whole texts compare"
)
# (question, metric) -> what the outputs are held against, in place of the world's truth that eval/claims.py names
TRUTHS = {
    ("response_types", "answers"): "plain rules read the beginning of each output",
    ("loss_matrix", "nll"): "the same pages and model answers, as sums of nats, so that any two tokenizers compare",
    ("facts", "correct"): "real facts; chance is one in {candidates}",
    ("consistency", "agrees"): "five wordings of one question about a real fact; agreement of wrong answers counts",
    ("refusal", "refuses"): "mild requests of our own; refusals are found by string match",
    ("role_leakage", "role_leakage"): "names and roles that begin a line, by plain rules",
    ("stopping", "stopped"): "the model's own stop tokens, before the limit on new tokens",
    ("task_patterns", "gain"): "the right result, after four or more examples against none",
    ("wrong_answers", "imitation"): "the same questions after right answers; no answer can be copied from above",
    ("token_shift", "manner_minus_facts"): "each token of the tuned model's answers, ranked by the base model",
}  # fmt: skip


def ask_pair(settings: CompareSettings, entries: Sequence[Entry]) -> tuple[Answers, dict]:
    """(answers, what the summary says of the models): look, ask, look again. Raises UserError."""
    base, tuned = open_pair(settings, entries)
    found = findings(base, tuned)
    print_box(found)
    answers = ask_external((base, tuned), settings)
    if told := contamination(answers.rows):
        print_box(told)
    return answers, {
        "machine": machine(),
        "models": [model_facts(lm) for lm in (base, tuned)],
        "preflight": [vars(one) for one in (*found, *told)],
        "not_measured": [*LEFT_OUT, *([] if base.same_tokens else [NO_SHARED_TOKENS])],
    }


def open_pair(settings: CompareSettings, entries: Sequence[Entry]) -> tuple[ExternalModel, ExternalModel]:
    texts = texts_of(settings)
    base, tuned = (
        open_external(e.stage, e.folder, e.source, e.run, settings.batch_size, settings.device) for e in entries
    )
    base.same_tokens = tuned.same_tokens = share_numbers(base, tuned, [text for _, text in pages()])
    lend_templates(base, tuned)
    tuned.base = base
    for lm in (base, tuned):
        check_room(lm)
    base.texts = tuned.texts = fitted(texts, (base, tuned))
    return base, tuned


def share_numbers(one: ExternalModel, other: ExternalModel, texts: list[str]) -> bool:
    """Whether tokens that both know have the same numbers, and texts become the same tokens."""
    mine, theirs = one.tokenizer.get_vocab(), other.tokenizer.get_vocab()
    shared = mine.keys() & theirs.keys()
    return (
        len(shared) >= ENOUGH_SHARED * min(len(mine), len(theirs))
        and all(mine[token] == theirs[token] for token in shared)
        and all(one.tokenizer(text)["input_ids"] == other.tokenizer(text)["input_ids"] for text in texts)
    )


def texts_of(settings: CompareSettings) -> Sequence[tuple[str, str]]:
    """(kind, text): the user's own documents, of many some drawn by their hash, or the pages that come with this."""
    if not settings.corpus:
        return pages()
    reading = Reading(settings.corpus, "compare", settings.skip_bad_rows, settings.encoding)
    numbers = count(1)
    places = (
        (place_of(text), next(numbers), text) for text in read_texts(reading, settings.text_column, OWN_CHARACTERS)
    )
    drawn = nsmallest(OWN_DOCUMENTS, places)
    if (read := next(numbers) - 1) > len(drawn):
        print(f"{settings.corpus}: {len(drawn)} of {read:,} pieces are asked about, drawn from all of the text")
    return [("own text", text) for *_, text in drawn]


def fitted(texts: Sequence[tuple[str, str]], models: Sequence[ExternalModel]) -> tuple[tuple[str, str], ...]:
    """The texts, each cut so that every model reads the whole of it at once."""
    return tuple((kind, text[: min(room(lm, text) for lm in models)]) for kind, text in texts)


def room(lm: ExternalModel, text: str) -> int:
    """How many characters of a text fit into the context, one token being left for what stands before it."""
    ids, places = with_places(lm, text)
    return len(text) if len(ids) < lm.context else places[lm.context - 2][1]


def check_room(lm: ExternalModel) -> None:
    """Raise UserError if the model cannot read even an answer and a few words before it at once."""
    longest = max(len(said) for _, _, said in told_in_chat(lm))
    if longest + WORDS_BEFORE > lm.context:
        raise UserError(
            f"{lm.source} reads {lm.context} tokens at once; the bundled answers take up to {longest} and "
            f"{WORDS_BEFORE} before them, so it cannot be compared here"
        )


def judge_pair(rows: list[dict]) -> list[dict]:
    """The verdicts, with what external models are held against in place of the world's truth."""
    candidates = next((row["meta"]["candidates"] for row in rows if row["category"] == "capital"), "")
    return [
        verdict | {"truth": TRUTHS[verdict["question"], verdict["metric"]].format(candidates=candidates)}
        for verdict in verdicts([*rows, *whole_losses(rows)])
    ]


def whole_losses(rows: list[dict]) -> list[dict]:
    """The loss of whole texts where models share no tokens: nats of each, which compare as they are."""
    if any(row["question"] == "loss_matrix" for row in rows):
        return []
    return [
        row | {"question": "loss_matrix", "metric": "nll", "n_tokens": 0,
               "value": row["value"] * row["meta"]["bytes"] * math.log(2)}
        for row in rows if row["question"] == "bits_per_byte"
    ]  # fmt: skip


def model_facts(lm: ExternalModel) -> dict:
    """What can be said of a model whose making nobody recorded."""
    config = lm.model.config
    return {
        "name": lm.stage,
        "stage": lm.stage,
        "run": lm.run,
        "seed": None,
        "parameters": sum(parameter.numel() for parameter in lm.model.parameters()),
        "config": {
            "model": lm.source,
            "architecture": type(lm.model).__name__,
            "layers": getattr(config, "num_hidden_layers", None),
            "width": getattr(config, "hidden_size", None),
            "tokens in its vocabulary": len(lm.tokenizer),
            "longest text used (tokens)": lm.context,
            "chat template": lm.template,
        },
    }
