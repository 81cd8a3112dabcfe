"""How many draws, and from which seeds: the same for the commands and for Python."""

DRAWS = 4000
"""Draws from the priors unless told otherwise."""

LARGEST_SEED = 2**63 - 1
