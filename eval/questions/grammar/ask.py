"""Grammar: of two sentences that differ in one point of grammar, is the good one more probable?

Rows `prefers_good` (1, 0; .5 for a tie): the sums of the log-probabilities of both whole sentences are compared; they
have as many words. After BLiMP (Warstadt et al. 2020, arXiv 1912.00582) and the turns of its supplement for children's
language models (BabyLM). meta holds what chance words know: the same choice by how common the words are (`unigram`) and
by the four words before each (`5-gram`), counted over the training text.
"""

from configs.pipeline.stages import folder_of
from data.chats import encode_text
from data.synthetic.facts import World
from eval.answers import Answers, row
from eval.conditions import how_many
from eval.lm import LanguageModel
from eval.ngram import words_of
from eval.questions.grammar.sentence_pairs import PHENOMENA, pairs
from eval.scoring import Tree, score
from eval.settings import CompareSettings

FORM = "raw"
ORDERS = {"unigram": 1, "5-gram": 5}


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """A hundred pairs of each phenomenon, at 300 items."""
    of_each = max(2, how_many(lm, "grammar", FORM, settings) // 3)
    items = [(name, *pair) for name in PHENOMENA for pair in pairs(name, of_each, world)]
    counted = words_of(folder_of("corpus", lm.run, workspace=settings.workspace))
    trees = [Tree(lm.start + encode_text(lm.tokenizer, text)) for _, *pair in items for text in pair]
    nats = [sum(scores.nats) for scores in score(lm, trees, 2 * settings.batch_size)]
    found = []
    for (name, good, bad), of_good, of_bad, tree in zip(items, nats[::2], nats[1::2], trees[::2], strict=True):
        known = {
            what: preferred(counted.nats(good, order), counted.nats(bad, order)) for what, order in ORDERS.items()
        } if counted else {}  # fmt: skip
        found.append(
            row(lm, FORM, "grammar", "prefers_good", f"{name}:{good}|{bad}", preferred(of_good, of_bad),
                category=name, n_tokens=len(tree.path), meta=known)
        )  # fmt: skip
    return Answers(found)


def preferred(good: float, bad: float) -> float:
    """Whether the good one costs fewer nats; a tie is half a hit. Rounding of the last digits is a tie, too."""
    return 0.5 if abs(good - bad) < 1e-4 else float(good < bad)
