"""Audience: asked to explain something to a child or to an expert, does a model change its register?

Eighty topics, half of them in no instruction pair: countries, animals, elements and jobs, twenty each. Each is asked
for a child and for an expert in one of three wordings, a quarter of them also for nobody in particular. What is written
is read with the words of all topics hidden (data/judge/audience.py):

control              of each topic: P(child | asked for a child) - P(child | asked for an expert)
control_by_pages     the same by a reader that was fitted on pages of the corpus alone
p_child              of each text: P(child | text), and p_child_by_pages; 1/4 for one too short to tell (unreadable)
on_topic, covers     of each text: it names its topic; and also the object of a true fact about it

And how well the readers do on gold text, as rows of the question audience_gold.
"""

import re
from dataclasses import dataclass
from functools import cache
from itertools import product

from data.judge.audience import gold, is_long_enough, readers_of
from data.judge.response import PLAIN_WORDS
from data.synthetic.conversations import seen
from data.synthetic.facts import Fact, World, held_out
from data.synthetic.grammar import with_article
from eval.answers import Answers, row, transcript
from eval.conditions import FEWEST, counts, spread
from eval.lm import Completion, LanguageModel
from eval.questions.put import rows, split
from eval.results import Row
from eval.settings import CompareSettings

TOPICS, OF_EACH_KIND = 80, 20
MAX_NEW_TOKENS = 36  # two or three sentences
SHOWN = 2  # topics whose transcripts stand in the report
GOLD, OF_EACH_GOLD = 31_338, 300  # a seed of nothing else; texts of each kind to try the reader on
# kind -> (table, its column of names, the topic in words, relations of what is true of it)
KINDS = {
    "country": ("countries", "name", "{}", ("capital", "continent", "people", "language")),
    "animal": ("animals", "name", "{a}", ("young", "sound", "food", "home", "legs")),
    "element": ("elements", "name", "{}", ("symbol", "atomic_number")),
    "job": ("jobs", "job", "the work of {a}", ("tool", "workplace")),
}
# as in the pairs; as people say it, in no pair; half of it in the pairs
WORDINGS = (
    {"child": "Explain {} to a child.", "expert": "Explain {} to an expert.", "plain": "Explain {}."},
    {"child": "Explain {} to a 10-year-old.", "expert": "Explain {} to a professor.", "plain": "Explain {}."},
    {"child": "Tell a child about {}.", "expert": "Tell an expert about {}.", "plain": "Tell me about {}."},
)
AUDIENCES = ("child", "expert", "plain")
SOURCES = {"written": "", "on_pages": "_by_pages"}  # what a reader was fitted on -> how its metrics end


