"""The outputs of a simulation: names, axes, units and meanings, as users meet them."""

from dataclasses import dataclass

from autosim.dims import ADVANCE, BOTTLENECK, DATE, EVALUATION, MODE, ROLE, TASK, YEAR


@dataclass(frozen=True)
class Output:
    """One output.

    ``name`` is the user's and ``array`` the simulation's; ``dims`` follow the draw, ``YEAR`` where datasets keep whole
    years only. ``log`` says that it differs by factors rather than by amounts.
    """

    name: str
    dims: tuple[str, ...]
    units: str
    long_name: str
    log: bool = False

    @property
    def array(self) -> str:
        """Name among a simulation's outputs."""
        return "task_cost" if self.name == "cost" else self.name


OUTPUTS: dict[str, Output] = {
    output.name: output
    for output in (
        Output("labour_speedup", (DATE,), "1", "labour speedup S_L", log=True),
        Output("project_speedup", (DATE,), "1", "speedup of one project's calendar S_P", log=True),
        Output("progress_multiplier", (DATE,), "1", "R&D progress multiplier M", log=True),
        Output("time_saved_share", (DATE,), "share of hours", "hours saved"),
        Output("delegated_share", (DATE,), "share of hours", "hours delegated to AI, verified or trusted"),
        Output("assisted_share", (DATE,), "share of hours", "hours assisted by AI"),
        Output("trusted_share", (DATE,), "share of hours", "hours delegated to AI and trusted"),
        Output("agent_compute_share", (DATE,), "share of R&D compute", "compute that agents take z"),
        Output("software_log2", (DATE,), "doublings", "software efficiency since the reference date log2 A"),
        Output("p50_horizon_min", (DATE,), "min", "50 % time horizon on the anchor suite", log=True),
        Output("p80_horizon_min", (DATE,), "min", "80 % time horizon on the anchor suite", log=True),
        Output("labour_ceiling", (), "1", "labour speedup at perfect AI, full adoption and free compute", log=True),
        Output("time_saved_ceiling", (), "share of hours", "hours saved at perfect AI, full adoption and free compute"),
        Output("horizon_log2_min", (YEAR, BOTTLENECK), "log2 min", "benchmark time horizon of a bottleneck"),
        Output("role_labour_speedup", (DATE, ROLE), "1", "labour speedup of a role", log=True),
        Output("cost", (YEAR, TASK), "share of manual time", "human time per unit of a task tau"),
        Output("task_delegated_share", (YEAR, TASK), "share of hours", "hours of a task delegated to AI"),
        Output("mode_share", (YEAR, TASK, MODE), "share of hours", "hours of a task by mode"),
        Output("binding", (YEAR, TASK, BOTTLENECK), "1", "share of a task's failures that a bottleneck bears"),
        Output("pass_rate", (DATE, EVALUATION), "1", "pass rate"),
        Output("best_of_5", (DATE, EVALUATION), "1", "instances solved by at least one of 5 attempts"),
        Output("all_of_5", (DATE, EVALUATION), "1", "instances solved by all of 5 attempts"),
        Output(
            "advance_doublings",
            (ADVANCE, EVALUATION),
            "doublings",
            "advance at the reference date that solves an evaluation",
        ),
        Output(
            "solved_time_saved_share",
            (ADVANCE, EVALUATION),
            "share of hours",
            "hours saved if an evaluation were solved",
        ),
        Output(
            "solved_labour_speedup",
            (ADVANCE, EVALUATION),
            "1",
            "labour speedup if an evaluation were solved",
            log=True,
        ),
    )
}
"""Every output by its user's name, in the order in which datasets hold them."""

OF_OUTPUT: dict[str, Output] = {output.array: output for output in OUTPUTS.values()}
"""Every output by its name among a simulation's arrays."""
