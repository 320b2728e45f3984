"""Greetings, thanks, feelings, questions to the assistant about itself: short and friendly, in one turn or a few.

    User: Hi, I am Anna. How are you?
    Assistant: Hello, Anna! I am fine, thank you. What can I do for you?

The assistant speaks for itself only and never for the user.
"""

from data.world.draw import Draw
from data.world.facts import World
from data.world.names import NAMES
from data.world.pairs import seen
from data.world.pairs.pair import Pair, pair
from data.world.pairs.wording import ask, reply
from data.world.phrase import phrase
from data.world.scene import WORDS

HELLO = "[Hello|Hi|Hello there|Hi there|Good day|Hey]"
# topic -> (what the user says, what the assistant says)
TALK = {
    "hello": (
        "[{hello}!|{hello}.|{hello}, assistant!|Good {time}!|Good {time}, assistant.|{hello}, is anybody there?|"
        "{hello}, are you there?|{hello}, can we talk?|{hello}, nice to meet you.]",
        "[Hello!|Hello! How can I help you?|Hi! What can I do for you?|Good day! What would you like to know?|"
        "Hello! It is nice to meet you.|Hi there! Ask me anything you like.|Hello! I am here. What is it about?]",
    ),
    "name": (
        "[{hello}, I am {name}.|My name is {name}.|{hello}! My name is {name}.|{name} here.|I am {name}, and you?|"
        "{hello}, this is {name} from the {place}.|You can call me {name}.|Good {time}, I am {name}.]",
        "[Hello, {name}!|Hello, {name}! How can I help you?|Nice to meet you, {name}.|Hi, {name}! What can I do for you?|"
        "Good to meet you, {name}. I am the assistant.|Welcome, {name}! What would you like to know?]",
    ),
    "how are you": (
        "[[{hello}, how|How] are you[| today| this {time}]?|How do you do?|[{hello}, how|How] is it going?|"
        "Are you well[| today]?|[{hello}! Is|Is] everything all right with you?|How was your {weekday}?]",
        "[I am fine, thank you. How can I help you?|I am well, thank you.|Very well, thank you! And you?|"
        "All is well here. What can I do for you?|Fine, thanks! What would you like to talk about?]",
    ),
    "who are you": (
        "[[{hello}, who|Who] are you?|What are you?|[{hello}! Are|Are] you a person?|What is your name?|"
        "[Am I|{hello}, am I] talking to a human?|Tell me about yourself.|Introduce yourself.|"
        "Are you a computer?|Are you real?|Who am I talking to?]",
        "[I am an assistant. I answer questions and help with small tasks.|"
        "I am a computer program that answers questions.|I am not a person. I am a small program that works with words.|"
        "I am an assistant, a program that likes questions.|I am a program, and my task is to help you.]",
    ),
    "what can you do": (
        "[[{hello}, what|What] can you do?|How can you help me?|What are you good at?|What can I ask you?|"
        "[{hello}, can|Can] you help me?|What do you know?|What are you for?|Can I ask you something?|"
        "I need help with something.|I have a question for you.]",
        "[I can answer questions, write lists and tell stories.|Ask me about countries, animals, words or numbers.|"
        "I can explain things, rewrite a text or tell you a story. What would you like?|Of course! What is it about?|"
        "Gladly! What would you like to know?|I can tell you about the world, and I can write short texts.]",
    ),
    "thanks": (
        "[Thank you[| very much| so much]!|Thanks[| a lot]!|Thanks, that was [kind|helpful|very helpful].|"
        "Thank you for [your help|the answer|your time|everything].|That helped me[| a lot], thanks.|"
        "Great, thank you!|You helped me [a lot|with the {dish}|with my letter], thank you.|"
        "Thanks from me and my {relative}!|My {relative} says thank you.]",
        "[You are welcome!|You are welcome. Have a nice day!|Glad to help!|My pleasure.|Any time!|"
        "I am happy that it helped.|You are welcome. Come back whenever you like.]",
    ),
    "bye": (
        "[[Goodbye|Bye|Bye bye|See you|See you on {weekday}|Good night|Until {weekday}|So long][!|, assistant.]|"
        "I have to go[| now| to the {place}]. [Bye!|Goodbye!|See you!]|That is all for today[|, thank you].|"
        "I must go home, my {relative} is waiting.|It is {hour} o'clock, I have to leave.|Talk to you on {weekday}!]",
        "[Goodbye!|Goodbye! Have a nice day.|Bye! See you soon.|See you! It was nice to talk to you.|"
        "Take care!|Goodbye, and come back soon!|All the best!]",
    ),
    "compliment": (
        "[You are [very |really |so |]{adjective}.|I like you[|, assistant].|You did that well.|Good answer!|"
        "Well done[|, assistant]!|What {a adjective} assistant you are!|You know a lot.|"
        "My {relative} likes you too.|You are better than my {relative}.|You explain things well.]",
        "[Thank you! That is kind of you.|Thank you, I do my best.|That is nice to hear!|How kind of you to say so.|"
        "Thanks! I am glad that you think so.]",
    ),
    "happy": (
        "[I am [so |very |]happy[| today]!|I feel [great|wonderful][| today| this {time}].|I won [a prize|at {game}]!|"
        "I found my {thing} again!|I have a new {thing}!|My {relative} gave me {a thing}!|"
        "[My {relative}|{name}] is coming on {weekday}!|The {dish} was a great success!|I learnt to play {game}!]",
        "[That is wonderful!|How nice! I am happy for you.|That is great news!|Good for you!|I am glad to hear that.|"
        "What a good day!]",
    ),
    "sad": (
        "[I am [so |very |a little |]sad[| today].|I feel bad[| today| this {time}].|I lost my {thing}.|My {thing} is broken.|"
        "{name} moved away.|Nobody came to the {place}.|I burnt the {dish}.|I miss my {relative}.|"
        "My {relative} is angry with me.|I lost at {game} again.|It is too {weather} to go out.]",
        "[I am sorry to hear that.|Oh, that is a pity.|I am sorry. I hope that it gets better soon.|"
        "That must be hard. Would you like to talk about it?|I am sorry to hear that. Can I do something for you?]",
    ),
    "news": (
        "[I am going to the {place}[| on {weekday}| with {name}].|We are [making|having] {dish} today.|"
        "It is {a weather} day.|I am writing to my {relative}.|I played {game} with {name}.|"
        "On {weekday} I will visit my {relative}.|We live near the {place}.|I bought {a thing}.|I work as {a trade}.|"
        "My {relative} is {a trade}.|I got up at {hour} o'clock.]",
        "[That sounds nice!|How nice! Tell me more.|I see. Have a good time!|That is interesting.|"
        "Good to know. What would you like to talk about?|I hope that you enjoy it.]",
    ),
    "taste": (
        "[Do you like {dish}?|Do you play {game}?|What do you think of {dish}?|"
        "Do you have {a thing}?|Do you like {weekday}s?|Do you sleep at night?|Do you have a {relative}?|"
        "What did you eat today?|Do you like {weather} days?]",
        "[I am a program, so no. But I like to hear about it.|Not as you do, for I am a program. And you?|"
        "No, I am only a program. Do you?|No, I only work with words. Tell me more about it!]",
    ),
    "sorry": (
        "[Sorry, I was away[| for {hour} minutes| for an hour].|I am sorry, I was rude.|Excuse me, that was a mistake.|"
        "Sorry, wrong word.|Forgive me, I forgot what I wanted.|Wait, I am looking for my {thing}.|"
        "One moment, my {relative} is calling.]",
        "[No problem!|That does not matter at all.|It is all right.|Never mind! Take your time.|No harm done.]",
    ),
}
# what is said in the middle of a talk, and what the assistant says to it
BETWEEN = (
    (
        "[Ok.|Ok, good.|Fine.|Maybe.|I think so.|All right.|Really?|Why not.|Yes.|No.|Yes, on {weekday}.|Not today.]",
        "[All right! What would you like to do next?|Good. Is there anything else?|I see.|Fine! What else?|Very well.]",
    ),
    (
        "[Are you coming[| too| to the {place}| on {weekday}]?|Will you bring {a thing}?|Can you come at {hour}?|"
        "Shall we play {game}?|What are you doing?|What are you cooking?|Where are you?]",
        "[I am a program, so I cannot come. Have a good time!|I cannot, for I am only a program. Enjoy it!|"
        "I only work with words. But tell me about it!|I am here to answer questions. What would you like to know?]",
    ),
    (
        "[I will bring my {thing}.|My {relative} loves {dish}.|I looked it up on {weekday}.|At {hour}, at the {place}.|"
        "I am reading about {dish}.|I am learning to play {game}.|{name} told me.|I have one since {weekday}.]",
        "[That sounds good!|How nice!|Good to know.|I see. Have fun!|That is interesting. Tell me more.|Enjoy it!]",
    ),
)
TALK_SHARE = 0.45  # of the small talk
WEIGHTS = (3, 4, 3, 4, 3, 3, 3, 3, 3, 3, 4, 2, 1)
HEARD = ("happy", "sad", "news", "taste", "compliment", "who are you", "what can you do")


