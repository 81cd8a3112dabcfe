"""Every cell of the tables and every entry of the summary, counted again from the outputs."""

import io
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from conftest import BASE, EVALUATIONS, TASKS
from numpy.typing import NDArray
from rich.console import Console

import autosim
from autosim.analysis.summary import Json, summarise
from autosim.cli import evaluations
from autosim.cli.printing import print_run
from autosim.draws import draw
from autosim.rounding import give_or_take
from autosim.simulation.run import MONTHLY, Simulation
from autosim.within import duration_within, month_within, number_within, percent_within
from autosim.words import number, percent

type Floats = NDArray[np.floating[Any]]

QUANTILES = {"q05": 5, "q10": 10, "q25": 25, "q50": 50, "q75": 75, "q90": 90, "q95": 95}
SHARES = ("time_saved_share", "delegated_share", "trusted_share")
LEVELS = ("1.5", "2", "5", "10", "25")


@pytest.fixture(scope="module")
def simulation(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    """A small scenario with two roles, and evaluations that are solved never, at times, and at once."""
    folder = tmp_path_factory.mktemp("report")
    length = "{dist: lognormal, q05: 1e4, q95: 1e9}"
    hard = f"  hard: {{median: {length}, spread: 0.5, severity: {{reliability: high, novelty: 0}}}}\n"
    easy = "  easy: {median: 0.001, spread: 0.5, severity: {reliability: low, novelty: low}}\n"
    files = {"base": BASE, "tasks": TASKS, "evaluations": f"{EVALUATIONS}{hard}{easy}"}
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return autosim.simulate(
        folder / "base.yaml", 60, 5, {"horizon_elasticity": {"dist": "normal", "mean": 1, "sd": 0.6}}
    )


@pytest.fixture(scope="module")
def summary(simulation: Simulation) -> Json:
    return summarise(simulation)


def check(said: Json, values: Floats) -> None:
    """Compare an entry with the mean and quantiles of (draw, ...), by sorting."""
    ordered = np.sort(np.asarray(values, dtype=np.float64), axis=0)
    assert set(said) == {"mean", *QUANTILES, "mcse"}
    np.testing.assert_allclose(np.array(said["mean"], dtype=float), ordered.mean(axis=0), rtol=1e-5)
    for name, share in QUANTILES.items():
        at = share / 100 * (len(ordered) - 1)
        low, part = int(at), at - int(at)
        by_hand = ordered[low] if part == 0 else (1 - part) * ordered[low] + part * ordered[low + 1]
        np.testing.assert_allclose(np.array(said[name], dtype=float), by_hand, rtol=2e-5, atol=1e-7)


def differing(arrays: list[Floats]) -> None:
    """Make sure that taking one for another would be noticed."""
    for position, first in enumerate(arrays):
        for second in arrays[position + 1 :]:
            assert not np.allclose(np.median(first, axis=0), np.median(second, axis=0), rtol=1e-3)


def test_every_series_is_that_of_its_output(simulation: Simulation, summary: Json) -> None:
    out, bottlenecks = simulation.outputs, simulation.taxonomy.bottlenecks
    horizons = {f"horizon_log2_min.{name}" for name in bottlenecks}
    assert set(summary["series"]) == {*MONTHLY, "labour_ceiling", *horizons}
    for name in (*MONTHLY, "labour_ceiling"):
        check(summary["series"][name], out[name])
    for position, name in enumerate(bottlenecks):
        check(summary["series"][f"horizon_log2_min.{name}"], out["horizon_log2_min"][:, :, position])
    differing([out[name] for name in MONTHLY])


def test_every_task_and_role_is_its_own(simulation: Simulation, summary: Json) -> None:
    out, names = simulation.outputs, simulation.taxonomy
    for position, task in enumerate(names.tasks):
        check(summary["tasks"][task]["cost"], out["task_cost"][:, :, position])
        check(summary["tasks"][task]["delegated_share"], out["task_delegated_share"][:, :, position])
    for position, role in enumerate(names.roles):
        check(summary["roles"][role]["labour_speedup"], out["role_labour_speedup"][:, :, position])
    for name in ("task_cost", "task_delegated_share", "role_labour_speedup"):
        differing(list(np.moveaxis(out[name], 2, 0)))


def test_the_roles_speedups_are_those_of_the_roles(simulation: Simulation) -> None:
    """Model §5: the roles' speedups from the tasks' costs and each role's own time shares."""
    drawn = draw(simulation.scenario, 5, len(simulation))
    sigma = drawn.scalars["task_substitution"][:, None]
    for position in range(len(simulation.taxonomy.roles)):
        shares = drawn.indexed["time_share"][:, position, None, :]
        costs = simulation.outputs["task_cost"].astype(np.float64)
        by_hand = (shares * costs ** (1 - sigma[..., None])).sum(-1) ** (-1 / (1 - sigma))
        np.testing.assert_allclose(simulation.outputs["role_labour_speedup"][:, :, position], by_hand, rtol=1e-5)


def test_every_evaluation_is_its_own(simulation: Simulation, summary: Json) -> None:
    out = simulation.outputs
    sources = {
        "advance_doublings": "advance_doublings",
        "time_saved_share": "solved_time_saved_share",
        "labour_speedup": "solved_labour_speedup",
    }
    for position, name in enumerate(simulation.taxonomy.evaluations):
        entry = summary["evaluations"][name]
        for rate in ("pass_rate", "best_of_5", "all_of_5"):
            check(entry[rate], out[rate][:, :, position])
        for way, key in enumerate(("if_solved", "if_solved_specific")):
            assert set(entry[key]) == {*sources, "unsolvable", "mcse"}
            solvable = np.isfinite(out["advance_doublings"][:, way, position])
            assert entry[key]["unsolvable"] == pytest.approx(1 - solvable.mean())
            for quantity, source in sources.items():
                if solvable.any():
                    check(entry[key][quantity], out[source][solvable, way, position])
                else:
                    assert {value for name, value in entry[key][quantity].items() if name != "mcse"} == {None}
                    assert set(entry[key][quantity]["mcse"].values()) == {None}
    assert 0 < summary["evaluations"]["hard"]["if_solved"]["unsolvable"] < 1


def dates(steps: Floats, simulation: Simulation) -> dict[str, str | None]:
    """Dates by which 10, 50 and 90 % of all draws have got there, by counting."""
    found: dict[str, str | None] = {}
    for share in (10, 50, 90):
        there = [day for step, day in enumerate(simulation.dates) if (steps <= step).mean() >= share / 100]
        found[f"q{share}"] = str(there[0]) if there else None
    return found


def first(values: Floats, level: float) -> Floats:
    return np.array([np.flatnonzero(np.append(row >= level, True))[0] for row in values], dtype=np.float64)


def test_every_milestone_is_counted(simulation: Simulation, summary: Json) -> None:
    out, end = simulation.outputs, len(simulation.dates)
    ceilings = {"time_saved_share": "time_saved_ceiling", "labour_speedup": "labour_ceiling"}
    known = [
        "time_saved_share>=0.5",
        *(f"{name}>={x}" for name in ("labour_speedup", "progress_multiplier") for x in LEVELS),
    ]
    assert list(summary["milestones"]) == known
    for name, said in summary["milestones"].items():
        series, level = name.split(">=")
        steps = first(out[series], float(level))
        assert said["probability"] == pytest.approx((steps < end).mean())
        if series in ceilings:
            unreachable = (steps == end) & (out[ceilings[series]] < float(level))
            assert said["unreachable"] == pytest.approx(unreachable.mean())
        else:
            assert said["unreachable"] is None
        assert {key: said[key] for key in ("q10", "q50", "q90")} == dates(steps, simulation)
    for position, evaluation in enumerate(simulation.taxonomy.evaluations):
        steps = first(out["pass_rate"][:, :, position], 0.9)
        said = {**summary["evaluations"][evaluation]["date_solved"]}
        del said["mcse"]
        assert said == {"probability": pytest.approx((steps < end).mean()), **dates(steps, simulation)}


def test_the_ceilings_are_those_of_a_sure_ai(simulation: Simulation) -> None:
    """Model §5: at p = 1 people choose among the four modes, each at its cost; the ceiling is what that leaves."""
    drawn = draw(simulation.scenario, 5, len(simulation))
    s = drawn.scalars
    mix = np.einsum("dr,drk->dk", drawn.indexed["role_share"], drawn.indexed["time_share"])
    kinds = simulation.taxonomy.kinds
    costs, trusted = np.empty_like(mix), {"planning": np.zeros(len(mix)), "interpreting": np.zeros(len(mix))}
    for kind in ("planning", "interpreting", "work"):
        for task in [k for k, other in enumerate(kinds) if other == kind]:
            stated = s["specification"] * (1 if kind == "planning" else 1 - trusted["planning"])
            known = s["familiarity"] * (1 - trusted["interpreting"] if kind == "work" else 1)
            trust = stated + known + s["agent_price"]
            assisted = (1 + s["assist_overhead"]) / (1 + s["assist_gain"])
            each = np.stack([np.ones_like(trust), assisted, trust + s["verification"], trust])
            chosen = np.exp(-(each - each.min(axis=0)) / s["choice_noise"])
            chosen /= chosen.sum(axis=0)
            costs[:, task] = (chosen * each).sum(axis=0)
            if kind != "work":  # each of these kinds has one task in this small world
                trusted[kind] = chosen[3]
    np.testing.assert_allclose(simulation.outputs["time_saved_ceiling"], 1 - (mix * costs).sum(-1), rtol=1e-5)
    sigma = s["task_substitution"]
    by_hand = (mix * costs ** (1 - sigma[:, None])).sum(-1) ** (-1 / (1 - sigma))
    np.testing.assert_allclose(simulation.outputs["labour_ceiling"], by_hand, rtol=1e-5)


def printed(show: Callable[[Console], None]) -> dict[str, list[str]]:
    """Cells of every printed table by the name of the row."""
    said = io.StringIO()
    show(Console(highlight=False, markup=False, emoji=False, width=200, file=said))
    lines = [re.split(r"\s{2,}", line.strip()) for line in said.getvalue().splitlines()]
    return {cells[0]: cells[1:] for cells in lines if len(cells) > 2}


def shown(values: Floats, errors: Json) -> str:
    low, middle, high = np.quantile(np.asarray(values, dtype=np.float64), [0.05, 0.5, 0.95])
    ends = number(low, error=errors["q05"]), number(high, error=errors["q95"])
    return f"{number_within(middle, errors['q50'])} ({ends[0]}–{ends[1]})"


def test_every_cell_of_a_run_is_of_its_column(simulation: Simulation, summary: Json) -> None:
    table, out = printed(lambda console: print_run(summary, console)), simulation.outputs
    for step, day in list(enumerate(simulation.dates))[::12]:
        at = {name: out[name][:, step] for name in MONTHLY}
        errors = {name: {q: of[step] for q, of in summary["series"][name]["mcse"].items()} for name in MONTHLY}
        middle = {name: float(np.median(at[name])) for name in MONTHLY}
        assert table[day.strftime("%b %Y")] == [
            *(shown(at[name], errors[name]) for name in ("labour_speedup", "project_speedup", "progress_multiplier")),
            *(percent_within(middle[name], errors[name]["q50"]) for name in SHARES),
            duration_within(middle["p50_horizon_min"], errors["p50_horizon_min"]["q50"]),
        ]
    for words, name in {
        "half of work-hours saved": "time_saved_share>=0.5",
        **{f"labour speedup S_L of {level}": f"labour_speedup>={level}" for level in LEVELS},
        **{f"progress multiplier M of {level}": f"progress_multiplier>={level}" for level in LEVELS},
    }.items():
        found = summary["milestones"][name]
        error = found["mcse"]
        lost = found["unreachable"]
        missing = "–" if lost is None else percent_within(lost, error["unreachable"])
        whens = [month_within(found[quantile], error[f"{quantile}_months"]) for quantile in ("q10", "q50", "q90")]
        assert table[words] == [percent_within(found["probability"], error["probability"]), missing, *whens]
    columns = [np.median(out[name][:, -1]) for name in ("delegated_share", "trusted_share", "assisted_share")]
    assert len({percent(float(value)) for value in columns}) == 3


def test_every_cell_of_the_evaluations_is_of_its_column(
    simulation: Simulation, summary: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    def show(console: Console) -> None:
        monkeypatch.setattr(evaluations, "console", lambda: console)
        evaluations.print_evaluations(summary)

    table, out = printed(show), simulation.outputs
    for position, name in enumerate(simulation.taxonomy.evaluations):
        cells, entry = table[name], summary["evaluations"][name]
        rate = float(np.median(out["pass_rate"][:, 0, position]))
        assert cells[0] == percent_within(rate, entry["pass_rate"]["mcse"]["q50"][0])
        reached, when = (out["pass_rate"][:, :, position] >= 0.9).any(axis=1).mean(), entry["date_solved"]
        late = f"{percent_within(reached, when['mcse']['probability'])} by {simulation.dates[-1].strftime('%b %Y')}"
        assert cells[1] == (late if reached < 0.5 else month_within(when["q50"], when["mcse"]["q50_months"]))
        forms: dict[str, Callable[[float, float | None], str]] = {
            "solved_time_saved_share": percent_within,
            "solved_labour_speedup": number_within,
            "advance_doublings": lambda value, error: f"{value:+.1f}{give_or_take(1, error)}",
        }
        answers = [
            form(
                float(np.nanmedian(out[key][:, way, position])),
                entry[solved][key.removeprefix("solved_")]["mcse"]["q50"],
            )
            for key, form in forms.items()
            for way, solved in enumerate(("if_solved", "if_solved_specific"))
        ]
        assert cells[2:] == answers
    late_rate = summary["evaluations"]["suite"]["pass_rate"]
    assert table["suite"][0] != percent_within(late_rate["q50"][-1], late_rate["mcse"]["q50"][-1])


def test_what_is_out_of_reach_follows_from_the_dataset(simulation: Simulation, summary: Json) -> None:
    dataset = autosim.to_dataset(simulation)
    assert dataset["pass_rate"].dims == ("draw", "date", "evaluation")
    for series, ceiling, level in (
        ("time_saved_share", "time_saved_ceiling", 0.5),
        ("labour_speedup", "labour_ceiling", 5.0),
    ):
        lost = (dataset[series] < level).all("date") & (dataset[ceiling] < level)
        assert float(lost.mean()) == pytest.approx(summary["milestones"][f"{series}>={level:g}"]["unreachable"])
    solved = (dataset["pass_rate"].sel(evaluation="cuda") >= 0.9).any("date").mean()
    assert float(solved) == pytest.approx(summary["evaluations"]["cuda"]["date_solved"]["probability"])


def test_the_ceiling_bounds_labour_where_the_model_says_so() -> None:
    """Model §5: where trusting a sure AI costs no more than working beside a sure assistant, and only there."""
    simulation = autosim.simulate("pessimistic", 600)
    s = draw(simulation.scenario, 0, 600).scalars
    trust = s["specification"] + s["familiarity"] + s["agent_price"]
    bounded = (trust <= (1 + s["assist_overhead"]) / (1 + s["assist_gain"])) & (s["undetected_loss"] >= s["rework"])
    above = simulation.outputs["labour_speedup"].max(axis=1) / simulation.outputs["labour_ceiling"]
    assert bounded.mean() > 0.2
    assert above[bounded].max() <= 1.001
    assert 0.05 < (above > 1.0001).mean() < 0.25
    assert 1.01 < above.max() < 1.1
