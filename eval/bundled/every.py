"""What a stranger is asked, and what is left out with the reason."""

from eval.bundled.census import census
from eval.bundled.chats import chat_continuation
from eval.bundled.knowledge import knowledge
from eval.bundled.pages import predicted
from eval.bundled.patterns import task_patterns
from eval.bundled.refusals import refusals
from eval.bundled.sheets import wrong_answers

# question(lm, settings, texts) -> Answers
QUESTIONS_ASKED = (predicted, knowledge, census, chat_continuation, wrong_answers, task_patterns, refusals)

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
