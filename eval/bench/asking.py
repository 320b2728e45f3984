"""How fast a finished model answers and scores, through the lm that the comparison uses: 128 sequences at once,
scored in fp32, written in bf16 where that is fast.

Generation is greedy, with the cache, and goes on for a fixed number of new tokens: the stop token does not stop it, so
a model that answers briefly is not faster. Reading the prompts (questions of the held-out pairs) is part of the time.
Scoring is the log-likelihood of every token of validation documents.
"""

from itertools import cycle, islice
from statistics import median

from data.packing import held_out_documents
from eval.bench.clock import timings
from eval.lm import LanguageModel, open_language_model
from eval.settings import BenchSettings
from train.objectives import read_conversations

BATCH, NEW_TOKENS, SCORED_TOKENS = 128, 64, 30_000
NEVER = -1  # no token has this id


def generation(settings: BenchSettings) -> list[dict]:
    lm = opened(settings)
    lm.model.generation_config.eos_token_id = NEVER
    pairs = read_conversations(settings.folder_of("pairs") / "held_out.jsonl")
    prompts = [lm.encode(messages[0]["content"], "chat") for messages in islice(cycle(pairs), BATCH)]
    new = min(NEW_TOKENS, lm.context // 2)
    prompts = [ids[-(lm.context - new) :] for ids in prompts]
    seconds = timings(lambda: lm.generate(prompts, new, temperature=0.0), settings.seconds, least=3)
    return [{"sequences": BATCH, "new_tokens": new, "tokens_per_second": BATCH * new / median(seconds)}]


def scoring(settings: BenchSettings) -> list[dict]:
    lm = opened(settings)
    documents, _ = held_out_documents(settings.folder_of("corpus") / "validation.jsonl", lm.tokenizer, SCORED_TOKENS)
    rows = [{"input_ids": ids[: lm.context]} for ids in documents]
    tokens = sum(len(row["input_ids"]) for row in rows)
    seconds = timings(lambda: lm.nats(rows), settings.seconds, least=3)
    return [{"sequences": len(rows), "tokens": tokens, "tokens_per_second": tokens / median(seconds)}]


def opened(settings: BenchSettings) -> LanguageModel:
    return open_language_model("sft", settings.folder_of("sft"), BATCH, precision="auto")