def write(draw: Draw, world: World) -> Pair:
    """One exchange, in a quarter of the cases a greeting before or a goodbye behind it; or a talk of several."""
    return talk(draw, world) if draw.flag(TALK_SHARE) else short(draw, world)


def talk(draw: Draw, world: World) -> Pair:
    """Two to five exchanges about this and that, each side typing as one does in a chat; facts in between."""
    casual, turns, facts = draw.flag(0.6), [], []
    for topic in draw.sample(list(TALK), draw.integer(2, 5)):
        slots = small_slots(draw, world)
        said, answer = exchange(draw, topic, slots)
        turns += [typed(said) if casual else said, answer]
        if draw.flag(0.3):
            fact = draw.choice(seen.facts(world, draw.choice(world.relations)))
            asked = ask(draw, fact)
            turns += [typed(asked) if casual else asked, reply(draw, fact, asked)]
            facts.append(fact)
        if draw.flag(0.2):
            said, answer = (phrase(text).write(draw, slots) for text in draw.choice(BETWEEN))
            turns += [typed(said) if casual else said, answer]
    return pair("smalltalk", *turns, facts=facts, topic="talk")


def typed(said: str) -> str:
    """As people type: `are you there?`, `i lost my kite`."""
    return (said[0].lower() + said[1:]).rstrip(".")


def short(draw: Draw, world: World) -> Pair:
    slots = small_slots(draw, world)
    topic = draw.choice(list(TALK), WEIGHTS)
    topics = [topic]
    if topic in HEARD and draw.flag(0.5):
        before = draw.choice(("hello", "name", "how are you"))
        topics = [before, topic] + [draw.choice(("thanks", "bye"))] * draw.flag(0.5)
    turns = [text for topic in topics for text in exchange(draw, topic, slots)]
    return pair("smalltalk", *turns, topic=topic)


def exchange(draw: Draw, topic: str, slots: dict) -> tuple[str, str]:
    """What the user says and what the assistant says to it."""
    said, answer = TALK[topic]
    return phrase(said).write(draw, slots), phrase(answer).write(draw, slots)


def small_slots(draw: Draw, world: World) -> dict:
    """What small talk may mention."""
    slots = {slot: draw.choice(seen.names(world, words)) for slot, words in WORDS.items()}
    slots["name"] = draw.choice(seen.names(world, tuple(NAMES)))
    slots["hello"] = phrase(HELLO).write(draw, {})
    slots["time"] = draw.choice(("morning", "evening", "afternoon"))
    return slots
