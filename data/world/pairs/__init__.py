"""Instruction pairs of the embedded world: one small file for each kind of request.

Every kind has `write(draw, world) -> Pair`; generate.py mixes them. What a pair may mention is decided in
seen.py: the entities held out of instruction data are asked about in the comparison only.
"""
