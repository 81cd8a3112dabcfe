"""A little scenario of which next to everything is known, and its draws given observations."""

import numpy as np
from conftest import Write
from numpy.typing import NDArray

from autosim.analysis.conditioning import choose
from autosim.analysis.given import parse_conditions
from autosim.draws import draw
from autosim.inputs.loading import load
from autosim.inputs.scenario import AnyScenario
from autosim.simulation.chosen import Chosen
from autosim.simulation.conditioned import simulate_chosen
from autosim.simulation.run import Simulation, simulate

type Floats = NDArray[np.float64]

SURE = """
name: Sure
extends: base
end: 2026-08-27
structure: {trajectory: exponential}
correlations: []
evaluations:
  suite: {severity: {reliability: 0.5, novelty: 0.2}}
  cuda: {median: 200, severity: 0.8}
priors:
  source: us
  published: 2024-08-27
  horizon: HORIZON
  work_gap: 2
  adoption: 0.6
  training_compute_growth: 2
  experiment_compute_growth: 1
  slope: 1
  horizon_offset: {reliability: 1}
  task_length: {planning: 120}
  severity: {planning: 0.5, analysis: 0.5, debugging: 0.5}
  role_share: {contributor: 0.75, manager: 0.25}
  time_share: {planning: 0.2, analysis: 0.3, debugging: 0.5}
"""
"""The little scenario with one thing uncertain."""

HORIZONS, PRIOR = (5.0, 10.0, 20.0), (0.5, 0.3, 0.2)
DISCRETE = "{dist: categorical, values: [5, 10, 20], probabilities: [0.5, 0.3, 0.2]}"
DRAWS, YEAR = 4000, 12
P50 = "p50_horizon_min@2025-08"


def sure(write: Write, horizon: str = DISCRETE, name: str = "sure.yaml") -> AnyScenario:
    return load(write(SURE.replace("HORIZON", horizon), name))


def outputs_of(scenario: AnyScenario, output: str, at: tuple[int, ...] = ()) -> Floats:
    """An output in a year for each of the `HORIZONS`, by simulating each alone."""
    whole = simulate(scenario, 64, 0)
    drawn = draw(scenario, 0, 64).scalars["horizon"]
    where = [int(np.flatnonzero(drawn == value)[0]) for value in HORIZONS]
    values: tuple[int | slice, ...] = (slice(None), YEAR, *at)
    return whole.outputs[output][values][where].astype(np.float64)


def chosen(scenario: AnyScenario, *said: str, draws: int = DRAWS, seed: int = 0, cores: int | None = None) -> Chosen:
    return choose(scenario, draws, seed, parse_conditions(said, scenario), cores=cores)


def conditioned(scenario: AnyScenario, *said: str, draws: int = DRAWS, cores: int | None = None) -> Simulation:
    return simulate_chosen(scenario, 0, chosen(scenario, *said, draws=draws, cores=cores), cores=cores)


def shares(simulation: Simulation) -> Floats:
    """How often each of the `HORIZONS` stands in a simulation."""
    drawn = simulation.parameters().scalars["horizon"]
    return np.array([(drawn == value).mean() for value in HORIZONS])
