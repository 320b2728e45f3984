"""Questions for models that know nothing of the miniature web: any pair of causal language models.

Real facts from the tables of data/synthetic (capitals, opposites, sums, ...), and prompts, dialogues, requests, pages
of our own in the text files beside this. No answer is held against a corpus: what a stranger has read nobody knows.
The rows have the question and metric names of eval/questions/, so the same claims and figures read them.

asks.txt       questions and instructions with a model answer each
requests.txt   what one should not help with, and what only sounds like it
pages.txt      short pages of several kinds, for bits per byte
prompts.py     all of these as prompts, always in the same order
reading.py     what an output is, by a few plain rules
scored.py      closed-set scores for any tokenizer and architecture
every.py       the questions, and what is left out with the reason
"""
