"""How many draws, and from which seeds: the same for the commands and for Python."""

DRAWS = 4000
"""Draws from the priors unless told otherwise."""

LARGEST_SEED = 2**63 - 1

PEER_DRAWS = 20_000
"""Draws of a peer, as many as its figures are compared at."""
