"""Distributions of one quantity: what a prior means, the same to the simulator and to a sampler."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import elementwise

from autosim.inputs.families import FAMILIES, Floats, log_gamma_quantile

_ABOVE_ZERO, _BELOW_ONE = 2.0**-54, 1.0 - 2.0**-53

_extremes_are_meant = np.errstate(all="ignore")
"""What is too large or small for a float becomes infinity or 0, and is judged by those who asked for it."""


@dataclass(frozen=True)
class Point:
    """A quantity that is known: all mass at ``value``."""

    value: float

    def quantile(self, u: Floats) -> Floats:
        """Value at each probability ``u``."""
        return np.full(np.shape(u), self.value)

    def probability(self, x: Floats) -> Floats:
        """Probability of lying at or below ``x``."""
        return np.where(np.asarray(x) >= self.value, 1.0, 0.0)

    def support(self) -> tuple[float, float]:
        """Smallest and largest value."""
        return self.value, self.value

    def __str__(self) -> str:
        return f"{self.value:g}"


@dataclass(frozen=True)
class Continuous:
    """A member of one of `FAMILIES`; ``parameters`` are its natural ones in the family's order.

    Examples
    --------
    >>> round(float(Continuous("normal", (0.0, 1.0)).quantile(np.array(0.975))), 4)
    1.96
    """

    family: str
    parameters: tuple[float, ...]

    @_extremes_are_meant
    def quantile(self, u: Floats) -> Floats:
        """Value at each probability ``u`` in (0, 1)."""
        return FAMILIES[self.family].quantile(np.asarray(u), *self.parameters)

    @_extremes_are_meant
    def probability(self, x: Floats) -> Floats:
        """Probability of lying at or below ``x``."""
        return FAMILIES[self.family].probability(np.asarray(x), *self.parameters)

    def support(self) -> tuple[float, float]:
        """Smallest and largest value."""
        return FAMILIES[self.family].support(*self.parameters)

    def __str__(self) -> str:
        named = zip(FAMILIES[self.family].parameters, self.parameters, strict=True)
        return f"{self.family}({', '.join(f'{name} {value:.4g}' for name, value in named)})"


@dataclass(frozen=True)
class Categorical:
    """A quantity that takes one of several values; ``values`` ascend, ``probabilities`` sum to 1."""

    values: tuple[float, ...]
    probabilities: tuple[float, ...]

    def quantile(self, u: Floats) -> Floats:
        """Value at each probability ``u`` in (0, 1)."""
        position = np.searchsorted(np.cumsum(self.probabilities), u, side="right")
        return np.asarray(self.values)[np.minimum(position, len(self.values) - 1)]

    def probability(self, x: Floats) -> Floats:
        """Probability of lying at or below ``x``."""
        cumulated = np.concatenate([[0.0], np.cumsum(self.probabilities)])
        return cumulated[np.searchsorted(self.values, x, side="right")]

    def support(self) -> tuple[float, float]:
        """Smallest and largest value."""
        return self.values[0], self.values[-1]

    def __str__(self) -> str:
        return " or ".join(
            f"{value:g} ({share:.0%})" for value, share in zip(self.values, self.probabilities, strict=True)
        )


@dataclass(frozen=True)
class Mixture:
    """A weighted mixture; ``weights`` are above 0 and sum to 1."""

    weights: tuple[float, ...]
    components: tuple["Continuous | Point | Truncated", ...]

    def quantile(self, u: Floats) -> Floats:
        """Value at each probability ``u`` in (0, 1), by search between the components' own quantiles."""
        p = np.asarray(u, dtype=np.float64)
        each = np.stack([component.quantile(p) for component in self.components])
        left, right = each.min(axis=0), each.max(axis=0)
        for atom in self.atoms():
            below, at = self.below(np.asarray(atom)), self.probability(np.asarray(atom))
            left = np.where(p > below, np.maximum(left, atom), left)
            right = np.where(p <= at, np.minimum(right, atom), right)
        value, inside = left.copy(), right > left
        if inside.any():
            value[inside] = self._search(p[inside], left[inside], right[inside])
        return value

    def _search(self, p: Floats, left: Floats, right: Floats) -> Floats:
        def miss(x: Floats, target: Floats) -> Floats:
            return self.probability(x) - target

        found = elementwise.find_root(miss, (left, right), args=(p,), tolerances={"xrtol": 1e-12, "xatol": 1e-14})
        nearer = np.where(np.abs(miss(left, p)) <= np.abs(miss(right, p)), left, right)
        return np.where(found.success, found.x, nearer)

    def probability(self, x: Floats) -> Floats:
        """Probability of lying at or below ``x``."""
        parts = zip(self.weights, self.components, strict=True)
        return np.sum([weight * component.probability(x) for weight, component in parts], axis=0)

    def below(self, x: Floats) -> Floats:
        """Probability of lying below ``x``; a component that is a point counts only if it lies below."""
        points = [weight * (np.asarray(x) == part.value) for weight, part in self._parts() if isinstance(part, Point)]
        return self.probability(x) - np.sum(points, axis=0) if points else self.probability(x)

    def atoms(self) -> list[float]:
        """Values that have a probability of their own, ascending."""
        return sorted({part.value for _, part in self._parts() if isinstance(part, Point)})

    def support(self) -> tuple[float, float]:
        """Smallest and largest value."""
        bounds = [component.support() for component in self.components]
        return min(low for low, _ in bounds), max(high for _, high in bounds)

    def _parts(self) -> "list[tuple[float, Continuous | Point | Truncated]]":
        return list(zip(self.weights, self.components, strict=True))

    def __str__(self) -> str:
        return " + ".join(f"{weight:g} {part}" for weight, part in self._parts())


