import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", settings.get_profile("steady"), derandomize=False, max_examples=1000)
settings.load_profile("steady")

_POINTS = """
  horizon_elasticity: 0.8
  doubling_shrink: 0.1
  ceiling_doublings: 20
  difficulty_spread: 2
  piece_doublings: 5
  assist_gain: 0.5
  assist_overhead: 0.05
  specification: 0.1
  familiarity: 0.1
  verification: 0.2
  rework: 0.5
  undetected_loss: 1
  agent_price: 0.05
  optimism: 1
  optimism_decay: 0.1
  choice_noise: 0.05
  adoption_growth: 0.5
  task_substitution: 0.5
  agent_compute: 0.1
  agent_compute_growth: 0.2
  agent_compute_cap: 0.3
  compute_wait: 0.3
  labour_share: 0.5
  input_substitution: 0.7
  returns_to_input: 0.6
  ideas_harder: 0.5
  software_growth: 1.5
  training_compute_growth_after: 1
  experiment_compute_growth_after: 1
  headcount_growth: 0.3
  headcount_growth_after: 0.1
  slowdown: 5
"""

BASE = f"""
name: Small base
reference_date: 2024-08-27
end: 2030-01-01
tasks: tasks.yaml
evaluations: evaluations.yaml
structure:
  trajectory: {{exponential: 0.5, saturating: 0.5}}
  feedback: true
priors:
  source: judgement
  published: 2024-08-27
  horizon: {{dist: lognormal, q05: 7, q95: 20}}
  work_gap: {{dist: normal, mean: 2, sd: 1}}
  adoption: {{dist: beta, mean: 0.6, concentration: 10}}
  training_compute_growth: {{dist: normal, mean: 2, sd: 0.3}}
  experiment_compute_growth: {{dist: normal, mean: 1, sd: 0.3}}
{_POINTS}
  slope: {{dist: lognormal, q05: 0.5, q95: 1.4}}
  horizon_offset: {{reliability: {{dist: normal, mean: 1, sd: 0.5}}, novelty: 0.5}}
  relief: 0
correlations:
  - {{between: [training_compute_growth, experiment_compute_growth], rho: 0.6}}
"""

TASKS = """
bottlenecks:
  reliability: {description: doing every step right}
  novelty: {}
roles:
  contributor: {description: does the work}
  manager: {}
role_share: {dist: dirichlet, alpha: {contributor: 6, manager: 2}}
time_share:
  contributor: {dist: dirichlet, mean: {planning: 0.2, analysis: 0.3, debugging: 0.5}, concentration: 20}
  manager: {dist: dirichlet, mean: {planning: 0.6, analysis: 0.3, debugging: 0.1}, concentration: 20}
tasks:
  planning:
    kind: planning
    task_length: {dist: lognormal, q05: 60, q95: 600}
    length_spread: 1
    severity: {reliability: low, novelty: high}
  analysis:
    kind: interpreting
    task_length: 90
    length_spread: 1
    severity: {source: a guess, reliability: medium, novelty: medium}
  debugging:
    kind: work
    description: finding what is wrong
    task_length: 120
    length_spread: 0.8
    severity: {reliability: high, novelty: low}
"""

EVALUATIONS = """
anchor: suite
evaluations:
  suite: {median: 30, spread: 1, severity: {reliability: medium, novelty: low}}
  cuda: {median: {dist: lognormal, q05: 60, q95: 600}, spread: 0.5, contamination: 1, severity: high}
"""

RICH = """
name: Mine
description: a bit of everything
extends: base
reference_date: 2024-08-27
end: 2031-01-01
evaluations:
  cuda: {median: 60, severity: {novelty: low}}
  more: {median: {dist: gamma, q25: 10, q75: 30}, spread: 1, contamination: 0, severity: medium}
structure: {trajectory: {exponential: 0.5, superexponential: 0.5}, feedback: false}
priors:
  source: us
  horizon: {dist: lognormal, q05: 1, q95: 20, upper: 100}
  rework: {dist: mixture, components: [{weight: 0.5, dist: point, value: 0}, {weight: 0.5, dist: halfnormal, sd: 1}]}
  adoption: {dist: beta, mean: 0.3, sd: 0.1}
  agent_compute_cap: {dist: beta, q05: 0.1, q95: 0.6, lower: 0.05}
  slowdown: {dist: categorical, values: [1, 2], probabilities: [0.5, 0.5]}
  ideas_harder: {dist: triangular, lower: 0, mode: 1, upper: 2}
  optimism: {dist: uniform, lower: 0, upper: 2}
  software_growth: {dist: loguniform, lower: 0.5, upper: 2}
  severity: {debugging: {novelty: high, reliability: 0.5}, planning: {dist: beta, a: 1, b: 2}}
  time_share: {manager: {planning: 0.5, debugging: 0.2}}
  role_share: {dist: dirichlet, mean: {contributor: 0.5, manager: 0.5}, concentration: 5}
correlations: [{between: [horizon, adoption], rho: 0.5, source: us}]
"""
"""Says a bit of everything over the little scenario."""

type Write = Callable[..., str]


@pytest.fixture
def small_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a complete little scenario, base.yaml, to extend."""
    (tmp_path / "base.yaml").write_text(BASE)
    (tmp_path / "tasks.yaml").write_text(TASKS)
    (tmp_path / "evaluations.yaml").write_text(EVALUATIONS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def write(small_world: Path) -> Write:
    """Write a file into the little world, mine.yaml unless named, and return its name."""

    def write_one(content: str | bytes, name: str = "mine.yaml") -> str:
        path = small_world / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return os.fspath(path.relative_to(small_world))

    return write_one
