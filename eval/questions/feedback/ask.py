"""What became of the answers that preferences hold: are those that were chosen likelier, those rejected less likely?

Of preferences held out: `logp_chosen`, `logp_rejected`, the log-probability of the whole answer after its prompt in the
chat form, in nats. Both may fall, and only their margin rise (Razin et al. 2024, arXiv 2410.08847).
"""

from configs.pipeline.stages import folder_of
from data.synthetic.facts import World
from eval.answers import Answers, row
from eval.lm import LanguageModel
from eval.results import role
from eval.settings import CompareSettings
from train.engine.held_out import answer_row
from train.preferred import SIDES, encode_preference, preferences_in

PREFERENCES = 200


def ask(lm: LanguageModel, world: World, settings: CompareSettings) -> Answers:
    """Of tuned models alone, where the run has preferences."""
    folder = folder_of("preferences", settings.run, lm.seed, settings.workspace)
    if role(lm.stage) == "base" or not folder.is_dir():
        return Answers()
    answers, preferences = Answers(), preferences_in(folder / "held_out.jsonl")[:PREFERENCES]
    encoded = [encode_preference(one, lm.tokenizer, lm.stop_ids) for one in preferences]
    for side in SIDES:
        rows = [answer_row(one["prompt_ids"], one[f"{side}_ids"]) for one in encoded]
        fit = [place for place, one in enumerate(rows) if len(one["input_ids"]) <= lm.context]
        scored = zip(fit, lm.nats([rows[place] for place in fit]), strict=True)
        answers.rows += [
            row(lm, "chat", "feedback", f"logp_{side}", f"preference:{place}", -nats, n_tokens=tokens,
                category=preferences[place].get("kind", "own"))
            for place, (nats, tokens) in scored
        ]  # fmt: skip
    return answers