@dataclass(frozen=True)
class Truncated:
    """A distribution cut to [lower, upper], either of which may be infinite.

    Examples
    --------
    >>> halved = Truncated(Continuous("normal", (0.0, 1.0)), lower=0.0)
    >>> round(float(halved.quantile(np.array(0.5))), 4)
    0.6745
    """

    base: Continuous | Mixture
    lower: float = -math.inf
    upper: float = math.inf

    def _mass(self) -> tuple[float, float]:
        lower, upper = np.asarray(self.lower), np.asarray(self.upper)
        below = self.base.below if isinstance(self.base, Mixture) else self.base.probability
        low = float(below(lower)) if math.isfinite(self.lower) else 0.0
        high = float(self.base.probability(upper)) if math.isfinite(self.upper) else 1.0
        return low, high

    def has_mass(self) -> bool:
        """Whether the cut leaves enough of the distribution to compute with."""
        low, high = self._mass()
        return high - low > 1e-9

    def quantile(self, u: Floats) -> Floats:
        """Value at each probability ``u`` in (0, 1)."""
        low, high = self._mass()
        p = np.minimum(low + np.asarray(u) * (high - low), _BELOW_ONE)
        return np.clip(self.base.quantile(p), self.lower, self.upper)

    def probability(self, x: Floats) -> Floats:
        """Probability of lying at or below ``x``."""
        low, high = self._mass()
        inside = (self.base.probability(np.clip(x, self.lower, self.upper)) - low) / (high - low)
        return np.where(np.asarray(x) < self.lower, 0.0, np.clip(inside, 0.0, 1.0))

    def support(self) -> tuple[float, float]:
        """Smallest and largest value."""
        low, high = self.base.support()
        return max(low, self.lower), min(high, self.upper)

    def __str__(self) -> str:
        return f"{self.base} in [{self.lower:g}, {self.upper:g}]"


