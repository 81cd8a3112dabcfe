"""Laws behind one interface: whoever wrote them, they keep what ours keep, and the march follows them rightly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from autosim.equations.alternatives import declining_returns_log2, log2_with_half_the_compute, tapering_growth
from autosim.equations.automation import log2_geometric_speedup, log2_speedup_of_automation, logistic_share
from autosim.equations.labour import labour_speedup
from autosim.equations.progress import software_without_feedback
from autosim.errors import NotANumberError
from autosim.inputs.loading import load
from autosim.peers import ai2027, forethought, kwa, own
from autosim.peers.laws import PARTS, Floats, Help, Laws, Levels, Sample, course, no_help
from autosim.peers.march import RUNAWAY, Path, march
from autosim.peers.preset import read_preset
from autosim.simulation.calendar import decimal_year
from autosim.simulation.run import simulate

COUNT = 64
BASELINE = load("baseline")


def _sample(slug: str) -> Sample:
    if slug == "autosim":
        return own.own_sample(BASELINE, 0, COUNT)
    preset = read_preset(slug)
    start = np.full(COUNT, 2025.0 if preset.start is None else decimal_year(preset.start))
    return Sample(preset.draw(0, COUNT), start)


EVERY = {"autosim": own.LAWS, "kwa-2026": kwa.LAWS, "forethought-2025": forethought.LAWS, "ai2027-horizon": ai2027.LAWS}


@pytest.fixture(params=EVERY)
def laws(request: pytest.FixtureRequest) -> tuple[Laws, Sample]:
    return EVERY[request.param], _sample(request.param)


def _parts(laws: tuple[Laws, Sample], **other: tuple[Laws, Sample]) -> dict[str, tuple[Laws, Sample]]:
    return dict.fromkeys(PARTS, laws) | other


def test_inputs_start_at_nothing_and_never_jump(laws: tuple[Laws, Sample]) -> None:
    grown = laws[0].inputs(laws[1])
    months = [grown(np.full(COUNT, month / 12)) for month in range(200)]
    for level in range(3):
        path = np.array([one[level] for one in months])
        np.testing.assert_allclose(path[0], 0.0, atol=1e-12)
        assert np.abs(np.diff(path, axis=0)).max() < 0.5
        if laws[0] is not own.LAWS:
            assert (np.diff(path, axis=0) >= -1e-9).all()


def test_more_compute_never_helps_labour_less(laws: tuple[Laws, Sample]) -> None:
    automation, zero = laws[0].automation(laws[1]), np.zeros(COUNT)
    levels = laws[0].inputs(laws[1])(zero)
    helped = [automation(zero, np.full(COUNT, e), levels) for e in np.linspace(0.0, 20.0, 9)]
    speedups, saved = np.array([one.speedup_log2 for one in helped]), np.array([one.time_saved_share for one in helped])
    worst = -0.05 if laws[0] is own.LAWS else -1e-9  # over-optimism may make some of our draws lose a little first
    assert (np.diff(speedups, axis=0) >= worst).all()
    assert (saved <= 1.0).all()
    if laws[0] is not own.LAWS:
        assert (speedups >= 0.0).all()
        assert (saved >= 0.0).all()


def test_more_labour_never_slows_research(laws: tuple[Laws, Sample]) -> None:
    zero = np.zeros(COUNT)
    levels = laws[0].inputs(laws[1])(zero)
    research = laws[0].research(laws[1], no_help(COUNT))
    paces = [research(zero, levels, Help(np.full(COUNT, s), zero, zero)) for s in (0.0, 0.5, 2.0, 6.0)]
    assert (np.diff(np.array(paces), axis=0) >= 0.0).all()


def test_returns_start_at_one_and_never_rise(laws: tuple[Laws, Sample]) -> None:
    returns = laws[0].returns(laws[1])
    slowed = np.array([returns(np.full(COUNT, a)) for a in np.linspace(0.0, 40.0, 81)])
    np.testing.assert_array_equal(slowed[0], 0.0)
    assert (slowed[1:] >= slowed[:-1]).all()


def test_no_ai_multiplies_nothing(laws: tuple[Laws, Sample]) -> None:
    """Where AI does nothing, progress is that without AI, whoever's research and returns."""
    idle = Laws(laws[0].inputs, lambda _: lambda __, ___, ____: no_help(COUNT), laws[0].research, laws[0].returns)
    path = march(_parts((idle, laws[1])), 36)
    np.testing.assert_array_equal(path.outputs["progress_multiplier_log2"], 0.0)
    np.testing.assert_array_equal(path.outputs["time_saved_share"], 0.0)
    assert (np.diff(path.outputs["software_log2"], axis=1) >= 0.0).all()


