"""Instruction pairs of the embedded world: one small file for each kind of request.

Every kind has `write(draw, world) -> Pair` and its prose in the text file of its name, in the grammar of grammar.py;
generate.py mixes them in the shares of ../shares.yaml. What a pair may mention is decided in seen.py: the entities held
out of instruction data are asked about in the comparison only. wording.py asks and answers questions for several
kinds; harm.txt and look_alikes.txt hold the requests of refusal.py.
"""
