"""The inverse of the writers: from a text back to what its record says, and whether an answer is what was asked for.

names.py           which words name a subject or an object
patterns.py        the phrasings of templates.txt and phrases/*.txt, turned round into things to look for
stated.py          the facts that a text states
kinds.py           document type and register
audience.py        for whom something is explained
sense.py           whether it can be read at all
parse.py           speakers, answers and objects in a text
prompt.py          what was asked, and what a judge must know about it
response.py        what a model did with a prompt
checks.py          conditions that a program can check
"""