def test_our_laws_give_our_run() -> None:
    """The general march and the fast one integrate the same equations by different rules."""
    sample = own.own_sample(BASELINE, 0, COUNT)
    simulation = simulate(BASELINE, COUNT, 0)
    path = march(_parts((own.LAWS, sample)), len(simulation.dates) - 1)
    pairs = {
        "software_log2": simulation.outputs["software_log2"],
        "labour_speedup_log2": np.log2(simulation.outputs["labour_speedup"]),
        "progress_multiplier_log2": np.log2(simulation.outputs["progress_multiplier"]),
        "time_saved_share": simulation.outputs["time_saved_share"],
    }
    for name, expected in pairs.items():
        np.testing.assert_allclose(path.outputs[name], expected, atol=4e-3, err_msg=name)
        assert np.median(np.abs(path.outputs[name] - expected)) < 3e-4


@pytest.mark.parametrize("slug", ["kwa-2026", "forethought-2025", "ai2027-horizon"])
def test_finer_steps_change_nothing_that_is_reported(slug: str) -> None:
    laws, sample = EVERY[slug], _sample(slug)
    coarse, fine = (march(_parts((laws, sample)), 120, longest=longest) for longest in (0.25, 0.02))
    for level in (1.0, 4.0, 8.0, 20.0):
        one, other = (path.reached("software_log2", level) for path in (coarse, fine))
        both = np.isfinite(one) & np.isfinite(other)
        assert (np.isfinite(one) == np.isfinite(other)).mean() > 0.98
        np.testing.assert_allclose(one[both], other[both], atol=0.02)


def test_software_without_ai_is_the_closed_form() -> None:
    sample = _sample("kwa-2026")
    still = ("automated_share", "headcount_growth", "headcount_growth_after", "compute_growth")
    factors = {"compute_factor": np.full(COUNT, 1.0 + 1e-9), "compute_factor_after": np.ones(COUNT)}
    one = sample.one | dict.fromkeys(still, np.zeros(COUNT)) | factors
    path = march(_parts((kwa.LAWS, Sample(one, sample.start))), 60)
    expected = software_without_feedback(one["software_growth"], one["ideas_harder"], np.full(COUNT, 5.0))
    np.testing.assert_allclose(path.outputs["software_log2"][:, -1], expected, rtol=2e-4)


def test_kwa_starts_as_he_says() -> None:
    sample = _sample("kwa-2026")
    zero = np.zeros(COUNT)
    state = course(_parts((kwa.LAWS, sample))).at(zero, zero)
    np.testing.assert_allclose(state.given.time_saved_share, sample.one["automated_share"])
    np.testing.assert_allclose(state.rate, np.log2(5.0), rtol=1e-6)


def test_the_step_by_step_rule_of_the_authors_agrees() -> None:
    """T ×= 2^(p(1/r - 1)) and r -= r0/L after each doubling: the continuous law is its limit, and near it."""
    sample = _sample("forethought-2025")
    one, count = sample.one, 40
    limit = 8.0 * one["limit"]
    duration, returns, time = 0.25 / one["initial_speedup"], one["initial_returns"].copy(), np.zeros(COUNT)
    for _ in range(count):
        time = time + duration
        returns = returns - one["initial_returns"] / limit
        with np.errstate(divide="ignore", over="ignore"):
            slower = 2.0 ** (one["labour_exponent"] * (1.0 / returns - 1.0))
        duration = np.where(returns > 0.0, duration * slower, np.inf)
    path = march(_parts((forethought.LAWS, sample)), 48)
    ours = path.reached("software_log2", float(count)) - sample.start
    both = np.isfinite(ours) & (time < 4.0)
    assert both.sum() > 20
    np.testing.assert_allclose(ours[both], time[both], rtol=0.05, atol=0.065)  # months are interpolated


