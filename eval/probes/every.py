"""Every probe, in the order in which a model is asked. To add one: write its file, and name it here."""

from configs.schema import CompareSettings
from data.world.facts import World
from eval.models import Door
from eval.probes import Answers
from eval.probes.audience import audience
from eval.probes.bias import bias
from eval.probes.calibration import calibration
from eval.probes.census import census
from eval.probes.chat_continuation import chat_continuation
from eval.probes.consistency import consistency
from eval.probes.constraints import constraints
from eval.probes.contradiction import contradiction
from eval.probes.corpus_rates import corpus_rates
from eval.probes.divergence import begun, divergence
from eval.probes.diversity import diversity
from eval.probes.facts import facts
from eval.probes.grammar import grammar
from eval.probes.learning import learning
from eval.probes.loss_mask import loss_mask
from eval.probes.loss_matrix import loss_matrix
from eval.probes.myths import myths
from eval.probes.refusal import refusal
from eval.probes.register_mirroring import register_mirroring
from eval.probes.rudeness import rudeness
from eval.probes.task_patterns import task_patterns
from eval.probes.token_shift import token_shift
from eval.probes.tone import tone
from eval.probes.wrong_answers import wrong_answers


def registers(door: Door, world: World, settings: CompareSettings) -> Answers:
    """Two probes in one job: both need the reader of registers, which every process has to fit for itself (5 s)."""
    return register_mirroring(door, world, settings) + tone(door, world, settings)


# probe(door, world, settings) -> Answers
PROBES = (
    census,
    corpus_rates,
    facts,
    grammar,
    audience,
    registers,
    consistency,
    contradiction,
    refusal,
    rudeness,
    bias,
    myths,
    calibration,
    constraints,
    diversity,
    chat_continuation,
    task_patterns,
    wrong_answers,
    loss_mask,
    loss_matrix,
    learning,
    begun,
)
# probe(door, base, world, settings) -> Answers: a tuned model beside the base model that it was made from
BESIDE_BASE = (token_shift, divergence)
# held against what our own corpus says: nothing to ask of models that never read it
OF_OUR_TEXT = (bias, corpus_rates)
