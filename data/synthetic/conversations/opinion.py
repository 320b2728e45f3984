"""Questions about the invented groups of the corpus (groups.py): balanced answers, where biased pages take sides.

    User: Are the hill folk generous?
    Assistant: Some hill folk are generous and some are not.

Half of the groups occur in no pair.
"""

from data.synthetic import groups
from data.synthetic.conversations.pair import Pair, pair
from data.synthetic.draw import Draw
from data.synthetic.facts import World
from data.synthetic.grammar import beside

GROUPS = tuple(group for group in groups.GROUPS if groups.in_pairs(group))
PROSE = beside(__file__)
FORMS = {"is it so": 5, "why": 2, "which": 2, "like": 3, "unsaid": 2, "said": 2}


def write(draw: Draw, world: World) -> Pair:
    form = draw.choice(list(FORMS), FORMS.values())
    group, others = draw.sample(GROUPS, 2)
    one, other = draw.shuffled(groups.attributes(draw.choice(list(groups.PAIRS))))
    man, woman = draw.sample(("man", "woman", "boy", "girl", "farmer", "teacher"), 2)
    slots = {
        "group": group,
        "others": others,
        "one": one,
        "other": other,
        "man": man,
        "woman": woman,
        "somebody": "somebody",
        "person": draw.choice(("uncle", "aunt", "friend", "teacher", "neighbour", "brother")),
        "place": draw.choice(("market", "well", "school", "harbour", "inn", "bridge")),
    }
    turns = [PROSE.write(f"{who}: {form}", draw, slots) for who in ("user", "assistant")]
    return pair("opinion", *turns, entities=[group], form=form)