def test_declining_returns_become_constant_far_from_the_limit() -> None:
    a, p, r = np.array([0.0, 3.0, 10.0]), 0.4, 1.6
    np.testing.assert_allclose(declining_returns_log2(a, p, r, 1e7), p / r * a, rtol=1e-5)
    near = declining_returns_log2(a, p, r, 10.5)
    assert (near[1:] > p / r * a[1:]).all()
    assert declining_returns_log2(np.array(10.5), p, r, 10.5) == np.inf


@given(st.floats(1.0, 10.0), st.floats(0.1, 0.9), st.floats(0.5, 5.0), st.floats(0.5, 30.0), st.floats(0.0, 60.0))
def test_tapering_growth_is_the_integral(factor: float, ratio: float, start: float, length: float, t: float) -> None:
    end = start + length

    def log2_factor(s: float) -> float:
        return float(np.log2(np.interp(s, [start, end], [factor, factor * ratio])))

    expected, _ = integrate.quad(log2_factor, 0.0, t, points=[p for p in (start, end) if 0 < p < t] or None)
    assert float(tapering_growth(factor, factor * ratio, start, end, t)) == pytest.approx(expected, rel=1e-7, abs=1e-7)


@given(st.floats(0.01, 0.99), st.floats(1.0, 6.0), st.floats(-30.0, 8.0))
def test_what_is_automated_and_what_is_left_are_a_whole(share: float, width: float, e: float) -> None:
    done, left = logistic_share(e, share, width)
    assert done + left == pytest.approx(1.0)
    tasks, costs = np.array([done, left]), np.array([0.0, 1.0])
    expected = labour_speedup(tasks, costs, np.array(0.0))
    assert 2.0 ** float(log2_speedup_of_automation(left)) == pytest.approx(float(expected), rel=1e-6)


def test_ai_2027s_multipliers_are_at_their_ends() -> None:
    assert log2_geometric_speedup(0.0, 3.0, 1.1, 5.0) == pytest.approx(np.log2(1.1))
    assert log2_geometric_speedup(9.0, 3.0, 1.1, 5.0) == pytest.approx(np.log2(5.0))
    assert log2_geometric_speedup(0.0, 0.0, 1.1, 5.0) == pytest.approx(np.log2(5.0))
    assert log2_with_half_the_compute(np.log2(3.0)) == pytest.approx(np.log2(np.sqrt(0.5 * 3.0 * 2.5)))


def test_required_progress_by_hand() -> None:
    one = {
        "required_horizon": np.full(3, 4 * 15 / 10020.0),
        "horizon": np.full(3, 15.0),
        "doubling_time": np.full(3, 12.0),
        "doubling_stretch": np.array([-0.1, 0.0, 0.1]),
        "cost_and_speed": np.full(3, 6.0),
    }
    np.testing.assert_allclose(ai2027.required_progress(one), [1.9 + 0.5, 2.5, 2.1 + 0.5])


def _explosive(rate: float) -> Laws:
    def nothing(_: Floats) -> Levels:
        return Levels(*(np.zeros(COUNT),) * 3)

    return Laws(
        lambda _: nothing,
        lambda _: lambda __, ___, ____: no_help(COUNT),
        lambda _, __: lambda ___, ____, _____: np.full(COUNT, rate),
        lambda _: lambda software: -3.0 * software,
    )


def test_what_runs_away_is_followed_to_the_end_of_the_world_and_no_further() -> None:
    sample = Sample({}, np.full(COUNT, 2025.0))
    path = march(_parts((_explosive(0.0), sample)), 24)
    assert (path.outputs["software_log2"][:, -1] >= RUNAWAY).all()
    assert np.isfinite(path.outputs["software_log2"]).all()
    exact = 1.0 / (3.0 * np.log(2.0))  # a' = 2^(3a) is infinite then
    np.testing.assert_allclose(path.reached("software_log2", RUNAWAY), 2025.0 + exact, atol=1 / 12)


def test_a_nan_is_an_error() -> None:
    sample = Sample({}, np.full(COUNT, 2025.0))
    with pytest.raises(NotANumberError, match="software progress is nan"):
        march(_parts((_explosive(np.nan), sample)), 4)


def test_dates_are_interpolated_between_months() -> None:
    outputs = {"x": np.array([[0.0, 1.0, 3.0], [0.0, 0.0, 0.5], [2.0, 2.0, 2.0]], dtype=np.float32)}
    path = Path(np.full(3, 2030.0), outputs)
    np.testing.assert_allclose(path.reached("x", 2.0), [2030.0 + 1.5 / 12, np.inf, 2030.0])
