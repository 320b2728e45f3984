"""Ordinary first names for the people who talk, write and have adventures here."""

SHE = (
    "Anna Bea Clara Dora Ella Flora Grace Hanna Ida Julia Kate Lena Maria Nora Olga Paula Rosa "
    "Sara Tina Vera Lucy Mia Zoe Amira Fatou Mei Priya Yuki Ines Sofia"
).split()
HE = (
    "Adam Ben Carl David Emil Frank George Hugo Ivan Jack Karl Leo Max Noah Oscar Paul Robin Sam "
    "Tom Victor Will Omar Ravi Kofi Juan Luca Pedro Anton Felix Theo"
).split()
NAMES = SHE + HE
HANDLES = (
    "bluebird oldgoat mira_k nightowl tin_can pepper42 slowtrain redfox hal9 catlady jonas_b "
    "sunny_side greybeard quickstep moss teapot longjohn rookie77 harbourman plumtree"
).split()


def pronouns(name: str) -> tuple[str, str, str]:
    """he, him, his of a person."""
    return ("she", "her", "her") if name in SHE else ("he", "him", "his")
