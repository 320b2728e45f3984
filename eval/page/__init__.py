"""The parts of the report: what is read, what is said about it, how it is written.

reading.py      the four files of a comparison
opening.py      how the page begins; what was looked into before two unknown models were asked
words.py        numbers as a reader would write them
units.py        in which unit a number is told: percent, points, nats, or as it is
rows.py         the rows of the comparison, and the contents of the page grouped under them
claims.py       the table of claims with their verdicts
transcripts.py  what the models wrote, side by side
strips.py       text token by token
section.py      what a section of the page consists of; they are made by the show.py of each question
counting.py     the few ways in which most of them count and speak
making.py       how the models and their text were made
dots.py         lines of estimates, and marks.py: what several sections share
drawing.py      drawings made small
writing.py      the page as HTML and as Markdown
"""
