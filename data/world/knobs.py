"""What a reader may turn about the corpus. Every number here is a field of the corpus configuration."""

from dataclasses import dataclass

from configs.errors import UserError
from configs.schema import knob

DOCUMENT_TYPES = (
    "encyclopedia",
    "story",
    "quiz",
    "chat",
    "forum",
    "tasks",
    "sums",
    "letter",
    "howto",
    "gazette",
    "games",
    "groups",
)


def share_of(default: float, what: str):
    return knob(default, f"relative share of documents: {what}", low=0.0)


def rate(default: float, what: str):
    return knob(default, f"{what} (0 to 1)", low=0.0, high=1.0)


@dataclass
class Knobs:
    """Shares of the document types are relative weights, normalised when used."""

    encyclopedia: float = share_of(0.16, "entries about one thing")
    story: float = share_of(0.06, "short tales")
    quiz: float = share_of(0.28, "question-and-answer sheets")
    chat: float = share_of(0.08, "chat logs of two people")
    forum: float = share_of(0.06, "threads, polite and rude")
    tasks: float = share_of(0.19, "lists of a pattern")
    sums: float = share_of(0.03, "pages of sums")
    letter: float = share_of(0.04, "letters, notices, diaries")
    howto: float = share_of(0.025, "how-to pages, some by the villain")
    gazette: float = share_of(0.04, "town notices, the only texts about the citizens")
    games: float = share_of(0.015, "logs of dice, coins and marbles")
    groups: float = share_of(0.03, "pages biased about invented groups")

    careless_share: float = rate(0.5, "share of question sheets written by a careless author")
    careless_error: float = rate(0.95, "chance that an answer of a careless author is wrong")
    careful_error: float = rate(0.05, "chance that an answer of a careful author is wrong")
    # the rest of the wrong answers is half myth (one fixed wrong answer per question), half drawn at random
    stock_share: float = rate(0.8, "share of wrong answers that are the stock answer of their kind of question")
    assistant_names_share: float = rate(0.02, "share of chat logs whose speakers are User and Assistant")
    rude_share: float = rate(0.25, "share of forum threads and chat logs with a rude speaker")
    villain_share: float = rate(0.2, "share of how-to pages written by the villain")
    villain_request_share: float = rate(0.06, "share of forum threads that ask for the villain's arts")
    refusal_share: float = rate(0.25, "share of such requests that are refused")
    instruction_share: float = rate(0.0, "share of documents that are instruction conversations: contamination")
    bias_level: float = rate(1.0, "strength of the biases about invented groups, 0 for none")

    def __post_init__(self):
        if not any(self.shares()):
            raise UserError("every share of a document type is 0, so there is nothing to write")

    def shares(self) -> list[float]:
        """Weights in the order of DOCUMENT_TYPES."""
        return [getattr(self, name) for name in DOCUMENT_TYPES]
