"""The parameters of the model: name, axes, unit, domain, meaning. The glossary of everything that has a prior."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autosim.dims import BOTTLENECK, EVALUATION, ROLE, TASK


@dataclass(frozen=True)
class Domain:
    """The values a parameter may take; ``open_low`` and ``open_high`` exclude the bound itself."""

    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    open_high: bool = False

    def holds(self, value: float) -> bool:
        """Whether a value is allowed.

        Examples
        --------
        >>> POSITIVE.holds(0.0), SHARE.holds(1.0)
        (False, True)
        """
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        return above and below

    def kept(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Draws of a distribution inside the domain, with what rounding put on or past its bounds put back.

        Examples
        --------
        >>> SHARE.kept(np.array([0.5, 1.0 + 2e-16])).tolist()
        [0.5, 1.0]
        """
        low = np.nextafter(self.low, math.inf) if self.open_low else self.low
        high = np.nextafter(self.high, -math.inf) if self.open_high else self.high
        return np.clip(values, low, high)

    def __str__(self) -> str:
        """Read as in an error: "a number above 0"."""
        if math.isinf(self.low) and math.isinf(self.high):
            return "a number"
        if math.isinf(self.high):
            return f"a number {'above' if self.open_low else 'of at least'} {self.low:g}"
        left, right = "(" if self.open_low else "[", ")" if self.open_high else "]"
        return f"a number in {left}{self.low:g}, {self.high:g}{right}"


ANY = Domain()
POSITIVE = Domain(low=0.0, open_low=True)
AT_LEAST_ZERO = Domain(low=0.0)
SHARE = Domain(low=0.0, high=1.0)
INSIDE_SHARE = Domain(low=0.0, high=1.0, open_low=True, open_high=True)


@dataclass(frozen=True)
class Parameter:
    """One named quantity of the model.

    ``axes`` are the dimensions by which it differs, ``section`` the section of the model that defines it.
    """

    name: str
    unit: str
    domain: Domain
    meaning: str
    section: int
    axes: tuple[str, ...] = ()


_SCALARS = (
    Parameter("horizon", "min", POSITIVE, "time horizon of the frontier at the reference date", 2),
    Parameter("horizon_elasticity", "1", ANY, "horizon doublings per doubling of effective compute", 2),
    Parameter(
        "doubling_shrink", "1", INSIDE_SHARE, "share by which each next doubling is quicker (superexponential)", 2
    ),
    Parameter("ceiling_doublings", "doublings", POSITIVE, "doublings at which the horizon levels off (saturating)", 2),
    Parameter("difficulty_spread", "doublings", POSITIVE, "sd of an instance's own difficulty at a given length", 3),
    Parameter("work_gap", "doublings", ANY, "how much shorter horizons are in real work than on benchmarks", 3),
    Parameter(
        "piece_doublings", "doublings", AT_LEAST_ZERO, "how much easier the pieces are that an assistant helps with", 4
    ),
    Parameter("assist_gain", "1", AT_LEAST_ZERO, "gain in speed from an assistant that always succeeds", 4),
    Parameter("assist_overhead", "share of manual time", AT_LEAST_ZERO, "time that using an assistant adds", 4),
    Parameter("specification", "share of manual time", AT_LEAST_ZERO, "time to write down what is wanted", 4),
    Parameter("familiarity", "share of manual time", AT_LEAST_ZERO, "time to know the implementation well enough", 4),
    Parameter("verification", "share of manual time", AT_LEAST_ZERO, "time to inspect what an agent did", 4),
    Parameter("rework", "share of manual time", AT_LEAST_ZERO, "time to mend a failure that was found", 4),
    Parameter("undetected_loss", "share of manual time", AT_LEAST_ZERO, "time lost to a failure that was trusted", 4),
    Parameter(
        "agent_price", "share of manual time", AT_LEAST_ZERO, "time to launch, wait for and switch between agents", 4
    ),
    Parameter("optimism", "logit", ANY, "how much success is overestimated when choosing a mode", 4),
    Parameter("optimism_decay", "1/year", AT_LEAST_ZERO, "rate at which over-optimism wears off", 4),
    Parameter("choice_noise", "share of manual time", Domain(low=0.01), "cost difference that people do not notice", 4),
    Parameter("adoption", "share", SHARE, "share of hours in which AI is used at all, at the reference date", 4),
    Parameter("adoption_growth", "logit/year", ANY, "growth of adoption", 4),
    Parameter("task_substitution", "1", AT_LEAST_ZERO, "elasticity of substitution between tasks", 5),
    Parameter(
        "agent_compute", "share", AT_LEAST_ZERO, "R&D compute that full delegation takes at the reference date", 6
    ),
    Parameter("agent_compute_growth", "doublings/year", ANY, "growth of what agents take", 6),
    Parameter("agent_compute_cap", "share", INSIDE_SHARE, "largest share of R&D compute that labs give to agents", 6),
    Parameter("compute_wait", "share", SHARE, "share of a project's calendar that waits for experiments", 6),
    Parameter("labour_share", "share", SHARE, "weight of labour in R&D inputs", 7),
    Parameter("input_substitution", "1", POSITIVE, "elasticity of substitution between labour and compute", 7),
    Parameter("returns_to_input", "1", POSITIVE, "exponent of R&D inputs in software progress", 7),
    Parameter("ideas_harder", "1", POSITIVE, "how much software progress slows as software improves", 7),
    Parameter(
        "software_growth",
        "doublings/year",
        POSITIVE,
        "growth of software efficiency at the reference date without AI",
        7,
    ),
    Parameter("training_compute_growth", "doublings/year", ANY, "growth of training compute", 7),
    Parameter(
        "training_compute_growth_after", "doublings/year", ANY, "growth of training compute after the slowdown", 7
    ),
    Parameter("experiment_compute_growth", "doublings/year", ANY, "growth of R&D compute", 7),
    Parameter("experiment_compute_growth_after", "doublings/year", ANY, "growth of R&D compute after the slowdown", 7),
    Parameter("headcount_growth", "doublings/year", ANY, "growth of research headcount", 7),
    Parameter("headcount_growth_after", "doublings/year", ANY, "growth of research headcount after the slowdown", 7),
    Parameter("slowdown", "year", POSITIVE, "years after which inputs grow at their later rates", 7),
)

