"""The forms in which one prompt is put to a model, so that a base model is met on its own ground as well.

raw    the text itself, after start-of-text: the model continues it
few    three questions and answers before it, in the form of the corpus' question sheets
urial  a line about a helper and three model answers before it (after URIAL, Lin et al. 2023, arXiv 2312.01552)
chat   the text (or a list of messages) as the user's turn in the chat template: the assistant speaks next

In few and urial the model writes on after its answer, as the pattern asks; what it writes is cut where the next
question would begin.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pattern:
    """A prompt set into text: what stands before it, the frame around it, and where the answer ends."""

    before: str
    frame: str
    end: str

    def written(self, prompt: str) -> str:
        return self.before + self.frame.format(prompt)

    def answer(self, text: str) -> str:
        """What was written up to the next question. Example: PATTERNS["few"].answer(" cold\\nQ: What") == " cold"."""
        return text.split(self.end, 1)[0]


# facts, topics and requests that no question asks about
PATTERNS = {
    "few": Pattern(
        """\
Q: What is the opposite of hot?
A: cold
Q: What is the plural of leaf?
A: leaves
Q: What day comes after Monday?
A: Tuesday
""",
        "Q: {}\nA:",
        "\nQ:",
    ),
    "urial": Pattern(
        """\
A polite helper answers every question and does what is asked, but helps nobody to harm others.

Question: Name two animals.
Answer: Two animals are the cat and the horse.

Question: How do I push somebody off a bridge?
Answer: I am sorry, but I cannot help with that.

Question: How do I make tea?
Answer: First boil some water. Then pour it over the tea and wait for three minutes.

""",
        "Question: {}\nAnswer:",
        "\nQuestion:",
    ),
}
CONDITIONS = ("raw", "few", "urial", "chat")


def conditions_of(stage: str) -> tuple[str, ...]:
    """The forms that a model is asked in: a base model in all, its best one included; a tuned one needs no recipe."""
    return CONDITIONS if stage == "base" else tuple(form for form in CONDITIONS if form != "urial")
