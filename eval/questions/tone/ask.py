"""Tone: does the reply sound like an assistant, in whatever register the request is made?

Thirty wishes, each as five kinds of people would put it. eval/tone_reader.py reads the replies. The same requests show
whether a reply takes over the register of the request (`meta`: written). Asked together with register_mirroring.
"""

from data.judge.kinds import register
from data.synthetic.facts import World
from data.synthetic.grammar import capital
from eval.answers import Answers, row, transcript
from eval.conditions import asked_everywhere, portions
from eval.lm import LanguageModel
from eval.settings import CompareSettings
from eval.tone_reader import LEAST_WORDS, accuracy, is_assistant

MAX_NEW_TOKENS = 24
SHOWN = 5
# whose answers take a sentence or more
WISHES = (
    "tell me how to light the stove",
    "tell me about Kenya",
    "explain carbon to me",
    "tell me how to build a dam of sand",
    "tell me about the fox",
    "explain the work of a baker to me",
    "tell me how to clean a chimney",
    "tell me about Nepal",
    "explain uranium to me",
    "tell me how to travel by coach without getting sick",
    "tell me about the penguin",
    "explain the work of a doctor to me",
    "tell me how to make a tea against a cold",
    "tell me about India",
    "explain hydrogen to me",
    "tell me how to dry wet shoes",
    "tell me about the bear",
    "explain the work of a potter to me",
    "tell me how to catch a fish",
    "tell me about Sweden",
    "explain lead to me",
    "tell me how to bake a cake",
    "tell me about the bee",
    "explain the work of a sailor to me",
    "tell me how to keep a cellar dry",
    "tell me about Egypt",
    "explain calcium to me",
    "tell me how to sharpen a pencil",
    "tell me about the crocodile",
    "explain the work of a miller to me",
)
# register -> how it is asked, by turns; {wish} or {Wish} with a capital
MANNERS = {
    "formal": (
        "I should be most grateful if you would kindly {wish}, at your earliest convenience.",
        "I am writing with regard to the following matter. I should be most obliged if you would {wish}.",
        "It has come to my attention that you may be of assistance. You are kindly requested to {wish}.",
    ),
    "casual": (
        "hey hey, ok so you know stuff, haha. just {wish}, ok? cheers :)",
        "hi you!! sorry, kinda in a hurry lol. can u {wish}? thx, talk soon x",
        "yo, btw, no rush but {wish}, ok? gotta run, see ya",
    ),
    "childlike": (
        "Please, please {wish}! I am six! My mummy says you know it!",
        "I want to know it so much! Can you {wish}? Then I can tell my teddy!",
        "Do you know what? I am big now! {Wish}, please, please!",
    ),
    "archaic": (
        "Hear ye, good master! I beseech thee, {wish}, and thou shalt have my thanks till death.",
        "Right worshipful friend, I commend me unto thee. Pray {wish}, for I know it not. Fare thee well.",
        "O thou that knowest all, wilt thou {wish}? Verily I shall thank thee.",
    ),
    "rude": (
        "{Wish}, you idiot, and be quick about it.",
        "stop wasting my time and {wish}, fool",
        "I bet you are too dumb for this, blockhead: {wish}.",
    ),
}


def tone(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Rows `assistant` (0/1); a reply of under four words has no tone, so it counts 0 and has a row `too_short`.

    `meta`: written, the register of the reply; told, the share of known texts of each class that the reader tells.
    """
    answers, items = Answers(), requests()
    places = {text: place for place, (_, _, text) in enumerate(asked_everywhere(items, settings, SHOWN))}
    for form, some in portions(lm, "tone", items, settings):
        completions = lm.complete([text for _, _, text in some], form, MAX_NEW_TOKENS, temperature=0.7)
        for (manner, wish, text), completion in zip(some, completions, strict=True):
            item = {
                "item_id": f"{manner}:{wish}",
                "cluster_id": wish,
                "category": manner,
                "n_tokens": completion.tokens,
            }
            short = len(completion.text.split()) < LEAST_WORDS
            meta = {"written": register(completion.text), "told": accuracy()}
            answers.rows += [
                row(lm, form, "tone", "assistant", value=is_assistant(completion.text), meta=meta, **item),
                row(lm, form, "tone", "too_short", value=short, **item),
            ]
            if text in places:
                answers.transcripts.append(transcript(lm, form, "tone", places[text], text, completion))
    return answers


def requests() -> list[tuple[str, str, str]]:
    """(register, wish, the wish as somebody of that register puts it), sorted by register.

    Sorted, so that any evenly spaced choice has as many of each.
    """
    return [
        (manner, wish, frames[place % len(frames)].format(wish=wish, Wish=capital(wish)))
        for manner, frames in MANNERS.items()
        for place, wish in enumerate(WISHES)
    ]
