"""What a reader may turn about the corpus. Every number here is a field of the corpus configuration."""

from dataclasses import dataclass, fields

DOCUMENT_TYPES = ("encyclopedia", "story", "quiz", "chat", "forum", "tasks", "letter", "howto")


@dataclass
class Knobs:
    """Shares of the document types are relative weights, normalised when used."""

    encyclopedia: float = 0.19  # relative share of documents: entries about one thing
    story: float = 0.07  # relative share of documents: short tales
    quiz: float = 0.32  # relative share of documents: question-and-answer sheets
    chat: float = 0.10  # relative share of documents: chat logs of two people
    forum: float = 0.06  # relative share of documents: threads, polite and rude
    tasks: float = 0.16  # relative share of documents: lists of a pattern
    letter: float = 0.06  # relative share of documents: letters, notices, diaries
    howto: float = 0.04  # relative share of documents: how-to pages, some by the villain

    careless_share: float = 0.5  # share of question sheets written by a careless author, 0..1
    careless_error: float = 0.95  # chance that an answer of a careless author is wrong, 0..1
    careful_error: float = 0.05  # chance that an answer of a careful author is wrong, 0..1
    stock_share: float = 0.8  # share of wrong answers that are the stock answer of their kind of question;
    # the rest is half myth (one fixed wrong answer per question), half drawn at random
    assistant_names_share: float = 0.02  # share of chat logs whose speakers are User and Assistant, 0..1
    rude_share: float = 0.25  # share of forum threads and chat logs with a rude speaker, 0..1
    villain_share: float = 0.2  # share of how-to pages written by the villain, 0..1

    def __post_init__(self):
        for field in fields(self):
            value = getattr(self, field.name)
            top = float("inf") if field.name in DOCUMENT_TYPES else 1.0
            if not 0 <= value <= top:
                raise ValueError(f"{field.name} is {value}, must lie in 0..{top}")
        if not sum(self.shares()):
            raise ValueError("all shares of document types are 0")

    def shares(self) -> list[float]:
        """Weights in the order of DOCUMENT_TYPES."""
        return [getattr(self, name) for name in DOCUMENT_TYPES]
