"""Questions that are answered by yes or no and, most often, by the fact itself.

User: Is Lyon the capital of France?
Assistant: No, the capital of France is Paris.
"""

from data.synthetic.conversations import seen
from data.synthetic.conversations.pair import Pair, pair
from data.synthetic.conversations.wording import FULL, SHORT, clauses, framed
from data.synthetic.draw import Draw
from data.synthetic.facts import World
from data.synthetic.grammar import beside, capital
from data.synthetic.relations import slots

PROSE = beside(__file__)  # by relation


def write(draw: Draw, world: World) -> Pair:
    relation = draw.choice(list(PROSE))
    fact = draw.choice(seen.facts(world, relation))
    is_true = draw.flag(0.5)
    claimed = fact.object if is_true else seen.wrong_answer(draw, world, fact)
    asked = framed(draw, capital(PROSE.write(relation, draw, slots(fact) | {"object": claimed})))
    word = "Yes" if is_true else "No"
    said = clauses(fact)[0] if draw.flag(0.6) else draw.choice(clauses(fact))
    form = draw.choice(("word", "comma", "sentence"), weights=(2, 5, 2))
    form = "word" if asked.endswith(SHORT) else "comma" if asked.endswith(FULL) else form
    answer = {"word": f"{word}.", "comma": f"{word}, {said}.", "sentence": f"{word}. {capital(said)}."}[form]
    stated = [fact] if form != "word" else []
    truth = word.lower()
    return pair("yes_no", asked, answer, facts=stated, entities=[fact.subject], relation=relation, truth=truth)
