"""Every equation runs in another array namespace than NumPy's, and then says the same (model §10)."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autosim.equations
from autosim.equations.delegation import DelegationTerms, Outcome, Prospects
from autosim.equations.workflow import Allocation

OFFERED = {
    *("abs", "exp", "exp2", "expm1", "log", "log1p", "log2", "sqrt"),
    *("clip", "maximum", "minimum", "where", "concatenate", "stack"),
}
"""Functions that NumPy and PyTensor name alike; an equation may call no others."""


class Tensor:
    """A stand-in for a symbolic tensor: it can do what PyTensor's can, and refuses to become an array or a boolean."""

    __array_ufunc__ = None

    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values)

    def __array__(self, *_: object, **__: object) -> Any:
        raise TypeError("a NumPy function was called on a tensor")

    def __bool__(self) -> bool:
        raise TypeError("a tensor has no truth value")

    def __eq__(self, other: object) -> bool:
        raise TypeError("tensors are compared by identity")

    def __hash__(self) -> int:
        raise TypeError("a tensor is no key")

    def __getitem__(self, key: Any) -> "Tensor":
        return Tensor(self.values[key])

    def sum(self, axis: int) -> "Tensor":
        return Tensor(self.values.sum(axis))

    def max(self, axis: int) -> "Tensor":
        return Tensor(self.values.max(axis))

    def __neg__(self) -> "Tensor":
        return Tensor(-self.values)


def operator(name: str) -> Callable[[Tensor, Any], Tensor]:
    return lambda self, other: Tensor(getattr(self.values, name)(bare(other)))


for _name in ("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "pow", "lt", "le", "gt", "ge"):
    setattr(Tensor, f"__{_name}__", operator(f"__{_name}__"))


class Namespace:
    """The functions a namespace offers, over tensors; it records which were called."""

    def __init__(self) -> None:
        self.called: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., Tensor]:
        if name not in OFFERED:
            raise AttributeError(f"no namespace but NumPy offers '{name}'")

        def call(*arguments: Any, **options: Any) -> Tensor:
            self.called.append(name)
            return Tensor(getattr(np, name)(*(bare(argument) for argument in arguments), **options))

        return call


def bare(value: Any) -> Any:
    """Take tensors apart, in sequences too."""
    if isinstance(value, Tensor):
        return value.values
    if isinstance(value, list | tuple):
        return [bare(item) for item in value]
    return value


def rng_values(*shape: int, low: float = 0.0, high: float = 1.0, seed: int = 0) -> Any:
    return np.random.default_rng([seed, *shape]).uniform(low, high, shape)


