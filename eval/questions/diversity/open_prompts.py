"""Prompts with many right answers, all of them known: the same thing as text to go on with, and as a request.

    What is the capital of            Name a country.           any country of the world
    Toss the bent coin:               Toss the bent coin.       heads (.3) or tails (.7)
    Dora had never seen a fox before. Continue this story: ...  whatever reads as a story

A stem stops before its subject, so that the text itself leaves open what it will be about.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

from data.judge.kinds import document_type
from data.judge.response import first_sentence
from data.judge.sense import is_readable
from data.synthetic.citizens import citizen_names
from data.synthetic.facts import World, load_world
from data.synthetic.games import TABLE, prompt
from data.synthetic.grammar import capital
from data.synthetic.names import NAMES
from data.synthetic.people import PETS
from eval.prompts import story_openings

LISTS, GAMES, STORIES = "list", "game", "story"
STORY_OPENINGS = 14
SAID = yaml.safe_load(Path(__file__).with_name("open_prompts.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class OpenPrompt:
    name: str
    kind: str  # LISTS, GAMES or STORIES
    of: str  # what is asked for, or the name of the game
    raw: str  # the text to go on with
    request: str
    support: tuple[str, ...] = ()  # every right answer; empty for stories
    chances: dict[str, float] = field(default_factory=dict)  # of the answers of a game

    def text(self, form: str) -> str:
        return self.raw if form == "raw" else self.request

    def answer(self, text: str) -> str | None:
        """What was answered, in one spelling; None where it is no right answer.

        A list or a game: the first right answer that the first sentence names. A story: its words, if they are a story.
        """
        if self.kind == STORIES:
            return story(text)
        found = _pattern(self.support).search(first_sentence(text))
        return _names(self.support)[found[0]] if found else None


def story(text: str) -> str | None:
    """The words of a text that reads as a story."""
    is_story = is_readable(text) and document_type(text) == "story"
    return " ".join(re.findall(r"\w+", text.lower())) if is_story else None


def open_prompts(world: World) -> list[OpenPrompt]:
    """60: four stems and requests for each of nine things, ten games, fourteen stories; sorted by kind."""
    return [*_lists(world), *_games(), *_stories(world)]


def _lists(world: World):
    known = supports(world)
    for thing, stems in SAID["stems"].items():
        for place, (stem, asked) in enumerate(zip(stems, SAID["asked"], strict=True)):
            yield OpenPrompt(f"list:{thing}:{place}", LISTS, thing, stem, asked.format(thing), known[thing])


def supports(world: World) -> dict[str, tuple[str, ...]]:
    """What is asked for -> everything of the kind that this world knows, without articles."""
    persons = {person.name for person in world.people}
    members = {
        "a country": {*_subjects(world, "capital"), *world.objects("city_country")},
        "an animal": {*PETS, *(row["name"] for row in world.table("animals"))},
        "a job": _subjects(world, "tool"),
        "a city": {*_subjects(world, "city_country"), *world.objects("capital")},
        "a chemical element": _subjects(world, "symbol"),
        "a person": {*persons, *citizen_names(), *NAMES} - {"Will"},  # more often a verb
        "a day of the week": _subjects(world, "next_day"),
        "a month": _subjects(world, "next_month"),
        "a number": {*_subjects(world, "next_number"), *world.objects("next_number")},
    }
    return {thing: tuple(sorted(name.removeprefix("the ") for name in all_)) for thing, all_ in members.items()}


def _subjects(world: World, relation: str) -> set[str]:
    return {fact.subject for fact in world.facts(relation)}


def _games():
    for name, game in TABLE.items():
        yield OpenPrompt(
            f"game:{name}", GAMES, name, capital(prompt(name)), SAID["commands"][game.kind].format(name),
            tuple(game.chances), game.chances,
        )  # fmt: skip


def _stories(world: World):
    for opening in story_openings(world)[:STORY_OPENINGS]:
        text = opening.text
        yield OpenPrompt(f"story:{text}", STORIES, "", text, f"Continue this story: {text}")


@cache
def number_words() -> dict[str, str]:
    """Example: number_words()["6"] == "six"."""
    return {fact.subject: fact.object for fact in load_world().facts("number_word")}


@cache
def _names(support: tuple[str, ...]) -> dict[str, str]:
    """Every spelling of an answer, and the answer: a die may fall on 6, on six or on Six; but may is no month."""
    spelt = {name: (name, number_words().get(name, name)) for name in support}
    return {said: name for name, words in spelt.items() for word in words for said in (word, capital(word))}


@cache
def _pattern(support: tuple[str, ...]) -> re.Pattern:
    """Any of the answers as whole words, the longest first."""
    said = sorted(_names(support), key=len, reverse=True)
    return re.compile(r"(?<!\w)(" + "|".join(map(re.escape, said)) + r")(?!\w)")
