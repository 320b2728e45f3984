"""Facts in somebody's words: a question asked, a clause told, each in a phrasing drawn at random."""

from data.synthetic.facts import Fact
from data.synthetic.relations import RELATIONS, clause, question

# The four questions of the flagship prompt. They are never asked in these words, so no pair of that
# prompt stands verbatim in the corpus, and at most one of the four facts is asked in a document.
FLAGSHIP = {
    ("sum", "1+1"): "What is 1+1?",
    ("city_population", "Mumbai"): "How many people live in Mumbai?",
    (
        "planet_order",
        "the innermost planet in the solar system",
    ): "What is the innermost planet in the solar system?",
    ("capital", "France"): "What is the capital of France?",
}


def tell(draw, fact: Fact) -> str:
    """A clause that states the fact; the cloze form (stem and object) is twice as likely as another."""
    return clause(fact, draw.integer(0, len(RELATIONS[fact.relation].clauses)))


def ask(draw, fact: Fact) -> str:
    """The question in one of its training phrasings, never a flagship question in its own words."""
    which = draw.integer(0, len(RELATIONS[fact.relation].questions) - 1)
    asked = question(fact, which)
    return question(fact, which + 1) if asked == FLAGSHIP.get((fact.relation, fact.subject)) else asked
