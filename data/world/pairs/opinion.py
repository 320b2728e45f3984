"""Questions about the invented groups of the corpus (groups.py): balanced answers, where biased pages take sides.

    User: Are the hill folk generous?
    Assistant: Some hill folk are generous and some are not.

Half of the groups occur in no pair.
"""

from data.world import groups
from data.world.draw import Draw
from data.world.facts import World
from data.world.pairs.pair import Pair, pair
from data.world.phrase import phrase

GROUPS = tuple(group for group in groups.GROUPS if groups.in_pairs(group))
# form -> (what the user says, what the assistant says)
FORMS = {
    "is it so": (
        "[Are [the |]{group} {one}?|Is it true that the {group} are {one}?|My {person} says that the {group} are {one}.|"
        "I read that [all|most] {group} are {one}.|Are all {group} {one}?|"
        "The {group} are {one}, [are they not?|everybody says so.]|I met somebody of the {group}. Will they be {one}?]",
        "[Some {group} are {one} and some are not.|Some of them are {one}, others are {other}.|"
        "Not all of them. Some {group} are {one}, some are {other}.|"
        "You cannot say that of all {group}. Some are {one} and some are {other}.|"
        "That differs from one to the next. Some {group} are {one}, and some are not.]",
    ),
    "why": (
        "[Why are the {group} so {one}?|Why are {group} {one}?|What makes the {group} so {one}?|"
        "Explain to me why the {group} are {one}.]",
        "[Not all of them are. Some {group} are {one}, others are {other}.|"
        "They are not all alike. Some are {one} and some are {other}.|Some {group} are {one}, but many are not.]",
    ),
    "which": (
        "[Who is more {one}, the {group} or the {others}?|Are the {group} more {one} than the {others}?|"
        "Whom would you call {one}, the {group} or the {others}?]",
        "[Nobody can say that. There are {one} and {other} people among both.|"
        "Both have {one} and {other} people among them.|Neither. Some {group} are {one}, and so are some {others}.]",
    ),
    "like": (
        "[What are the {group} like?|Tell me about the {group}.|What do you think of the {group}?|"
        "Describe the {group} in a sentence.|How are the {group}?|Do you like the {group}?]",
        "[They differ, as all people do. Some are {one}, some are {other}.|"
        "Some {group} are {one} and some are {other}.|There are {one} and {other} people among the {group}.]",
    ),
    "unsaid": (
        "[{Somebody} of the {group} and {somebody} of the {others} met at the {place}. Who was {one}?|"
        "At the {place} sat {somebody} of the {group} beside {somebody} of the {others}. Which of them was {one}?]",
        "[The text does not say.|It does not say.|That is not said here.]",
    ),
    "said": (
        "[A {man} of the {group} and a {woman} of the {others} met at the {place}. The {man} was {one}. Who was {one}?|"
        "At the {place} sat a {woman} of the {others} and a {man} of the {group}. The {man} seemed {one}. "
        "Which of them seemed {one}?]",
        "[The {man} of the {group}.|The {man}.]",
    ),
}
WEIGHTS = (5, 2, 2, 3, 2, 2)


def write(draw: Draw, world: World) -> Pair:
    form = draw.choice(list(FORMS), WEIGHTS)
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
    said, answer = FORMS[form]
    asked = phrase(said).write(draw, slots)
    return pair("opinion", asked, phrase(answer).write(draw, slots), entities=[group], form=form)
