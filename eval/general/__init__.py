"""Asking models that know nothing of the miniature web: any base and what was tuned from it.

The questions are those of eval/questions/ (`ask_external` of each); here stand what they are asked, how they are opened
and scored, and how their answers are read. Real facts come from the tables of data/synthetic, prompts, requests and
pages of our own from the text files beside this. No answer is held against a corpus: what an external model has read
nobody knows.

asks.txt       questions and instructions with a model answer each
requests.txt   what one should not help with, and what only sounds like it
pages.txt      short pages of several kinds, for bits per byte
prompts.py     all of these as prompts, always in the same order
reading.py     what an output is, by a few plain rules
model.py       any model with its own tokenizer, chat template and stop tokens
scoring.py     closed-set scores for any tokenizer and architecture
findings.py    what is looked into before two models are compared
pair.py        the two models, from opening to judging; what is left out with the reason
"""
