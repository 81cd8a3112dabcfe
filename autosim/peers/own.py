"""autosim's own laws behind the interface of the peers', so that either's parts may be put into the other's course."""

import numpy as np

from autosim.draws import draw
from autosim.equations.delegation import adoption_at, optimism_at
from autosim.equations.progress import input_growth, log2_research_input
from autosim.inputs.scenario import AnyScenario
from autosim.peers.laws import Automation, Floats, Help, Inputs, Laws, Levels, Research, Returns, Sample
from autosim.simulation.calendar import decimal_year
from autosim.simulation.march import growth_at, horizons_at
from autosim.simulation.world import Moment, World


def own_sample(scenario: AnyScenario, seed: int, draws: int, start: Floats | None = None) -> Sample:
    """Draws of a scenario, for a course that begins at its reference date, or at other ``start``s [year], (draw,)."""
    drawn, reference = draw(scenario, seed, draws), decimal_year(scenario.header.reference_date)
    begins = np.full(draws, reference) if start is None else start
    return Sample(drawn.scalars, begins, drawn, scenario.taxonomy, reference)


def _inputs(sample: Sample) -> Inputs:
    since = sample.start - sample.reference

    def grown(name: str, years: Floats) -> Floats:
        one = sample.one
        rates = one[f"{name}_growth"], one[f"{name}_growth_after"], one["slowdown"]
        levels: Floats = input_growth(*rates, years + since) - input_growth(*rates, since)
        return levels

    names = "training_compute", "experiment_compute", "headcount"
    return lambda years: Levels(*(grown(name, years) for name in names))


def _automation(sample: Sample) -> Automation:
    """Tasks, bottlenecks and delegation of model §2 to §6.

    A course that begins at another date finds effective compute and compute per head where they are by then on
    autosim's own trend without AI, as model §2 has it before the reference date.
    """
    one, drawn = sample.one, sample.own
    if drawn is None or sample.names is None:
        raise TypeError("autosim's automation takes a scenario's draws")
    world, since = World(drawn, sample.names), sample.start - sample.reference
    before = since * (one["training_compute_growth"] + one["software_growth"])
    per_head = since * (one["experiment_compute_growth"] - one["headcount_growth"])

    def given(years: Floats, effective_compute_log2: Floats, levels: Levels) -> Help:
        growth = growth_at(drawn, (before + effective_compute_log2)[:, None])
        when = years + since
        moment = Moment(
            when,
            adoption_at(one["adoption"], one["adoption_growth"], when),
            optimism_at(one["optimism"], one["optimism_decay"], np.maximum(when, 0.0)),
            per_head + levels.compute - levels.headcount,
        )
        found = world.labour(horizons_at(drawn, growth)[:, 0], moment)
        return Help(np.log2(found.state.labour_speedup), found.state.time_saved_share, found.agent_compute_share)

    return given


def _research(sample: Sample, _: Help) -> Research:
    one = sample.one
    shape = one["labour_share"], one["input_substitution"]

    def pace(_: Floats, levels: Levels, given: Help) -> Floats:
        labour, compute = (
            levels.headcount + given.speedup_log2,
            levels.compute + np.log2(1.0 - given.agent_compute_share),
        )
        driving = log2_research_input(labour, compute, *shape)
        log2: Floats = np.log2(one["software_growth"]) + one["returns_to_input"] * driving
        return log2

    return pace


def _returns(sample: Sample) -> Returns:
    return lambda software_log2: sample.one["ideas_harder"] * software_log2


LAWS = Laws(_inputs, _automation, _research, _returns)