_INDEXED = (
    Parameter(
        "horizon_offset", "doublings", ANY, "how far a bottleneck's horizon lies above the common one", 2, (BOTTLENECK,)
    ),
    Parameter(
        "relief",
        "1",
        Domain(low=-1.0, open_low=True),
        "how much faster than the common pace a bottleneck is relieved",
        2,
        (BOTTLENECK,),
    ),
    Parameter("slope", "1/doubling", POSITIVE, "how sharply success falls with difficulty", 3, (BOTTLENECK,)),
    Parameter(
        "severity",
        "1",
        SHARE,
        "how fully a bottleneck bears on a task or an evaluation",
        3,
        (f"{TASK} or {EVALUATION}", BOTTLENECK),
    ),
    Parameter("task_length", "min", POSITIVE, "median length of a task's instances", 3, (TASK,)),
    Parameter("length_spread", "ln", POSITIVE, "sd of the natural-log length of a task's instances", 3, (TASK,)),
    Parameter("median", "min", POSITIVE, "median length of an evaluation's instances", 3, (EVALUATION,)),
    Parameter("spread", "ln", POSITIVE, "sd of the natural-log length of an evaluation's instances", 3, (EVALUATION,)),
    Parameter(
        "contamination",
        "doublings",
        ANY,
        "doublings of difficulty that leaked solutions take off an evaluation",
        3,
        (EVALUATION,),
    ),
    Parameter("role_share", "share", SHARE, "share of all hours that a role works", 1, (ROLE,)),
    Parameter("time_share", "share", SHARE, "share of a role's hours that a task takes", 1, (ROLE, TASK)),
)

PARAMETERS: dict[str, Parameter] = {parameter.name: parameter for parameter in (*_SCALARS, *_INDEXED)}
"""Every parameter by name, in the order of the model's sections."""

SCALARS: tuple[str, ...] = tuple(parameter.name for parameter in _SCALARS)

LEVELS: dict[str, float] = {"none": 0.05, "low": 0.2, "medium": 0.5, "high": 0.8}
"""Severity ratings and the means of their beta priors (model §10)."""

LEVEL_CONCENTRATION = 10.0