D, K, J, B = 3, 4, 7, 2
TERMS = DelegationTerms(*(rng_values(D, low=0.05, high=0.6, seed=i) for i in range(9)))
LOSSES = rng_values(D, K, J, high=3.0)
WEIGHTS = np.full((D, K, J), 1 / J)
AHEAD = Prospects(*(rng_values(D, K, J, seed=i) for i in range(4)))
KINDS = (slice(0, 1), slice(1, 2), slice(2, 4))
BOTTLENECKS = (
    [rng_values(D, 1, 1, low=2.0, high=9.0, seed=i) for i in range(B)],
    [rng_values(D, 1, 1, seed=i) for i in range(B)],
    [rng_values(D, 1, 1, low=0.3, high=1.5, seed=i) for i in range(B)],
)
SHARES, ONE, TWO, THREE = rng_values(D, K), rng_values(D), rng_values(D, seed=2), rng_values(D, seed=3)
NEAR_ONE = np.array([0.3, 1.0, 1.7])

ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "alternatives.tapering_growth": (ONE + 2, TWO + 1, THREE, THREE + 1, np.array([0.1, 1.5, 9.0])),
    "alternatives.declining_returns_log2": (np.array([0.5, 2.0, 4.0]), ONE, TWO + 1, THREE + 5),
    "alternatives.log2_with_half_the_compute": (ONE,),
    "automation.logistic_share": (ONE, TWO, THREE + 1),
    "automation.log2_speedup_of_automation": (ONE,),
    "automation.log2_geometric_speedup": (np.array([0.2, 3.0, 1.0]), np.array([1.0, 2.0, 0.0]), ONE, TWO + 1),
    "arrays.softplus": (rng_values(D, low=-50.0, high=50.0),),
    "arrays.shift_odds": (ONE, 1 - ONE, TWO),
    "capability.exponential": (ONE,),
    "capability.superexponential": (np.array([-2.0, 3.0, 20.0]), np.array([0.1, 0.1, 0.1])),
    "capability.saturating": (np.array([-2.0, 3.0, 20.0]), ONE + 4),
    "capability.horizon_growth": (np.arange(3), np.full(3, 6.0), ONE, TWO / 2, THREE + 4),
    "capability.horizon_log2": (ONE + 8, TWO, THREE, np.array([-1.0, 5.0, 1e9])),
    "success.bottleneck_losses": (8 * LOSSES, *BOTTLENECKS),
    "success.log_failure_weight": (8 * LOSSES, *BOTTLENECKS),
    "success.evaluation_difficulty": (ONE + 30, TWO, THREE, ONE),
    "success.task_difficulty": (ONE + 30, TWO, THREE),
    "success.mean_success": (WEIGHTS, LOSSES),
    "success.mean_best_of": (5, WEIGHTS, LOSSES),
    "success.mean_all_of": (5, WEIGHTS, LOSSES),
    "success.mean_graded": (1, 5, WEIGHTS, LOSSES),
    "success.added_difficulty": (np.array([0.0, 2.0]), np.array([15.0, 1.0])),
    "success.binding_split": (WEIGHTS, [LOSSES, 2 * LOSSES]),
    "delegation.optimism_at": (ONE, TWO, np.array([-1.0, 0.0, 2.0])),
    "delegation.adoption_at": (np.array([0.0, 0.4, 1.0]), TWO, THREE),
    "delegation.assisted_cost": (ONE, TWO, THREE),
    "delegation.prospects": (LOSSES, 0.5 * LOSSES, ONE, TERMS),
    "delegation.delegated_costs": (AHEAD.failure, SHARES, TERMS),
    "delegation.mode_shares": (ONE, TWO, THREE, ONE + 0.01),
    "delegation.expected_outcome": (WEIGHTS, AHEAD, SHARES, TERMS),
    "labour.labour_speedup": (SHARES, rng_values(D, K, seed=5), NEAR_ONE),
    "labour.mix_mean": (SHARES, SHARES**2),
    "labour.mixed_time_share": (rng_values(D, 2), rng_values(D, 2, K)),
    "compute.agent_compute_demand": (ONE, TWO, THREE, ONE + 1, TWO, THREE),
    "compute.project_speedup": (ONE + 1, TWO, THREE / 2),
    "lengths.success_length_log2": (np.array(0.5), *(rng_values(B, D, seed=i) + 0.2 for i in range(3)), ONE),
    "progress.software_without_feedback": (ONE, TWO, THREE),
    "progress.input_growth": (ONE, TWO, THREE, np.array([-1.0, 0.2, 4.0])),
    "progress.log2_research_input": (5 * ONE, TWO, np.array([0.0, 0.4, 1.0]), NEAR_ONE),
    "progress.progress_multiplier": (ONE, TWO, THREE),
    "progress.software_rate": (ONE, TWO, THREE, ONE, TWO),
    "workflow.share_out": (Outcome(*(rng_values(D, K, seed=i) for i in range(7))), ONE, TWO),
    "workflow.trusted_of_kind": (SHARES, SHARES / 2),
    "workflow.allocate": (WEIGHTS, AHEAD, TERMS, KINDS, SHARES, ONE, TWO),
    "workflow.labour_state": (SHARES, Allocation(*(rng_values(D, K, seed=i) for i in range(4))), NEAR_ONE),
}


