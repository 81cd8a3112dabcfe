"""The progress multiplier M taken apart: what labour gives, what compute takes away, what feedback adds."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autosim.analysis.quantities import FEEDBACK, laid
from autosim.draws import Draws
from autosim.inputs.priors import Path
from autosim.inputs.scenario import Taxonomy
from autosim.simulation.asked import Question, ask

type Floats = NDArray[np.float64]
type Progress = Callable[[int], None]

AGENT_COMPUTE: Path = ("agent_compute",)


class Parts(NamedTuple):
    """Terms that add up to log2 M [doublings], each (draw, date).

    ``labour``: what the labour that AI saves would give if research needed labour alone; ``experiments``: what is lost
    because it needs compute too; ``agents``: what the compute that agents take costs; ``feedback``: what AI adds by
    having sped up its own development.
    """

    labour: Floats
    experiments: Floats
    agents: Floats
    feedback: Floats

    @property
    def compute(self) -> Floats:
        """What compute takes away, for experiments and for agents."""
        return self.experiments + self.agents

    @property
    def whole(self) -> Floats:
        """Log2 M."""
        return sum(self[1:], start=self.labour)


def decompose(
    draws: Draws,
    names: Taxonomy,
    steps: Sequence[int],
    months: int,
    progress: Progress | None = None,
    cores: int | None = None,
) -> Parts:
    r"""Take log2 M apart, draw by draw.

    .. math::
        \log_2 M = \underbrace{\lambda \log_2 S^{00}}_{labour}
        + \underbrace{m^{00} - \lambda \log_2 S^{00}}_{experiments}
        + \underbrace{\tfrac12 [(m^{01} - m^{00}) + (m^{11} - m^{10})]}_{agents}
        + \underbrace{\tfrac12 [(m^{10} - m^{00}) + (m^{11} - m^{01})]}_{feedback}

    with :math:`m = \log_2 M` in four worlds: without (0) or with (1) feedback, then without or with compute for agents;
    :math:`S` is S_L, :math:`\lambda` ``returns_to_input``. Labour comes first since without it nothing else acts, then
    experiments, which need compute whatever AI does. Agents' compute and feedback act through one another (agents that
    get less compute speed AI up less), so each gets the mean of what it does before and after the other: Shapley's
    values. The terms add up exactly; one whose mechanism is off is 0.

    Parameters
    ----------
    draws
        Parameters of the draws.
    names
        Taxonomy of their scenario.
    steps
        Months, ascending, the reference date's being 0.
    months
        Of the whole simulation.
    progress
        Called with the number of draws that have just been simulated; each is, four times.
    cores
        How many to use; all by default. The terms do not depend on it.

    Returns
    -------
    The terms; ``agents`` holds rationing too, by which agents that get no compute leave work undone.

    References
    ----------
    Model §6 and §7; Shapley (1953), Contributions to the Theory of Games II, 307-317.
    """
    count = len(draws)
    off = {FEEDBACK: np.zeros(count)}, {AGENT_COMPUTE: np.zeros(count)}
    asked = [Question("progress_multiplier", (), step) for step in steps]
    asked += [Question("labour_speedup", (), step) for step in steps]

    def logs(world: Draws) -> Floats:
        return np.log2(ask(world, names, asked, months, progress, cores))

    both = logs(draws)
    agents_only, feedback_only = logs(laid(draws, off[0], names)), logs(laid(draws, off[1], names))
    neither = logs(laid(draws, off[0] | off[1], names))
    m00, m01, m10, m11 = (found[:, : len(steps)] for found in (neither, agents_only, feedback_only, both))
    labour = draws.scalars["returns_to_input"][:, None] * neither[:, len(steps) :]
    return Parts(
        labour,
        m00 - labour,
        0.5 * ((m01 - m00) + (m11 - m10)),
        0.5 * ((m10 - m00) + (m11 - m01)),
    )
