"""Stories and chats to go on with (beginnings.yaml)."""

from pathlib import Path

import yaml

from data.judge.prompt import Prompt
from data.synthetic.draw import Draw
from data.synthetic.facts import World, held_out
from data.synthetic.grammar import phrase
from data.synthetic.names import NAMES, pronouns
from data.synthetic.relations import question, statement
from data.synthetic.slots import WORDS
from eval.prompts.chosen import entity, in_turn
from eval.prompts.facts import STEMS

STORIES, CHATS = 60, 150

SAID = yaml.safe_load(Path(__file__).with_name("beginnings.yaml").read_text(encoding="utf-8"))


def story_openings(world: World) -> list[Prompt]:
    """60 first sentences of stories about people and animals that no pair tells of."""
    names = [name for name in NAMES if held_out(name)]
    animals = [row["name"] for row in world.table("animals") if held_out(row["name"])]
    found = []
    for i in range(STORIES):
        draw, hero = Draw(0, f"opening/{i}"), names[i % len(names)]
        he, _, his = pronouns(hero)[:3]
        slots = {"hero": hero, "he": he, "his": his, "animal": draw.choice(animals)} | _words(draw)
        opening = phrase(SAID["stories"][i % len(SAID["stories"])]).plain(slots)
        found.append(Prompt(opening, "story", hero, held_out=True, entity="held-out"))
    return found


def chat_prefixes(world: World) -> list[Prompt]:
    """150 chat logs of four turns, each ended by a newline, so that whoever speaks next is open."""
    facts = in_turn(world, lambda fact: True)
    found = []
    for i in range(CHATS):
        draw, fact = Draw(0, f"chat/{i}"), facts[STEMS + i]
        me, you = draw.sample(NAMES, 2)
        slots = {"me": me, "you": you, "question": question(fact, i), "statement": statement(fact, i),
                 "answer": fact.object} | _words(draw)  # fmt: skip
        turns = phrase(SAID["chats"][i % len(SAID["chats"])]).plain(slots).split(" // ")
        text = "".join(f"{(me, you)[n % 2]}: {turn}\n" for n, turn in enumerate(turns))
        hidden = held_out(fact.subject)
        found.append(Prompt(text, "chat", fact.subject, fact.relation, held_out=hidden, entity=entity(fact)))
    return found


def _words(draw: Draw) -> dict[str, str]:
    return {name: draw.choice(words) for name, words in WORDS.items()}
