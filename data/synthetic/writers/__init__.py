"""The writers: a file is a kind of document, listed with its share in ../shares.yaml and loaded by ../kinds.py."""