@dataclass(frozen=True)
class Reweighted:
    """A distribution whose two sides of a threshold have other weights; each side keeps its shape.

    ``below`` is the probability of lying below ``threshold``; a side that has weight must have mass in the ``base``.
    The quantile function stays one of the same uniform number, so that draws keep their order.

    Examples
    --------
    >>> tilted = Reweighted(Continuous("uniform", (0.0, 2.0)), threshold=1.0, below=0.8)
    >>> tilted.quantile(np.array([0.4, 0.8, 0.9])).round(6).tolist()
    [0.5, 1.0, 1.5]
    """

    base: "Distribution"
    threshold: float
    below: float

    def quantile(self, u: Floats) -> Floats:
        """Value at each probability ``u`` in (0, 1)."""
        p, split = np.asarray(u, dtype=np.float64), mass_below(self.base, self.threshold)
        left = p < self.below
        to_left = split / self.below if self.below > 0.0 else 0.0
        to_right = (1.0 - split) / (1.0 - self.below) if self.below < 1.0 else 0.0
        moved = np.where(left, p * to_left, split + (p - self.below) * to_right)
        value = self.base.quantile(np.clip(moved, _ABOVE_ZERO, _BELOW_ONE))
        last = np.nextafter(self.threshold, -math.inf)
        return np.where(left, np.minimum(value, last), np.maximum(value, self.threshold))

    def probability(self, x: Floats) -> Floats:
        """Probability of lying at or below ``x``."""
        inside, split = self.base.probability(x), mass_below(self.base, self.threshold)
        from_left = self.below / split if self.below > 0.0 else 0.0
        from_right = (1.0 - self.below) / (1.0 - split) if self.below < 1.0 else 0.0
        left = np.minimum(inside, split) * from_left
        return np.clip(left + np.maximum(inside - split, 0.0) * from_right, 0.0, 1.0)

    def support(self) -> tuple[float, float]:
        """Smallest and largest value."""
        low, high = self.base.support()
        if self.below == 1.0:
            high = min(high, float(np.nextafter(self.threshold, -math.inf)))
        return max(low, self.threshold) if self.below == 0.0 else low, high

    def __str__(self) -> str:
        return f"{self.base}, {self.below:.3g} of it below {self.threshold:g}"


type Stated = Point | Continuous | Categorical | Mixture | Truncated
"""What a prior may be stated as."""

type Distribution = Stated | Reweighted


def mass_below(distribution: Distribution, x: float) -> float:
    """Probability of lying below ``x``, values that have a probability of their own counted only if they lie below.

    Examples
    --------
    >>> mass_below(Categorical((0.5, 1.0), (0.25, 0.75)), 1.0)
    0.25
    """
    return float(distribution.probability(np.nextafter(x, -math.inf)))


def base_of(distribution: Distribution) -> Distribution:
    """A distribution without its cuts and weights: what gives it its shape."""
    while isinstance(distribution, Truncated | Reweighted):
        distribution = distribution.base
    return distribution


@dataclass(frozen=True)
class Simplex:
    """Shares that sum to 1: Dirichlet around ``mean``, or, where ``concentration`` is None, exactly ``mean``."""

    names: tuple[str, ...]
    mean: tuple[float, ...]
    concentration: float | None = None

    def quantile(self, u: Floats) -> Floats:
        """Shares from one uniform number per component: gammas, normalised.

        Parameters
        ----------
        u
            (component, draw) [1], in (0, 1).

        Returns
        -------
        (draw, component) [1], summing to 1.
        """
        mean = np.asarray(self.mean)
        if self.concentration is None:
            return np.tile(mean, (u.shape[1], 1))
        logs = np.full((u.shape[1], len(mean)), -np.inf)
        for position, share in enumerate(mean):
            if share > 0.0:
                logs[:, position] = log_gamma_quantile(u[position], share * self.concentration)
        parts: Floats = np.exp(logs - logs.max(axis=-1, keepdims=True))
        return parts / parts.sum(axis=-1, keepdims=True)

    def __str__(self) -> str:
        return "known shares" if self.concentration is None else f"dirichlet(concentration {self.concentration:g})"
