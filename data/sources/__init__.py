"""The user's own files: text and instruction pairs, from the path that was named to documents and conversations.

files.py      which files of a folder are read, and which are left out and why
opening.py    bytes to text: compression, encodings, and what a file is that is no text
rows.py       a file to its rows: JSON in every outline, CSV, Parquet, the Hub
forms.py      a row to a conversation: a table of the forms of the field
reading.py    the two doors: read_texts and read_pairs
"""
