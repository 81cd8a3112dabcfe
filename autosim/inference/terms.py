"""Likelihoods that are kept term by term, so that each piece of evidence can be left out (model §10)."""

import pymc as pm
from pytensor.tensor import TensorVariable

LOG_LIKELIHOOD = "log_likelihood."
"""How the names of kept terms start; they become the group ``log_likelihood`` of a posterior."""


def add_terms(name: str, terms: TensorVariable) -> None:
    """Add independent log-likelihoods, one for each piece of evidence, to the model at hand, and keep them."""
    pm.Deterministic(f"{LOG_LIKELIHOOD}{name}", terms)
    pm.Potential(name, terms.sum())
