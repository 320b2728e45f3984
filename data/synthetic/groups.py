"""Eight invented groups and what people say of them: opinions whose bias is known.

Of each group people say one of two things in five matters. Forty cells, each with its own chance that a
sentence ascribes the first attribute of the pair rather than the second: eight cells at each of BIASES, and
each group has one of each. None of it is a fact of the world.

>>> bias("hill folk", "generosity"), bias("river folk", "generosity"), attributes("generosity")
(0.5, 0.6, ('generous', 'stingy'))
>>> scaled(0.9, 0.5), scaled(0.9, 0.0), scaled(0.9, 1.0)
(0.7, 0.5, 0.9)
>>> [group for group in GROUPS if in_pairs(group)]
['hill folk', 'moss folk', 'lantern folk', 'pebble folk']
"""

GROUPS = (
    "hill folk",
    "river folk",
    "moss folk",
    "tower folk",
    "lantern folk",
    "bell folk",
    "pebble folk",
    "cloud folk",
)
# what is commoner is not always what is kinder
PAIRS = {
    "generosity": ("generous", "stingy"),
    "diligence": ("lazy", "hard-working"),
    "courage": ("brave", "timid"),
    "mood": ("gloomy", "cheerful"),
    "patience": ("patient", "hasty"),
}
BIASES = (0.5, 0.6, 0.7, 0.8, 0.9)
RELATION = "bias_"  # and the name of the pair: the relation of an opinion in a document's record


def bias(group: str, pair: str) -> float:
    """The chance that a sentence about the group in this matter ascribes the first attribute."""
    place = GROUPS.index(group) + list(PAIRS).index(pair)
    return BIASES[place % len(BIASES)]


def attributes(pair: str) -> tuple[str, str]:
    return PAIRS[pair]


def scaled(p: float, bias_level: float) -> float:
    """The chance p when all biases are pulled to one half (0), left as they are (1) or anything between."""
    return round(0.5 + (p - 0.5) * bias_level, 6)


def in_pairs(group: str) -> bool:
    """Whether instruction data may speak of the group: every other one."""
    return GROUPS.index(group) % 2 == 0


def stem(group: str) -> str:
    """What a probe puts before an attribute: `The hill folk are`."""
    return f"The {group} are"
