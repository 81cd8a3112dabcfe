"""How many draws, and from which seeds: the same for the commands and for Python."""

DRAWS = 4000
"""Draws from the priors unless told otherwise."""

LARGEST_SEED = 2**63 - 1

TARGET_ACCEPT = 0.95
"""Acceptance that a fit's steps are adapted to: fine ones, since models of few results leave much to the priors."""

PEER_DRAWS = 20_000
"""Draws of a peer, as many as its figures are compared at."""

TOLERANCE = 0.01
"""Monte Carlo error of the headline, as a share of it, that ``--draws auto`` draws for unless told otherwise."""

FIRST_DRAWS = 1_000
"""Draws that ``--draws auto`` begins with."""

LARGEST_AUTO = 1_000_000
"""Draws that ``--draws auto`` takes at most."""

OUTLOOK_DRAWS = 20_000
"""Draws of each outlook that is scored by what became known: each statement leaves fewer of them that count."""
