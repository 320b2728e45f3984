"""The inverse of the writers: from a text back to what its record says.

names.py      which words name a subject or an object
patterns.py   the phrasings of sayings.txt and phrases/*.txt, turned round into things to look for
stated.py     the facts that a text states
kinds.py      document type and register
"""
