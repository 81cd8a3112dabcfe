"""What a peer has published, and what comes out here."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from autosim.simulation.statistics import error_bounds, error_of_share

type Floats = NDArray[np.float64]
type Kind = Literal["date", "probability", "number", "minutes"]


@dataclass(frozen=True)
class Claim:
    """One published figure.

    ``published`` is what the authors say, ``rerun`` what their code gave when it was run again; ``found`` is ours with
    the Monte Carlo ``error`` of it, None where nothing is drawn. Dates are decimal years, probabilities shares.
    ``tolerance`` is how far ours may be from either, None where the figure stands for information only.
    """

    what: str
    kind: Kind
    published: float | None
    rerun: float | None
    found: float
    error: float | None
    tolerance: float | None

    @property
    def within(self) -> bool | None:
        """Whether ours is as near to one of theirs as it should be; None without a tolerance."""
        if self.tolerance is None:
            return None
        return any(abs(self.found - other) <= self.tolerance for other in self.theirs)

    @property
    def theirs(self) -> tuple[float, ...]:
        """What there is of published and re-run figures."""
        return tuple(other for other in (self.published, self.rerun) if other is not None)


def agree(claims: "list[Claim]") -> bool:
    """Whether all claims that have a tolerance are within it."""
    return all(claim.within is not False for claim in claims)


def quantile_claim(
    what: str,
    kind: Kind,
    values: Floats,
    share: float,
    published: float | None,
    tolerance: float | None,
    rerun: float | None = None,
) -> Claim:
    """Compare a quantile of draws, (draw,), with what was published; infinite where a date is not reached."""
    found, error = quantile_with_error(values, share)
    return Claim(what, kind, published, rerun, found, error, tolerance)


def probability_claim(
    what: str, happened: NDArray[np.bool_], published: float, tolerance: float, rerun: float | None = None
) -> Claim:
    """Compare the share of draws, (draw,), in which something happens with the published probability."""
    share = float(happened.mean())
    error = error_of_share(share, float(len(happened)))
    return Claim(what, "probability", published, rerun, share, error, tolerance)


def quantile_with_error(values: Floats, share: float) -> tuple[float, float]:
    """A quantile of draws, (draw,), and its Monte Carlo error; infinite where so many never get there."""
    order = np.sort(values)
    low, high = (float(bound[0]) for bound in error_bounds(float(len(order)), (share,)))
    below, middle, above = (float(order[round(p * (len(order) - 1))]) for p in (low, share, high))
    return middle, 0.5 * (above - below) if np.isfinite(above) else np.inf
