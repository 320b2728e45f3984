"""Every probe, in the order in which a model is asked. To add one: write its file, and name it here."""

from eval.probes.census import census
from eval.probes.chat_continuation import chat_continuation
from eval.probes.corpus_rates import corpus_rates
from eval.probes.facts import facts
from eval.probes.register_mirroring import register_mirroring
from eval.probes.task_patterns import task_patterns
from eval.probes.wrong_answers import wrong_answers

# probe(door, world, settings) -> Answers
PROBES = (
    facts,
    census,
    chat_continuation,
    wrong_answers,
    task_patterns,
    register_mirroring,
    corpus_rates,
)
# probe(door, base, world, settings) -> Answers: a tuned model beside the base model that it was made from
BESIDE_BASE = ()