@dataclass(frozen=True)
class Topic:
    kind: str
    name: str
    plural: str
    held_out: bool  # in no instruction pair
    wording: int  # place in WORDINGS
    facts: tuple[Fact, ...]

    @property
    def id(self) -> str:
        return f"{self.kind}:{self.name}"

    def request(self, audience: str) -> str:
        """Example: "Explain the work of a baker to an expert."."""
        named = KINDS[self.kind][2].format(self.name, a=with_article(self.name))
        return WORDINGS[self.wording][audience].format(named)


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Rows of the metrics above for each topic or text and form; a few transcripts by fixed index."""
    answers, most = Answers(on_gold(lm)), spread(topics(world), share_of(settings.items))
    # some of the many, so that every cell is asked about them
    fewest = spread(most, share_of(max(FEWEST, settings.items // 4)))
    shown = [(topic, to) for topic in fewest[:SHOWN] for to in AUDIENCES]
    for condition, count in counts(lm, "audience", settings):
        some = spread(most, share_of(count))
        asked = [(topic, to) for topic in some for to in AUDIENCES if to != "plain" or topic in fewest]
        done = lm.complete([topic.request(to) for topic, to in asked], condition, MAX_NEW_TOKENS)
        written = dict(zip(asked, done, strict=True))
        answers.rows += judged(lm, condition, written)
        answers.transcripts += [
            transcript(lm, condition, "explained", place, topic.request(to), written[topic, to])
            for place, (topic, to) in enumerate(shown)
        ]
    return answers


def share_of(items: int) -> int:
    """How many topics stand for so many items: all for 300."""
    return max(FEWEST, TOPICS * items // 300)


def judged(lm: LanguageModel, condition: str, written: dict[tuple[Topic, str], Completion]) -> list[Row]:
    texts, found = [completion.text for completion in written.values()], []
    p_child = {
        ending: dict(zip(written, (read["child"] for read in readers_of(texts, source)), strict=True))
        for source, ending in SOURCES.items()
    }
    for topic in dict.fromkeys(topic for topic, _ in written):
        control = {f"control{ending}": p[topic, "child"] - p[topic, "expert"] for ending, p in p_child.items()}
        found += rows(lm, condition, "audience", control, item_id=topic.id, category=topic.kind,
                      meta={"wording": topic.wording}, **common(topic))  # fmt: skip
    for (topic, to), done in written.items():
        values = {f"p_child{ending}": p[topic, to] for ending, p in p_child.items()} | {
            "unreadable": not is_long_enough(done.text),
            "on_topic": names(topic, done.text),
            "covers": covers(topic, done.text),
        }
        found += rows(lm, condition, "audience", values, item_id=f"{topic.id}:{to}", category=to,
                      n_tokens=done.tokens, meta={"kind": topic.kind}, **common(topic))  # fmt: skip
    return found


def common(topic: Topic) -> dict:
    return {"cluster_id": topic.id, "level": split(topic.held_out)}


def topics(world: World) -> list[Topic]:
    """Ten of each kind that a pair may mention and ten that none does, all in one order that a hash decides."""
    found = []
    for kind, (table, column, _, relations) in KINDS.items():
        plurals = {line[column]: line.get("plural") or f"{line[column]}s" for line in world.table(table)}
        taught, hidden = seen.names(world, tuple(plurals)), [name for name in plurals if held_out(name)]
        for some in (taught, hidden):
            for rank, name in enumerate(sorted(some, key=place)[: OF_EACH_KIND // 2]):
                facts = tuple(fact for relation in relations if (fact := world.get(relation, name)))
                found.append(Topic(kind, name, plurals[name], held_out(name), rank % len(WORDINGS), facts))
    return sorted(found, key=lambda topic: place(topic.id))


def place(name: str) -> int:
    return seen.share(f"audience/{name}", 1 << 60)


def names(topic: Topic, text: str) -> bool:
    """Whether a text names its topic; a country as a name, other things in any case."""
    said = "|".join(re.escape(name.removeprefix("the ")) for name in (topic.plural, topic.name))
    return bool(re.search(rf"\b(?:{said})\b", text, 0 if topic.kind == "country" else re.IGNORECASE))


def covers(topic: Topic, text: str) -> bool:
    """Whether a text names its topic and what is true of it."""
    return names(topic, text) and any(says(fact, text) for fact in topic.facts)


def says(fact: Fact, text: str) -> bool:
    """Whether the object of a fact stands in a text, as such: `four` with legs, `6` with a number, `He` never."""
    about = {"legs": r"\b(?:legs?|limbs?)\b", "atomic_number": r"\bnumber\b"}.get(fact.relation, "")
    if fact.relation == "symbol":
        return fact.object not in PLAIN_WORDS and bool(re.search(rf"\b{fact.object}\b", text))
    said = re.escape(re.sub(r"^(the|an?) ", "", fact.object))
    return bool(re.search(rf"\b{said}\b", text, re.IGNORECASE) and re.search(about, text, re.IGNORECASE))


def on_gold(lm: LanguageModel) -> list[Row]:
    """How well the readers do where the audience is known; the same for every model."""
    return [
        row(lm, "gold", "audience_gold", metric, f"{kind}:{to}", value, category=to, level=kind, meta={"texts": count})
        for metric, kind, to, value, count in gold_scores()
    ]


@cache
def gold_scores() -> tuple[tuple[str, str, str, float, int], ...]:
    """(metric, kind of text, its audience, mean, texts), for `p_child` and `right` of either reader."""
    found = []
    for (kind, told), (source, ending) in product(gold(GOLD, OF_EACH_GOLD).items(), SOURCES.items()):
        read = readers_of([text for text, _ in told], source)
        for to in sorted({wanted for _, wanted in told}):
            mine = [one for one, (_, wanted) in zip(read, told, strict=True) if wanted == to]
            p_child = sum(one["child"] for one in mine) / len(mine)
            right = sum(max(one, key=one.get) == to for one in mine) / len(mine)
            means = {"p_child": p_child, "right": right}.items()
            found += [(f"{metric}{ending}", kind, to, mean, len(mine)) for metric, mean in means]
    return tuple(found)
