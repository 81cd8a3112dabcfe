"""The sign of substitution: whether labour and compute are complements or substitutes, as alternatives with weights."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from autosim.errors import InputError
from autosim.inputs.distributions import Distribution, Point, Reweighted, mass_below
from autosim.inputs.notes import Note
from autosim.inputs.priors import Path, Prior

SUBSTITUTIONS = ("complements", "substitutes")
"""Alternatives, in the order of their elasticities."""

SUBSTITUTION = "substitution"
"""Name of the choice under ``structure``."""

INPUT_SUBSTITUTION: Path = ("input_substitution",)
"""The parameter whose side of 1 it is."""

COBB_DOUGLAS = 1.0
"""Elasticity of substitution from which inputs are substitutes [1]; below, they are complements."""

_LEAST_MASS = 1e-9


def side_of(elasticity: NDArray[np.float64]) -> NDArray[np.int64]:
    """Alternatives that elasticities of substitution [1] belong to: positions in `SUBSTITUTIONS`, the same shape.

    Examples
    --------
    >>> side_of(np.array([0.1, 1.0, 2.58])).tolist()
    [0, 1, 1]
    """
    return (elasticity >= COBB_DOUGLAS).astype(np.int64)


def implied_weights(distribution: Distribution) -> dict[str, float]:
    """Weights of the alternatives that a prior of the elasticity implies."""
    below = mass_below(distribution, COBB_DOUGLAS)
    return dict(zip(SUBSTITUTIONS, (below, 1.0 - below), strict=True))


def with_weights(prior: Prior, weights: Mapping[str, float], note: Note) -> Prior:
    """The prior of the elasticity given each alternative, mixed with stated weights.

    Parameters
    ----------
    prior
        Of the elasticity, as the scenario states it.
    weights
        Of the alternatives, summing to 1; one that is left out has none.
    note
        Where they were stated, for errors.

    Raises
    ------
    InputError
        If an alternative has weight and no mass in the prior.
    """
    has, distribution = implied_weights(prior.distribution), prior.distribution
    for name, weight in weights.items():
        if weight > 0.0 and has[name] < _LEAST_MASS:
            got = f"weight {weight:g} on {name}, of which the prior of input_substitution ({distribution}) has none"
            raise InputError(note.place, "structure.substitution", got, "weight where that prior has mass")
    if isinstance(distribution, Point):
        return prior
    below = weights.get(SUBSTITUTIONS[0], 0.0)
    return replace(prior, distribution=Reweighted(distribution, COBB_DOUGLAS, below))