def equations() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public equation by module and name."""
    for module in pkgutil.iter_modules(autosim.equations.__path__):
        if module.name != "quadrature":
            loaded = importlib.import_module(f"autosim.equations.{module.name}")
            for name, function in inspect.getmembers(loaded, inspect.isfunction):
                if function.__module__ == loaded.__name__ and not name.startswith("_"):
                    yield f"{module.name}.{name}", function


EQUATIONS = dict(equations())


def lifted(value: Any, lift: Callable[[Any], Any]) -> Any:
    """The same arguments with every array turned into a tensor."""
    match value:
        case np.ndarray():
            return lift(value)
        case tuple() if hasattr(value, "_fields"):
            return type(value)(*(lifted(item, lift) for item in value))
        case list():
            return [lifted(item, lift) for item in value]
        case _:
            return value


def leaves(value: Any) -> list[Any]:
    """All arrays of a result, in order."""
    return [leaf for item in value for leaf in leaves(item)] if isinstance(value, list | tuple) else [value]


def evaluated(name: str, xp: Any, lift: Callable[[Any], Any], **options: Any) -> list[Any]:
    function, arguments = EQUATIONS[name], [lifted(argument, lift) for argument in ARGUMENTS[name]]
    if "xp" in inspect.signature(function).parameters:
        options["xp"] = xp
    return leaves(function(*arguments, **options))


def test_no_equation_is_left_out() -> None:
    assert set(ARGUMENTS) == set(EQUATIONS)


@pytest.mark.parametrize("name", ARGUMENTS)
def test_equation_uses_the_namespace_it_is_given(name: str) -> None:
    namespace = Namespace()
    results = evaluated(name, namespace, Tensor)
    assert all(isinstance(result, Tensor) for result in results)
    for got, want in zip(results, evaluated(name, np, np.asarray), strict=True):
        np.testing.assert_array_equal(got.values, want)


@pytest.mark.parametrize("name", ARGUMENTS)
def test_an_equation_that_asks_for_a_namespace_uses_it(name: str) -> None:
    namespace = Namespace()
    evaluated(name, namespace, Tensor)
    assert bool(namespace.called) == ("xp" in inspect.signature(EQUATIONS[name]).parameters)


def test_the_stand_in_notices_numpy() -> None:
    with pytest.raises(TypeError):
        np.exp(Tensor(1.0))
    with pytest.raises(TypeError, match="NumPy function"):
        np.stack([Tensor(1.0)])
    with pytest.raises(AttributeError, match="einsum"):
        Namespace().einsum("i->", Tensor([1.0]))


def test_equations_build_and_evaluate_in_pytensor() -> None:
    """The stand-in is right about PyTensor."""
    pytensor = importlib.import_module("pytensor")
    tensor = importlib.import_module("pytensor.tensor")
    for name in ARGUMENTS:
        inputs: list[tuple[Any, Any]] = []

        def symbol(values: Any, kept: list[tuple[Any, Any]] = inputs) -> Any:
            shape = tuple(1 if length == 1 else None for length in values.shape)  # only a known 1 may broadcast
            kept.append((tensor.TensorType("float64", shape=shape)(), values.astype(float)))
            return kept[-1][0]

        graph = evaluated(name, tensor, symbol)
        run = pytensor.function([v for v, _ in inputs], graph, mode="FAST_COMPILE", on_unused_input="ignore")
        for got, want in zip(run(*(values for _, values in inputs)), evaluated(name, np, np.asarray), strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12, err_msg=name)


INSIDE: dict[str, tuple[Any, ...]] = {
    "capability.superexponential": (np.array([-2.0, 3.0, 5.0]), np.array([0.1, 0.1, 0.1])),
    "capability.horizon_growth": (np.arange(3), np.full(3, 6.0), ONE, TWO / 8, THREE + 4),
    "capability.horizon_log2": (ONE + 8, TWO, THREE, np.array([-1.0, 5.0, 9.0])),
    "delegation.optimism_at": (ONE, TWO, np.array([-1.0, 0.3, 2.0])),
    "delegation.adoption_at": (np.array([0.1, 0.4, 0.9]), TWO, THREE),
    "progress.log2_research_input": (5 * ONE, TWO, np.array([0.2, 0.4, 0.8]), np.array([0.3, 1.4, 1.7])),
    "progress.input_growth": (ONE, TWO, THREE, np.array([-1.0, 0.2, 4.0])),
    "labour.labour_speedup": (SHARES, rng_values(D, K, seed=5), np.array([0.3, 1.4, 1.7])),
    "workflow.labour_state": (SHARES, Allocation(*(rng_values(D, K, seed=i) for i in range(4))), ONE + 1.1),
}
"""Arguments away from bounds, kinks and the removable singularity of an elasticity of 1, where there is a gradient."""


@pytest.mark.parametrize("name", ARGUMENTS)
def test_gradients_agree_with_finite_differences(name: str) -> None:
    """Along a random direction of all arguments at once, whole numbers aside."""
    pytensor = importlib.import_module("pytensor")
    tensor = importlib.import_module("pytensor.tensor")
    arguments = INSIDE.get(name, ARGUMENTS[name])
    function, takes = EQUATIONS[name], inspect.signature(EQUATIONS[name]).parameters
    inputs: list[tuple[Any, Any]] = []

    def symbol(values: Any) -> Any:
        if values.dtype.kind == "i":
            return values
        shape = tuple(1 if length == 1 else None for length in values.shape)
        inputs.append((tensor.TensorType("float64", shape=shape)(), values))
        return inputs[-1][0]

    lift = [lifted(argument, symbol) for argument in arguments]
    results = leaves(function(*lift, **({"xp": tensor} if "xp" in takes else {})))
    whole = sum((tensor.sin(result + i).sum() for i, result in enumerate(results)), start=0.0)
    symbols, values = [v for v, _ in inputs], [x for _, x in inputs]
    slopes = pytensor.grad(whole, symbols, disconnected_inputs="ignore")
    run = pytensor.function(symbols, [whole, *slopes], mode="FAST_COMPILE", on_unused_input="ignore")
    rng = np.random.default_rng(3)
    ways = [rng.normal(size=x.shape) * np.maximum(np.abs(x), 0.1) for x in values]
    _, *gradient = run(*values)
    step = 1e-6
    ahead, behind = (run(*(x + way * w for x, w in zip(values, ways, strict=True)))[0] for way in (step, -step))
    along = sum(float((g * w).sum()) for g, w in zip(gradient, ways, strict=True))
    assert along == pytest.approx((ahead - behind) / (2.0 * step), rel=2e-5, abs=2e-7)
    assert np.isfinite(along)
