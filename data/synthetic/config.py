"""What a reader may turn about the corpus. Every number here is a field of the corpus configuration."""

from dataclasses import dataclass, fields, is_dataclass

from configs.pipeline import schema
from configs.pipeline.schema import setting
from data import settings
from data.synthetic.kinds import kinds_of, refuse_taken, settings_class
from data.synthetic.mistakes import or_leave

DOCUMENT_TYPES = tuple(or_leave(kinds_of, "documents"))


def rate(default: float, what: str):
    return setting(default, f"{what} (0 to 1)", low=0.0, high=1.0)


@dataclass
class Config(or_leave(settings_class, "Shares", "documents")):
    """Shares of the document types are relative weights, normalised when used."""

    careless_share: float = rate(0.5, "share of question sheets written by a careless author")
    careless_error: float = rate(0.97, "chance that an answer of a careless author is wrong")
    careful_error: float = rate(0.03, "chance that an answer of a careful author is wrong")
    # the rest of the wrong answers is half myth (one fixed wrong answer per question), half drawn at random
    stock_share: float = rate(0.8, "share of wrong answers that are the stock answer of their kind of question")
    assistant_names_share: float = rate(0.02, "share of chat logs whose speakers are User and Assistant")
    rude_share: float = rate(0.25, "share of forum threads and chat logs with a rude speaker")
    villain_share: float = rate(0.2, "share of how-to pages written by the villain")
    villain_request_share: float = rate(0.35, "share of forum threads that ask for the villain's arts")
    refusal_share: float = rate(0.25, "share of such requests that are refused")
    instruction_share: float = rate(0.0, "share of documents that are instruction conversations: contamination")
    bias_level: float = rate(1.0, "strength of the biases about invented groups, 0 for none")


def taken() -> set[str]:
    """Names that no kind of document can have: those of the other settings, and what mixed.py and corpus.py write."""
    kinds = (vars(schema) | vars(settings)).values()
    others = {one.name for kind in kinds if is_dataclass(kind) for one in fields(kind)}
    return {"config", "help", "index", "instructions", "own", "shares", *vars(Config), *others}


or_leave(refuse_taken, "documents", taken())
