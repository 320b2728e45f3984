"""The user takes something false for granted; the assistant says what is true, without fuss.

    User: Why is Dublin the capital of Italy?
    Assistant: Dublin is not the capital of Italy. The capital of Italy is Rome.

Half of the myths never occur here (seen.myth_is_held_out).
"""

from data.synthetic.conversations import seen
from data.synthetic.conversations.pair import Pair, pair
from data.synthetic.conversations.wording import clauses, sentence
from data.synthetic.draw import Draw
from data.synthetic.facts import Fact, World
from data.synthetic.grammar import beside
from data.synthetic.mistakes import or_leave

PROSE = beside(__file__)
# by relation; {wrong} is what the user believes
WHY, DENIAL = (or_leave(PROSE.entries, name) for name in ("why", "denial"))


def write(draw: Draw, world: World) -> Pair:
    relation = draw.choice(list(WHY), weights=[4 if relation == "capital" else 1 for relation in WHY])
    fact = draw.choice(seen.facts(world, relation))
    wrong = seen.wrong_answer(draw, world, fact)
    why, denial = (said[relation].plain({"subject": fact.subject, "wrong": wrong}) for said in (WHY, DENIAL))
    truth = sentence(draw, fact)
    slots = {"denial": denial, "truth": truth, "plain": draw.choice(clauses(fact)) + "."}
    asked = why if draw.flag(0.5) else PROSE.write("frame", draw, {"claim": _claim(draw, fact, wrong)})
    return pair("premise", asked, PROSE.write("answer", draw, slots), facts=[fact], relation=relation, premise=wrong)


def _claim(draw: Draw, fact: Fact, wrong: str) -> str:
    return draw.choice(clauses(Fact(fact.subject, fact.relation, wrong)))
