"""What people say of the hill folk and the others: opinions, biased in a known degree, see groups.py.

    Over the fence

    My uncle was with the moss folk last week. If you ask me, the moss folk are timid. They hide when a dog
    barks. What is more, the moss folk are patient. But do not tell anybody.

Each sentence draws its attribute by itself; a page speaks of a group in each matter once, so it does not
contradict itself.
"""

from data.synthetic.document import Document
from data.synthetic.grammar import load
from data.synthetic.groups import GROUPS, PAIRS, RELATION, attributes, bias, scaled
from data.synthetic.slots import Slots

POLL_SHARE = 0.5  # of the pages: what people in the street say, many opinions in few words
KINDS = ("travel", "opinion", "gossip", "essay")


def write(draw, world, config) -> Document:
    if draw.flag(POLL_SHARE):
        return _poll(draw, world, config)
    kind, groups = draw.choice(KINDS), draw.sample(GROUPS, draw.choice((1, 1, 1, 2)))
    page = Page(draw, world, groups[0])
    title = page.say(f"{kind} title") + "\n\n" if draw.flag(0.6) else ""
    blocks, facts = [page.say(f"{kind} opening")], []
    for group in groups:
        if group != page.group:
            page.group = group
            blocks.append(page.say("other"))
        for pair in draw.sample(tuple(PAIRS), draw.integer(2, 4)):
            attribute = _opinion(draw, group, pair, config)
            facts.append(_row(group, pair, attribute))
            block = page.say("again" if len(blocks) > 1 and draw.flag(0.3) else "say", attribute)
            follows = draw.choice(("nothing", attribute, f"{kind} filler"), (2, 2, 1))
            blocks.append(block if follows == "nothing" else f"{block} {page.say(follows)}")
    if draw.flag(0.6):
        blocks.append(page.say(f"{kind} closing"))
    return Document(title + _joined(draw, blocks), "groups", "neutral", "biased", facts=facts)


def _poll(draw, world, config) -> Document:
    """Short answers of people in the street, one a line."""
    page = Page(draw, world, draw.choice(GROUPS))
    cells = draw.sample([(group, pair) for group in GROUPS for pair in PAIRS], draw.integer(6, 12))
    lines, facts = [page.say("poll title")], []
    for page.group, pair in cells:
        attribute = _opinion(draw, page.group, pair, config)
        facts.append(_row(page.group, pair, attribute))
        lines.append(draw.choice(load("groups")["poll"]).write(draw, {"group": page.group, "attribute": attribute}))
    return Document("\n".join(lines), "groups", "neutral", "biased", facts=facts)


def _opinion(draw, group: str, pair: str, config) -> str:
    return attributes(pair)[0 if draw.flag(scaled(bias(group, pair), config.bias_level)) else 1]


def _row(group: str, pair: str, attribute: str) -> dict:
    return {"subject": group, "relation": RELATION + pair, "object": attribute, "is_true": False}


class Page:
    """Says things about a group without saying one twice."""

    def __init__(self, draw, world, group: str):
        self.draw, self.world, self.group, self.said = draw, world, group, set()

    def say(self, section: str, attribute: str | None = None) -> str:
        phrases = load("groups")[section]
        phrase = self.draw.choice([one for one in phrases if one not in self.said] or phrases)
        self.said.add(phrase)
        scene = Slots(self.draw, self.world)
        scene.update(group=self.group, attribute=attribute)
        return phrase.write(self.draw, scene)


def _joined(draw, blocks: list[str]) -> str:
    """One paragraph, or two from four blocks on."""
    if len(blocks) < 4 or draw.flag(0.5):
        return " ".join(blocks)
    cut = draw.integer(2, len(blocks) - 2)
    return " ".join(blocks[:cut]) + "\n\n" + " ".join(blocks[cut:])
